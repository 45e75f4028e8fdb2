"""Random valid ONNX models over every operator that is read.

A model grows node by node from one or two inputs; every operator has a maker that picks
a tensor it applies to, its attributes and its constants, in the form that the model's
opset asks for. Shapes are worked out here, apart from the code under test.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from random import Random
from typing import Any

import numpy as np
from onnx import TensorProto, helper, numpy_helper

Shape = tuple[int, ...]
Tensor = tuple[str, Shape]

OPSETS = (7, 8, 9, 10, 11, 12, 13, 14, 15, 17, 18, 19, 20, 21, 22, 23, 24, 25)
MAX_SIZE = 96
FLOAT = TensorProto.FLOAT


class Skip(Exception):
    """The operator does not apply to the tensor picked."""


class Maker:
    """A model under construction."""

    def __init__(self, random: Random, opset: int) -> None:
        self.random = random
        self.opset = opset
        self.nodes: list[Any] = []
        self.weights: list[Any] = []
        self.inputs: list[Tensor] = []
        self.tensors: list[Tensor] = []
        self.count = 0

    def name(self) -> str:
        self.count += 1
        return f"t{self.count}"

    def input(self) -> None:
        shape = self.random.choice(
            [(1, 6), (5,), (1, 2, 4, 4), (1, 3, 6), (1, 1, 5, 3), (2, 3), (1, 4)]
        )
        self.inputs.append((self.name(), shape))
        self.tensors.append(self.inputs[-1])

    def pick(self, *ranks: int) -> Tensor:
        """A tensor of one of these ranks, late ones more often."""
        fitting = [t for t in self.tensors if not ranks or len(t[1]) in ranks]
        if not fitting:
            raise Skip
        return fitting[-1 - int(len(fitting) * self.random.random() ** 3)]

    def node(
        self, operator: str, inputs: Sequence[str], *shapes: Shape, **attributes: Any
    ) -> None:
        """Append a node; its outputs get these shapes."""
        if any(np.prod(shape) > MAX_SIZE or 0 in shape for shape in shapes):
            raise Skip
        outputs = [(self.name(), tuple(map(int, shape))) for shape in shapes]
        names = [name for name, _ in outputs]
        self.nodes.append(helper.make_node(operator, inputs, names, **attributes))
        self.tensors.extend(outputs)

    def hold(self, array: Any, kind: str = "") -> str:
        """A constant: an initialiser, or a Constant node."""
        made = np.asarray(array, dtype=kind or np.float32)
        name = self.name()
        if self.random.random() < 0.7:
            self.weights.append(numpy_helper.from_array(made, name))
        else:
            tensor = numpy_helper.from_array(made, name)
            self.nodes.append(helper.make_node("Constant", [], [name], value=tensor))
        return name

    def whole(self, numbers: Sequence[int]) -> str:
        return self.hold(np.array(numbers, dtype=np.int64), "int64")

    def numbers(self, shape: Shape) -> Any:
        """Weights: small halves, normal floats, some zeros and extremes."""
        rng = np.random.default_rng(self.random.getrandbits(32))
        made = rng.normal(size=shape).astype(np.float32)
        style = self.random.randrange(4)
        if style == 0:
            made = np.round(made * 2) / 2
        if style == 1:
            made = np.where(rng.random(shape) < 0.4, 0, made)
        if style == 2:
            made = made * 10.0 ** rng.integers(-6, 3, size=shape)
        return np.asarray(made, dtype=np.float32)

    def part_of(self, shape: Shape) -> Shape:
        """A shape that broadcasts to `shape`."""
        cut = self.random.randrange(len(shape) + 1)
        return tuple(s if self.random.random() < 0.7 else 1 for s in shape[cut:])

    def chance(self, share: float = 0.5) -> bool:
        return self.random.random() < share


def unary(operator: str, since: int = 1, **attributes: Any) -> Callable[[Maker], None]:
    def make(m: Maker) -> None:
        if m.opset < since:
            raise Skip
        name, shape = m.pick()
        m.node(operator, [name], shape, **attributes)

    return make


def leaky(m: Maker) -> None:
    name, shape = m.pick()
    m.node("LeakyRelu", [name], shape, alpha=m.random.choice([0.01, 0.25, 1.5, -0.5]))


def clip(m: Maker) -> None:
    name, shape = m.pick()
    low, high = sorted((m.random.uniform(-2, 2), m.random.uniform(-2, 2)))
    if m.opset >= 11 and m.chance(0.05):
        low, high = high, low
    has_low, has_high = m.chance(0.8), m.chance(0.8)
    if m.opset < 11:
        given = {"min": low} if has_low else {}
        given |= {"max": high} if has_high else {}
        m.node("Clip", [name], shape, **given)
        return
    inputs = [name, m.hold(low) if has_low else "", m.hold(high) if has_high else ""]
    while not inputs[-1]:
        inputs.pop()
    m.node("Clip", inputs, shape)


def with_constant(operator: str) -> Callable[[Maker], None]:
    def make(m: Maker) -> None:
        name, shape = m.pick()
        small = m.part_of(shape)
        numbers = m.numbers(small)
        if operator == "Div":
            numbers = np.where(np.abs(numbers) < 0.05, np.float32(0.75), numbers)
        inputs = [name, m.hold(numbers)]
        if operator != "Div" and m.chance():
            inputs.reverse()
        m.node(operator, inputs, np.broadcast_shapes(shape, small))

    return make


def of_two(operator: str) -> Callable[[Maker], None]:
    def make(m: Maker) -> None:
        (left, one), (right, two) = m.pick(), m.pick()
        try:
            shape = np.broadcast_shapes(one, two)
        except ValueError:
            raise Skip from None
        m.node(operator, [left, right], shape)

    return make


def extreme(operator: str) -> Callable[[Maker], None]:
    def make(m: Maker) -> None:
        name, shape = m.pick()
        inputs = [name]
        for _ in range(m.random.randrange(3)):
            other = [t for t in m.tensors if t[1] == shape]
            inputs.append(m.random.choice(other)[0])
        if m.chance():
            small = shape if m.opset < 8 else m.part_of(shape)
            inputs.append(m.hold(m.numbers(small)))
        m.random.shuffle(inputs)
        m.node(operator, inputs, shape)

    return make


def power(m: Maker) -> None:
    name, shape = m.pick()
    if m.chance():
        m.node("Pow", [name, m.hold(float(m.random.randrange(2)))], shape)
        return
    exponent = m.hold(float(m.random.randrange(1, 4)))
    base = m.numbers(m.part_of(shape))
    made = m.name()
    m.nodes.append(helper.make_node("Pow", [m.hold(base), exponent], [made]))
    m.node("Add", [name, made], np.broadcast_shapes(shape, base.shape))


def matmul(m: Maker) -> None:
    name, shape = m.pick(1, 2, 3, 4, 5)
    size = m.random.randrange(1, 5)
    if m.chance(0.75):
        weights = m.hold(m.numbers((shape[-1], size)))
        m.node("MatMul", [name, weights], (*shape[:-1], size))
    elif len(shape) == 1:
        m.node("MatMul", [m.hold(m.numbers((size, shape[0]))), name], (size,))
    else:
        weights = m.hold(m.numbers((size, shape[-2])))
        m.node("MatMul", [weights, name], (*shape[:-2], size, shape[-1]))


def gemm(m: Maker) -> None:
    name, shape = m.pick(2)
    size = m.random.randrange(1, 5)
    attributes: dict[str, Any] = {}
    if m.chance(0.3):
        attributes["alpha"] = m.random.choice([0.5, 0.1, -2.0])
    if m.chance(0.3):
        attributes["beta"] = m.random.choice([0.5, 0.1, -2.0])
    if m.chance(0.7):  # x times a constant
        turned, flipped = m.chance(0.3), m.chance()
        rows, inner = shape[::-1] if turned else shape
        numbers = m.numbers((size, inner) if flipped else (inner, size))
        inputs = [name, m.hold(numbers)]
        attributes |= {"transA": int(turned), "transB": int(flipped)}
        out = (rows, size)
    else:
        turned, flipped = m.chance(0.3), m.chance()
        inner, columns = shape[::-1] if flipped else shape
        numbers = m.numbers((inner, size) if turned else (size, inner))
        inputs = [m.hold(numbers), name]
        attributes |= {"transA": int(turned), "transB": int(flipped)}
        out = (size, columns)
    if m.opset < 11 or m.chance(0.8):
        small = m.random.choice([out, (out[1],), (1, out[1]), (out[0], 1), (1,)])
        same = [t for t in m.tensors if t[1] == small]
        if same and m.chance(0.3):
            inputs.append(m.random.choice(same)[0])
        else:
            inputs.append(m.hold(m.numbers(small)))
    m.node("Gemm", inputs, out, **attributes)


def _windows(
    m: Maker, sizes: Shape, *, dilated: bool, ceiled: bool = False
) -> tuple[Shape, dict[str, Any]]:
    """Kernel, attributes; `counts` among them is to be taken out."""
    rank = len(sizes)
    kernel = tuple(m.random.randrange(1, 4) for _ in range(rank))
    strides = tuple(m.random.randrange(1, 3) for _ in range(rank))
    dilations = (1,) * rank
    if dilated and m.chance(0.3):
        dilations = tuple(m.random.randrange(1, 3) for _ in range(rank))
    attributes: dict[str, Any] = {"strides": list(strides)}
    if dilated:
        attributes["dilations"] = list(dilations)
    style = m.random.randrange(4)
    if style == 0:
        auto = m.random.choice(["SAME_UPPER", "SAME_LOWER"])
        counts = tuple(-(-s // t) for s, t in zip(sizes, strides, strict=True))
        attributes.pop("dilations", None)  # onnxruntime has not both
        if any(
            (c - 1) * t + k < s
            for c, t, k, s in zip(counts, strides, kernel, sizes, strict=True)
        ):
            raise Skip  # nor windows that leave out the end
        return kernel, {**attributes, "auto_pad": auto, "counts": counts}
    pads = [0] * (2 * rank)
    if style == 1:
        attributes["auto_pad"] = "VALID"
    elif style == 2:
        pads = [m.random.randrange(k) for k in kernel * 2]
        attributes["pads"] = pads
    if ceiled and style != 1 and m.chance(0.3):
        attributes["ceil_mode"] = 1
    counts = tuple(
        _count(
            sizes[i],
            pads[i],
            pads[i + rank],
            kernel[i],
            strides[i],
            dilations[i],
            ceil="ceil_mode" in attributes,
        )
        for i in range(rank)
    )
    if min(counts) < 1:
        raise Skip
    return kernel, {**attributes, "counts": counts}


def _count(
    size: int,
    low: int,
    high: int,
    kernel: int,
    stride: int,
    dilation: int,
    *,
    ceil: bool,
) -> int:
    """How many windows there are, each with a place inside."""
    room = size + low + high - dilation * (kernel - 1) - 1
    if room < 0:
        raise Skip
    count = (-(-room // stride) if ceil else room // stride) + 1
    for window in range(count):
        places = (window * stride - low + i * dilation for i in range(kernel))
        if not any(0 <= place < size for place in places):
            raise Skip
    return count


def convolution(m: Maker) -> None:
    name, shape = m.pick(3, 4)
    kernel, attributes = _windows(m, shape[2:], dilated=True)
    counts = attributes.pop("counts")
    groups = m.random.choice([g for g in (1, 1, 2, 3) if shape[1] % g == 0])
    made = groups * m.random.randrange(1, 3)
    inputs = [name, m.hold(m.numbers((made, shape[1] // groups, *kernel)))]
    if m.chance():
        inputs.append(m.hold(m.numbers((made,))))
    if m.chance():
        attributes["kernel_shape"] = list(kernel)
    m.node("Conv", inputs, (shape[0], made, *counts), group=groups, **attributes)


def pool(operator: str) -> Callable[[Maker], None]:
    def make(m: Maker) -> None:
        name, shape = m.pick(3, 4)
        since = 10 if operator == "MaxPool" else 19
        kernel, attributes = _windows(
            m, shape[2:], dilated=m.opset >= since, ceiled=m.opset >= 10
        )
        counts = attributes.pop("counts")
        if operator == "AveragePool" and "ceil_mode" not in attributes and m.chance():
            attributes["count_include_pad"] = 1
        out = (*shape[:2], *counts)
        m.node(operator, [name], out, kernel_shape=list(kernel), **attributes)

    return make


def normalisation(m: Maker) -> None:
    name, shape = m.pick(2, 3, 4)
    channels = (shape[1],)
    variance = np.abs(m.numbers(channels)) + np.float32(0.1)
    if m.chance(0.2):
        variance = np.float32(m.random.choice([1, 4, 9])) + 0 * variance
    stored = [m.hold(m.numbers(channels)) for _ in range(3)] + [m.hold(variance)]
    epsilon = {"epsilon": m.random.choice([0.0, 1e-3])} if m.chance() else {}
    m.node("BatchNormalization", [name, *stored], shape, **epsilon)


def flatten(m: Maker) -> None:
    name, shape = m.pick()
    axis = m.random.randrange(len(shape) + 1)
    out = int(np.prod(shape[:axis])), int(np.prod(shape[axis:]))
    m.node("Flatten", [name], out, axis=axis)


def reshape(m: Maker) -> None:
    name, shape = m.pick(1, 2, 3, 4, 5)
    size = int(np.prod(shape))
    if m.chance(0.2):
        return _static(m, name, shape, size)
    first = m.random.choice([d for d in range(1, size + 1) if size % d == 0])
    out = m.random.choice([(first, size // first), (1, first, size // first), (size,)])
    said = list(out)
    if m.chance():
        said[m.random.randrange(len(said))] = -1
    for place, number in enumerate(out):
        if place < len(shape) and shape[place] == number and m.chance(0.3):
            said[place] = 0
    m.node("Reshape", [name, m.whole(said)], out)
    return None


def _static(m: Maker, name: str, shape: Shape, size: int) -> None:
    """The pattern of exporters: a shape put together from the input's own."""
    parts = [m.name() for _ in range(4)]
    first = m.hold(np.array(0, dtype=np.int64), "int64")
    m.nodes.append(helper.make_node("Shape", [name], [parts[0]]))
    m.nodes.append(helper.make_node("Gather", [parts[0], first], [parts[1]]))
    axes: dict[str, Any] = {"axes": [0]} if m.opset < 13 else {}
    inputs = [parts[1]] + ([] if axes else [m.whole([0])])
    m.nodes.append(helper.make_node("Unsqueeze", inputs, [parts[2]], **axes))
    rest = m.whole([-1])
    m.nodes.append(helper.make_node("Concat", [parts[2], rest], [parts[3]], axis=0))
    m.node("Reshape", [name, parts[3]], (shape[0], size // shape[0]))


def transpose(m: Maker) -> None:
    name, shape = m.pick(1, 2, 3, 4, 5)
    order = list(range(len(shape)))
    if m.chance(0.8):
        m.random.shuffle(order)
        m.node("Transpose", [name], tuple(shape[i] for i in order), perm=order)
    else:
        m.node("Transpose", [name], shape[::-1])


def _with_axes(
    m: Maker, since: int, axes: list[int]
) -> tuple[list[str], dict[str, Any]]:
    return ([m.whole(axes)], {}) if m.opset >= since else ([], {"axes": axes})


def squeeze(m: Maker) -> None:
    name, shape = m.pick()
    ones = [i for i, size in enumerate(shape) if size == 1]
    if not ones or len(shape) == 1:
        raise Skip
    axes = [m.random.choice(ones)]
    inputs, attributes = _with_axes(m, 13, axes)
    out = tuple(size for i, size in enumerate(shape) if i not in axes)
    m.node("Squeeze", [name, *inputs], out, **attributes)


def unsqueeze(m: Maker) -> None:
    name, shape = m.pick(1, 2, 3)
    axis = m.random.randrange(len(shape) + 1)
    inputs, attributes = _with_axes(m, 13, [axis])
    m.node(
        "Unsqueeze", [name, *inputs], (*shape[:axis], 1, *shape[axis:]), **attributes
    )


def concat(m: Maker) -> None:
    name, shape = m.pick(1, 2, 3, 4, 5)
    axis = m.random.randrange(len(shape))
    other = list(shape)
    other[axis] = m.random.randrange(1, 3)
    inputs = [name, m.hold(m.numbers(tuple(other)))]
    size = shape[axis] + other[axis]
    if m.chance():
        inputs.append(m.random.choice([n for n, s in m.tensors if s == shape]))
        size += shape[axis]
    m.random.shuffle(inputs)
    said = axis - len(shape) if m.opset >= 11 and m.chance() else axis
    m.node("Concat", inputs, (*shape[:axis], size, *shape[axis + 1 :]), axis=said)


def cut(m: Maker) -> None:
    name, shape = m.pick(1, 2, 3, 4, 5)
    axis = m.random.randrange(len(shape))
    start, end = sorted(
        m.random.randrange(-shape[axis] - 1, shape[axis] + 1) for _ in "ab"
    )
    step = m.random.choice([1, 1, 2, -1, -2]) if m.opset >= 10 else 1
    if step < 0:
        start, end = end, start
    size = len(range(shape[axis])[start:end:step])
    out = (*shape[:axis], size, *shape[axis + 1 :])
    if m.opset < 10:
        m.node("Slice", [name], out, starts=[start], ends=[end], axes=[axis])
        return
    lists = [m.whole([start]), m.whole([end]), m.whole([axis])]
    if step != 1:
        lists.append(m.whole([step]))
    m.node("Slice", [name, *lists], out)


def split(m: Maker) -> None:
    name, shape = m.pick(1, 2, 3, 4, 5)
    axis = m.random.randrange(len(shape))
    if shape[axis] < 2:
        raise Skip
    first = m.random.randrange(1, shape[axis])
    sizes = [first, shape[axis] - first]
    inputs, attributes = [name], {"axis": axis}
    if m.opset >= 13:
        inputs.append(m.whole(sizes))
    else:
        attributes["split"] = sizes
    outs = [(*shape[:axis], size, *shape[axis + 1 :]) for size in sizes]
    m.node("Split", inputs, *outs, **attributes)


def gather(m: Maker) -> None:
    name, shape = m.pick(1, 2, 3)
    axis = m.random.randrange(len(shape))
    low = -shape[axis] if m.opset >= 11 else 0
    form = m.random.choice([(), (1,), (2,), (2, 2)])
    count = int(np.prod(form))
    picks = [m.random.randrange(low, shape[axis]) for _ in range(count)]
    indices = m.hold(np.array(picks, dtype=np.int64).reshape(form), "int64")
    m.node(
        "Gather", [name, indices], (*shape[:axis], *form, *shape[axis + 1 :]), axis=axis
    )


def pad(m: Maker) -> None:
    name, shape = m.pick(1, 2, 3, 4, 5)
    low = [m.random.choice([0, 0, 1, -1]) for _ in shape]
    high = [m.random.choice([0, 0, 1]) for _ in shape]
    out = tuple(s + a + b for s, a, b in zip(shape, low, high, strict=True))
    filling = m.random.choice([0.0, 0.0, 1.5])
    if m.opset < 11:
        m.node("Pad", [name], out, pads=low + high, value=filling)
        return
    inputs = [name, m.whole(low + high)]
    if filling:
        inputs.append(m.hold(filling))
    m.node("Pad", inputs, out)


def reduce(operator: str, since: int) -> Callable[[Maker], None]:
    def make(m: Maker) -> None:
        name, shape = m.pick(1, 2, 3, 4, 5)
        axes = sorted(
            m.random.sample(range(len(shape)), m.random.randrange(1, len(shape) + 1))
        )
        keep = m.chance()
        if not keep and len(axes) == len(shape):
            raise Skip
        inputs, attributes = _with_axes(m, since, axes)
        out = tuple(
            1 if i in axes else s for i, s in enumerate(shape) if keep or i not in axes
        )
        m.node(operator, [name, *inputs], out, keepdims=int(keep), **attributes)

    return make


def cast(m: Maker) -> None:
    name, shape = m.pick()
    middle = m.name()
    m.nodes.append(helper.make_node("Cast", [name], [middle], to=TensorProto.DOUBLE))
    m.node("Cast", [middle], shape, to=FLOAT)


def filled(m: Maker) -> None:
    if m.opset < 9:
        raise Skip
    name, shape = m.pick()
    made = m.name()
    value = numpy_helper.from_array(np.array([0.375], dtype=np.float32))
    m.nodes.append(
        helper.make_node("ConstantOfShape", [m.whole(shape)], [made], value=value)
    )
    m.node("Add", [name, made], shape)


MAKERS: dict[str, Callable[[Maker], None]] = {
    "Abs": unary("Abs"), "Add": with_constant("Add"), "Add of two": of_two("Add"),
    "AveragePool": pool("AveragePool"), "BatchNormalization": normalisation,
    "Cast": cast, "Clip": clip, "Concat": concat, "ConstantOfShape": filled,
    "Conv": convolution, "Div": with_constant("Div"), "Dropout": unary("Dropout"),
    "Flatten": flatten, "Gather": gather, "Gemm": gemm, "Identity": unary("Identity"),
    "LeakyRelu": leaky, "MatMul": matmul, "Max": extreme("Max"),
    "MaxPool": pool("MaxPool"), "Min": extreme("Min"), "Mul": with_constant("Mul"),
    "Neg": unary("Neg"), "Pad": pad, "Pow": power,
    "ReduceMean": reduce("ReduceMean", 18), "ReduceSum": reduce("ReduceSum", 13),
    "Relu": unary("Relu"), "Reshape": reshape, "Sigmoid": unary("Sigmoid"),
    "Sign": unary("Sign", 9), "Slice": cut, "Split": split, "Squeeze": squeeze,
    "Sub": with_constant("Sub"), "Sub of two": of_two("Sub"), "Tanh": unary("Tanh"),
    "Transpose": transpose, "Unsqueeze": unsqueeze,
}  # fmt: skip


def make_random(seed: int, length: int = 8) -> bytes:
    """A valid model of about `length` operators, the same for the same seed."""
    random = Random(seed)
    m = Maker(random, random.choice(OPSETS))
    for _ in range(1 if random.random() < 0.8 else 2):
        m.input()
    names = list(MAKERS)
    wanted = random.randrange(1, length + 1)
    for _ in range(10 * wanted):
        nodes, weights, tensors = len(m.nodes), len(m.weights), len(m.tensors)
        try:
            MAKERS[random.choice(names)](m)
        except Skip:
            del m.nodes[nodes:], m.weights[weights:], m.tensors[tensors:]
            continue
        wanted -= 1
        if not wanted:
            break
    outputs = [m.tensors[-1]]
    if random.random() < 0.2 and m.tensors[-2] not in m.inputs and len(m.nodes) > 1:
        outputs.append(m.tensors[-2])
    batch = {name: random.random() < 0.2 and shape[0] == 1 for name, shape in m.inputs}
    graph = helper.make_graph(
        m.nodes, "random",
        [
            helper.make_tensor_value_info(
                name, FLOAT, ["batch" if batch[name] else shape[0], *shape[1:]]
            )
            for name, shape in m.inputs
        ],
        [helper.make_tensor_value_info(name, FLOAT, None) for name, _ in outputs],
        m.weights,
    )  # fmt: skip
    opsets = [helper.make_opsetid("", m.opset)]
    model = helper.make_model(graph, opset_imports=opsets, ir_version=7)
    return bytes(model.SerializeToString())
