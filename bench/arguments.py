"""What checking arguments costs: search against kernel, and the first ten seconds.

    python bench/arguments.py [PATH...]        default: claims

Runs `verify check --no-cache --quick` on the documents once and prints, from its records,
the time engines searched and the time the kernel took on what they found; then, best of
five, the whole process of `verify --help` and of a small document.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parent.parent
SMALL = ROOT / "claims/deceptive/wasted-circuit.md"


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "verify", *arguments]
    return subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, check=False
    )


def measure_documents(paths: list[str]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        output = Path(folder) / "records.jsonl"
        begun = time.perf_counter()
        options = ("--no-cache", "--quick", "--store", folder, "--json", str(output))
        run("check", *paths, *options)
        wall = time.perf_counter() - begun
        records = [json.loads(line) for line in output.read_text().splitlines()]
    verdicts = [record for record in records if record["type"] == "verdict"]
    decided = [v for v in verdicts if v["status"] in ("proved", "refuted")]
    search = sum(v["search_seconds"] for v in decided)
    kernel = sorted(v["kernel_seconds"] for v in decided)
    print(f"documents' statements decided  {len(decided)}")
    print(
        f"certified                      {sum(v['trust'] == 'certified' for v in decided)}"
    )
    print(f"wall clock, two jobs at once   {wall:.1f} s")
    print(f"search                         {search:.2f} s")
    print(
        f"kernel                         {sum(kernel):.2f} s  {sum(kernel) / search:.1%} of it"
    )
    print(f"kernel, median and largest     {kernel[len(kernel) // 2] * 1e3:.1f} ms, "
          f"{kernel[-1] * 1e3:.1f} ms")  # fmt: skip


def best(*arguments: str) -> float:
    times = []
    for _ in range(5):
        begun = time.perf_counter()
        run(*arguments)
        times.append(time.perf_counter() - begun)
    return min(times)


if __name__ == "__main__":
    measure_documents(sys.argv[1:] or ["claims"])
    print(f"verify --help                  {best('--help') * 1e3:.0f} ms, best of five")
    with tempfile.TemporaryDirectory() as folder:
        seconds = best("check", str(SMALL), "--no-cache", "--quick", "--store", folder)
    print(f"verify check, small document   {seconds * 1e3:.0f} ms, best of five")
