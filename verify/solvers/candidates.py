"""Candidates for a model: one frame expanded, asked, and written as certificates.

Here meet the problem, the domain of a frame, and the engine. All questions of one search
go to one session, each switched off when its turn is over, because making a solver costs
more than asking it. What comes out has been believed by nobody yet.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any, Final, NamedTuple

from verify.kernel.problem import Problem
from verify.kernel.rejections import Rejected
from verify.kernel.terms import TRUE, Symbol, Term, make_not
from verify.solvers.answers import Budget, Sat
from verify.solvers.cells import Cells, Known
from verify.solvers.expansion import Expansion, TooLarge, read_shape
from verify.solvers.frames import Frame, index_terms, object_groups
from verify.solvers.modeltext import Reading, used_sorts, used_symbols, write_model
from verify.solvers.readable import (
    LEVELS,
    WIDE,
    Level,
    Lost,
    Wishes,
    encode_distinct,
    make_pulls,
    read_models,
)
from verify.solvers.z3_backend import Session

GOAL: Final = "the goal"  # no fact can have this name


class Candidate(NamedTuple):
    """A model as certificate text, and the cells and values it was written from."""

    text: str
    cells: Cells
    values: Mapping[str, Known]


class Candidates:
    """The formulas to satisfy, by name, and the engine that is asked about them."""

    def __init__(self, problem: Problem, claim: str, budget: Budget) -> None:
        self.problem = problem
        self.claim = claim
        self.budget = budget
        self.wanted = [(fact.name, fact.formula) for fact in problem.facts]
        if claim == "refuted":
            self.wanted.append((GOAL, make_not(problem.goal)))
        self.formulas = [formula for _, formula in self.wanted]
        self.shape = read_shape((*self.formulas, *map(make_not, self.formulas)))
        self.sorts = used_sorts(self.formulas)
        self.symbols = used_symbols(self.formulas)
        self.groups = object_groups(self.symbols)
        self.quantified = any(one.key in self.shape.numeric for one in self.formulas)
        self.indices = index_terms(self.formulas) if self.quantified else ()
        self.session = Session(budget)
        self.finished: list[str] = []

    def find(
        self, frame: Frame, *, distinct: bool = False, spare_last: bool = False
    ) -> Iterator[Candidate]:
        """Candidates of this frame; with different objects for different constants if
        `distinct`; with `spare_last`, facts may fail for the last element. Raises Lost."""
        cells = Cells(frame)
        own = Expansion(self.shape, cells)
        spared = Expansion(self.shape, cells, spare_last=True) if spare_last else own
        try:
            for term in self.indices:
                cells.note_index(term.sort, own.value(term))
            parts = [
                (own if name == GOAL else spared).expand(formula)
                for name, formula in self.wanted
            ]
            objects = [[cells.apply(one, ()) for one in group] for group in self.groups]
        except (TooLarge, Rejected):
            return
        if distinct:
            parts.append(encode_distinct(objects))
        if any(part is False for part in parts):
            return
        for answer in self._ask([*parts, *cells.demands], cells, objects, LEVELS):
            text = self.write(self.problem, self.claim, cells, answer.values)
            yield Candidate(text, cells, answer.values)

    def _ask(
        self, parts: Sequence[Any], cells: Cells, objects: Any, levels: Sequence[Level]
    ) -> Iterator[Sat]:
        """Models of one question, the most readable first."""
        label = f"question {len(self.finished)}"
        question = [
            (label, part) for part in parts if isinstance(part, Term) and part != TRUE
        ]
        for _, part in question:
            self.session.add(label, part)
        wishes = Wishes(
            cells.numbers, question, self.budget, objects, make_pulls(cells),
            tuple(self.finished), levels,
        )  # fmt: skip
        self.finished.append(label)
        return read_models(self.session, wishes)

    def write(
        self, problem: Problem, claim: str, cells: Cells, values: Mapping[str, Known]
    ) -> str:
        reading = Reading(cells, values)
        return write_model(problem, claim, self.sorts, self.symbols, reading)

    def alone(self, candidate: Candidate, name: str) -> tuple[Problem, str]:
        """The problem of one of the formulas only, and its model."""
        facts = tuple(fact for fact in self.problem.facts if fact.name == name)
        claim = "consistent" if facts else "refuted"
        goal = TRUE if facts else self.problem.goal
        problem = self.problem._replace(facts=facts, goal=goal)
        text = self.write(problem, claim, candidate.cells, candidate.values)
        return problem, text

    def breaking(self, candidate: Candidate, formula: Term) -> list[Fraction]:
        """Numbers at which a formula fails in a candidate, as far as can be told."""
        cells = Cells(candidate.cells.frame, candidate.values)
        try:
            part = Expansion(self.shape, cells).expand(make_not(formula))
        except (TooLarge, Rejected):
            return []
        if part is False or not cells.numbers:
            return []
        try:
            answer = next(self._ask([part, *cells.demands], cells, (), WIDE), None)
        except Lost:
            return []
        names = [
            one.value.name for one in cells.numbers if isinstance(one.value, Symbol)
        ]
        values = [answer.values.get(name) for name in names] if answer else []
        return [value for value in values if isinstance(value, Fraction)]
