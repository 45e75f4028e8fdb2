"""Terms back to the claim language: what is printed here parses to the same term.

A term becomes a piece of text with the level of its loosest operator, and goes into
parentheses only where it would be read differently: a quantifier or `if` swallows
whatever follows, so it may stand bare only at the right end. Sugar comes back where it
cannot be mistaken: `a - b`, `x^2`, `a != b`, relu, abs, min, max. A numeral among reals
prints plainly, and with `.0` where nothing beside it says that it is real.
"""

from __future__ import annotations

import re
from collections.abc import Container, Generator, Iterable, Mapping
from fractions import Fraction
from itertools import count, groupby
from typing import Final, NamedTuple, TypeAlias

from verify.kernel.rejections import Rejected
from verify.kernel.terms import REAL, Binder, Symbol, Term, subterms
from verify.language import pieces, sugar
from verify.language.functions import Function, read_function
from verify.language.pieces import (
    Piece,
    fill_sentence,
    is_minus_one,
    reads_as_integer,
    subtracted,
    write_numeral,
    write_powers,
)
from verify.language.precedence import RESERVED
from verify.language.quantity_names import WORDS, read_quantity_name
from verify.language.trampoline import run

_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")


class Place(NamedTuple):
    """What is to be printed: a term, the names of its variables, and whether its first
    numeral must say that it is real."""

    term: Term
    names: tuple[str, ...]
    pinned: bool = False


Step: TypeAlias = Generator[Place, Piece, Piece]


def render_term(
    term: Term, *, names: Iterable[str] = (), variables: tuple[str, ...] = ()
) -> str:
    """`term` in the claim language.

    `names` are further names that bound variables must not hide; `variables` names the
    loose variables of an open term, outermost first. Raises Rejected when one is missing.
    """
    return _Renderer(term, names, {}).render(term, variables)


def render_with_readings(
    term: Term, readings: Mapping[str, str], *, names: Iterable[str] = ()
) -> str:
    """`term` with each application in the words of its `reads` sentence.

    For people: `the training loss of M_d` for `loss(M_d)`. It does not parse.
    """
    return _Renderer(term, names, readings).render(term, ())


