"""LIME: a simple model fitted to the scores of changed inputs near the one explained."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Literal, final

import pydantic

from ..core.call import Call
from ..core.checks import Check, check_each
from ..core.method import ArrayLike, Attribution, Card, Method, method
from ..errors import NotApplicable, ParameterError
from ..parts.coalitions import Features, Off
from ..parts.designs import Design
from ..parts.designs import Kind as DesignKind
from ..parts.lime_settings import Settings, modality, settings_of
from ..parts.local_surrogate import LocalSurrogates
from ..parts.neighbourhoods import Neighbourhood, OnOff, RawTable
from ..parts.off_values import off_values, unchanged
from ..parts.ranking import Stop
from ..parts.segments import FEWER, features_of
from ..parts.surrogates import Kind as SurrogateKind
from ..parts.surrogates import Selection, Surrogate
from ..parts.table_schema import background_rows, schema_of

MOST = 2000
"""Features up to which the weights are solved for."""

ENOUGH = 1024
"""Changed inputs at most, or eight a feature where that is more."""


@method(
    Card(
        name="lime",
        title="LIME",
        paper="Ribeiro et al. 2016, arXiv:1602.04938",
        access="black_box",
        modalities=("image", "volume", "series", "table", "text"),
        promises=("linear_exact", "implementation_invariance"),
        axes="space",
        space="probability",
        randomised=True,
        many_targets=True,
    )
)
@final
class LIME(Method):
    """β of argmin Σ_i π(z_i) (y_i − b − z_i · β)² over samples z_i of features that are there (1)
    or not (0), near ones counting more.

    With `background` a table is changed in its own space instead: columns are drawn as the data has
    them, and a feature is there where its value is in the bin, or the category, of the row
    explained. By default samples follow a Hadamard design with fold-over, and sampling ends as soon
    as the order of the greatest weights is stable; up to 8 features, or where a fixed budget allows
    it, every combination is evaluated. All targets are fitted from the same scores.

    **Units:** those of the target, for a feature that is there rather than not; without
    discretisation, for one standard deviation. **Source:** Ribeiro et al. 2016, eq. 1 and section
    3.4; stopping: Zhou, Hooker & Wang 2021 (S-LIME).
    """

    preset: Literal["pellucid", "reference"] = "pellucid"
    """`reference` takes what `lime` 0.2 does by default wherever nothing else is given: random
    samples, quickshift, segment means, ridge, a fixed number of samples."""
    n_samples: Annotated[int, pydantic.Field(ge=2)] | None = None
    """Changed inputs for every sample at most; left out 1024, or eight a feature if that is more
    (reference: 999 for pictures, else 4999)."""
    stop: Literal["stable", "budget"] | None = None
    """End when the order of the `top` weights is stable (default), or with the budget."""
    top: Annotated[int, pydantic.Field(ge=1)] = 3
    """How many of the greatest weights have to keep their order."""
    tie: Annotated[float, pydantic.Field(ge=0, lt=1)] = 0.05
    """Weights no further apart than this share of the greatest one may change places."""
    confidence: Annotated[float, pydantic.Field(gt=0, lt=1)] = 0.95
    """The probability with which they have to."""
    design: DesignKind | None = None
    """`hadamard` (default), `paired` (random rows and their complements), `random`, or `removals`
    (k features taken away, k uniform)."""
    segments: ArrayLike = None
    """What is one feature: `slic` (default for pictures from 32 × 32), `quickshift`,
    `felzenszwalb`, `grid` (default elsewhere), `each` (default for columns and tokens), whole
    numbers `(*places)` with −1 where nothing is taken away, or a function of a picture
    `(H, W, channels)` that gives them."""
    count: Annotated[int, pydantic.Field(ge=1)] | None = None
    """Cells along every axis of a grid (20 of a series, 7 of a picture, 4 of a volume), or about as
    many superpixels of `slic` (8)."""
    each_channel: bool = False
    """Whether every channel has features of its own (of a series: slices × channels)."""
    baseline: ArrayLike = None
    """What features that are not there become: `mean` (each channel's, default where there are
    places), `zero` (default for columns and tokens), `segment_mean`, `blur`, `noise`, a number, or
    an array of the input's shape; of ids, the id that stands for nothing."""
    background: ArrayLike = None
    """Data `(B, columns)` from which the columns of a table are drawn."""
    columns: Mapping[str | int, str] | None = None
    """Kinds of columns by name or number: `numeric`, `categorical` or `ordinal`."""
    groups: Mapping[str, Sequence[str | int]] | None = None
    """Columns that are one feature, by the name of the group."""
    discretize: Literal["quartile", "none"] = "quartile"
    """Whether numbers are seen by their quartile in the background, or as they are."""
    centre: Literal["mean", "instance"] = "mean"
    """Around what numbers are drawn without discretisation."""
    width: Annotated[float, pydantic.Field(gt=0)] | None = None
    """Kernel width (0.25 in cosine distance; with a background 0.75 √features)."""
    surrogate: SurrogateKind | None = None
    """`linear` (default), `ridge`, `lasso` (features from the lasso path, then least squares), or
    `tree`, whose weights are the average change of its value."""
    alpha: Annotated[float, pydantic.Field(ge=0)] = 1.0
    """Penalty of `ridge`."""
    n_features: Annotated[int, pydantic.Field(ge=1)] | None = None
    """Features that may have a weight; left out, all (reference: 10, of pictures all)."""
    selection: Selection = "auto"
    """How they are chosen: `forward`, `highest` (weight times value), `none`, or `auto` (forward up
    to 6)."""

    interactions: bool | None = None
    """Whether interactions of features are predicted from the samples, so that fewer of them are
    needed (default, but of tables, whose scores cost less than predicting them; reference: not).
    For features that are kept uniformly, `linear` or `ridge` without selection, and up to 128
    features, 2000 samples and 16 targets."""

    def attribute(self, call: Call) -> Attribution:
        settings = settings_of(self.preset, modality(call.inputs), call.inputs).given(self)
        around, checks = self._around(call, settings)
        surrogate = Surrogate(
            settings.surrogate,
            self.alpha,
            settings.n_features or (10 if settings.surrogate == "lasso" else None),
            self.selection,
        )
        counts = around.features.counts
        budget = settings.n_samples or max(ENOUGH, 8 * max(counts))
        for features in counts:
            _need(features, budget, surrogate)
        confidence = self.confidence if settings.stop == "stable" else None
        designs = [Design(settings.design, count, call.seed).within(budget) for count in counts]
        found = LocalSurrogates(
            call, around, designs, surrogate, Stop(budget, self.top, self.tie, confidence),
            interactions=self._models(call, around, settings),
        )  # fmt: skip
        found.spend()
        made = found.attribution()
        made.checks += checks
        made.notes["settings"] = settings.described()
        return made

    def _models(self, call: Call, around: Neighbourhood, settings: Settings) -> bool:
        wanted = self.interactions
        if wanted is None:
            wanted = self.preset == "pellucid" and modality(call.inputs) != "table"
        return wanted and isinstance(around, OnOff) and settings.design != "removals"

    def _around(self, call: Call, settings: Settings) -> tuple[Neighbourhood, list[Check]]:
        segments = settings.segments
        if self.background is not None or self.columns is not None or self.groups is not None:
            schema = schema_of(call.inputs, self.columns, self.groups)
            if self.background is not None:
                data = background_rows(call.inputs, self.background)
                quartiles = self.discretize == "quartile"
                table = RawTable(
                    call, schema, data, quartiles=quartiles, centre=self.centre, width=self.width
                )
                return table, []
            segments = schema.labels
        features = features_of(
            call.inputs, segments, self.count, each_channel=self.each_channel, seed=call.seed
        )
        off = off_values(call.inputs, features, settings.baseline, call.seed)
        return OnOff(features, off, self.width or 0.25), _off_check(call, features, off)


def _need(features: int, budget: int, surrogate: Surrogate) -> None:
    if features < 1:
        raise ParameterError(
            "A sample has no feature: its segments are all −1.", "Give labels from 0."
        )
    if features > MOST:
        raise NotApplicable(
            f"LIME of {features} features solves for as many weights; the most is {MOST}.",
            FEWER,
        )
    least = surrogate.least(features) - 1
    if budget < least:
        raise ParameterError(
            f"n_samples={budget} are too few for the weights of {features} features.",
            f"Give n_samples={least} or more (four times as many for their errors), fewer features "
            "with segments= or count=, or surrogate='ridge'.",
        )


def _off_check(call: Call, features: Features, off: Off) -> list[Check]:
    same = unchanged(call.inputs, features, off).sum(1) / features.most
    if not same.any():
        return []
    shares = [share for share in same.tolist() for _ in call.targets[0]]
    text = "Share of the features that equal their off-value, so that nothing can depend on them."
    verdicts = ["poor" if share >= 0.5 else "ok" for share in shares]
    return [check_each("unchanged features", shares, verdicts, text)]  # type: ignore[arg-type]
