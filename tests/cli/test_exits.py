"""Exit codes: every combination of two, and what each record deserves."""

from __future__ import annotations

from itertools import combinations, product
from pathlib import Path
from typing import get_args

import pytest

from tests.reports import samples
from verify.cli.exits import (
    MEANING,
    PRECEDENCE,
    Exit,
    code_of_run,
    code_of_verdict,
    gravest,
)
from verify.language.verdicts import Audit, Status, Verdict

ROOT = Path(__file__).resolve().parents[2]


def test_the_numbers_are_the_documented_ones() -> None:
    assert [int(code) for code in PRECEDENCE] == [70, 130, 2, 1, 4, 3, 5, 0]
    assert set(PRECEDENCE) == set(Exit) == set(MEANING)


def test_precedence_over_every_set_of_codes() -> None:
    for size in range(1, len(PRECEDENCE) + 1):
        for codes in combinations(PRECEDENCE, size):
            assert gravest(codes) == gravest(reversed(codes)) == codes[0]
    assert gravest([]) == Exit.NOTHING


@pytest.mark.parametrize(
    "status, expected, as_expected",
    list(product(get_args(Status), get_args(Status), [True, False])),
)
def test_a_verdict_deserves_its_code(
    status: Status, expected: str, as_expected: bool
) -> None:
    verdict = samples.verdict(status=status, expected=expected, as_expected=as_expected)
    code = code_of_verdict(verdict)
    if status == "error":
        assert code == Exit.USAGE
    elif as_expected:
        assert code == Exit.AS_EXPECTED
    elif expected != "proved":
        assert code == Exit.REFUTED
    else:
        assert code == {
            "proved": 1, "refuted": 1, "undecided": 3, "vacuous": 4,
            "admitted": 1, "blocked": 3,
        }[status]  # fmt: skip


def test_an_alarm_outranks_everything() -> None:
    verdict = samples.verdict(status="error", diagnosis="soundness_alarm")
    assert code_of_verdict(verdict) == Exit.ALARM
    assert gravest([*Exit]) == Exit.ALARM


def test_a_proof_from_something_refuted_does_not_look_fine() -> None:
    refuted = samples.verdict(overall="blocked", diagnosis="rests_on_refuted")
    unproved = samples.verdict(overall="blocked", diagnosis="rests_on_unproved")
    admitted = samples.verdict(overall="admitted", diagnosis="rests_on_admitted")
    assert code_of_verdict(refuted) == Exit.SUSPICIOUS
    assert code_of_verdict(unproved) == Exit.UNDECIDED
    assert code_of_verdict(admitted) == Exit.AS_EXPECTED


def audit(check: str, result: str, culprits: tuple[str, ...] = ()) -> Audit:
    return Audit(
        document="claims/post.md", line=1, name="premises", check=check, result=result,
        message="", culprits=culprits,
    )  # fmt: skip


def test_warnings_change_nothing_and_an_alarm_everything() -> None:
    verdict = samples.verdict()
    assert code_of_run([verdict], [samples.PREMISE_UNUSED]) == Exit.AS_EXPECTED
    alarm = audit("soundness_alarm", "alarm")
    assert code_of_run([verdict], [alarm]) == Exit.ALARM


def test_contradictory_premises_matter_where_something_is_built_on_all_of_them() -> (
    None
):
    both = audit("consistency", "inconsistent", culprits=("P1", "P2"))
    unnamed = audit("consistency", "inconsistent")
    one = samples.verdict(rests_on=("P1", "P3"))
    other = samples.verdict(name="s2", rests_on=("P2",))
    all_of_them = samples.verdict(name="s3", rests_on=("P1", "P2", "P3"))
    knowing = samples.verdict(
        status="vacuous", expected="vacuous", rests_on=("P1", "P2")
    )
    elsewhere = samples.verdict(document="other.md", rests_on=("P1", "P2"))
    assert code_of_run([one, other], [both]) == Exit.AS_EXPECTED
    assert code_of_run([one, all_of_them], [both]) == Exit.SUSPICIOUS
    assert code_of_run([one, knowing], [both]) == Exit.AS_EXPECTED
    assert code_of_run([one, elsewhere], [both]) == Exit.AS_EXPECTED
    assert code_of_run([one], [unnamed]) == Exit.SUSPICIOUS


VERDICTS: dict[Exit, Verdict] = {
    Exit.ALARM: samples.verdict(status="error", diagnosis="soundness_alarm"),
    Exit.USAGE: samples.verdict(status="error", as_expected=False),
    Exit.REFUTED: samples.REFUTED,
    Exit.SUSPICIOUS: samples.VACUOUS,
    Exit.UNDECIDED: samples.UNDECIDED,
    Exit.AS_EXPECTED: samples.verdict(),
}


def test_a_run_ends_with_its_gravest_verdict_in_every_mixture() -> None:
    for size in range(1, len(VERDICTS) + 1):
        for codes in combinations(VERDICTS, size):
            run = [VERDICTS[code] for code in codes]
            assert code_of_run(run) == code_of_run(run[::-1]) == gravest(codes)


def test_premises_alone_are_nothing() -> None:
    premise = samples.verdict(kind="premise", status="admitted", expected="admitted")
    assert code_of_run([]) == code_of_run([premise]) == Exit.NOTHING
    assert code_of_run([premise, samples.verdict()]) == Exit.AS_EXPECTED


@pytest.mark.parametrize("page", ["README.md", "docs/verdicts.md"])
def test_the_documents_list_the_same_codes(page: str) -> None:
    text = (ROOT / page).read_text(encoding="utf-8")
    for code, meaning in MEANING.items():
        row = next(
            line for line in text.splitlines() if line.startswith(f"| {int(code)} ")
        )
        assert meaning.split(";")[0].split(",")[0] in row
