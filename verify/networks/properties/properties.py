"""Properties of a network as files state them: cases, each a box of inputs and rows.

What a file asserts is the condition that must not be reachable, so a point of a case
refutes the property. Bounds on single inputs become the box of a case and must be complete;
everything else becomes rows.
"""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from typing import Final, NamedTuple

from verify.networks.network import Network
from verify.networks.properties.constraints import (
    Conjunction,
    Formula,
    Literal,
    split_cases,
)
from verify.networks.properties.property_errors import LIMIT, PropertyError
from verify.networks.query import Case, Query, Row

MAX_NUMBERS: Final = 5_000_000  # of the boxes of all cases


class Property(NamedTuple):
    """`inputs` and `outputs` as declared; a point of one of the `cases` refutes it.

    `empty` lists the cases whose box holds no point: they can never be met. Alternatives
    that contradict themselves without any variable (`1 <= 0`) are no cases.
    """

    inputs: int
    outputs: int
    cases: tuple[Case, ...]
    empty: tuple[int, ...] = ()

    @property
    def vacuous(self) -> bool:
        """Whether no input at all is in question, whatever the network."""
        return len(self.empty) == len(self.cases)

    def make_query(self, network: Network) -> Query:
        """The property about this network; raises PropertyError if it does not fit."""
        for letter, role, wanted, had in (
            ("X", "input", self.inputs, network.inputs),
            ("Y", "output", self.outputs, network.outputs),
        ):
            if wanted != had:
                raise PropertyError(
                    f"the property declares {wanted} {role}(s) and the network has {had}",
                    fix=f"declare {letter}_0 to {letter}_{had - 1}, "
                    "or take the network the property was written for",
                )
        return Query(network, self.cases)


class _Box:
    """Bounds gathered from literals, and the literals that are none."""

    def __init__(self) -> None:
        self.lower: dict[int, tuple[Fraction, bool]] = {}
        self.upper: dict[int, tuple[Fraction, bool]] = {}
        self.rows: list[Literal] = []

    def copy(self) -> _Box:
        other = _Box()
        other.lower, other.upper = dict(self.lower), dict(self.upper)
        other.rows = list(self.rows)
        return other

    def add(self, literals: Conjunction) -> None:
        """Take every literal: tighten a bound, or keep it as a row."""
        for literal in literals:
            coefficients = literal.term.coefficients
            if len(coefficients) > 1 or min(coefficients) < 0:
                self.rows.append(literal)
                continue
            ((variable, coefficient),) = coefficients.items()
            value = -literal.term.constant / coefficient
            side, sign = (self.lower, 1) if coefficient > 0 else (self.upper, -1)
            old = side.get(variable)
            new = (value, literal.strict)
            if old is None or (sign * value, new[1]) > (sign * old[0], old[1]):
                side[variable] = new

    def is_empty(self) -> bool:
        """Whether some input has no value left."""
        for variable, (low, strict) in self.lower.items():
            high, also = self.upper.get(variable, (low, False))
            if low > high or (low == high and (strict or also)):
                return True
        return False


def make_property(
    inputs: int,
    outputs: int,
    formulas: Iterable[Formula],
    names: Iterable[str] = (),
) -> Property:
    """The property that asserts these formulas; `names` are those of the inputs.

    Raises PropertyError when an input lacks a bound, or there are too many cases.
    """
    shared, alternatives = split_cases(formulas)
    if sum(map(_touches_box, alternatives)) * inputs > MAX_NUMBERS:
        raise PropertyError(
            f"its cases have boxes of more than {MAX_NUMBERS:,} numbers together",
            kind=LIMIT,
            fix="split the property into several files",
        )
    base = _Box()
    base.add(shared)
    called = tuple(names) or tuple(f"X_{index}" for index in range(inputs))
    is_open = len(base.lower) < inputs or len(base.upper) < inputs
    common = None if is_open else _Part(base, inputs)
    cases: list[Case] = []
    empty: list[int] = []
    for number, extra in enumerate(alternatives):
        if common is None or _touches_box(extra):
            box = base.copy()
            box.add(extra)
            where = f" in case {number + 1} of {len(alternatives)}"
            _require_bounds(box, called, where if len(alternatives) > 1 else "")
            part = _Part(box, inputs)
            rows = part.rows
        else:
            part = common
            rows = (*part.rows, *map(_row, extra))
        if part.is_empty:
            empty.append(number)
        cases.append(Case(part.lower, part.upper, rows))
    return Property(inputs, outputs, tuple(cases), tuple(empty))


def _touches_box(literals: Conjunction) -> bool:
    return any(
        len(literal.term.coefficients) == 1 and min(literal.term.coefficients) >= 0
        for literal in literals
    )


class _Part:
    """The tuples of a case, made once for all cases that share them."""

    def __init__(self, box: _Box, inputs: int) -> None:
        self.lower = tuple(box.lower[index][0] for index in range(inputs))
        self.upper = tuple(box.upper[index][0] for index in range(inputs))
        self.is_empty = box.is_empty()
        self.rows = (*_open_ends(box), *map(_row, box.rows))


def _require_bounds(box: _Box, names: tuple[str, ...], where: str) -> None:
    for index, name in enumerate(names):
        for side, word, sign in (
            (box.lower, "lower", ">="),
            (box.upper, "upper", "<="),
        ):
            if index not in side:
                raise PropertyError(
                    f"{name} has no {word} bound{where}",
                    fix=f"add one, such as (assert ({sign} {name} 0))",
                )


def _open_ends(box: _Box) -> list[Row]:
    """Rows for the ends of the box that do not belong to it."""
    ends = [(index, 1, low) for index, (low, strict) in box.lower.items() if strict]
    ends += [
        (index, -1, -high) for index, (high, strict) in box.upper.items() if strict
    ]
    return [
        Row(((index, Fraction(sign)),), (), -value, strict=True)
        for index, sign, value in sorted(ends)
    ]


def _row(literal: Literal) -> Row:
    pairs = sorted(literal.term.coefficients.items())
    outputs = sorted((~variable, value) for variable, value in pairs if variable < 0)
    inputs = tuple(pair for pair in pairs if pair[0] >= 0)
    return Row(inputs, tuple(outputs), literal.term.constant, literal.strict)
