"""The operations of ATen by what they do to relevance: one table that every rule reads."""

from collections.abc import Collection, Iterable
from typing import Literal

from ...errors import NotApplicable
from .node import Graph, Node, Ref

Family = Literal[
    "movement",  # moves, copies or leaves out values
    "winner",  # hands on the greatest of several values
    "activation",  # a function of every value on its own
    "scale",  # times a constant
    "shift",  # plus a constant
    "sum",  # a weighted sum with weights that are not learnt: sums, means, interpolation
    "weighted",  # a weighted sum with learnt weights: convolution, linear layer
    "batch_norm",  # times a constant plus a constant per channel
    "norm",  # centred and divided by a standard deviation of its own
    "softmax",
    "product",  # of two values that both depend on the input
    "quotient",  # of two such values
]

_NAMES: dict[Family, str] = {
    "movement": """
        view _unsafe_view _reshape_alias permute transpose t unsqueeze squeeze expand clone detach
        alias lift_fresh slice select unbind split split_with_sizes unsafe_split unsafe_chunk chunk
        cat stack constant_pad_nd index index_select index_put gather scatter roll flip repeat
        _to_copy contiguous slice_scatter select_scatter copy unfold im2col diagonal tril triu
        as_strided pixel_shuffle pixel_unshuffle channel_shuffle native_channel_shuffle
        reflection_pad1d reflection_pad2d reflection_pad3d replication_pad1d replication_pad2d
        replication_pad3d upsample_nearest1d upsample_nearest2d upsample_nearest3d masked_fill
        masked_select where sort _pack_padded_sequence repeat_interleave narrow rot90""",
    "winner": """
        max_pool2d_with_indices max_pool3d_with_indices adaptive_max_pool2d adaptive_max_pool3d
        max min amax amin maximum minimum topk""",
    "activation": """
        relu relu6 hardtanh gelu silu sigmoid tanh elu celu selu leaky_relu hardswish hardsigmoid
        softplus mish clamp clamp_min clamp_max abs exp expm1 log log1p sqrt rsqrt reciprocal pow
        square erf threshold _prelu_kernel log_sigmoid_forward sin cos hardshrink softshrink""",
    "sum": """
        mean sum cumsum avg_pool1d avg_pool2d avg_pool3d _adaptive_avg_pool2d
        _adaptive_avg_pool3d upsample_linear1d upsample_bilinear2d upsample_trilinear3d
        upsample_bicubic2d _upsample_bilinear2d_aa col2im""",
    "weighted": "convolution _convolution addmm mm bmm baddbmm mv",
    "batch_norm": """
        native_batch_norm _native_batch_norm_legit _native_batch_norm_legit_no_training
        cudnn_batch_norm miopen_batch_norm""",
    "norm": "native_layer_norm native_group_norm _fused_rms_norm",
    "softmax": "_softmax _safe_softmax _log_softmax",
}
_FAMILY = {name: family for family, names in _NAMES.items() for name in names.split()}
_ADDING, _TIMES, _OVER = {"add", "sub", "rsub"}, {"mul", "neg"}, {"div"}
_GATES = {"sigmoid", "hardsigmoid", "rsqrt", "reciprocal"}


def family_of(node: Node) -> Family | None:
    """What a node does; None for an operation that no rule is known for."""
    name = node.name
    several = len(node.refs) > 1
    if name in _ADDING:
        return "sum" if several else "shift"
    if name in _TIMES:
        return "product" if several else "scale"
    if name in _OVER:
        numerator = isinstance(node.args[0], Ref)
        return "quotient" if several else "scale" if numerator else "activation"
    found = _FAMILY.get(name)
    if found == "weighted":
        return _weighted(node)
    if found == "batch_norm":
        return _batch_norm(node)
    single = found in ("activation", "norm", "softmax")
    return None if single and len(node.inputs) > 1 else found


def refused(nodes: Iterable[Node], method: str, without: Collection[Family] = ()) -> None:
    """Refuse operations that no rule is known for, all of them by name, in the order in which they
    run; `nodes` come the last one first."""
    found = [node for node in nodes if (family := family_of(node)) is None or family in without]
    if not found:
        return
    listed = dict.fromkeys(f"{node.place} ({node.line})" for node in reversed(found))
    shown = "; ".join(list(listed)[:8])
    more = f"; and {len(listed) - 8} more" if len(listed) > 8 else ""
    raise NotApplicable(
        f"{method} has no rule for {shown}{more}.",
        "Use integrated_gradients, which needs no rules.",
    )


def is_gate(graph: Graph, value: int) -> bool:
    """Whether a value only says how much of another one passes: a sigmoid, or one over a size."""
    while (node := graph.maker.get(value)) is not None:
        if node.name in _GATES or (node.name == "pow" and _falls(node)):
            return True
        if family_of(node) not in ("movement", "scale") or len(node.inputs) != 1:
            return False
        value = node.inputs[0]
    return False


def single_root(graph: Graph, node: Node) -> int | None:
    """The one value of which a product is a function place by place: x · sigmoid(x) of x.

    None where it is one of several values, or of values at other places.
    """
    roots = {_chain(graph, i) for i in node.inputs}
    common = set.intersection(*(set(chain) for chain in roots))
    same = [i for i in next(iter(roots)) if i in common]
    return same[0] if same else None


def summand_factor(node: Node, position: int) -> float:
    """What a summand of an addition or subtraction is multiplied by: `add` and `sub` scale the
    second one, `rsub` is the second less the scaled first."""
    alpha = float(node.kwargs.get("alpha", node.args[2] if len(node.args) > 2 else 1))
    if node.name == "rsub":
        return -alpha if position == 0 else 1.0
    return 1.0 if position == 0 else alpha if node.name == "add" else -alpha


def _chain(graph: Graph, value: int) -> tuple[int, ...]:
    """A value and those it is a function of place by place, the nearest first."""
    found, shape = [value], graph.values[value].shape
    while (node := graph.maker.get(found[-1])) is not None:
        pointwise = family_of(node) in ("activation", "scale", "shift", "product", "quotient")
        before = node.inputs[0] if len(node.inputs) == 1 else None
        if pointwise and before is None and family_of(node) in ("product", "quotient"):
            before = single_root(graph, node) if len(node.inputs) > 1 else None
        if not pointwise or before is None or graph.values[before].shape != shape:
            break
        found.append(before)
    return tuple(found)


def _falls(node: Node) -> bool:
    exponent = node.args[1]
    return isinstance(exponent, int | float) and exponent < 0


def _weighted(node: Node) -> Family | None:
    """A weighted sum if one factor alone depends on the input; a product if both do."""
    own = node.name.startswith(("addm", "baddbmm"))
    factors = node.args[1:3] if own else node.args[:2]
    depend = [isinstance(f, Ref) for f in factors]
    if own and isinstance(node.args[0], Ref):
        return None
    if all(depend):
        return "product" if node.name in ("mm", "bmm", "mv") else None
    return None if "conv" in node.name and not depend[0] else "weighted"


def _batch_norm(node: Node) -> Family | None:
    """Constant statistics; those of the batch itself are a norm that no rule is written for."""
    training = node.name == "native_batch_norm" and node.args[5]
    known = len(node.args) > 4 and node.args[3] is not None and not training
    return "batch_norm" if known and node.inputs == (node.args[0].index,) else None
