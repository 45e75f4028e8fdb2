"""A live derivation about the problem `RICH`, for tests of single rules."""

from __future__ import annotations

from typing import Any

from tests.proofs import Line
from tests.strategies import RICH
from verify.kernel.check import Proof
from verify.kernel.terms import Term

Clause = frozenset[int]


class Derivation:
    """Takes steps and tells the clauses, compared by the formulas they are made of."""

    def __init__(self, *lines: Line) -> None:
        self.proof = Proof(RICH)
        for line in lines:
            self.proof.take(line)

    def take(self, rule: str, **fields: Any) -> set[Clause]:
        """The clauses of one more step."""
        line = {"id": self.proof.last + 1, "rule": rule, **fields}
        return set(self.proof.take(line))

    def literal(self, text: str) -> int:
        return self.proof.literal(self.proof.read(text))

    def clauses(self, *clauses: list[str]) -> set[Clause]:
        return {frozenset(map(self.literal, clause)) for clause in clauses}

    def formulas(self, clause: Clause) -> list[tuple[Term, bool]]:
        """The atoms of a clause, each with its sign."""
        atoms = list(self.proof.atoms)
        return [(atoms[abs(literal) - 1], literal > 0) for literal in clause]
