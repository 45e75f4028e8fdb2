"""A paragraph a problem: what happened, the world that shows it, what to do next.

Unexpected outcomes are told in full; an expected refutation keeps its countermodel and
its best suggestion, because they are what the author wanted to see.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from verify.language.verdicts import Audit, Counterexample, Suggestion, Verdict
from verify.reports import words
from verify.reports.characters import escape, width, wrap
from verify.reports.grids import render_constants, render_table
from verify.reports.lines import Line, Look, Span, line
from verify.reports.points import render_point

MAX_SUGGESTIONS: Final = 3

_SENTENCE: Final = {
    "proved": "it was proved, though something else was expected",
    "refuted": "it does not follow",
    "vacuous": "the facts it rests on contradict each other, so anything would follow",
    "admitted": "it is stated, not proved",
    "blocked": "it rests on a statement that is not proved",
    "error": "it has no meaning as written",
}
_OF_NETWORKS: Final = {
    "refuted": "an input reaches what the property's file asserts.",
    "vacuous": "no input is in question.",
    "proved": "no input in question reaches what the property's file asserts.",
}
_REASON: Final = {
    "timeout": "no answer within the limit",
    "memory": "the memory limit was reached",
    "incomplete": "the engines gave up without an answer",
    "unsupported": "it needs a part of the language that is not available here",
    "no_certificate": "an engine has an answer, but no evidence the kernel accepts",
    "crash": "the engine stopped without an answer",
    "": "no reason was given",
}


def wants_paragraph(verdict: Verdict) -> bool:
    """Whether a statement needs more than its line."""
    if verdict.as_expected and verdict.status == "undecided":
        return False
    return (
        not verdict.as_expected
        or verdict.status in ("refuted", "vacuous", "error")
        or verdict.table is not None
        or bool(verdict.message)
    )


def in_order(verdicts: Iterable[Verdict]) -> list[Verdict]:
    """Those that want a paragraph, unexpected ones first, otherwise as written."""
    return sorted(filter(wants_paragraph, verdicts), key=lambda v: v.as_expected)


def render_problem(
    verdict: Verdict, look: Look, *, advise: bool = True
) -> tuple[Line, ...]:
    """The paragraph of one statement; `advise` adds the next command where due."""
    out = [*_heading(verdict, look)]
    if verdict.counterexample and _is_told(verdict.counterexample):
        if verdict.kind == "property":
            out.append(line("  A point, evaluated exactly, at tolerance 0:"))
            out += render_point(verdict.counterexample, verdict.data, look)
        else:
            out += render_world(verdict.counterexample, look, _facts(verdict))
    if verdict.table:
        out += render_table(verdict.table, look)
    count = 1 if verdict.as_expected else MAX_SUGGESTIONS
    out += render_suggestions(verdict.suggestions[:count], look)
    if advise and not verdict.as_expected and _has_next(verdict):
        out.append(line("  Next: ", Span(_next_command(verdict), "command")))
    return tuple(out)


def _heading(verdict: Verdict, look: Look) -> Iterable[Line]:
    sign = words.symbol(verdict.status, look)
    place = f", line {verdict.line}" if verdict.line else ""
    name = f"{sign} {escape(verdict.name)}{place}: "
    if verdict.table is not None and verdict.as_expected:
        said = escape(verdict.message or verdict.label or verdict.kind)
    else:
        said = f"{words.describe(verdict)}{_expectation(verdict)}: {_sentence(verdict)}"
    first, *rest = wrap(name + said, look.width, "  ")
    yield line(Span(first[: len(name)], verdict.status), first[len(name) :])
    yield from (line(text) for text in rest)


def _expectation(verdict: Verdict) -> str:
    if verdict.expected == "proved":
        return ""
    return " as expected" if verdict.as_expected else f", expected {verdict.expected}"


def _sentence(verdict: Verdict) -> str:
    """The message that came with the verdict, else what its status means."""
    if verdict.message:
        return escape(verdict.message)
    if verdict.status == "undecided":
        return f"{_REASON[verdict.reason]}."
    if verdict.status == "refuted" and verdict.kind == "evidence":
        return "it does not hold."
    if verdict.kind == "property" and verdict.status in _OF_NETWORKS:
        return _OF_NETWORKS[verdict.status]
    if verdict.status == "refuted" and verdict.uses:
        return f"it does not follow from {escape(words.listed(verdict.uses))}."
    if verdict.status == "proved" and verdict.as_expected:
        return "it follows."
    return f"{_SENTENCE[verdict.status]}."


def _facts(verdict: Verdict) -> str:
    """What holds in a counterexample's world; evidence is about this one."""
    if verdict.kind == "evidence":
        return ""
    return words.listed(verdict.uses) if verdict.uses else "what is given"


