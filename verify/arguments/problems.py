"""From a statement and what it cites to the kernel's problems.

A statement has two. The *full* one holds every cited fact whole; a proof is looked for
there, with the instances and the opened existentials of the by-list as hints. The *cited*
one holds exactly what was cited: of `grow(c, N)` the instance alone, of `P4 giving N` the
opened body over a constant N. A world that satisfies what was cited and not the statement
refutes the step, even if the whole facts would say more. Without instances and openings
the two are one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, NamedTuple

from verify.kernel import terms
from verify.kernel.problem import Fact, Problem
from verify.kernel.rejections import Rejected
from verify.kernel.terms import BOOL, Binder, Sort, Symbol, Term
from verify.kernel.text import write_term
from verify.language.document import PROVABLE_KINDS, Citation, Document, Statement

Proofs = Mapping[tuple[str, str], str]  # (document path, statement name): problem hash

KINDS: Final = {
    "premise": "premise", "evidence": "lemma", "admit": "admitted",
    "lemma": "lemma", "step": "lemma", "conclusion": "lemma",
}  # fmt: skip


class Unavailable(Exception):
    """A statement that no problem can be made for; says why, and what to do."""


class Dossier(NamedTuple):
    """What a decision is made from: both problems, the hints, the facts in order."""

    full: Problem
    cited: Problem
    hints: Mapping[str, Any]
    names: tuple[str, ...]


def cited_names(statement: Statement) -> tuple[str, ...]:
    """The facts that the by-list names, each once, in order."""
    return tuple(dict.fromkeys(entry.name for entry in statement.by.citations or ()))


def facts_above(document: Document, statement: Statement) -> tuple[Statement, ...]:
    """The facts stated before the statement, in order, as far as they have a formula."""
    out = []
    for other in document.statements:
        if other.span == statement.span and other.name == statement.name:
            break
        if other.kind in KINDS and other.formula is not None:
            out.append(other)
    return tuple(out)


def premises_of(document: Document) -> tuple[Statement, ...]:
    """The premises of a document that have a formula, in order."""
    return tuple(
        s for s in document.statements if s.kind == "premise" and s.formula is not None
    )


def home_of(document: Document, name: str) -> tuple[Document, str]:
    """The document that states `name`, and its name there (`ogd.bound` is `bound`)."""
    while True:
        alias, dot, rest = name.partition(".")
        if not dot or alias not in document.imports:
            return document, name
        document, name = document.imports[alias], rest


def make_fact(document: Document, name: str, proofs: Proofs) -> Fact:
    """The cited statement as a kernel fact, a lemma with the hash of its problem.

    Raises Unavailable when it has no formula, or no problem of its own to point to.
    """
    home, local = home_of(document, name)
    statement = home.statement(local)
    if statement is None or statement.kind not in KINDS:
        raise Unavailable(f"{name} is no fact of this document; cite one stated above.")
    if statement.formula is None:
        why = statement.unsupported or "it has no formula"
        raise Unavailable(f"{name} cannot be used: {why}.")
    kind = KINDS[statement.kind]
    if kind != "lemma":
        return Fact(kind, name, statement.formula)
    proof = proofs.get((home.path, local), "")
    if not proof:
        raise Unavailable(f"{name} cannot be used before it is proved; state it above.")
    return Fact("lemma", name, statement.formula, proof)


def make_dossier(
    document: Document,
    statement: Statement,
    proofs: Proofs,
    names: Sequence[str] | None = None,
    goal: Term | None = None,
) -> Dossier:
    """The problems of a statement, from its by-list or only the facts `names` of it.

    `goal` stands for the statement's own formula when given. Raises Unavailable.
    """
    goal = goal if goal is not None else statement.formula
    if goal is None:
        why = statement.unsupported or "it has no formula"
        raise Unavailable(f"{statement.name} cannot be decided: {why}.")
    chosen = cited_names(statement) if names is None else tuple(names)
    facts = [make_fact(document, name, proofs) for name in chosen]
    full = problem_of(document, facts, goal)
    entries = [c for c in statement.by.citations or () if c.name in chosen]
    if not any(entry.terms or entry.giving for entry in entries):
        return Dossier(full, full, _method(statement), chosen)
    known = {fact.name: fact for fact in facts}
    uncited = [fact for fact in facts if all(e.name != fact.name for e in entries)]
    opened = [_open(entry, known[entry.name]) for entry in entries]
    cited = problem_of(document, _numbered([*opened, *uncited]), goal)
    return Dossier(full, cited, make_hints(statement, entries), chosen)


def _open(entry: Citation, fact: Fact) -> Fact:
    """Exactly what one entry of a by-list contributes."""
    formula = fact.formula
    try:
        for term in entry.terms:
            formula = terms.instantiate(formula, term)
        for symbol in entry.giving:
            if formula.op != "exists":
                raise Rejected("an existential statement to open", formula.op)
            formula = terms.instantiate(formula, terms.make_application(symbol))
    except Rejected as rejected:
        raise Unavailable(
            f"the entry for {entry.name} does not fit its statement: {rejected}."
        ) from rejected
    if formula == fact.formula:
        return fact
    return Fact("premise", fact.name, formula)


def _numbered(facts: Iterable[Fact]) -> list[Fact]:
    """The facts under distinct names: the second instance of `grow` is `grow.2`."""
    seen: dict[str, int] = {}
    out = []
    for fact in facts:
        count = seen[fact.name] = seen.get(fact.name, 0) + 1
        name = fact.name if count == 1 else f"{fact.name}.{count}"
        out.append(fact._replace(name=name))
    return out


def _method(statement: Statement) -> dict[str, Any]:
    method: dict[str, Any] = {"method": statement.by.method}
    if statement.by.variable:
        method["variable"] = statement.by.variable
    return method


def make_hints(statement: Statement, entries: Iterable[Citation]) -> dict[str, Any]:
    """The instances and witnesses of by-list entries, as the search reads them.

    An instance that mentions a constant which no entry of the list introduces is left
    out: with the opening gone it says nothing about the whole facts.
    """
    entries = tuple(entries)
    fresh = {symbol for entry in entries for symbol in entry.giving}
    every = {s for entry in statement.by.citations or () for s in entry.giving}
    gone = every - fresh
    return {
        **_method(statement),
        "instances": [
            [entry.name, [write_term(term) for term in entry.terms]]
            for entry in entries
            if entry.terms and not any(gone & symbols_of(term) for term in entry.terms)
        ],
        "witnesses": [
            [entry.name, [symbol.name for symbol in entry.giving]]
            for entry in entries
            if entry.giving
        ],
    }


def symbols_of(term: Term) -> set[Symbol]:
    """The symbols that occur in a term, elements of finite sorts left out."""
    return {
        node.value
        for node in terms.subterms(term)
        if isinstance(node.value, Symbol) and node.value.name not in node.sort.elements
    }


def sorts_of(term: Term) -> set[Sort]:
    """The declared sorts that occur in a term."""
    found: set[Sort] = set()
    for node in terms.subterms(term):
        found.add(node.sort)
        if isinstance(node.value, Symbol):
            found.update((*node.value.arguments, node.value.result))
        elif isinstance(node.value, Binder):
            found.add(node.value.sort)
    return {sort for sort in found if sort != BOOL and sort.name not in terms.BUILTIN}


def problem_of(
    document: Document,
    facts: Iterable[Fact],
    goal: Term,
    also: Iterable[Term] = (),
) -> Problem:
    """The problem with these facts and this goal, declaring what occurs and no more.

    Declarations come in the document's order, what it does not declare last by name;
    what occurs in `also` is declared too. Raises Unavailable when one name has two
    declarations, or a fact is cited twice.
    """
    facts = tuple(facts)
    formulas = (*(fact.formula for fact in facts), goal, *also)
    symbols = set().union(*map(symbols_of, formulas))
    sorts = set().union(*map(sorts_of, formulas))
    elements = [element for sort in sorts for element in sort.elements]
    for kind, names in (
        ("symbol", [symbol.name for symbol in symbols] + elements),
        ("type", [sort.name for sort in sorts]),
        ("fact", [fact.name for fact in facts]),
    ):
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise Unavailable(
                f"the {kind} {twice[0]} has two meanings here; rename one of them."
            )
    places = {item.name: place for place, item in enumerate(document.symbols)}
    sort_places = {item.name: place for place, item in enumerate(document.sorts)}
    last = len(places) + len(sort_places)
    return Problem(
        tuple(sorted(sorts, key=lambda s: (sort_places.get(s.name, last), s.name))),
        tuple(sorted(symbols, key=lambda s: (places.get(s.name, last), s.name))),
        facts,
        goal,
    )


def add_fact(document: Document, problem: Problem, name: str, formula: Term) -> Problem:
    """The problem with one more premise, under a name no other fact has."""
    taken = {fact.name for fact in problem.facts}
    while name in taken:
        name += "_"
    return problem_of(
        document, (*problem.facts, Fact("premise", name, formula)), problem.goal
    )


def is_provable(statement: Statement) -> bool:
    return statement.kind in PROVABLE_KINDS


def has_proof(statement: Statement) -> bool:
    """Whether a statement counts once it is shown: here, or as evidence elsewhere."""
    return is_provable(statement) or statement.kind == "evidence"
