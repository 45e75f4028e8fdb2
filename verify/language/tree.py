"""What the parser builds at each rule of the grammar: one method a rule, no state.

A method gets all children of its rule, words included, in order; lists grow in place,
since nobody else holds them while the parser runs. Nothing here looks at what a name
means.
"""

from __future__ import annotations

from typing import Any, TypeAlias

from lark.lexer import Token

from verify.language import precedence, syntax
from verify.language.document import Span
from verify.language.errors import ClaimError
from verify.language.positions import span_of
from verify.language.precedence import Piece, Sign, make_expression
from verify.language.syntax import Binder, Entry, Expression, Word

Children: TypeAlias = list[Any]


def span_of_token(token: Token) -> Span:
    return Span(token.line, token.column, token.end_line, token.end_column)


def _word(token: Token) -> Word:
    text = str(token)
    return Word(text[1:-1] if token.type == "TEXT" else text, span_of_token(token))


def _variable(word: Word) -> Word:
    """A name that is bound; ClaimError when it could not be read where it is used."""
    if word.text in precedence.RESERVED:
        raise ClaimError(
            f"`{word.text}` is a word of the language and no name of a variable",
            line=word.span.line,
            column=word.span.column,
            fix="choose another name",
        )
    return word


def _whole(children: Children) -> Span:
    """From the first child to the last, where a child may be a list of nodes."""
    first = children[0]
    last = children[-1][-1] if isinstance(children[-1], list) else children[-1]
    return span_of(
        span_of_token(first) if isinstance(first, Token) else first.span,
        span_of_token(last) if isinstance(last, Token) else last.span,
    )


