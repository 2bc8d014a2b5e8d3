"""The report page: complete, self-contained, escaped, the same bytes every time."""

import re
from html.parser import HTMLParser

import numpy as np
import pytest

from pellucid.core.checks import Check
from pellucid.core.explanation import Explanation
from pellucid.errors import InputError
from pellucid.report.outcome import class_index, outcome_of
from pellucid.report.page import report, reports
from pellucid.report.snippet import snippet

EVIL = '<script>alert("x")</script>'


def made(method="grad_cam", inputs=1, targets=1, **more) -> Explanation:
    r = np.random.default_rng(0)
    n = inputs * targets
    given = {
        "params": {"layer": None, "layout": None, "upsample": True},
        "target": tuple(f"cat (class {k % targets})" for k in range(n)),
        "score": np.arange(n, dtype=np.float32),
        "checks": (
            Check("layer chosen automatically", "conv", "ok", "Layer conv was chosen."),
            Check("R²", tuple(0.5 + k for k in range(n)), "poor", "The surrogate fits badly."),
        ),
        "cost": {"forwards": 3.0, "backwards": 1.0, "seconds": 0.25},
        "record": {
            "space": "logit",
            "layer": "net.conv",
            "layout": "NCHW",
            "versions": {"torch": "2.6.0"},
            "model": "TinyNet",
            "input_shapes": [[inputs, 3, 10, 12]],
            "input_of_sample": [i for i in range(inputs) for _ in range(targets)],
        },
        "outputs": np.tile(np.array([3.0, 1.0, 0.0, -1, -2, -3, -4], np.float32), (inputs, 1)),
        "classes": ("cat", "dog", EVIL, "d", "e", "f", "g"),
        "display": r.integers(0, 256, (inputs, 10, 12, 3), dtype=np.uint8),
        **more,
    }
    values = r.normal(size=(n, 10, 12)).astype(np.float32)
    return Explanation(values=values, axes=("sample", "height", "width"), method=method, **given)


class Page(HTMLParser):
    """Tags, ids and addresses of a page; refuses tags that are closed in the wrong order."""

    VOID = frozenset({"meta", "img", "input", "br"})

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.ids: list[str] = []
        self.addresses: list[str] = []
        self.tags: set[str] = set()
        self.feed(page)
        assert not self.open

    def handle_starttag(self, tag, attrs) -> None:
        self.tags.add(tag)
        if tag not in self.VOID:
            self.open.append(tag)
        for name, value in attrs:
            if name == "id":
                self.ids.append(value)
            if name in ("src", "href", "action"):
                self.addresses.append(value)
            assert not name.startswith("on")

    def handle_endtag(self, tag) -> None:
        assert self.open.pop() == tag


def test_page_is_well_formed_and_fetches_nothing() -> None:
    text = report([made(), made("gradient", params={})], title="photo.jpg")
    page = Page(text)
    assert page.addresses
    assert all(address.startswith("data:image/png;base64,") for address in page.addresses)
    assert len(page.ids) == len(set(page.ids))
    assert not {"script", "link", "iframe", "base"} & page.tags
    assert "default-src 'none'" in text
    assert "@import" not in text
    assert "url(" not in text


def test_same_explanations_same_bytes() -> None:
    assert report([made()]) == report([made()])


def test_all_text_is_escaped() -> None:
    check = Check(EVIL, None, "poor", EVIL)
    e = made(
        target=(EVIL,),
        checks=(check,),
        params={"layer": EVIL},
        record={"layer": EVIL, "model": EVIL, "versions": {EVIL: EVIL}, "layout": EVIL},
    )
    text = reports([e], title=EVIL, names=[EVIL], snippet_model=EVIL, snippet_inputs=[EVIL])
    assert "<script" not in text
    assert "&lt;script&gt;" in text
    Page(text)


def test_page_says_what_was_measured() -> None:
    text = report([made()], title="photo.jpg")
    for said in (
        "Read with care", "The surrogate fits badly.", "Grad-CAM", "net.conv", "NCHW", "TinyNet",
        "torch 2.6.0", "3 forward, 1 backward", "cat (class 0)", "supports cat (class 0)",
    ):  # fmt: skip
        assert said in text, said


def test_worst_check_comes_first() -> None:
    text = report([made()])
    assert text.index("The surrogate fits badly.") < text.index("Layer conv was chosen.")


def test_methods_without_checks_are_not_called_good() -> None:
    text = report([made(checks=())])
    assert "Not checked" in text
    assert "Checks passed" not in text


def test_every_target_of_the_input_has_its_card() -> None:
    e = made(inputs=2, targets=3)
    text = report([e], sample=1)
    assert text.count("<article") == 3
    assert re.findall(r"<span class=\"quiet\">(\d) logit", text) == ["3", "4", "5"]
    assert re.findall(r"<span class=\"quiet\">([\d.]+)</span><br>", text) == ["3.5", "4.5", "5.5"]
    with pytest.raises(InputError, match="no input 2"):
        report([e], sample=2)


