"""Regions of inputs as a command line states them.

A region is written as parts between semicolons, all of which hold of its points:

    box             the smallest box with all data points; box + 1/2 is wider by that
    box more.csv    the same of the points in another file (two rows: least, most)
    more.csv        the points of that file and no others
    0:16            every input from 0 to 16
    x1 + x2 <= 3    a formula of the claim language over the inputs' names, linear
    region.vnnlib   a VNN-LIB file that speaks of inputs only

Inputs go by their columns' names where these can be names of the claim language, and
always by their place: x1, x2, ... unless a column of that name is elsewhere. Each input
needs a lower and an upper bound in the end, as searches are about boxes with inequalities.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Final, NamedTuple

from verify.kernel.terms import REAL, Symbol
from verify.language.elaborate import parse_formula
from verify.language.errors import ClaimError
from verify.language.limits import MAX_NAME
from verify.language.markdown import decode
from verify.language.names import Scope
from verify.language.precedence import RESERVED
from verify.language.sugar import BUILTIN_FUNCTIONS
from verify.language.tables import read_columns, read_number
from verify.language.things import Unreadable
from verify.networks.errors import ModelError
from verify.networks.files import read_bytes
from verify.networks.properties.constraints import (
    And,
    Formula,
    Or,
    Term,
    add,
    compare,
    make_constant,
    make_variable,
    scale,
)
from verify.networks.properties.properties import Property, make_property
from verify.networks.properties.property_errors import PropertyError
from verify.networks.properties.property_files import read_property_file
from verify.networks.query import Case
from verify.training.circuits.linear import convert_formula

_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z", re.ASCII)
_BOX: Final = re.compile(
    r"box(?:\s+(?P<file>.+\.csv))?(?:\s*\+\s*(?P<margin>[^+\s]+))?\Z"
)
_RANGE: Final = re.compile(r"(?P<low>[^:\s]+)\s*:\s*(?P<high>[^:\s]+)\Z")
MAX_TEXT: Final = 100_000
MAX_POINTS: Final = 64 * 2**20  # bytes of a file of points


class Region(NamedTuple):
    """A set of inputs: the points of any of its cases, boxes with rows on inputs only."""

    text: str
    cases: tuple[Case, ...]

    def contains(self, point: Sequence[Fraction]) -> bool:
        """Whether the point lies in it, exactly."""
        return any(_lies_in(case, point) for case in self.cases)


class Vacant(Unreadable):
    """A region in which no point lies."""


def make_points(points: Sequence[Sequence[Fraction]]) -> Region:
    """The region of these points and no others."""
    return Region("", tuple(Case(tuple(p), tuple(p), ()) for p in points))


def read_region(
    text: str, columns: Sequence[str], points: Sequence[Sequence[Fraction]]
) -> Region:
    """The region that a text states about inputs with these columns and data points.

    Raises Unreadable with a sentence, the part at fault and what to write.
    """
    if len(text) > MAX_TEXT:
        raise Unreadable(
            f"the region has more than {MAX_TEXT:,} characters", "use a file"
        )
    formulas: list[Formula] = []
    for part in map(str.strip, text.split(";")):
        if not part:
            message = "a part of the region is empty"
            raise Unreadable(message, "write box, 0:16, a formula or a file")
        try:
            formulas.append(_read_part(part, columns, points))
        except PropertyError as error:
            raise Unreadable(
                f"the region {part!a}: {error.message}", error.fix
            ) from None
        except ModelError as error:
            raise Unreadable(
                f"the region {part!a}: {error.reason}", error.fix
            ) from None
    try:
        made = make_property(len(columns), 0, formulas, names=columns)
    except PropertyError as error:
        fix = "add box, 0:16 or bounds of your own, with a semicolon between parts"
        raise Unreadable(f"the region {text!a}: {error.message}", fix) from None
    if made.vacuous:
        raise Vacant(f"the region {text!a} has no point", "widen its bounds")
    empty = set(made.empty)
    cases = tuple(case for k, case in enumerate(made.cases) if k not in empty)
    return Region(text, cases)


def _read_part(
    part: str, columns: Sequence[str], points: Sequence[Sequence[Fraction]]
) -> Formula:
    if match := _BOX.match(part):
        margin = Fraction(0)
        if match["margin"] is not None:
            margin = _number(match["margin"], part)
        if match["file"] is not None:
            points = _read_points(match["file"], columns)
        sides = list(zip(*points, strict=True))
        lower = [min(side) - margin for side in sides]
        return _make_box(lower, [max(side) + margin for side in sides])
    if part.endswith((".csv", ".vnnlib", ".vnnlib.gz")):
        return _read_file(part, columns)
    if match := _RANGE.match(part):
        low, high = _number(match["low"], part), _number(match["high"], part)
        return _make_box([low] * len(columns), [high] * len(columns))
    return _read_formula(part, columns)


def _number(text: str, part: str) -> Fraction:
    value = read_number(text)
    if value is None:
        message = f"the region {part!a}: expected a number, got {text!a}"
        raise Unreadable(
            message, "write a decimal such as -0.5, or a fraction such as 1/3"
        )
    return value


def _make_box(lower: Iterable[Fraction], upper: Iterable[Fraction]) -> Formula:
    sides = []
    for index, (low, high) in enumerate(zip(lower, upper, strict=True)):
        variable = make_variable(index)
        sides.append(compare(">=", variable, make_constant(low)))
        sides.append(compare("<=", variable, make_constant(high)))
    return And(tuple(sides))


def find_names(columns: Sequence[str]) -> dict[str, int]:
    """What a formula may call each input: its column's name, its place as x1, x2, ..."""
    names = {
        name: place
        for place, name in enumerate(columns)
        if _NAME.match(name)
        and len(name) <= MAX_NAME
        and name not in RESERVED
        and name not in BUILTIN_FUNCTIONS
    }
    for place in range(len(columns)):
        names.setdefault(f"x{place + 1}", place)
    return names


