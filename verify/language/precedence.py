"""Operators: from the flat chain the grammar reads to a tree, level by level.

One pass a level, tightest first, each a loop over what is left of the chain. Sums,
products, conjunctions and disjunctions become one node with all their parts, however
long; comparisons become one chain, so that `0 < eps <= 1` keeps its shape.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final, NamedTuple, TypeAlias

from verify.kernel.text import KEYWORDS
from verify.language.document import Span
from verify.language.errors import ClaimError
from verify.language.limits import MAX_NESTING
from verify.language.positions import span_of
from verify.language.syntax import Binder, Expression


class Sign(NamedTuple):
    """An operator of a chain under its one name; `prefix` if it stands before a part."""

    text: str
    span: Span
    prefix: bool


Piece: TypeAlias = Sign | Expression

# Every way to write an operator -> its one name.
OPERATORS: Final = {
    "^": "^", "*": "*", "/": "/", "+": "+", "-": "-", "=": "=", "!=": "!=", "≠": "!=",
    "<": "<", "<=": "<=", "≤": "<=", ">": ">", ">=": ">=", "≥": ">=", "in": "in",
    "and": "and", "∧": "and", "or": "or", "∨": "or", "implies": "implies",
    "->": "implies", "iff": "iff", "<->": "iff",
}  # fmt: skip
PREFIXES: Final = {"not": "not", "¬": "not", "-": "-"}
QUANTIFIERS: Final = {
    "forall": "forall",
    "∀": "forall",
    "exists": "exists",
    "∃": "exists",
    "sum": "sum",
}

# Never a name of a thing or a variable, since a formula could not be read back.
RESERVED: Final = KEYWORDS | {"sum"}
RELATIONS: Final = frozenset({"=", "!=", "<", "<=", ">", ">=", "in"})
ARITHMETIC: Final = frozenset({"^", "*", "/", "+", "-"})


def make_expression(
    op: str,
    args: tuple[Expression, ...],
    span: Span,
    *,
    text: str = "",
    signs: tuple[str, ...] = (),
    binders: tuple[Binder, ...] = (),
) -> Expression:
    """A node one deeper than its deepest part; ClaimError past the cap on nesting."""
    depth = 1 + max((arg.depth for arg in args), default=0)
    if depth > MAX_NESTING:
        raise ClaimError(
            f"this formula is nested more than {MAX_NESTING} deep",
            line=span.line,
            column=span.column,
            fix="name a part of it with def",
        )
    return Expression(op, args, span, depth, text, signs, binders)


def make_tree(chain: Sequence[Piece]) -> Expression:
    """The expression of a chain: prefixes, parts and operators, as written.

    Raises ClaimError where two operators cannot stand together without parentheses.
    """
    pieces = list(chain)
    if len(pieces) > 1:
        used = {piece.text for piece in pieces if isinstance(piece, Sign)}
        for names, level in _LEVELS:
            if used & names:
                pieces = level(pieces)
    root = pieces[0]
    if not isinstance(root, Expression) or len(pieces) != 1:
        raise _misplaced(next(piece for piece in pieces if isinstance(piece, Sign)))
    return root


def split_sum(body: Sequence[Piece]) -> tuple[list[Piece], list[Piece]]:
    """The body of a sum, which reaches right as far as it is arithmetic, and the rest."""
    for place, piece in enumerate(body):
        if isinstance(piece, Sign) and piece.text not in ARITHMETIC:
            return list(body[:place]), list(body[place:])
    return list(body), []


def _misplaced(sign: Sign) -> ClaimError:
    return ClaimError(
        f"`{sign.text}` cannot stand here without parentheses",
        line=sign.span.line,
        column=sign.span.column,
        fix=f"put what belongs to `{sign.text}` in parentheses",
    )


def _operand(piece: Piece, after: str = "") -> Expression:
    if isinstance(piece, Sign) and after == "^":
        raise ClaimError(
            "an exponent is a numeral from 0 on",
            line=piece.span.line,
            column=piece.span.column,
            fix="write 1/x^2 for x^-2",
        )
    if isinstance(piece, Sign):
        raise _misplaced(piece)
    return piece


def _join(
    op: str, parts: Sequence[Expression], signs: Sequence[str] = ()
) -> Expression:
    span = span_of(parts[0].span, parts[-1].span)
    return make_expression(op, tuple(parts), span, signs=tuple(signs))


def _runs(
    pieces: list[Piece],
    names: frozenset[str],
    make: Callable[[list[Expression], list[Sign]], Expression],
) -> list[Piece]:
    """Each longest run of parts joined by infix operators of `names`, made one part."""
    out: list[Piece] = []
    place = 0
    while place < len(pieces):
        piece = pieces[place]
        if not (isinstance(piece, Sign) and piece.text in names and not piece.prefix):
            out.append(piece)
            place += 1
            continue
        parts, signs = [_operand(out.pop())], list[Sign]()
        while place < len(pieces):
            sign = pieces[place]
            if not (isinstance(sign, Sign) and sign.text in names and not sign.prefix):
                break
            parts.append(_operand(pieces[place + 1], sign.text))
            signs.append(sign)
            place += 2
        out.append(make(parts, signs))
    return out


def _infix(op: str, *names: str) -> Callable[[list[Piece]], list[Piece]]:
    """A level whose operators make one node `op` of a whole run."""
    keep = op in ("product", "add", "compare")

    def make(parts: list[Expression], signs: list[Sign]) -> Expression:
        return _join(op, parts, [sign.text for sign in signs] if keep else ())

    return lambda pieces: _runs(pieces, frozenset(names), make)


def _power(parts: list[Expression], signs: list[Sign]) -> Expression:
    if len(signs) > 1:
        raise _misplaced(signs[1])
    return _join("power", parts)


def _implies(parts: list[Expression], _: list[Sign]) -> Expression:
    whole = parts.pop()
    while parts:
        whole = _join("implies", (parts.pop(), whole))
    return whole


def _iff(parts: list[Expression], _: list[Sign]) -> Expression:
    whole = parts[0]
    for part in parts[1:]:
        whole = _join("iff", (whole, part))
    return whole


def _prefix(name: str, op: str) -> Callable[[list[Piece]], list[Piece]]:
    """A level of prefix operators: each takes the part after it, from the right."""

    def level(pieces: list[Piece]) -> list[Piece]:
        out: list[Piece] = []
        for piece in reversed(pieces):
            if isinstance(piece, Sign) and piece.prefix and piece.text == name:
                part = _operand(out.pop())
                span = span_of(piece.span, part.span)
                out.append(make_expression(op, (part,), span))
            else:
                out.append(piece)
        return out[::-1]

    return level


_LEVELS: Final = (
    ({"^"}, lambda pieces: _runs(pieces, frozenset("^"), _power)),
    ({"-"}, _prefix("-", "minus")),
    ({"*", "/"}, _infix("product", "*", "/")),
    ({"+", "-"}, _infix("add", "+", "-")),
    (RELATIONS, _infix("compare", *RELATIONS)),
    ({"not"}, _prefix("not", "not")),
    ({"and"}, _infix("and", "and")),
    ({"or"}, _infix("or", "or")),
    ({"implies"}, lambda pieces: _runs(pieces, frozenset({"implies"}), _implies)),
    ({"iff"}, lambda pieces: _runs(pieces, frozenset({"iff"}), _iff)),
)
