"""Proofs about networks: the goal taken apart, and one tree for each case of its failure.

In the manner of `verify.solvers.refute`, with networks as the theory: clauses are satisfied
by the clause-learning search, and the linear literals it settles on are handed to the search
for a tree. A tree becomes a `network` step, whose clause goes back to the search until
nothing satisfies it; a point at which all the literals hold refutes the goal. Terms with
`if` are resolved first: where the condition is settled, `combine` puts the branch into the
literal. Facts of the problem are not used.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from fractions import Fraction
from typing import Final, NamedTuple

from verify.kernel import terms
from verify.kernel.networks import Program, read_program
from verify.kernel.normal import at_least_zero
from verify.kernel.polynomials import Polynomial, add, read_polynomial
from verify.kernel.problem import Problem
from verify.kernel.rejections import Rejected
from verify.kernel.terms import REAL, Term
from verify.networks.certificates.branching import search
from verify.networks.certificates.needed import Needed
from verify.networks.certificates.outcomes import Met, Outcome, Point, Stuck, Tree
from verify.networks.query import Empty
from verify.solvers.clauses import ClauseSearch, Learned
from verify.solvers.prooflog import ProofLog
from verify.solvers.theory import Hypothesis, Theory

MAX_ROUNDS: Final = 20_000


class Certified(NamedTuple):
    """The text of a certificate; `cells` counts the nodes of its trees."""

    text: str
    cells: int


class Refuting(NamedTuple):
    """Values of the goal's leading variables, in order, at which its body fails."""

    point: Point


class Argued(NamedTuple):
    """The goal holds, though some case was shown empty without a tree."""

    cells: int


Proving = Certified | Refuting | Argued | Stuck
Ask = Callable[[Program, float], Outcome | Empty]  # about one case, until a deadline


def prove_goal(
    problem: Problem,
    deadline: float,
    point: Point | None = None,
    *,
    ask: Ask = search,
) -> Proving:
    """A certificate that the problem's goal holds, or a point at which it fails.

    The goal is closed, its quantifiers all in front and universal, its atoms linear in the
    bound variables and in values of declared networks; or it denies such a statement, and
    `point` gives values for its variables. `deadline` is a time.monotonic() value. `ask` is
    asked about each case; where it answers Empty there is no certificate. What comes back
    has not been through the kernel: `check` does that.
    """
    try:
        proof = Proof(problem, deadline, ask, point=point)
        proof.start()
        found = proof.close()
        if found is not None:
            return found
        if proof.argued:
            return Argued(proof.cells)
        return Certified(proof.log.certificate(proof.end), proof.cells)
    except Rejected as rejected:
        return Stuck("unsupported", str(rejected))


