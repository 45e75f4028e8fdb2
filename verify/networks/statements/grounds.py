"""Ground statements, shown: what networks give at numbers, put into arithmetic.

A statement without quantifiers about networks at numbers is arithmetic over finitely many
values. Each value is shown once, by a network step; the kernel then evaluates the statement
for those values, and it need not be linear. A constant with a declared meaning may be known
between two numbers only; then the statement's atoms must be linear in it, and a linear
combination shows them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from fractions import Fraction
from typing import Final, NamedTuple

from verify.kernel import terms
from verify.kernel.normal import normal
from verify.kernel.polynomials import CONSTANT, Polynomial, read_polynomial
from verify.kernel.problem import Problem
from verify.kernel.rejections import Rejected
from verify.kernel.terms import REAL, Symbol, Term
from verify.language.expansion import replace_constants
from verify.networks.certificates.outcomes import Stuck
from verify.networks.certificates.proving import Ask, Proof
from verify.networks.statements.evaluating import Evaluator, connect
from verify.networks.statements.following import contradict, follow
from verify.networks.statements.quotients import equate_quotient
from verify.solvers.prooflog import ProofLog

MAX_LEAVES: Final = 200  # values that one step of arithmetic takes; more are summed up

Side = tuple[Fraction, int]  # a bound and the step that shows it


class Unsettled(Exception):
    """A ground statement that is not settled: a closed reason, and a sentence."""

    def __init__(self, reason: str, detail: str) -> None:
        self.reason = reason
        self.detail = detail
        super().__init__(reason, detail)


class Bounds(NamedTuple):
    """What is known of a constant; None where nothing is."""

    low: Fraction | None = None
    high: Fraction | None = None

    @property
    def exact(self) -> bool:
        return self.low is not None and self.low == self.high

    def say(self) -> str:
        """Such as "between 1/3 and 1/2"."""
        if self.exact:
            return str(self.low)
        if self.low is None:
            return "not known" if self.high is None else f"at most {self.high}"
        if self.high is None:
            return f"at least {self.low}"
        return f"between {self.low} and {self.high}"


class Grounds:
    """Truth of ground statements over networks and over constants with known bounds."""

    def __init__(self, problem: Problem, known: Mapping[Symbol, Bounds]) -> None:
        self.problem = problem
        self.known = known
        self.evaluator = Evaluator(problem.networks)
        self.exact = {
            symbol: terms.make_number(bounds.low, REAL)
            for symbol, bounds in known.items()
            if bounds.low is not None and bounds.exact
        }

    def value(self, term: Term) -> Fraction:
        """The number that a ground term is. Raises Unsettled where it is not exact."""
        try:
            low, high = self.evaluator.number(replace_constants(term, self.exact))
        except Rejected as rejected:
            raise Unsettled("unsupported", str(rejected)) from None
        if low != high:
            raise Unsettled("unsupported", "a sigmoid's value is no exact number")
        return low

    def truth(self, formula: Term) -> bool | None:
        """Whether a ground statement holds; None where the bounds leave it open."""
        if formula.sort == terms.BOOL and formula.op in (
            "not", "and", "or", "implies", "iff",
        ):  # fmt: skip
            return connect(formula.op, [self.truth(arg) for arg in formula.args])
        if not self.open_constants(formula):
            closed = replace_constants(formula, self.exact)
            try:
                return self.evaluator.truth(closed)
            except Rejected as rejected:
                raise Unsettled("unsupported", str(rejected)) from None
        atom = normal(formula)
        if atom.op == "not":
            found = self._truth_of_atom(atom.args[0])
            return None if found is None else not found
        return self._truth_of_atom(atom)

    def _truth_of_atom(self, atom: Term) -> bool | None:
        if atom.op in ("true", "false"):
            return atom.op == "true"
        if atom.op not in ("<=", "="):
            raise Unsettled("unsupported", "a statement that is not about numbers")
        low, high = self.range(read_polynomial(atom.args[atom.op == "<="]))
        if atom.op == "<=":
            if low is not None and low >= 0:
                return True
            return False if high is not None and high < 0 else None
        if low is not None and low == high == 0:
            return True
        apart = (low is not None and low > 0) or (high is not None and high < 0)
        return False if apart else None

    def range(self, poly: Polynomial) -> tuple[Fraction | None, Fraction | None]:
        """The least and greatest value that the bounds leave a polynomial."""
        low: Fraction | None = Fraction(0)
        high: Fraction | None = Fraction(0)
        for monomial, factor in poly.items():
            bounds = self.bounds_of(monomial)
            ends = (
                (bounds.low, bounds.high) if factor > 0 else (bounds.high, bounds.low)
            )
            low = None if low is None or ends[0] is None else low + factor * ends[0]
            high = None if high is None or ends[1] is None else high + factor * ends[1]
        return low, high

    def bounds_of(self, monomial: tuple[Term, ...]) -> Bounds:
        """What is known of one product. Raises Unsettled where bounds do not help."""
        if monomial == CONSTANT:
            return Bounds(Fraction(1), Fraction(1))
        if len(monomial) == 1 and monomial[0].value in self.known:
            return self.known[monomial[0].value]  # type: ignore[index]
        term = terms.make_product(*monomial)
        unknown = self.open_constants(term)
        if unknown:
            names = ", ".join(f"{s.name} is {self.known[s].say()}" for s in unknown)
            raise Unsettled("incomplete", f"more would have to be known: {names}")
        value = self.value(term)
        return Bounds(value, value)

    def open_constants(self, term: Term) -> list[Symbol]:
        """The constants in it that are not known exactly."""
        found = {
            part.value
            for part in terms.subterms(term)
            if isinstance(part.value, Symbol)
            and part.value in self.known
            and part.value not in self.exact
        }
        return sorted(found)


class GroundProof:
    """Steps that show ground statements; each step's clause is the one statement.

    `sides` has for each constant the steps that show its bounds, lower and upper.
    """

    def __init__(
        self, grounds: Grounds, log: ProofLog, deadline: float, ask: Ask
    ) -> None:
        self.grounds, self.log = grounds, log
        self.deadline, self.ask = deadline, ask
        self.sides: dict[Symbol, tuple[int, int]] = {}
        self.steps: dict[Term, int] = {}  # a statement -> the step that shows it

    def clause(self, literals: Iterable[Term], hints: Iterable[int]) -> int:
        """A step for a clause that follows from earlier steps by unit propagation."""
        texts = [self.log.text(literal) for literal in literals]
        return self.log.step("clause", literals=texts, hints=list(hints))[0]

    def show(self, formula: Term) -> int:
        """A step whose clause is the statement, or its negation where it is false.

        Raises Unsettled where neither can be shown.
        """
        if formula not in self.steps:
            self.steps[formula] = self._show(formula)
        return self.steps[formula]

    def _show(self, formula: Term) -> int:
        truth = self.grounds.truth(formula)
        if truth is None:
            raise Unsettled("incomplete", "the bounds leave it open")
        if formula.op in ("not", "and", "or", "implies", "iff"):
            parts = []
            for arg in formula.args:
                if self.grounds.truth(arg) is not None:
                    parts.append(self.show(arg))
            asked = formula if truth else terms.make_not(formula)
            return follow(self.log, asked, parts)
        few = len(find_leaves(formula)) <= MAX_LEAVES
        if few and not self.grounds.open_constants(formula):
            return self._evaluate(formula, truth)
        return self._combine(formula, truth)

    def equation(self, term: Term) -> tuple[Fraction, int]:
        """The value of a ground term, and a step with the clause `term = value`."""
        value = self.grounds.value(term)
        equation = terms.make_equal(term, terms.make_number(value, REAL))
        if equation not in self.steps:
            self.steps[equation] = self._equate(term, equation)
        return value, self.steps[equation]

    def _equate(self, term: Term, equation: Term) -> int:
        if term.value in self.sides:
            low, high = self.sides[term.value]  # type: ignore[index]
            left, right = map(self.log.text, equation.args)
            order, _ = self.log.step("trichotomy", left=left, right=right)
            return self.clause([equation], [low, high, order])
        if term.op == "/":
            return equate_quotient(self.log, term, self.equation)
        if term.op != "app":
            return self.show(equation)
        problem = self.log.proof.problem
        proof = Proof(problem, self.deadline, self.ask, points={}, log=self.log)
        proof.start(terms.make_not(equation))
        stuck = proof.close()
        if isinstance(stuck, Stuck):
            raise Unsettled(stuck.reason, stuck.detail)
        if stuck is not None or proof.argued:
            raise Unsettled("no_certificate", "a value of a network was only computed")
        return proof.end

    def _evaluate(self, formula: Term, truth: bool) -> int:
        """By evaluation, with the values of its parts taken as they were shown."""
        asked = formula if truth else terms.make_not(formula)
        pairs, hints = [], []
        for leaf in find_leaves(formula):
            value, step = self.equation(leaf)
            pairs.append([self.log.text(leaf), str(value)])
            hints.append(step)
        text = self.log.text(asked)
        step, _ = self.log.step("cases", formula=text, values=pairs)
        return self.clause([asked], [*hints, step]) if hints else step

    def _combine(self, formula: Term, truth: bool) -> int:
        """By a linear combination of the values and bounds of its parts."""
        atom = normal(formula)
        if atom.op == "not":
            atom, truth = atom.args[0], not truth
        if atom.op == "=":
            return self._combine_equation(atom, truth)
        asked = atom if truth else terms.make_not(atom)
        return self.derive(asked)

    def _combine_equation(self, atom: Term, truth: bool) -> int:
        zero = terms.make_number(0, REAL)
        above = terms.make_at_most(zero, atom.args[0])
        below = terms.make_at_most(atom.args[0], zero)
        if truth:
            left, right = map(self.log.text, atom.args)
            order, _ = self.log.step("trichotomy", left=left, right=right)
            return self.clause([atom], [self.derive(above), self.derive(below), order])
        low, _ = self.grounds.range(read_polynomial(atom.args[0]))
        apart = below if low is not None and low > 0 else above
        step = contradict(self.log, [atom, terms.make_not(apart)])
        shown = self.derive(terms.make_not(apart))
        return self.clause([terms.make_not(atom)], [shown, step])

    def derive(self, asked: Term) -> int:
        """A step for a linear literal that follows from what is known of its parts."""
        denied = normal(terms.make_not(asked))
        if denied.op in ("true", "false"):
            return self.clause([asked], [])
        known, hints = [denied], []
        atom = denied.args[0] if denied.op == "not" else denied
        for monomial in read_polynomial(atom.args[1]):
            for literal, step in self._part(monomial):
                known.append(literal)
                hints.append(step)
        step = contradict(self.log, known)
        (clause,) = self.log.proof.clauses[step]
        used = [
            hint
            for literal, hint in zip(known[1:], hints, strict=True)
            if -self.log.proof.literal(literal) in clause
        ]
        return self.clause([asked], [*used, step])

    def _part(self, monomial: tuple[Term, ...]) -> Iterator[tuple[Term, int]]:
        """Literals that bound one product, and the steps that show them."""
        if monomial == CONSTANT:
            return
        term = terms.make_product(*monomial)
        symbol = term.value
        if not isinstance(symbol, Symbol) or symbol not in self.sides:
            value, step = self.equation(term)
            yield terms.make_equal(term, terms.make_number(value, REAL)), step
            return
        bounds = self.grounds.known[symbol]
        for end, step, upper in zip(
            bounds, self.sides[symbol], (False, True), strict=True
        ):
            if end is not None:
                number = terms.make_number(end, REAL)
                pair = (term, number) if upper else (number, term)
                yield terms.make_at_most(*pair), step


def find_leaves(formula: Term) -> list[Term]:
    """What is not plain arithmetic in it: closed applications of networks, constants, and
    quotients, those inside others too."""
    return [
        part
        for part in terms.subterms(formula)
        if part.op in ("app", "/") and not part.loose
    ]
