"""Shifts without a network query: tv, subpopulation and mixture over many data points.

    python bench/reweighting.py --points 100000
    python bench/reweighting.py --points 100000 --budgets 20 --ball subpopulation

Seconds of CPU of one process: the losses in exact arithmetic, the worst distributions in
closed form, and the certificates as they are written, checked by the kernel and put on disk.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from fractions import Fraction
from pathlib import Path

import numpy as np

from verify.networks.network import Activation, Affine, Input, Network, Numbers
from verify.shift.curves import find_losses
from verify.shift.masses.certifying import Bound, check_links, write_links
from verify.shift.masses.closed_forms import Worst, find_groups, keep_part, vary
from verify.shift.masses.evidence import Attained, Reweighting, write_masses
from verify.shift.questions import Question
from verify.shift.regions import make_box
from verify.shift.samples import Sample, make_samples

GRID = 64
ZERO, ONE = Fraction(0), Fraction(1)


def make_question(points: int, inputs: int, units: int, groups: int) -> Question:
    """A random network of one hidden layer, and random data in groups."""
    random = np.random.default_rng(0)
    weights = np.round(random.normal(0, 1, (units, inputs)) * GRID) / GRID
    biases = np.round(random.normal(0, 0.5, units) * GRID) / GRID
    outgoing = np.round(random.normal(0, 1 / units**0.5, (1, units)) * GRID) / GRID
    layers = (
        Input(inputs),
        Affine((0,), (Numbers(weights),), Numbers(biases)),
        Activation("relu", 1, units),
        Affine((2,), (Numbers(outgoing),), Numbers(np.zeros(1))),
    )
    rows = np.round(random.random((points, inputs)) * 10_000).astype(int).tolist()
    data = [tuple(Fraction(v, 10_000) for v in row) for row in rows]
    targets = [(Fraction(int(k), 100),) for k in random.integers(-200, 200, points)]
    names = [f"g{k}" for k in random.integers(0, groups, points)]
    box = make_box((ZERO,) * inputs, (ONE,) * inputs)
    samples = make_samples(data, targets, None, names)
    return Question(Network(layers, 3), samples, "l1", box)


def find_worst(
    ball: str, samples: tuple[Sample, ...], losses: list[Fraction], budget: Fraction
) -> Worst:
    """The worst distribution within one budget."""
    weights = [sample.weight for sample in samples]
    if ball == "tv":
        return vary(losses, weights, budget)
    if ball == "subpopulation":
        return keep_part(losses, weights, budget)
    names = [sample.group for sample in samples]
    worst = find_groups(losses, weights, names)[0]
    masses = tuple(
        sample.weight / worst.mass if sample.group == worst.name else ZERO
        for sample in samples
    )
    return Worst(worst.risk, masses, ZERO, worst.risk)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--points", type=int, default=10_000)
    parser.add_argument("--inputs", type=int, default=8)
    parser.add_argument("--units", type=int, default=20)
    parser.add_argument("--groups", type=int, default=5)
    parser.add_argument("--ball", default="tv")
    parser.add_argument("--budgets", type=int, default=1)
    asked = parser.parse_args()
    question = make_question(asked.points, asked.inputs, asked.units, asked.groups)
    clock = time.process_time
    begun = clock()
    losses = find_losses(question)
    evaluated = clock()
    budgets = [Fraction(k, 3 * asked.budgets) for k in range(1, asked.budgets + 1)]
    if asked.ball == "mixture":
        budgets = [ZERO]
    worst = [find_worst(asked.ball, question.samples, losses, e) for e in budgets]
    found = clock()
    bounds = [
        Bound(e, one.threshold, one.bound)
        for e, one in zip(budgets, worst, strict=True)
    ]
    links = tuple(write_links(asked.ball, question.samples, losses, bounds))
    made = clock()
    done = [a for _, a in check_links(links, lambda _, one: one.text)]
    checked = clock()
    size = 0
    with tempfile.TemporaryDirectory() as folder:
        attained = [Attained(one.risk, tuple(enumerate(one.masses))) for one in worst]
        about = Reweighting(asked.ball, question.loss, question.samples, tuple(losses))
        write_masses(Path(folder), about, bounds, attained, links)
        size = sum(file.stat().st_size for file in Path(folder).iterdir())
    written = clock()
    exact = all(one.risk == one.bound for one in worst)
    print(f"{asked.points} points, {asked.ball}, {len(budgets)} budgets, "
          f"{'exact' if exact else 'not exact'}: {done[-1].statement}")  # fmt: skip
    print(f"losses {evaluated - begun:.1f} s, closed form {found - evaluated:.1f} s, "
          f"certificates {made - found:.1f} s, kernel {checked - made:.1f} s, "
          f"writing {written - checked:.1f} s")  # fmt: skip
    print(f"{len(links)} files, {size / 1e6:.1f} MB on disk, "
          f"{1e6 * (checked - made) / asked.points:.0f} us of the kernel a point")  # fmt: skip


if __name__ == "__main__":
    main()
