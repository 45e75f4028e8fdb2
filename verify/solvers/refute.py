"""The search for proofs: refute the facts and the negated goal, writing every step down.

A lazy loop in the manner of DPLL(T): clauses are satisfied by a small clause-learning
search; the literals it settles on are examined by the ground theory (exact simplex,
equality, congruence, integrality); what is left of them is a model, in which quantified
facts are tried and the violated instances added; polynomials are left to the search for
products and squares. Each lemma is a certificate step that the kernel's own rules made,
so an empty clause at the end is a proof, and anything short of it is None.

Formulas are taken apart only where a clause asks for them, and only in the direction in
which it does (Plaisted and Greenbaum, 1986).
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from fractions import Fraction
from typing import Any, Final

from verify.kernel import terms
from verify.kernel.polynomials import Polynomial
from verify.kernel.problem import Problem
from verify.kernel.rejections import Rejected
from verify.kernel.terms import Symbol, Term
from verify.kernel.text import make_term, read_tree
from verify.solvers import instances
from verify.solvers.answers import Budget
from verify.solvers.clauses import ClauseSearch, Learned
from verify.solvers.nonlinear import refute_polynomials
from verify.solvers.prooflog import ProofLog
from verify.solvers.theory import Lemma, Theory

MAX_ROUNDS: Final = 4_000
PER_QUANTIFIER: Final = 1
MAX_SPLITS: Final = 400


class _Exhausted(Exception):
    """Nothing is left to try, or no time."""


def find_certificate(
    problem: Problem,
    hints: Mapping[str, Any] | None = None,
    budget: Budget | None = None,
) -> str | None:
    """The certificate of a proof that the facts entail the goal, or None.

    `hints` may hold "instances" ([fact name, [term texts]]), "witnesses" ([fact name,
    [constant names]]) and a "method"; constants named by witnesses may occur in terms.
    """
    seconds = (budget or Budget()).seconds
    try:
        search = _Refutation(problem, time.monotonic() + seconds)
        search.start(hints or {})
        return search.run()
    except (_Exhausted, Rejected):
        return None


class _Refutation:
    def __init__(self, problem: Problem, deadline: float) -> None:
        self.problem = problem
        self.deadline = deadline
        self.log = ProofLog(problem)
        self.theory = Theory(self.log)
        self.search = ClauseSearch(self._learn)
        self.expanded: set[int] = set()  # literals taken apart
        self.quantified: dict[
            int, dict[tuple[Term, ...], None]
        ] = {}  # literal -> tried
        self.opened: set[int] = set()  # existential literals with a witness
        self.attempted: set[frozenset[int]] = set()  # literal sets given to polynomials
        self.curved = False  # products of terms: the linear model says little of them
        self.splits = 0
        self.end = 0  # the step of the empty clause

    # -- clauses in ------------------------------------------------------------------

    def _learn(self, learned: Learned) -> int:
        texts = self.log.texts(learned.literals)
        number, _ = self.log.step("clause", literals=texts, hints=list(learned.hints))
        if not texts:
            self.end = number
        return number

    def _add(self, lemma: Lemma) -> bool:
        """Give the clauses of a step to the search; whether any was new to it."""
        number, clauses = lemma
        before = len(self.search.clauses)
        prepared = self._prepare(literal for clause in clauses for literal in clause)
        for step, clause in [*prepared, *((number, clause) for clause in clauses)]:
            self.search.add(sorted(clause), step)
        return len(self.search.clauses) > before

    def _prepare(self, literals: Iterable[int]) -> list[tuple[int, frozenset[int]]]:
        """The clauses that say what these literals mean, should one become true."""
        found: list[tuple[int, frozenset[int]]] = []
        stack = sorted(literals)
        while stack:
            literal = stack.pop()
            if literal in self.expanded or abs(literal) == 1:
                continue
            self.expanded.add(literal)
            atom = self.log.atom(abs(literal))
            if atom.op in ("and", "or", "implies", "iff"):
                step, clauses = self.log.step("define", formula=self.log.text(atom))
                for clause in clauses:
                    if -literal in clause:
                        stack += sorted(clause - {-literal})
                        found.append((step, clause))
            elif atom.op in ("forall", "exists"):
                if (atom.op == "forall") == (literal > 0):
                    self.quantified[literal] = {}
            elif -literal not in self.expanded:
                for step, clauses in self.theory.register(abs(literal), atom):
                    for clause in clauses:
                        stack += sorted(clause)
                        found.append((step, clause))
                while self.theory.wanted:
                    stack += self._demand(self.theory.wanted.pop())
        return found

    def _demand(self, formula: Term) -> tuple[int, int]:
        """Have the search decide a formula that no clause asks about; its literals."""
        number = abs(self.log.proof.literal(formula))
        self.search.demanded[number] = None
        return number, -number

    # -- the start -------------------------------------------------------------------

    def start(self, hints: Mapping[str, Any]) -> None:
        """Put in the facts (or those said to suffice), the negated goal, and the hints."""
        facts = {fact.name: self.log.text(fact.formula) for fact in self.problem.facts}
        core = hints.get("core") or facts
        for fact in self.problem.facts:
            if fact.name in core:
                rule = "lemma" if fact.kind == "lemma" else "premise"
                self._add(self.log.step(rule, name=fact.name))
        self._add(self.log.step("goal"))
        if hints.get("method") == "induction":
            self._add(
                self.log.step("induction", formula=self.log.text(self.problem.goal))
            )
            # base and step are what fails: the goal itself needs no counterexample
            self.opened.add(self.log.proof.literal(terms.make_not(self.problem.goal)))
        pending = [
            (kind, facts[name], texts)
            for kind, place in (("instance", "instances"), ("witness", "witnesses"))
            for name, texts in hints.get(place, ())
            if name in core and name in facts
        ]
        pending += [tuple(step) for step in hints.get("steps", ())]
        names: dict[str, Symbol] = {}
        waiting = len(pending) + 1
        while len(pending) < waiting:
            waiting = len(pending)
            pending = [step for step in pending if not self._follow(*step, names)]

    def _follow(
        self, kind: str, text: str, values: list[str], names: dict[str, Symbol]
    ) -> bool:
        """Take a hinted step; False while it mentions a witness that is still to come.

        `names` maps the author's names of witnesses to the constants that stand for them.
        """
        scope = {**self.log.proof.symbols, **names}
        try:
            formula = make_term(read_tree(text)[0], self.log.proof.sorts, scope)
            if kind == "witness":
                for name in values:
                    number, _ = lemma = self.log.step(
                        "witness", formula=self.log.text(formula)
                    )
                    self._add(lemma)
                    self.opened.add(self.log.proof.literal(formula))
                    names[name] = self.log.proof.symbols[f"!{number}"]
                    formula = terms.instantiate(formula, terms.constant(names[name]))
                return True
            trees = (read_tree(value)[0] for value in values)
            arguments = tuple(
                make_term(tree, self.log.proof.sorts, scope) for tree in trees
            )
            self._instance(self.log.proof.literal(formula), arguments)
        except Rejected:
            return False
        return True

    # -- the loop --------------------------------------------------------------------

    def run(self) -> str | None:
        """Go round until the empty clause, or until nothing is left to try."""
        for _ in range(MAX_ROUNDS):
            if time.monotonic() > self.deadline:
                return None
            if not self.search.solve():
                return self.log.certificate(self.end)
            holding = list(self.search.trail)
            lemmas = self.theory.examine(holding)
            if lemmas:
                for lemma in lemmas:
                    self._add(lemma)
            elif not (
                self._witnesses(holding)
                or self._integers(holding)
                or self._polynomials(holding)
                or self._instances(holding)
            ):
                return None
        return None

    def _witnesses(self, holding: list[int]) -> bool:
        """Open the existential facts that hold, each once."""
        found = False
        for literal in holding:
            atom = self.log.atom(abs(literal))
            existential = atom.op == ("exists" if literal > 0 else "forall")
            if existential and literal not in self.opened:
                self.opened.add(literal)
                self._add(self.log.step("witness", formula=self.log.text(atom)))
                found = True
        return found

    def _integers(self, holding: list[int]) -> bool:
        lemmas = self.theory.cut(holding)
        for lemma in lemmas:
            self._add(lemma)
        if lemmas:
            return True
        atom = self.theory.split()
        if atom is None or self.splits >= MAX_SPLITS:
            return False
        self.splits += 1
        literals = self._demand(atom)
        for step, clause in self._prepare(literals):
            self.search.add(sorted(clause), step)
        return literals[0] not in self.search.values

    def _polynomials(self, holding: list[int]) -> bool:
        """A product or square that the arithmetic literals contradict."""
        literals = frozenset(x for x in holding if abs(x) in self.theory.linear)
        self.curved = any(
            len(monomial) > 1
            for literal in literals
            for monomial in self.theory.linear[abs(literal)][1]
        )
        if not self.curved or literals in self.attempted:
            return False
        self.attempted.add(literals)
        left = self.deadline - time.monotonic()
        lemmas = refute_polynomials(self.log, self.theory, sorted(literals), left / 2)
        for lemma in lemmas:
            self._add(lemma)
        return bool(lemmas)

    # -- quantifiers -----------------------------------------------------------------

    def _instance(self, literal: int, arguments: tuple[Term, ...]) -> bool:
        self.quantified.setdefault(literal, {})[arguments] = None
        formula = self.log.text(self.log.atom(abs(literal)))
        texts = [self.log.text(argument) for argument in arguments]
        for argument in arguments:
            for fact in self.theory.know(argument):
                self._add(fact)
        return self._add(self.log.step("instance", formula=formula, terms=texts))

    def _instances(self, holding: list[int]) -> bool:
        """Add the likeliest instances of each quantified fact that are not known to hold:
        a few, so that every fact has its turn."""
        found = False
        self.theory.generation += 1
        for literal in holding:
            if literal not in self.quantified:
                continue
            formula = self.log.atom(abs(literal))
            chosen: list[tuple[Term, ...]] = []
            for arguments in instances.candidates(formula, self.theory.terms):
                if time.monotonic() > self.deadline:
                    raise _Exhausted
                if arguments in self.quantified[literal]:
                    continue
                value = self._truth(instances.apply(formula, arguments))
                if value is not (literal > 0):
                    chosen.append(arguments)
                    if len(chosen) == PER_QUANTIFIER:
                        break
            for arguments in chosen:
                found = self._instance(literal, arguments) or found
        return found

    def _truth(self, formula: Term) -> bool | None:
        def literal_truth(atom: Term) -> bool | None:
            number = self.log.proof.atoms.get(atom)
            return None if number is None else self.search.values.get(number)

        def same(left: Term, right: Term) -> bool | None:
            one, other = map(self.theory.representative, (left, right))
            return True if one == other else None

        def number(poly: Polynomial) -> Fraction | None:
            return None if self.curved else self.theory.number(poly)

        return instances.truth(formula, literal_truth, number, same)
