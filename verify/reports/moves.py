"""What a person reads about the moves that break a property: a table and two sentences.

Percentages are parts of what the file allows an input to move from the middle of the
region. What holds is rounded down and what is broken is rounded up, so what is printed is
shown as it stands; JSON has the exact numbers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from math import ceil, floor
from typing import Any

from verify.language.verdicts import Table, Verdict
from verify.reports import words
from verify.reports.characters import escape, wrap
from verify.reports.grids import render_table
from verify.reports.lines import Line, Look, line
from verify.reports.points import MAX_ROWS, render_moved

Told = Mapping[str, Any]  # of an explanation, as its record has it


def render_moves(verdict: Verdict, look: Look) -> tuple[Line, ...]:
    """The explanation that a verdict carries as `shift`; nothing without one."""
    told = verdict.data.get("shift")
    if not isinstance(told, dict):
        return ()
    if "not_measured" in told:
        return _say([f"The shift was not measured: {told['not_measured']}."], look)
    together, most = told["together"], told["most"]
    shown = [one for one in told["alone"] if not _holds(one, most)]
    rows = [
        (_all_inputs(told), *_ends(together, most)),
        *((_name(one), *_ends(one, most)) for one in shown[:MAX_ROWS]),
    ]
    header = ("shift", "holds within", "broken within")
    title = (
        "Shift from the middle, as part of what the file allows, over the real numbers:"
    )
    table = Table(title="", header=header, rows=tuple(rows))
    out = [line(f"  {title}"), *render_table(table, look)]
    out += _say(_sentences(told, shown), look)
    if together["moves"] and together["broken"] != "0":
        out.append(line(f"  A point at {_up(together['broken'])} that breaks it:"))
        out += render_moved(together["moves"], look)
    seconds = words.duration(told["seconds"])
    queries = words.count(told["queries"], "more query", "more queries")
    out.append(line(f"  {queries}, {seconds}"))
    return tuple(out)


def _say(sentences: Sequence[str], look: Look) -> tuple[Line, ...]:
    return tuple(
        line(f"  {text}")
        for sentence in sentences
        for text in wrap(escape(sentence), look.width - 2)
    )


def _all_inputs(told: Told) -> str:
    names = [one["input"] for one in told["varying"]]
    if len(names) == 1:
        return f"{names[0]}, up or down"
    return f"{'both' if len(names) == 2 else f'all {len(names):,}'} inputs together"


def _name(one: Told) -> str:
    return f"{one['input']} {one['direction']}"


def _holds(one: Told, most: str) -> bool:
    """Whether a move is known to hold as far as was asked."""
    return one["holds"] is not None and Fraction(one["holds"]) >= Fraction(most)


def _ends(one: Told, most: str) -> tuple[str, str]:
    """What is known of a bracket's two ends."""
    holds, broken = one["holds"], one["broken"]
    open_end = f"not known ({one['reason']})" if one["reason"] else "not known"
    if broken is not None:
        trust = one["broken_trust"]
        end = f"{_up(broken)} ({trust})"
        if broken == "0":
            return "nowhere", f"the middle itself ({trust})"
    else:
        end = f"nothing within {_up(most)}" if _holds(one, most) else open_end
    return (
        open_end if holds is None else f"{_down(holds)} ({one['holds_trust']})",
        end,
    )


def _down(part: str) -> str:
    return _percent(floor(Fraction(part) * 1000))


def _up(part: str) -> str:
    return _percent(ceil(Fraction(part) * 1000))


def _percent(thousandths: int) -> str:
    whole, tenth = divmod(thousandths, 10)
    return f"{whole}.{tenth} %" if tenth else f"{whole} %"


def _sentences(told: Told, shown: Sequence[Told]) -> list[str]:
    """What the table has no room for."""
    said = []
    count, most = len(told["varying"]), told["most"]
    together, reason = told["together"], told["together"]["reason"]
    quiet = len(told["alone"]) - len(shown)
    if reason and together["broken"] is not None:
        said.append(
            f"For {_all_inputs(told)}, what lies between is not known ({reason})."
        )
    if _holds(together, most) and count > 1:
        said.append(
            f"With each move of one input alone it then holds within {_down(most)} too."
        )
    elif quiet:
        which = "each move" if not shown else "every other move"
        said.append(
            f"With {which} of one input alone it holds within {_down(most)}, the most "
            "that was asked about."
        )
    elif not told["alone"] and count > told["alone_limit"]:
        said.append(
            f"{count:,} inputs vary; up to {told['alone_limit']} are asked about one by one."
        )
    if "enough" in told:
        said += _sentences_of_enough(told["enough"])
    return said


def _sentences_of_enough(enough: Told) -> list[str]:
    """Which moves break the property together, and which of them it takes."""
    names = tuple(_name(axis) for axis in enough["axes"])
    needed = tuple(_name(axis) for axis in enough["needed"])
    ends = [f"broken within {_up(enough['broken'])}"]
    if enough["holds"] is not None:
        ends.insert(0, f"holds within {_down(enough['holds'])}")
    head = f"{words.listed(names)} suffice{'s' if len(names) == 1 else ''}: "
    said = [f"{head}{', '.join(ends)}."]
    rest = f"it holds within {_down(enough['within'])}"
    if len(needed) == len(names):
        said.append(f"Without any one of them {rest}.")
    elif needed:
        said.append(f"Without {words.listed(needed, 'or')} {rest}.")
    if len(needed) < len(names):
        doubtful = tuple(name for name in names if name not in needed)
        verb = "is" if len(doubtful) == 1 else "are"
        said.append(f"Whether {words.listed(doubtful)} {verb} needed is not known.")
    return said
