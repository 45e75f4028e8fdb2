"""`verify shift --json`: the question first, a line for each budget, the run last.

Numbers are exact fractions in strings, since few of them are floats. The schema is
generated from the records' own classes and published as docs/schema/shift.schema.json; a
test holds the two together.
"""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import asdict, dataclass
from typing import Any, Final

from verify.language.verdicts import Run
from verify.reports.lipschitz_lines import AtRegion
from verify.reports.schemas import make_line_schema, write_schema
from verify.reports.shift import Told
from verify.shift.curves import Level
from verify.shift.rays.finding import Ray

SCHEMA_ID: Final = "verify/shift.schema.json"


@dataclass(frozen=True, kw_only=True, slots=True)
class Break:
    """Where the curve of the risk bends."""

    budget: str
    risk: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Group:
    """A group of the data, its risk and its mass."""

    name: str
    risk: str
    mass: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Unbounded:
    """From data point `sample` along `direction` output `output` grows by `slope` a step in
    the end, both counted from 1; `begin`, `constant` and `growth` say that from that step on
    the loss (the root of a squared one) is at least constant + growth * step, where the
    kernel has certified it, and are empty otherwise."""

    sample: int
    direction: tuple[str, ...]
    output: int
    slope: str
    begin: str
    constant: str
    growth: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Asked:
    """What was asked: model, data, ball and loss, and what is known of all budgets."""

    type: str = "shift"
    model: str
    data: str
    ball: str
    loss: str
    ground: str
    points: int
    mean: str
    breaks: tuple[Break, ...]
    groups: tuple[Group, ...]
    unbounded: Unbounded | None


@dataclass(frozen=True, kw_only=True, slots=True)
class AtBudget:
    """The worst risk at a budget: attained, and at most (null: no bound was found)."""

    type: str = "level"
    budget: str
    attained: str
    at_most: str | None
    exact: bool
    rate: str
    trust: str


RECORDS: Final = (Asked, AtBudget, AtRegion, Run)
Record = Asked | AtBudget | Run


def render_json(told: Told, versions: dict[str, str]) -> str:
    """Every record on a line of ASCII."""
    question, shift = told.question, told.shift
    asked = Asked(
        model=told.model,
        data=told.data,
        ball=told.ball,
        loss=question.loss,
        ground=question.ground,
        points=len(question.samples),
        mean=str(shift.mean),
        breaks=tuple(Break(budget=str(x), risk=str(y)) for x, y in shift.breaks),
        groups=tuple(
            Group(name=name, risk=str(risk), mass=str(mass))
            for name, risk, mass in shift.groups
        ),
        unbounded=_unbounded(told.ray),
    )
    counts = Counter(_state(level) for level in shift.levels)
    run = Run(
        counts=dict(counts), complete=True, seconds=round(told.seconds, 3),
        versions=versions,
    )  # fmt: skip
    records: tuple[Record, ...] = (asked, *map(_at_budget, shift.levels), run)
    return "".join(
        json.dumps(asdict(record), ensure_ascii=True, allow_nan=False) + "\n"
        for record in records
    )


def _state(level: Level) -> str:
    if level.upper is None:
        return "open"
    return "exact" if level.is_exact else "bounded"


def _unbounded(ray: Ray | None) -> Unbounded | None:
    if ray is None:
        return None
    course = ray.course
    return Unbounded(
        sample=ray.sample + 1,
        direction=tuple(str(x) for x in ray.direction),
        output=ray.output + 1,
        slope=str(ray.slope),
        begin=str(course.begin) if course else "",
        constant=str(course.constant) if course else "",
        growth=str(course.slope) if course else "",
    )


def _at_budget(level: Level) -> AtBudget:
    return AtBudget(
        budget=str(level.budget),
        attained=str(level.lower),
        at_most=None if level.upper is None else str(level.upper),
        exact=level.is_exact,
        rate=str(level.rate),
        trust=level.trust,
    )


def make_schema() -> dict[str, Any]:
    """The JSON schema of a line: one of the records, told apart by `type`."""
    return make_line_schema(RECORDS, SCHEMA_ID, "verify shift --json")


def render_schema() -> str:
    """The schema as the text of its file."""
    return write_schema(make_schema())
