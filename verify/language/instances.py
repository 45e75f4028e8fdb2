"""Instances and witnesses: what is left of a cited fact once its quantifiers are open.

`grow(c, N)` gives terms for leading `forall`s in order; `P giving N` gives constants for
leading `exists`. A Nat variable may be given an Int, under an obligation.
"""

from __future__ import annotations

from verify.kernel.terms import (
    BUILTIN,
    INT,
    NAT,
    Binder,
    Symbol,
    Term,
    instantiate,
    make_application,
    make_at_most,
    make_number,
)
from verify.language.document import Obligation
from verify.language.errors import ClaimError
from verify.language.formulas import Reader
from verify.language.local import Local
from verify.language.obligations import make_obligations
from verify.language.positions import shorten
from verify.language.precedence import RESERVED
from verify.language.printing import render_term
from verify.language.syntax import Entry, Expression, Word


def read_instance(
    reader: Reader, entry: Entry, formula: Term, local: Local
) -> tuple[tuple[Term, ...], Term, list[Obligation]]:
    """The terms of an instance, what is left of the fact, and what the terms need."""
    terms: list[Term] = []
    needs: list[Obligation] = []
    for node in entry.arguments:
        binder = formula.value
        if formula.op != "forall" or not isinstance(binder, Binder):
            count = f"{len(terms) or 'no'} leading forall{'s'[: len(terms) > 1]}"
            got = f"{len(entry.arguments)} term{'s'[: len(entry.arguments) > 1]}"
            message = f"{entry.name.text} has {count}, got {got}"
            fix = "give one term for each forall that it begins with"
            raise reader.source.error(node.span, message, fix)
        what = f"{binder.name} of {entry.name.text}"
        reader.places.clear()
        term = reader.read_of_sort(node, binder.sort, local, what)
        needs += make_obligations(
            term, reader.places, reader.source, node.span, reader.meter
        )
        if binder.sort == NAT and term.sort == INT:
            needs.append(_natural(reader, term, node, entry))
        terms.append(term)
        formula = instantiate(formula, term)
    return tuple(terms), formula, needs


def _natural(reader: Reader, term: Term, node: Expression, entry: Entry) -> Obligation:
    reader.check.natural(term, node, entry.name.text)
    shown = shorten(render_term(term))
    reason = f"{shown} may be negative where {entry.name.text} takes a Nat"
    return Obligation(make_at_most(make_number(0, INT), term), reason, node.span)


def open_witnesses(
    reader: Reader, entry: Entry, formula: Term, local: Local
) -> tuple[tuple[Symbol, ...], Local]:
    """The constants that `giving` names, and the names known after it."""
    symbols: list[Symbol] = []
    for word in entry.giving:
        binder = formula.value
        if formula.op != "exists" or not isinstance(binder, Binder):
            raise _no_exists(reader, entry, formula, len(symbols))
        _check_fresh(reader, word, local)
        reader.scope.opened.setdefault(word.text, word.span.line)
        symbol = Symbol(word.text, (), binder.sort)
        symbols.append(symbol)
        constant = make_application(symbol)
        local = Local({**local.names, word.text: constant})
        formula = instantiate(formula, constant)
    return tuple(symbols), local


def _no_exists(reader: Reader, entry: Entry, formula: Term, found: int) -> ClaimError:
    name = entry.name.text
    if formula.op == "forall":
        message = f"{name} begins with forall, and giving opens an exists"
        return reader.source.error(
            entry.span, message, f"give its terms first: {name}(...)"
        )
    message = f"{name} has {found or 'no'} leading exists for giving to open"
    return reader.source.error(
        entry.giving[found].span, message, "giving names what an exists speaks of"
    )


def _check_fresh(reader: Reader, word: Word, local: Local) -> None:
    name = word.text
    if name in local.names:
        message = f"`{name}` already names something else in this list"
        fix = "two facts speak of two things; give this one a name of its own"
    elif name in reader.scope.homes:
        message = f"`{name}` is declared in line {reader.scope.homes[name].line}"
        fix = "giving needs a new name"
    elif name in reader.scope.later:
        message = f"`{name}` is declared in line {reader.scope.later[name]}"
        fix = "giving needs a new name"
    elif name in RESERVED or name in BUILTIN:
        message, fix = f"`{name}` is a word of the language", "giving needs a new name"
    else:
        return
    raise reader.source.error(word.span, message, fix)
