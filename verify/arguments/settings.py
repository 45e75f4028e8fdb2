"""What a run may use and what it must reach: one frozen record, passed down.

Verdicts are decided by `resources` (z3's count of work), so that they repeat; `timeout`
and the statement's own limit only kill. An `Archive` remembers certificates between runs;
what it returns is evidence to be checked like any other, never a verdict.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Protocol

from verify.language.verdicts import TRUST_ORDER, Trust

PROBE_SECONDS: Final = 2.0
PROBE_SHARE: Final = 10
CONSISTENCY_SECONDS: Final = 2.0
GRACE: Final = 1.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Options:
    """How a document is checked.

    `timeout` caps every statement's own limit (seconds). `minimum_trust` turns a proof of
    lower trust into `undecided(no_certificate)`. `only` names the statements to decide;
    what they cite is decided as well, but not reported. `quick` leaves out everything
    after the verdicts: minimal premises, audits, suggestions. `suggesting` is how long
    (seconds) proposals of a missing premise are tested for each refuted step.
    """

    timeout: float | None = None
    resources: int = 20_000_000
    minimum_trust: Trust = "agreed"
    only: tuple[str, ...] = ()
    seed: int = 0
    workers: int = 2
    quick: bool = False
    suggesting: float = 5.0

    def allows(self, trust: Trust) -> bool:
        """Whether a proof of this trust counts as one."""
        return TRUST_ORDER.index(trust) >= TRUST_ORDER.index(self.minimum_trust)


class Archive(Protocol):
    """Certificates kept between runs, by the hash of their problem."""

    def find(self, sha: str) -> Iterable[str]:
        """The texts of certificates for that problem, in any order."""

    def keep(self, sha: str, claim: str, certificate: str) -> None:
        """Remember a certificate that the kernel accepted."""


class Nothing:
    """An archive that remembers nothing."""

    def find(self, sha: str) -> Iterable[str]:
        return ()

    def keep(self, sha: str, claim: str, certificate: str) -> None:
        return None


@dataclass(frozen=True, slots=True)
class Budget:
    """What one decision may use: soft wall clock and counted work."""

    seconds: float
    resources: int


def probe(options: Options, seconds: float = PROBE_SECONDS) -> Budget:
    """A small budget, for questions about a statement that has its verdict."""
    return Budget(seconds, options.resources // PROBE_SHARE)
