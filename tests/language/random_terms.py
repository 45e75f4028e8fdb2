"""Makers of random signatures and closed terms that the claim language can express."""

from __future__ import annotations

from fractions import Fraction
from typing import NamedTuple

from hypothesis import strategies as st

from verify.kernel import terms
from verify.kernel.terms import BOOL, INT, NAT, REAL, Sort, Symbol, Term
from verify.language import sugar
from verify.language.document import Span
from verify.language.functions import Function
from verify.language.names import Home, Scope
from verify.language.things import Circuit, Network, Outline

OPEN = Sort("Model")
FINITE = Sort("Case", ("red", "blue", "by"))
SORTS = (BOOL, INT, NAT, REAL, OPEN, FINITE)
# Names chosen to clash with words of the language, with each other, and with variables.
NAMES = ("x", "y", "f", "step", "then", "max", "relu", "abs1", "loss", "in", "K", "x1")
HINTS = (
    "x", "y", "k", "M", "then", "real", "sum", "not", "max", "x1", "a.1", "", "net",
    "unit", "without", "cut",
)  # fmt: skip
HERE = Span(1, 1, 1, 1)
THINGS = (
    Network("one", Outline(1, 1, (3,), ""), HERE),
    Network("net", Outline(2, 3, (2, 1), ""), HERE),
    Circuit("cut", "net", ((1, 2),), HERE),
    Circuit("less", "net", ((2, 1),), HERE),
)
FUNCTIONS = tuple(
    Function(name, without, part).symbol(inputs)
    for name, inputs, without, part in (
        ("one", 1, (), ()),
        ("one", 1, (), (1, 3)),
        ("net", 2, (), (2,)),
        ("net", 2, (), (1, 2)),
        ("net", 2, ("cut",), (3,)),
        ("net", 2, ("less", "cut"), (2, 1)),
    )
)


class Signature(NamedTuple):
    """Declared symbols by name."""

    symbols: dict[str, Symbol]

    def scope(self) -> Scope:
        scope = Scope(
            sorts={OPEN.name: OPEN, FINITE.name: FINITE},
            symbols=dict(self.symbols),
            elements={name: Symbol(name, (), FINITE) for name in FINITE.elements},
        )
        scope.read.update((thing.name, thing) for thing in THINGS)
        for name in (*scope.sorts, *scope.symbols, *scope.elements, *scope.read):
            scope.homes[name] = Home("", 1)
        return scope


@st.composite
def signatures(draw: st.DrawFn) -> Signature:
    names = draw(st.lists(st.sampled_from(NAMES), unique=True, max_size=8))
    symbols = {}
    for name in names:
        arguments = tuple(draw(st.lists(st.sampled_from(SORTS), max_size=2)))
        symbols[name] = Symbol(name, arguments, draw(st.sampled_from(SORTS)))
    return Signature(symbols)


@st.composite
def closed_terms(
    draw: st.DrawFn, signature: Signature, sort: Sort | None = None, depth: int = 5
) -> Term:
    """A closed term of that sort, or of a random one, small enough to parse."""
    goal = draw(st.sampled_from(SORTS)) if sort is None else sort
    if goal == OPEN and _leaves(signature, OPEN, ()) == []:
        goal = BOOL
    return _term(draw, signature, goal, depth, ())


def _leaves(signature: Signature, sort: Sort, bound: tuple[Sort, ...]) -> list[Term]:
    found = [
        terms.make_application(symbol)
        for symbol in (
            *signature.symbols.values(),
            *(Symbol(name, (), FINITE) for name in FINITE.elements),
        )
        if not symbol.arguments and symbol.result == sort
    ]
    return found + [
        terms.make_variable(index, kind)
        for index, kind in enumerate(reversed(bound))
        if kind == sort
    ]


def _numeral(draw: st.DrawFn, sort: Sort) -> Term:
    if sort == REAL:
        value = draw(st.fractions(-5, 5, max_denominator=7))
        return terms.make_number(value, REAL)
    return terms.make_number(draw(st.integers(0 if sort == NAT else -4, 6)), sort)


def _leaf(
    draw: st.DrawFn, signature: Signature, sort: Sort, bound: tuple[Sort, ...]
) -> Term | None:
    leaves = _leaves(signature, sort, bound)
    if leaves and draw(st.booleans()):
        return draw(st.sampled_from(leaves))
    if sort == BOOL:
        return draw(st.sampled_from((terms.TRUE, terms.FALSE)))
    if sort in (INT, NAT, REAL):
        return _numeral(draw, sort)
    return draw(st.sampled_from(leaves)) if leaves else None


