"""Which of the literals that a search settled on a case really needs.

The search leaves literals behind that it chose for another branch of a disjunction. Taken
into a case they do no harm to its truth, but then the tree says something of the two
branches together, and every mixture of branches is asked about in its turn. A clause is
kept with what makes anyone ask for it: the atom whose meaning it is, the quantified
statement that it opens. Starting from what is given outright, one true literal of each
clause asked for is enough; what is left out could as well be false.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable


class Needed:
    """Clauses with the literals that ask for them."""

    def __init__(self) -> None:
        self.clauses: list[tuple[int, ...]] = []
        self.missing: list[int] = []  # how many of its askers are to come
        self.asked_by: dict[int, list[int]] = {}  # literal -> clauses

    def add(self, clause: Iterable[int], askers: Iterable[int] = ()) -> None:
        """Note a clause that holds, and the literals that it is of use to."""
        askers = set(askers)
        for literal in askers:
            self.asked_by.setdefault(literal, []).append(len(self.clauses))
        self.clauses.append(tuple(clause))
        self.missing.append(len(askers))

    def select(self, value: Callable[[int], bool | None]) -> set[int]:
        """True literals, one at least of each clause that is asked for by others of
        them; every clause noted has a true one."""
        missing = list(self.missing)
        waiting = [place for place, count in enumerate(missing) if not count]
        chosen: set[int] = set()
        while waiting:
            clause = self.clauses[waiting.pop()]
            true = [literal for literal in clause if value(literal) is True]
            if not true or any(literal in chosen for literal in true):
                continue
            # one that nothing more is asked of, if there is such
            literal = min(true, key=lambda one: len(self.asked_by.get(one, ())))
            chosen.add(literal)
            for place in self.asked_by.get(literal, ()):
                missing[place] -= 1
                if not missing[place]:
                    waiting.append(place)
        return chosen
