"""Networks without branches, as the affine blocks and activations they consist of.

Splitting phases pays where a network has many inputs and many units, and those are nearly
all chains. There a backward pass holds one row of coefficients at a time, units that are
dead leave every product, and nothing is looked up in a graph.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np

from verify.networks.network import (
    RELU,
    SIGMOID,
    Activation,
    Affine,
    Floats,
    Network,
    Numbers,
)

LARGEST: Final = 1e30  # weights beyond are left to other searches


class Block(NamedTuple):
    """v -> act(weights @ v + bias); `kind` is None where no activation follows.

    `weights` is (rows, columns), each number the float nearest to the exact one.
    """

    weights: Floats
    bias: Floats
    kind: str | None


class Chain(NamedTuple):
    """Blocks from the input to the output; the last has no activation."""

    blocks: tuple[Block, ...]

    @property
    def inputs(self) -> int:
        return int(self.blocks[0].weights.shape[1])

    @property
    def widest(self) -> int:
        """The largest number of terms in any inner product of a pass."""
        return int(max(max(block.weights.shape) for block in self.blocks))


def make_chain(network: Network) -> Chain | str:
    """The blocks of a network, or a sentence saying why it is not such a chain."""
    blocks: list[Block] = []
    pending: Block | None = None
    for index, layer in zip(*_path(network), strict=True):
        name = network.names[index] if index < len(network.names) else f"layer {index}"
        if isinstance(layer, Affine):
            if len(layer.sources) != 1:
                return f"{name} sums several layers; unit splitting takes chains only"
            if pending is not None:
                blocks.append(pending)
            matrix, bias = layer.matrices[0], layer.bias
            if max(_size(matrix), _size(bias)) > LARGEST:
                return f"{name} has weights beyond {LARGEST:g}"
            pending = Block(matrix.floats, bias.floats, None)
        elif isinstance(layer, Activation):
            if layer.kind not in (RELU, SIGMOID):
                return (
                    f"{name} is a {layer.kind}; unit splitting takes relu and sigmoid"
                )
            if pending is None:
                pending = _identity(layer.size)
            blocks.append(pending._replace(kind=layer.kind))
            pending = None
    if pending is None:
        pending = _identity(network.outputs)
    return Chain((*blocks, pending))


def _path(network: Network) -> tuple[list[int], list[Affine | Activation]]:
    """The layers from input to output, following the last source of each."""
    indices: list[int] = []
    layers: list[Affine | Activation] = []
    index = network.output
    while index:
        layer = network.layers[index]
        if not isinstance(layer, Affine | Activation):
            break
        indices.append(index)
        layers.append(layer)
        index = layer.sources[-1] if isinstance(layer, Affine) else layer.source
    return indices[::-1], layers[::-1]


def _size(numbers: Numbers) -> float:
    return float(np.abs(numbers.floats).max(initial=0))


def _identity(size: int) -> Block:
    return Block(np.eye(size), np.zeros(size), None)


def single(chain: Chain) -> Chain:
    """The chain in float32, for searches."""
    kind = np.float32
    return Chain(
        tuple(
            block._replace(
                weights=block.weights.astype(kind), bias=block.bias.astype(kind)
            )
            for block in chain.blocks
        )
    )


def evaluate_blocks(chain: Chain, points: Floats) -> list[Floats]:
    """What every block's activation is given, (points, rows) each, the outputs last.

    `points` is (points, inputs) in any float type; the results are of that type.
    """
    values: list[Floats] = []
    for block in chain.blocks:
        weights = block.weights.astype(points.dtype, copy=False)
        taken = points @ weights.T + block.bias.astype(points.dtype, copy=False)
        values.append(taken)
        points = activate(block.kind, taken)
    return values


def activate(kind: str | None, taken: Floats) -> Floats:
    """The activation of each number."""
    if kind == RELU:
        return np.maximum(taken, 0)
    if kind == SIGMOID:
        return 0.5 * (1 + np.tanh(0.5 * taken))
    return taken
