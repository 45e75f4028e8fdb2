"""`--region` of `verify shift`: where points may move, as a command line states it.

The parts between semicolons are those of `verify circuits` (box, box + 1/2, 0:16, formulas
over the columns' names, files of points or of VNN-LIB), and two more: `hull`, the weighted
means of the data points, and `free`, everything. `A or B` is a union, within a part. What is
read is a union of polytopes with exact numbers; half-spaces that bound an input need no box.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from fractions import Fraction
from itertools import product
from typing import Final

from verify.language.tables import read_number
from verify.language.things import Unreadable
from verify.networks.query import Case
from verify.shift.mistakes import EmptyRegion, ShiftError
from verify.shift.pointwise.hulls import cut_out
from verify.shift.pointwise.polytopes import close_sides
from verify.shift.regions import (
    Half,
    Part,
    Point,
    Region,
    check_region,
    enclose_points,
    intersect,
    make_box,
)
from verify.training.circuits.regions import Vacant
from verify.training.circuits.regions import read_region as read_cases

HULL: Final = "hull"
FREE: Final = "free"
MAX_PARTS: Final = 64
FAR: Final = Fraction(10) ** 30  # sides at this distance are none
FORMS: Final = (
    "write box, box + 1/2, 0:16, hull, free, or inequalities such as x1 + 2*x2 <= 3; "
    "; between parts that all hold, or between those of a union"
)
_WORD: Final = re.compile(r"\bor\b")
_BOX: Final = re.compile(r"box(?:\s*\+\s*(?P<margin>.*))?\Z")


def read_parts(
    text: str, names: Sequence[str], points: Sequence[Point]
) -> tuple[Part, ...]:
    """The union of parts that a text states about inputs with these names and data.

    Raises ShiftError with a sentence, EmptyRegion where no point lies in it.
    """
    choices = []
    for part in map(str.strip, text.split(";")):
        if not part:
            raise ShiftError("a part of the region is empty", FORMS)
        choices.append(_split_union(part))
    found: list[Part] = []
    problem: EmptyRegion | None = None
    if len(list(product(*choices))) > MAX_PARTS:
        raise ShiftError(
            f"the region has more than {MAX_PARTS} parts", "ask about fewer"
        )
    for chosen in product(*choices):
        try:
            found += _cut_hulls(_read_part(chosen, names, points))
        except EmptyRegion as error:
            problem = error
    if not found:
        raise problem or EmptyRegion("the region is empty")
    if len(found) > MAX_PARTS:
        raise ShiftError(
            f"the region has more than {MAX_PARTS} parts", "ask about fewer"
        )
    return tuple(found)


def _split_union(part: str) -> list[str]:
    """What stands between the words `or` that no bracket holds."""
    found, start = [], 0
    for match in _WORD.finditer(part):
        before = part[: match.start()]
        if before.count("(") == before.count(")"):
            found.append(part[start : match.start()].strip())
            start = match.end()
    return [*found, part[start:].strip()]


def _read_part(
    chosen: Sequence[str], names: Sequence[str], points: Sequence[Point]
) -> list[Part]:
    hull = tuple(dict.fromkeys(points)) if HULL in chosen else ()
    words = [one for one in chosen if one not in (HULL, FREE)]
    free = make_box((None,) * len(names), (None,) * len(names))
    if not words:
        return [Part(enclose_points(points) if hull else free, hull)]
    if len(words) == 1 and (simple := _read_simple(words[0], points)) is not None:
        check_region(simple)
        return [Part(simple, hull)]
    for word in words:
        if not re.search(r"[<>=:]|\.(csv|vnnlib)\b", word) and not _BOX.match(word):
            raise ShiftError(f"the region {word!a} is not read", FORMS)
    try:
        read = read_cases("; ".join([*words, f"{-FAR}:{FAR}"]), names, points)
    except Vacant:
        raise EmptyRegion(
            "the region is empty: its bounds contradict each other"
        ) from None
    except Unreadable as error:
        shown = error.message.replace(f"; {-FAR}:{FAR}", "")
        raise ShiftError(shown, error.fix or FORMS) from None
    regions = [_close(_make_region(case), names, points, chosen) for case in read.cases]
    kept = []
    for region in regions:
        try:
            check_region(region)
        except EmptyRegion:
            continue
        kept.append(Part(region, hull))
    if not kept:
        raise EmptyRegion("the region is empty: its half-spaces contradict each other")
    return kept


def _cut_hulls(parts: Sequence[Part]) -> list[Part]:
    """The same parts, hulls of one or two inputs as half-spaces."""
    found = []
    for part in parts:
        shape = cut_out(part.hull) if part.hull else None
        if shape is not None:
            part = Part(intersect(part.region, shape))
            check_region(part.region)
        found.append(part)
    return found


def _read_simple(text: str, points: Sequence[Point]) -> Region | None:
    """box, box + 1/2 and 0:16; None for anything else."""
    box = enclose_points(points)
    if match := _BOX.match(text):
        if match["margin"] is None:
            return box
        if match["margin"].endswith(".csv"):
            return None
        wider = read_number(match["margin"].strip())
        if wider is None or wider < 0:
            raise ShiftError(
                f"the margin {match['margin'].strip()!a} of the region is no number "
                "from 0 on"
            )
        lower = [None if x is None else x - wider for x in box.lower]
        return make_box(lower, [None if x is None else x + wider for x in box.upper])
    low, colon, high = (part.strip() for part in text.partition(":"))
    ends = read_number(low), read_number(high)
    if colon and None not in ends:
        return make_box((ends[0],) * box.size, (ends[1],) * box.size)
    return None


def _make_region(case: Case) -> Region:
    size = len(case.lower)
    halves = []
    for row in case.rows:
        if row.strict:
            raise ShiftError(
                "the region has a strict inequality",
                "write <= or >=: edges belong to it",
            )
        weights = [Fraction(0)] * size
        for place, weight in row.inputs:
            weights[place] = weight
        halves.append(Half(row.constant, tuple(weights)))
    lower = tuple(None if x == -FAR else x for x in case.lower)
    upper = tuple(None if x == FAR else x for x in case.upper)
    return Region(lower, upper, tuple(halves))


def _close(
    region: Region, names: Sequence[str], points: Sequence[Point], chosen: Sequence[str]
) -> Region:
    """The same points with two sides for every input, unless `free` or a hull is asked."""
    closed = close_sides(region)
    if FREE in chosen or HULL in chosen:
        return closed
    sides = zip(names, closed.lower, closed.upper, strict=True)
    for name, low, high in sides:
        if low is None or high is None:
            check_region(closed)
            which = "lower" if low is None else "upper"
            raise ShiftError(
                f"the region gives {name} no {which} side",
                "add box, 0:16 or a bound, with ; between parts, or free to mean it",
            )
    return closed
