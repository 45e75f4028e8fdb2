"""A network made ready for bounds: its weights in one precision, and who reads whom."""

from __future__ import annotations

from itertools import pairwise
from typing import NamedTuple

import numpy as np

from verify.networks.boxes.rounding import Array, Precision
from verify.networks.network import Activation, Affine, Network, Numbers

SPARE = (
    12  # roundings beside those of the products: weights, sums over readers, charges
)


class Weights(NamedTuple):
    """An affine layer in one precision; `growth` pays for all rounding in its products.

    Matrices are (size, source), `bias` is (size, 1); `terms` is the length of the sums.
    """

    sources: tuple[int, ...]
    matrices: tuple[Array, ...]
    magnitudes: tuple[Array, ...]
    bias: Array
    growth: float
    terms: int


class Program(NamedTuple):
    """A network in one precision.

    `folded[k]`: layer k is affine and read by one activation only, which takes its charges
    along. `sparse[k]`: layer k is an activation of a folded layer, read by affine layers
    only, so that dead units can be left out. `bounded` are the affine layers before
    activations that do not read the input alone: those whose bounds are worth keeping;
    `spans` is where their units lie in a packed array of `units` rows.
    """

    network: Network
    precision: Precision
    weights: tuple[Weights | None, ...]
    folded: tuple[bool, ...]
    sparse: tuple[bool, ...]
    bounded: tuple[int, ...]
    spans: tuple[slice, ...]
    units: int


def list_readers(network: Network) -> list[list[int]]:
    """For each layer the layers that read it."""
    readers: list[list[int]] = [[] for _ in network.layers]
    for index, layer in enumerate(network.layers):
        if isinstance(layer, Affine):
            for source in layer.sources:
                readers[source].append(index)
        elif isinstance(layer, Activation):
            readers[layer.source].append(index)
    return readers


def make_program(network: Network, precision: Precision) -> Program:
    """Raises ValueError where a weight does not fit in this precision."""
    layers = network.layers
    readers = list_readers(network)
    weights = tuple(
        make_weights(network, layer, precision, readers)
        if isinstance(layer, Affine)
        else None
        for layer in layers
    )
    folded, sparse = [], []
    for index, layer in enumerate(layers):
        follows = [isinstance(layers[k], Activation) for k in readers[index]]
        inner = bool(follows) and index != network.output
        folded.append(isinstance(layer, Affine) and inner and follows == [True])
        sparse.append(
            isinstance(layer, Activation)
            and inner
            and not any(follows)
            and folded[layer.source]
        )
    bounded = []
    for index, layer in enumerate(layers):
        read = any(isinstance(layers[k], Activation) for k in readers[index])
        if isinstance(layer, Affine) and read and any(layer.sources):
            bounded.append(index)
    ends = np.cumsum([0, *(layers[k].size for k in bounded)]).tolist()
    spans = tuple(slice(*pair) for pair in pairwise(ends))
    return Program(
        network,
        precision,
        weights,
        tuple(folded),
        tuple(sparse),
        tuple(bounded),
        spans,
        ends[-1],
    )


def make_weights(
    network: Network, layer: Affine, precision: Precision, readers: list[list[int]]
) -> Weights:
    """An affine layer's numbers, each within one unit of roundoff or `smallest`."""

    def cast(numbers: Numbers) -> Array:
        with np.errstate(over="ignore"):
            array = numbers.floats.astype(precision.dtype)
        if not np.isfinite(array).all():
            raise ValueError("a weight is not finite in this precision")
        return np.ascontiguousarray(array)

    matrices = tuple(cast(matrix) for matrix in layer.matrices)
    terms = max(layer.size, sum(network.layers[k].size for k in layer.sources))
    most = max((len(readers[source]) for source in layer.sources), default=0)
    return Weights(
        layer.sources,
        matrices,
        tuple(np.abs(matrix) for matrix in matrices),
        cast(layer.bias)[:, None],
        precision.growth(terms + most + SPARE),
        terms,
    )
