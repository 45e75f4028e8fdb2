"""Ours against plain z3, cvc5, HiGHS big-M, nnenum and Marabou, side by side in one run.

    python bench/networks.py --family tiny
    python bench/networks.py --family acasxu --data ../shared/data --limit 116 --only prop_3
    python bench/networks.py --family tiny --nnenum ../nnenum --marabou ../venv/bin/python

For every instance the engines run one after the other, so that the ratios are of one minute
on one machine; of what takes less than a second the fastest of three runs counts. Answers
are compared with published ones; any contradiction, among engines or with them, is printed
and ends in exit code 70. With `--out FILE.md` the table and, beside it, FILE.svg are
written. nnenum needs a checkout, Marabou a Python that has maraboupy.
"""

from __future__ import annotations

import argparse
import csv
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import engines
import plots
import tiny_networks
from engines import Engine, Instance, Run

from verify.networks.properties.vnnlib1 import read_property
from verify.networks.reading.onnx_reader import read_network

EXIT_ALARM = 70


def read_family(
    data: Path, family: str, only: str, limit: float | None
) -> Iterator[Instance]:
    """The instances of a benchmark folder whose name contains `only`."""
    folder = data / family
    published: dict[tuple[str, str], str] = {}
    listed = folder / "published.csv"
    if listed.exists():
        with listed.open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                published[row["network"], row["property"]] = row["verdict"]
    with (folder / "instances.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    for model, stated, seconds in rows:
        names = Path(model).name, Path(stated).name
        name = " ".join(Path(one).stem for one in names)
        if only in name:
            network = read_network(folder / model).network
            query = read_property(folder / stated).make_query(network)
            allowed = float(seconds) if limit is None else min(limit, float(seconds))
            expected = published.get(names, "")
            yield Instance(
                name, query, folder / model, folder / stated, allowed, expected
            )


def make_tiny(folder: Path, only: str, limit: float | None) -> Iterator[Instance]:
    for tiny in tiny_networks.make_tiny():
        if only in tiny.name:
            files = tiny_networks.write_files(tiny, folder)
            yield Instance(tiny.name, tiny.query, *files, limit or 20.0, tiny.answer)


def choose_engines(options: argparse.Namespace) -> dict[str, Engine]:
    chosen: dict[str, Engine] = {
        "certified": engines.certified, "verify net": engines.whole,
        "in process": engines.decided,
    }  # fmt: skip
    if not options.ours:
        chosen |= {
            "z3": engines.plain_z3, "cvc5": engines.plain_cvc5, "HiGHS": engines.big_m,
        }  # fmt: skip
    if options.marabou:
        chosen["Marabou"] = engines.make_marabou(options.marabou)
    if options.nnenum:
        chosen["nnenum"] = engines.make_nnenum(options.nnenum)
    skipped = set(options.skip.split(",")) if options.skip else set()
    return {name: engine for name, engine in chosen.items() if name not in skipped}


def measure(engine: Engine, instance: Instance, repeat: int) -> Run:
    """The fastest of up to `repeat` runs, of one if it takes a second or more."""
    best = engine(instance, instance.limit)
    for _ in range(repeat - 1):
        if best.seconds >= 1.0 or best.answer not in plots.SOLVED:
            break
        best = min(best, engine(instance, instance.limit), key=lambda run: run.seconds)
    return best


def contradictions(name: str, expected: str, runs: dict[str, Run]) -> list[str]:
    """What does not fit together, each as a sentence."""
    answers = {
        engine: run.answer for engine, run in runs.items() if run.answer in plots.SOLVED
    }
    if expected in plots.SOLVED:
        answers["expected"] = expected
    if len(set(answers.values())) < 2:
        return []
    return [f"{name}: " + ", ".join(f"{who} {what}" for who, what in answers.items())]


def read_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--family", default="tiny")
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--limit", type=float, help="seconds an instance, at most")
    parser.add_argument(
        "--only", default="", metavar="PATTERN", help="part of the name"
    )
    parser.add_argument(
        "--every", type=int, default=1, metavar="N", help="each N-th one"
    )
    parser.add_argument("--repeat", type=int, default=3, help="runs of what is quick")
    parser.add_argument("--out", type=Path, metavar="FILE.md")
    parser.add_argument("--nnenum", metavar="DIR", help="a checkout of nnenum")
    parser.add_argument("--marabou", metavar="PYTHON", help="a Python with maraboupy")
    parser.add_argument("--ours", action="store_true", help="leave the solvers out")
    parser.add_argument("--skip", default="", metavar="ENGINE,...")
    return parser.parse_args()


def main() -> int:
    options = read_options()
    chosen = choose_engines(options)
    runs: dict[tuple[str, str], Run] = {}
    limits: dict[str, float] = {}
    expected: dict[str, str] = {}
    wrong: list[str] = []
    with tempfile.TemporaryDirectory() as scratch:
        if options.family == "tiny":
            instances = make_tiny(Path(scratch), options.only, options.limit)
        else:
            instances = read_family(
                options.data, options.family, options.only, options.limit
            )
        for place, instance in enumerate(instances):
            if place % options.every:
                continue
            if not runs:  # imports and first calls are nobody's seconds
                for engine in chosen.values():
                    engine(instance, 1.0)
            limits[instance.name] = instance.limit
            expected[instance.name] = instance.expected
            these = {
                name: measure(engine, instance, options.repeat)
                for name, engine in chosen.items()
            }
            runs |= {(instance.name, name): run for name, run in these.items()}
            wrong += contradictions(instance.name, instance.expected, these)
            words = ", ".join(
                f"{k} {v.answer} {v.seconds:.3f}" for k, v in these.items()
            )
            print(f"{instance.name}: {words}", flush=True)
    if not limits:
        print(f"no instance of {options.family} has {options.only!r} in its name")
        return 5
    table = plots.write_table(list(limits), list(chosen), runs, limits, expected)
    print("\n" + table)
    if options.out:
        head = f"# {options.family}, {time.strftime('%Y-%m-%d')}\n\nSeconds of wall clock.\n\n"
        options.out.write_text(head + table, encoding="utf-8")
        picture = plots.write_cactus(options.family, list(limits), list(chosen), runs)
        options.out.with_suffix(".svg").write_text(picture, encoding="utf-8")
    for sentence in wrong:
        print(f"CONTRADICTION {sentence}", file=sys.stderr)
    return EXIT_ALARM if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
