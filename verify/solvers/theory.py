"""What is known of ground terms: linear arithmetic, equality, congruence, integrality.

Atoms are registered once. `examine` takes the literals that hold and returns lemmas, as
certificate steps, that the literals contradict; none means that arithmetic, equality and
integrality have nothing against them. Equal terms of uninterpreted sorts are found by
paths of equations; functions of equal arguments by comparing the values in the model, so
congruence is only ever stated for pairs that matter.
"""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from itertools import combinations
from math import floor

from verify.kernel import terms
from verify.kernel.normal import at_least_zero, is_element
from verify.kernel.polynomials import CONSTANT, Polynomial, is_integral, read_polynomial
from verify.kernel.terms import NAT, Term
from verify.solvers.integers import impossible_equations
from verify.solvers.prooflog import ProofLog
from verify.solvers.simplex import Simplex

Lemma = tuple[int, tuple[frozenset[int], ...]]
Hypothesis = tuple[str, Polynomial]


class Theory:
    """The ground terms met so far and the state of the current examination."""

    def __init__(self, log: ProofLog) -> None:
        self.log = log
        self.simplex = Simplex()
        self.variables: dict[tuple[Term, ...], int] = {}  # monomial -> simplex variable
        self.linear: dict[int, Hypothesis] = {}  # atom -> what its truth says
        self.links: dict[int, tuple[Term, Term]] = {}  # atom -> equation, no numbers
        self.predicates: dict[Term, int] = {}
        self.terms: dict[Term, int] = {}  # each with its generation
        self.generation = 0
        self.applications: dict[object, list[Term]] = {}  # by function; quotients too
        self.numbers: dict[tuple[Term, ...], Fraction] = {}
        self.classes: dict[Term, Term] = {}
        self.edges: dict[Term, list[tuple[Term, int]]] = {}
        self.truth: dict[int, bool] = {}
        self.given: set[int] = set()  # steps returned as lemmas before
        self.wanted: list[Term] = []  # formulas inside terms: their truth matters

    def register(self, number: int, atom: Term) -> list[Lemma]:
        """Take note of a quantifier-free atom; the facts that come with its terms."""
        if atom.op in ("<=", "=") and terms.is_numeric(atom.args[0].sort):
            kind = ">=" if atom.op == "<=" else "="
            poly = read_polynomial(atom.args[1] if kind == ">=" else atom.args[0])
            self.linear[number] = kind, poly
            for monomial in poly:
                self._variable(monomial)
        elif atom.op == "=":
            self.links[number] = atom.args[0], atom.args[1]
        elif atom.op == "app":
            self.predicates[atom] = number
        return self.know(atom)

    def know(self, atom: Term) -> list[Lemma]:
        """Take note of the closed terms in `atom`; the facts that come with them."""
        lemmas = []
        for term in terms.subterms(atom):
            if term in self.terms or term.loose:
                continue
            self.terms[term] = self.generation
            lemmas += self._facts(term)
        return lemmas

    def _variable(self, monomial: tuple[Term, ...]) -> None:
        for part in (monomial, *((generator,) for generator in monomial)):
            if part and part not in self.variables:
                self.variables[part] = self.simplex.variable()

    def _facts(self, term: Term) -> list[Lemma]:
        text = self.log.text
        facts = []
        if term.op in ("app", "/") and term.args:
            self.applications.setdefault(term.value, []).append(term)
            self.wanted += [arg for arg in term.args if arg.sort == terms.BOOL]
        if term.op in ("app", "if", "/") and terms.is_numeric(term.sort):
            self._variable((term,))
        if term.sort == NAT and term.op in ("app", "if", "*"):
            facts.append(self.log.step("natural", term=text(term)))
        if term.sort.elements and not is_element(term):
            facts.append(self.log.step("element", term=text(term)))
        if term.op == "if":
            facts.append(self.log.step("if", term=text(term)))
        if term.op == "/":
            facts.append(self.log.step("divide", term=text(term)))
        return facts

    def hypothesis(self, literal: int) -> Hypothesis | None:
        """What a linear literal says (the kernel's reading); None for a disequality."""
        kind, poly = self.linear[abs(literal)]
        if literal > 0:
            return kind, poly
        if kind == "=":
            return None
        negated = {monomial: -value for monomial, value in poly.items()}
        if not is_integral(poly):
            return ">", negated
        negated[CONSTANT] = negated.get(CONSTANT, Fraction(0)) - 1
        return ">=", negated

    def examine(self, literals: Iterable[int]) -> list[Lemma]:
        """Lemmas that these literals contradict, or that they need to be decided."""
        holding = list(literals)
        self.truth = {1: True} | {abs(literal): literal > 0 for literal in holding}
        conflicts = self._arithmetic(holding) or self._equations(holding)
        if conflicts:
            return conflicts
        return self._disequalities(holding) or self._fresh(self._congruences())

    def _fresh(self, lemmas: list[Lemma]) -> list[Lemma]:
        """Those not given before: a lemma once given is in the clauses."""
        fresh = [lemma for lemma in lemmas if lemma[0] not in self.given]
        self.given.update(number for number, _ in fresh)
        return fresh

    def _arithmetic(self, holding: list[int]) -> list[Lemma]:
        self.simplex.reset()
        for literal in holding:
            hypothesis = (
                self.hypothesis(literal) if abs(literal) in self.linear else None
            )
            if hypothesis is None:
                continue
            kind, poly = hypothesis
            form = {self.variables[m]: c for m, c in poly.items() if m}
            constant = poly.get(CONSTANT, Fraction(0))
            conflict = self.simplex.assert_literal(literal, kind, form, constant)
            if conflict:
                return [self.log.combination("farkas", conflict.multipliers)]
        conflict = self.simplex.check()
        if conflict:
            return [self.log.combination("farkas", conflict.multipliers)]
        values = self.simplex.solution()
        self.numbers = {monomial: values[v] for monomial, v in self.variables.items()}
        return []

    def number(self, poly: Polynomial) -> Fraction | None:
        """The value of a polynomial, None where a monomial has none."""
        total = poly.get(CONSTANT, Fraction(0))
        for monomial, coefficient in poly.items():
            if monomial and monomial not in self.numbers:
                return None
            if monomial:
                total += coefficient * self.numbers[monomial]
        return total

    def _equations(self, holding: list[int]) -> list[Lemma]:
        """Classes of equal terms of the other sorts, and paths that contradict."""
        self.edges = {}
        for literal in holding:
            if literal in self.links:
                left, right = self.links[literal]
                self.edges.setdefault(left, []).append((right, literal))
                self.edges.setdefault(right, []).append((left, literal))
        self.classes = {}
        lemmas = []
        for start in sorted(self.edges, key=lambda term: not is_element(term)):
            if start in self.classes:
                continue
            queue = [start]
            self.classes[start] = start
            for term in queue:
                for other, _ in self.edges[term]:
                    if other not in self.classes:
                        self.classes[other] = start
                        queue.append(other)
                        if is_element(start) and is_element(other):
                            lemmas.append(self._path(start, other))
        for literal in holding:
            if -literal in self.links:
                left, right = self.links[-literal]
                if self.representative(left) == self.representative(right):
                    lemmas.append(self._path(left, right))
        return lemmas

    def representative(self, term: Term) -> Term:
        return self.classes.get(term, term)

    def _path(self, left: Term, right: Term) -> Lemma:
        """The equation of two connected terms, as a sum of the equations between them."""
        came: dict[Term, tuple[Term, int] | None] = {left: None}
        queue = [left]
        for term in queue:
            for other, literal in self.edges[term]:
                if other not in came:
                    came[other] = term, literal
                    queue.append(other)
        steps: list[tuple[int, Fraction]] = []
        here = right
        while (back := came[here]) is not None:
            previous, literal = back
            forward = self.links[literal] == (previous, here)
            steps.append((literal, Fraction(1 if forward else -1)))
            here = previous
        return self.log.combination("combine", steps)

    def _value(self, term: Term) -> object:
        if terms.is_numeric(term.sort):
            return self.number(read_polynomial(term))
        if term.sort == terms.BOOL:
            atom = self.log.proof.literal(term)
            known = self.truth.get(abs(atom))
            return known if known is None or atom > 0 else not known
        return self.representative(term)

    def _congruences(self) -> list[Lemma]:
        lemmas = []
        for group in self.applications.values():
            by_arguments: dict[tuple[object, ...], list[Term]] = {}
            for term in group:
                key = tuple(map(self._value, term.args))
                if None not in key:
                    by_arguments.setdefault(key, []).append(term)
            for same in by_arguments.values():
                for left, right in combinations(same, 2):
                    one, other = self._value(left), self._value(right)
                    if one != other and one is not None and other is not None:
                        text = self.log.text
                        step = self.log.step(
                            "congruence", left=text(left), right=text(right)
                        )
                        lemmas.append(step)
                        break
        return lemmas

    def _disequalities(self, holding: list[int]) -> list[Lemma]:
        return self.trichotomies(
            literal
            for literal in holding
            if self.linear.get(-literal, ("",))[0] == "="
            and self.number(self.linear[-literal][1]) == 0
        )

    def trichotomies(self, disequalities: Iterable[int]) -> list[Lemma]:
        """The cases of these disequalities, of each only once."""
        pairs = [self.log.atom(-literal).args for literal in disequalities]
        text = self.log.text
        steps = [
            self.log.step("trichotomy", left=text(a), right=text(b)) for a, b in pairs
        ]
        return self._fresh(steps)

    def cut(self, holding: list[int]) -> list[Lemma]:
        """A sum of integer equations that has no integer solution, if there is one."""
        equations = []
        for literal in holding:
            kind, poly = self.linear.get(literal, ("", {}))
            if kind == "=" and is_integral(poly):
                equations.append((literal, poly))
        found = impossible_equations(equations)
        return [self.log.combination("combine", found)] if found else []

    def split(self) -> Term | None:
        """An order atom around an integer term whose value is a fraction."""
        for monomial, value in self.numbers.items():
            if value.denominator != 1 and is_integral({monomial: value}):
                below = {monomial: Fraction(1), CONSTANT: Fraction(-floor(value) - 1)}
                return at_least_zero(below)
        return None
