"""Writing certificates: every step is taken through the kernel's own rules as it is made.

The search keeps a live `Proof` and asks it for the clauses of each step, so what it works
with is exactly what the checker will see. At the end only the steps that the empty clause
needs are written.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from fractions import Fraction
from typing import Any, NamedTuple

from verify.kernel import terms
from verify.kernel.certificate import FORMAT, VERSION
from verify.kernel.check import Proof
from verify.kernel.problem import Problem
from verify.kernel.terms import Binder, Term
from verify.kernel.text import write_term


def write_certificate(
    problem: Problem, claim: str, lines: Iterable[dict[str, Any]]
) -> str:
    """The text of a certificate for `problem` with these steps or model lines."""
    text = problem.text()
    head = {
        "format": FORMAT,
        "version": VERSION,
        "claim": claim,
        "problem": problem.sha(),
    }
    return "".join(json.dumps(line) + "\n" for line in (head, {"text": text}, *lines))


class Steps:
    """Numbered steps, in order, without a live proof beside them."""

    def __init__(self) -> None:
        self.records: list[dict[str, Any]] = []

    def add(self, rule: str, **fields: object) -> int:
        number = len(self.records) + 1
        self.records.append({"id": number, "rule": rule, **fields})
        return number

    def define(self, formula: Term) -> list[int]:
        """The step that takes a formula apart; none for a literal."""
        if formula.op not in ("and", "or", "implies"):
            return []
        return [self.add("define", formula=write_term(formula))]


class Opened(NamedTuple):
    """What is left of a formula at the witnesses of its leading quantifiers, and the
    steps that say so."""

    body: Term
    names: tuple[Term, ...]
    steps: tuple[int, ...]
    clauses: tuple[frozenset[int], ...]


class ProofLog:
    """The steps taken so far; each is made once, however often it is asked for."""

    def __init__(self, problem: Problem) -> None:
        self.proof = Proof(problem)
        self.records: dict[int, dict[str, Any]] = {}
        self.made: dict[str, int] = {}
        self.written: dict[Term, str] = {}
        self._atoms: list[Term] = []

    def atom(self, number: int) -> Term:
        """The formula of an atom's number."""
        if len(self._atoms) < len(self.proof.atoms):
            self._atoms = list(self.proof.atoms)
        return self._atoms[number - 1]

    def formula(self, literal: int) -> Term:
        atom = self.atom(abs(literal))
        return atom if literal > 0 else terms.make_not(atom)

    def text(self, term: Term) -> str:
        if term not in self.written:
            text = write_term(term)
            self.written[term] = text
            self.proof.texts[text] = term
        return self.written[term]

    def texts(self, literals: Iterable[int]) -> list[str]:
        return [self.text(self.formula(literal)) for literal in literals]

    def step(
        self, rule: str, **fields: object
    ) -> tuple[int, tuple[frozenset[int], ...]]:
        """Take one step; its number and clauses. Raises Rejected when the rule does."""
        key = json.dumps([rule, fields], sort_keys=True)
        number = self.made.get(key)
        if number is None:
            number = self.proof.last + 1
            record = {"id": number, "rule": rule, **fields}
            self.proof.take(record)
            self.records[number] = record
            self.made[key] = number
        return number, self.proof.clauses[number]

    def open(self, formula: Term) -> Opened:
        """A formula at witnesses of all its leading quantifiers of one kind."""
        body, count = formula, 0
        while isinstance(body.value, Binder) and body.op == formula.op:
            body, count = body.args[0], count + 1
        if not count:
            return Opened(formula, (), (), ())
        number, clauses = self.step(
            "witnesses", formula=self.text(formula), count=count
        )
        found = [self.proof.symbols[f"!{number}.{k}"] for k in range(1, count + 1)]
        names, body = tuple(map(terms.constant, found)), formula
        for name in names:
            body = terms.instantiate(body, name)
        return Opened(body, names, (number,), clauses)

    def combination(
        self, rule: str, multipliers: Sequence[tuple[int, Fraction]]
    ) -> tuple[int, tuple[frozenset[int], ...]]:
        """A `farkas` or `combine` step over these literals and multipliers."""
        return self.step(
            rule,
            literals=self.texts(literal for literal, _ in multipliers),
            multipliers=[str(value) for _, value in multipliers],
        )

    def certificate(self, end: int) -> str:
        """Step `end`, the empty clause, and the steps it needs, as a certificate."""
        needed = {end}
        made_by = {
            f"!{n}": n
            for n, r in self.records.items()
            if r["rule"] in ("witness", "witnesses")
        }
        for number in range(end, 0, -1):
            if number in needed:
                record = self.records[number]
                needed.update(record.get("hints", ()))
                text = json.dumps(record)
                needed.update(n for name, n in made_by.items() if name in text)
        lines = [record for number, record in self.records.items() if number in needed]
        return write_certificate(self.proof.problem, "proved", lines)
