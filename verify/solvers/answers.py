"""The query side's vocabulary: what an engine was allowed, and what it answered.

`sat`, `unsat` and `unknown` are words about a query and stay below this line; claim words
begin in `arguments/`. An answer holds exact values only.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Final, NamedTuple

REASONS: Final = (
    "timeout",
    "memory",
    "incomplete",
    "unsupported",
    "no_certificate",
    "crash",
)


class Budget(NamedTuple):
    """What one query may use. `resources` is z3's rlimit: it decides, so verdicts repeat;
    `seconds` of wall clock and `megabytes` of memory only kill."""

    resources: int = 20_000_000
    seconds: float = 10.0
    megabytes: int = 2_048
    seed: int = 0


class Sat(NamedTuple):
    """Values of the declared constants by name: a bool, a Fraction, or the name of an
    element. Constants without a rational value (algebraic ones) are left out."""

    values: Mapping[str, bool | Fraction | str]


class Unsat(NamedTuple):
    """Names of assertions that are already contradictory; not necessarily minimal."""

    core: tuple[str, ...]


class Unknown(NamedTuple):
    """`reason` is one of `REASONS`; `detail` is the engine's own word."""

    reason: str
    detail: str = ""


Answer = Sat | Unsat | Unknown
