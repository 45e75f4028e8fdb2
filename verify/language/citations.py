"""By-lists: which facts, at which terms, with which witnesses, and by which method.

A fact can be cited once it is stated. An instance gives terms for its leading `forall`s
in order; `giving` names the things that its leading `exists` speak of, for the rest of
the list. What is left of the fact after that is for the rooms that prove.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from typing import Final, NamedTuple

from verify.kernel.terms import (
    NAT,
    Binder,
    Term,
)
from verify.language.document import (
    FACT_KINDS,
    Citation,
    Document,
    Justification,
    Obligation,
    Statement,
)
from verify.language.formulas import Reader
from verify.language.instances import open_witnesses, read_instance
from verify.language.limits import MAX_ENTRIES
from verify.language.local import Local
from verify.language.names import nearest, nearest_statement
from verify.language.sorts import a
from verify.language.syntax import Entry, Fact, Word
from verify.language.theory import Unsupported

METHODS: Final = ("induction", "cases", "algebra")


class Facts(NamedTuple):
    """What can be cited: the statements so far and the documents in use; `later` are the
    names of facts further down with their lines."""

    above: Mapping[str, Statement]
    imports: Mapping[str, Document]
    later: Mapping[str, int]

    def find(self, name: str) -> Statement | None:
        if name in self.above:
            return self.above[name]
        alias, dot, rest = name.partition(".")
        if dot and alias in self.imports:
            return self.imports[alias].statement(rest)
        return None

    def names(self) -> tuple[str, ...]:
        return (
            *self.above,
            *(
                f"{alias}.{statement.name}"
                for alias, document in self.imports.items()
                for statement in document.statements
            ),
        )


class ByList(NamedTuple):
    """A by-list that was read: its meaning, what it needs, and why it may be unsupported."""

    justification: Justification
    obligations: tuple[Obligation, ...] = ()
    unsupported: str = ""


def read_by_list(
    reader: Reader, fact: Fact, formula: Term | None, facts: Facts
) -> ByList:
    """The justification of a statement; ClaimError where an entry makes no sense."""
    if fact.by is None:
        return ByList(Justification())
    _check_kind(reader, fact)
    if len(fact.by) > MAX_ENTRIES:
        message = f"a by-list has at most {MAX_ENTRIES} entries"
        raise reader.source.error(
            fact.by[MAX_ENTRIES].span, message, "cite lemmas instead"
        )
    entries = deque(fact.by)
    citations: list[Citation] = []
    obligations: list[Obligation] = []
    unsupported, method, variable = "", "", ""
    local = Local({})
    while entries:
        entry = entries.popleft()
        if _is_method(entry, facts):
            if method:
                message = f"a second method, `{entry.name.text}` beside `{method}`"
                raise reader.source.error(entry.span, message, "keep one of them")
            method = entry.name.text
            if entry.variable:
                variable = entry.variable.text
                if formula is not None:
                    _check_induction(reader, entry.variable, formula)
            continue
        if entry.leads:
            message = f"`from` follows a method, and `{entry.name.text}` is none"
            raise reader.source.error(entry.span, message, "write a comma")
        cited = _find(reader, entry, fact, facts)
        if cited.formula is None:
            unsupported = unsupported or f"it cites {cited.name}: {cited.unsupported}"
            citations.append(Citation(entry.name.text))
            continue
        entry = _more_names(entry, entries, cited.formula, facts)
        try:
            terms, rest, needs = read_instance(reader, entry, cited.formula, local)
        except Unsupported as reason:
            unsupported = unsupported or str(reason)
            citations.append(Citation(entry.name.text))
            continue
        obligations += needs
        giving, local = open_witnesses(reader, entry, rest, local)
        citations.append(Citation(entry.name.text, terms, giving))
    listed = tuple(citations) if citations else None
    return ByList(
        Justification(listed, method, variable), tuple(obligations), unsupported
    )


def _check_kind(reader: Reader, fact: Fact) -> None:
    if fact.kind in ("lemma", "step", "conclusion") or not fact.by:
        return
    why = {
        "premise": "a premise is assumed, and takes no by-list",
        "admit": "an admitted statement is not shown, and takes no by-list",
    }.get(fact.kind, "evidence is computed, and takes no by-list")
    fix = "leave it out, or make this a step"
    raise reader.source.error(fact.by[0].span, why, fix)


def _is_method(entry: Entry, facts: Facts) -> bool:
    """Whether an entry is a method; a fact of the same name comes first for a bare word."""
    if entry.variable:
        return True
    bare = not entry.arguments and not entry.giving
    is_word = entry.name.text in ("cases", "algebra") and bare
    return is_word and facts.find(entry.name.text) is None


def _find(reader: Reader, entry: Entry, fact: Fact, facts: Facts) -> Statement:
    """The cited statement; ClaimError when there is none above."""
    name, source = entry.name.text, reader.source
    found = facts.find(name)
    if found is not None and found.kind in FACT_KINDS:
        return found
    if name == fact.name.text:
        message = f"circular: `{name}` cites itself"
        raise source.error(entry.span, message, "cite what is stated above it")
    if name in facts.later:
        message = f"circular: `{name}` is stated later, in line {facts.later[name]}"
        fix = "a statement cites what stands above it; move one of the two"
        raise source.error(entry.span, message, fix)
    if name == "induction":
        message = "induction needs its variable"
        raise source.error(entry.span, message, "write induction on k")
    if name in reader.scope.definitions or name in reader.scope.unsupported:
        message = f"`{name}` is a definition, and no fact"
        raise source.error(
            entry.span, message, "leave it out: definitions are unfolded anyway"
        )
    alias, dot, rest = name.partition(".")
    if dot and alias in facts.imports:
        names = [statement.name for statement in facts.imports[alias].statements]
        message = f"{facts.imports[alias].path} has no fact `{rest}`"
        raise source.error(entry.span, message, nearest_statement(rest, names))
    if dot:
        message = f"no document is in use as `{alias}`"
        raise source.error(entry.span, message, f'write use "file.md" as {alias} above')
    fix = nearest(name, METHODS) or nearest_statement(name, facts.names())
    raise source.error(entry.span, f"unknown fact `{name}`", fix)


def _more_names(
    entry: Entry, entries: deque[Entry], formula: Term, facts: Facts
) -> Entry:
    """In `by P giving M, N` the comma continues the names while P has more `exists` and
    the next word is no fact; what is taken leaves `entries`."""
    room = _leading_exists(formula, len(entry.arguments))
    while entry.giving and entries and len(entry.giving) < room:
        word = entries[0].name
        bare = entries[0] == Entry(word, entries[0].span)
        if not bare or word.text in METHODS or facts.find(word.text):
            break
        entry = entry._replace(giving=(*entry.giving, entries.popleft().name))
    return entry


def _leading_exists(formula: Term, skip: int) -> int:
    """How many `exists` lead a formula after `skip` of its leading `forall`s."""
    while skip and formula.op == "forall":
        formula, skip = formula.args[0], skip - 1
    found = 0
    while formula.op == "exists":
        formula, found = formula.args[0], found + 1
    return found


def _check_induction(reader: Reader, variable: Word, formula: Term) -> None:
    """Whether a leading `forall` of the formula binds the variable as a Nat."""
    bound: dict[str, Binder] = {}
    while formula.op == "forall" and isinstance(formula.value, Binder):
        bound.setdefault(formula.value.name, formula.value)
        formula = formula.args[0]
    binder = bound.get(variable.text)
    if binder is None:
        fix = nearest(variable.text, bound) or (
            f"the statement must begin with forall {variable.text}: Nat."
        )
        message = f"induction on `{variable.text}`, which no leading forall binds"
        raise reader.source.error(variable.span, message, fix)
    if binder.sort != NAT:
        message = f"induction needs a Nat, and `{variable.text}` is {a(binder.sort)}"
        raise reader.source.error(
            variable.span, message, f"write forall {variable.text}: Nat."
        )
