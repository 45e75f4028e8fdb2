"""Data sets in CSV files: a header, then a point a line, every number exact.

Columns whose name begins with `y` are targets; `weight` says how much a point counts, and
`group` names the group that it belongs to; all others are inputs. A field is a decimal
such as -1.50 or 2.5e-3, or a fraction such as 1/3, and means exactly that. There is no
quoting to get wrong: separators are commas, blank space around a field is ignored, and an
empty line ends nothing. Sizes are bounded before a number is built.
"""

from __future__ import annotations

import re
from fractions import Fraction
from typing import Final, NamedTuple

from verify.language import limits
from verify.language.characters import describe, hidden
from verify.language.positions import shorten
from verify.language.things import Unreadable

MAX_ROWS: Final = 100_000
MAX_COLUMNS: Final = 10_000
MAX_FIELDS: Final = 1_000_000
_DECIMAL: Final = re.compile(
    r"(?P<sign>[+-]?)(?P<whole>[0-9]*)(?:\.(?P<part>[0-9]*))?(?:[eE](?P<power>[+-]?[0-9]{1,4}))?\Z",
    re.ASCII,
)
_FRACTION: Final = re.compile(r"([+-]?[0-9]+)\s*/\s*([0-9]+)\Z", re.ASCII)


class Columns(NamedTuple):
    """The inputs and the targets of each row; its weight and group where they are given."""

    inputs: tuple[tuple[Fraction, ...], ...]
    targets: tuple[tuple[Fraction, ...], ...]
    weights: tuple[Fraction, ...] = ()
    groups: tuple[str, ...] = ()


def read_number(text: str) -> Fraction | None:
    """The exact number that a field is; None when it is none, or one too long."""
    if len(text) > 2 * limits.MAX_DIGITS:
        return None
    if match := _FRACTION.match(text):
        above, below = match.groups()
        if max(len(above), len(below)) > limits.MAX_DIGITS or not int(below):
            return None
        return Fraction(int(above), int(below))
    decimal = _DECIMAL.match(text)
    if decimal is None:
        return None
    whole, part = decimal["whole"] or "", decimal["part"] or ""
    power = int(decimal["power"] or 0)
    digits = len(whole) + len(part)
    if not 0 < digits <= limits.MAX_DIGITS or abs(power) > limits.MAX_EXPONENT:
        return None
    value = Fraction(int(whole + part) * (-1 if decimal["sign"] == "-" else 1))
    return value * Fraction(10) ** (power - len(part))


def read_columns(text: str, shown: str) -> Columns:
    """The points of a CSV text; raises Unreadable with the line of the first mistake."""
    lines = text.removeprefix("\ufeff").replace("\r\n", "\n").split("\n")
    header = [word.strip() for word in lines[0].split(",")]
    _check_header(header, shown)
    roles = [_role(name) for name in header]
    weights: list[Fraction] = []
    groups: list[str] = []
    inputs: list[tuple[Fraction, ...]] = []
    targets: list[tuple[Fraction, ...]] = []
    for number, line in enumerate(lines[1:], 2):
        if not line.strip():
            continue
        fields = line.split(",")
        if len(fields) != len(header):
            message = (
                f"{shown}, line {number}: expected {len(header)} numbers, one for each "
                f"column, got {len(fields)}"
            )
            raise Unreadable(message, "write one number a column, between commas")
        size = (len(inputs) + 1) * len(header)
        if len(inputs) >= MAX_ROWS or size > MAX_FIELDS:
            message = f"{shown} has more than {MAX_ROWS} rows or {MAX_FIELDS} numbers"
            raise Unreadable(message, "use a part of it")
        row: dict[str, list[Fraction]] = {"input": [], "target": [], "weight": []}
        for field, role in zip(fields, roles, strict=True):
            if role == "group":
                groups.append(_group(field, shown, number))
            else:
                row[role].append(_number(field, shown, number))
        inputs.append(tuple(row["input"]))
        targets.append(tuple(row["target"]))
        for weight in row["weight"]:
            if weight < 0:
                message = f"{shown}, line {number}: a weight is 0 or more, got {weight}"
                raise Unreadable(message, "a weight says how much a point counts")
            weights.append(weight)
    if not inputs:
        raise Unreadable(f"{shown} has no points", "write one a line, below the header")
    if weights and not any(weights):
        raise Unreadable(f"every weight in {shown} is 0", "give some point a weight")
    return Columns(tuple(inputs), tuple(targets), tuple(weights), tuple(groups))


def _role(name: str) -> str:
    """What a column of that name is."""
    if name in ("weight", "group"):
        return name
    return "target" if name.startswith("y") else "input"


def _group(field: str, shown: str, line: int) -> str:
    """The name of a group; whatever prints, without blanks around it."""
    name = field.strip()
    if not name or len(name) > limits.MAX_NAME or hidden(name) >= 0:
        message = f"{shown}, line {line}: expected the name of a group"
        raise Unreadable(message, "write a word such as young")
    return name


def _check_header(header: list[str], shown: str) -> None:
    if len(header) > MAX_COLUMNS:
        message = f"{shown} has more than {MAX_COLUMNS} columns"
        raise Unreadable(message, "use fewer")
    for name in header:
        if (place := hidden(name)) >= 0:
            char = describe(name[place])
            message = (
                f"the header of {shown} holds a character that does not print: {char}"
            )
            raise Unreadable(message, "delete it")
        if not name or read_number(name) is not None or len(name) > limits.MAX_NAME:
            message = f"the first line of {shown} is no header: {shorten(name)!a}"
            fix = "begin with names such as x1,x2,y: those with y are targets"
            raise Unreadable(message, fix)
    if len(set(header)) < len(header):
        raise Unreadable(f"two columns of {shown} have one name", "rename one")
    if not any(_role(name) == "input" for name in header):
        message = f"no column of {shown} is an input: y..., weight and group are none"
        raise Unreadable(message, "name the inputs x1, x2, ...")


def _number(field: str, shown: str, line: int) -> Fraction:
    value = read_number(field.strip())
    if value is None:
        got = f"{shorten(field.strip())!a}"
        message = f"{shown}, line {line}: expected a number, got {got}"
        fix = "write a decimal such as -0.5 or 2.5e-3, or a fraction such as 1/3"
        raise Unreadable(message, fix)
    return value