class TreeBuilder:
    """The callbacks of grammar.lark."""

    def start(self, children: Children) -> list[syntax.Item]:
        items: list[syntax.Item] = children[0]
        return items

    def no_items(self, _: Children) -> list[Any]:
        return []

    def more_items(self, children: Children) -> list[syntax.Item]:
        items: list[syntax.Item] = children[0]
        item = children[1]
        if not isinstance(item, Token):
            items.append(item)
        return items

    def one(self, children: Children) -> list[Any]:
        first = children[0]
        return [_word(first) if isinstance(first, Token) else first]

    def more(self, children: Children) -> list[Any]:
        items: list[Any] = children[0]
        items += self.one(children[-1:])
        return items

    def first(self, children: Children) -> list[Any]:
        return [children[0]]

    def next(self, children: Children) -> list[Any]:
        items: list[Any] = children[0]
        items.append(children[1])
        return items

    def same(self, children: Children) -> Any:
        return children[0]

    # Declarations

    def type_open(self, c: Children) -> syntax.TypeDeclaration:
        return syntax.TypeDeclaration(_word(c[1]), (), _whole(c))

    def type_finite(self, c: Children) -> syntax.TypeDeclaration:
        return syntax.TypeDeclaration(_word(c[1]), tuple(c[4]), _whole(c))

    def constants(self, c: Children) -> syntax.SymbolDeclaration:
        reading = _word(c[5]) if len(c) > 4 else None
        return syntax.SymbolDeclaration(
            tuple(c[1]), (), _word(c[3]), reading, _whole(c)
        )

    def function(self, c: Children) -> syntax.SymbolDeclaration:
        reading = _word(c[8]) if len(c) > 7 else None
        name, result = (_word(c[1]),), _word(c[6])
        return syntax.SymbolDeclaration(name, tuple(c[3]), result, reading, _whole(c))

    def definition(self, c: Children) -> syntax.DefinitionDeclaration:
        parameters = tuple(c[3]) if len(c) > 4 else ()
        return syntax.DefinitionDeclaration(_word(c[1]), parameters, c[-1], _whole(c))

    def use(self, c: Children) -> syntax.Use:
        return syntax.Use(_word(c[1]), _word(c[3]), _whole(c))

    def network_file(self, c: Children) -> syntax.Network:
        return syntax.Network(_word(c[1]), (), None, _word(c[3]), _whole(c))

    def network(self, c: Children) -> syntax.Network:
        return syntax.Network(_word(c[1]), tuple(c[3]), c[6], None, _whole(c))

    def data_file(self, c: Children) -> syntax.Data:
        return syntax.Data(_word(c[1]), (), _word(c[3]), _whole(c))

    def data(self, c: Children) -> syntax.Data:
        return syntax.Data(_word(c[1]), tuple(c[4]), None, _whole(c))

    def point(self, c: Children) -> syntax.Point:
        return syntax.Point(tuple(c[1]), tuple(c[3]), _whole(c))

    def region(self, c: Children) -> syntax.Region:
        return syntax.Region(_word(c[1]), tuple(c[3]), c[6], _whole(c))

    def region_whole(self, c: Children) -> syntax.Region:
        return syntax.Region(_word(c[1]), (), c[3], _whole(c))

    def model_class(self, c: Children) -> syntax.ModelClass:
        return syntax.ModelClass(_word(c[1]), _word(c[3]), tuple(c[5]), _whole(c))

    def option_one(self, c: Children) -> syntax.Option:
        value: Expression = c[2]
        if value.op == "point":
            return syntax.Option(_word(c[0]), "(", value.args, _whole(c))
        return syntax.Option(_word(c[0]), "", (value,), _whole(c))

    def option_bound(self, c: Children) -> syntax.Option:
        return syntax.Option(_word(c[0]), "by", (c[2],), _whole(c))

    def option_none(self, c: Children) -> syntax.Option:
        return syntax.Option(_word(c[0]), "{", (), _whole(c))

    def option_many(self, c: Children) -> syntax.Option:
        return syntax.Option(_word(c[0]), str(c[2]), tuple(c[3]), _whole(c))

    def circuit(self, c: Children) -> syntax.Circuit:
        maker, network = _word(c[3]), _word(c[5])
        return syntax.Circuit(_word(c[1]), maker, network, tuple(c[6]), _whole(c))

    def first_layer(self, c: Children) -> list[syntax.Layer]:
        return [c[1]]

    def layer(self, c: Children) -> syntax.Layer:
        return syntax.Layer(c[0], tuple(c[3]), _whole(c))

    # Statements

    def fact(self, c: Children) -> syntax.Fact:
        label = str(c[2])[1:-1] if c[2].type == "TEXT" else ""
        by = tuple(c[-1]) if isinstance(c[-1], list) else None
        formula = c[-1] if by is None else c[-3]
        return syntax.Fact(str(c[0]), _word(c[1]), label, formula, by, _whole(c))

    def expect(self, c: Children) -> syntax.Expect:
        return syntax.Expect(_word(c[1]), _word(c[2]), _whole(c))

    def limit(self, c: Children) -> syntax.Limit:
        return syntax.Limit(_word(c[1]), _word(c[2]), _whole(c))

    def scope(self, c: Children) -> syntax.Scope:
        return syntax.Scope(_word(c[1]), _word(c[2]), _whole(c))

    def lattice(self, c: Children) -> syntax.Lattice:
        return syntax.Lattice(tuple(c[1]), _whole(c))

    def cuts(self, c: Children) -> syntax.Cuts:
        return syntax.Cuts(c[1], c[3], tuple(c[5]), _whole(c))

    # By-lists

    def dotted(self, c: Children) -> Token:
        first, last = c[0], c[2]
        return Token(
            "NAME", f"{first}.{last}", first.start_pos, first.line, first.column,
            last.end_line, last.end_column, last.end_pos,
        )  # fmt: skip

    def plain(self, c: Children) -> Entry:
        return Entry(_word(c[0]), _whole(c))

    def instance(self, c: Children) -> Entry:
        return Entry(_word(c[0]), _whole(c), tuple(c[2]))

    def induction(self, c: Children) -> Entry:
        return Entry(_word(c[0]), _whole(c), variable=_word(c[2]))

    def entry(self, c: Children) -> Entry:
        entry: Entry = c[0]
        if len(c) == 1:
            return entry
        names = tuple(c[3]) if len(c) > 3 else (_word(c[2]),)
        return entry._replace(giving=names, span=_whole(c))

    def first_entry(self, c: Children) -> list[Entry]:
        return [c[0]]

    def next_entry(self, c: Children) -> list[Entry]:
        entries: list[Entry] = c[0]
        entries.append(c[2])
        return entries

    def from_entry(self, c: Children) -> list[Entry]:
        entries: list[Entry] = c[0]
        entries[-1] = entries[-1]._replace(leads=True)
        entries.append(c[2])
        return entries

    # Expressions

    def binder(self, c: Children) -> Binder:
        return Binder(tuple(map(_variable, c[0])), _word(c[2]))

    def expression(self, c: Children) -> Expression:
        return precedence.make_tree(c[0])

    def begun(self, c: Children) -> list[Piece]:
        prefixes, atom = c
        pieces: list[Piece] = [
            Sign(precedence.PREFIXES[str(token)], span_of_token(token), True)
            for token in prefixes
        ]
        pieces += atom if isinstance(atom, list) else [atom]
        return pieces

    def longer(self, c: Children) -> list[Piece]:
        pieces: list[Piece] = c[0]
        token = c[1]
        sign = Sign(precedence.OPERATORS[str(token)], span_of_token(token), False)
        pieces.append(sign)
        pieces += self.begun(c[2:])
        return pieces

    def number(self, c: Children) -> Expression:
        return make_expression("number", (), _whole(c), text=str(c[0]))

    def name(self, c: Children) -> Expression:
        return make_expression("name", (), _whole(c), text=str(c[0]))

    def call(self, c: Children) -> Expression:
        return make_expression("call", (c[0], *c[2]), _whole(c))

    def group(self, c: Children) -> Expression:
        inner: Expression = c[1]
        return inner._replace(span=_whole(c))

    def coordinates(self, c: Children) -> Expression:
        return make_expression("point", (c[1], *c[3]), _whole(c))

    def place(self, c: Children) -> Expression:
        head = make_expression("name", (), span_of_token(c[0]), text=str(c[0]))
        return make_expression("call", (head, *c[2]), _whole(c))

    def quantified(self, c: Children) -> Expression | list[Piece]:
        return self._quantified(c, tuple(c[1]))

    def member(self, c: Children) -> Expression | list[Piece]:
        place: Expression = c[3]
        head = place.args[0] if place.args else place
        binder = Binder(tuple(map(_variable, c[1])), Word(head.text, head.span), True)
        return self._quantified(c, (binder,), (place,) if place.args else ())

    def _quantified(
        self,
        c: Children,
        binders: tuple[Binder, ...],
        place: tuple[Expression, ...] = (),
    ) -> Expression | list[Piece]:
        op, body, rest = precedence.QUANTIFIERS[str(c[0])], c[-1], list[Piece]()
        if op == "sum":
            body, rest = precedence.split_sum(body)
        tree = precedence.make_tree(body)
        span = span_of(span_of_token(c[0]), tree.span)
        whole = make_expression(op, (tree, *place), span, binders=binders)
        return [whole, *rest] if rest else whole

    def conditional(self, c: Children) -> Expression:
        otherwise = precedence.make_tree(c[5])
        span = span_of(span_of_token(c[0]), otherwise.span)
        return make_expression("if", (c[1], c[3], otherwise), span)
