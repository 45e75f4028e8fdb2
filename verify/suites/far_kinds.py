"""What a worker of a cluster imports before its first job about networks."""

from __future__ import annotations

from typing import Final

from verify.suites import kinds

KINDS: Final = kinds.KINDS
PRELOAD: Final = (*kinds.PRELOAD, *kinds.PRELOAD_INSTANCES)
