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
from collections.abc import Mapping
from typing import Any, Final

from verify.kernel import terms
from verify.kernel.problem import Problem
from verify.kernel.rejections import Rejected
from verify.kernel.terms import Symbol, Term
from verify.kernel.text import make_term, read_tree
from verify.solvers import instances
from verify.solvers.answers import Budget
from verify.solvers.clauses import ClauseSearch, Learned
from verify.solvers.nonlinear import refute_polynomials
from verify.solvers.prooflog import ProofLog
from verify.solvers.theory import Theory

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
        self.splits = 0

    # -- clauses in ------------------------------------------------------------------

    def _learn(self, learned: Learned) -> int:
        texts = self.log.texts(learned.literals)
        return self.log.step("clause", literals=texts, hints=list(learned.hints))[0]

    def _add(self, lemma: tuple[int, tuple[frozenset[int], ...]]) -> bool:
        """Give the clauses of a step to the search; whether any was new to it."""
        number, clauses = lemma
        fresh = False
        for clause in clauses:
            for literal in sorted(clause):
                self._meet(literal)
            before = len(self.search.clauses)
            self.search.add(sorted(clause), number)
            fresh = fresh or len(self.search.clauses) > before
        return fresh

    def _meet(self, literal: int) -> None:
        """Prepare for a literal that a clause may make true."""
        stack = [literal]
        while stack:
            literal = stack.pop()
            if literal in self.expanded or abs(literal) == 1:
                continue
            self.expanded.add(literal)
            atom = self.log.atom(abs(literal))
            if atom.op in ("and", "or", "implies", "iff"):
                number, clauses = self.log.step("define", formula=self.log.text(atom))
                for clause in clauses:
                    if -literal in clause:
                        stack += sorted(clause - {-literal})
                        self.search.add(sorted(clause), number)
            elif atom.op in ("forall", "exists"):
                if (atom.op == "forall") == (literal > 0):
                    self.quantified[literal] = {}
            elif -literal not in self.expanded:
                for lemma in self.theory.register(abs(literal), atom):
                    self._add(lemma)
                while self.theory.wanted:
                    self._demand(self.theory.wanted.pop())

    def _demand(self, formula: Term) -> int:
        """Have the search decide a formula that no clause asks about; its number."""
        number = abs(self.log.proof.literal(formula))
        self._meet(number)
        self._meet(-number)
        self.search.demanded[number] = None
        return number

    # -- the start -------------------------------------------------------------------

    def start(self, hints: Mapping[str, Any]) -> None:
        """Put in the facts, the negated goal, and what the author hinted at."""
        facts = {}
        for fact in self.problem.facts:
            rule = "lemma" if fact.kind == "lemma" else "premise"
            self._add(self.log.step(rule, name=fact.name))
            facts[fact.name] = fact.formula
        self._add(self.log.step("goal"))
        if hints.get("method") == "induction":
            self._add(
                self.log.step("induction", formula=self.log.text(self.problem.goal))
            )
            # base and step are what fails: the goal itself needs no counterexample
            self.opened.add(self.log.proof.literal(terms.make_not(self.problem.goal)))
        names: dict[str, Symbol] = {}
        pending = [("instances", *item) for item in hints.get("instances", ())]
        pending += [("witnesses", *item) for item in hints.get("witnesses", ())]
        for _ in range(len(pending) + 1):
            later = []
            for kind, name, texts in pending:
                if name not in facts or not self._hint(facts, kind, name, texts, names):
                    later.append((kind, name, texts))
            if len(later) == len(pending):
                break
            pending = later

    def _hint(
        self,
        facts: dict[str, Term],
        kind: str,
        name: str,
        texts: list[str],
        names: dict[str, Symbol],
    ) -> bool:
        """Follow one hint; False when it must wait for another."""
        try:
            if kind == "witnesses":
                formula = facts[name]
                for constant in texts:
                    number, _ = lemma = self.log.step(
                        "witness", formula=self.log.text(formula)
                    )
                    self._add(lemma)
                    self.opened.add(self.log.proof.literal(formula))
                    names[constant] = self.log.proof.symbols[f"!{number}"]
                    formula = terms.instantiate(
                        formula, terms.constant(names[constant])
                    )
                return True
            scope = {**self.log.proof.symbols, **names}
            arguments = tuple(
                make_term(read_tree(text)[0], self.log.proof.sorts, scope)
                for text in texts
            )
            self._instance(self.log.proof.literal(facts[name]), arguments)
        except Rejected:
            return False
        facts.setdefault(
            f"{name}({', '.join(texts)})", instances.apply(facts[name], arguments)
        )
        return True

    # -- the loop --------------------------------------------------------------------

    def run(self) -> str | None:
        """Go round until the empty clause, or until nothing is left to try."""
        for _ in range(MAX_ROUNDS):
            if time.monotonic() > self.deadline:
                return None
            if not self.search.solve():
                return self.log.certificate()
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
        return self._demand(atom) not in self.search.values

    def _polynomials(self, holding: list[int]) -> bool:
        """A product or square that the arithmetic literals contradict."""
        literals = frozenset(x for x in holding if abs(x) in self.theory.linear)
        curved = any(
            len(monomial) > 1
            for literal in literals
            for monomial in self.theory.linear[abs(literal)][1]
        )
        if not curved or literals in self.attempted:
            return False
        self.attempted.add(literals)
        left = self.deadline - time.monotonic()
        lemma = refute_polynomials(self.log, self.theory, sorted(literals), left / 2)
        return lemma is not None and self._add(lemma)

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

        return instances.truth(formula, literal_truth, self.theory.number, same)
