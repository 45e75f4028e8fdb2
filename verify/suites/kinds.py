"""The kinds of job about networks; see `verify.solvers.kinds` for the others.

They run on a server of their own, which imports NumPy when the first one is asked for.
"""

from __future__ import annotations

from typing import Final

KINDS: Final = {
    "evidence": "verify.suites.deciders:job",
    "instance": "verify.suites.instance_jobs:job",
    "part": "verify.suites.instance_jobs:part",
}
PRELOAD: Final = (
    "verify.suites.deciders",
    "verify.training.statements.finder",
    "verify.training.statements.fitted",
    "verify.training.optima.squared",
    "verify.training.optima.zero_one",
)
PRELOAD_INSTANCES: Final = (
    "verify.suites.instance_tasks",
    "verify.networks.phases.phases",
    "onnx",
)
