"""The kinds of job there are: a name, and where the function for it lives.

The table is the only way from a name in a request to code: what is not in it is refused,
and nothing is imported on a request's word. The functions are looked up in the process
that runs the job; `PRELOAD` is what the server imports before it forks the first one.
"""

from __future__ import annotations

from typing import Final

KINDS: Final = {
    "decide": "verify.solvers.decide:decide",
    "model": "verify.solvers.models:job",
    "second": "verify.solvers.pysmt_backend:second",
    "eliminate": "verify.solvers.weakest:job",
    "weaken": "verify.solvers.weakening:job",
    "abduce": "verify.solvers.abduction:job",
}
PRELOAD: Final = (
    "verify.solvers.decide",
    "verify.solvers.refute",
    "verify.solvers.models",
    "verify.solvers.weakest",
    "verify.solvers.weakening",
)
