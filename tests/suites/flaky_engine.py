"""An engine that lies or gives up as its seed says; loaded by a nursery that is told to.

It gives up on odd seeds where the problem has a 77, and says the opposite, without
evidence, where it has a 99.
"""

from collections.abc import Mapping
from typing import Any

from verify.solvers import decide as engine

honest = engine.decide


def planted(payload: Mapping[str, Any]) -> dict[str, Any]:
    answer = honest(payload)
    odd = int(payload.get("seed", 0)) % 2 == 1
    problem = str(payload["problem"])
    if odd and "77/1" in problem:
        return {**answer, "answer": "unknown", "reason": "timeout", "certificate": None}
    if odd and "99/1" in problem:
        return {**answer, "answer": "sat", "reason": "incomplete", "certificate": None}
    return answer


engine.decide = planted
