"""How far float32 can be from the reals, whatever the order of its sums.

A sum of n products, each operation rounded to nearest, in any order, with or without
fused multiply-add, errs by at most gamma(n) times the sum of |weight| |value|, where
gamma(n) = n u / (1 - n u) and u = 2^-24 (Higham, Accuracy and Stability of Numerical
Algorithms, sections 3.1 and 4.2). This is followed through the file's own operators. Engines
also merge linear operators: a bias starts the sum, a scale moves into the weights. So
rounding is counted along whole linear chains, against the absolute flow through them, and
settled at the next relu or maximum, which are exact and do not widen a distance. Every
operand and result may be flushed to zero below 2^-126. Overflow is excluded, or there is
no bound.

Each tensor that is no part of such a merger is computed once, and whatever reads it reads
the same numbers. `rounding_flow` has the arithmetic, all of it float64 rounded outward.

Not covered: other number formats (TF32, bfloat16, quantised weights), other algorithms for
products (Strassen, Winograd, FFT), other directions of rounding, weights whose products
with each other underflow. Sigmoid, tanh, powers and normalisation have no bound here, for
libraries round them as they like.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import NamedTuple, TypeAlias

import numpy as np

from verify.networks.boxes.rounding import round_down, round_up
from verify.networks.float32.rounding_flow import (
    ERROR,
    FLUSH,
    LARGEST,
    NoBound,
    RoundingArithmetic,
)
from verify.networks.float32.shared_boxes import shared_boxes
from verify.networks.float32.singles import single_box
from verify.networks.float32.walking import walk
from verify.networks.float32.walking_sums import OPERATORS
from verify.networks.query import Case, Query
from verify.networks.reading.graph import Graph

Point: TypeAlias = tuple[Fraction, ...]
Known: TypeAlias = dict[tuple[Point, Point], Point]  # bounds of boxes


def rounding_bound(
    graph: Graph, lower: Sequence[Fraction], upper: Sequence[Fraction]
) -> tuple[Fraction, ...]:
    """For each output, how far float32 can be from the reals on float32 inputs of a box.

    The box must not be empty. Raises NotWalked (NoBound) when no bound is known.
    """
    low = np.array([round_down(number) for number in lower])
    high = np.array([round_up(number) for number in upper])
    if (low < -LARGEST).any() or (high > LARGEST).any():
        raise NoBound("the box reaches beyond float32")
    arithmetic = RoundingArithmetic()
    with np.errstate(all="ignore"):
        box = arithmetic.start(low, high)
        made = arithmetic.settle(walk(graph, box, arithmetic, OPERATORS))
    errors = made[ERROR] + FLUSH
    if not np.isfinite(errors).all():
        raise NoBound("the bound on rounding is not finite")
    return tuple(Fraction(error) for error in errors.tolist())


def row_errors(query: Query, graph: Graph) -> tuple[tuple[Fraction, ...], ...]:
    """For each case, how far each row's value in float32 can be from the real one.

    A case without float32 inputs has no rows to speak of and gives (). Raises NotWalked
    when no bound is known.
    """
    found: dict[int, tuple[Fraction, ...]] = {}
    for shared in shared_boxes(query):
        if single_box(shared.case) is not None:
            bound = rounding_bound(graph, shared.lower, shared.upper)
            for number in shared.cases:
                found[number] = _errors_of_rows(query.cases[number], bound)
    return tuple(found.get(number, ()) for number in range(len(query.cases)))


def _errors_of_rows(case: Case, bound: Sequence[Fraction]) -> tuple[Fraction, ...]:
    return tuple(
        sum((abs(c) * bound[index] for index, c in row.outputs), Fraction(0))
        for row in case.rows
    )


def widen(query: Query, graph: Graph, pieces: int = 1) -> Query:
    """The query with every row relaxed by what float32 can add to it.

    If it is empty, no float32 input of a box meets the rows of its case in any order of
    summation, and neither does a real one. Boxes are halved until there are `pieces` cases,
    because the bound of a part is smaller than that of the whole. Cases without float32
    inputs stay as they are. Raises NotWalked when no bound is known.
    """
    known: Known = {}
    waiting = [_relax(case, graph, known) for case in query.cases]
    while len(waiting) < pieces:
        worst = max(range(len(waiting)), key=lambda index: waiting[index].error)
        if waiting[worst].error == 0:
            break
        halves = _halves(waiting[worst].case)
        waiting[worst : worst + 1] = [_relax(part, graph, known) for part in halves]
    return query._replace(cases=tuple(one.relaxed for one in waiting))


class _Relaxed(NamedTuple):
    case: Case
    relaxed: Case
    error: Fraction  # the largest of its rows; 0 if halving the box is of no use


def _relax(case: Case, graph: Graph, known: Known) -> _Relaxed:
    if single_box(case) is None:
        return _Relaxed(case, case, Fraction(0))
    box = case.lower, case.upper
    if box not in known:
        known[box] = rounding_bound(graph, *box)
    errors = _errors_of_rows(case, known[box])
    rows = tuple(
        row._replace(constant=row.constant + error)
        for row, error in zip(case.rows, errors, strict=True)
    )
    largest = max(errors, default=Fraction(0))
    same = case.lower == case.upper
    return _Relaxed(case, case._replace(rows=rows), Fraction(0) if same else largest)


def _halves(case: Case) -> tuple[Case, Case]:
    """Both halves of the box, across its longest side."""
    sides = [high - low for low, high in zip(case.lower, case.upper, strict=True)]
    longest = sides.index(max(sides))
    middle = (case.lower[longest] + case.upper[longest]) / 2
    upper, lower = list(case.upper), list(case.lower)
    upper[longest] = lower[longest] = middle
    return case._replace(upper=tuple(upper)), case._replace(lower=tuple(lower))