def _is_told(world: Counterexample) -> bool:
    return bool(world.constants or world.tables or not world.genuine)


def render_world(world: Counterexample, look: Look, facts: str) -> tuple[Line, ...]:
    """A countermodel: the constants in a row, then a table for the functions.

    Without `facts` it is a point at which networks were evaluated.
    """
    if not facts:
        told = "Evaluated exactly:"
    elif world.genuine:
        told = f"A world, evaluated exactly, with {facts} true and the statement false:"
    else:
        left_out = words.listed(world.truncated) or "a premise"
        told = f"A potential world only, because {left_out} was cut to a finite part:"
    out = [line("  " + text) for text in wrap(escape(told), look.width - 2)]
    out += render_constants(world.constants, look)
    for table in world.tables:
        out += render_table(table, look)
    return tuple(out)


def render_suggestions(
    suggestions: Sequence[Suggestion], look: Look
) -> tuple[Line, ...]:
    """Premises to paste, each proved sufficient and consistent with the others."""
    out: list[Line] = []
    for place, suggestion in enumerate(suggestions, 1):
        trust = f", {suggestion.trust}" if suggestion.trust else ""
        head = f"  {'Or' if place > 1 else 'Missing premise'} (it suffices{trust}):"
        text = f"premise missing_{place}: {escape(suggestion.formula)}"
        if width(head) + 1 + width(text) <= look.width:
            out.append(line(head + " ", Span(text, "command")))
            continue
        pieces = wrap(text, look.width - 6, "    ")
        out += [line(head), *(line("      ", Span(p, "command")) for p in pieces)]
    return tuple(out)


def _has_next(verdict: Verdict) -> bool:
    """Whether there is one command that looks further."""
    if verdict.kind != "property":
        return True
    if verdict.status == "error":
        return False
    return len(_texts(verdict.data.get("models"))) == 1 and "file" in verdict.data


def _next_command(verdict: Verdict) -> str:
    document, name = quote(verdict.document), quote(verdict.name)
    if verdict.kind == "property":
        files = [*_texts(verdict.data.get("models")), str(verdict.data.get("file", ""))]
        return f"verify net {' '.join(quote(file) for file in files)}"
    if verdict.status == "undecided" and verdict.reason == "timeout":
        return f"verify check {document} --only {name} --timeout 60"
    if verdict.status == "undecided" and verdict.reason == "no_certificate":
        return f"verify export {document} {name}"
    if verdict.status == "proved":
        return f"remove or change its `expect` line in {document}"
    return f"verify explain {document} {name}"


def _texts(value: object) -> list[str]:
    return [str(one) for one in value] if isinstance(value, list) else []


def quote(text: str) -> str:
    """`text` as one word of a shell command, harmless to look at and to paste."""
    shown = escape(text)
    if shown and all(char.isalnum() or char in "/._-+@%:,~" for char in shown):
        return shown
    return "'" + shown.replace("'", "'\\''") + "'"


def render_audit(audit: Audit, look: Look) -> tuple[Line, ...]:
    """A finding about the document: a warning with its place, or that all is well."""
    if (audit.check, audit.result) == ("consistency", "consistent"):
        sign = words.symbol("proved", look)
        said = "consistent: all of them hold together in one world"
        return (line(Span(f"{sign} {escape(audit.name)} ", "proved"), said),)
    sign = words.either(words.WARNING, look)
    place = f"{sign} {escape(audit.name)}, line {audit.line}: ".replace(" , ", " ")
    checked = audit.check if audit.result not in audit.check else ""
    said = f"{checked} {audit.result}".strip().replace("_", " ")
    body = f"{said}. {escape(audit.message)}" if audit.message else f"{said}."
    first, *rest = wrap(place + body, look.width, "  ")
    return (line(Span(first, "warning")), *(line(text) for text in rest))
