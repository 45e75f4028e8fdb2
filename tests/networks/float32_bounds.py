"""An ONNX graph at one point, in float64, with a bound on what float32 may make of it.

A second reading of every operator, apart from the lowering: node by node, with NumPy. A
number has its value, an error bound, a flow (the sum of sizes that meet in it since the
last operator that is not linear) and a count of roundings on the way. Engines may arrange
a linear chain as they like; a sum of products then errs by at most gamma(roundings) times
the flow (Higham, Accuracy and Stability of Numerical Algorithms, 4.2). At an operator
that is not linear the bound is settled; none of those widens a distance.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import product
from typing import Any, NamedTuple

import numpy as np

from verify.networks.reading.graph import Graph, Node

UNIT = 2.0**-24
TINY = 2.0**-120  # more than underflow takes from the sums of these models
ABOVE = 1 + 1e-9  # pays for this file's own float64
LIBRARY = 2.0**-20  # what onnxruntime's sigmoid and tanh may err by


class Number(NamedTuple):
    """Arrays of one shape, and how often a number was rounded since the last settling."""

    value: Any
    error: Any
    flow: Any
    roundings: int

    @property
    def shape(self) -> tuple[int, ...]:
        return tuple(np.shape(self.value))

    def moved(self, function: Callable[[Any], Any]) -> Number:
        """What only moves, drops or repeats elements."""
        return Number(*(function(part) for part in self[:3]), self.roundings)

    def settled(self) -> Number:
        gamma = self.roundings * UNIT / (1 - self.roundings * UNIT)
        error = (self.error + gamma * (self.flow + self.error) + TINY) * ABOVE
        return fresh(self.value, error if self.roundings else self.error)

    def linear(self, apply: Callable[[Any, bool], Any], roundings: int) -> Number:
        """`apply(array, absolute)` is a linear map, or the map of absolute weights."""
        return Number(
            apply(self.value, False), apply(self.error, True) * ABOVE,
            apply(self.flow, True) * ABOVE, self.roundings + roundings,
        )  # fmt: skip

    def plus(self, other: Number) -> Number:
        return Number(
            self.value + other.value, self.error + other.error, self.flow + other.flow,
            self.roundings + other.roundings + 1,
        )  # fmt: skip

    def times(self, other: Number, roundings: int = 1) -> Number:
        """One of the two is constant up to rounding."""
        flow = self.flow * other.flow
        error = self.error * other.flow + other.error * (self.flow + self.error)
        return Number(
            self.value * other.value, error * ABOVE, flow * ABOVE,
            self.roundings + other.roundings + roundings,
        )  # fmt: skip


def fresh(value: Any, error: Any) -> Number:
    return Number(value, error, np.abs(value) + error, 0)


def known(array: Any) -> Any:
    """A constant: floats as exact numbers, whole ones as they are."""
    if array.dtype.kind != "f":
        return array
    exact = np.asarray(array, dtype=np.float64)
    return fresh(exact, np.zeros_like(exact))


def bound_outputs(graph: Graph, point: Any) -> tuple[Any, Any]:
    """Values of the outputs at a float32 point, flat, and how far float32 may be off."""
    values: dict[str, Any] = {name: known(array) for name, array in graph.constants}
    start = 0
    for port in graph.inputs:
        size = int(np.prod(port.shape))
        part = np.asarray(point[start : start + size], dtype=np.float64)
        values[port.name] = known(part.reshape(port.shape))
        start += size
    for node in graph.nodes:
        inputs = [values.get(name) for name in node.inputs]
        made = apply(node, inputs, graph.opset)
        made = made if isinstance(made, list) else [made]
        values.update(zip(node.outputs, made, strict=False))
    outputs = [values[port.name].settled() for port in graph.outputs]
    return tuple(  # type: ignore[return-value]
        np.concatenate([np.ravel(output[part]) for output in outputs])
        for part in (0, 1)
    )


def apply(node: Node, given: list[Any], opset: int) -> Any:
    """The outputs of a node, a list if there are several."""
    x = given[0] if given else None
    match node.operator:
        case "Identity" | "Dropout" | "Cast":
            return x
        case "Constant":
            return known(node.attributes[0][1])
        case "ConstantOfShape":
            value = node.attribute("value")
            return known(np.full(tuple(x), value.ravel()[0], value.dtype))
        case "Shape":
            return np.array(x.shape, dtype=np.int64)
        case "Add" | "Sub":
            other = given[1]
            turned = other.moved(np.negative) if node.operator == "Sub" else other
            return x.plus(turned._replace(error=other.error, flow=other.flow))
        case "Mul":
            return x.times(given[1])
        case "Div":
            return x.times(given[1].moved(lambda v: v)._replace(
                value=1 / given[1].value, flow=np.abs(1 / given[1].value)), 2)  # fmt: skip
        case "Neg":
            return x._replace(value=-x.value)
        case "Pow":
            return power(x, given[1])
        case "Gemm" | "MatMul":
            return matrix_product(node, given)
        case "BatchNormalization":
            return normalise(node, given)
        case "ReduceSum" | "ReduceMean":
            return reduce(node, given, opset)
        case "Conv" | "AveragePool" | "MaxPool":
            return slide(node, given)
        case operator if operator in BENDS:
            return BENDS[operator](node, [v and v.settled() for v in given], opset)
        case operator if operator in MOVES:
            return MOVES[operator](node, given, opset)
    raise AssertionError(f"no second reading of {node.operator}")


def power(x: Number, exponent: Number) -> Number:
    count = int(exponent.value.max())
    made = known(np.ones(np.broadcast_shapes(x.shape, exponent.shape)))
    for _ in range(count):
        made = made.times(x, 0 if count == 1 else 2)
    return made


def matrix_product(node: Node, given: list[Any]) -> Number:
    a, b = (v.moved(np.transpose) if node.attribute(name, 0) else v
            for v, name in zip(given[:2], ("transA", "transB"), strict=True))  # fmt: skip
    inner = a.shape[-1]
    made = Number(
        a.value @ b.value,
        (a.error @ b.flow + (a.flow + a.error) @ b.error) * ABOVE,
        a.flow @ b.flow * ABOVE,
        a.roundings + b.roundings + inner + 1,
    )
    alpha, beta = (np.float64(node.attribute(name, 1.0)) for name in ("alpha", "beta"))
    made = made.times(known(alpha), int(alpha != 1))
    if len(given) > 2:
        made = made.plus(given[2].times(known(beta), int(beta != 1)))
    return made


def normalise(node: Node, given: list[Any]) -> Number:
    x, scale, shift, mean, variance = given
    wide = (1, -1, *(1,) * (len(x.shape) - 2))
    epsilon = node.attribute("epsilon", float(np.float32(1e-5)))
    factor = (scale.value / np.sqrt(variance.value + epsilon)).reshape(wide)
    turned = mean._replace(value=-mean.value).moved(lambda v: v.reshape(wide))
    made = x.plus(turned).times(known(factor), 8)
    return made.plus(shift.moved(lambda v: v.reshape(wide)))


def reduce(node: Node, given: list[Any], opset: int) -> Number:
    axes = tuple(read(node, given, "axes", 1))
    keep = bool(node.attribute("keepdims", 1))
    x = given[0]
    count = int(np.prod([x.shape[axis] for axis in axes]))
    share = 1 / count if node.operator == "ReduceMean" else 1.0
    return x.linear(lambda v, _: v.sum(axis=axes, keepdims=keep) * share, count + 2)


def read(node: Node, given: list[Any], name: str, place: int) -> list[int]:
    """Whole numbers, an attribute or an input."""
    if place < len(given) and given[place] is not None:
        return [int(n) for n in np.ravel(given[place])]
    return list(node.attribute(name, ()))


def places_of(
    node: Node, size: int, axis: int, rank: int, kernel: int
) -> list[list[int]]:
    """The places in the unpadded dimension that each window sees, outside ones too."""
    stride = node.attribute("strides", (1,) * rank)[axis]
    step = node.attribute("dilations", (1,) * rank)[axis]
    pads = node.attribute("pads", (0,) * (2 * rank))
    low, high = pads[axis], pads[axis + rank]
    span = step * (kernel - 1) + 1
    auto = node.attribute("auto_pad", "NOTSET")
    if auto.startswith("SAME"):
        total = max((-(-size // stride) - 1) * stride + span - size, 0)
        low = total // 2 if auto == "SAME_UPPER" else total - total // 2
        high = total - low
    room = size + low + high - span
    count = room // stride + 1
    if node.attribute("ceil_mode", 0):
        count = -(-room // stride) + 1
    return [[w * stride - low + k * step for k in range(kernel)] for w in range(count)]


def slide(node: Node, given: list[Any]) -> Number:
    """Convolution and pooling, window by window."""
    x = given[0]
    sizes = x.shape[2:]
    weights = given[1].value if node.operator == "Conv" else None
    kernel = (
        weights.shape[2:] if weights is not None else node.attribute("kernel_shape")
    )
    rank = len(sizes)
    seen = [places_of(node, sizes[i], i, rank, kernel[i]) for i in range(rank)]
    windows = list(product(*(range(len(places)) for places in seen)))
    cells = [
        [
            (tuple(seen[i][w[i]][k[i]] for i in range(rank)), k)
            for k in product(*(range(size) for size in kernel))
        ]
        for w in windows
    ]  # fmt: skip
    inside = [
        [
            (at, k)
            for at, k in cell
            if all(0 <= p < s for p, s in zip(at, sizes, strict=True))
        ]
        for cell in cells
    ]
    counts = tuple(len(places) for places in seen)
    if node.operator == "MaxPool":
        x = x.settled()
        parts = [
            np.stack(
                [
                    np.max([array[(..., *at)] for at, _ in cell], axis=0)
                    for cell in inside
                ],
                -1,
            )
            for array in (x.value, x.error)
        ]
        return fresh(*(part.reshape(*x.shape[:2], *counts) for part in parts))
    if weights is None:
        full = node.attribute("count_include_pad", 0)

        def average(array: Any, _: bool) -> Any:
            means = [
                sum(array[(..., *at)] for at, _ in cell)
                / (len(every) if full else len(cell))
                for cell, every in zip(inside, cells, strict=True)
            ]
            return np.stack(means, -1).reshape(*array.shape[:2], *counts)

        return x.linear(average, int(np.prod(kernel)) + 2)
    groups = node.attribute("group", 1)
    width = weights.shape[0] // groups

    def convolve(array: Any, absolute: bool) -> Any:
        used = np.abs(weights) if absolute else weights
        out = np.zeros((array.shape[0], len(weights), len(windows)))
        for channel in range(len(weights)):
            first = channel // width * weights.shape[1]
            part = array[:, first : first + weights.shape[1]]
            for number, cell in enumerate(inside):
                for at, k in cell:
                    out[:, channel, number] += (
                        part[(..., *at)] @ used[(channel, slice(None), *k)]
                    )
        return out.reshape(array.shape[0], len(weights), *counts)

    made = x.linear(convolve, int(np.prod(weights.shape[1:])) + 2)
    if len(given) > 2:
        wide = (1, -1, *(1,) * rank)
        made = made.plus(given[2].moved(lambda v: v.reshape(wide)))
    return made


def bend(function: Callable[[Any], Any], error: float = 0.0) -> Callable[..., Number]:
    """An elementwise function that does not widen distances, but for `error`."""
    return lambda node, given, opset: fresh(
        function(given[0].value), given[0].error + error
    )


def leaky(node: Node, given: list[Any], opset: int) -> Number:
    x, slope = given[0], node.attribute("alpha", float(np.float32(0.01)))
    made = fresh(
        np.where(x.value < 0, slope * x.value, x.value), x.error * max(1, abs(slope))
    )
    return made._replace(roundings=2)


def clip(node: Node, given: list[Any], opset: int) -> Number:
    bounds = [node.attribute("min"), node.attribute("max")]
    for place in (1, 2):
        if place < len(given) and given[place] is not None:
            bounds[place - 1] = given[place].value
    low, high = bounds
    value = given[0].value if low is None else np.maximum(given[0].value, low)
    return fresh(value if high is None else np.minimum(value, high), given[0].error)


def extreme(choose: Any) -> Callable[..., Number]:
    def run(node: Node, given: list[Any], opset: int) -> Number:
        made = given[0]
        for other in given[1:]:
            made = fresh(
                choose(made.value, other.value), np.maximum(made.error, other.error)
            )
        return made

    return run


def sign(node: Node, given: list[Any], opset: int) -> Number:
    x = given[0]
    sure = (np.abs(x.value) > x.error * ABOVE) | (x.error == 0)
    return fresh(np.sign(x.value), np.where(sure, 0.0, 2.0))


BENDS: dict[str, Callable[..., Number]] = {
    "Abs": bend(np.abs), "Clip": clip, "LeakyRelu": leaky, "Max": extreme(np.maximum),
    "Min": extreme(np.minimum), "Relu": bend(lambda v: np.maximum(v, 0)), "Sign": sign,
    "Sigmoid": bend(lambda v: (1 + np.tanh(v / 2)) / 2, LIBRARY),
    "Tanh": bend(np.tanh, LIBRARY),
}  # fmt: skip


def move(x: Any, function: Callable[[Any], Any]) -> Any:
    return x.moved(function) if isinstance(x, Number) else function(x)


def reshape(node: Node, given: list[Any], opset: int) -> Any:
    x = given[0]
    if node.operator == "Flatten":
        first = int(np.prod(x.shape[: node.attribute("axis", 1)]))
        return move(x, lambda v: v.reshape(first, -1))
    shape = [x.shape[i] if s == 0 else s for i, s in enumerate(given[1].tolist())]
    return move(x, lambda v: v.reshape(shape))


def squeeze(node: Node, given: list[Any], opset: int) -> Any:
    axes = tuple(read(node, given, "axes", 1))
    change = np.squeeze if node.operator == "Squeeze" else np.expand_dims
    return move(given[0], lambda v: change(v, axes))


def concat(node: Node, given: list[Any], opset: int) -> Any:
    axis = node.attribute("axis")
    if not isinstance(given[0], Number):
        return np.concatenate(given, axis)
    parts = (np.concatenate([v[i] for v in given], axis) for i in range(3))
    return Number(*parts, max(v.roundings for v in given))


def cut(node: Node, given: list[Any], opset: int) -> Any:
    start, end, axis, *_ = (
        read(node, given, name, place)[0]
        for place, name in enumerate(("starts", "ends", "axes"), 1)
    )
    step = (read(node, given, "steps", 4) or [1])[0]
    chosen = (slice(None),) * axis + (slice(start, end, step),)
    return move(given[0], lambda v: v[chosen])


def split(node: Node, given: list[Any], opset: int) -> list[Any]:
    sizes, axis = read(node, given, "split", 1), node.attribute("axis", 0)
    ends = np.cumsum(sizes)
    return [
        move(given[0], lambda v, a=end - size, b=end: np.take(v, range(a, b), axis))
        for size, end in zip(sizes, ends, strict=True)
    ]


def pad(node: Node, given: list[Any], opset: int) -> Number:
    pads, x = read(node, given, "pads", 1), given[0]
    filling = node.attribute("value", 0.0) if len(given) < 3 else float(given[2].value)
    rank = len(x.shape)
    index = np.full([s + pads[i] + pads[i + rank] for i, s in enumerate(x.shape)], -1)
    for place in product(*(range(s) for s in index.shape)):
        at = tuple(p - pads[i] for i, p in enumerate(place))
        if all(0 <= p < s for p, s in zip(at, x.shape, strict=True)):
            index[place] = np.ravel_multi_index(at, x.shape)
    fill = (filling, 0.0, abs(filling))
    parts = (np.append(np.ravel(v), f)[index] for v, f in zip(x[:3], fill, strict=True))
    return Number(*parts, x.roundings)


MOVES: dict[str, Callable[..., Any]] = {
    "Concat": concat, "Flatten": reshape, "Pad": pad, "Reshape": reshape, "Slice": cut,
    "Split": split, "Squeeze": squeeze, "Unsqueeze": squeeze,
    "Gather": lambda node, given, _: move(
        given[0], lambda v: np.take(v, given[1], node.attribute("axis", 0))
    ),
    "Transpose": lambda node, given, _: move(
        given[0], lambda v: np.transpose(v, node.attribute("perm"))
    ),
}  # fmt: skip
