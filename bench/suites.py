"""What a suite costs: a thousand small claims, cold and again from the store.

    python bench/suites.py [CLAIMS] [FOLDER]

Prints, for one worker and for two: the wall clock of a cold run; what each claim costs
beyond its solving (the workers' time less what the jobs say they took, a claim); the same
run from the store, where the kernel checks every certificate again; and the wall clock of
a fixed computation before and after, because other work on the machine slows everything.
Each document has one claim unless a third argument says how many.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
import time
from pathlib import Path

from verify.cli.suite import Request, make_report
from verify.language.verdicts import Verdict

CLAIM = """const x{i}, y{i}: Real
premise p{i}: x{i} >= {i} + 1
premise q{i}: y{i} >= 2*x{i}
step s{i}: y{i} >= {twice}
    by p{i}, q{i}
"""


def make_library(folder: Path, claims: int, each: int) -> None:
    """Documents with so many claims each."""
    folder.mkdir(parents=True)
    (folder / "pyproject.toml").write_text("")
    for first in range(0, claims, each):
        numbers = range(first, min(first + each, claims))
        text = "".join(CLAIM.format(i=i, twice=2 * i + 2) for i in numbers)
        (folder / f"d{first:06}.claim").write_text(text)


def crowding() -> float:
    """How many times longer than its computing a fixed computation takes here and now."""
    wall, computing = time.perf_counter(), time.process_time()
    total = 0
    for number in range(2_000_000):
        total += number * number % 7
    return (time.perf_counter() - wall) / (time.process_time() - computing)


def measure(library: Path, store: Path, workers: int) -> tuple[float, float]:
    """Wall clock of a run, and the sum of what its claims say their search took."""
    begun = time.perf_counter()
    report = make_report(
        Request(library=(str(library),), workers=workers, store=str(store), fresh=True)
    )
    seconds = time.perf_counter() - begun
    steps = [r for r in report.records if isinstance(r, Verdict) and r.kind == "step"]
    if any(v.status != "proved" or v.trust != "certified" for v in steps):
        raise SystemExit("a claim was not proved; this measures nothing")
    return seconds, sum(v.search_seconds for v in steps)


def main() -> None:
    """Measure and print."""
    claims = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000
    each = int(sys.argv[3]) if len(sys.argv) > 3 else 1
    folder = Path(sys.argv[2]) if len(sys.argv) > 2 else Path(tempfile.mkdtemp())
    library = folder / "library"
    shutil.rmtree(library, ignore_errors=True)
    make_library(library, claims, each)
    for workers in (1, 2):
        store = folder / f"{workers}.sqlite"
        store.unlink(missing_ok=True)
        crowded = crowding()
        cold, solving = measure(library, store, workers)
        again = min(measure(library, store, workers)[0] for _ in range(3))
        beyond = (cold * workers - solving) / claims * 1_000
        print(
            f"workers {workers}: cold {cold:6.1f} s, beyond solving {beyond:6.1f} ms a "
            f"claim, again {again:5.2f} s, store {store.stat().st_size / claims:.0f} "
            f"bytes a claim, crowding {crowded:.1f} and {crowding():.1f}"
        )


if __name__ == "__main__":
    main()
