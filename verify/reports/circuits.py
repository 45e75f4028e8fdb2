"""What a person reads of `verify circuits`: the files, the silent units, what could be.

A table of units (silent on the data, and what they do elsewhere), a sentence for each
witness, and a table of sets with the loss before and after. Every line says who stands for
it: `certified` or `rigorous`. Numbers are short here and exact in the JSON.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Final

from verify.language.verdicts import Table
from verify.networks.properties.numerals import round_decimal
from verify.reports import words
from verify.reports.characters import escape, wrap
from verify.reports.grids import render_table
from verify.reports.lines import Line, Look, Span, line
from verify.reports.networks import render_network
from verify.reports.points import shorten
from verify.training.circuits.records import (
    InRegion,
    Replacement,
    Report,
    Subject,
    Unit,
    UnitSet,
    Witness,
)

DIGITS: Final = 7
MAX_UNITS: Final = 40  # rows of a table on the terminal; the JSON has all
MAX_MOVED: Final = 4  # inputs that a sentence names
MAX_OUTPUTS: Final = 3
MAX_NAMED: Final = 8  # units of a set


def render_subject(subject: Subject) -> tuple[Line, ...]:
    """The files, the loss and the regions."""
    kind = "class labels" if subject.labels else "values"
    points = f"{subject.points:,} point{'' if subject.points == 1 else 's'}"
    loss = f"{subject.loss_name} loss"
    if subject.loss:
        loss += f" {round_number(subject.loss)}"
    lines = [
        render_network(subject.model, subject.network),
        line(Span(escape(subject.data), "document"), f": {points}, {kind}; {loss}"),
    ]
    for name, region in (("training", subject.train), ("deployment", subject.deploy)):
        if region:
            lines.append(line(f"{name} region: {escape(region)}"))
    lines += [line(Span(f"note: {escape(note)}", "notes")) for note in subject.notes]
    return tuple(lines)


def render_report(report: Report, look: Look) -> tuple[Line, ...]:
    """The tables and sentences below the subject."""
    out: list[Line] = []
    silent = [unit for unit in report.units if unit.data.standing != "acts"]
    total = len(report.units)
    if not silent:
        out.append(
            line(f"No unit is silent on the data: all {total:,} act (rigorous).")
        )
    else:
        out += [line(""), *_render_units(silent, report.subject, look)]
        rest = total - len(silent)
        out.append(
            line(f"      {rest:,} of {total:,} units act on the data (rigorous)")
        )
    out += _render_witnesses(report, look)
    out += _render_layers(report)
    if report.sets:
        out += [line(""), *_render_sets(report.sets, look)]
    return tuple(out)


def _render_units(
    units: Sequence[Unit], subject: Subject, look: Look
) -> tuple[Line, ...]:
    header = ["unit", "on the data"]
    header += ["in training"] if subject.train else []
    header += ["in deployment", ""] if subject.deploy else []
    rows = []
    for unit in units[:MAX_UNITS]:
        row = [f"{unit.layer}:{unit.unit}", say_standing(unit.data)]
        row += [say_standing(unit.train)] if subject.train else []
        if subject.deploy:
            row += [say_standing(unit.deploy), say_role(unit)]
        rows.append(tuple(row))
    table = Table(title="", header=tuple(header), rows=tuple(rows))
    lines = list(render_table(table, look))
    if len(units) > MAX_UNITS:
        lines.append(line(f"      and {len(units) - MAX_UNITS:,} more"))
    return tuple(lines)


def say_standing(one: InRegion) -> str:
    """`silent (certified)`, `acts (rigorous)`, `open`."""
    return f"{one.standing} ({one.trust})" if one.trust else one.standing


def say_role(unit: Unit) -> str:
    """Whether the unit is a candidate detector, and if so whether outputs follow."""
    witness = unit.deploy.witness
    if not unit.detector or witness is None:
        return ""
    if witness.outputs_without and not witness.changes_outputs:
        return "reaches no output by itself"
    return "candidate detector"


def _render_witnesses(report: Report, look: Look) -> list[Line]:
    out: list[Line] = []
    labels = report.subject.labels
    for unit in report.units:
        for name, one in (("training", unit.train), ("deployment", unit.deploy)):
            if one.witness is not None:
                said = say_witness(one.witness, labels=labels)
                out += _wrap(f"{unit.layer}:{unit.unit} acts in {name} {said}", look)
            elif one.standing == "open" and one.detail:
                text = f"{unit.layer}:{unit.unit} is open in {name}: {one.detail}"
                out += _wrap(text, look)
    for set_ in report.sets:
        for name, one in (("training", set_.train), ("deployment", set_.deploy)):
            if one.witness is not None:
                said = say_witness(one.witness, labels=labels)
                out += _wrap(f"{name_set(set_)} do not cancel in {name} {said}", look)
            elif one.standing == "silent":
                text = f"{name_set(set_)} cancel in all of {name} ({one.trust})"
                out += _wrap(text, look)
    return [line(""), *out[: 2 * MAX_UNITS]] if out else []


def say_witness(witness: Witness, *, labels: bool) -> str:
    """Where the input is, what the unit gives, what outputs do, and on whose word."""
    shown = [
        f"{name} = {say_number(value)}" for name, value in witness.moved[:MAX_MOVED]
    ]
    more = len(witness.moved) - len(shown)
    place = f"at the data point of line {witness.near_line}"
    if shown:
        place += f" with {', '.join(shown)}"
        place += f" and {more:,} more inputs moved" if more > 0 else ""
    said = [place]
    if witness.value:
        said.append(f"its value is {say_number(witness.value)}")
    noun = "class" if labels else "output"
    changed = [
        f"{noun} {k} is {say_number(new)}, {say_number(old)} without"
        for k, (new, old) in enumerate(
            zip(witness.outputs, witness.outputs_without, strict=False), 1 - labels
        )
        if new != old
    ]
    if changed:
        said += changed[:MAX_OUTPUTS]
        rest = len(changed) - MAX_OUTPUTS
        said += [f"{rest} more outputs change"] if rest > 0 else []
    elif witness.outputs_without:
        said.append("no output changes")
    return f"{'; '.join(said)} ({_say_replays(witness)})"


def _say_replays(witness: Witness) -> str:
    if not witness.replays:
        return "exact; " + "; ".join(witness.missing or ("not replayed",))
    engine = witness.replays[0].engine.partition(" ")[0]
    reproduced = all(replay.reproduced for replay in witness.replays)
    return f"exact; {'the same' if reproduced else 'not seen'} in {engine}"


def _render_layers(report: Report) -> list[Line]:
    out = [
        line(f"layer {layer.layer}: its units are not replaced: {escape(layer.detail)}")
        for layer in report.layers
        if layer.detail and layer.silent
    ]
    unsure = [str(layer.layer) for layer in report.layers if not layer.complete]
    if unsure:
        which = ("layer " if len(unsure) == 1 else "layers ") + ", ".join(unsure)
        out.append(line(f"Not all sets that cancel were looked for in {which}."))
    return out


def _render_sets(sets: Sequence[UnitSet], look: Look) -> tuple[Line, ...]:
    rows = []
    for set_ in sets[:MAX_UNITS]:
        made = set_.replacement
        rows.append(
            (
                name_set(set_),
                f"{set_.because} ({set_.trust})",
                round_number(made.before) if made.before else "",
                round_number(made.after) if made.after else "",
                say_outcome(made),
            )
        )
    header = ("removable", "because", "loss", "replaced", "")
    table = Table(title="", header=header, rows=tuple(rows))
    out = list(render_table(table, look))
    for set_ in sets[:MAX_UNITS]:
        made = set_.replacement
        text = made.detail
        if made.file:
            text = f"written to {made.file}, evidence in {made.evidence}"
        if made.runs:
            engine, old, new = made.runs[0]
            name = engine.partition(" ")[0]
            ran = f"in {name} {round_number(old)} before, {round_number(new)} after"
            text = f"{text}; {ran}" if text else ran
        if text:
            out += _wrap(f"{name_set(set_)}: {text}", look)
    return tuple(out)


def say_outcome(made: Replacement) -> str:
    """`lower by 9.247 (rigorous)`, `nothing lower exists (rigorous)`, `undecided`."""
    match made.outcome:
        case "lower":
            drop = Fraction(made.before) - Fraction(made.after)
            return f"lower by {round_number(str(drop))} ({made.trust})"
        case "impossible":
            return f"nothing lower exists ({made.trust})"
        case _:
            return made.outcome


def name_set(set_: UnitSet) -> str:
    """`1: {12, 26}`."""
    named = ", ".join(map(str, set_.units[:MAX_NAMED]))
    more = f", ... {len(set_.units)} in all" if len(set_.units) > MAX_NAMED else ""
    return f"{set_.layer}: {{{named}{more}}}"


def render_end(report: Report, again: str, *, written: bool) -> tuple[Line, ...]:
    """How long it took, and the next command, if there is one to give."""
    seconds = words.duration(report.seconds)
    out = [
        line(
            Span(f"  {seconds}{'' if report.complete else ', not all decided'}", "time")
        )
    ]
    lower = any(set_.replacement.outcome == "lower" for set_ in report.sets)
    silent = any(unit.data.standing == "silent" for unit in report.units)
    if lower and not written:
        out.append(line("  Next: ", Span(f"{again} --out replaced", "command")))
    elif silent and not report.subject.deploy:
        command = f"{again} --deploy 'box + 1'"
        out.append(line("  Next: ", Span(command, "command")))
    return tuple(out)


def round_number(text: str) -> str:
    """An exact number in a few digits, marked with `~` where that is not all of it."""
    value = Fraction(text.lstrip("~"))
    if len(text) <= DIGITS + 2 and "/" not in text:
        return text.removesuffix(".0")
    return f"~{round_decimal(value, DIGITS).removesuffix('.0')}"


def say_number(text: str) -> str:
    """A number as a person writes it: short, and whole numbers without a point."""
    return shorten(text).removesuffix(".0")


def _wrap(text: str, look: Look) -> list[Line]:
    return [
        line(("  " if place == 0 else "    ") + part)
        for place, part in enumerate(wrap(escape(text), look.width - 4))
    ]
