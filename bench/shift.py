"""Wasserstein risk: ours with proofs, against z3's Optimize and big-M programmes in HiGHS.

    python bench/shift.py --points 4 --inputs 2 --units 6
    python bench/shift.py --points 200 --inputs 10 --units 30 --ours --gap 1/20

All three answer the same question at the multiplier that ours found: for each data point,
the largest of loss less rate * distance. z3 and HiGHS give a number and no proof. They run
one after the other in one process, so that ratios are of one minute on one machine.
"""

from __future__ import annotations

import argparse
import os
import time
from fractions import Fraction

import numpy as np

from verify.networks.network import Activation, Affine, Input, Network, Numbers
from verify.networks.values.exact import evaluate
from verify.shift.regions import make_box
from verify.shift.samples import Sample, make_samples
from verify.shift.transport import Effort, Question, Transport
from verify.solvers.answers import Budget
from verify.solvers.linear import LinearProgram, LinearRow, Optimal, solve_linear

GRID = 64
ZERO, ONE = Fraction(0), Fraction(1)
Layers = tuple[np.ndarray, np.ndarray, np.ndarray]


def make_question(
    points: int, inputs: int, units: int, seed: int
) -> tuple[Question, Layers]:
    """A random network of one hidden layer on [0, 1]^d, and data off by some noise."""
    random = np.random.default_rng(seed)
    weights = np.round(random.normal(0, 1, (units, inputs)) * GRID) / GRID
    biases = np.round(random.normal(0, 0.5, units) * GRID) / GRID
    outgoing = np.round(random.normal(0, 1 / units**0.5, (1, units)) * GRID) / GRID
    layers = (
        Input(inputs),
        Affine((0,), (Numbers(weights),), Numbers(biases)),
        Activation("relu", 1, units),
        Affine((2,), (Numbers(outgoing),), Numbers(np.zeros(1))),
    )
    network = Network(layers, 3)
    rows = np.round(random.random((points, inputs)) * GRID) / GRID
    data = [tuple(map(Fraction, row.tolist())) for row in rows]
    noise = [Fraction(int(k), GRID) for k in random.integers(-8, 9, points)]
    targets = [(evaluate(network, x)[0] + n,) for x, n in zip(data, noise, strict=True)]
    box = make_box((ZERO,) * inputs, (ONE,) * inputs)
    question = Question(network, make_samples(data, targets), "l1", box, "l1")
    return question, (weights, biases, outgoing)


def ask_z3(layers: Layers, sample: Sample, rate: Fraction, seconds: float) -> str:
    """z3's Optimize on one data point; what it ended in."""
    import z3

    weights, biases, outgoing = layers
    size = weights.shape[1]
    opt = z3.Optimize()
    opt.set("timeout", int(seconds * 1000))
    x = [z3.Real(f"x{j}") for j in range(size)]
    number = lambda v: z3.RealVal(str(Fraction(v)))  # noqa: E731
    for one in x:
        opt.add(one >= 0, one <= 1)
    sums = [
        sum((number(w) * v for w, v in zip(row, x, strict=True)), number(b))
        for row, b in zip(weights.tolist(), biases.tolist(), strict=True)
    ]
    out = sum(
        number(v) * z3.If(s >= 0, s, 0)
        for v, s in zip(outgoing[0].tolist(), sums, strict=True)
    )
    error = out - number(sample.target[0])
    far = sum(
        z3.If(v >= number(p), v - number(p), number(p) - v)
        for v, p in zip(x, sample.point, strict=True)
    )
    opt.maximize(z3.If(error >= 0, error, -error) - number(rate) * far)
    return str(opt.check())


