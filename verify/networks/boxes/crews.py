"""Batches cut into chunks that stay in the cache, spread over threads.

NumPy lets go of the interpreter's lock inside products and element-wise loops, which is
where nearly all of the time goes, so threads serve as well as processes here and share
every weight. They help only where the BLAS library itself runs on one thread.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Final, TypeVar

import numpy as np

from verify.networks.boxes.rounding import Array

CHUNK: Final = 256  # rows of one pass
Result = TypeVar("Result")


class Crew:
    """Workers for chunks; `close` ends their threads."""

    def __init__(self, workers: int = 1) -> None:
        self.pool = ThreadPoolExecutor(workers) if workers > 1 else None

    def each(self, count: int, work: Callable[[Array], Result]) -> list[Result]:
        """`work` done on the numbers from 0 to `count`, a chunk at a time, in order."""
        chunks = [
            np.arange(start, min(start + CHUNK, count))
            for start in range(0, count, CHUNK)
        ]
        if self.pool is None or len(chunks) < 2:
            return [work(chunk) for chunk in chunks]
        return list(self.pool.map(work, chunks))

    def close(self) -> None:
        """Wait for the threads and end them."""
        if self.pool is not None:
            self.pool.shutdown()