class Proof:
    """The search for one contradiction: of the negated goal, or of one formula assumed.

    Several may write into one `log`, one after the other. `points` has values for the
    variables of quantified statements that hold (in normal form, each without those in
    front of it); without it `point` is for the only one.
    """

    def __init__(
        self,
        problem: Problem,
        deadline: float,
        ask: Ask,
        *,
        point: Point | None = None,
        points: Mapping[Term, Fraction] | None = None,
        log: ProofLog | None = None,
    ) -> None:
        self.problem, self.deadline, self.ask = problem, deadline, ask
        self.point, self.points = point, points
        self.log = log or ProofLog(problem)
        self.assumed = 0  # the literal that every clause learned depends on
        self.theory = Theory(self.log)
        self.clauses = ClauseSearch(self._learn)
        self.needed = Needed()
        self.functions = {
            symbol for network in problem.networks for symbol, _ in network.functions()
        }
        self.expanded: set[int] = set()
        self.witnesses: list[Term] = []
        self.branches: dict[Term, list[int]] = {}  # an `if` -> it equals one, the other
        self.splits: dict[Term, list[tuple[int, frozenset[int]]]] = {}
        self.given: set[tuple[int, frozenset[int]]] = set()
        self.done: set[tuple[int, int]] = set()
        self.argued = False
        self.cells = 0
        self.end = 0

    def _learn(self, learned: Learned) -> int:
        denied = (-self.assumed,) if self.assumed else ()
        texts = self.log.texts((*learned.literals, *denied))
        hints = [hint for hint in learned.hints if hint]
        number, _ = self.log.step("clause", literals=texts, hints=hints)
        if not learned.literals:
            self.end = number
        return number

    def _add(
        self,
        number: int,
        clauses: tuple[frozenset[int], ...],
        askers: Iterable[int] = (),
    ) -> None:
        """Give a step's clauses to the search, with what their literals mean; `askers`
        are the literals that they are of use to, none where they are given."""
        askers = tuple(askers)
        for clause in clauses:
            self.clauses.add(sorted(clause), number)
            self.needed.add(clause, askers)
            for literal in sorted(clause):
                self._expand(literal)

    def _expand(self, literal: int) -> None:
        stack = [literal]
        while stack:
            literal = stack.pop()
            if literal in self.expanded or abs(literal) == 1:
                continue
            self.expanded.add(literal)
            for number, clause in self._meaning(literal):
                self.needed.add(clause, (literal,))
                if (number, clause) not in self.given:
                    self.given.add((number, clause))
                    self.clauses.add(sorted(clause), number)
                    stack += sorted(clause - {-literal})

    def _meaning(self, literal: int) -> list[tuple[int, frozenset[int]]]:
        """The clauses that say what a literal means, should it become true."""
        atom = self.log.atom(abs(literal))
        if atom.op in ("and", "or", "implies", "iff"):
            number, clauses = self.log.step("define", formula=self.log.text(atom))
            return [(number, clause) for clause in clauses if -literal in clause]
        found: list[tuple[int, frozenset[int]]] = []
        if atom.op in ("<=", "=") and terms.is_numeric(atom.args[0].sort):
            kind = ">=" if atom.op == "<=" else "="
            poly = read_polynomial(atom.args[1] if kind == ">=" else atom.args[0])
            self.theory.linear[abs(literal)] = kind, poly
            for term in terms.subterms(atom):
                if term.op == "if" and not term.loose:
                    found += self._split(term)
        return found

    def _split(self, term: Term) -> list[tuple[int, frozenset[int]]]:
        """The clauses that say what an `if` equals in either case."""
        if term not in self.branches:
            number, clauses = self.log.step("if", term=self.log.text(term))
            self.splits[term] = [(number, clause) for clause in clauses]
            self.branches[term] = [
                self.log.proof.literal(terms.make_equal(term, branch))
                for branch in term.args[1:]
            ]
        return self.splits[term]

    def start(self, assumed: Term | None = None) -> None:
        """Put in the negated goal, or one formula whose negation is to be learned."""
        if assumed is None:
            self._add(*self.log.step("goal"))
            return
        self.assumed = self.log.proof.literal(assumed)
        self.clauses.add([self.assumed], 0)
        self.needed.add([self.assumed])
        self._expand(self.assumed)

    def take(self, number: int) -> None:
        """Put in what an earlier step of the log says, and no more than that."""
        for clause in self.log.proof.clauses[number]:
            self.clauses.add(sorted(clause), number)
            self.needed.add(clause)

    def close(self) -> Refuting | Stuck | None:
        """Search until step `end` is what was to be learned, which gives None."""
        for _ in range(MAX_ROUNDS):
            if time.monotonic() > self.deadline:
                return Stuck("timeout", "the cases of the statement are not all done")
            if not self.clauses.solve():
                return None
            needed = self.needed.select(self.clauses.value)
            holding = [literal for literal in self.clauses.trail if literal in needed]
            if self._open(holding) or self._differ(holding) or self._resolve(holding):
                continue
            found = self._refute(holding)
            if found is not None:
                return found
        return Stuck("incomplete", f"more than {MAX_ROUNDS} cases")

    def _open(self, holding: list[int]) -> bool:
        """Witnesses for the variables of a negated statement, or the instance at the
        point given."""
        found = False
        for literal in holding:
            atom = self.log.atom(abs(literal))
            if atom.op not in ("forall", "exists") or (literal, 0) in self.done:
                continue
            self.done.add((literal, 0))
            formula = self.log.text(atom)
            if (atom.op == "exists") == (literal > 0):
                opened = self.log.open(atom)
                self.witnesses += opened.names
                (number,) = opened.steps
                self._add(number, opened.clauses, (literal,))
                found = True
            else:
                given = self.point
                if self.points is not None:
                    if atom not in self.points:
                        continue  # it holds, and nothing needs it
                    given = (self.points[atom],)
                if given is None:
                    raise Rejected("universal quantifiers in front", atom.op)
                values = [
                    self.log.text(terms.make_number(value, REAL)) for value in given
                ]
                step = self.log.step("instance", formula=formula, terms=values)
                self._add(*step, (literal,))
                found = True
        return found

    def _differ(self, holding: list[int]) -> bool:
        """Two sides that differ are in one order or the other."""
        found = False
        for literal in holding:
            atom = self.log.atom(abs(literal))
            if literal < 0 and atom.op == "=" and (literal, 1) not in self.done:
                self.done.add((literal, 1))
                left, right = map(self.log.text, atom.args)
                step = self.log.step("trichotomy", left=left, right=right)
                self._add(*step, (literal,))
                found = True
        return found

    def _hypotheses(self, holding: list[int]) -> dict[int, Hypothesis]:
        """The linear literals that hold, as the kernel reads them."""
        found = {}
        for literal in holding:
            if abs(literal) in self.theory.linear:
                hypothesis = self.theory.hypothesis(literal)
                if hypothesis is not None:
                    found[literal] = hypothesis
        return found

    def _resolve(self, holding: list[int]) -> bool:
        """Put the branch of an `if` that is settled into the literals that have it."""
        hypotheses = self._hypotheses(holding)
        settled = {
            term: literal
            for term, literals in self.branches.items()
            for literal in literals
            if literal in hypotheses
        }
        found = False
        for literal, (kind, poly) in hypotheses.items():
            choice = self._choice(poly)
            if choice is None or settled.get(choice) in (None, literal):
                continue
            equation = settled[choice]
            if (literal, equation) not in self.done:
                self.done.add((literal, equation))
                other = hypotheses[equation][1]
                factor = -poly[(choice,)] / other[(choice,)]
                pair = [(literal, Fraction(1)), (equation, factor)]
                self._add(
                    *self._combine(kind, pair, (poly, other)), (literal, equation)
                )
                found = True
        return found

    def _combine(
        self,
        kind: str,
        pair: list[tuple[int, Fraction]],
        polys: tuple[Polynomial, Polynomial],
    ) -> tuple[int, tuple[frozenset[int], ...]]:
        """A step by which the sum of a literal and a multiple of an equation holds; a
        strict one is derived by denying it, since `combine` would weaken it."""
        factors = [factor for _, factor in pair]
        total = add(zip(factors, polys, strict=True))
        denied = at_least_zero(add(((Fraction(-1), total),)))
        if kind != ">" or denied.op == "false":
            return self.log.combination("combine", pair)
        if denied.op == "true":
            return self.log.combination("farkas", pair)
        scaled = read_polynomial(denied.args[1])
        monomial = next(iter(scaled))
        third = self.log.proof.literal(denied), -total[monomial] / scaled[monomial]
        return self.log.combination("farkas", [*pair, third])

    @staticmethod
    def _choice(poly: Polynomial) -> Term | None:
        """An `if` among the summands, the one that no other is a branch of."""
        found = [m[0] for m in poly if len(m) == 1 and m[0].op == "if"]
        return max(found, key=lambda term: term.size, default=None)

    def _refute(self, holding: list[int]) -> Refuting | Stuck | None:
        """A network step against the literals that hold; None when the search goes on."""
        hypotheses = self._hypotheses(holding)
        inside = self._conditional(hypotheses)
        literals = [
            literal
            for literal, (_, poly) in hypotheses.items()
            if (choice := self._choice(poly)) is None or choice in inside
        ]
        inputs = self._inputs(hypotheses[literal][1] for literal in literals)
        program = read_program(
            inputs, self.problem.networks, [hypotheses[one] for one in literals]
        )
        found = self.ask(program, self.deadline)
        if isinstance(found, Stuck):
            return found
        if isinstance(found, Empty):
            self.argued, found = True, Tree(())
        if isinstance(found, Met):
            values = dict(zip(inputs, found.point, strict=True))
            zero = Fraction(0)
            return Refuting(tuple(values.get(one, zero) for one in self.witnesses))
        self._take(inputs, literals, found)
        return None

    def _take(self, inputs: list[Term], literals: list[int], tree: Tree) -> None:
        """Write the step down; the kernel checks its tree once, at the end."""
        number = self.log.proof.last + 1
        self.log.records[number] = {
            "id": number,
            "rule": "network",
            "inputs": [self.log.text(term) for term in inputs],
            "literals": self.log.texts(literals),
            "tree": list(tree.nodes),
        }
        clause = frozenset(-literal for literal in literals)
        self.log.proof.clauses[number] = (clause,)
        self.log.proof.last = number
        self.cells += len(tree.nodes)
        self.clauses.add(sorted(clause), number)

    def _conditional(self, hypotheses: dict[int, Hypothesis]) -> set[Term]:
        """The `if` terms inside arguments of networks: inputs of their own."""
        return {
            part
            for _, poly in hypotheses.values()
            for monomial in poly
            for generator in monomial
            if generator.value in self.functions
            for part in terms.subterms(generator)
            if part.op == "if"
        }

    def _inputs(self, polys: Iterable[Polynomial]) -> list[Term]:
        """What the literals speak of besides networks, the witnesses first."""
        found: dict[Term, None] = {}
        stack = [generator for poly in polys for m in poly for generator in m]
        seen = set(stack)
        while stack:
            term = stack.pop()
            if term.value not in self.functions:
                found[term] = None
                continue
            for arg in term.args:
                parts = {g for monomial in read_polynomial(arg) for g in monomial}
                stack += sorted(parts - seen, key=lambda part: part.key)
                seen |= parts
        places = {term: place for place, term in enumerate(self.witnesses)}
        return sorted(found, key=lambda term: (places.get(term, len(places)), term.key))
