"""The one door between a search and a verdict: nothing is believed on the way through.

A witness is evaluated exactly and replayed, a proof is followed by points of every box, and
both get a word on float32. A search that lies, breaks or hands back something else raises
the alarm here, whatever searched.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, NamedTuple

from verify.networks.float32.aftermath import Aftermath, examine_proof
from verify.networks.float32.alarms import SoundnessAlarm
from verify.networks.float32.semantics import (
    Float32,
    describe_proof,
    describe_refutation,
)
from verify.networks.float32.witnesses import Counterexample, confirm
from verify.networks.query import Empty, Finding, Open, Query, Witness
from verify.networks.reading.graph import Graph

TRUSTS: Final = ("certified", "rigorous")


class Settled(NamedTuple):
    """A finding with what was checked of it; `float32` is None for an open one."""

    finding: Finding
    counterexample: Counterexample | None = None
    aftermath: Aftermath | None = None
    float32: Float32 | None = None


def settle(
    query: Query,
    finding: Finding,
    graph: Graph | None = None,
    *,
    seed: int = 0,
    decide: Callable[[Query], Finding] | None = None,
) -> Settled:
    """The finding after all checks; `graph` is the model's, None for an inline network.

    `decide` may be asked once more about float32, as in `describe_proof`. Raises
    SoundnessAlarm when a check contradicts the finding.
    """
    match finding:
        case Open():
            return Settled(finding)
        case Witness():
            found = confirm(query, finding, graph)
            known = describe_refutation(found, graph)
            return Settled(finding, counterexample=found, float32=known)
        case Empty(trust, _, margin) if trust in TRUSTS:
            after = examine_proof(query, seed=seed)
            if margin > after.closest * (1 + 2.0**-40):
                raise SoundnessAlarm(
                    f"a search claims that rows fail by {margin:.6g} everywhere, and at a "
                    f"point they fail by {after.closest:.6g}; please report it"
                )
            known = describe_proof(query, graph, margin, seed=seed, decide=decide)
            return Settled(finding, aftermath=after, float32=known)
        case _:
            raise SoundnessAlarm(
                f"a search ended in {type(finding).__name__}, which is neither a point nor "
                "a proof of a known trust; please report it"
            )
