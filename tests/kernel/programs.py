"""Random networks, programs and cells, with an evaluation of their own."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from random import Random

from verify.kernel.cells import ONE, Cell, Cells
from verify.kernel.exponential import bound_sigmoid
from verify.kernel.networks import Network, Program, Row, Unit, Weights

KINDS = ("relu", "relu", "relu", "linear", "sign")
Point = list[Fraction]


def make_rational(random: Random) -> Fraction:
    """Small, dyadic, decimal, tiny or huge."""
    kind = random.randrange(5)
    if kind == 0:
        return Fraction(random.randint(-3, 3))
    if kind == 1:
        return Fraction(random.randint(-9, 9), 2 ** random.randint(0, 40))
    if kind == 2:
        return Fraction(random.randint(-5_000, 5_000), 1_000)
    if kind == 3:
        return Fraction(random.randint(-9, 9), random.choice((3, 7, 10**30)))
    return Fraction(random.random() * 10 ** random.randint(-9, 9) - 1)


def make_weights(random: Random, below: int) -> Weights:
    variables = sorted(random.sample(range(below), random.randint(0, min(below, 4))))
    return tuple((v, make_rational(random) or Fraction(1)) for v in variables)


def make_unit(random: Random, below: int, kinds: Sequence[str] = KINDS) -> Unit:
    weights = make_weights(random, below)
    return Unit(random.choice(kinds), make_rational(random), weights)


def make_network(random: Random, name: str) -> Network:
    inputs = random.randint(0, 3)
    units = []
    for _ in range(random.randint(0 if inputs else 1, 6)):
        units.append(make_unit(random, inputs + len(units)))
    count = inputs + len(units)
    names = [name, *(f"{name}.{i}" for i in range(random.randint(0, 3)))]
    outputs = tuple((one, random.randrange(count)) for one in names)
    return Network(inputs, tuple(units), outputs)


def values_of(program: Program, point: Sequence[Fraction]) -> tuple[Point, Point]:
    """What each variable is at a point, and what each unit takes (sigmoid: below)."""
    values, taken = [*point], [*point]
    for unit in program.units:
        z = unit.bias + sum((w * values[v] for v, w in unit.weights), Fraction(0))
        taken.append(z)
        values.append(value_of(unit.kind, z))
    return values, taken


def value_of(kind: str, z: Fraction) -> Fraction:
    match kind:
        case "relu":
            return z if z > 0 else Fraction(0)
        case "sign":
            return Fraction((z > 0) - (z < 0))
        case "sigmoid":
            return bound_sigmoid(z, -1)
        case _:
            return z


def row_value(row: Row, values: Sequence[Fraction]) -> Fraction:
    return row.constant + sum((w * values[v] for v, w in row.weights), Fraction(0))


def make_program(random: Random, kinds: Sequence[str] = KINDS) -> tuple[Program, Point]:
    """A program whose rows all hold at the point that comes with it."""
    inputs = random.randint(0, 3)
    point = [make_rational(random) for _ in range(inputs)]
    units: list[Unit] = []
    for _ in range(random.randint(1, 8)):
        units.append(make_unit(random, inputs + len(units), kinds))
    program = Program(tuple(units), (), ((None, None),) * inputs)
    values, _ = values_of(program, point)
    rows = []
    for _ in range(random.randint(0, 3)):
        weights = make_weights(random, len(values))
        slack = abs(make_rational(random))
        at = sum((w * values[v] for v, w in weights), Fraction(0))
        rows.append(Row(slack - at, weights, bool(slack) and random.random() < 0.5))
    box = tuple(
        (
            None if random.random() < 0.2 else x - abs(make_rational(random)),
            None if random.random() < 0.2 else x + abs(make_rational(random)),
        )
        for x in point
    )
    return Program(tuple(units), tuple(rows), box), point


def phases_at(program: Program, point: Point, random: Random) -> dict[int, int]:
    """Signs of some relu units, as they are at the point."""
    _, taken = values_of(program, point)
    first = len(point)
    return {
        j: 1 if taken[j] > 0 or (taken[j] == 0 and random.random() < 0.5) else -1
        for j, unit in enumerate(program.units, first)
        if unit.kind == "relu" and random.random() < 0.4
    }


def contains(cells: Cells, cell: Cell, values: Point, taken: Point) -> bool:
    """Whether the bounds of the cell hold of the values."""

    def within(low: int | None, value: Fraction, high: int | None) -> bool:
        scaled = value * cells.bound
        return (low is None or low <= scaled) and (high is None or scaled <= high)

    inner = zip(cell.below, taken, cell.above, strict=True)
    outer = zip(cell.low, values, cell.high, strict=True)
    units = [*inner][cells.inputs :]
    return all(within(*one) for one in (*outer, *units))


def make_slopes(random: Random, program: Program) -> dict[int, int]:
    first = len(program.box)
    count = len(program.units)
    return {
        first + j: random.choice((0, ONE, random.randint(0, ONE)))
        for j in range(count)
        if random.random() < 0.5
    }