class _Renderer:
    def __init__(
        self, term: Term, names: Iterable[str], readings: Mapping[str, str]
    ) -> None:
        symbols = {
            part.value.name for part in subterms(term) if isinstance(part.value, Symbol)
        }
        words = [word for name in symbols for word in name.split(".")]
        theory = ("unit", *WORDS) if len(words) > len(symbols) else ()
        self.taken: Container[str] = frozenset(
            (*names, *words, *theory, *RESERVED, *sugar.BUILTIN_FUNCTIONS)
        )
        self.hidden: frozenset[str] = frozenset((*names, *symbols, *readings))
        self.readings = readings

    def render(self, term: Term, variables: tuple[str, ...]) -> str:
        pinned = term.sort == REAL and reads_as_integer(term)
        return run(self._begin, Place(term, variables, pinned)).text

    def _begin(self, place: Place) -> Step:
        match place.term.op:
            case "true" | "false" | "num" | "var":
                return self._leaf(place)
            case "app":
                return self._application(place)
            case "real":
                return self._real(place)
            case "forall" | "exists":
                return self._quantified(place)
            case "not":
                return self._negation(place)
            case "and" | "or" | "implies" | "iff":
                return self._connective(place)
            case "=" | "<=" | "<":
                return self._comparison(place, place.term.op)
            case "if":
                return self._if(place)
            case "+":
                return self._sum(place)
            case "*":
                return self._product(place)
            case "/":
                return self._quotient(place)
            case op:
                raise Rejected("a known operator", op)

    def _leaf(self, place: Place) -> Step:
        yield from ()
        term, value = place.term, place.term.value
        if isinstance(value, Fraction):
            return write_numeral(value, place.pinned)
        if isinstance(value, int):
            if value >= len(place.names):
                raise Rejected("a closed term", "a loose variable")
            return Piece(place.names[-1 - value], pieces.ATOM)
        return Piece(term.op, pieces.ATOM)

    def _application(self, place: Place) -> Step:
        args = []
        for arg in place.term.args:
            args.append((yield Place(arg, place.names)).text)
        name = place.term.value.name if isinstance(place.term.value, Symbol) else ""
        if name in self.readings:
            return Piece(fill_sentence(self.readings[name], args), pieces.ATOM)
        quantity = "" if args else read_quantity_name(name)
        if quantity:
            return Piece(quantity, pieces.ATOM)
        function = read_function(name) if args else None
        if function is not None:
            return Piece(_write_function(function, args), pieces.ATOM)
        return Piece(f"{name}({', '.join(args)})" if args else name, pieces.ATOM)

    def _real(self, place: Place) -> Step:
        inner = yield Place(place.term.args[0], place.names)
        return Piece(f"real({inner.text})", pieces.ATOM)

    def _quantified(self, place: Place) -> Step:
        """Quantifiers of one kind in a row share their word."""
        op, body, names = place.term.op, place.term, place.names
        binders = []
        while body.op == op and isinstance(body.value, Binder):
            name = self._fresh(body.value.name, names)
            binders.append(f"{name}: {body.value.sort}")
            names, body = (*names, name), body.args[0]
        inner = yield Place(body, names)
        return Piece(
            f"{op} {', '.join(binders)}. {inner.text}", pieces.ATOM, swallows=True
        )

    def _fresh(self, hint: str, names: tuple[str, ...]) -> str:
        base = hint if _NAME.match(hint) else "v"
        for number in count():
            joint = "_" if base[-1].isdigit() else ""
            name = f"{base}{joint}{number}" if number else base
            if name not in self.taken and name not in names:
                return name
        raise Rejected("a fresh name", base)

    def _negation(self, place: Place) -> Step:
        body = place.term.args[0]
        if body.op == "=":
            return (yield from self._comparison(place._replace(term=body), "!="))
        inner = yield Place(body, place.names)
        return Piece(
            f"not {inner.at(pieces.NOT, last=True)}", pieces.NOT, inner.swallows
        )

    def _connective(self, place: Place) -> Step:
        op = place.term.op
        level, tighter = {
            "and": (pieces.AND, pieces.NOT),
            "or": (pieces.OR, pieces.AND),
            "implies": (pieces.IMPLIES, pieces.OR),
            "iff": (pieces.IFF, pieces.IMPLIES),
        }[op]
        inner = []
        for arg in place.term.args:
            inner.append((yield Place(arg, place.names)))
        parts = [piece.at(tighter) for piece in inner[:-1]]
        end = level if op == "implies" else tighter
        parts.append(inner[-1].at(end, last=True))
        swallows = inner[-1].swallows and parts[-1] == inner[-1].text
        return Piece(f" {op} ".join(parts), level, swallows)

    def _comparison(self, place: Place, sign: str) -> Step:
        left, right = place.term.args
        pinned = (
            left.sort == REAL and reads_as_integer(left) and reads_as_integer(right)
        )
        first = yield Place(left, place.names, pinned)
        second = yield Place(right, place.names)
        return Piece(
            f"{first.at(pieces.ADD)} {sign} {second.at(pieces.ADD)}", pieces.COMPARE
        )

    def _if(self, place: Place) -> Step:
        sugared = self._as_sugar(place.term)
        if sugared:
            name, args = sugared
            pinned = args[0].sort == REAL and all(map(reads_as_integer, args))
            texts = []
            for number, arg in enumerate(args):
                texts.append(
                    (yield Place(arg, place.names, pinned and not number)).text
                )
            return Piece(f"{name}({', '.join(texts)})", pieces.ATOM)
        condition = yield Place(place.term.args[0], place.names)
        then = yield Place(place.term.args[1], place.names, place.pinned)
        otherwise = yield Place(place.term.args[2], place.names)
        text = f"if {condition.text} then {then.text} else {otherwise.text}"
        return Piece(text, pieces.OPEN, swallows=True)

    def _as_sugar(self, term: Term) -> tuple[str, tuple[Term, ...]] | None:
        condition = term.args[0]
        if condition.op != "<=":
            return None
        left, right = condition.args
        for name, make, args in (
            ("relu", sugar.make_relu, (right,)),
            ("abs", sugar.make_absolute, (right,)),
            ("min", sugar.make_minimum, (left, right)),
            ("max", sugar.make_maximum, (right, left)),
        ):
            if name not in self.hidden and make(*args) == term:
                return name, args
        return None

    def _sum(self, place: Place) -> Step:
        text = ""
        for number, part in enumerate(place.term.args):
            negative = subtracted(part) if number else None
            pinned = place.pinned and not number
            piece = yield Place(negative or part, place.names, pinned)
            if not number:
                text = piece.at(pieces.ADD)
            else:
                text += f" {'-' if negative else '+'} {piece.at(pieces.MULTIPLY)}"
        return Piece(text, pieces.ADD)

    def _product(self, place: Place) -> Step:
        factors = place.term.args
        minus = is_minus_one(factors[0]) and factors[1].op != "num"
        parts: list[str] = []
        for factor, equal in groupby(factors[1:] if minus else factors):
            piece = yield Place(factor, place.names, place.pinned and not parts)
            bare = not parts and not minus
            parts += write_powers(factor, piece, len(list(equal)), bare=bare)
        if not minus:
            return Piece("*".join(parts), pieces.MULTIPLY)
        level = pieces.MINUS if len(parts) == 1 else pieces.MULTIPLY
        return Piece("-" + "*".join(parts), level)

    def _quotient(self, place: Place) -> Step:
        above, below = place.term.args
        first = yield Place(above, place.names)
        second = yield Place(below, place.names)
        divisor = f"({second.text})" if below.op == "num" else second.at(pieces.POWER)
        return Piece(f"{first.at(pieces.MULTIPLY)}/{divisor}", pieces.MULTIPLY)


def _write_function(function: Function, args: list[str]) -> str:
    """`f(x, 2)`, `unit(f, 1, 3)(x)`, `without(f, C)(x)` and their like."""
    head = function.network
    for circuit in function.without:
        head = f"without({head}, {circuit})"
    part = [str(number) for number in function.part]
    if len(part) == 2:
        return f"unit({head}, {', '.join(part)})({', '.join(args)})"
    return f"{head}({', '.join((*args, *part))})"
