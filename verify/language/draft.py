"""A document while it is being read: what has been declared, stated and expected so far."""

from __future__ import annotations

from verify.kernel.terms import Term
from verify.language import limits, syntax
from verify.language.citations import Facts
from verify.language.document import Document, Obligation, Statement
from verify.language.formulas import Reader
from verify.language.limits import Meter
from verify.language.names import Scope
from verify.language.obligations import make_obligations
from verify.language.positions import Source
from verify.language.syntax import Expression, Word
from verify.language.theory import Unsupported, find_unsupported


class Draft:
    """A document as far as it has been read."""

    def __init__(
        self, source: Source, items: tuple[syntax.Item, ...], meter: Meter
    ) -> None:
        self.source = source
        self.scope = Scope(later=_lines_of_declarations(items))
        self.reader = Reader(source, self.scope, meter)
        self.meter = meter
        self.statements: dict[str, Statement] = {}
        self.imports: dict[str, Document] = {}
        self.homes: dict[str, int] = {}
        self.later = _lines_of_facts(items)
        self.expected: dict[str, syntax.Expect] = {}
        self.limit = 10.0
        self.sizes: dict[str, int] = {}
        self.unnamed: dict[str, int] = {}

    def begin(self) -> None:
        """Before the formulas of a statement: nothing noted for it yet."""
        self.reader.places.clear()
        self.reader.used = {}
        self.reader.spoken = {}

    def check_new(self, word: Word) -> None:
        """Whether no statement has that name yet."""
        if word.text in self.homes:
            line = self.homes[word.text]
            message = f"the name `{word.text}` is already used in line {line}"
            fix = "every statement has a name of its own"
            raise self.source.error(word.span, message, fix)

    def add(self, statement: Statement) -> None:
        """Keep a statement, whose name is new."""
        name, source = statement.name, self.source
        if len(self.statements) >= limits.MAX_STATEMENTS:
            message = f"a document has at most {limits.MAX_STATEMENTS} statements"
            raise source.error(
                statement.span, message, "split it into several documents"
            )
        self.homes[name] = statement.span.line
        self.statements[name] = statement

    def facts(self) -> Facts:
        return Facts(self.statements, self.imports, self.later)

    def formula(
        self, node: Expression
    ) -> tuple[Term | None, tuple[Obligation, ...], str]:
        """A closed formula and what it needs, or why it is unsupported."""
        if reason := find_unsupported(self.source, node, self.scope):
            return None, (), reason
        try:
            term = self.reader.read_formula(node)
        except Unsupported as unsupported:
            return None, (), str(unsupported)
        needs = make_obligations(
            term, self.reader.places, self.source, node.span, self.meter
        )
        return term, needs, ""


def _lines_of_declarations(items: tuple[syntax.Item, ...]) -> dict[str, int]:
    lines: dict[str, int] = {}
    for item in items:
        match item:
            case syntax.SymbolDeclaration():
                words = item.names
            case syntax.TypeDeclaration():
                words = (item.name, *item.elements)
            case syntax.DefinitionDeclaration() | syntax.Network() | syntax.Data():
                words = (item.name,)
            case syntax.Region() | syntax.ModelClass() | syntax.Circuit():
                words = (item.name,)
            case _:
                words = ()
        for word in words:
            lines.setdefault(word.text, word.span.line)
    return lines


def _lines_of_facts(items: tuple[syntax.Item, ...]) -> dict[str, int]:
    lines: dict[str, int] = {}
    for item in items:
        if isinstance(item, syntax.Fact):
            lines.setdefault(item.name.text, item.name.span.line)
    return lines
