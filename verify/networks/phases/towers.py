"""A chain over one box, cut down to the units that matter, ready for many backward passes.

Given bounds of the first layers, a tower keeps their live units, the loose ones (whose
activation is not linear there) first: dead units leave every product, stable ones pass
unchanged, and only the loose columns cost more than a matrix product. The search runs on
a float32 copy; the float64 one, with an `error` per unit that pays for every rounding in
products over it, is for bounds that count (leaf.py). One more layer's bounds make a tower
one storey higher.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np

from verify.networks.boxes.rounding import DOUBLE, Array
from verify.networks.network import RELU, SIGMOID, Floats
from verify.networks.phases.chains import Block, Chain
from verify.networks.phases.curves import Curve, make_curve


class Storey(NamedTuple):
    """Live units of one block, the `loose` first, over the live columns before.

    `weights` (units, columns), `bias` and `error` (units,) are float64; `single`, `turned`
    (its transpose) and `offset` (the bias) float32. `columns` are the places of the loose
    units among all loose units of the tower; `kept` the numbers of the units in the block;
    `curve` is there for sigmoid units, which are all loose.
    """

    kept: Array
    loose: int
    columns: slice
    curve: Curve | None
    weights: Floats
    bias: Floats
    error: Floats
    single: Array
    turned: Array
    offset: Array


class Lines(NamedTuple):
    """What is known of all loose units, (units,), float64.

    Their range [lower, upper]; which `initial` choice to begin with (slopes.py); for
    relus, marked `free`, the line above, above * z + ceiling.
    """

    lower: Floats
    upper: Floats
    initial: Floats
    above: Floats
    ceiling: Floats
    free: Array


NONE: Final = np.zeros(0)
NOTHING: Final = Lines(NONE, NONE, NONE, NONE, NONE, NONE.astype(bool))


class Tower(NamedTuple):
    """Storeys over a box, and the next block's rows over the live units (`head_...`).

    `free` are the numbers of the inputs that vary, `middle` and `radius` their box
    (float64, enclosing); `fixed` is a whole input point to put them in. `magnitude` bounds
    the current columns, `growth` all relative rounding of a pass.
    """

    chain: Chain
    storeys: tuple[Storey, ...]
    lines: Lines
    free: Array
    fixed: Floats
    middle: Floats
    radius: Floats
    head_weights: Floats
    head_bias: Floats
    head_error: Floats
    growth: float

    @property
    def total(self) -> int:
        """How many loose units there are."""
        return len(self.lines.lower)

    @property
    def block(self) -> Block:
        """The block that the head belongs to."""
        return self.chain.blocks[len(self.storeys)]


def find_free(lower: Floats, upper: Floats) -> Array:
    """The inputs whose range is wider than rounding makes it; the others are folded
    into the first block."""
    width = upper - lower
    return np.flatnonzero(width > 1e-9 * (1 + np.abs(lower) + np.abs(upper)))


def start_tower(chain: Chain, lower: Floats, upper: Floats) -> Tower:
    """The tower without storeys over a box of float64 ends, which count as exact.

    Raises ValueError when the chain is too wide for the error analysis.
    """
    terms = chain.widest + 16 + 4 * len(chain.blocks)
    growth = DOUBLE.growth(terms)
    middle = lower + (upper - lower) / 2
    radius = np.maximum(upper - middle, middle - lower) * (1 + 4 * DOUBLE.unit)
    free = find_free(lower, upper)
    rest = np.setdiff1d(np.arange(len(lower)), free)
    block = chain.blocks[0]
    folded = block.weights[:, rest]
    error = growth * (np.abs(block.weights) @ (np.abs(middle) + radius))
    error += growth * np.abs(block.bias)
    error += (1 + growth) * (np.abs(folded) @ radius[rest])
    return Tower(
        chain,
        (),
        NOTHING,
        free,
        middle,
        middle[free],
        radius[free],
        block.weights[:, free],
        block.bias + folded @ middle[rest],
        error * (1 + growth),
        growth,
    )


def add_storey(tower: Tower, lower: Floats, upper: Floats) -> Tower:
    """The tower with the bounds (rows,) of its head's block put to use."""
    block = tower.block
    loose = np.full(len(lower), block.kind is not None)
    alive = np.full(len(lower), True)
    if block.kind == RELU:
        loose = (lower < 0) & (upper > 0)
        alive = upper > 0
    kept = np.concatenate([np.flatnonzero(loose), np.flatnonzero(alive & ~loose)])
    count = int(loose.sum())
    start = tower.total
    weights, bias = tower.head_weights[kept], tower.head_bias[kept]
    single = np.ascontiguousarray(weights.astype(np.float32))
    low, high = lower[kept[:count]], upper[kept[:count]]
    storey = Storey(
        kept,
        count,
        slice(start, start + count),
        make_curve(low, high) if block.kind == SIGMOID else None,
        weights,
        bias,
        tower.head_error[kept],
        single,
        np.ascontiguousarray(single.T),
        bias.astype(np.float32),
    )
    lines = zip(tower.lines, _make_lines(block.kind, low, high), strict=True)
    following = tower.chain.blocks[len(tower.storeys) + 1]
    columns = following.weights[:, kept]
    magnitude = _magnitude(block.kind, lower[kept], upper[kept])
    error = np.abs(columns) @ magnitude + np.abs(following.bias)
    return tower._replace(
        storeys=(*tower.storeys, storey),
        lines=Lines(*(np.concatenate(pair) for pair in lines)),
        head_weights=columns,
        head_bias=following.bias,
        head_error=tower.growth * (1 + tower.growth) * error,
    )


def _magnitude(kind: str | None, lower: Floats, upper: Floats) -> Floats:
    if kind == SIGMOID:
        return np.ones(len(lower))
    return np.maximum(upper, 0) if kind == RELU else np.maximum(-lower, upper)


def _make_lines(kind: str | None, lower: Floats, upper: Floats) -> Lines:
    if kind is None:
        return NOTHING
    if kind == SIGMOID:
        flat = np.zeros(len(lower))
        initial = make_curve(lower, upper).initial
        return Lines(lower, upper, initial, flat, flat, flat.astype(bool))
    above = upper / (upper - lower)
    initial = (upper > -lower).astype(np.float64)
    free = np.full(len(lower), True)
    return Lines(lower, upper, initial, above, -above * lower, free)
