"""Long work tells how far it is, stops when asked, and hands over what it has."""

import threading

import numpy as np
import pytest
import torch

import pellucid as pl
from pellucid.core.progress import Event, Progress
from pellucid.testing import unchanged
from pellucid.testing.nets import Functional, Plain, built

X = torch.randn(2, 3, 16, 16, generator=torch.Generator().manual_seed(0))
BACKGROUND = torch.randn(4, 3, 16, 16, generator=torch.Generator().manual_seed(1))
LONG = {
    "score_cam": {},
    "ablation_cam": {"layer": "conv1"},
    "smooth_grad": {"n_samples": 20},
    "integrated_gradients": {"rule": "midpoint", "n_steps": 4, "max_steps": 64, "tolerance": 1e-6},
    "expected_gradients": {"background": BACKGROUND, "n_samples": 20},
}


@pytest.mark.parametrize("name", LONG)
def test_every_step_is_told(name: str) -> None:
    events: list[Event] = []
    pl.explain(built(Plain), X, name, 0, progress=events.append, batch_size=4, **LONG[name])
    assert len(events) > 4
    for task in {event.task for event in events}:
        done = [event.done for event in events if event.task == task]
        starts = [i for i, count in enumerate(done) if count == 0]
        for start, stop in zip(starts, [*starts[1:], len(done)], strict=True):
            assert (np.diff(done[start:stop]) > 0).all()
    assert events[0].seconds_left is None
    assert events[-1].done == events[-1].total
    assert events[-1].seconds_left == 0


@pytest.mark.usefixtures("own_random_state")
@pytest.mark.parametrize("name", LONG)
def test_cancelling_hands_over_the_result_so_far(name: str) -> None:
    """It says that it is one, differs from the whole, and the network is as it was."""
    net = built(Plain)
    whole = pl.explain(net, X, name, 0, batch_size=4, **LONG[name])
    progress = Progress(lambda event: stop(event))

    def stop(event: Event) -> None:
        if event.partial is not None and event.done < event.total and event.partial() is not None:
            progress.cancel()

    with unchanged(net), pytest.raises(pl.Cancelled, match=r"\d+ of \d+ steps") as caught:
        pl.explain(net, X, name, 0, progress=progress, batch_size=4, **LONG[name])
    found = caught.value.partial
    assert isinstance(found, pl.Explanation)
    assert found.values.shape == whole.values.shape
    assert np.isfinite(found.values).all()
    assert not np.array_equal(found.values, whole.values)
    (told,) = [check for check in found.checks if check.name == "partial result"]
    assert told.verdict == "poor"
    assert 0 < told.value < 1


def test_partial_results_lead_to_the_whole() -> None:
    """What a listener may draw while SmoothGrad runs comes nearer and nearer to its result."""
    drawn = []

    def listen(event: Event) -> None:
        found = None if event.partial is None else event.partial()
        if found is not None:
            drawn.append(found.values)

    net = built(Functional)
    whole = pl.explain(net, X, "smooth_grad", 0, n_samples=64, progress=listen, batch_size=16)
    far = [float(np.abs(values - whole.values).max()) for values in drawn]
    assert far[0] > far[len(far) // 2] > far[-1] == 0


def test_another_thread_may_cancel() -> None:
    running = threading.Event()
    progress = Progress(lambda event: running.set())
    waiter = threading.Thread(target=lambda: (running.wait(), progress.cancel()))
    waiter.start()
    with pytest.raises(pl.Cancelled):
        pl.explain(built(Plain), X, "smooth_grad", n_samples=10**6, progress=progress)
    waiter.join()


@pytest.mark.usefixtures("own_random_state")
def test_a_listener_that_fails_is_not_hidden() -> None:
    def listen(event: Event) -> None:
        raise KeyError("theirs")

    net = built(Plain)
    with unchanged(net), pytest.raises(KeyError, match="theirs"):
        pl.explain(net, X, "smooth_grad", progress=listen)