def test_several_inputs_have_a_section_each() -> None:
    e = made(inputs=2)
    text = reports([e], names=["a.jpg", "b.jpg"], snippet_inputs=["a.jpg", "b.jpg"])
    assert text.count('<section class="input"') == 2
    assert text.index("a.jpg") < text.index("b.jpg")
    assert len(set(Page(text).ids)) == len(Page(text).ids)
    with pytest.raises(InputError):
        reports([e], names=["a.jpg"])


def test_shared_scale_reaches_the_legend() -> None:
    e = made(inputs=2)
    ticks = re.compile(r'class="ticks">(.*?)</div>')
    own, shared = (ticks.findall(reports([e], shared=how)) for how in (False, True))
    assert own[0] != own[1]
    assert shared[0] == shared[1]


def test_figures_stand_in_for_what_is_no_image() -> None:
    e = Explanation(
        values=np.ones((1, 3), np.float32), axes=("sample", "feature"), method="gradient", params={}
    )
    text = report(e)
    assert 'class="figure"' in text
    assert 'type="radio"' not in text
    Page(text)


def test_shares_are_softmax_unless_they_are_probabilities() -> None:
    sure = {"record": {**made().record, "probabilities": True}}
    for given, more, wanted, word in (
        ([0.25, 0.75], sure, [0.25, 0.75], "the model's probabilities"),
        ([0.9, 0.8], sure, [0.9, 0.8], "the model's probabilities"),
        ([0.0, np.log(3)], {}, [0.25, 0.75], "softmax"),
        ([0.0, np.log(3)], {"target": ("b (label 1)",)}, [0.5, 0.75], "sigmoid"),
    ):
        e = made(outputs=np.array([given], np.float32), **more)
        found = outcome_of(e, 0, e.target)
        shares = {row.index: row.share for row in found.rows}
        assert np.allclose([shares[0], shares[1]], wanted)
        assert word in found.origin


def test_best_classes_and_the_explained_one() -> None:
    outcome = outcome_of(made(), 0, ("g (class 6)",))
    assert [row.index for row in outcome.rows] == [0, 1, 2, 3, 4, 6]
    assert [row.explained for row in outcome.rows] == [False] * 5 + [True]
    one = made(outputs=np.array([[0.7]], np.float32))
    assert outcome_of(one, 0, ()).value == pytest.approx(0.7)
    assert outcome_of(made(outputs=None), 0, ()).rows == ()


@pytest.mark.parametrize(
    ("target", "index"),
    [("tabby (class 281)", 281), ("class 7", 7), ("label 3", None), ("a (class 2) b", None)],
)
def test_class_numbers_are_read_from_targets(target, index) -> None:
    assert class_index(target) == index


@pytest.mark.parametrize(
    ("target", "code"),
    [
        ("cat (class 2)", "target=2"),
        ("cat (label 2)", "target=pl.Label(2)"),
        ("positive (ill)", "target=pl.Positive()"),
        ("value", "target=pl.Value()"),
        ("output (1, 2)", "target=pl.Output((1, 2))"),
        ("cat (class 2) rather than dog (class 3)", "target=pl.Contrast(2, 3)"),
        ("a\nfunction", "# the target was: a function"),
    ],
)
def test_snippet_writes_the_target(target, code) -> None:
    text = snippet(made(target=(target,)), 0, None, None)
    assert code in text
    compile(text, "snippet", "exec")


def test_snippet_names_model_input_and_what_is_not_default() -> None:
    e = made(params={"layer": None, "layout": None, "upsample": False}, seed=4)
    text = snippet(e, 0, "efficientnet_lite0", 'C:\\new "photo".jpg')
    space: dict[str, object] = {}
    exec(text.replace("import pellucid as pl", "").replace("e = ", "", 1), {"pl": Recorder(space)})
    assert space["model"] == "efficientnet_lite0"
    assert space["x"] == 'C:\\new "photo".jpg'
    assert space["method"] == {"layer": "net.conv", "upsample": False}
    assert space["rest"] == {"target": 0, "seed": 4}


class Recorder:
    """Stands in for the package and keeps what the snippet asks for."""

    def __init__(self, kept) -> None:
        self.kept = kept

    def load_model(self, name) -> str:
        self.kept["model"] = name
        return name

    def GradCAM(self, **params):  # noqa: N802
        return params

    def explain(self, model, x, method, **rest) -> None:
        self.kept.update(x=x, method=method, rest=rest)


def test_snippet_says_what_no_text_can_carry() -> None:
    e = made("integrated_gradients", params={"baseline": "array (1, 3, 4, 4)"})
    text = snippet(e, 0, None, None)
    assert "# baseline was array (1, 3, 4, 4)" in text
    assert "baseline=" not in text
    compile(text, "snippet", "exec")
