"""Random problems by fragment, and how an independent engine answers them.

Each fragment draws a few facts and a goal over its own vocabulary, in a mixture that z3
finds to follow about as often as not.
"""

from __future__ import annotations

from fractions import Fraction
from random import Random

from tests.strategies import Scope, TermMaker, Vocabulary
from verify.kernel import terms
from verify.kernel.normal import normal
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
    """Numbers are linear combinations of constants and applications, and no formula is
    true or false by its looks."""

    def leaf(self, sort: Sort, scope: Scope) -> Term:
        if sort == BOOL and not self.constants(BOOL) and BOOL not in scope:
            return equality(self, 0, scope)
        if sort == NAT and not self.constants(NAT) and NAT not in scope:
            return self.number(NAT)
        while True:
            leaf = super().leaf(sort, scope)
            if leaf.op not in ("true", "false", "num"):
                return leaf

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

    def comparison(self, depth: int, scope: Scope = ()) -> Term:
        """Of numbers, where there are constants of that sort."""
        sorts = [sort for sort in (INT, REAL) if self.constants(sort)]
        if sorts:
            sort = self.random.choice(sorts)
            pair = [self.term(sort, depth, scope) for _ in range(2)]
            return terms.make(self.random.choice(("=", "<=", "<")), *pair)
        if self.vocabulary.sorts:
            return equality(self, depth, scope)
        return self.leaf(BOOL, scope)

    def constants(self, sort: Sort) -> list[Symbol]:
        return [one for one in self.functions.get(sort, ()) if not one.arguments]

    def number(self, sort: Sort) -> Term:
        """A small numeral that is not 0, mostly whole."""
        while True:
            number = super().number(INT if sort == NAT else sort)
            whole = isinstance(number.value, Fraction) and number.value.denominator == 1
            if number.value and (whole or self.random.random() < 0.3):
                return number


def words(*symbols: Symbol) -> Vocabulary:
    used = {s for one in symbols for s in (*one.arguments, one.result)}
    return Vocabulary(tuple(s for s in (U, LIGHT) if s in used), symbols)


class Fragment:
    """A vocabulary, and how many facts there are; `compare` of the atoms compare."""

    def __init__(
        self,
        vocabulary: Vocabulary,
        *,
        facts: tuple[int, int],
        binders: tuple[Sort, ...] = (),
        compare: float = 0.0,
    ) -> None:
        self.vocabulary = vocabulary
        self.facts = facts
        self.binders = binders
        self.compare = compare

    def literal(self, maker: TermMaker, scope: Scope = ()) -> Term:
        random, depth = maker.random, maker.random.randint(0, 2)
        if random.random() < self.compare:
            literal = maker.comparison(depth, scope)
        elif self.vocabulary.sorts and random.random() < 0.6:
            literal = equality(maker, depth, scope)
        else:
            literal = maker.term(BOOL, 1, scope)
        return terms.make_not(literal) if random.random() < 0.4 else literal

    def clause(self, maker: TermMaker, scope: Scope = ()) -> Term:
        count = maker.random.choice((1, 2, 2, 3, 3))
        return terms.make_or(*(self.literal(maker, scope) for _ in range(count)))

    def formula(self, maker: TermMaker) -> Term:
        random = maker.random
        if self.binders and random.random() < 0.6:
            sorts = [random.choice(self.binders) for _ in range(random.randint(1, 2))]
            formula = self.clause(maker, tuple(sorts))
            for sort in reversed(sorts):
                makers = (terms.make_forall, terms.make_forall, terms.make_exists)
                formula = random.choice(makers)("v", sort, formula)
            return formula
        return self.clause(maker) if random.random() < 0.8 else maker.formula(3)

    def problem(self, random: Random) -> Problem:
        """A problem none of whose facts is true or false in itself."""
        maker = LinearMaker(
            random, self.vocabulary, binders=self.binders, division=False, largest=3
        )
        count = random.randint(*self.facts)
        formulas: list[Term] = []
        while len(formulas) <= count:
            formula = self.formula(maker)
            if normal(formula) not in (terms.TRUE, terms.FALSE):
                formulas.append(formula)
        facts = [Fact("premise", f"P{i}", one) for i, one in enumerate(formulas[1:])]
        return Problem(*self.vocabulary, tuple(facts), formulas[0])


def equality(maker: TermMaker, depth: int, scope: Scope) -> Term:
    """An equation between two terms that are no numbers."""
    sort = maker.random.choice(maker.vocabulary.sorts)
    while True:
        left, right = (maker.term(sort, depth, scope) for _ in range(2))
        if left != right:
            return terms.make_equal(left, right)


FRAGMENTS: dict[str, Fragment] = {
    "propositional": Fragment(words(*PROPOSITIONS), facts=(5, 14)),
    "linear real": Fragment(words(*PROPOSITIONS[:2], *REALS), facts=(4, 11), compare=0.8),
    "linear integer": Fragment(
        words(*PROPOSITIONS[:2], *INTEGERS), facts=(4, 11), compare=0.8
    ),
    "functions": Fragment(words(*POINTS, *FUNCTIONS), facts=(5, 13)),
    "finite sorts": Fragment(words(PROPOSITIONS[0], *LIGHTS), facts=(4, 10)),
    "mixed": Fragment(
        words(PROPOSITIONS[0], *INTEGERS, *REALS[:1], *POINTS[:2], FUNCTIONS[0],
              FUNCTIONS[2], LIGHTS[0], *NUMBERED),
        facts=(6, 14), compare=0.6,
    ),
    "quantified": Fragment(
        words(PROPOSITIONS[0], *POINTS[:2], FUNCTIONS[0], FUNCTIONS[2], FUNCTIONS[3],
              INTEGERS[0], NUMBERED[0], LIGHTS[0]),
        facts=(3, 8), binders=(U, U, LIGHT, INT), compare=0.25,
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
