"""An evaluator of formulas that shares nothing with the kernel's: plain recursion over
Python values, in a world where every function is a random table.

Numbers are Fractions, elements are strings. A quantifier over numbers runs over the
samples of the world only; where that matters a test says why it does no harm.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from fractions import Fraction
from random import Random
from typing import Any

from verify.kernel.terms import Binder, Sort, Symbol, Term

Value = Any  # bool, Fraction or the name of an element
SAMPLES: Mapping[str, Sequence[Fraction]] = {
    "Int": [Fraction(n) for n in range(-2, 3)],
    "Nat": [Fraction(n) for n in range(4)],
    "Real": [Fraction(n, 2) for n in range(-3, 4)],
}


class World:
    """Values for every symbol, drawn when first asked for and then kept.

    `sizes` gives the uninterpreted sorts their number of elements (two otherwise),
    `given` fixes functions by name, `samples` the numbers that quantifiers run over.
    """

    def __init__(
        self,
        seed: int = 0,
        *,
        sizes: Mapping[str, int] | None = None,
        given: Mapping[str, Callable[..., Value]] | None = None,
        samples: Mapping[str, Iterable[Fraction]] | None = None,
    ) -> None:
        self.random = Random(seed)
        self.sizes = dict(sizes or {})
        self.given = dict(given or {})
        self.samples = {**SAMPLES, **(samples or {})}
        self.tables: dict[tuple[str, tuple[Value, ...]], Value] = {}

    def domain(self, sort: Sort) -> Sequence[Value]:
        if sort.name == "Bool":
            return (False, True)
        if sort.name in self.samples:
            return tuple(self.samples[sort.name])
        if sort.elements:
            return sort.elements
        count = self.sizes.setdefault(sort.name, 2)
        return tuple(f"{sort.name}!{i}" for i in range(count))

    def draw(self, sort: Sort) -> Value:
        """A random value of a sort; numbers are small, so that some coincide."""
        if sort.name in ("Int", "Nat"):
            low = 0 if sort.name == "Nat" else -3
            return Fraction(self.random.randint(low, 3))
        if sort.name == "Real":
            return Fraction(self.random.randint(-4, 4), self.random.randint(1, 2))
        return self.random.choice(self.domain(sort))

    def apply(self, symbol: Symbol, args: tuple[Value, ...]) -> Value:
        if symbol.name in self.given:
            return self.given[symbol.name](*args)
        if symbol.name in symbol.result.elements:
            return symbol.name
        key = (symbol.name, args)
        if key not in self.tables:
            self.tables[key] = self.draw(symbol.result)
        return self.tables[key]

    def quotient(self, left: Fraction, right: Fraction) -> Fraction:
        """Division; by zero it is some function of what is divided."""
        if right:
            return left / right
        key = ("/ 0", (left,))
        if key not in self.tables:
            self.tables[key] = Fraction(self.random.randint(-3, 3))
        return self.tables[key]

    def value(self, term: Term, scope: tuple[Value, ...] = ()) -> Value:
        """What a term is in this world, its free variables as in `scope`."""
        if isinstance(term.value, Binder):
            values = (
                self.value(term.args[0], (*scope, one))
                for one in self.domain(term.value.sort)
            )
            return all(values) if term.op == "forall" else any(values)
        args = tuple(self.value(arg, scope) for arg in term.args)
        match term.op:
            case "true" | "false":
                return term.op == "true"
            case "num":
                return term.value
            case "var":
                return scope[-1 - term.value]
            case "app":
                return self.apply(term.value, args)
            case "/":
                return self.quotient(*args)
        return OPERATORS[term.op](*args)


def _times(*factors: Fraction) -> Fraction:
    product = Fraction(1)
    for factor in factors:
        product *= factor
    return product


OPERATORS: Mapping[str, Callable[..., Value]] = {
    "not": lambda a: not a,
    "and": lambda *parts: all(parts),
    "or": lambda *parts: any(parts),
    "implies": lambda a, b: not a or b,
    "iff": lambda a, b: a == b,
    "=": lambda a, b: a == b,
    "<=": lambda a, b: a <= b,
    "<": lambda a, b: a < b,
    "+": lambda *parts: sum(parts, Fraction(0)),
    "*": _times,
    "if": lambda c, a, b: a if c else b,
    "real": lambda a: a,
}
