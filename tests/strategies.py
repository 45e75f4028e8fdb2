"""Makers of random vocabularies and terms, for hypothesis and for plain loops alike.

A maker takes any `random.Random`. Under hypothesis that is one of `seeds()`, so what it
makes shrinks; a campaign hands it `random.Random(number)` and is repeatable by number.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from random import Random
from typing import NamedTuple

from hypothesis import strategies as st

from verify.kernel import terms
from verify.kernel.problem import Problem, read_problem, scope_of
from verify.kernel.terms import BOOL, INT, NAT, REAL, Sort, Symbol, Term
from verify.kernel.text import make_term, read_tree

NUMERIC = (INT, NAT, REAL)
Scope = tuple[Sort, ...]  # the sorts of the bound variables, the innermost last


def seeds() -> st.SearchStrategy[Random]:
    """Random number generators that hypothesis replays and shrinks."""
    return st.randoms(use_true_random=False)


class Vocabulary(NamedTuple):
    """Declared sorts and symbols; every sort has a constant or an element."""

    sorts: tuple[Sort, ...]
    symbols: tuple[Symbol, ...]


def vocabulary_of(problem: Problem) -> Vocabulary:
    return Vocabulary(problem.sorts, problem.symbols)


def make_vocabulary(random: Random) -> Vocabulary:
    """Up to three declared sorts, and constants and functions over them."""
    sorts = []
    for name in ("Model", "Colour", "U_1.x")[: random.randint(0, 3)]:
        elements = [f"{name}_{i}" for i in range(random.randint(1, 3))]
        sorts.append(Sort(name, tuple(elements) if random.random() < 0.5 else ()))
    every = [BOOL, *NUMERIC, *sorts]
    symbols = [
        Symbol(f"c_{sort.name}", (), sort) for sort in every if not sort.elements
    ]
    for number in range(random.randint(0, 5)):
        takes = tuple(random.choice(every) for _ in range(random.randint(0, 3)))
        symbols.append(Symbol(f"f{number}", takes, random.choice(every)))
    return Vocabulary(tuple(sorts), tuple(symbols))


class TermMaker:
    """Draws terms over a vocabulary; quantifiers only over the sorts in `binders`."""

    def __init__(
        self,
        random: Random,
        vocabulary: Vocabulary,
        *,
        binders: Sequence[Sort] | None = None,
        division: bool = True,
        products: bool = True,
        largest: int = 4,
    ) -> None:
        self.random = random
        self.vocabulary = vocabulary
        every = (BOOL, *NUMERIC, *vocabulary.sorts)
        self.binders = every if binders is None else tuple(binders)
        self.division = division
        self.products = products
        self.largest = largest
        self.functions: dict[Sort, list[Symbol]] = {}
        for symbol in vocabulary.symbols:
            for sort in (symbol.result, *({NAT: (INT,)}.get(symbol.result, ()))):
                self.functions.setdefault(sort, []).append(symbol)

    def leaf(self, sort: Sort, scope: Scope) -> Term:
        """A constant, an element, a numeral or a variable in scope."""
        choices = [
            terms.make_variable(index, one)
            for index, one in enumerate(reversed(scope))
            if one == sort or (sort, one) == (INT, NAT)
        ]
        names = [*sort.elements] or [
            one.name for one in self.functions.get(sort, ()) if not one.arguments
        ]
        known = {one.name: one for one in self.vocabulary.symbols}
        choices += [
            terms.constant(known.get(name, Symbol(name, (), sort))) for name in names
        ]
        if sort == BOOL:
            choices += [terms.TRUE, terms.FALSE]
        if sort in NUMERIC:
            choices.append(self.number(sort))
        return self.random.choice(choices)

    def number(self, sort: Sort) -> Term:
        low = 0 if sort == NAT else -self.largest
        value = Fraction(self.random.randint(low, self.largest))
        if sort == REAL:
            value /= self.random.randint(1, 3)
        return terms.make_number(value, sort)

    def term(self, sort: Sort, depth: int, scope: Scope = ()) -> Term:
        """A term of this sort, nested at most `depth` deep."""
        if depth <= 0 or self.random.random() < 0.15:
            return self.leaf(sort, scope)
        if sort == BOOL:
            return self.formula(depth, scope)
        below = depth - 1
        kinds = ["leaf", "if"]
        functions = [one for one in self.functions.get(sort, ()) if one.arguments]
        kinds += ["function"] * 2 * bool(functions)
        kinds += ["+", "+", *(["*"] * self.products)] * (sort in NUMERIC)
        kinds += ["real", *(["/"] * self.division)] * (sort == REAL)
        match self.random.choice(kinds):
            case "leaf":
                return self.leaf(sort, scope)
            case "if":
                condition = self.formula(below, scope)
                pair = [self.term(sort, below, scope) for _ in range(2)]
                return terms.make_if(condition, *pair)
            case "function":
                return self.application(self.random.choice(functions), below, scope)
            case "real":
                return terms.make_real(self.term(INT, below, scope))
            case op:
                count = 2 if op == "/" or self.random.random() < 0.7 else 3
                parts = [self.term(sort, below, scope) for _ in range(count)]
                return terms.make(op, *parts)

    def application(self, symbol: Symbol, depth: int, scope: Scope = ()) -> Term:
        args = [self.term(sort, depth, scope) for sort in symbol.arguments]
        return terms.make_application(symbol, args)

    def formula(self, depth: int, scope: Scope = ()) -> Term:
        """A formula, nested at most `depth` deep."""
        if depth <= 0:
            return self.leaf(BOOL, scope)
        below = depth - 1
        kinds = ["leaf", "not", "and", "or", "implies", "iff", "if", "function"]
        kinds += ["compare"] * 4 + ["equal"] + ["forall", "exists"] * bool(self.binders)
        match self.random.choice(kinds):
            case "leaf":
                return self.leaf(BOOL, scope)
            case "compare":
                return self.comparison(below, scope)
            case "equal":
                sort = self.random.choice((BOOL, *self.vocabulary.sorts))
                pair = [self.term(sort, below, scope) for _ in range(2)]
                return terms.make_equal(*pair)
            case "function":
                symbols = [one for one in self.functions[BOOL] if one.arguments]
                if not symbols:
                    return self.leaf(BOOL, scope)
                return self.application(self.random.choice(symbols), below, scope)
            case "forall" | "exists" as quantifier:
                return self.quantified(quantifier, depth, scope)
            case kind:
                count = {"not": 1, "if": 3, "implies": 2, "iff": 2}.get(kind, 0)
                count = count or self.random.randint(2, 3)
                parts = [self.formula(below, scope) for _ in range(count)]
                return terms.make(kind, *parts)

    def comparison(self, depth: int, scope: Scope = ()) -> Term:
        sort = self.random.choice((INT, REAL))
        pair = [self.term(sort, depth, scope) for _ in range(2)]
        return terms.make(self.random.choice(("=", "<=", "<")), *pair)

    def quantified(self, op: str, depth: int, scope: Scope = ()) -> Term:
        sort = self.random.choice(self.binders)
        name = self.random.choice(("x", "y", "n"))
        body = self.formula(depth - 1, (*scope, sort))
        make = terms.make_forall if op == "forall" else terms.make_exists
        return make(name, sort, body)


RICH = read_problem(f"""\
(problem 1)
(sort Model)
(finite Light red amber green)
(symbol M () Model)
(symbol N () Model)
(symbol now () Light)
(symbol next (Light) Light)
(symbol size (Model) Nat)
(symbol loss (Model) Real)
(symbol good (Model) Bool)
(symbol best (Model Model) Model)
(symbol f (Int) Int)
(symbol g (Nat) Nat)
(symbol h (Real Int) Real)
(symbol on (Bool Light) Bool)
(symbol i () Int)
(symbol j () Int)
(symbol n () Nat)
(symbol m () Nat)
(symbol x () Real)
(symbol y () Real)
(symbol p () Bool)
(symbol q () Bool)
(network 2 (relu -1 0 1) (relu 0 0 1 1 -1) (linear 1/2 2 1 3 -2) (outputs (net 4) (net.1 2)))
(extremum low (forall (?v Real) (forall (?p Real) (<= ?v (+ 1/1 (* ?p ?p))))))
(extremum top (forall (?v Real) (forall (?p Real) (implies (and (<= 0/1 ?p) (<= ?p 2/1)) (<= (net ?p 0/1) ?v)))))
(total sum -1 0 2 (forall (?v Real) (forall (?p Real) (forall (?q Real) (= ?v (* ?p ?q))))))
(premise P1 p)
(lemma L1 {"0" * 63}1 (or p q))
(admitted A1 (<= i j))
(goal (and p q))
""")
"""A problem with one of everything; its symbols are the words of many tests."""

RICH_WORDS = vocabulary_of(RICH)
RICH_SORTS, RICH_SYMBOLS = scope_of(RICH)


def read_rich(text: str) -> Term:
    """A closed term over the words of `RICH`."""
    return make_term(read_tree(text)[0], RICH_SORTS, RICH_SYMBOLS)
