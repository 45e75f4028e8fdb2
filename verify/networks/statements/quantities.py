"""Constants with a declared meaning, bounded: what rooms that know one hand over.

An extremum is bounded on its own side by a bound that holds for all parameters, on the
other by parameters at which it is met: `N <= T(p)` for any p, once some bound is known to
hold at all. Who knows a constant says between which numbers it lies and writes the steps;
what is shown is written here, and nothing that was only claimed gets into a proof.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from typing import NamedTuple, Protocol

from verify.kernel import terms
from verify.kernel.quantities import Extremum, Quantity, Total, symbol_of
from verify.kernel.terms import REAL, Binder, Symbol, Term, instantiate
from verify.networks.certificates.outcomes import Point, Stuck
from verify.networks.statements.following import contradict, follow
from verify.networks.statements.grounds import (
    Bounds,
    GroundProof,
    Unsettled,
    find_leaves,
)


class Aim(NamedTuple):
    """All that is asked of a constant: whether it is at least (`from`), at most (`to`) or
    equal to a number. Bounds that settle this will do."""

    value: Fraction
    kind: str


class Known(NamedTuple):
    """What was found out about a constant, and how to show it.

    `write` takes steps in a proof and gives the numbers of those whose clauses are
    `low <= N` and `N <= high`, 0 where a side is not known; `stuck` says why one is not.
    """

    bounds: Bounds
    write: Callable[[GroundProof], tuple[int, int]]
    stuck: Stuck | None = None


class Settled(NamedTuple):
    """A statement's truth, and what writes a step for it or for its negation."""

    value: bool
    write: Callable[[GroundProof], int]


class Finder(Protocol):
    """Knows constants, and statements with an `exists` before a `forall`.

    `deadline` is a time.monotonic() value. `settle` gives None for what it does not know.
    """

    def find(
        self,
        quantity: Quantity,
        known: Mapping[Symbol, Bounds],
        deadline: float,
        aim: Aim | None = None,
    ) -> Known: ...

    def settle(self, part: Term, deadline: float) -> Settled | Stuck | None: ...


def unknown(reason: str, detail: str) -> Known:
    """Nothing is known of a constant, and why."""
    return Known(Bounds(), lambda _: (0, 0), Stuck(reason, detail))


def join_known(first: Known, second: Known) -> Known:
    """The better of two bounds on either side."""
    lows, highs = zip(first.bounds, second.bounds, strict=True)
    low = _pick(lows, max)
    high = _pick(highs, min)

    def write(proof: GroundProof) -> tuple[int, int]:
        pairs = [known.write(proof) for known in (first, second)]
        return pairs[lows.index(low)][0], pairs[highs.index(high)][1]

    bounds = Bounds(low, high)
    return Known(bounds, write, None if bounds.exact else second.stuck)


def _pick(
    ends: tuple[Fraction | None, ...], better: Callable[[list[Fraction]], Fraction]
) -> Fraction | None:
    known = [end for end in ends if end is not None]
    return better(known) if known else None


class Nothing:
    """The finder that knows nothing."""

    def find(
        self,
        quantity: Quantity,
        known: Mapping[Symbol, Bounds],
        deadline: float,
        aim: Aim | None = None,
    ) -> Known:
        return unknown("unsupported", f"{quantity.name} is a constant of another room")

    def settle(self, part: Term, deadline: float) -> Settled | Stuck | None:
        return None


class Evidence(NamedTuple):
    """What shows an extremum: `prove` writes a step for the clause that `bound` holds (the
    formula with `bound` for v), and `point` are parameters at which `value` is met."""

    bound: Fraction
    prove: Callable[[GroundProof], int]
    point: Point | None = None
    value: Fraction | None = None


def make_known(
    extremum: Extremum, evidence: Evidence, stuck: Stuck | None = None
) -> Known:
    """What such evidence says of an infimum, or of a supremum (`N <= bound`)."""
    found = _Extremum(extremum, evidence)
    reached = evidence.point is not None
    pair = (evidence.bound if reached else None, evidence.value)
    bounds = Bounds(*(pair if found.lower else reversed(pair)))
    return Known(bounds, found.write, stuck)


def make_total(total: Total, value: Fraction) -> Known:
    """What is known of a sum: all of it."""

    def write(proof: GroundProof) -> tuple[int, int]:
        pairs, hints = [], []
        for leaf in find_leaves(total.formula):
            number, shown = proof.equation(leaf)
            pairs.append([proof.log.text(leaf), str(number)])
            hints.append(shown)
        step, _ = proof.log.step("total", name=total.name, values=pairs)
        name = terms.constant(symbol_of(total))
        equation = terms.make_equal(name, _number(value))
        low, high = (
            terms.make_at_most(_number(value), name),
            terms.make_at_most(name, _number(value)),
        )
        hints.append(step)
        return (
            _weaken(proof, [equation], low, hints),
            _weaken(proof, [equation], high, hints),
        )

    return Known(Bounds(value, value), write)


