"""The proof of a bound where points move: a fact about any place of each point, summed up.

Of each point it is shown that wherever in the region it is, its loss less the rate times
its cost is at most a number, its top. At the two places to which its mass goes that is
multiplied by their shares; the tops, and the budget times the rate, add up to the bound.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import NamedTuple

from verify.kernel import terms
from verify.kernel.quantities import Extremum
from verify.kernel.terms import REAL, Term
from verify.networks.certificates.outcomes import Stuck
from verify.networks.certificates.proving import Proof
from verify.networks.statements.following import NotFollowing, contradict, follow
from verify.networks.statements.grounds import GroundProof, Unsettled
from verify.shift.documents.loss_steps import (
    is_plain,
    make_chords,
    open_general,
    show_square,
    widen,
)
from verify.shift.documents.placing import Placing
from verify.shift.documents.suprema import (
    Parts,
    Product,
    add_products,
    bound_at,
    close_supremum,
    open_supremum,
)


class Ceiling(NamedTuple):
    """The multiplier of the budget, and for each point what its loss less that times its
    cost is at most."""

    rate: Fraction
    tops: tuple[Fraction, ...]


Show = Callable[
    [GroundProof, int, Term], int
]  # a step with the clause of a point's fact


def prove_moved(
    extremum: Extremum,
    value: Fraction,
    ceiling: Ceiling,
    placing: Placing,
    show: Show,
    proof: GroundProof,
) -> int:
    """A step with the clause that no distribution of the ball has a larger risk.

    Raises Unsettled.
    """
    asked = bound_at(extremum, value)
    parts = open_supremum(proof, asked)
    if len(parts.names) != placing.size * len(placing.rows):
        raise Unsettled("unsupported", "a ball of another shape")
    steps = list(parts.shown)
    literals = [terms.make_less(_number(value), parts.value)]
    products = [Product(Fraction(1), (0,))]
    if placing.budget is not None and ceiling.rate:
        literals.append(parts.conditions[-1])
        products.append(Product(ceiling.rate, (1,)))
    shown: dict[Term, int] = {}  # points that are equal have one fact
    for row, top in enumerate(ceiling.tops):
        general = placing.close(row, top, ceiling.rate)
        if general not in shown:
            shown[general] = show(proof, row, general)
            steps.append(shown[general])
        for bounded, point in _places(parts, placing, row):
            steps.append(_instantiate(proof, general, point))
            factors = [placing.at(row, point).bound(top, ceiling.rate), *bounded]
            places = tuple(range(len(literals), len(literals) + len(factors)))
            literals += factors
            products.append(Product(placing.rows[row].share, places))
    try:
        steps.append(add_products(proof, literals, products))
    except NotFollowing:
        raise Unsettled("incomplete", "the bound does not follow") from None
    return close_supremum(proof, asked, steps)


def _places(
    parts: Parts, placing: Placing, row: int
) -> list[tuple[tuple[Term, ...], tuple[Term, ...]]]:
    """The places of a point, each with what says that its share is not negative."""
    inputs, size = placing.network.inputs, placing.size
    names = parts.names[size * row : size * (row + 1)]
    if placing.budget is None:
        return [((), names)]
    share, zero, one = names[0], _number(Fraction(0)), _number(Fraction(1))
    return [
        ((terms.make_at_most(zero, share),), names[1 : 1 + inputs]),
        ((terms.make_at_most(share, one),), names[1 + inputs :]),
    ]


def _instantiate(proof: GroundProof, general: Term, point: Sequence[Term]) -> int:
    texts = [proof.log.text(one) for one in point]
    step, _ = proof.log.step("instance", formula=proof.log.text(general), terms=texts)
    return step


def show_by_search(proof: GroundProof, row: int, general: Term) -> int:
    """A step for a point's fact, by a search for trees. Raises Unsettled."""
    log = proof.log
    search = Proof(log.proof.problem, proof.deadline, proof.ask, points={}, log=log)
    search.start(terms.make_not(general))
    return _close(search, row)


def _close(search: Proof, row: int) -> int:
    stuck = search.close()
    if isinstance(stuck, Stuck):
        raise Unsettled(stuck.reason, stuck.detail)
    if stuck is not None or search.argued:
        raise Unsettled("incomplete", f"the loss of point {row + 1} was not bounded")
    return search.end


def show_by_chords(
    placing: Placing,
    ceiling: Ceiling,
    errors: Sequence[tuple[Fraction, ...]],
    proof: GroundProof,
    row: int,
    general: Term,
) -> int:
    """A step for a point's fact about a squared error, by searches for trees.

    `errors` has for each point the cuts: between two of them the square is bounded by its
    chord, and beyond them there are none. Raises Unsettled.
    """
    log = proof.log
    opened, names = open_general(proof, general)
    steps = list(opened)
    placed = placing.at(row, names)
    ((symbol, _),) = placing.network.functions()
    (target,) = placing.rows[row].target
    value = terms.make_application(symbol, names)
    error = terms.make_sum(value, _number(-target))
    fact = placed.bound(ceiling.tops[row], ceiling.rate)
    cuts = widen(errors[row])
    chords = make_chords(error, cuts, fact.args[1])
    cases = [
        (chord.low, chord.high, terms.make_not(chord.bound))
        for chord in chords
        if not is_plain(chord.bound)
    ]
    ends = terms.make_not(chords[0].low), terms.make_not(chords[-1].high)
    for case in (*cases, *((end,) for end in ends)):
        steps.append(_exclude(proof, row, (*placed.inside, *case)))
    try:
        steps += show_square(proof, fact, chords, ())
        return follow(log, general, steps)
    except NotFollowing:
        raise Unsettled("incomplete", "the bound does not follow") from None


def _exclude(proof: GroundProof, row: int, literals: Sequence[Term]) -> int:
    """A step that says that these are not all true of a place. Raises Unsettled."""
    log = proof.log
    try:
        return contradict(log, literals)
    except NotFollowing:
        search = Proof(log.proof.problem, proof.deadline, proof.ask, points={}, log=log)
        search.start(terms.make_and(*literals))
        return _close(search, row)


def _number(value: Fraction) -> Term:
    return terms.make_number(value, REAL)
