"""Exit codes: the only place that knows the numbers.

A run ends with one number, the gravest of what its records deserve, in the order of
`PRECEDENCE`. What was expected is never grave: an expected refutation counts as 0.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import IntEnum
from typing import Final

from verify.language.verdicts import Audit, Verdict


class Exit(IntEnum):
    """Every number a command may end with."""

    AS_EXPECTED = 0
    REFUTED = 1
    USAGE = 2
    UNDECIDED = 3
    SUSPICIOUS = 4
    NOTHING = 5
    ALARM = 70
    INTERRUPTED = 130


PRECEDENCE: Final = (
    Exit.ALARM,
    Exit.INTERRUPTED,
    Exit.USAGE,
    Exit.REFUTED,
    Exit.SUSPICIOUS,
    Exit.UNDECIDED,
    Exit.NOTHING,
    Exit.AS_EXPECTED,
)

MEANING: Final = {
    Exit.AS_EXPECTED: "everything as expected",
    Exit.REFUTED: "a claim refuted, or different from its stated expectation",
    Exit.USAGE: "a command line or a document that cannot be read",
    Exit.UNDECIDED: "a claim undecided",
    Exit.SUSPICIOUS: "a claim vacuous or otherwise suspicious",
    Exit.NOTHING: "nothing was selected, so nothing was checked",
    Exit.ALARM: "soundness alarm or internal error",
    Exit.INTERRUPTED: "interrupted; what is shown is partial",
}


def gravest(codes: Iterable[Exit]) -> Exit:
    """The code of a run whose parts deserve `codes`; of no parts, NOTHING."""
    return min(codes, key=PRECEDENCE.index, default=Exit.NOTHING)


def code_of_run(verdicts: Iterable[Verdict], audits: Iterable[Audit] = ()) -> Exit:
    """What a run with these verdicts and audits ends with.

    Premises claim nothing and count for nothing. Premises that contradict each other are
    suspicious when one statement rests on all of them, whatever lies between; a document
    may weigh premises against each other as long as nothing is built on both.
    """
    known = tuple(verdicts)
    decided = [v for v in known if v.kind != "premise" or v.status == "error"]
    codes = [code_of_verdict(verdict) for verdict in decided]
    for audit in audits:
        if audit.check == "soundness_alarm":
            codes.append(Exit.ALARM)
        elif audit.result == "inconsistent" and _is_built_on(audit, decided):
            codes.append(Exit.SUSPICIOUS)
    return gravest(codes)


def _is_built_on(audit: Audit, verdicts: Iterable[Verdict]) -> bool:
    """Whether a statement rests on all that an audit found contradictory.

    One that is expected to be vacuous does so knowingly. An audit that does not name the
    premises counts against the document.
    """
    return any(
        set(audit.culprits) <= set(verdict.rests_on)
        for verdict in verdicts
        if verdict.document == audit.document and verdict.expected != "vacuous"
    )


def code_of_verdict(verdict: Verdict) -> Exit:
    """What one verdict deserves by itself."""
    if verdict.diagnosis == "soundness_alarm":
        return Exit.ALARM
    if verdict.status == "error":
        return Exit.USAGE
    if verdict.as_expected:
        return _UNDERNEATH.get(verdict.diagnosis, Exit.AS_EXPECTED)
    if verdict.expected != "proved":
        return Exit.REFUTED
    return _UNEXPECTED.get(verdict.status, Exit.REFUTED)


_UNDERNEATH: Final = {
    "rests_on_refuted": Exit.SUSPICIOUS,
    "rests_on_unproved": Exit.UNDECIDED,
}
_UNEXPECTED: Final = {
    "vacuous": Exit.SUSPICIOUS,
    "undecided": Exit.UNDECIDED,
    "blocked": Exit.UNDECIDED,
}
