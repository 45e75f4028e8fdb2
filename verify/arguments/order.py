"""The order of work: imports before what uses them, statements as they were written.

A statement of an imported document counts only if its own proof was accepted in the same
run; so what is cited from an import is decided too, and so on underneath, though only the
document asked for is reported.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from verify.arguments.problems import cited_names, home_of, is_provable
from verify.arguments.standing import Key
from verify.language.document import Document, Statement

Item = tuple[Document, Statement]


def key_of(document: Document, statement: Statement) -> Key:
    """What a statement is filed under; a nameless one by its line."""
    return document.path, statement.name or f"line {statement.span.line}"


def documents_under(document: Document) -> Iterator[Document]:
    """The documents imported, directly or not, each once and before its users; then it."""
    done: set[str] = set()
    stack = [(document, False)]
    while stack:
        here, ready = stack.pop()
        if here.path in done:
            continue
        if ready:
            done.add(here.path)
            yield here
        else:
            stack.append((here, True))
            stack.extend((other, False) for other in here.imports.values())


def items_of(document: Document) -> tuple[Item, ...]:
    """Every statement of the document and of its imports, in the order of work."""
    return tuple(
        (here, statement)
        for here in documents_under(document)
        for statement in here.statements
    )


def wanted_items(
    items: Iterable[Item], document: Document, only: Iterable[str] = ()
) -> tuple[Item, ...]:
    """The statements to decide: the document's (or `only` those) and what they cite."""
    items = tuple(items)
    names = set(only)
    wanted: set[Key] = set()
    for here, statement in reversed(items):
        mine = here.path == document.path and (not names or statement.name in names)
        if mine or key_of(here, statement) in wanted:
            wanted.add(key_of(here, statement))
            wanted.update(_cited(here, statement))
    return tuple(item for item in items if key_of(*item) in wanted)


def _cited(document: Document, statement: Statement) -> Iterator[Key]:
    """What a statement cites; without a by-list, every fact above it may be."""
    searches = is_provable(statement) and statement.by.citations is None
    if searches or statement.kind == "cuts":
        for other in document.statements:
            if other.span >= statement.span:
                break
            yield key_of(document, other)
    for name in cited_names(statement):
        home, local = home_of(document, name)
        yield home.path, local
