"""A page of evidence with a multiplier below 0 showed a bound below what is attained.

With budgets beyond the region's reach rate * budget fell faster than the lemmas' bounds
rose, and weak duality holds for multipliers from 0 on only.
"""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path

import pytest

from tests.shift.tiny_shifts import hat
from verify.shift.mistakes import ShiftError
from verify.shift.questions import Effort, Question
from verify.shift.regions import make_box
from verify.shift.samples import make_samples
from verify.shift.transport.answering import Transport
from verify.shift.transport.evidence import check_evidence, write_evidence

F = Fraction


def test_a_multiplier_below_0_is_refused(tmp_path: Path) -> None:
    samples = make_samples([(F(1),)], [(F(0),)])
    question = Question(hat(), samples, "l1", make_box((F(0),), (F(4),)))
    answer = Transport(question, Effort()).answer(F(100))
    assert write_evidence(tmp_path, question, [answer]) == 1
    page = json.loads((tmp_path / "risk.json").read_text(encoding="utf-8"))
    page["budgets"][0]["rate"] = "-1"
    (tmp_path / "risk.json").write_text(json.dumps(page), encoding="utf-8")
    with pytest.raises(ShiftError, match="a multiplier below 0"):
        check_evidence(tmp_path, question)
