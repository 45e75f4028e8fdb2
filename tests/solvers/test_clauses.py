"""The clause search agrees with brute force, and its learned clauses follow by their hints."""

from __future__ import annotations

from itertools import product

from hypothesis import given
from hypothesis import strategies as st

from verify.solvers.clauses import ClauseSearch, Learned

ATOMS = range(2, 8)  # 1 is the constant true
literals = st.sampled_from([sign * atom for atom in ATOMS for sign in (1, -1)])
clause_sets = st.lists(st.lists(literals, min_size=1, max_size=3), max_size=40)


def satisfiable(clauses: list[list[int]]) -> bool:
    for values in product((False, True), repeat=len(ATOMS)):
        model = dict(zip(ATOMS, values, strict=True))
        if all(any(model[abs(x)] is (x > 0) for x in clause) for clause in clauses):
            return True
    return False


def follows(learned: Learned, steps: dict[int, tuple[int, ...]]) -> bool:
    """Unit propagation through the hints, as the kernel does it."""
    false = set(learned.literals)
    for hint in learned.hints:
        left = set(steps[hint]) - false
        if not left:
            return True
        if len(left) == 1:
            false.add(-left.pop())
    return False


class Recorder:
    def __init__(self) -> None:
        self.steps: dict[int, tuple[int, ...]] = {}
        self.refused: list[Learned] = []
        self.search = ClauseSearch(self.learn)

    def learn(self, learned: Learned) -> int:
        if not follows(learned, self.steps):
            self.refused.append(learned)
        return self.add(learned.literals)

    def add(self, clause: tuple[int, ...]) -> int:
        self.steps[len(self.steps) + 1] = clause
        return len(self.steps)


@given(clause_sets)
def test_it_agrees_with_brute_force(clauses: list[list[int]]) -> None:
    recorder = Recorder()
    for clause in clauses:
        recorder.search.add(clause, recorder.add(tuple(clause)))
    found = recorder.search.solve()
    assert found == satisfiable(clauses)
    assert not recorder.refused
    if found:
        value = recorder.search.value
        tautology = [any(-x in clause for x in clause) for clause in clauses]
        assert all(
            skip or any(value(x) is True for x in clause)
            for clause, skip in zip(clauses, tautology, strict=True)
        )
    else:
        assert () in recorder.steps.values()


@given(clause_sets, clause_sets)
def test_clauses_may_come_between_searches(
    first: list[list[int]], second: list[list[int]]
) -> None:
    recorder = Recorder()
    found = True
    for clauses in (first, second):
        for clause in clauses:
            recorder.search.add(clause, recorder.add(tuple(clause)))
        found = recorder.search.solve()
    assert found == satisfiable([*first, *second])
    assert not recorder.refused


def test_what_no_clause_asks_for_is_not_decided() -> None:
    recorder = Recorder()
    recorder.search.add([2, 3], recorder.add((2, 3)))
    assert recorder.search.solve()
    assert len(recorder.search.trail) == 1


def test_a_demanded_atom_is_decided() -> None:
    recorder = Recorder()
    recorder.search.demanded[5] = None
    assert recorder.search.solve()
    assert recorder.search.value(5) is not None
