"""The least loss of one hidden layer, exactly: growth in points, units and inputs.

    python bench/optima.py [--grow points|units|inputs] [--loss l1] [--limit 60]
                           [--seeds 3] [--only NAME] [--smallest SIZE] [--largest SIZE]
                           [--clock wall|processor] [--out FOLDER]

Everyone gets the same random data in turn, in a process of its own that is ended when the
time is up; imports do not count, and all use one thread. Where other work slows the
machine, `--clock processor` counts the seconds a process really had. Once somebody is out
of time at a size, larger ones are not asked of it. Prints a table of medians and writes the
curves as SVG. Values must agree: exactly with z3's, and HiGHS's may not be below (its
weights are bounded) but for rounding.
"""

from __future__ import annotations

import argparse
import multiprocessing
import sys
import time
from fractions import Fraction
from multiprocessing.connection import Connection
from pathlib import Path
from statistics import median
from typing import Final, NamedTuple

from fit_rivals import FINDERS, Found, make_data
from growth import write_growth

from verify.training.optima.fits import Fit

CLOCKS: Final = {"wall": time.perf_counter, "processor": time.process_time}
ROUNDING: Final = Fraction(1, 10**4)


class Family(NamedTuple):
    """Sizes of one thing, the others fixed: points, units, inputs."""

    label: str
    sizes: tuple[int, ...]
    points: int
    hidden: int
    inputs: int


FAMILIES: Final = {
    "points": Family(
        "points (2 inputs, 3 units)", (4, 6, 8, 10, 12, 14, 16, 18), 0, 3, 2
    ),
    "units": Family("units (10 points, 2 inputs)", (0, 1, 2, 3, 4), 10, 0, 2),
    "inputs": Family("inputs (9 points, 2 units)", (1, 2, 3, 4, 5), 9, 2, 0),
}


def make_fit(family: str, loss: str, size: int, seed: int) -> Fit:
    """Random data of one size."""
    _, _, points, hidden, inputs = FAMILIES[family]
    return make_data(
        loss,
        size if family == "points" else points,
        size if family == "inputs" else inputs,
        size if family == "units" else hidden,
        seed,
    )


def _work(
    pipe: Connection,
    clock_name: str,
    name: str,
    fit: Fit,
    limit: float,
    value: Fraction | None,
) -> None:
    clock = CLOCKS[clock_name]
    begun = clock()
    found = FINDERS[name](fit, limit, value)
    pipe.send((found, clock() - begun))


def measure(
    clock: str, name: str, fit: Fit, limit: float, value: Fraction | None
) -> tuple[Found, float]:
    """What it found, and the seconds it took."""
    ours, theirs = multiprocessing.Pipe(duplex=False)
    worker = multiprocessing.get_context("fork").Process(
        target=_work, args=(theirs, clock, name, fit, limit, value)
    )
    worker.start()
    theirs.close()
    late = Found(None, "timeout"), limit
    try:
        return ours.recv() if ours.poll(limit + 5) else late
    except EOFError:
        return Found(None, "it ended without an answer"), limit
    finally:
        worker.kill()
        worker.join()


def compare(known: Fraction | None, name: str, found: Found) -> None:
    """Stop where two values differ."""
    if known is None or found.value is None or known == found.value:
        return
    if name.startswith("HiGHS") and found.value > known - ROUNDING:
        return
    raise SystemExit(
        f"{name} says {float(found.value)}, but the value is {float(known)}"
    )


class Curve(NamedTuple):
    """Median seconds by size, and the size where some run was out of time, if any."""

    seconds: dict[int, float]
    late: list[int]


def run(family: str, options: argparse.Namespace) -> dict[str, Curve]:
    """What each took at each size, as far as it got."""
    curves = {name: Curve({}, []) for name in options.names}
    for size in FAMILIES[family].sizes:
        if not options.smallest <= size <= options.largest:
            continue
        taken: dict[str, list[float]] = {}
        late: set[str] = set()
        for seed in range(options.seeds):
            fit, value = make_fit(family, options.loss, size, seed), None
            for name in (name for name in curves if not curves[name].late):
                found, seconds = measure(options.clock, name, fit, options.limit, value)
                compare(value, name, found)
                if found.value is None:
                    late.add(name)
                    seconds = options.limit
                value = found.value if value is None else value
                taken.setdefault(name, []).append(seconds)
                said = found.reason or float(found.value or 0)
                print(f"{size} {seed} {name}: {said} {seconds:.3f} s", file=sys.stderr)
        for name, every in taken.items():
            curves[name].seconds[size] = median(every)
            if name in late:
                curves[name].late.append(size)
    return curves


def write_table(label: str, curves: dict[str, Curve], limit: float) -> str:
    """A row a size; a run that was out of time counts as the limit."""
    sizes = sorted({size for curve in curves.values() for size in curve.seconds})
    lines = [
        f"| {label} | " + " | ".join(curves) + " |",
        "|---" * (len(curves) + 1) + "|",
    ]
    for size in sizes:
        cells = []
        for curve in curves.values():
            shown = ""
            if size in curve.seconds:
                shown = f"{curve.seconds[size]:.3f}"
            if size in curve.late:
                all_late = curve.seconds[size] >= limit
                shown = f"over {limit:g}" if all_late else f"{shown}, not all in time"
            cells.append(shown)
        lines.append(f"| {size} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def main() -> None:
    """Measure and write."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--grow", choices=tuple(FAMILIES), action="append")
    parser.add_argument("--loss", choices=("l1", "linf", "hinge"), default="l1")
    parser.add_argument("--limit", type=float, default=60.0)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--smallest", type=int, default=0)
    parser.add_argument("--largest", type=int, default=100)
    parser.add_argument("--only", dest="names", choices=tuple(FINDERS), action="append")
    parser.add_argument("--clock", choices=tuple(CLOCKS), default="wall")
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    options.names = options.names or list(FINDERS)
    for family in options.grow or FAMILIES:
        curves = run(family, options)
        label = FAMILIES[family].label
        print(write_table(label, curves, options.limit), end="\n\n", flush=True)
        if options.out is not None:
            options.out.mkdir(parents=True, exist_ok=True)
            drawn = {name: curve.seconds for name, curve in curves.items()}
            title = f"{options.loss}: the least loss, exactly"
            path = options.out / f"optima-{options.loss}-{family}.svg"
            path.write_text(write_growth(title, label, drawn), encoding="utf-8")


if __name__ == "__main__":
    main()