def ask_highs(layers: Layers, sample: Sample, rate: Fraction, seconds: float) -> str:
    """Two big-M programmes in HiGHS, one for each sign of the error."""
    weights, biases, outgoing = layers
    units, size = weights.shape
    high = np.maximum(weights, 0).sum(axis=1) + biases
    low = np.minimum(weights, 0).sum(axis=1) + biases
    ended = []
    for sign in (1, -1):
        bounds: list[tuple[Fraction | None, Fraction | None]] = [(ZERO, ONE)] * size
        bounds += [(ZERO, None)] * (size + units) + [(ZERO, ONE)] * units
        rows = []
        for k in range(units):
            form = tuple(
                (j, Fraction(w)) for j, w in enumerate(weights[k].tolist()) if w
            )
            gives, on = 2 * size + k, 2 * size + units + k
            bias, top = Fraction(float(biases[k])), Fraction(float(max(high[k], 0)))
            bottom = Fraction(float(min(low[k], 0)))
            minus = tuple((j, -w) for j, w in form)
            rows.append(LinearRow((*minus, (gives, ONE)), bias))
            rows.append(
                LinearRow((*minus, (gives, ONE), (on, -bottom)), None, bias - bottom)
            )
            rows.append(LinearRow(((gives, ONE), (on, -top)), None, ZERO))
        for j, p in enumerate(sample.point):
            rows.append(LinearRow(((j, -ONE), (size + j, ONE)), -p))
            rows.append(LinearRow(((j, ONE), (size + j, ONE)), p))
        objective = [
            (2 * size + k, Fraction(-sign * v))
            for k, v in enumerate(outgoing[0].tolist())
        ]
        objective += [(size + j, rate) for j in range(size)]
        whole = frozenset(range(2 * size + units, 2 * size + 2 * units))
        programme = LinearProgram(tuple(bounds), tuple(rows), tuple(objective), whole)
        found = solve_linear(programme, Budget(seconds=seconds))
        ended.append(
            "optimal" if isinstance(found, Optimal) else found.__class__.__name__
        )
    return "/".join(ended)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--points", type=int, default=4)
    parser.add_argument("--inputs", type=int, default=2)
    parser.add_argument("--units", type=int, default=6)
    parser.add_argument("--budget", type=Fraction, default=Fraction(1, 4))
    parser.add_argument("--gap", type=Fraction, default=ZERO)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--limit", type=float, default=20.0, help="seconds a query")
    parser.add_argument("--processes", type=int, default=1)
    parser.add_argument("--ours", action="store_true", help="leave out the others")
    parser.add_argument("--curve", action="store_true", help="20 budgets besides")
    asked = parser.parse_args()
    question, layers = make_question(
        asked.points, asked.inputs, asked.units, asked.seed
    )
    effort = Effort(asked.gap, 600.0, processes=asked.processes)
    begun, cpu = time.monotonic(), sum(os.times()[:4])
    answer = Transport(question, effort).answer(asked.budget)
    ours = sum(os.times()[:4]) - cpu
    upper = "open" if answer.upper is None else f"{float(answer.upper):.6g}"
    print(f"ours    {ours:8.2f} s of CPU, {time.monotonic() - begun:.2f} s: "
          f"{float(answer.lower):.6g} to {upper}, rate {float(answer.rate):.4g}, with proofs")  # fmt: skip
    if asked.curve:
        cpu = sum(os.times()[:4])
        budgets = [asked.budget * k / 19 for k in range(20)]
        breaks, _ = Transport(question, effort).curve(budgets)
        taken = sum(os.times()[:4]) - cpu
        print(f"curve   {taken:8.2f} s of CPU, {taken / ours:.1f} times one budget, "
              f"{len(breaks)} breaks")  # fmt: skip
    if asked.ours:
        return
    for name, ask in (("highs", ask_highs), ("z3", ask_z3)):
        cpu, ended = time.process_time(), []
        for sample in question.samples:
            ended.append(ask(layers, sample, answer.rate, asked.limit))
        taken = time.process_time() - cpu
        print(f"{name:7} {taken:8.2f} s of CPU, {taken / ours:.1f} times ours, at that rate "
              f"alone: {', '.join(sorted(set(ended)))}")  # fmt: skip


if __name__ == "__main__":
    main()
