"""Families of networks whose truth is known by construction, over the reals and beyond.

Each instance asks whether a point of a box makes the outputs meet some rows. Whether one
does is known exactly, a point is given where one does, and `float32` lists what may be
said of float32 engines: the families are those on which float arithmetic goes wrong.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction
from itertools import product
from random import Random
from typing import NamedTuple

import numpy as np

from tests.networks.onnx_making import dense
from verify.networks.float32.semantics import (
    ANY_ORDER,
    NO_INPUT,
    NOT_FINITE,
    NOT_KNOWN,
    NOT_REPRODUCED,
    REPLAYED,
    VIOLATED,
)
from verify.networks.query import Case, Query, Row
from verify.networks.reading.onnx_reader import Model, read_network

DIVERGES = (VIOLATED,)
UNCLEAR = (NOT_KNOWN, VIOLATED)
Number = int | float | Fraction
Point = tuple[Fraction, ...]


class Instance(NamedTuple):
    """A model and a case; `point` lies in the case, or None: the case is empty."""

    name: str
    model: bytes
    case: Case
    point: Point | None
    float32: tuple[str, ...]


def at_least(number: Number, output: int = 0, *, strict: bool = False) -> Row:
    """y >= number, or y > number."""
    return Row((), ((output, Fraction(1)),), -Fraction(number), strict)


def at_most(number: Number, output: int = 0, *, strict: bool = False) -> Row:
    """y <= number, or y < number."""
    return Row((), ((output, Fraction(-1)),), Fraction(number), strict)


def box(*ends: tuple[Number, Number], rows: tuple[Row, ...]) -> Case:
    """A case; the numbers are taken exactly."""
    low, high = (tuple(Fraction(pair[side]) for pair in ends) for side in (0, 1))
    return Case(low, high, rows)


def single(number: float) -> Fraction:
    """The float32 number next to `number`, exactly."""
    return Fraction(float(np.float32(number)))


def absorb(random: Random) -> Iterator[Instance]:
    """W1: (x + 2^k) - 2^k is x, and 0 in float32."""
    above = random.randint(1, 30)
    big, unit = 2.0 ** (24 + above), Fraction(2) ** above
    model = dense(([[1]], [big]), ([[1]], [-big]))
    ends = (unit / 4, unit / 2)
    yield Instance(
        "absorb empty", model, box(ends, rows=(at_most(unit / 8),)), None, DIVERGES
    )
    found = box(ends, rows=(at_least(unit / 8),))
    yield Instance("absorb point", model, found, (unit / 3,), (NOT_REPRODUCED,))


def order(random: Random) -> Iterator[Instance]:
    """W2: B - B + x is x in one order of summation and 0 in another."""
    big = 2.0 ** random.randint(26, 100)
    model = dense(([[big, -big, 1]], [0]))
    ends = ((1, 1), (1, 1), (Fraction(1, 4), Fraction(3, 4)))
    empty = box(*ends, rows=(at_most(Fraction(1, 8)),))
    yield Instance("order empty", model, empty, None, DIVERGES)
    point = (Fraction(1), Fraction(1), Fraction(1, 3))
    found = box(*ends, rows=(at_least(Fraction(1, 8)),))
    yield Instance("order point", model, found, point, (REPLAYED,))


def cancel(random: Random) -> Iterator[Instance]:
    """W3: 2^60 x - 2^60 x + m is m, through one to five layers, m of both signs."""
    big, depth = 2.0**60, random.randint(0, 4)
    for sign in (1, -1):
        m = sign * Fraction(random.randint(1, 7), 8)
        between = [([[1, 0], [0, 1]], [0, 0])] * depth
        last = ([[1, -1]], [float(m)])
        model = dense(([[big], [big]], [0, 0]), *between, last)
        away = at_most(0) if sign > 0 else at_least(0)
        near = at_least(0) if sign > 0 else at_most(0)
        empty, found = (box((1, 2), rows=(row,)) for row in (away, near))
        yield Instance(f"cancel empty {depth}", model, empty, None, DIVERGES)
        yield Instance(f"cancel point {depth}", model, found, (Fraction(4, 3),),
                       (REPLAYED,))  # fmt: skip


def overflow(random: Random) -> Iterator[Instance]:
    """W4: 3e38 x twice, minus the same twice, is 0; float32 overflows on the way."""
    big = random.uniform(2.9e38, 3.1e38)
    model = dense(([[big]], [0]), ([[1], [1], [1], [1]], [0] * 4),
                  ([[1, 1, -1, -1]], [0]))  # fmt: skip
    ends = (Fraction(1), Fraction(11, 10))
    empty = box(ends, rows=(at_least(1),))
    yield Instance("overflow empty", model, empty, None, (NOT_FINITE,))
    found = box(ends, rows=(at_least(0),))
    yield Instance("overflow point", model, found, (Fraction(1),), (NOT_FINITE,))


def subnormal(random: Random) -> Iterator[Instance]:
    """W6: a product through 1e-40, which float32 holds with few bits."""
    small, less, large = 1e-30, 1e-10 * random.uniform(0.9, 1.1), 1e38
    model = dense(([[small]], [0]), ([[less]], [0]), ([[large]], [0]))
    true = single(small) * single(less) * single(large)
    product_ = np.float32(np.float32(small) * np.float32(less)) * np.float32(large)
    rounded = Fraction(float(product_))
    between = (true + rounded) / 2
    away, near = at_most(between), at_least(between)
    if rounded > true:
        away, near = near, away
    diverges = DIVERGES if rounded != true else UNCLEAR
    yield Instance("subnormal empty", model, box((1, 1), rows=(away,)), None, diverges)
    yield Instance("subnormal point", model, box((1, 1), rows=(near,)), (Fraction(1),),
                   (NOT_REPRODUCED, REPLAYED))  # fmt: skip


def unrepresentable(random: Random) -> Iterator[Instance]:
    """W7: boxes that hold no float32 number, one, or two."""
    model = dense(([[1]], [0]))
    tenth = Fraction(random.choice((1, 3, 7, 9)), 10)
    at = box((tenth, tenth), rows=(at_least(tenth),))
    yield Instance("narrow point", model, at, (tenth,), (NO_INPUT,))
    over = box((tenth, tenth), rows=(at_least(tenth, strict=True),))
    yield Instance("narrow empty", model, over, None, (NO_INPUT,))
    start = single(random.uniform(1, 2))
    step = Fraction(1, 2**23)
    gap = (start + step / 4, start + step * 3 / 4)
    between = box(gap, rows=(at_least(0),))
    yield Instance("gap point", model, between, (gap[0],), (NO_INPUT,))
    one = (start - step / 4, start + step / 4)
    around = box(one, rows=(at_least(start),))
    yield Instance("one point", model, around, (one[1],), (REPLAYED,))
    two = box((start, start + step), rows=(at_least(start + step, strict=True),))
    yield Instance("two empty", model, two, None, (NOT_KNOWN,))


def decimal(random: Random) -> Iterator[Instance]:
    """W8: weights are float32 numbers, limits are decimals, and they are not the same."""
    text = random.choice(
        ("0.1", "0.3", "0.7", "1.1", "0." + "3" * 40, "2.7182818284590")
    )
    weight, limit = single(float(text)), Fraction(text)
    model = dense(([[float(text)]], [0]))
    above = weight > limit
    near = at_least(limit) if above else at_most(limit)
    away = at_most(limit) if above else at_least(limit)
    point = box((1, 1), rows=(near,))
    yield Instance(f"decimal {text}", model, point, (Fraction(1),), (REPLAYED,))
    yield Instance(f"decimal {text} empty", model, box((1, 1), rows=(away,)), None,
                   (NOT_KNOWN,))  # fmt: skip
    zero = dense(([[-0.0]], [-0.0]))
    tiny = Fraction(1, 10**320)
    none = box((-1, 1), rows=(at_least(tiny),))
    yield Instance("tiny empty", zero, none, None, (NOT_KNOWN,))
    some = box((-1, 1), rows=(at_most(tiny), at_least(0)))
    yield Instance("minus zero", zero, some, (Fraction(0),), (REPLAYED,))


def knife_edge(random: Random) -> Iterator[Instance]:
    """W9: ten times float32(0.1) is 67108865/67108864."""
    terms = random.choice((10, 20, 40))
    model = dense(([[0.1] * terms], [0]))
    ends = [(1, 1)] * terms
    limit = Fraction(terms, 10)
    point = (Fraction(1),) * terms
    over = box(*ends, rows=(at_least(limit, strict=True),))
    yield Instance("knife-edge point", model, over, point, (REPLAYED, NOT_REPRODUCED))
    yield Instance("knife-edge empty", model, box(*ends, rows=(at_most(limit),)), None,
                   UNCLEAR)  # fmt: skip


def planted(random: Random) -> Iterator[Instance]:
    """W10: only a cell of side 2^-k around a random place reaches the height 1."""
    bits = random.randint(10, 20)
    scale = 2.0**bits
    places = [random.randint(1, 2**bits - 1) for _ in range(2)]
    first = [[scale * (i == j) for j in range(2)] for i in range(2) for _ in range(3)]
    shifts = [shift - place for place in places for shift in (1, 0, -1)]
    model = dense((first, shifts), ([[1, -2, 1, 1, -2, 1]], [-1]), ([[1]], [0]))
    ends = ((0, 1), (0, 1))
    peak = tuple(Fraction(place, 2**bits) for place in places)
    found = box(*ends, rows=(at_least(Fraction(1, 2)),))
    yield Instance(f"planted {bits}", model, found, peak, (REPLAYED,))
    over = box(*ends, rows=(at_least(1 + Fraction(1, 1024)),))
    yield Instance(f"planted {bits} empty", model, over, None, (NOT_KNOWN,))


def satisfiability(random: Random) -> Iterator[Instance]:
    """W11: a formula in conjunctive normal form; the sum is n + m where it is satisfied."""
    variables = random.randint(2, 5)
    clauses = random_clauses(random, variables, random.randint(3, 4 * variables))
    found = satisfy_by_trying(variables, clauses)
    case = satisfied_case(variables, clauses)
    point = None if found is None else tuple(map(Fraction, found))
    tag = (NOT_KNOWN,) if found is None else (REPLAYED,)
    name = f"clauses {variables} {len(clauses)}"
    yield Instance(name, satisfiability_model(variables, clauses), case, point, tag)


Clause = tuple[int, ...]  # 3 is the third variable, -3 its negation


def random_clauses(random: Random, variables: int, count: int) -> tuple[Clause, ...]:
    """Clauses of up to three different variables."""
    return tuple(
        tuple(
            variable * random.choice((1, -1))
            for variable in random.sample(range(1, variables + 1), min(3, variables))
        )
        for _ in range(count)
    )


def satisfy_by_trying(
    variables: int, clauses: tuple[Clause, ...]
) -> tuple[int, ...] | None:
    """An assignment of 0 and 1, found by trying all."""
    for values in product((0, 1), repeat=variables):
        if all(
            any(values[abs(v) - 1] == (v > 0) for v in clause) for clause in clauses
        ):
            return values
    return None


def satisfied_case(variables: int, clauses: tuple[Clause, ...]) -> Case:
    """Every variable 0 or 1 and every clause true."""
    return box(*[(0, 1)] * variables, rows=(at_least(variables + len(clauses)),))


def satisfiability_model(variables: int, clauses: tuple[Clause, ...]) -> bytes:
    """|2x - 1| for each variable, 1 - relu(1 - its literals) for each clause, summed.

    Every term is at most 1, so the sum is the number of terms only where each is 1: the
    variables are then 0 or 1 and the clauses true.
    """
    rows, shifts, last = [], [], []
    for variable in range(variables):
        for sign in (1, -1):
            rows.append([2 * sign * (variable == other) for other in range(variables)])
            shifts.append(-sign)
            last.append(1)
    for clause in clauses:
        row = [0] * variables
        for literal in clause:
            row[abs(literal) - 1] -= 1 if literal > 0 else -1
        rows.append(row)
        shifts.append(1 - sum(literal < 0 for literal in clause))
        last.append(-1)
    return dense((rows, shifts), ([last], [len(clauses)]))


def tie(random: Random) -> Iterator[Instance]:
    """W12: equal outputs; >= holds where > does not."""
    weight = random.uniform(0.1, 3)
    model = dense(([[weight], [weight]], [0, 0]))
    for strict in (False, True):
        row = Row((), ((0, Fraction(1)), (1, Fraction(-1))), Fraction(0), strict)
        case = box((-1, 1), rows=(row,))
        point = None if strict else (Fraction(1, 3),)
        tag = (NOT_KNOWN,) if strict else (REPLAYED,)
        yield Instance("tie empty" if strict else "tie point", model, case, point, tag)


def dead(random: Random) -> Iterator[Instance]:
    """W13: layers of zeros, one unit, inputs that do not matter, output = input."""
    zeros = dense(([[0, 0]] * 3, [0, 0, 0]), ([[0, 0, 0]], [0]))
    ends = ((-1, 1), (-1, 1))
    half = Fraction(1, 2)
    yield Instance("zeros empty", zeros, box(*ends, rows=(at_least(half),)), None,
                   (ANY_ORDER, NOT_KNOWN))  # fmt: skip
    yield Instance("zeros point", zeros, box(*ends, rows=(at_most(0),)),
                   (Fraction(0), half), (REPLAYED,))  # fmt: skip
    loose = dense(([[1, 0]], [0]), ([[1]], [0]))
    yield Instance("loose input", loose, box(*ends, rows=(at_least(1),)),
                   (Fraction(1), half), (REPLAYED,))  # fmt: skip
    same = dense(([[1]], [0]))
    over = box((-1, 1), rows=(at_least(2),))
    yield Instance("output is input", same, over, None, (ANY_ORDER, NOT_KNOWN))


def comfortable(random: Random) -> Iterator[Instance]:
    """Not one of the W: random networks far from their limits, any order being known."""
    generator = np.random.default_rng(random.randrange(2**32))
    first, second = generator.normal(size=(8, 3)), generator.normal(size=(1, 8))
    model = dense((first, [0] * 8), (second, [0]))
    high = float((np.abs(second) @ np.abs(first)).sum())
    over = box(*[(-1, 1)] * 3, rows=(at_least(Fraction(high) + 1),))
    yield Instance("comfortable", model, over, None, (ANY_ORDER, NOT_KNOWN))


Generator = Callable[[Random], Iterator[Instance]]
FAMILIES: dict[str, Generator] = {
    "W1": absorb, "W2": order, "W3": cancel, "W4": overflow, "W6": subnormal,
    "W7": unrepresentable, "W8": decimal, "W9": knife_edge, "W10": planted,
    "W11": satisfiability, "W12": tie, "W13": dead, "wide": comfortable,
}  # fmt: skip


def instances(family: str, seed: int) -> list[Instance]:
    """The family's instances for a seed."""
    return list(FAMILIES[family](Random(f"{family} {seed}")))


def make_query(instance: Instance) -> tuple[Query, Model]:
    """The instance as a query, with its model."""
    model = read_network(instance.model)
    return Query(model.network, (instance.case,)), model
