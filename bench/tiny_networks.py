"""Tiny random networks and queries near their maximum, the same ones each time.

He-initialised weights and biases of a tenth, rounded to three decimals, on the box from -1
to 1. A query asks for y1 - y0 at least t, with t the maximum less or plus 3 % of the range
sampled: both answers, neither far. The maximum is that of the mixed-integer programme,
evaluated exactly where it is attained; that nothing is larger, the certificates show.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from fractions import Fraction
from math import sqrt
from pathlib import Path
from typing import NamedTuple

import numpy as np

from verify.networks.certificates.encodings import encode_mixed
from verify.networks.network import Activation, Affine, Input, Layer, Network, Numbers
from verify.networks.query import Case, Query, Row
from verify.networks.values import exact, floats
from verify.solvers.answers import Budget
from verify.solvers.linear import Optimal, solve_linear

SHARE = Fraction(3, 100)


class Tiny(NamedTuple):
    """A query, its name and the answer it was made to have."""

    name: str
    query: Query
    answer: str


def make_network(inputs: int, hidden: tuple[int, ...], seed: int) -> Network:
    """Weights of three decimals, exactly."""
    source = random.Random(seed)
    layers: list[Layer] = [Input(inputs)]
    taken = inputs
    for size in (*hidden, 2):
        width = sqrt(2 / taken)
        weights = [_decimal(source.gauss(0, width)) for _ in range(size * taken)]
        biases = [_decimal(source.gauss(0, 0.1)) for _ in range(size)]
        matrix = _numbers(weights, (size, taken))
        layers.append(Affine((len(layers) - 1,), (matrix,), _numbers(biases, (size,))))
        layers.append(Activation("relu", len(layers) - 1, size))
        taken = size
    return Network(tuple(layers[:-1]), len(layers) - 2)


def _decimal(value: float) -> Fraction:
    return Fraction(round(value * 1000), 1000)


def _numbers(values: list[Fraction], shape: tuple[int, ...]) -> Numbers:
    nearest = np.array([float(value) for value in values]).reshape(shape)
    return Numbers(nearest, tuple(values))


def make_query(network: Network, level: Fraction) -> Query:
    """Is y1 - y0 at least `level` somewhere on the box?"""
    row = Row((), ((0, Fraction(-1)), (1, Fraction(1))), -level)
    side = (Fraction(1),) * network.inputs
    return Query(network, (Case(tuple(-one for one in side), side, (row,)),))


def largest(network: Network, seconds: float) -> Fraction | None:
    """The maximum of y1 - y0 as found, an exact value of the network; None in no time."""
    query = make_query(network, Fraction(0))
    mixed = encode_mixed(query, query.cases[0], objective=True)
    found = solve_linear(mixed.program, Budget(seconds=seconds))
    if not isinstance(found, Optimal):
        return None
    point = tuple(min(max(v, Fraction(-1)), Fraction(1)) for v in found.values)
    values = exact.evaluate(network, point[: network.inputs])
    return values[1] - values[0]


def spread(network: Network) -> Fraction:
    """The range of y1 - y0 over samples, to three decimals."""
    source = np.random.default_rng(0)
    values = floats.evaluate(network, source.uniform(-1, 1, (20_000, network.inputs)))
    differences = values[:, 1] - values[:, 0]
    return _decimal(float(differences.max() - differences.min()))


def make_tiny(
    inputs: tuple[int, ...] = (2, 5),
    hidden: tuple[tuple[int, ...], ...] = ((5, 5), (10, 10), (15, 15), (20, 20)),
    seeds: int = 2,
) -> Iterator[Tiny]:
    """The table of peers.md, smallest first."""
    for count in inputs:
        for sizes in hidden:
            for seed in range(seeds):
                network = make_network(count, sizes, seed)
                most = largest(network, 120)
                if most is None:
                    continue
                for answer, sign in (("sat", -1), ("unsat", 1)):
                    level = _decimal(float(most + sign * SHARE * spread(network)))
                    shape = "x".join(map(str, sizes))
                    name = f"{count}-{shape}-{seed}-{answer}"
                    yield Tiny(name, make_query(network, level), answer)


def write_files(tiny: Tiny, folder: Path) -> tuple[Path, Path]:
    """The query as ONNX (float32 weights) and VNN-LIB 1.0, for tools that read files."""
    import onnx
    from onnx import TensorProto, helper, numpy_helper

    network, (case,) = tiny.query.network, tiny.query.cases
    nodes, constants, name = [], [], "x"
    for place, layer in enumerate(network.layers):
        if isinstance(layer, Affine):
            for kind, numbers in (("w", layer.matrices[0]), ("b", layer.bias)):
                array = numbers.floats.astype(np.float32)
                constants.append(numpy_helper.from_array(array, f"{kind}{place}"))
            given = [name, f"w{place}", f"b{place}"]
            nodes.append(helper.make_node("Gemm", given, [f"v{place}"], transB=1))
            name = f"v{place}"
        elif isinstance(layer, Activation):
            nodes.append(helper.make_node("Relu", [name], [f"v{place}"]))
            name = f"v{place}"
    takes = helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, network.inputs])
    gives = helper.make_tensor_value_info(name, TensorProto.FLOAT, [1, 2])
    graph = helper.make_graph(nodes, "tiny", [takes], [gives], constants)
    opset = helper.make_opsetid("", 13)
    model = folder / f"{tiny.name}.onnx"
    onnx.save(helper.make_model(graph, opset_imports=[opset], ir_version=8), str(model))
    lines = [f"(declare-const X_{i} Real)" for i in range(network.inputs)]
    lines += ["(declare-const Y_0 Real)", "(declare-const Y_1 Real)"]
    for i in range(network.inputs):
        lines += [f"(assert (>= X_{i} -1.0))", f"(assert (<= X_{i} 1.0))"]
    level = -case.rows[0].constant
    lines.append(f"(assert (>= Y_1 (+ Y_0 {float(level)})))")
    stated = folder / f"{tiny.name}.vnnlib"
    stated.write_text("\n".join([*lines, ""]), encoding="utf-8")
    return model, stated
