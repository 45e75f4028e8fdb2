"""The rows of a query as floats to bound, with nonnegative mixtures of them.

A case is empty over a box once any nonnegative mixture of its rows is negative there.
Mixing before the backward pass beats bounding the rows one by one, since a mixture has a
relaxation of its own: with means and pairwise means a conjunction often takes a twentieth
of the boxes. Sums are exact rationals, rounded once, and what that costs is charged.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import combinations
from typing import Final, NamedTuple

import numpy as np

from verify.networks.boxes.pullback import Blame, bound_rows
from verify.networks.boxes.ranges import Form, Ranges
from verify.networks.boxes.rounding import Array, Precision, round_up
from verify.networks.query import Case, Query

PAIRED: Final = 8  # rows up to which all pairs are mixed


class Goals(NamedTuple):
    """Mixtures of the rows of all cases, side by side.

    `outputs` (outputs, mixtures) and `inputs` hold coefficients, off by at most those of
    `slack_outputs` and `slack_inputs`; `constant` (mixtures,) is rounded up. `closes[k]`:
    a bound of 0 is enough, because a strict row takes part. `multipliers[k]` are those of
    the rows of case `owner[k]`, whose sum is `totals[k]`.
    """

    owner: Array
    multipliers: tuple[tuple[int, ...], ...]
    totals: Array
    outputs: Array
    inputs: Array
    slack_outputs: Array
    slack_inputs: Array
    constant: Array
    closes: Array

    def take(self, chosen: Array) -> Goals:
        """Only these mixtures."""
        return Goals(
            self.owner[chosen],
            tuple(self.multipliers[k] for k in chosen),
            self.totals[chosen],
            self.outputs[:, chosen],
            self.inputs[:, chosen],
            self.slack_outputs[:, chosen],
            self.slack_inputs[:, chosen],
            self.constant[chosen],
            self.closes[chosen],
        )


def list_mixtures(rows: int) -> list[tuple[int, ...]]:
    """Multipliers worth trying for this many rows: each, all, and every two."""
    single = [tuple(int(k == j) for k in range(rows)) for j in range(rows)]
    if rows < 2:
        return single
    pairs = []
    if 2 < rows <= PAIRED:
        pairs = [
            tuple(int(k in pair) for k in range(rows))
            for pair in combinations(range(rows), 2)
        ]
    return [*single, (1,) * rows, *pairs]


def make_goals(query: Query, precision: Precision) -> Goals:
    """The mixtures of every case; a case without rows has none."""
    owner, multipliers, parts = [], [], []
    for index, case in enumerate(query.cases):
        for weights in list_mixtures(len(case.rows)):
            owner.append(index)
            multipliers.append(weights)
            parts.append(_mix(query, case, weights, precision))
    inputs, outputs = query.network.inputs, query.network.outputs
    dtype = precision.dtype
    shape = len(parts), inputs + outputs
    columns = np.array([part[0] for part in parts], dtype).reshape(shape)
    slacks = np.array([part[1] for part in parts], dtype).reshape(shape)
    return Goals(
        np.array(owner, np.int64),
        tuple(multipliers),
        np.array([float(sum(weights)) for weights in multipliers]),
        columns.T[inputs:],
        columns.T[:inputs],
        slacks.T[inputs:],
        slacks.T[:inputs],
        np.array([part[2] for part in parts], dtype),
        np.array([part[3] for part in parts], bool),
    )


def _mix(
    query: Query, case: Case, weights: Sequence[int], precision: Precision
) -> tuple[list[float], list[float], float, bool]:
    """Coefficients over inputs and outputs, their slack, the constant, strictness."""
    offset = query.network.inputs
    sums = [Fraction(0)] * (offset + query.network.outputs)
    constant = Fraction(0)
    strict = False
    for row, weight in zip(case.rows, weights, strict=True):
        if not weight:
            continue
        for index, number in row.inputs:
            sums[index] += weight * number
        for index, number in row.outputs:
            sums[offset + index] += weight * number
        constant += weight * row.constant
        strict = strict or row.strict
    rounded, slack = [], []
    for number in sums:
        near = nearest(number, precision)
        rounded.append(near)
        error = abs(number - Fraction(near)) if np.isfinite(near) else None
        slack.append(np.inf if error is None else raised(error, precision))
    return rounded, slack, raised(constant, precision), strict


def nearest(number: Fraction, precision: Precision) -> float:
    """A float of this precision near `number`; infinite when there is none."""
    try:
        with np.errstate(over="ignore"):
            return float(precision.dtype(float(number)))
    except OverflowError:
        return float(np.inf if number > 0 else -np.inf)


def raised(number: Fraction, precision: Precision) -> float:
    """The number, or the next float of this precision above it."""
    value = round_up(number)
    with np.errstate(over="ignore"):
        cast = precision.dtype(value)
    if float(cast) < value:
        cast = np.nextafter(cast, precision.dtype(np.inf))
    return float(cast)


def bound_goals(ranges: Ranges, goals: Goals, blame: Blame | None = None) -> Form:
    """Bounds from above of the mixtures over every box; NaN is turned into inf."""
    output = ranges.program.network.output
    constant = goals.constant[:, None]
    precision = ranges.program.precision
    with np.errstate(all="ignore"):
        for slack, index in ((goals.slack_outputs, output), (goals.slack_inputs, 0)):
            if slack.any():
                terms = precision.growth(len(slack) + 4)
                cost = slack.T @ ranges.largest[index] * (1 + 4 * terms)
                size = np.abs(constant) + cost
                constant = constant + cost + 4 * precision.unit * size
        starts = [(output, goals.outputs[:, :, None])]
        if goals.inputs.any():
            starts.append((0, goals.inputs[:, :, None]))
        form = bound_rows(ranges, starts, constant, output, blame)
    return form._replace(bound=np.where(np.isfinite(form.bound), form.bound, np.inf))


def bound_mixture(ranges: Ranges, goals: Goals, shares: Array) -> Form:
    """Bounds from above of a mixture of its own for every box.

    `goals` are single rows; `shares` (rows, boxes), not negative, in float64.
    """
    precision = ranges.program.precision
    shares = shares.astype(precision.dtype)
    growth = precision.growth(len(shares) + 8)
    output = ranges.program.network.output
    with np.errstate(all="ignore"):
        constant = goals.constant @ shares
        constant = constant + growth * (np.abs(goals.constant) @ shares)
        starts = []
        for index, columns, slack in (
            (output, goals.outputs, goals.slack_outputs),
            (0, goals.inputs, goals.slack_inputs),
        ):
            if not columns.any() and not slack.any():
                continue
            starts.append((index, (columns @ shares)[:, None, :]))
            lost = (growth * np.abs(columns) + 2 * slack) @ shares
            cost = (lost * ranges.largest[index]).sum(0)
            constant = constant + 2 * cost + 2 * precision.unit * np.abs(constant)
        constant = constant[None] + len(shares) * ranges.dust()
        form = bound_rows(ranges, starts, constant, output)
    return form._replace(bound=np.where(np.isfinite(form.bound), form.bound, np.inf))