def _read_formula(text: str, columns: Sequence[str]) -> Formula:
    names = find_names(columns)
    scope = Scope(symbols={name: Symbol(name, (), REAL) for name in names})
    try:
        term = parse_formula(text, scope)
    except ClaimError as error:
        where = f", column {error.column}" if error.column else ""
        message = f"the region {text!a}{where}: {error.message}"
        called = ", ".join(list(names)[:4])
        raise Unreadable(message, f"the inputs are called {called}, ...") from None
    return convert_formula(term, names)


def _read_file(path: str, columns: Sequence[str]) -> Formula:
    if path.endswith(".csv"):
        points = _read_points(path, columns)
        return Or(tuple(_make_box(point, point) for point in points))
    stated = read_property_file(Path(path))
    if not isinstance(stated, Property) or stated.inputs != len(columns):
        message = (
            f"the region {path!a} is no VNN-LIB 1.0 file about {len(columns)} inputs"
        )
        raise Unreadable(
            message, "declare X_0 and so on, or write the bounds as a formula"
        )
    if any(row.outputs for case in stated.cases for row in case.rows):
        message = f"the region {path!a} speaks of outputs"
        raise Unreadable(message, "keep only what it says of inputs")
    return Or(
        tuple(
            And(tuple(_case_formulas(case)))
            for place, case in enumerate(stated.cases)
            if place not in stated.empty
        )
    )


def _read_points(path: str, columns: Sequence[str]) -> tuple[tuple[Fraction, ...], ...]:
    """The inputs of a file of points with these columns; its targets are not looked at."""
    text = decode(path, read_bytes(Path(path), MAX_POINTS))
    points = read_columns(text, path).inputs
    header = text.replace("\r\n", "\n").split("\n")[0].split(",")
    names = [name.strip() for name in header if not name.strip().startswith("y")]
    if names != list(columns):
        message = f"the input columns of {path} are not those of the data"
        start = ",".join(columns[:3])
        raise Unreadable(message, f"begin its header with {start}, ... in that order")
    return points


def _case_formulas(case: Case) -> Iterable[Formula]:
    yield _make_box(case.lower, case.upper)
    for row in case.rows:
        parts = [scale(make_variable(index), value) for index, value in row.inputs]
        term: Term = add([*parts, make_constant(row.constant)])
        yield compare(">" if row.strict else ">=", term, make_constant(Fraction(0)))


def _lies_in(case: Case, point: Sequence[Fraction]) -> bool:
    inside = all(
        low <= x <= high
        for low, x, high in zip(case.lower, point, case.upper, strict=True)
    )
    return inside and all(
        total > 0 if row.strict else total >= 0
        for row in case.rows
        for total in [row.constant + sum(c * point[i] for i, c in row.inputs)]
    )
