"""`verify shift` in words, and its worst distributions as CSV."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction
from typing import Final, NamedTuple

from verify.language.verdicts import Table
from verify.networks.records import write_number
from verify.reports.characters import escape
from verify.reports.grids import render_table
from verify.reports.lines import Line, Look, Span, line
from verify.shift.curves import PLAIN, Level, Shift
from verify.shift.losses import SQUARED
from verify.shift.questions import Question
from verify.shift.rays.finding import Ray
from verify.shift.rays.proving import Course

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
    if question.label_price is not None:
        where += f", labels at a price of {_short(question.label_price)}"
    out = [
        line(Span(escape(told.model), "document"), f": {question.loss} risk over "
             f"{count} data point{'s' * (count != 1)} of ",
             Span(escape(told.data), "document")),
        line(f"ball: {told.ball}{where}; mean loss of the data: {_short(shift.mean)}"),
    ]  # fmt: skip
    if told.ray is not None:
        return (*out, *_ray(told.ray, written, squared=question.loss == SQUARED))
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
            start, target = samples[one.sample].point, samples[one.sample].target
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
            if one.target and one.target != target:
                label = f"label {_short(target[0])} to {_short(one.target[0])}"
                shown = f"{label}, {shown}" if shown else label
            rows.append((
                str(one.sample + 1), _short(one.mass), _short(one.distance),
                _short(one.loss), shown + more,
            ))  # fmt: skip
        header = ("point", "mass", "distance", "loss", "what moves")
        title = f"mass moved at budget {_short(level.budget)}"
        if told.ball == "region":
            title = "where points end up"
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


def _ray(ray: Ray, written: Sequence[str], *, squared: bool) -> tuple[Line, ...]:
    shown = ", ".join(_short(x) for x in ray.direction[:8])
    more = ", ..." if len(ray.direction) > 8 else ""
    shown_by = render_course(ray.course, squared=squared) if ray.course else ""
    return (
        line(Span("  unbounded", "refuted"), ": the risk exceeds every number"),
        line(f"  from data point {ray.sample + 1} along ({shown}{more}), inside the region, "
             f"output {ray.output + 1} grows by {_short(ray.slope)} a step in the end"),
        *([line(f"  {shown_by}")] if shown_by else []),
        *[line(f"  {escape(text)}") for text in written],
        line("  Next: ", Span("give the region bounds, such as --region box", "command")),
    )  # fmt: skip


def render_course(course: Course, *, squared: bool) -> str:
    """How a loss grows along a ray, in words."""
    what = "the root of its loss" if squared else "its loss"
    return (
        f"from step {_short(course.begin)} on {what} is at least "
        f"{_short(course.constant)} + {_short(course.slope)} * step (certified)"
    )


def render_checked(
    rows: Iterable[tuple[Fraction, Fraction, Fraction | None]], what: str, look: Look
) -> tuple[Line, ...]:
    """What evidence was found to show, by budgets or by data points."""
    cells = [
        (_short(of), _short(low), "not bounded" if high is None else _short(high))
        for of, low, high in rows
    ]
    header = (what, "attained", "at most")
    return render_table(Table(title="", header=header, rows=tuple(cells)), look, 2)


def _next(told: Told, written: Sequence[str]) -> str:
    asked = f"verify shift {escape(told.model)} {escape(told.data)} --ball {told.ball}"
    if any(not level.is_exact for level in told.shift.levels):
        return f"{asked} --gap 0 (or a smaller number), with a longer --timeout"
    if any(level.trust == PLAIN for level in told.shift.levels):
        return f"{asked} --evidence evidence, for the word of the kernel"
    if told.shift.answers and not any("certificates" in text for text in written):
        return f"{asked} --evidence evidence; verify replay evidence"
    return f"{asked} --worst worst.csv --plot curve.svg"


def render_csv(told: Told) -> str:
    """The worst distribution at each budget, exactly: a line for each mass and place."""
    size = len(told.question.samples[0].point)
    names = [f"x{k + 1}" for k in range(size)]
    labelled = told.question.label_price is not None
    given = ["distance", "loss", *["label"] * labelled, *names]
    lines = [",".join(["budget", "weight", "row", *given])]
    for level in told.shift.levels:
        for one in level.masses:
            numbers = [level.budget, one.mass, one.sample + 1, one.distance, one.loss]
            if labelled:
                numbers += one.target or told.question.samples[one.sample].target
            lines.append(",".join(map(str, [*numbers, *one.point])))
    return "\n".join([*lines, ""])
