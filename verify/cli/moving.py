"""`verify net --shift`: how far inputs may move before a property breaks.

A region that is no box around a middle leaves the verdict as it is and a sentence why its
shift was not measured.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Final

from verify.cli.answering import decide_lazily
from verify.cli.paths import Refusal, quoted
from verify.language.tables import read_number
from verify.networks.judging import Judgement
from verify.networks.moves.axes import NoRegion, find_region
from verify.networks.moves.describing import describe_explanation
from verify.networks.moves.explaining import explain_moves
from verify.networks.questions import Asked

MOST: Final = 1000


def read_most(text: str) -> Fraction | None:
    """The number that `--shift` was given; None without one. Raises Refusal."""
    if not text:
        return None
    most = read_number(text)
    if most is None or not 0 < most <= MOST:
        raise Refusal(
            f"Expected --shift TIMES with a number above 0 and up to {MOST}, got "
            f"{quoted(text)}; 1 stays within what the file allows, 2 looks twice as far."
        )
    return most


def explain(
    asked: Asked, known: Judgement, most: Fraction, deadline: float
) -> dict[str, object]:
    """What a record says of the shift; `known` is the judgement over the reals.

    Empty when no input is in question. Raises SoundnessAlarm.
    """
    if known.status == "vacuous":
        return {}
    try:
        region = find_region(asked.query)
    except NoRegion as error:
        return {"not_measured": str(error)}
    found = explain_moves(asked.query, region, known, most, decide_lazily, deadline)
    return describe_explanation(found, asked.taken)
