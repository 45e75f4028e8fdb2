"""What the search for an answer about a network may spend."""

from __future__ import annotations

import os
from typing import NamedTuple


def count_cores() -> int:
    """Processor cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


class NetworkOptions(NamedTuple):
    """Limits of one search; whatever they are, every answer holds over the reals.

    `seconds` of wall time; `processes` at most, 0 for one a core; `seed` of the sampling;
    `megabytes` of memory for all processes together.
    """

    seconds: float = 116.0
    processes: int = 0
    seed: int = 0
    megabytes: int = 1800

    @property
    def workers(self) -> int:
        """Processes to use, at least one."""
        return self.processes if self.processes > 0 else max(1, count_cores())
