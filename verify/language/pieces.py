"""Pieces of printed text, and when they need parentheses.

A piece knows the level of its loosest operator and whether it would swallow what follows
it, as a quantifier and an `if` do. The small questions of printing arithmetic are here
too: what prints as a subtraction, a power, or a numeral that must say it is real.
"""

from __future__ import annotations

import re
from fractions import Fraction
from typing import Final, NamedTuple

from verify.kernel.terms import Term, make_product
from verify.language import sugar
from verify.language.limits import MAX_POWER

# From loosest to tightest; what follows swallowed text counts as OPEN.
OPEN, IFF, IMPLIES, OR, AND, NOT, COMPARE, ADD, MULTIPLY, MINUS, POWER, ATOM = range(12)
_SLOT: Final = re.compile(r"\{([0-9]+)\}")


class Piece(NamedTuple):
    """Text, how tightly its parts hold together, and whether it swallows what follows."""

    text: str
    level: int
    swallows: bool = False

    def at(self, level: int, *, last: bool = False) -> str:
        """The text where `level` or tighter is needed; `last` if nothing follows it."""
        if self.level < level or (self.swallows and not last):
            return f"({self.text})"
        return self.text


def write_powers(factor: Term, piece: Piece, times: int, *, bare: bool) -> list[str]:
    """The text of equal factors in a row; `bare` if they begin the product."""
    single = piece.at(MULTIPLY if bare else ATOM)
    if factor.op == "num":
        return [single, *[piece.at(ATOM)] * (times - 1)]
    whole, rest = divmod(times, MAX_POWER)
    powers = [MAX_POWER] * whole + [rest] * (rest > 0)
    texts = [
        f"{piece.at(ATOM)}^{power}" if power > 1 else piece.at(ATOM) for power in powers
    ]
    return [single] if times == 1 else texts


def write_numeral(value: Fraction, pinned: bool) -> Piece:
    if value.denominator != 1:
        return Piece(str(value), MULTIPLY)
    text = f"{value}.0" if pinned else str(value)
    return Piece(text, ATOM if value >= 0 else MINUS)


def is_minus_one(term: Term) -> bool:
    return term.op == "num" and term.value == -1


def subtracted(term: Term) -> Term | None:
    """What is taken away where `term` is added, if that is how to print it."""
    if term.op == "num" and isinstance(term.value, Fraction) and term.value < 0:
        return sugar.make_minus(term)
    if term.op == "*" and is_minus_one(term.args[0]):
        rest = term.args[1:]
        if len(rest) > 1 or rest[0].op != "num":
            return make_product(*rest)
    return None


def reads_as_integer(term: Term) -> bool:
    """Whether a real term has integral numerals only, and so prints like an integer."""
    stack = [term]
    while stack:
        node = stack.pop()
        if node.op in ("+", "*"):
            stack.extend(node.args)
        elif node.op == "if":
            stack.extend(node.args[1:])
        elif not isinstance(node.value, Fraction) or node.value.denominator != 1:
            return False
    return True


def fill_sentence(sentence: str, args: list[str]) -> str:
    def argument(slot: re.Match[str]) -> str:
        number = int(slot[1])
        return args[number - 1] if 1 <= number <= len(args) else slot[0]

    return _SLOT.sub(argument, sentence)
