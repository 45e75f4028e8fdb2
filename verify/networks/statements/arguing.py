"""Cases too large for a tree, argued: floating point with proven rounding envelopes.

What such an argument shows empty is looked at once more, exactly, at chosen points.
"""

from __future__ import annotations

import time

from verify.kernel.networks import Program
from verify.networks.certificates.outcomes import Met, Outcome, Stuck
from verify.networks.deciding import decide_query
from verify.networks.float32.aftermath import examine_proof
from verify.networks.query import Empty, Open, Witness
from verify.networks.settings import NetworkOptions
from verify.networks.statements.layering import Unbounded, make_query


def argue(program: Program, deadline: float) -> Outcome | Empty:
    """A point that meets the rows, Empty when there is none, or Stuck.

    `deadline` is a time.monotonic() value. Raises SoundnessAlarm when a point of a case
    that was shown empty meets its rows.
    """
    try:
        query = make_query(program)
    except (Unbounded, OverflowError) as error:
        return Stuck("incomplete", str(error))
    seconds = deadline - time.monotonic()
    if seconds <= 0:
        return Stuck("timeout", "no time left")
    match decide_query(query, NetworkOptions(seconds=seconds, processes=1)):
        case Witness(_, point, _):
            return Met(point)
        case Open(reason, detail):
            return Stuck(reason, detail)
        case empty:
            examine_proof(query, seed=0)
            return empty
