"""Risks with moving points in documents, by the search of `verify shift`.

The search bounds and attains a worst risk for any number of inputs; here its question is
made from what a document says, and its answer becomes evidence: the plan is the point at
which the supremum is met, and the lemmas' trees go into the document's own proof. Where no
mass may move at all, a small budget's multiplier bounds the risk as well.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from fractions import Fraction
from functools import partial
from typing import Final

from verify.kernel.networks import Program
from verify.kernel.quantities import Extremum
from verify.networks.certificates.branching import search
from verify.networks.certificates.outcomes import Stuck, Tree
from verify.networks.statements.grounds import Unsettled
from verify.networks.statements.layering import make_network
from verify.networks.statements.quantities import (
    Evidence,
    Known,
    make_known,
    unknown,
)
from verify.networks.values.exact import evaluate
from verify.shift.documents.corners import choose_cuts, find_corners
from verify.shift.documents.lemma_steps import Lemmas
from verify.shift.documents.moving_proofs import Ceiling, prove_moved
from verify.shift.documents.placing import LEAST, Placing
from verify.shift.documents.stated_regions import make_region
from verify.shift.losses import SQUARED, loss_at, make_pieces
from verify.shift.mistakes import ShiftError
from verify.shift.questions import Effort, Question
from verify.shift.regions import Point, Region, check_region
from verify.shift.samples import Sample
from verify.shift.transport.answering import Answer, Transport, Used
from verify.shift.transport.asks import is_plain
from verify.shift.transport.frontiers import Cut
from verify.shift.transport.lemmas import (
    Frame,
    Lemma,
    frame_declared,
    make_program,
    reaches,
)
from verify.shift.transport.proofs import prove_lemma

ZERO = Fraction(0)
SMALL: Final = Fraction(1, 1024)  # a budget in place of none
ONE = Fraction(1)
LOOSE: Final = Fraction(1, 1024)  # of a risk: what a bound may be too large
KEPT: Final = 0.6  # of the time for the search, the rest for its proof


def find_transported(extremum: Extremum, placing: Placing, deadline: float) -> Known:
    """The worst risk as far as the search knows it. Raises Unsettled."""
    region = make_region(placing.stated)
    seconds = max(0.0, KEPT * (deadline - time.monotonic()))
    try:
        question = _make_question(placing, region)
        frame = frame_declared(placing.network, region, placing.ground)
        reach = [_reach(frame, sample.point) for sample in question.samples]
        budget = 1 + sum(reach, ZERO) if placing.budget is None else placing.budget
        transport = Transport(question, Effort(seconds=seconds), frame)
        answer = transport.answer(budget or SMALL)
    except ShiftError as error:
        raise Unsettled("unsupported", f"{error}; {LEAST}") from None
    half = time.monotonic() + KEPT * (deadline - time.monotonic())
    if not answer.is_exact:
        answer = _close(question, frame, answer, half)
    if answer.upper is None:
        effort = Effort(max(answer.lower, ONE) * LOOSE, half - time.monotonic())
        answer = Transport(question, effort, frame).answer(budget or SMALL)
    if answer.upper is None:
        return unknown("timeout", "no bound was found in the time there was")
    ceiling = _make_ceiling(placing, answer, reach)
    spent = ceiling.rate * (placing.budget or ZERO)
    shares = [row.share for row in placing.rows]
    pairs = list(zip(shares, ceiling.tops, strict=True))
    bound = spent + sum((share * top for share, top in pairs), ZERO)
    value, point = _read_plan(placing, question, answer)
    cuts = [
        tuple(used.cut for used in answer.used if used.sample == row)
        for row in range(len(placing.rows))
    ]
    lemmas = Lemmas(frame, placing, ceiling, cuts)
    prove = partial(prove_moved, extremum, bound, ceiling, placing, lemmas.show)
    stuck = None
    if bound != value:
        stuck = Stuck("incomplete", "the bound that was found is not attained")
    return make_known(extremum, Evidence(bound, prove, point, value), stuck)


def _close(question: Question, frame: Frame, answer: Answer, deadline: float) -> Answer:
    """The answer with a bound that is attained, where each point's best place is the one
    in the plan and that can be shown; else as it was."""
    rate, used, upper = answer.primal.rate, [], answer.primal.rate * answer.budget
    for number, sample in enumerate(question.samples):
        places = [one.place for one in answer.primal.plan if one.sample == number]
        top = max(place.loss - rate * place.distance for place in places)
        cuts: tuple[Fraction, ...] | None = ()
        if question.loss == SQUARED:
            cuts = _find_cuts(frame, sample, top)
        if cuts is None:
            return answer
        pieces = make_pieces(
            question.loss, sample.target, question.network.outputs, cuts
        )
        kept = tuple(piece for piece in pieces if not is_plain(piece, rate, top))
        lemma = Lemma(sample.point, kept, rate, top)
        trees = []
        for piece in kept:
            found = search(make_program(frame, lemma, piece), deadline)
            if not isinstance(found, Tree):
                return answer
            trees.append(found.nodes)
        proof = prove_lemma(frame, lemma, trees) if kept else None
        used.append(Used(number, Fraction(1), Cut(rate, top, proof)))
        upper += sample.weight * top
    return answer._replace(upper=upper, rate=rate, used=tuple(used))


def _find_cuts(
    frame: Frame, sample: Sample, top: Fraction
) -> tuple[Fraction, ...] | None:
    """Errors between which chords are no more than the square where it matters."""
    corners = find_corners(frame, sample.point)
    if corners is None:
        return None
    return choose_cuts({value - sample.target[0] for _, value in corners}, top)


def _make_question(placing: Placing, region: Region) -> Question:
    """What the search is asked. Where moving costs nothing it starts anywhere."""
    network = placing.network
    spoken = [variable for _, variable in network.outputs]
    program = Program(network.units, (), ((None, None),) * network.inputs)
    start = check_region(region) if placing.budget is None else None
    samples = tuple(
        Sample(start or row.point, placing.class_of(number), row.share)
        for number, row in enumerate(placing.rows)
    )
    layers = make_network(program, spoken)
    return Question(layers, samples, placing.loss, region, placing.ground)


def _reach(frame: Frame, point: Point) -> Fraction:
    """More than how far the region is from a point anywhere."""
    return sum((one or ZERO for one in reaches(frame, point)), ZERO)


def _make_ceiling(
    placing: Placing, answer: Answer, reach: Sequence[Fraction]
) -> Ceiling:
    """What the lemmas say of each point at the answer's rate."""
    tops = [ZERO] * len(placing.rows)
    for sample, part, cut in answer.used:
        beyond = ZERO
        alone = part == 1
        if alone and cut.rate > answer.rate:
            beyond = (cut.rate - answer.rate) * reach[sample]
        tops[sample] += part * cut.value + beyond
    return Ceiling(answer.rate, tuple(tops))


def _read_plan(
    placing: Placing, question: Question, answer: Answer
) -> tuple[Fraction, tuple[Fraction, ...]]:
    """The risk of a plan within the budget, and the parameters of the formula for it."""
    found: list[Fraction] = []
    risk = ZERO
    for number, row in enumerate(placing.rows):
        shares = [one for one in answer.primal.plan if one.sample == number]
        if placing.budget is None:
            place = max((one.place for one in shares), key=lambda place: place.loss)
            risk += row.share * place.loss
            found += place.point
            continue
        if not placing.budget:
            outputs = evaluate(question.network, row.point)
            risk += row.share * loss_at(placing.loss, outputs, placing.class_of(number))
            found += [Fraction(1), *row.point, *row.point]
            continue
        first, last = shares[0], shares[-1]
        part = Fraction(1) if len(shares) == 1 else first.mass / row.share
        risk += row.share * (part * first.place.loss + (1 - part) * last.place.loss)
        found += [part, *first.place.point, *last.place.point]
    return risk, tuple(found)
