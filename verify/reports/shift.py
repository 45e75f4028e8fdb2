"""`verify shift` in words, as JSON lines, and its worst distributions as CSV."""

from __future__ import annotations

import json
from collections.abc import Sequence
from fractions import Fraction
from typing import Any, Final, NamedTuple

from verify.language.verdicts import Table
from verify.networks.records import write_number
from verify.reports.characters import escape
from verify.reports.grids import render_table
from verify.reports.lines import Line, Look, Span, line
from verify.shift.curves import Level, Shift
from verify.shift.rays import Ray
from verify.shift.transport import Question

MAX_MOVES: Final = 8  # moves of mass that are shown
DIGITS: Final = 6
LONG: Final = 14  # characters of a number; longer ones are shown rounded


class Told(NamedTuple):
    """All that a report tells: files, question, what was found, and in how long."""

    model: str
    data: str
    question: Question
    ball: str
    shift: Shift
    ray: Ray | None
    seconds: float


def _short(value: Fraction) -> str:
    text = str(value) if value.denominator == 1 else write_number(value)
    return text if len(text) <= LONG else f"~{float(value):.{DIGITS}g}"


def render_shift(told: Told, look: Look, written: Sequence[str]) -> tuple[Line, ...]:
    """The report: what was asked, a table of budgets, who moves where, what to do next."""
    question, shift = told.question, told.shift
    count = len(question.samples)
    where = f", {question.ground} distance" if told.ball == "wasserstein" else ""
    out = [
        line(Span(escape(told.model), "document"), f": {question.loss} risk over "
             f"{count} data point{'s' * (count != 1)} of ",
             Span(escape(told.data), "document")),
        line(f"ball: {told.ball}{where}; mean loss of the data: {_short(shift.mean)}"),
    ]  # fmt: skip
    if told.ray is not None:
        return (*out, *_ray(told.ray))
    out += _levels(told, look)
    if shift.groups:
        rows = [(name, _short(risk), _short(mass)) for name, risk, mass in shift.groups]
        table = Table(
            title="groups", header=("group", "risk", "mass"), rows=tuple(rows)
        )
        out += render_table(table, look, 2)
        out.append(line("  a mixture has at most the risk of its worst group"))
    elif shift.levels:
        out += _moves(told, shift.levels[-1], look)
    out += [line(f"  {escape(text)}") for text in written]
    out.append(line(Span(f"  {told.seconds:.1f} s", "time")))
    out.append(line("  Next: ", Span(_next(told, written), "command")))
    return tuple(out)


def _levels(told: Told, look: Look) -> tuple[Line, ...]:
    rows: list[tuple[str, ...]] = []
    for level in told.shift.levels:
        upper = "not bounded" if level.upper is None else _short(level.upper)
        known = "exact" if level.is_exact else _gap(level)
        rows.append(
            (_short(level.budget), _short(level.lower), upper, known, level.trust)
        )
    header: tuple[str, ...] = ("budget", "attained", "at most", "", "trust")
    if told.ball in ("mixture", "region"):
        rows = [row[1:] for row in rows]
        header = header[1:]
    return render_table(Table(title="", header=header, rows=tuple(rows)), look, 2)


def _gap(level: Level) -> str:
    if level.upper is None:
        return "open"
    return f"within {float(level.upper - level.lower):.2g}"