class _Extremum:
    """Writes the bounds of one constant."""

    def __init__(self, extremum: Extremum, evidence: Evidence) -> None:
        self.extremum, self.evidence = extremum, evidence
        self.name = terms.constant(symbol_of(extremum))
        self.lower = not _is_supremum(extremum)

    def write(self, proof: GroundProof) -> tuple[int, int]:
        evidence = self.evidence
        if evidence.point is None or evidence.value is None:
            return 0, 0
        held = evidence.prove(proof)
        away = Fraction(1 if self.lower else -1)
        text = proof.log.text
        step, _ = proof.log.step(
            "extremum",
            name=self.extremum.name,
            bound=text(_number(evidence.bound)),
            other=text(_number(evidence.value + away)),
        )
        own = self._own_side(proof, held, step, evidence.value + away)
        met = self._other_side(proof, held, step)
        return (own, met) if self.lower else (met, own)

    def _at(self, value: Term) -> Term:
        return instantiate(self.extremum.formula, value)

    def _instance(self, proof: GroundProof, value: Term) -> tuple[list[int], Term]:
        """The steps that say what the formula says at the point, and what it says."""
        formula = body = self._at(value)
        numbers = [_number(number) for number in self.evidence.point or ()]
        for number in numbers:
            body = instantiate(body, number)
        if not numbers:
            return [], body
        texts = [proof.log.text(number) for number in numbers]
        step, _ = proof.log.step(
            "instance", formula=proof.log.text(formula), terms=texts
        )
        return [step], body

    def _own_side(
        self, proof: GroundProof, held: int, step: int, other: Fraction
    ) -> int:
        """`bound <= N`: the bound holds, and what lies beyond the value does not."""
        instance, body = self._instance(proof, _number(other))
        denied = proof.show(body)
        pair = (_number(self.evidence.bound), self.name)
        asked = terms.make_at_most(*(pair if self.lower else reversed(pair)))
        return proof.clause([asked], [held, step, *instance, denied])

    def _other_side(self, proof: GroundProof, held: int, step: int) -> int:
        """`N <= value`: the formula holds of N itself, and so at the point."""
        instance, body = self._instance(proof, self.name)
        shown = [held, step, *instance]
        if body.op == "implies":
            shown.append(proof.show(body.args[0]))
            shown.append(_define(proof, body))
            body = body.args[1]
        value = self.evidence.value
        if value is None:
            raise Unsettled("incomplete", "no value to meet")
        pair = (self.name, _number(value))
        asked = terms.make_at_most(*(pair if self.lower else reversed(pair)))
        for atom in _atoms(body):
            shown += self._meet(proof, atom, asked)
        return follow(proof.log, asked, shown)

    def _meet(self, proof: GroundProof, atom: Term, asked: Term) -> list[int]:
        """`N <= T` gives what is asked, where T is not more; else nothing."""
        term = atom.args[1 if self.lower else 0]
        value = self.evidence.value
        found, step = proof.equation(term)
        if value is None or (found > value if self.lower else found < value):
            return []
        equation = terms.make_equal(term, _number(found))
        denied = terms.make_not(asked)
        return [step, contradict(proof.log, [atom, equation, denied])]


def _number(value: Fraction) -> Term:
    return terms.make_number(value, REAL)


def _define(proof: GroundProof, formula: Term) -> int:
    return proof.log.step("define", formula=proof.log.text(formula))[0]


def _atoms(body: Term) -> list[Term]:
    if body.op in ("and", "or"):
        return [atom for arg in body.args for atom in _atoms(arg)]
    return [body]


def _is_supremum(extremum: Extremum) -> bool:
    """Whether the formula bounds its first variable from below."""
    count, body = 0, extremum.formula
    while isinstance(body.value, Binder):
        count, body = count + 1, body.args[0]
    if body.op == "implies":
        body = body.args[1]
    return _atoms(body)[0].args[0].value != count - 1


def _weaken(
    proof: GroundProof, known: Sequence[Term], asked: Term, hints: Sequence[int]
) -> int:
    """A step for what follows linearly from literals that these steps show."""
    step = contradict(proof.log, [*known, terms.make_not(asked)])
    return proof.clause([asked], [*hints, step])
