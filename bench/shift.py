"""Wasserstein risk: ours with proofs, against z3's Optimize and big-M programmes in HiGHS.

    python bench/shift.py --points 4 --inputs 5 --units 15 --gap 1/1000
    python bench/shift.py --points 200 --inputs 10 --units 30 --gap 1/100 --ours --processes 2

All three answer the same question with the same gap: the worst risk within a budget. For z3
and HiGHS the multiplier is searched for in the same loop that ours has, each data point's
response being one query (HiGHS: two, one for each sign of the error); they give numbers and
no proofs. They run one after the other in one process, so that ratios are of one minute on
one machine; what a peer does not answer within `--limit` counts with the time it took.
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import highspy
import numpy as np
import z3

from verify.networks.network import Activation, Affine, Input, Network, Numbers
from verify.networks.values.exact import evaluate
from verify.shift.questions import Effort, Question
from verify.shift.regions import make_box
from verify.shift.samples import Sample, make_samples
from verify.shift.transport.answering import Transport
from verify.shift.transport.asks import Place
from verify.shift.transport.duality import bound_risk, find_plan
from verify.shift.transport.frontiers import find_hull

GRID = 64
ROUNDS = 40
ZERO, ONE = Fraction(0), Fraction(1)
Layers = tuple[np.ndarray, np.ndarray, np.ndarray]
Found = tuple[list[float], float] | None  # where a response is, and a bound of it
Respond = Callable[[Sample, float], Found]


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


class Big:
    """HiGHS: columns are inputs, distances, what units give and whether they are on."""

    def __init__(self, layers: Layers, gap: float, limit: float) -> None:
        weights, biases, self.outgoing = layers
        units, size = weights.shape
        self.size, self.units = size, units
        high = np.maximum(weights, 0).sum(axis=1) + biases
        low = np.minimum(weights, 0).sum(axis=1) + biases
        solver = self.solver = highspy.Highs()
        for name, value in (
            ("output_flag", False), ("threads", 1), ("time_limit", limit),
            ("mip_rel_gap", 0.0), ("mip_abs_gap", gap),
        ):  # fmt: skip
            solver.setOptionValue(name, value)
        total = 2 * size + 2 * units
        ends = np.full(total, highspy.kHighsInf)
        ends[:size] = ends[2 * size + units :] = 1.0
        solver.addVars(total, np.zeros(total), ends)
        for k in range(units):
            solver.changeColIntegrality(
                2 * size + units + k, highspy.HighsVarType.kInteger
            )
        inputs = np.arange(size)
        for j in range(size):
            for sign in (-1.0, 1.0):
                self._row(0.0, None, [j, size + j], [sign, 1.0])
        for k in range(units):
            gives, on = 2 * size + k, 2 * size + units + k
            form, bias = -weights[k], biases[k]
            self._row(bias, None, [*inputs, gives], [*form, 1.0])
            bottom = min(low[k], 0.0)
            self._row(None, bias - bottom, [*inputs, gives, on], [*form, 1.0, -bottom])
            self._row(None, 0.0, [gives, on], [1.0, -max(high[k], 0.0)])

    def _row(
        self, low: float | None, high: float | None, which: list[int], by: list[float]
    ) -> None:
        infinite = highspy.kHighsInf
        self.solver.addRow(
            -infinite if low is None else low, infinite if high is None else high,
            len(which), np.array(which, np.int32), np.array(by),
        )  # fmt: skip

    def respond(self, sample: Sample, rate: float) -> Found:
        """The largest of error - rate * distance and of its mirror image."""
        size, target = self.size, float(sample.target[0])
        for j, x in enumerate(map(float, sample.point)):
            self.solver.changeRowBounds(2 * j, -x, highspy.kHighsInf)
            self.solver.changeRowBounds(2 * j + 1, x, highspy.kHighsInf)
        costs = np.zeros(2 * size + 2 * self.units)
        costs[size : 2 * size] = rate
        best, bound = None, -np.inf
        for sign in (1.0, -1.0):
            costs[2 * size : 2 * size + self.units] = -sign * self.outgoing[0]
            self.solver.changeColsCost(len(costs), np.arange(len(costs)), costs)
            self.solver.clearSolver()
            self.solver.run()
            if self.solver.getModelStatus() != highspy.HighsModelStatus.kOptimal:
                return None
            info = self.solver.getInfo()
            bound = max(bound, -info.mip_dual_bound - sign * target)
            value = -info.objective_function_value - sign * target
            if best is None or value > best[0]:
                best = value, self.solver.getSolution().col_value[:size]
        return None if best is None else (list(best[1]), bound)


def ask_z3(layers: Layers, limit: float) -> Respond:
    """z3's Optimize, a query a data point."""
    weights, biases, outgoing = layers

    def number(value: object) -> Any:
        return z3.RealVal(str(Fraction(str(value))))

    def respond(sample: Sample, rate: float) -> Found:
        opt = z3.Optimize()
        opt.set("timeout", int(limit * 1000))
        x = [z3.Real(f"x{j}") for j in range(weights.shape[1])]
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
        goal = opt.maximize(z3.If(error >= 0, error, -error) - number(rate) * far)
        if opt.check() != z3.sat:
            return None
        model = opt.model()
        at = [float(model.eval(one, model_completion=True).as_fraction()) for one in x]
        return at, float(goal.value().as_fraction())

    return respond