def _moves(told: Told, level: Level, look: Look) -> tuple[Line, ...]:
    samples = told.question.samples
    rows: list[tuple[str, ...]] = []
    header: tuple[str, ...]
    if told.ball in ("wasserstein", "region"):
        moved = [one for one in level.masses if one.distance]
        moved.sort(key=lambda one: -one.mass * one.distance)
        for one in moved[:MAX_MOVES]:
            start = samples[one.sample].point
            steps = [
                (abs(b - a), k, a, b)
                for k, (a, b) in enumerate(zip(start, one.point, strict=True))
                if a != b
            ]
            steps.sort(reverse=True)
            shown = ", ".join(
                f"x{k + 1} {_short(a)} to {_short(b)}" for _, k, a, b in steps[:3]
            )
            more = f", {len(steps) - 3} more" if len(steps) > 3 else ""
            rows.append((
                str(one.sample + 1), _short(one.mass), _short(one.distance),
                _short(one.loss), shown + more,
            ))  # fmt: skip
        header = ("point", "mass", "distance", "loss", "inputs that move")
        title = f"mass moved at budget {_short(level.budget)}"
    else:
        gained = [
            (one.mass - samples[one.sample].weight, one)
            for one in level.masses
            if one.mass > samples[one.sample].weight
        ]
        gained.sort(key=lambda pair: -pair[0])
        rows = [
            (str(one.sample + 1), _short(gain), _short(one.loss))
            for gain, one in gained[:MAX_MOVES]
        ]
        header = ("point", "gains", "loss")
        title = f"mass gained at budget {_short(level.budget)}"
    if not rows:
        return (line("  no mass moves"),)
    return render_table(Table(title=title, header=header, rows=tuple(rows)), look, 2)


def _ray(ray: Ray) -> tuple[Line, ...]:
    shown = ", ".join(_short(x) for x in ray.direction[:8])
    more = ", ..." if len(ray.direction) > 8 else ""
    return (
        line(Span("  unbounded", "refuted"), ": the risk exceeds every number"),
        line(f"  from data point {ray.sample + 1} along ({shown}{more}), inside the region, "
             f"output {ray.output + 1} grows by {_short(ray.slope)} a step in the end"),
        line("  Next: ", Span("give the region bounds, such as --region box", "command")),
    )  # fmt: skip


def _next(told: Told, written: Sequence[str]) -> str:
    asked = f"verify shift {escape(told.model)} {escape(told.data)} --ball {told.ball}"
    if any(not level.is_exact for level in told.shift.levels):
        return f"{asked} --gap 0 (or a smaller number), with a longer --timeout"
    if told.shift.answers and not any("certificates" in text for text in written):
        return f"{asked} --evidence evidence; verify replay evidence"
    return f"{asked} --worst worst.csv --plot curve.svg"


def render_json(told: Told) -> str:
    """JSON lines: a record `shift`, a record `level` for each budget, a record `run`."""
    question, shift = told.question, told.shift
    head: dict[str, Any] = {
        "type": "shift",
        "model": told.model,
        "data": told.data,
        "ball": told.ball,
        "loss": question.loss,
        "ground": question.ground,
        "points": len(question.samples),
        "mean": str(shift.mean),
        "breaks": [[str(x), str(y)] for x, y in shift.breaks],
        "groups": [[n, str(r), str(m)] for n, r, m in shift.groups],
        "unbounded": _ray_record(told.ray),
    }
    records = [head, *(_level_record(level) for level in shift.levels)]
    records.append({"type": "run", "complete": True, "seconds": round(told.seconds, 3)})
    return "".join(json.dumps(record) + "\n" for record in records)


def _ray_record(ray: Ray | None) -> dict[str, Any] | None:
    if ray is None:
        return None
    return {
        "sample": ray.sample + 1,
        "direction": [str(x) for x in ray.direction],
        "output": ray.output + 1,
        "slope": str(ray.slope),
    }


def _level_record(level: Level) -> dict[str, Any]:
    return {
        "type": "level",
        "budget": str(level.budget),
        "attained": str(level.lower),
        "at_most": None if level.upper is None else str(level.upper),
        "exact": level.is_exact,
        "rate": str(level.rate),
        "trust": level.trust,
    }


def render_csv(told: Told) -> str:
    """The worst distribution at each budget, exactly: a line for each mass and place."""
    size = len(told.question.samples[0].point)
    names = [f"x{k + 1}" for k in range(size)]
    lines = [",".join(["budget", "weight", "row", "distance", "loss", *names])]
    for level in told.shift.levels:
        for one in level.masses:
            numbers = [level.budget, one.mass, one.sample + 1, one.distance, one.loss]
            lines.append(",".join(map(str, [*numbers, *one.point])))
    return "\n".join([*lines, ""])
