"""The public contract of methods as checks: for ours, and for those that plug-ins add."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from . import behaviour, declaration
from .promises import PROMISES
from .subject import MethodLike, Subject, subject

_CHECKS = (
    declaration.equal_to_itself,
    declaration.described_parameters,
    declaration.refuses_bad_parameters,
    declaration.complete_card,
    declaration.declared_result,
    declaration.other_sizes_and_modalities,
    behaviour.batch_equals_singles,
    behaviour.order_does_not_matter,
    behaviour.leaves_no_trace,
    behaviour.refuses_bad_target,
    behaviour.seed_decides,
    behaviour.refuses_unmet_needs,
    behaviour.constant_model,
    behaviour.survives_saving,
    behaviour.can_be_drawn,
    behaviour.context_does_not_matter,
    behaviour.cost_is_recorded,
)


@dataclass(frozen=True)
class ConformanceCheck:
    """One check of one method; calling it raises an AssertionError that names it if it fails."""

    method: str
    name: str
    run: Callable[[], None]

    def __call__(self) -> None:
        try:
            self.run()
        except Exception as error:
            text = str(error) or type(error).__name__
            kind = "" if isinstance(error, AssertionError) else f"{type(error).__name__}: "
            raise AssertionError(f"{self.method} fails {self.name}: {kind}{text}") from error

    def __repr__(self) -> str:
        return f"{self.method}-{self.name}"


def checks_for(method: MethodLike) -> list[ConformanceCheck]:
    """Every check of a method, read from its card and its parameters.

        @pytest.mark.parametrize("check", checks_for(MyMethod), ids=repr)
        def test_contract(check):
            check()

    A method that needs data by default is given as an object, or as a function from a batch
    `(N, …)` to an object.
    """
    one = subject(method)
    found = {check.__name__: partial(check, one) for check in _CHECKS}
    found |= {f"promise_{name}": partial(_promise, one, name) for name in one.card.promises}
    return [ConformanceCheck(one.card.name, name, run) for name, run in found.items()]


def check_method(method: MethodLike) -> None:
    """Assert that a method keeps the contract; the message names every check that fails."""
    failures = []
    for check in checks_for(method):
        try:
            check()
        except AssertionError as error:
            failures.append(str(error))
    if failures:
        raise AssertionError("\n".join(failures))


def _promise(one: Subject, name: str) -> None:
    assert name in PROMISES, f"unknown promise {name!r}; known: {', '.join(PROMISES)}"
    PROMISES[name](one)
