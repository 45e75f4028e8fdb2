"""Leaves of a squared loss that the kernel rejected ended the run with an alarm.

Three causes: a chord lies above the loss, so the best place's value is no bound; cells that
were given up are bounded above what is attained; and floats may be a hair off. None is a
fault of the kernel or of the claim: such a bound needs more room, or is left out.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

import pytest

from tests.shift.tiny_shifts import (
    F,
    find_loss,
    find_spots,
    find_worst,
    make_question,
)
from verify.kernel.check import check
from verify.kernel.rejections import Rejected
from verify.shift.losses import make_pieces
from verify.shift.questions import Effort
from verify.shift.transport import asks, responses
from verify.shift.transport.answering import Answer, Transport
from verify.shift.transport.lemmas import (
    Frame,
    Lemma,
    enclose_output,
    make_frame,
    make_problem,
)
from verify.shift.transport.proofs import Proof, prove_lemma


def ask(seed: int, budget: Fraction, effort: Effort) -> tuple[Fraction, Answer]:
    """The worst risk by brute force, and what the search says."""
    tiny, question = make_question(seed, ("squared",))
    wanted = find_worst(tiny, question, "wasserstein", budget)
    frame = make_frame(question.network, question.region, question.ground)
    answer = Transport(question, effort, frame).answer(budget)
    for used in answer.used:
        if used.cut.proof is not None:
            lemma = used.cut.proof.lemma
            text = make_problem(frame, lemma).text()
            assert check(text, used.cut.proof.text).claim == "proved"
    return wanted, answer


@pytest.mark.parametrize("gap", [F(0), F(1, 2)])
def test_chords_above_the_loss_give_bounds_that_hold(gap: Fraction) -> None:
    wanted, answer = ask(1003, F(1, 3), Effort(gap, 20.0))
    assert answer.lower <= wanted
    assert answer.upper is not None and answer.upper >= wanted


@pytest.mark.parametrize("limit", [1, 2, 500])
def test_what_is_given_up_is_bounded_and_not_attained(limit: int) -> None:
    tiny, question = make_question(1003, ("squared",))
    frame = make_frame(question.network, question.region, question.ground)
    sample, rate = question.samples[0], F(1, 2)
    low, high = (side - sample.target[0] for side in enclose_output(frame))
    pieces = make_pieces("squared", sample.target, 1, (low, high))
    loss = find_loss("squared", tiny.at(sample.point), sample.target[0])
    start = asks.Place(sample.point, F(0), loss)
    ask = asks.Ask(sample.point, sample.target, pieces, rate, start)
    (found,) = responses.find_responses(
        question.network, frame, "squared", [ask], asks.Options(limit=limit)
    )
    best = max(s.loss - rate * s.distance for s in find_spots(tiny, question)[0])
    assert found.place.loss - rate * found.place.distance <= best
    assert found.proof is not None
    lemma = found.proof.lemma
    assert lemma.value > best  # one chord over all that there may be
    assert check(make_problem(frame, lemma).text(), found.proof.text).claim == "proved"


def test_a_rejected_leaf_is_tried_again_with_more_room(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    refused: list[Lemma] = []

    def picky(
        frame: Frame, lemma: Lemma, trees: Sequence[tuple[object, ...]]
    ) -> Proof | None:
        before = [one for one in refused if one.point == lemma.point]
        if not any(one.rate == lemma.rate for one in before):
            refused.append(lemma)
            raise Rejected("a leaf that closes", "a hair above 0")
        return prove_lemma(frame, lemma, trees)  # type: ignore[arg-type]

    monkeypatch.setattr(responses, "prove_lemma", picky)
    wanted, answer = ask(1002, F(1, 3), Effort(F(1, 4), 20.0))
    assert refused
    assert answer.upper is not None and answer.upper >= wanted >= answer.lower


def test_nothing_is_claimed_where_every_leaf_is_rejected(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def never(*_: object) -> Proof | None:
        raise Rejected("a leaf that closes", "a hair above 0")

    monkeypatch.setattr(responses, "prove_lemma", never)
    wanted, answer = ask(1002, F(1, 3), Effort(F(1, 4), 5.0))
    assert answer.upper is None and not answer.used
    assert answer.lower <= wanted
