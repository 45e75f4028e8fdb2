"""Random ground and finite formulas, and their truth by trying everything.

The evaluator shares no code with the encoders: it walks a term with a plain dictionary of
values. Domains are tiny, and the formula says so itself (`limits`), so a solver and a
search through all assignments must agree.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from itertools import product
from typing import Any

from hypothesis import strategies as st

from verify.kernel import terms
from verify.kernel.terms import BOOL, INT, NAT, REAL, Binder, Sort, Symbol, Term

COIN = Sort("Coin", ("heads", "tails"))
NUMBERS = {
    INT: (-1, 0, 1),
    NAT: (0, 1, 2),
    REAL: (Fraction(-1, 2), Fraction(0), Fraction(1)),
}

P, Q = Symbol("p", (), BOOL), Symbol("q", (), BOOL)
INT_I, INT_J = Symbol("i", (), INT), Symbol("j", (), INT)
N = Symbol("n", (), NAT)
X, Y = Symbol("x", (), REAL), Symbol("y", (), REAL)
C = Symbol("c", (), COIN)
F = Symbol("f", (COIN,), INT)
G = Symbol("g", (COIN,), NAT)
H = Symbol("h", (COIN, BOOL), BOOL)
K = Symbol("k", (COIN,), COIN)
SYMBOLS = (P, Q, INT_I, INT_J, N, X, Y, C, F, G, H, K)

Value = Any
Model = Mapping[Symbol, Mapping[tuple[Value, ...], Value]]


def domain(sort: Sort) -> tuple[Value, ...]:
    if sort == BOOL:
        return (False, True)
    return sort.elements or NUMBERS[sort]


def models(symbols: list[Symbol]) -> Iterator[Model]:
    """Every interpretation of the symbols over the domains."""
    spaces = []
    for symbol in symbols:
        points = list(product(*(domain(sort) for sort in symbol.arguments)))
        values = product(domain(symbol.result), repeat=len(points))
        spaces.append([dict(zip(points, row, strict=True)) for row in values])
    for choice in product(*spaces):
        yield dict(zip(symbols, choice, strict=True))


def symbols_of(formulas: list[Term]) -> list[Symbol]:
    found = {
        part.value
        for formula in formulas
        for part in terms.subterms(formula)
        if isinstance(part.value, Symbol) and part.value.name not in COIN.elements
    }
    return sorted(found, key=lambda symbol: symbol.name)


def value(term: Term, model: Model, scope: tuple[Value, ...] = ()) -> Value:
    """What a term is in a model; recursion is fine, the terms are tiny."""
    if isinstance(term.value, Binder):
        cases = (
            value(term.args[0], model, (*scope, v)) for v in domain(term.value.sort)
        )
        return all(cases) if term.op == "forall" else any(cases)
    args = [value(arg, model, scope) for arg in term.args]
    match term.op:
        case "true" | "false":
            return term.op == "true"
        case "num":
            return term.value
        case "var":
            return scope[-1 - term.value]
        case "app" if term.value.name in COIN.elements:
            return term.value.name
        case "app":
            return model[term.value][tuple(args)]
        case "not":
            return not args[0]
        case "and":
            return all(args)
        case "or":
            return any(args)
        case "implies":
            return not args[0] or args[1]
        case "iff" | "=":
            return args[0] == args[1]
        case "<=":
            return args[0] <= args[1]
        case "<":
            return args[0] < args[1]
        case "+":
            return sum(args)
        case "*":
            result = 1
            for arg in args:
                result *= arg
            return result
        case "if":
            return args[1] if args[0] else args[2]
        case "real":
            return Fraction(args[0])
        case op:
            raise AssertionError(f"no value for {op}")


def is_satisfiable(
    formulas: list[Term], fixed: Mapping[str, Value] | None = None
) -> bool:
    """Whether some model within the domains satisfies the formulas, given some values."""
    fixed = fixed or {}
    return any(
        all(value(formula, model) for formula in formulas)
        for model in models(symbols_of(formulas))
        if all(model[s][()] == fixed[s.name] for s in model if s.name in fixed)
    )


def limits(formulas: list[Term]) -> list[Term]:
    """That every number stays within its domain."""
    out = []
    for symbol in symbols_of(formulas):
        if symbol.result not in NUMBERS:
            continue
        choices = [terms.make_number(v, symbol.result) for v in NUMBERS[symbol.result]]
        for point in product(*(domain(sort) for sort in symbol.arguments)):
            args = [
                _element(v, sort)
                for v, sort in zip(point, symbol.arguments, strict=True)
            ]
            place = terms.make_application(symbol, args)
            out.append(
                terms.make_or(*(terms.make_equal(place, one) for one in choices))
            )
    return out


def _element(found: Value, sort: Sort) -> Term:
    if sort == BOOL:
        return terms.TRUE if found else terms.FALSE
    return terms.constant(Symbol(found, (), sort))


class _Maker:
    """Draws one term, smaller parts from smaller depths."""

    def __init__(self, draw: st.DrawFn) -> None:
        self.draw = draw

    def pick(self, options: Sequence[Any]) -> Any:
        return self.draw(st.sampled_from(options))

    def bound(self, sort: Sort, scope: tuple[Sort, ...]) -> list[Term]:
        places = [i for i, one in enumerate(reversed(scope)) if one == sort]
        return [terms.make_variable(i, sort) for i in places]

    def coin(self, scope: tuple[Sort, ...], depth: int) -> Term:
        known = [_element(name, COIN) for name in COIN.elements]
        if depth and self.pick((False, True)):
            return terms.make_application(K, (self.coin(scope, depth - 1),))
        return self.pick([terms.constant(C), *known, *self.bound(COIN, scope)])

    def number(self, sort: Sort, scope: tuple[Sort, ...], depth: int) -> Term:
        real = sort == REAL
        names = (X, Y) if real else (INT_I, INT_J, N)
        if depth == 0:
            small = [-1, 0, 1, 2, *([Fraction(1, 2)] if real else [])]
            leaves = [terms.make_number(one, sort) for one in small]
            return self.pick([*leaves, *map(terms.constant, names)])
        kinds = ("leaf", "sum", "product", "if", "real" if real else "function")
        match self.pick(kinds):
            case "leaf":
                return self.number(sort, scope, 0)
            case "real":
                return terms.make_real(self.number(INT, scope, depth - 1))
            case "function":
                coin = self.coin(scope, depth - 1)
                return terms.make_application(self.pick((F, G)), (coin,))
            case kind:
                pair = [self.number(sort, scope, depth - 1) for _ in range(2)]
                if kind == "if":
                    return terms.make_if(self.formula(scope, depth - 1), *pair)
                return terms.make("+" if kind == "sum" else "*", *pair)

    def formula(self, scope: tuple[Sort, ...], depth: int) -> Term:
        if depth == 0:
            leaves = [terms.constant(P), terms.constant(Q), terms.TRUE, terms.FALSE]
            return self.pick([*leaves, *self.bound(BOOL, scope)])
        below = depth - 1
        kinds = ["leaf", "not", "and", "or", "implies", "iff", "if", "coins", "h"]
        kinds += ["compare", "compare", "compare"]
        if len(scope) < 2:
            kinds += ["forall", "exists"]
        match self.pick(kinds):
            case "leaf":
                return self.formula(scope, 0)
            case "compare":
                sort = self.pick((INT, REAL))
                pair = [self.number(sort, scope, below) for _ in range(2)]
                return terms.make(self.pick(("=", "<=", "<")), *pair)
            case "coins":
                return terms.make_equal(
                    self.coin(scope, below), self.coin(scope, below)
                )
            case "h":
                args = (self.coin(scope, below), self.formula(scope, below))
                return terms.make_application(H, args)
            case "forall" | "exists" as quantifier:
                sort = self.pick((COIN, BOOL))
                make = getattr(terms, f"make_{quantifier}")
                return make("v", sort, self.formula((*scope, sort), below))
            case kind:
                count = {"not": 1, "if": 3}.get(kind, 2)
                parts = [self.formula(scope, below) for _ in range(count)]
                return terms.make(kind, *parts)


@st.composite
def formulas(draw: st.DrawFn, depth: int = 3) -> Term:
    """Formulas over `SYMBOLS` whose quantifiers run over Coin and Bool."""
    return _Maker(draw).formula((), depth)
