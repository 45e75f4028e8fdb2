"""Networks as everything below the readers sees them: layers over flat vectors.

Whatever a file's operators are, a reader lowers them to four kinds of layer. `Affine` sums
matrices over earlier layers, `Activation` is elementwise, and the order is topological, so
residual connections and products of networks are ordinary. Pooling, clipping, absolute
values and maxima become relu between affine layers; reshaping, slicing and joining become
columns of matrices. Weights are exact: a float32 is a dyadic rational, which a float64 holds.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Final, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.float64]

RELU: Final = "relu"
SIGMOID: Final = "sigmoid"
SIGN: Final = "sign"
KINDS: Final = (RELU, SIGMOID, SIGN)


class Numbers(NamedTuple):
    """An array of exact numbers; `exact` (row by row, flat) is None when the floats are.

    Otherwise each float is the one nearest to its exact number.
    """

    floats: Floats
    exact: tuple[Fraction, ...] | None = None


class Input(NamedTuple):
    """The network's input, `size` numbers."""

    size: int


class Affine(NamedTuple):
    """sum of `matrices[i] @ layers[sources[i]]` plus `bias`; matrices are (size, source)."""

    sources: tuple[int, ...]
    matrices: tuple[Numbers, ...]
    bias: Numbers

    @property
    def size(self) -> int:
        return len(self.bias.floats)


class Activation(NamedTuple):
    """relu, sigmoid or sign (-1, 0, 1) of each number of an earlier layer."""

    kind: str
    source: int
    size: int


Layer: TypeAlias = Input | Affine | Activation


class Network(NamedTuple):
    """Layers in order of evaluation, the input first; `output` is a layer's index.

    `names` is the text of each layer's origin (an ONNX node, `layer 2`), for messages.
    `units` lists the layers whose numbers a claim may call units, in order: unit(f, 1, i)
    is number i - 1 of layer units[0].
    """

    layers: tuple[Layer, ...]
    output: int
    names: tuple[str, ...] = ()
    units: tuple[int, ...] = ()

    @property
    def inputs(self) -> int:
        """How many numbers the network takes."""
        return self.layers[0].size

    @property
    def outputs(self) -> int:
        """How many numbers it gives."""
        return self.layers[self.output].size
