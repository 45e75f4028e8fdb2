"""Statements and what is said about them: facts, expectations, limits, lattices, cuts."""

from __future__ import annotations

from fractions import Fraction
from typing import Final

from verify.kernel.terms import Symbol, Term, subterms
from verify.language import syntax
from verify.language.citations import read_by_list
from verify.language.document import Obligation, Span, Statement
from verify.language.draft import Draft
from verify.language.names import Scope, nearest, nearest_statement
from verify.language.positions import Source
from verify.language.syntax import Expression, Word

STATUSES: Final = ("proved", "refuted", "undecided", "vacuous", "admitted")
MAX_SECONDS: Final = 86_400
MAX_SCOPE: Final = 100


def _statement(draft: Draft, kind: str, name: str, span: Span) -> Statement:
    """A statement with what holds for all of them at this place."""
    return Statement(
        kind, name, "", None, draft.source.slice(span), span,
        limit=draft.limit, scope=tuple(draft.sizes.items()),
    )  # fmt: skip


def read_fact(draft: Draft, item: syntax.Fact) -> None:
    draft.check_new(item.name)
    draft.begin()
    formula, needs, unsupported = draft.formula(item.formula)
    uses = tuple(draft.reader.used)
    if item.kind == "evidence" and not unsupported and not draft.reader.spoken:
        unsupported = (
            "it names no network and no data; evidence is computed on them, so state this "
            "as a step"
        )
        formula = None
    by = read_by_list(draft.reader, item, formula, draft.facts())
    unsupported = unsupported or by.unsupported
    statement = _statement(draft, item.kind, item.name.text, item.span)._replace(
        label=item.label,
        formula=None if unsupported else formula,
        source=draft.source.slice(item.formula.span),
        by=by.justification,
        expected="admitted" if item.kind == "admit" else "proved",
        obligations=() if unsupported else (*needs, *by.obligations),
        definitions=uses,
        unsupported=unsupported,
    )
    draft.add(statement)


def read_expect(draft: Draft, item: syntax.Expect, *, known_to_end: bool) -> None:
    """Note an expectation; its statement may stand further down."""
    source, name = draft.source, item.name.text
    if item.status.text not in STATUSES:
        fix = (
            nearest(item.status.text, STATUSES) or f"write one of {', '.join(STATUSES)}"
        )
        raise source.error(
            item.status.span, f"unknown status `{item.status.text}`", fix
        )
    if known_to_end and name not in draft.statements and name not in draft.later:
        known = (*draft.statements, *draft.later)
        fix = nearest_statement(name, known)
        raise source.error(item.name.span, f"unknown statement `{name}`", fix)
    if name in draft.statements and draft.statements[name].kind == "premise":
        message = f"`{name}` is a premise, which is assumed and has no verdict"
        raise source.error(item.name.span, message, "expect something of a step")
    if name in draft.expected:
        line = draft.expected[name].span.line
        message = f"line {line} already says what to expect of `{name}`"
        raise source.error(item.name.span, message, "delete one of the two")
    draft.expected[name] = item


def read_limit(source: Source, item: syntax.Limit) -> float:
    if item.unit.text != "s":
        message = f"limits are in seconds, got `{item.unit.text}`"
        raise source.error(item.unit.span, message, f"write limit {item.amount.text} s")
    seconds = Fraction(item.amount.text)
    if not 0 < seconds <= MAX_SECONDS:
        message = f"a limit is more than 0 s and at most {MAX_SECONDS} s"
        raise source.error(item.amount.span, message, "write limit 20 s")
    return float(seconds)


def read_scope(source: Source, scope: Scope, item: syntax.Scope) -> int:
    sort = scope.find_sort(source, item.sort)
    if sort.name not in scope.sorts or sort.elements:
        message = f"`{sort}` has the elements it has; a scope is for an open type"
        raise source.error(item.sort.span, message, "leave this line out")
    size = Fraction(item.size.text)
    if size.denominator != 1 or not 1 <= size <= MAX_SCOPE:
        message = f"a scope is a whole number from 1 to {MAX_SCOPE}"
        raise source.error(item.size.span, message, f"write scope 4 {sort}")
    return int(size)


def _read_members(
    draft: Draft, words: tuple[Word, ...], role: str
) -> tuple[tuple[tuple[str, Term], ...], tuple[Obligation, ...], str]:
    """The named formulas, what they need, and why they may be unsupported."""
    members: dict[str, Term] = {}
    needs: list[Obligation] = []
    unsupported = ""
    for word in words:
        if word.text in members:
            message = f"`{word.text}` is named twice"
            raise draft.source.error(word.span, message, "delete one of the two")
        definition = draft.scope.definitions.get(word.text)
        if definition is not None and definition.parameters:
            message = f"`{word.text}` has parameters, and {role} has none"
            fix = f"define one without, such as def d := {word.text}(...)"
            raise draft.source.error(word.span, message, fix)
        node = Expression("name", (), word.span, 1, word.text)
        formula, more, reason = draft.formula(node)
        unsupported = unsupported or reason or _networks(draft, formula)
        if formula is not None:
            members[word.text] = formula
            needs += more
    return tuple(members.items()), tuple(needs), unsupported


def _networks(draft: Draft, formula: Term | None) -> str:
    """Why a formula about networks can be no part of a lattice or of cuts."""
    for part in subterms(formula) if formula is not None else ():
        if not isinstance(part.value, Symbol):
            continue
        network = draft.scope.network(part.value)
        quantity = draft.scope.quantities.get(part.value.name)
        if network is not None or quantity is not None:
            shown = quantity.written if quantity else ""
            shown = f"the network {network.name}" if network else shown
            return f"it speaks of {shown}, and lattices and cuts know only what premises say"
    return ""


def read_lattice(draft: Draft, item: syntax.Lattice) -> None:
    if len(item.names) < 2:
        message = "a lattice compares at least two definitions"
        raise draft.source.error(item.span, message, "write lattice a, b, c")
    draft.begin()
    members, needs, reason = _read_members(draft, item.names, "a member of a lattice")
    statement = _statement(draft, "lattice", _free_name(draft, "lattice"), item.span)
    draft.add(
        statement._replace(
            members=() if reason else members,
            obligations=() if reason else needs,
            definitions=tuple(draft.reader.used),
            unsupported=reason,
        )
    )


def read_cuts(draft: Draft, item: syntax.Cuts) -> None:
    draft.begin()
    target, first, reason = draft.formula(item.target)
    start, second, other = draft.formula(item.start)
    members, needs, third = _read_members(draft, item.events, "an event of a cut")
    reason = reason or other or third
    reason = reason or _networks(draft, target) or _networks(draft, start)
    statement = _statement(draft, "cuts", _free_name(draft, "cuts"), item.span)
    draft.add(
        statement._replace(
            members=() if reason else members,
            target=None if reason else target,
            start=None if reason else start,
            obligations=() if reason else (*first, *second, *needs),
            definitions=tuple(draft.reader.used),
            unsupported=reason,
        )
    )


def _free_name(draft: Draft, base: str) -> str:
    """A name for a statement that has none: `lattice`, `lattice_2`, ..."""
    while True:
        count = draft.unnamed[base] = draft.unnamed.get(base, 0) + 1
        name = f"{base}_{count}" if count > 1 else base
        if name not in draft.homes and name not in draft.later:
            return name
