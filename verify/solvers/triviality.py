"""Which suggested premises are worth a person's time.

A premise that contradicts the facts makes everything follow; one that entails the goal
without them is the goal in other words; one that the goal entails is `facts -> goal` in
disguise; one that gives a symbol a numeral fits one case only. A few questions to z3
sort these out before anything is proved.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from verify.kernel import terms
from verify.kernel.rejections import Rejected
from verify.kernel.terms import FALSE, TRUE, Term, make_not
from verify.kernel.text import write_term
from verify.solvers.answers import Budget, Unsat
from verify.solvers.plain import conjunction, disjunction, make_plain
from verify.solvers.z3_backend import Session

MAX_LITERALS: Final = 3
SHARE: Final = 20


class Judge:
    """Judges premises that are to lead from these facts to the goal."""

    def __init__(self, facts: Sequence[Term], goal: Term, budget: Budget) -> None:
        self.facts = conjunction(facts)
        self.goal = goal
        self.session = Session(budget._replace(resources=budget.resources // SHARE))

    def alternatives(self, answer: Term) -> Iterator[Term]:
        """The useful premises that a sufficient formula consists of, in plain words."""
        try:
            plain = make_plain(answer)
        except Rejected:
            return
        parts = plain.args if plain.op == "or" else (plain,)
        possible = [part for part in parts if not self.refutes(self.facts, part)]
        whole = [disjunction(possible)] if 1 < len(possible) <= MAX_LITERALS else []
        for part in (*possible, *whole):
            trimmed = self.trim(part)
            if is_short(trimmed) and not is_point(trimmed) and self.is_useful(trimmed):
                yield trimmed

    def weakest(self, premises: Iterable[Term]) -> tuple[Term, ...]:
        """The premises by size, without those that say more than another,
        no longer one."""
        kept: list[Term] = []
        for one in sorted(premises, key=lambda term: (term.size, write_term(term))):
            weaker = [k for k in kept if k.size < one.size or one.op == "="]
            if not any(self._says(one, other) for other in weaker):
                kept.append(one)
        return tuple(map(as_implication, kept))

    def trim(self, formula: Term) -> Term:
        """The formula without parts that say nothing beside the others and the facts."""
        parts = list(formula.args) if formula.op in ("and", "or") else [formula]
        join = conjunction if formula.op == "and" else disjunction
        for part in tuple(parts):
            others = [one for one in parts if one != part]
            if others and self._is_same(join(others), join(parts)):
                parts = others
        return join(parts)

    def _is_same(self, left: Term, right: Term) -> bool:
        return self.refutes(self.facts, make_not(terms.make_iff(left, right)))

    def _says(self, premise: Term, other: Term) -> bool:
        return self.refutes(self.facts, premise, make_not(other))

    def refutes(self, *formulas: Term) -> bool:
        """Whether z3 finds the formulas contradictory."""
        asked = [("asked", formula) for formula in formulas]
        return isinstance(self.session.check(asked), Unsat)

    def is_useful(self, premise: Term) -> bool:
        """Whether a premise is neither empty, nor the goal, nor against the facts."""
        return not (
            premise in (TRUE, FALSE)
            or self.refutes(self.facts, premise)
            or self.refutes(premise, make_not(self.goal))
            or self.refutes(self.goal, make_not(premise))
        )


def is_short(premise: Term) -> bool:
    """Whether a premise is one literal, or a few joined in one way."""
    parts = premise.args if premise.op in ("and", "or") else (premise,)
    return len(parts) <= MAX_LITERALS and not any(p.op in ("and", "or") for p in parts)


def is_point(premise: Term) -> bool:
    """Whether a premise gives some term a numeral as its value."""
    parts = premise.args if premise.op in ("and", "or") else (premise,)
    return any(
        part.op == "=" and any(arg.op == "num" for arg in part.args) for part in parts
    )


def as_implication(premise: Term) -> Term:
    """`a or not b` as `b implies a`."""
    if premise.op == "or" and len(premise.args) == 2:
        for one, other in (premise.args, premise.args[::-1]):
            if one.op == "not" and other.op != "not":
                return terms.make_implies(one.args[0], other)
    return premise