def _term(
    draw: st.DrawFn,
    signature: Signature,
    sort: Sort,
    depth: int,
    bound: tuple[Sort, ...],
) -> Term:
    """A term whose loose variables have the sorts `bound`, outermost first."""
    leaf = _leaf(draw, signature, sort, bound)
    if leaf is not None and (depth == 0 or draw(st.integers(0, 4)) == 0):
        return leaf
    makers = [
        symbol
        for symbol in (*signature.symbols.values(), *FUNCTIONS)
        if symbol.arguments
        and symbol.result == sort
        and (depth > 0 or all(kind not in (OPEN,) for kind in symbol.arguments))
    ]
    if depth <= 0:
        return terms.FALSE if leaf is None else leaf
    if makers and draw(st.integers(0, 3)) == 0:
        symbol = draw(st.sampled_from(makers))
        if all(_reachable(signature, kind, bound) for kind in symbol.arguments):
            return terms.make_application(
                symbol,
                [
                    _term(draw, signature, kind, depth - 1, bound)
                    for kind in symbol.arguments
                ],
            )

    def part(kind: Sort, extra: tuple[Sort, ...] = ()) -> Term:
        return _term(draw, signature, kind, depth - 1, (*bound, *extra))

    if draw(st.integers(0, 5)) == 0 or sort in (OPEN, FINITE):
        return terms.make_if(part(BOOL), part(sort), part(sort))
    if sort == BOOL:
        return _formula(draw, signature, depth, bound)
    return _number(draw, signature, sort, depth, bound)


def _reachable(signature: Signature, sort: Sort, bound: tuple[Sort, ...]) -> bool:
    return sort != OPEN or bool(_leaves(signature, sort, bound))


def _formula(
    draw: st.DrawFn, signature: Signature, depth: int, bound: tuple[Sort, ...]
) -> Term:
    def part(kind: Sort = BOOL, extra: tuple[Sort, ...] = ()) -> Term:
        return _term(draw, signature, kind, depth - 1, (*bound, *extra))

    op = draw(
        st.sampled_from(
            ("not", "and", "or", "implies", "iff", "=", "<=", "<", "forall", "exists")
        )
    )
    match op:
        case "not":
            return terms.make_not(part())
        case "and" | "or":
            return terms.make(op, *(part() for _ in range(draw(st.integers(2, 3)))))
        case "implies" | "iff":
            return terms.make(op, part(), part())
        case "forall" | "exists":
            sort = draw(st.sampled_from(SORTS))
            make = terms.make_forall if op == "forall" else terms.make_exists
            return make(draw(st.sampled_from(HINTS)), sort, part(BOOL, (sort,)))
        case _:
            kinds = (REAL, INT, NAT) if op != "=" else (REAL, INT, NAT, FINITE, OPEN)
            kind = draw(st.sampled_from(kinds))
            if not _reachable(signature, kind, bound):
                kind = REAL
            return terms.make(op, part(kind), part(kind))


def _number(
    draw: st.DrawFn,
    signature: Signature,
    sort: Sort,
    depth: int,
    bound: tuple[Sort, ...],
) -> Term:
    def part(kind: Sort = sort) -> Term:
        return _term(draw, signature, kind, depth - 1, bound)

    choices = ["+", "*", "minus", "power", "abs", "relu", "max", "min", "difference"]
    if sort == REAL:
        choices += ["real", "/", "/"]
    if sort == NAT:
        choices = ["+", "*", "max", "power"]
    match draw(st.sampled_from(choices)):
        case "+":
            return terms.make_sum(*(part() for _ in range(draw(st.integers(2, 3)))))
        case "*":
            return terms.make_product(*(part() for _ in range(draw(st.integers(2, 3)))))
        case "minus":
            return sugar.make_minus(part())
        case "difference":
            return terms.make_sum(part(), sugar.make_minus(part()))
        case "power":
            return sugar.make_power(part(), draw(st.integers(2, 4)))
        case "abs":
            return sugar.make_absolute(part())
        case "relu":
            return sugar.make_relu(part())
        case "min":
            return sugar.make_minimum(part(), part())
        case "max":
            return sugar.make_maximum(part(), part())
        case "real":
            return terms.make_real(part(draw(st.sampled_from((INT, NAT)))))
        case _:
            divisor = part()
            if divisor.op == "num":
                # The language turns these into factors, so there is no such quotient.
                return terms.make_product(
                    terms.make_number(Fraction(1, 3), REAL), divisor
                )
            return terms.make_quotient(part(), divisor)
