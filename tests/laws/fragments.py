"""Random problems by fragment, and how an independent engine answers them.

Each fragment draws a few facts and a goal over its own vocabulary, in a mixture that z3
finds to follow about as often as not.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from random import Random

from tests.strategies import Scope, TermMaker, Vocabulary
from verify.kernel import terms
from verify.kernel.problem import Fact, Problem
from verify.kernel.terms import BOOL, INT, NAT, REAL, Sort, Symbol, Term
from verify.solvers.answers import Answer, Budget
from verify.solvers.z3_backend import solve

U = Sort("U")
LIGHT = Sort("Light", ("red", "amber", "green"))
PROPOSITIONS = tuple(Symbol(name, (), BOOL) for name in ("p", "q", "r", "s"))
REALS = tuple(Symbol(name, (), REAL) for name in ("x", "y", "z"))
INTEGERS = (Symbol("i", (), INT), Symbol("j", (), INT), Symbol("n", (), NAT))
POINTS = tuple(Symbol(name, (), U) for name in ("a", "b", "c"))
FUNCTIONS = (
    Symbol("f", (U,), U), Symbol("g", (U, U), U), Symbol("good", (U,), BOOL),
    Symbol("near", (U, U), BOOL),
)  # fmt: skip
LIGHTS = (
    Symbol("now", (), LIGHT), Symbol("then", (), LIGHT), Symbol("next", (LIGHT,), LIGHT),
    Symbol("on", (LIGHT, BOOL), BOOL),
)  # fmt: skip
NUMBERED = (
    Symbol("size", (U,), NAT), Symbol("loss", (U,), REAL), Symbol("h", (INT,), INT),
    Symbol("u", (NAT,), REAL),
)  # fmt: skip


class LinearMaker(TermMaker):
    """Numbers are linear combinations of constants and applications."""

    def term(self, sort: Sort, depth: int, scope: Scope = ()) -> Term:
        if sort not in (INT, NAT, REAL):
            return super().term(sort, depth, scope)
        if sort == NAT or depth <= 0:
            return self.atom(sort, depth, scope)
        if self.random.random() < 0.1:
            pair = [self.term(sort, depth - 1, scope) for _ in range(2)]
            return terms.make_if(self.formula(depth - 1, scope), *pair)
        parts = [
            terms.make_product(self.number(sort), self.atom(sort, depth, scope))
            for _ in range(self.random.randint(1, 2))
        ]
        if self.random.random() < 0.5:
            parts.append(self.number(sort))
        return terms.make_sum(*parts)

    def atom(self, sort: Sort, depth: int, scope: Scope) -> Term:
        """A constant, an application or a real of an integer."""
        functions = [one for one in self.functions.get(sort, ()) if one.arguments]
        if functions and depth > 0 and self.random.random() < 0.5:
            return self.application(self.random.choice(functions), depth - 1, scope)
        whole = [one for one in self.vocabulary.symbols if one.result in (INT, NAT)]
        if sort == REAL and whole and depth > 0 and self.random.random() < 0.25:
            return terms.make_real(self.atom(INT, depth - 1, scope))
        return self.leaf(sort, scope)

    def number(self, sort: Sort) -> Term:
        if sort == REAL and self.random.random() < 0.7:
            return terms.make_number(self.random.randint(-2, 2), REAL)
        return super().number(sort)


def words(*symbols: Symbol) -> Vocabulary:
    used = {s for one in symbols for s in (*one.arguments, one.result)}
    return Vocabulary(tuple(s for s in (U, LIGHT) if s in used), symbols)


class Fragment:
    """A vocabulary, and how deep facts and goals go."""

    def __init__(
        self,
        vocabulary: Vocabulary,
        *,
        facts: int,
        depth: int,
        binders: tuple[Sort, ...] = (),
        compare: float = 0.0,
    ) -> None:
        self.vocabulary = vocabulary
        self.facts = facts
        self.depth = depth
        self.binders = binders
        self.compare = compare

    def formula(self, maker: TermMaker, random: Random) -> Term:
        if random.random() < self.compare:
            literal = maker.comparison(2)
            return terms.make_not(literal) if random.random() < 0.3 else literal
        return maker.formula(self.depth)

    def problem(self, random: Random) -> Problem:
        maker = LinearMaker(
            random, self.vocabulary, binders=self.binders, division=False, largest=3
        )
        if self.compare == 0.0:
            maker.comparison = lambda depth, scope=(): equality(maker, depth, scope)  # type: ignore[method-assign]
        facts = tuple(
            Fact("premise", f"P{i}", self.formula(maker, random))
            for i in range(random.randint(1, self.facts))
        )
        return Problem(*self.vocabulary, facts, self.formula(maker, random))


def equality(maker: TermMaker, depth: int, scope: Scope) -> Term:
    """Where there are no numbers: an equation, or a formula."""
    sorts = maker.vocabulary.sorts
    if not sorts:
        return maker.formula(depth, scope)
    sort = maker.random.choice(sorts)
    return terms.make_equal(*[maker.term(sort, depth, scope) for _ in range(2)])


FRAGMENTS: dict[str, Fragment] = {
    "propositional": Fragment(words(*PROPOSITIONS), facts=4, depth=3),
    "linear real": Fragment(
        words(*PROPOSITIONS[:2], *REALS), facts=5, depth=3, compare=0.7
    ),
    "linear integer": Fragment(
        words(*PROPOSITIONS[:2], *INTEGERS), facts=5, depth=3, compare=0.7
    ),
    "functions": Fragment(words(*POINTS, *FUNCTIONS), facts=5, depth=3),
    "finite sorts": Fragment(words(PROPOSITIONS[0], *LIGHTS), facts=5, depth=3),
    "mixed": Fragment(
        words(PROPOSITIONS[0], *INTEGERS[:2], INTEGERS[2], *REALS[:1], *POINTS[:2],
              FUNCTIONS[0], FUNCTIONS[2], LIGHTS[0], *NUMBERED),
        facts=5, depth=3, compare=0.6,
    ),
    "quantified": Fragment(
        words(PROPOSITIONS[0], *POINTS[:2], FUNCTIONS[0], FUNCTIONS[2], FUNCTIONS[3],
              INTEGERS[0], NUMBERED[0], LIGHTS[0]),
        facts=4, depth=3, binders=(U, U, LIGHT, INT), compare=0.2,
    ),
}  # fmt: skip


def make_problem(fragment: str, seed: int) -> Problem:
    """The problem of this number in a fragment; the same every time."""
    return FRAGMENTS[fragment].problem(Random(f"{fragment} {seed}"))


def ask_z3(problem: Problem, seconds: float = 5.0) -> Answer:
    """Whether the facts and the negated goal can hold together."""
    question = [(fact.name, fact.formula) for fact in problem.facts]
    question.append(("goal", terms.make_not(problem.goal)))
    return solve(question, Budget(seconds=seconds))


Judge = Callable[[Problem], Answer]
HALF = Fraction(1, 2)
