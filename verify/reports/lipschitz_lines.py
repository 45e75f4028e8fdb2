"""`verify shift --lipschitz --json`: a line for each constant, the run last.

The records are part of docs/schema/shift.schema.json; numbers are exact fractions in strings.
"""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import asdict, dataclass

from verify.language.verdicts import Run
from verify.reports.shift_lipschitz import Constant, ToldLipschitz, find_state
from verify.shift.lipschitz.pieces import Pair


@dataclass(frozen=True, kw_only=True, slots=True)
class Steepest:
    """Two points on which output `output`, counted from 1, changes by `change`."""

    start: tuple[str, ...]
    end: tuple[str, ...]
    output: int
    change: str
    distance: str


@dataclass(frozen=True, kw_only=True, slots=True)
class AtRegion:
    """A Lipschitz constant: attained by the pair, and at most (null: no bound was found).

    `point` is the data point, counted from 1, within whose radius it holds; null for the
    whole region. `pair` is null where no output changes at all.
    """

    type: str = "lipschitz"
    model: str
    data: str
    region: str
    ground: str
    within: str | None
    point: int | None
    attained: str
    at_most: str | None
    exact: bool
    trust: str
    pair: Steepest | None


def render_json(told: ToldLipschitz, versions: dict[str, str]) -> str:
    """Every record on a line of ASCII."""
    counts = Counter(find_state(one.found) for one in told.constants)
    run = Run(
        counts=dict(counts), complete=True, seconds=round(told.seconds, 3),
        versions=versions,
    )  # fmt: skip
    records: list[AtRegion | Run] = [_at_region(told, one) for one in told.constants]
    return "".join(
        json.dumps(asdict(record), ensure_ascii=True, allow_nan=False) + "\n"
        for record in (*records, run)
    )


def _at_region(told: ToldLipschitz, one: Constant) -> AtRegion:
    found = one.found
    return AtRegion(
        model=told.model,
        data=told.data,
        region=told.region,
        ground=told.ground,
        within=None if told.within is None else str(told.within),
        point=None if one.sample is None else one.sample + 1,
        attained=str(found.lower),
        at_most=None if found.upper is None else str(found.upper),
        exact=found.is_exact,
        trust=one.trust,
        pair=None if found.pair is None else _pair(found.pair),
    )


def _pair(pair: Pair) -> Steepest:
    return Steepest(
        start=tuple(map(str, pair.start)),
        end=tuple(map(str, pair.end)),
        output=pair.output + 1,
        change=str(pair.change),
        distance=str(pair.distance),
    )
