"""A small clause-learning search whose every learned clause says what it follows from.

Two watched literals, first-point learning, no restarts, no forgetting: the clause sets of
arguments are small. A learned clause comes with hints, the steps to propagate in trail
order, which is all the kernel's `clause` rule needs (reverse unit propagation, as in
LRAT). The search stops at a partial assignment under which every clause has a true
literal: what nobody asks for is never decided.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple


class Clause(NamedTuple):
    """Literals (the first two are watched) and the certificate step they came from."""

    literals: list[int]
    step: int


class Learned(NamedTuple):
    """A clause that follows by unit propagation through `hints`, in that order."""

    literals: tuple[int, ...]
    hints: tuple[int, ...]


class ClauseSearch:
    """Clauses over signed atom numbers; `learn` gives each learned clause its step."""

    def __init__(self, learn: Callable[[Learned], int]) -> None:
        self.learn = learn
        self.clauses: list[Clause] = []
        self.watches: dict[int, list[Clause]] = {}
        self.values: dict[int, bool] = {1: True}  # atom -> value
        self.reasons: dict[int, Clause | None] = {}
        self.levels: dict[int, int] = {1: 0}
        self.trail: list[int] = []
        self.starts: list[int] = []  # trail length at each decision
        self.head = 0
        self.phases: dict[int, bool] = {}
        self.demanded: dict[int, None] = {}  # atoms to decide though no clause asks
        self.closed = False
        self.pending: list[Clause] = []  # added, not yet watched

    def value(self, literal: int) -> bool | None:
        value = self.values.get(abs(literal))
        return value if value is None or literal > 0 else not value

    def add(self, literals: Iterable[int], step: int) -> None:
        """Add a clause, to be taken up when the search goes on."""
        distinct = dict.fromkeys(literal for literal in literals if literal != -1)
        if 1 in distinct or any(-literal in distinct for literal in distinct):
            return
        self.clauses.append(Clause(list(distinct), step))
        self.pending.append(self.clauses[-1])

    def _attach(self, clause: Clause) -> Clause | None:
        """Watch a new clause, going back as far as it needs; itself if it is false."""
        literals = clause.literals
        # unassigned and true literals first, then the latest false ones: watched last
        literals.sort(
            key=lambda x: -self.levels[abs(x)] if self.value(x) is False else -(10**9)
        )
        for literal in literals[:2]:
            self.watches.setdefault(-literal, []).append(clause)
        if not literals or self.value(literals[0]) is False:
            return clause
        others = [self.levels[abs(x)] for x in literals[1:] if self.value(x) is False]
        if self.value(literals[0]) is None and len(others) == len(literals) - 1:
            self.retreat(max(others, default=0))
            self._assign(literals[0], clause)
        return None

    def _assign(self, literal: int, reason: Clause | None) -> None:
        atom = abs(literal)
        self.values[atom] = literal > 0
        self.reasons[atom] = reason
        self.levels[atom] = len(self.starts)
        self.trail.append(literal)

    def retreat(self, level: int) -> None:
        """Undo every decision above `level`."""
        if level >= len(self.starts):
            return
        keep = self.starts[level]
        for literal in self.trail[keep:]:
            atom = abs(literal)
            self.phases[atom] = literal > 0
            del self.values[atom], self.reasons[atom], self.levels[atom]
        del self.trail[keep:], self.starts[level:]
        self.head = min(self.head, keep)

    def _propagate(self) -> Clause | None:
        """Unit propagation; the clause that became false, if any."""
        while self.head < len(self.trail):
            literal = self.trail[self.head]
            self.head += 1
            watching = self.watches.get(literal, [])
            kept: list[Clause] = []
            for place, clause in enumerate(watching):
                lits = clause.literals
                if lits[0] == -literal and len(lits) > 1:
                    lits[0], lits[1] = lits[1], lits[0]
                if self.value(lits[0]) is True:
                    kept.append(clause)
                    continue
                for index in range(2, len(lits)):
                    if self.value(lits[index]) is not False:
                        lits[1], lits[index] = lits[index], lits[1]
                        self.watches.setdefault(-lits[1], []).append(clause)
                        break
                else:
                    kept.append(clause)
                    if self.value(lits[0]) is False:
                        self.watches[literal] = kept + watching[place + 1 :]
                        return clause
                    self._assign(lits[0], clause)
            self.watches[literal] = kept
        return None

    def solve(self) -> bool:
        """True with every clause satisfied by `values`; False when the empty clause holds."""
        while not self.closed:
            conflict = None
            if self.pending:
                conflict = self._attach(self.pending.pop())
            if conflict is None and not self.pending:
                conflict = self._propagate()
            if conflict is not None:
                self._resolve(conflict)
            if conflict is not None or self.pending:
                continue
            literal = self._choose()
            if literal is None:
                return True
            self.starts.append(len(self.trail))
            self._assign(literal, None)
        return False

    def _choose(self) -> int | None:
        """A literal that makes an unsatisfied clause true, in the phase it last had."""
        for clause in self.clauses:
            if any(self.value(literal) is True for literal in clause.literals):
                continue
            open_literals = [x for x in clause.literals if self.value(x) is None]
            # a false clause is always noticed by a watch, so one literal is open
            for literal in open_literals:
                if self.phases.get(abs(literal)) is (literal > 0):
                    return literal
            return open_literals[0]
        return next((atom for atom in self.demanded if atom not in self.values), None)

    def _resolve(self, conflict: Clause) -> None:
        """Learn from a false clause and go back to where the learned one is unit."""
        level = max((self.levels[abs(x)] for x in conflict.literals), default=0)
        if level == 0:
            self._close(conflict)
            return
        self.retreat(level)
        seen: set[int] = set()
        used: list[Clause] = []
        learned: list[int] = []
        pending = 0
        clause: Clause | None = conflict
        place = len(self.trail)
        while True:
            if clause is not None:
                used.append(clause)
                for literal in clause.literals:
                    atom = abs(literal)
                    if atom in seen or self.value(literal) is True:
                        continue
                    seen.add(atom)
                    if self.levels[atom] >= level:
                        pending += 1
                    else:
                        learned.append(literal)
            place -= 1
            while (
                abs(self.trail[place]) not in seen
                or self.levels[abs(self.trail[place])] < level
            ):
                place -= 1
            pending -= 1
            if pending == 0:
                learned.insert(0, -self.trail[place])
                break
            clause = self.reasons[abs(self.trail[place])]
        learned, roots = self._drop_settled(learned)
        hints = [*self._in_order(roots), *self._steps_in_order(used)]
        step = self.learn(Learned(tuple(learned), tuple(hints)))
        back = max((self.levels[abs(x)] for x in learned[1:]), default=0)
        self.retreat(back)
        self.add(learned, step)

    def _drop_settled(self, learned: list[int]) -> tuple[list[int], set[int]]:
        """Leave out literals false at level 0; return the atoms that need their reasons."""
        roots = {abs(x) for x in learned if self.levels[abs(x)] == 0}
        return [x for x in learned if abs(x) not in roots], roots

    def _in_order(self, roots: set[int]) -> list[int]:
        """The steps that settle these level-0 atoms, in trail order."""
        needed = set(roots)
        steps: list[int] = []
        end = self.starts[0] if self.starts else len(self.trail)
        for literal in reversed(self.trail[:end]):
            reason = self.reasons.get(abs(literal))
            if abs(literal) in needed and reason is not None:
                steps.append(reason.step)
                needed |= {abs(x) for x in reason.literals}
        return steps[::-1]

    def _steps_in_order(self, used: list[Clause]) -> list[int]:
        """Steps of the clauses resolved, earliest propagation first, the conflict last."""
        return [clause.step for clause in reversed(used)]

    def _close(self, conflict: Clause) -> None:
        self.closed = True
        hints = [*self._in_order({abs(x) for x in conflict.literals}), conflict.step]
        self.learn(Learned((), tuple(hints)))
