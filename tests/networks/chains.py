"""Random ONNX graphs of many operators in a chain, for laws about float32 rounding."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any

import numpy as np
from onnx import NodeProto, helper

from tests.networks.onnx_making import make_model

Shape = tuple[int, ...]


class Chain:
    """A model under construction: nodes, constants, and the last tensor's shape."""

    def __init__(self, random: Random, shape: Shape) -> None:
        self.random = random
        self.generator = np.random.default_rng(random.randrange(2**32))
        self.nodes: list[NodeProto] = []
        self.weights: dict[str, Any] = {}
        self.last, self.shape = "x", shape

    def constant(self, *shape: int, whole: Any = None) -> str:
        """The name of a constant: normal numbers of that shape, or whole numbers."""
        name = f"c{len(self.weights)}"
        if whole is None:
            scale = 10.0 ** self.random.uniform(-1, 1)
            drawn = self.generator.normal(scale=scale, size=shape)
            self.weights[name] = drawn.astype(np.float32)
        else:
            self.weights[name] = np.array(whole, np.int64)
        return name

    def node(self, operator: str, *inputs: str, shape: Shape, **given: Any) -> None:
        """Append a node; its output is the last tensor."""
        made = f"t{len(self.nodes)}"
        self.nodes.append(helper.make_node(operator, list(inputs), [made], **given))
        self.last, self.shape = made, shape


def _gemm(chain: Chain) -> None:
    rows, columns = chain.random.randint(1, 6), chain.shape[1]
    names = chain.constant(rows, columns), chain.constant(rows)
    alpha = chain.random.choice((1.0, 1.0, 0.7))
    chain.node("Gemm", chain.last, *names, shape=(1, rows), transB=1, alpha=alpha)


def _matmul(chain: Chain) -> None:
    columns = chain.random.randint(1, 6)
    name = chain.constant(chain.shape[1], columns)
    chain.node("MatMul", chain.last, name, shape=(1, columns))
    if chain.random.random() < 0.7:
        chain.node("Add", chain.last, chain.constant(columns), shape=chain.shape)


def _left_matmul(chain: Chain) -> None:
    size, rows = chain.shape[1], chain.random.randint(1, 4)
    shape = chain.constant(whole=(size, 1))
    chain.node("Reshape", chain.last, shape, shape=(size, 1))
    chain.node("MatMul", chain.constant(rows, size), chain.last, shape=(rows, 1))
    chain.node("Transpose", chain.last, shape=(1, rows), perm=(1, 0))


def _constants(operator: str) -> Callable[[Chain], None]:
    def run(chain: Chain) -> None:
        names = [chain.last, chain.constant(*chain.shape)]
        if operator == "Sub" and chain.random.random() < 0.3:
            names.reverse()
        chain.node(operator, *names, shape=chain.shape)

    return run


def _divide(chain: Chain) -> None:
    name = chain.constant(chain.shape[1])
    chain.weights[name] = np.sign(chain.weights[name]) * (
        np.abs(chain.weights[name]) + np.float32(0.5)
    )
    chain.node("Div", chain.last, name, shape=chain.shape)


def _plain(operator: str, **given: Any) -> Callable[[Chain], None]:
    def run(chain: Chain) -> None:
        chain.node(operator, chain.last, shape=chain.shape, **given)

    return run


def _clip(chain: Chain) -> None:
    low, high = chain.constant(), chain.constant()
    chain.weights[low] = np.float32(-abs(chain.weights[low]))
    chain.weights[high] = np.float32(abs(chain.weights[high]))
    chain.node("Clip", chain.last, low, high, shape=chain.shape)


def _residual(chain: Chain) -> None:
    before, size = chain.last, chain.shape
    chain.node("Relu", before, shape=size)
    chain.node(chain.random.choice(("Add", "Sub")), before, chain.last, shape=size)


def _concat(chain: Chain) -> None:
    before, (_, size) = chain.last, chain.shape
    chain.node("Neg", before, shape=chain.shape)
    names = [before, chain.last, chain.constant(1, 2)]
    chain.node("Concat", *names, shape=(1, 2 * size + 2), axis=1)


def _image(chain: Chain) -> None:
    """Reshape to an image, convolve or pool, and flatten again."""
    side = chain.random.randint(3, 5)
    chain.node(
        "Gemm", chain.last, chain.constant(2 * side * side, chain.shape[1]),
        shape=(1, 2 * side * side), transB=1,
    )  # fmt: skip
    shape = chain.constant(whole=(1, 2, side, side))
    chain.node("Reshape", chain.last, shape, shape=(1, 2, side, side))
    operator = chain.random.choice(("Conv", "AveragePool", "MaxPool"))
    pads = chain.random.choice(((0, 0, 0, 0), (1, 1, 1, 1), (0, 1, 1, 0)))
    stride = chain.random.randint(1, 2)
    out = [(side + pads[i] + pads[i + 2] - 2) // stride + 1 for i in (0, 1)]
    given = {"kernel_shape": (2, 2), "pads": pads, "strides": (stride, stride)}
    names = [chain.last]
    if operator == "Conv":
        names += [chain.constant(2, 2, 2, 2), chain.constant(2)]
    chain.node(operator, *names, shape=(1, 2, *out), **given)
    chain.node("Flatten", chain.last, shape=(1, 2 * out[0] * out[1]))


def _reduce(chain: Chain) -> None:
    before, (_, size) = chain.last, chain.shape
    axes = {"axes": (1,), "keepdims": 1}
    chain.node("ReduceMean", before, shape=(1, 1), **axes)
    chain.node("Concat", before, chain.last, shape=(1, size + 1), axis=1)


LINKS: tuple[Callable[[Chain], None], ...] = (
    _gemm, _matmul, _left_matmul, _constants("Add"), _constants("Sub"),
    _constants("Mul"), _constants("Max"), _constants("Min"), _divide, _plain("Relu"),
    _plain("Abs"), _plain("Neg"), _plain("LeakyRelu", alpha=0.1), _clip, _residual,
    _concat, _image, _reduce,
)  # fmt: skip


def random_chain(random: Random, *, longest: int = 7) -> tuple[bytes, int]:
    """A model of up to `longest` links, and how many inputs it takes."""
    inputs = random.randint(1, 5)
    chain = Chain(random, (1, inputs))
    _gemm(chain)
    for _ in range(random.randint(0, longest)):
        random.choice(LINKS)(chain)
        if chain.shape[1] > 40:
            _gemm(chain)
    nodes = [*chain.nodes, helper.make_node("Identity", [chain.last], ["y"])]
    model = make_model(nodes, chain.weights, (1, inputs), chain.shape)
    return bytes(model.SerializeToString()), inputs
