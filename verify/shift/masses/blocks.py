"""Data cut into blocks of neighbouring losses, so that a proof about many points is linear.

Points are sorted by loss; a block is a run of points, a block above it a run of blocks. All
that a proof needs of a block is its least and largest loss, its mass, and the mean by which
its losses lie above the least: four numbers that add up from block to block, whatever the
budget. So a hundred thousand points are proved about once, in small files, and each
further budget costs only the few blocks that its threshold cuts.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction
from math import lcm
from typing import Final, NamedTuple

LEAF: Final = 128  # points in a block
FAN: Final = 32  # blocks in a block above
MAX_BITS: Final = 1_500  # of a common denominator in a block of points
ZERO: Final = Fraction(0)


class Weighted(NamedTuple):
    """Losses, increasing, with the weight of all data points that have them; `rows` are
    the numbers from 1 of the first such points."""

    rows: tuple[int, ...]
    losses: tuple[Fraction, ...]
    weights: tuple[Fraction, ...]


class Block(NamedTuple):
    """Points `first` to `stop` - 1 of the sorted data, or the blocks that hold them.

    `low` and `high` are the least and the largest loss, `mass` the sum of the weights and
    `excess` the sum of weight * (loss - low). Blocks of points are of level 0.
    """

    level: int
    number: int
    first: int
    stop: int
    low: Fraction
    high: Fraction
    mass: Fraction
    excess: Fraction
    parts: tuple[Block, ...] = ()

    @property
    def name(self) -> str:
        """What the constants of the block end in."""
        return f"{self.level}_{self.number}"


def sort_points(losses: Sequence[Fraction], weights: Sequence[Fraction]) -> Weighted:
    """The data by loss; points of one loss are joined, since only their sum counts."""
    order = sorted(range(len(losses)), key=losses.__getitem__)
    rows, values, masses = list[int](), list[Fraction](), list[Fraction]()
    for place in order:
        if values and values[-1] == losses[place]:
            masses[-1] += weights[place]
        else:
            rows.append(place + 1)
            values.append(losses[place])
            masses.append(weights[place])
    return Weighted(tuple(rows), tuple(values), tuple(masses))


def make_blocks(data: Weighted) -> Block:
    """The one block of all points, with those below it."""
    blocks: list[Block] = []
    for first, stop in cut_runs(data.losses, data.weights, LEAF):
        low = data.losses[first]
        pairs = list(
            zip(data.losses[first:stop], data.weights[first:stop], strict=True)
        )
        mass = sum((weight for _, weight in pairs), ZERO)
        excess = sum(((loss - low) * weight for loss, weight in pairs), ZERO)
        high = data.losses[stop - 1]
        blocks.append(Block(0, len(blocks) + 1, first, stop, low, high, mass, excess))
    level = 0
    while len(blocks) > 1:
        level += 1
        groups = [blocks[k : k + FAN] for k in range(0, len(blocks), FAN)]
        blocks = [_join(level, k, group) for k, group in enumerate(groups, 1)]
    return blocks[0]


def _join(level: int, number: int, parts: Sequence[Block]) -> Block:
    low, last = parts[0].low, parts[-1]
    mass = sum((part.mass for part in parts), ZERO)
    excess = sum((part.excess + (part.low - low) * part.mass for part in parts), ZERO)
    ends = parts[0].first, last.stop, low, last.high
    return Block(level, number, *ends, mass, excess, tuple(parts))


def cut_runs(
    losses: Sequence[Fraction], weights: Sequence[Fraction], most: int
) -> Iterable[tuple[int, int]]:
    """Runs of at most `most` points whose numbers have a common denominator that is not
    long, as first and one past the last."""
    first, common = 0, 1
    for place, (loss, weight) in enumerate(zip(losses, weights, strict=True)):
        joined = lcm(common, loss.denominator * weight.denominator)
        if place - first >= most or (place > first and joined.bit_length() > MAX_BITS):
            yield first, place
            first, joined = place, loss.denominator * weight.denominator
        common = joined
    if losses:
        yield first, len(losses)


def find_excess(data: Weighted, block: Block, threshold: Fraction) -> Fraction:
    """The sum of weight * max(loss - threshold, 0) over a block."""
    if block.high <= threshold:
        return ZERO
    if block.low >= threshold:
        return block.excess + (block.low - threshold) * block.mass
    if block.parts:
        each = (find_excess(data, part, threshold) for part in block.parts)
        return sum(each, ZERO)
    own = range(block.first, block.stop)
    above = (
        (data.losses[k] - threshold) * data.weights[k]
        for k in own
        if data.losses[k] > threshold
    )
    return sum(above, ZERO)


def is_short(numbers: Iterable[Fraction], bits: int) -> bool:
    """Whether every number is short enough to be written in a certificate."""
    return all(
        max(x.numerator.bit_length(), x.denominator.bit_length()) <= bits
        for x in numbers
    )
