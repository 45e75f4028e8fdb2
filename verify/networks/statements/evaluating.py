"""Closed statements about networks, evaluated exactly.

Every number is an interval with rational ends, a single point unless a sigmoid is in it; a
comparison that the intervals leave open is neither true nor false.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction

from verify.kernel.networks import Network as Declaration
from verify.kernel.networks import Program
from verify.kernel.rejections import Rejected
from verify.kernel.terms import BOOL, Symbol, Term
from verify.networks.certificates.regions import Interval, evaluate


class Evaluator:
    """Evaluates terms and quantifier-free formulas over these networks."""

    def __init__(self, networks: Iterable[Declaration]) -> None:
        self.functions = {
            symbol: (network, variable)
            for network in networks
            for symbol, variable in network.functions()
        }
        self.known: dict[tuple[int, tuple[Interval, ...]], list[Interval]] = {}

    def number(self, term: Term) -> Interval:
        """The value of a real term. Raises Rejected on one that is not about networks."""
        if isinstance(term.value, Fraction):
            return term.value, term.value
        if term.op == "if":
            holds = self.truth(term.args[0])
            sides = [self.number(arg) for arg in term.args[1:]]
            if holds is None:
                return min(s[0] for s in sides), max(s[1] for s in sides)
            return sides[0 if holds else 1]
        parts = [self.number(arg) for arg in term.args]
        match term.op:
            case "+":
                low, high = (sum(end, Fraction(0)) for end in zip(*parts, strict=True))
                return low, high
            case "*":
                whole = parts[0]
                for part in parts[1:]:
                    corners = [a * b for a in whole for b in part]
                    whole = min(corners), max(corners)
                return whole
            case "real":
                return parts[0]
            case "/" if parts[1][0] == parts[1][1] != 0:
                ends = [end / parts[1][0] for end in parts[0]]
                return min(ends), max(ends)
            case "app" if isinstance(term.value, Symbol):
                return self._apply(term.value, tuple(parts))
        raise Rejected("a term about networks", term.op)

    def _apply(self, symbol: Symbol, point: tuple[Interval, ...]) -> Interval:
        """A network at a point, which must be known exactly."""
        if symbol not in self.functions:
            raise Rejected("a function that a network declares", symbol.name)
        network, variable = self.functions[symbol]
        if any(low != high for low, high in point):
            raise Rejected("a network at a point known exactly", "a sigmoid's value")
        key = id(network), point
        if key not in self.known:
            program = Program(network.units, (), ())
            self.known[key] = evaluate(program, tuple(low for low, _ in point))
        return self.known[key][variable]

    def truth(self, formula: Term) -> bool | None:
        """Whether a quantifier-free formula holds; None where that is not known."""
        match formula.op:
            case "true" | "false":
                return formula.op == "true"
            case "<=" | "<" | "=" if formula.args[0].sort != BOOL:
                left, right = map(self.number, formula.args)
                return _compare(formula.op, left, right)
            case _:
                return connect(formula.op, list(map(self.truth, formula.args)))


def _compare(op: str, left: Interval, right: Interval) -> bool | None:
    if op == "=":
        if left[0] == left[1] == right[0] == right[1]:
            return True
        return False if left[1] < right[0] or right[1] < left[0] else None
    if left[1] < right[0] or (op == "<=" and left[1] == right[0]):
        return True
    if left[0] > right[1] or (op == "<" and left[0] == right[1]):
        return False
    return None


def connect(op: str, parts: Sequence[bool | None]) -> bool | None:
    """The truth of a combination of formulas, where None is not known (Kleene 1938)."""
    match op:
        case "not":
            return None if parts[0] is None else not parts[0]
        case "and" | "or":
            settles = op == "or"
            if settles in parts:
                return settles
            return None if None in parts else not settles
        case "implies":
            return connect("or", (connect("not", parts[:1]), parts[1]))
        case "iff":
            return None if None in parts else parts[0] == parts[1]
        case "if":
            if parts[0] is None:
                return parts[1] if parts[1] == parts[2] else None
            return parts[1] if parts[0] else parts[2]
        case _:
            raise Rejected("a formula about networks", op)
