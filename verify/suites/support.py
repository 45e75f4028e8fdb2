"""Whether verdicts from the store are borne out: by the kernel now, or by a new search.

A stored record is a record of the past. What it claims counts again only if the same
statement, with the same words and expectation, has the same verdict from certificates that
the kernel accepts now; what it does not claim cannot mislead.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from verify.language.verdicts import Audit, Verdict
from verify.suites.records import Told

CLAIMING: Final = ("proved", "refuted", "vacuous")
COMPARED: Final = (
    "document", "line", "name", "kind", "statement", "status", "overall", "trust",
    "expected", "as_expected", "counterexample",
)  # fmt: skip


def is_supported(stored: Iterable[Told], replayed: Iterable[Told]) -> bool:
    """Whether all that stored verdicts claim was accepted by the kernel just now.

    What claims nothing (undecided, admitted, errors, audits) needs no support.
    """
    now = {(v.document, v.line, v.name): v for v in replayed if isinstance(v, Verdict)}
    for record in stored:
        if isinstance(record, Verdict) and record.status in CLAIMING:
            other = now.get((record.document, record.line, record.name))
            if record.trust not in ("certified", "") or other is None:
                return False
            if any(getattr(record, key) != getattr(other, key) for key in COMPARED):
                return False
    return True


def compare_hits(old: Iterable[Told], new: Iterable[Told]) -> Iterator[Audit]:
    """Audits of verdicts from the store that a search without it did not repeat."""
    found = {(v.document, v.name): v for v in new if isinstance(v, Verdict)}
    for was in old:
        if not isinstance(was, Verdict) or was.status not in CLAIMING:
            continue
        now = found.get((was.document, was.name))
        if now is None or now.status == was.status:
            continue
        flipped = {was.status, now.status} == {"proved", "refuted"}
        yield Audit(
            document=was.document, line=was.line, name=was.name,
            check="soundness_alarm" if flipped else "recheck",
            result="alarm" if flipped else "differs",
            message=f"The store's certificate says {was.status}, a search without it "
            f"{now.status}" + ("; believe neither and report it." if flipped else "."),
        )  # fmt: skip
