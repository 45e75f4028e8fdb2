"""What the names of a document mean, as far as it has been read.

One name has one meaning: types, constants, functions, elements, definitions, networks and
data share one space, and a second declaration names the first. The words of the language
and its built-in functions come last, so a document may use them for things of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import NamedTuple

from verify.kernel.terms import BUILTIN, Sort, Symbol, Term
from verify.language import limits, syntax
from verify.language.document import Definition, Document, Note, Span
from verify.language.errors import ClaimError
from verify.language.functions import network_of
from verify.language.positions import Source
from verify.language.precedence import RESERVED
from verify.language.quantities import Membership, Quantity
from verify.language.sugar import BUILTIN_FUNCTIONS
from verify.language.syntax import Declaration, Word
from verify.language.things import Network, Region, Thing


class Home(NamedTuple):
    """Where a name was declared."""

    path: str
    line: int


@dataclass(slots=True)
class Scope:
    """The meanings of names; grows while a document is read."""

    sorts: dict[str, Sort] = field(default_factory=dict)
    symbols: dict[str, Symbol] = field(default_factory=dict)
    elements: dict[str, Symbol] = field(default_factory=dict)
    readings: dict[str, str] = field(default_factory=dict)
    definitions: dict[str, Definition] = field(default_factory=dict)
    things: dict[str, Declaration] = field(default_factory=dict)
    read: dict[str, Thing] = field(default_factory=dict)  # those of `things` that were
    unsupported: dict[str, str] = field(default_factory=dict)  # definitions: why
    homes: dict[str, Home] = field(default_factory=dict)
    later: Mapping[str, int] = field(default_factory=dict)  # declared further down
    opened: dict[str, int] = field(default_factory=dict)  # by giving: the first line
    quantities: dict[str, Quantity] = field(default_factory=dict)
    memberships: dict[Term, Membership] = field(default_factory=dict)
    notes: list[Note] = field(default_factory=list)

    def sort(self, name: str) -> Sort | None:
        return BUILTIN.get(name) or self.sorts.get(name)

    def symbol(self, name: str) -> Symbol | None:
        return self.symbols.get(name) or self.elements.get(name)

    def definition(self, name: str) -> Definition | None:
        """What is unfolded under that name: a definition, or what a region says."""
        thing = self.read.get(name)
        return (
            thing.definition
            if isinstance(thing, Region)
            else self.definitions.get(name)
        )

    def network(self, symbol: Symbol) -> Network | None:
        """The network that a symbol is an output or a unit of."""
        thing = self.read.get(network_of(symbol.name))
        return thing if isinstance(thing, Network) else None

    def known(self) -> Iterable[str]:
        """The names that can stand in a formula."""
        return (
            *self.symbols, *self.elements, *self.definitions, *self.things,
            *BUILTIN_FUNCTIONS, "true", "false",
        )  # fmt: skip

    def claim(self, source: Source, word: Word) -> None:
        """Take a name for a new thing; ClaimError when it is taken or not free to take."""
        name = word.text
        if name in RESERVED or name in BUILTIN:
            raise source.error(
                word.span,
                f"`{name}` is a word of the language and cannot be declared",
                f"choose another name, such as {name}_1",
            )
        if name in self.opened:
            raise source.error(
                word.span,
                f"`{name}` names what giving opened in line {self.opened[name]}",
                "choose another name here or there",
            )
        self._check_terms(source, word)
        if name in self.homes:
            path, line = self.homes[name]
            where = f"in line {line}" + (f" of {path}" if path != source.path else "")
            raise source.error(
                word.span,
                f"`{name}` is already declared {where}",
                "a name has one meaning in a document; choose another or delete this line",
            )
        self.homes[name] = Home(source.path, word.span.line)

    def _check_terms(self, source: Source, word: Word) -> None:
        """A theory term that constants are named after is no longer free to take."""
        if any(quantity.term == word.text for quantity in self.quantities.values()):
            message = f"`{word.text}` is used above as a word of the theory"
            raise source.error(word.span, message, "choose another name")

    def find_sort(self, source: Source, word: Word) -> Sort:
        """The type of that name; ClaimError with the nearest one when there is none."""
        sort = self.sort(word.text)
        if sort is not None:
            return sort
        if word.text in self.things:
            thing = self.things[word.text]
            message = f"`{word.text}` is {describe(thing)} and no type"
            raise source.error(word.span, message, f"write x in {word.text}")
        if word.text in self.homes:
            message = f"`{word.text}` is declared, but it is no type"
            raise source.error(word.span, message, "name a type after the colon")
        fix = nearest(word.text, (*BUILTIN, *self.sorts)) or self._further(word.text)
        fix = fix or f"declare it above with type {word.text}"
        raise source.error(word.span, f"unknown type `{word.text}`", fix)

    def unknown(
        self, source: Source, span: Span, name: str, others: Iterable[str]
    ) -> ClaimError:
        """The error for a name that means nothing here; `others` are local names."""
        if self.sort(name):
            message = f"`{name}` is a type where a term is expected"
            return source.error(
                span, message, f"declare const c: {name}, or quantify over {name}"
            )
        if name.lower() in ("nan", "inf", "infinity"):
            fix = "every number is finite and exact"
            return source.error(span, f"unknown name `{name}`", fix)
        further = self._further(name)
        fix = further or nearest(name, (*others, *self.known()))
        fix = fix or f"declare it above, such as const {name}: Real"
        return source.error(span, f"unknown name `{name}`", fix)

    def _further(self, name: str) -> str:
        line = self.later.get(name)
        return f"it is declared in line {line}; move that above" if line else ""


def nearest(name: str, known: Iterable[str]) -> str:
    """A fix that proposes the known name most like `name`, or nothing."""
    names = [other for other in dict.fromkeys(known) if other != name]
    lowered = {other.lower(): other for other in names}
    if name.lower() in lowered:
        return f"did you mean {lowered[name.lower()]}? case counts"
    close = get_close_matches(name, names[:2_000], 1, 0.6)
    return f"did you mean {close[0]}?" if close else ""


def nearest_statement(name: str, known: Iterable[str]) -> str:
    """The same for names of statements; with none alike, the last few there are."""
    names = tuple(known)
    if fix := nearest(name, names):
        return fix
    return f"there are {', '.join(names[-5:])}" if names else "there is none yet"


def describe(thing: Declaration) -> str:
    """A declared thing in words: `the network f`, `the data set D`, ..."""
    match thing:
        case syntax.Network():
            return f"the network {thing.name.text}"
        case syntax.Data():
            return f"the data set {thing.name.text}"
        case syntax.Region():
            return f"the region {thing.name.text}"
        case syntax.ModelClass():
            return f"the class {thing.name.text}"
        case syntax.Circuit():
            return f"the circuit {thing.name.text}"
        case _:
            return f"the definition {thing.name.text}"


def scope_of(document: Document) -> Scope:
    """The names that a formula about `document` may use."""
    scope = Scope()
    merge(scope, document, Source(document.path, "", (0,)), Span(1, 1, 1, 1))
    return scope


def merge(scope: Scope, document: Document, source: Source, place: Span) -> None:
    """Add what `document` declares; the same declaration twice is one.

    Raises ClaimError at `place` where a name would get a second meaning.
    """

    def add(name: str, same: bool) -> bool:
        if name in scope.opened:
            message = f"{document.path} declares `{name}`, which giving used above"
            raise source.error(place, message, "move this line up, or rename the other")
        if name not in scope.homes:
            scope.homes[name] = Home(document.path, document.lines.get(name, 1))
            return True
        home = scope.homes[name]
        if home.path == source.path:
            raise source.error(
                place,
                f"{document.path} declares `{name}` as line {home.line} does here",
                "delete that line, or rename one of the two",
            )
        if not same:
            raise source.error(
                place,
                f"`{name}` means one thing in {document.path} and another in "
                f"line {home.line} of {home.path}",
                "rename it in one of the documents",
            )
        return False

    for sort in document.sorts:
        if add(sort.name, scope.sorts.get(sort.name) == sort):
            scope.sorts[sort.name] = sort
            for element in sort.elements:
                add(element, False)
                scope.elements[element] = Symbol(element, (), sort)
    for symbol in document.symbols:
        reading = document.readings.get(symbol.name, "")
        same = scope.symbols.get(symbol.name) == symbol and (
            scope.readings.get(symbol.name, "") == reading
        )
        if add(symbol.name, same):
            scope.symbols[symbol.name] = symbol
            if reading:
                scope.readings[symbol.name] = reading
    for definition in document.definitions:
        old = scope.definitions.get(definition.name)
        same = old is not None and old[:3] == definition[:3]
        if add(definition.name, same):
            scope.definitions[definition.name] = definition
    for quantity in document.quantities:
        if quantity.term in scope.homes:
            message = (
                f"{document.path} uses `{quantity.term}` as a word of the theory, and it "
                "is declared here"
            )
            raise source.error(place, message, "rename what is declared")
        known = scope.quantities.setdefault(quantity.name, quantity)
        if known.declaration() != quantity.declaration():
            message = f"{quantity.written} has two meanings in the documents used here"
            raise source.error(place, message, "rename what it is about in one of them")
    for membership in document.memberships:
        scope.memberships[membership.formula] = membership
    for thing in document.declarations:
        if add(thing.name.text, scope.things.get(thing.name.text) == thing):
            scope.things[thing.name.text] = thing
            if isinstance(thing, syntax.DefinitionDeclaration):
                why = "it needs what is not available in this version"
                scope.unsupported[thing.name.text] = f"it uses {describe(thing)}; {why}"
            elif (read := document.thing(thing.name.text)) is not None:
                scope.read[thing.name.text] = read


def read_elements(
    source: Source, declaration: syntax.TypeDeclaration
) -> tuple[str, ...]:
    """The elements of a finite type; ClaimError when there are too many."""
    if len(declaration.elements) > limits.MAX_ELEMENTS:
        raise source.error(
            declaration.elements[limits.MAX_ELEMENTS].span,
            f"a finite type has at most {limits.MAX_ELEMENTS} elements",
            "leave out the elements, and state what is needed as premises",
        )
    return tuple(word.text for word in declaration.elements)