def answer_by(
    question: Question, budget: Fraction, gap: Fraction, respond: Respond
) -> tuple[str, int]:
    """The worst risk by queries to a peer, and how many rounds of them; in words."""
    network, samples = question.network, question.samples
    weights = [sample.weight for sample in samples]

    def place(sample: Sample, at: list[float]) -> Place:
        point = tuple(
            min(max(Fraction(round(v * 2**24), 2**24), ZERO), ONE) for v in at
        )
        pairs = zip(point, sample.point, strict=True)
        far = sum((abs(a - b) for a, b in pairs), ZERO)
        return Place(point, far, abs(evaluate(network, point)[0] - sample.target[0]))

    start = [[place(s, list(map(float, s.point)))] for s in samples]
    upper: Fraction | None = None
    for turn in range(1, ROUNDS + 1):
        primal = find_plan([find_hull(one) for one in start], weights, budget)
        if upper is not None and upper - primal.risk <= gap:
            return f"{float(primal.risk):.6g} to {float(upper):.6g}", turn - 1
        values = []
        for sample, places in zip(samples, start, strict=True):
            found = respond(sample, float(primal.rate))
            if found is None:
                return "open", turn
            places.append(place(sample, found[0]))
            values.append(Fraction(found[1]))
        bound = bound_risk(values, weights, budget, Fraction(float(primal.rate)))
        upper = bound if upper is None else min(upper, bound)
    return "open", ROUNDS


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--points", type=int, default=4)
    parser.add_argument("--inputs", type=int, default=2)
    parser.add_argument("--units", type=int, default=6)
    parser.add_argument("--budget", type=Fraction, default=Fraction(1, 4))
    parser.add_argument("--gap", type=Fraction, default=Fraction(1, 1000))
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
          f"{float(answer.lower):.6g} to {upper}, with proofs")  # fmt: skip
    if asked.curve:
        cpu = sum(os.times()[:4])
        budgets = [asked.budget * k / 19 for k in range(20)]
        breaks, _ = Transport(question, effort).curve(budgets)
        taken = sum(os.times()[:4]) - cpu
        print(f"curve   {taken:8.2f} s of CPU, {taken / ours:.1f} times one budget, "
              f"{len(breaks)} breaks")  # fmt: skip
    if asked.ours:
        return
    peers: dict[str, Respond] = {
        "highs": Big(layers, float(asked.gap) / 2, asked.limit).respond,
        "z3": ask_z3(layers, asked.limit),
    }
    for name, respond in peers.items():
        cpu = time.process_time()
        words, rounds = answer_by(question, asked.budget, asked.gap, respond)
        taken = time.process_time() - cpu
        print(f"{name:7} {taken:8.2f} s of CPU, {taken / ours:.1f} times ours: "
              f"{words}, {rounds} rounds")  # fmt: skip


if __name__ == "__main__":
    main()
