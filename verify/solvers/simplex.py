"""Exact simplex over the rationals that explains its conflicts (Dutertre and de Moura, 2006).

Rows say `slack = linear form`; asserting a literal bounds a slack or a variable. Strict
bounds carry an infinitesimal. When no values fit, one row shows why, and its coefficients
are the Farkas multipliers of the literals involved: no linear programme is solved twice.
Everything is a Fraction; Bland's rule makes it end. Used by the certificate search, which
has every conflict checked by the kernel.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fractions import Fraction
from typing import NamedTuple

Form = Mapping[int, Fraction]  # variable -> coefficient
Number = tuple[Fraction, Fraction]  # value and multiple of the infinitesimal

ZERO: Number = (Fraction(0), Fraction(0))


class Bound(NamedTuple):
    """A bound on a variable and the literal that says so; `factor` turns the literal's
    polynomial into (variable - value), so it is negative when the literal runs downward."""

    value: Number
    literal: int
    factor: Fraction


class Conflict(NamedTuple):
    """Literals with multipliers whose combination is a false constant."""

    multipliers: tuple[tuple[int, Fraction], ...]


class Simplex:
    """A tableau over variables numbered from 0; `assert_literal` after `reset`."""

    def __init__(self) -> None:
        self.rows: dict[int, dict[int, Fraction]] = {}  # basic -> over non-basic
        self.columns: dict[int, set[int]] = {}  # non-basic -> basics it occurs in
        self.values: list[Number] = []
        self.lower: dict[int, Bound] = {}
        self.upper: dict[int, Bound] = {}
        self.slacks: dict[tuple[tuple[int, Fraction], ...], int] = {}
        self.pivots = 0

    def variable(self) -> int:
        """A new variable, free and 0."""
        self.values.append(ZERO)
        self.columns[len(self.values) - 1] = set()
        return len(self.values) - 1

    def slack(self, form: Form) -> tuple[int, Fraction]:
        """A variable and a scale with `form = scale * variable`."""
        items = sorted(form.items())
        scale = items[0][1]
        if len(items) == 1:
            return items[0][0], scale
        key = tuple((v, c / scale) for v, c in items)
        if key not in self.slacks:
            row: dict[int, Fraction] = {}
            for v, c in key:
                for inner, d in (
                    self.rows[v].items() if v in self.rows else ((v, Fraction(1)),)
                ):
                    _accumulate(row, inner, c * d)
            made = len(self.values)
            self.values.append(self._evaluate(row))
            self.rows[made] = row
            for v in row:
                self.columns[v].add(made)
            self.slacks[key] = made
        return self.slacks[key], scale

    def _evaluate(self, form: Form) -> Number:
        real = sum((c * self.values[v][0] for v, c in form.items()), Fraction(0))
        small = sum((c * self.values[v][1] for v, c in form.items()), Fraction(0))
        return real, small

    def reset(self) -> None:
        """Drop all bounds; values and tableau stay, for a warm start."""
        self.lower.clear()
        self.upper.clear()

    def assert_literal(
        self, literal: int, kind: str, form: Form, constant: Fraction
    ) -> Conflict | None:
        """Require `form + constant` to be `= 0`, `>= 0` or `> 0`."""
        if not form:
            failed = (
                constant < 0
                or (constant == 0 and kind == ">")
                or (constant != 0 and kind == "=")
            )
            return (
                Conflict(((literal, -constant if kind == "=" else Fraction(1)),))
                if failed
                else None
            )
        variable, scale = self.slack(form)
        value = -constant / scale
        bound = Bound((value, Fraction(0)), literal, 1 / scale)
        if kind == ">":
            bound = bound._replace(value=(value, Fraction(1 if scale > 0 else -1)))
        if kind == "=" or scale > 0:
            conflict = self._bound(variable, bound, upward=True)
            if conflict or kind != "=":
                return conflict
        return self._bound(variable, bound, upward=False)

    def _bound(self, variable: int, bound: Bound, *, upward: bool) -> Conflict | None:
        mine, other = (self.lower, self.upper) if upward else (self.upper, self.lower)
        sign = 1 if upward else -1
        known = mine.get(variable)
        if known and sign * (_compare(known.value, bound.value)) >= 0:
            return None
        mine[variable] = bound
        opposite = other.get(variable)
        if opposite and sign * _compare(bound.value, opposite.value) > 0:
            return self._explain(
                [(variable, Fraction(sign)), (variable, Fraction(-sign))]
            )
        if (
            variable not in self.rows
            and sign * _compare(self.values[variable], bound.value) < 0
        ):
            self._update(variable, bound.value)
        return None

    def _update(self, variable: int, value: Number) -> None:
        old = self.values[variable]
        step = value[0] - old[0], value[1] - old[1]
        self.values[variable] = value
        for basic in self.columns[variable]:
            c = self.rows[basic][variable]
            real, small = self.values[basic]
            self.values[basic] = real + c * step[0], small + c * step[1]

    def check(self) -> Conflict | None:
        """Find values within all bounds, or say why there are none."""
        while True:
            broken = self._broken()
            if broken is None:
                return None
            basic, upward = broken
            row = self.rows[basic]
            target = (self.lower if upward else self.upper)[basic].value
            for variable in sorted(row):
                if self._may_move(variable, upward == (row[variable] > 0)):
                    self._pivot(basic, variable, target)
                    break
            else:
                sign = Fraction(1 if upward else -1)
                return self._explain(
                    [(basic, sign), *((v, -sign * c) for v, c in row.items())]
                )

    def solution(self) -> list[Fraction]:
        """Rational values within all bounds: the infinitesimal made small enough."""
        small = Fraction(1)
        for bounds, sign in ((self.lower, 1), (self.upper, -1)):
            for variable, bound in bounds.items():
                gap = sign * (self.values[variable][0] - bound.value[0])
                slope = sign * (self.values[variable][1] - bound.value[1])
                if slope < 0:
                    small = min(small, gap / -slope)
        return [real + small * infinitesimal for real, infinitesimal in self.values]

    def _broken(self) -> tuple[int, bool] | None:
        """The first basic variable outside its bounds; True when it is too small."""
        for basic in sorted(self.rows):
            value = self.values[basic]
            low, high = self.lower.get(basic), self.upper.get(basic)
            if low and _compare(value, low.value) < 0:
                return basic, True
            if high and _compare(value, high.value) > 0:
                return basic, False
        return None

    def _may_move(self, variable: int, up: bool) -> bool:
        bound = (self.upper if up else self.lower).get(variable)
        return bound is None or _compare(self.values[variable], bound.value) != 0

    def _pivot(self, basic: int, entering: int, target: Number) -> None:
        self.pivots += 1
        row = self.rows.pop(basic)
        c = row.pop(entering)
        old = self.values[basic]
        moved = self.values[entering]
        new_value = (
            moved[0] + (target[0] - old[0]) / c,
            moved[1] + (target[1] - old[1]) / c,
        )
        solved = {v: -d / c for v, d in row.items()}
        solved[basic] = 1 / c
        for v in row:
            self.columns[v].discard(basic)
        users = self.columns.pop(entering)
        users.discard(basic)
        self.columns[basic] = set()
        self.rows[entering] = solved
        for v in solved:
            self.columns[v].add(entering)
        for user in users:
            other = self.rows[user]
            factor = other.pop(entering)
            for v, d in solved.items():
                _accumulate(other, v, factor * d)
                (self.columns[v].add if v in other else self.columns[v].discard)(user)
        self.values[entering] = new_value
        self.values[basic] = target
        for user in users:
            self.values[user] = self._evaluate(self.rows[user])

    def _explain(self, sides: Iterable[tuple[int, Fraction]]) -> Conflict:
        """`sides` are (variable, coefficient): a lower bound where it is positive."""
        total: dict[int, Fraction] = {}
        for variable, coefficient in sides:
            bound = (self.lower if coefficient > 0 else self.upper)[variable]
            _accumulate(total, bound.literal, coefficient * bound.factor)
        return Conflict(tuple(total.items()))


def _accumulate(row: dict[int, Fraction], variable: int, amount: Fraction) -> None:
    value = row.get(variable, Fraction(0)) + amount
    if value:
        row[variable] = value
    else:
        row.pop(variable, None)


def _compare(left: Number, right: Number) -> int:
    return (left > right) - (left < right)
