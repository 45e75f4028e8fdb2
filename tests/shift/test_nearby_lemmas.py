"""Lemmas about points near enough: a loss of at most 1 is not worth a longer way.

Where the loss counts mistakes, mass that moves farther than (1 - value) / rate loses more
than it gains, so a lemma need only speak of nearer points. For other losses, or a shorter
way, such a lemma bounds nothing, and a page that says so is refused.
"""

from __future__ import annotations

from fractions import Fraction as F
from pathlib import Path

import pytest

from tests.shift.tiny_shifts import make_network
from verify.shift.mistakes import ShiftError
from verify.shift.questions import Effort, Question
from verify.shift.regions import make_box
from verify.shift.samples import make_samples
from verify.shift.transport.answering import Transport, Used
from verify.shift.transport.asks import Options
from verify.shift.transport.evidence import check_evidence, write_evidence
from verify.shift.transport.frontiers import Cut
from verify.shift.transport.lemmas import make_frame, narrow
from verify.shift.transport.responses import find_responses


def wide(loss: str = "zero_one", ground: str = "l1") -> Question:
    """x - 1 on [-20, 20]: a mistake for the label -1 from 1 on; at 0 in the data."""
    network = make_network([[1], [-1]], [0, 0], [[1, -1]], [-1])
    samples = make_samples([(F(0),)], [(F(-1),)])
    return Question(network, samples, loss, make_box((F(-20),), (F(20),)), ground)


@pytest.mark.parametrize("ground", ["l1", "linf"])
def test_what_is_too_far_to_pay_is_left_out(tmp_path: Path, ground: str) -> None:
    question = wide(ground=ground)
    answer = Transport(question, Effort()).answer(F(1, 4))
    assert answer.lower == answer.upper == F(1, 4)
    (proof,) = {used.cut.proof for used in answer.used} - {None}
    assert proof is not None and proof.lemma.within is not None
    assert 1 <= proof.lemma.within <= 2
    write_evidence(tmp_path, question, [answer])
    assert check_evidence(tmp_path, question) == [(F(1, 4), F(1, 4))]


def test_a_frame_is_narrowed_around_the_point() -> None:
    frame = make_frame(wide().network, wide().region, "l1")
    near = narrow(frame, (F(19),), F(2)).region
    assert (near.lower, near.upper) == ((F(17),), (F(20),))
    assert narrow(frame, (F(19),), None) == frame


@pytest.mark.parametrize("loss", ["zero_one", "l1"])
def test_a_lemma_that_leaves_out_what_matters_is_refused(
    tmp_path: Path, loss: str
) -> None:
    """Within 1/2 there is no mistake, and the error is at most 1/2: true, and no bound."""
    question = wide(loss)
    transport = Transport(question, Effort())
    (known,), rate = transport.points, F(1, 8)
    ask = known.ask(rate, F(0))._replace(within=F(1, 2))
    frame = transport.setting.frame
    (found,) = find_responses(question.network, frame, loss, [ask], Options(F(1, 8)))
    assert found.proof is not None and found.proof.lemma.within == F(1, 2)
    cut = Cut(rate, found.proof.lemma.value, found.proof)
    answer = transport.answer(F(1, 4))
    forged = answer._replace(rate=rate, used=(Used(0, F(1), cut),))
    write_evidence(tmp_path, question, [forged])
    with pytest.raises(ShiftError, match="leaves out places that matter"):
        check_evidence(tmp_path, question)
