"""A document's syntax to a `Document`: statement by statement, in the order written.

The first mistake in the file is the one reported: items before a mistake of grammar are
read first, and a `use` is answered when it is reached. Reading is a generator, so that
whoever may open files answers its requests for other documents, and a chain of documents
is not a chain of calls.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import Final, NamedTuple, TypeAlias

from verify.kernel.terms import BOOL, Term
from verify.language import (
    classes,
    declarations,
    declared,
    parser,
    statements,
    syntax,
)
from verify.language.document import Document, Span
from verify.language.draft import Draft
from verify.language.formulas import Reader
from verify.language.limits import Meter
from verify.language.names import Scope, merge
from verify.language.positions import Source, make_source
from verify.language.tables import Columns
from verify.language.theory import Unsupported, find_unsupported
from verify.language.things import Outline


class Model(NamedTuple):
    """A network's file, all links resolved, and its shape: None when nobody looked."""

    file: str
    outline: Outline | None


class Request(NamedTuple):
    """A file wanted: the path as written, where it was written, and what it is to be.

    It is answered with what was read: a `use` with a Document, a model with a Model, and
    data with Columns.
    """

    path: str
    source: Source
    span: Span
    kind: type[Document] | type[Model] | type[Columns] = Document


Answer: TypeAlias = Document | Model | Columns
Reading: TypeAlias = Generator[Request, Answer, Document]
_KINDS: Final = {syntax.Use: Document, syntax.Network: Model, syntax.Data: Columns}


def read_items(source: Source, original: str, meter: Meter) -> Reading:
    """Yield a request for each file named, and return the whole document.

    `original` is the text of the file, prose included. Raises ClaimError at the first
    mistake.
    """
    items, mistake = parser.read_syntax(source, meter)
    draft = Draft(source, items, meter)
    for item in items:
        file = getattr(item, "file", None)
        if isinstance(item, syntax.Use | syntax.Network | syntax.Data) and file:
            if isinstance(item, syntax.Use):
                _check_alias(draft, item)
            answer = yield Request(file.text, source, file.span, _KINDS[type(item)])
            _take(draft, item, answer)
        elif not isinstance(item, syntax.Use):
            _read_item(draft, item, known_to_end=mistake is None)
    if mistake is not None:
        raise mistake
    return _finish(draft, original)


def _take(
    draft: Draft, item: syntax.Use | syntax.Network | syntax.Data, answer: Answer
) -> None:
    """Declare what was read from the file that an item names."""
    source, scope = draft.source, draft.scope
    match item, answer:
        case syntax.Use(), Document():
            merge(scope, answer, source, item.span)
            draft.imports[item.alias.text] = answer
        case syntax.Network(), Model(file, outline):
            declared.declare_model(source, scope, item, file, outline)
        case syntax.Data(), Columns():
            declared.declare_columns(source, scope, item, answer)
        case _:
            raise TypeError(f"no answer for a {type(item).__name__}")


def _read_item(draft: Draft, item: syntax.Own, *, known_to_end: bool) -> None:
    source, scope = draft.source, draft.scope
    match item:
        case syntax.TypeDeclaration():
            declarations.declare_type(source, scope, item)
        case syntax.SymbolDeclaration():
            declarations.declare_symbols(source, scope, item)
        case syntax.DefinitionDeclaration():
            declarations.declare_definition(draft.reader, item)
        case syntax.Fact():
            statements.read_fact(draft, item)
        case syntax.Expect():
            statements.read_expect(draft, item, known_to_end=known_to_end)
        case syntax.Limit():
            draft.limit = statements.read_limit(source, item)
        case syntax.Scope():
            draft.sizes[item.sort.text] = statements.read_scope(source, scope, item)
        case syntax.Lattice():
            statements.read_lattice(draft, item)
        case syntax.Cuts():
            statements.read_cuts(draft, item)
        case syntax.Network():
            declared.declare_network(draft.reader, item)
        case syntax.Data():
            declared.declare_points(source, scope, item)
        case syntax.Region():
            declared.declare_region(draft.reader, item)
        case syntax.ModelClass():
            classes.declare_class(source, scope, item)
        case syntax.Circuit():
            declared.declare_circuit(source, scope, item)


def _check_alias(draft: Draft, item: syntax.Use) -> None:
    if item.alias.text in draft.imports:
        message = f"the name `{item.alias.text}` already stands for another document"
        raise draft.source.error(item.alias.span, message, "choose another after as")


def _finish(draft: Draft, original: str) -> Document:
    scope = draft.scope
    read = tuple(
        statement._replace(expected=draft.expected[name].status.text)
        if name in draft.expected
        else statement
        for name, statement in draft.statements.items()
    )
    return Document(
        path=draft.source.path,
        text=original,
        sorts=tuple(scope.sorts.values()),
        symbols=tuple(scope.symbols.values()),
        readings={**scope.readings, **_readings(scope)},
        definitions=tuple(scope.definitions.values()),
        statements=read,
        imports=dict(draft.imports),
        declarations=tuple(scope.things.values()),
        lines={name: home.line for name, home in scope.homes.items()},
        things=tuple(scope.read.values()),
        quantities=tuple(scope.quantities.values()),
        memberships=tuple(scope.memberships.values()),
        notes=tuple(scope.notes),
    )


def _readings(scope: Scope) -> dict[str, str]:
    """How constants with a meaning are written, by their names."""
    return {name: quantity.written for name, quantity in scope.quantities.items()}


def parse_term(text: str, scope: Scope) -> Term:
    """The closed term that a text is over the names of `scope`.

    Raises ClaimError, with the place in the text, when it is none or speaks of networks
    or data.
    """
    source, meter = make_source("", text), Meter()
    node = parser.read_formula(source, meter)
    if reason := find_unsupported(source, node, scope):
        raise source.error(node.span, reason, "leave it out")
    try:
        return Reader(source, scope, meter).read_term(node)
    except Unsupported as unsupported:
        raise source.error(node.span, str(unsupported), "leave it out") from None


def parse_formula(text: str, scope: Scope) -> Term:
    """The same for a formula, a term of sort Bool."""
    term = parse_term(text, scope)
    if term.sort != BOOL:
        source = make_source("", text)
        message = f"expected a formula, got a term of type {term.sort}"
        raise source.error_at(0, message, "compare it with something, such as <= or =")
    return term
