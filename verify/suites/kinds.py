"""The kinds of job about networks; see `verify.solvers.kinds` for the others.

They run on a server of their own, which imports NumPy when the first one is asked for.
"""

from __future__ import annotations

from typing import Final

KINDS: Final = {"evidence": "verify.networks.statements.evidence:job"}
PRELOAD: Final = ("verify.networks.statements.evidence",)
