from __future__ import annotations

import re
from pathlib import Path

from verify.arguments.diagnoses import DIAGNOSES

VERIFY = Path(__file__).resolve().parents[2] / "verify"
GIVEN = re.compile(r'(?:diagnosis=|check=|Diagnosis\(|code = |return )"([a-z_]+)"')


def test_each_diagnosis_has_one_sentence() -> None:
    for code, sentence in DIAGNOSES.items():
        assert re.fullmatch(r"[a-z_]+", code)
        assert sentence.endswith(".") and sentence.count(". ") == 0, code


def test_every_diagnosis_given_is_on_the_list() -> None:
    given = {
        code
        for room in ("arguments", "cli")
        for path in sorted((VERIFY / room).glob("*.py"))
        for code in GIVEN.findall(path.read_text(encoding="utf-8"))
        if "_" in code
    }
    assert {"division_by_zero", "soundness_alarm", "begs_the_question"} <= given
    assert given <= set(DIAGNOSES), given - set(DIAGNOSES)
