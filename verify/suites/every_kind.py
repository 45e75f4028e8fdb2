"""Every kind of job that a checker may be asked for, in one table.

A checker forks its jobs from itself, so it has one server for arguments and networks
alike. What is imported beforehand is decided by the nursery, which knows the library.
"""

from __future__ import annotations

from typing import Final

from verify.solvers import kinds as arguments
from verify.suites import kinds as networks

KINDS: Final = {**arguments.KINDS, **networks.KINDS}
PRELOAD: Final = arguments.PRELOAD
PRELOAD_NETWORKS: Final = networks.PRELOAD
PRELOAD_INSTANCES: Final = networks.PRELOAD_INSTANCES
