"""The kernel's certificate of a Lipschitz constant: one network, applied twice.

    x, y in the region and |x_j - y_j| <= u_j  ->  f(x) - f(y) <= L * (sum of u)

with one u for all inputs under linf. Both orders of x and y are in it, so the absolute value
is. A line from x to y crosses many pieces, so the tree splits both copies of every relu:
small networks only. What has no certificate keeps the trust of its search.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Final

from verify.networks.certificates.certifying import (
    Evidence,
    NoCertificate,
    find_evidence,
)
from verify.networks.network import Activation, Affine, Input, Network
from verify.networks.query import Case, Query, Row
from verify.shift.mistakes import ShiftError
from verify.shift.pointwise.charts import make_numbers
from verify.shift.regions import Region

MAX_RELUS: Final = 12
MAX_INPUTS: Final = 6
SECONDS: Final = 10.0
ZERO: Final = Fraction(0)
ONE: Final = Fraction(1)
Layer = Input | Affine | Activation


def is_small(network: Network) -> bool:
    """Whether a certificate is worth trying."""
    units = sum(layer.size for layer in network.layers if isinstance(layer, Activation))
    return units <= MAX_RELUS and network.inputs <= MAX_INPUTS


def certify_constant(
    network: Network, region: Region, norm: str, constant: Fraction, deadline: float
) -> Evidence | NoCertificate:
    """The checked certificate, by `deadline`, a time.monotonic() value.

    Raises ShiftError for a region without bounds, SoundnessAlarm when the kernel rejects
    what was made.
    """
    return find_evidence(make_query(network, region, norm, constant), deadline)


def make_query(
    network: Network, region: Region, norm: str, constant: Fraction
) -> Query:
    """Is there a pair in the region on which some output changes by more than `constant`
    times the distance? Inputs are x, then y, then the numbers u."""
    if not region.is_bounded:
        raise ShiftError("a region without bounds", "give every input two sides")
    size = network.inputs
    extra = size if norm == "l1" else 1
    lower = [side or ZERO for side in region.lower]
    upper = [side or ZERO for side in region.upper]
    widths = [high - low for low, high in zip(lower, upper, strict=True)]
    most = widths if norm == "l1" else [max(widths)]
    rows = []
    for j in range(size):
        place = 2 * size + (j if norm == "l1" else 0)
        for sign in (1, -1):
            pairs = ((j, Fraction(sign)), (size + j, Fraction(-sign)), (place, ONE))
            rows.append(Row(pairs, (), ZERO))
    for half in region.halves:
        for shift in (0, size):
            weights = tuple((shift + j, w) for j, w in enumerate(half.weights) if w)
            rows.append(Row(weights, (), half.constant))
    box_low = (*lower, *lower, *(ZERO for _ in range(extra)))
    box_high = (*upper, *upper, *most)
    cases = tuple(
        Case(box_low, box_high, (*rows, Row((), ((k, ONE),), ZERO, strict=True)))
        for k in range(network.outputs)
    )
    return Query(_make_difference(network, extra, constant), cases)


def _make_difference(network: Network, extra: int, constant: Fraction) -> Network:
    """f(x) - f(y) - constant * (sum of u), output by output."""
    size = network.inputs
    layers: list[Layer] = [Input(2 * size + extra)]
    first = _add_copy(layers, network, 0)
    second = _add_copy(layers, network, size)
    outputs = network.outputs
    plus = [ONE if j == k else ZERO for k in range(outputs) for j in range(outputs)]
    less = [
        -constant if j >= 2 * size else ZERO
        for _ in range(outputs)
        for j in range(2 * size + extra)
    ]
    matrices = (
        make_numbers(plus, (outputs, outputs)),
        make_numbers([-x for x in plus], (outputs, outputs)),
        make_numbers(less, (outputs, 2 * size + extra)),
    )
    zeros = make_numbers([ZERO] * outputs, (outputs,))
    layers.append(Affine((first, second, 0), matrices, zeros))
    return Network(tuple(layers), len(layers) - 1)


def _add_copy(layers: list[Layer], network: Network, shift: int) -> int:
    """The network on its inputs from `shift` on; the layer of its outputs."""
    size, width = network.inputs, layers[0].size
    base = len(layers)
    picked = [
        ONE if k == shift + j else ZERO for j in range(size) for k in range(width)
    ]
    zeros = make_numbers([ZERO] * size, (size,))
    layers.append(Affine((0,), (make_numbers(picked, (size, width)),), zeros))
    for layer in network.layers[1:]:
        if isinstance(layer, Affine):
            sources = tuple(source + base for source in layer.sources)
            layers.append(layer._replace(sources=sources))
        elif isinstance(layer, Activation):
            layers.append(layer._replace(source=layer.source + base))
        else:
            raise ShiftError("a network with two inputs", "join them into one")
    return base + network.output
