"""The record of a document that cannot be read: an event of its own, not an exception."""

from __future__ import annotations

from typing import Final

from verify.language.errors import ClaimError
from verify.language.verdicts import Verdict

DOCUMENT: Final = "document"  # the kind of the record of a document that cannot be read


def unreadable(error: ClaimError) -> Verdict:
    """The record of a document that cannot be read."""
    fix = f"; {error.fix}" if error.fix else ""
    place = f"column {error.column}: " if error.column else ""
    return Verdict(
        document=error.path, line=error.line, name="", kind=DOCUMENT, label="",
        statement="", status="error", overall="error", as_expected=False,
        diagnosis="unreadable", message=f"{place}{error.message}{fix}",
    )  # fmt: skip
