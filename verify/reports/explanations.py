"""One statement in full: what it uses, what breaks without each fact, what to do."""

from __future__ import annotations

from collections.abc import Iterable

from verify.language.verdicts import Ablation, Verdict
from verify.reports import words
from verify.reports.characters import escape, wrap
from verify.reports.lines import Line, Look, Span, line
from verify.reports.paragraphs import quote, render_problem, render_world


def render_explanation(verdict: Verdict, look: Look) -> tuple[Line, ...]:
    """Everything the record says, in the order a reader asks."""
    label = f' "{escape(verdict.label)}"' if verdict.label else ""
    place = f"{escape(verdict.document)}:{verdict.line}"
    head = line(
        Span(f"{verdict.kind} {escape(verdict.name)}{label}", "name"), f"  {place}"
    )
    out: list[Line] = [head]
    out += _field("", verdict.statement, look)
    out += [line(), *render_problem(verdict, look, advise=False), line()]
    out += _field("uses", ", ".join(verdict.uses), look)
    out += _field("cited, not used", ", ".join(verdict.unused), look)
    out += _field("rests on", ", ".join(verdict.rests_on), look)
    if verdict.overall != verdict.status:
        out += _field("overall", verdict.overall, look)
    out += _field("scope", f"{verdict.scope}, {verdict.semantics} numbers", look)
    if verdict.certificate:
        sha, path = verdict.certificate.sha, verdict.certificate.path
        out += _field("certificate", f"{sha[:12]}  {path}".rstrip(), look)
    for ablation in verdict.breaks:
        out += [line(), *_render_ablation(ablation, look)]
    out += [line(), *_next(verdict)]
    return tuple(out)


def _field(name: str, text: str, look: Look) -> Iterable[Line]:
    """A named line, and none at all where there is nothing to say."""
    if text:
        said = escape(f"{name}: {text}" if name else text)
        yield from (line("  " + piece) for piece in wrap(said, look.width - 2, "  "))


def _render_ablation(ablation: Ablation, look: Look) -> Iterable[Line]:
    without = escape(ablation.without)
    match ablation.status:
        case "proved":
            yield line(f"Without {without}: still proved, so {without} is not needed.")
        case "refuted":
            sign = words.symbol("refuted", look)
            yield line(Span(f"{sign} Without {without}: refuted.", "refuted"))
        case status:
            yield line(f"Without {without}: {status}.")
    if ablation.counterexample:
        yield from render_world(ablation.counterexample, look, "the other facts")


def _next(verdict: Verdict) -> Iterable[Line]:
    document, name = quote(verdict.document), quote(verdict.name)
    commands = [f"verify export {document} {name}"]
    if verdict.certificate and verdict.certificate.path:
        commands.insert(0, f"verify replay {document}")
    for command in commands:
        yield line("Next: ", Span(command, "command"))
