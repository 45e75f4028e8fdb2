"""Lipschitz constants: ours, exact and with a pair, against HiGHS and z3's Optimize.

    python bench/lipschitz.py --inputs 4 --units 12 --norm l1 --limit 60
    python bench/lipschitz.py --inputs 10 --units 30 --norm linf --skip z3

One hidden layer on [-1, 1]^d with random dyadic weights. The peers get the big-M programme of
the phases (Jordan and Dimakis 2020): a binary a unit that is 1 only where the unit is not
below 0 and 0 only where it is not above, and the dual norm of the gradient to maximise. They
count pieces that the box only touches, so their value may be larger; and floats decide it.
Each seed is asked of all, one after the other in one process.
"""

from __future__ import annotations

import argparse
import time
from fractions import Fraction

import highspy
import numpy as np
import z3

from verify.networks.network import Activation, Affine, Input, Network, Numbers
from verify.shift.lipschitz.constants import find_lipschitz
from verify.shift.pointwise.worst import Around
from verify.shift.questions import Effort
from verify.shift.regions import Part, make_box

GRID = 64
Layers = tuple[np.ndarray, np.ndarray, np.ndarray]
Told = tuple[float, float]  # value (NaN: none), seconds


def make_network(inputs: int, units: int, seed: int) -> tuple[Network, Layers]:
    random = np.random.default_rng(seed)
    weights = np.round(random.normal(0, 1, (units, inputs)) * GRID) / GRID
    biases = np.round(random.normal(0, 0.5, units) * GRID) / GRID
    outgoing = np.round(random.normal(0, 1 / units**0.5, units) * GRID) / GRID
    layers = (
        Input(inputs),
        Affine((0,), (Numbers(weights),), Numbers(biases)),
        Activation("relu", 1, units),
        Affine((2,), (Numbers(outgoing[None]),), Numbers(np.zeros(1))),
    )
    return Network(layers, 3), (weights, biases, outgoing)


def ask_ours(network: Network, norm: str, limit: float) -> tuple[Told, bool]:
    size = network.inputs
    one = Fraction(1)
    region = make_box((-one,) * size, (one,) * size)
    around = Around((Part(region),), None, norm)
    begun = time.perf_counter()
    found = find_lipschitz(
        network, around, [(Fraction(0),) * size], Effort(seconds=limit)
    )
    return (float(found.lower), time.perf_counter() - begun), found.is_exact


def ask_highs(layers: Layers, norm: str, limit: float) -> Told:
    weights, biases, outgoing = layers
    units, inputs = weights.shape
    terms = outgoing[:, None] * weights
    solver = highspy.Highs()
    solver.setOptionValue("output_flag", False)
    solver.setOptionValue("threads", 1)
    solver.setOptionValue("time_limit", limit)
    solver.setOptionValue("mip_rel_gap", 1e-9)
    points = [solver.addVariable(lb=-1, ub=1) for _ in range(inputs)]
    phases = [solver.addBinary() for _ in range(units)]
    for k in range(units):
        form = sum(w * x for w, x in zip(weights[k].tolist(), points, strict=True))
        form = form + float(biases[k])
        most = float(np.abs(weights[k]).sum() + abs(biases[k]))
        solver.addConstr(form <= most * phases[k])
        solver.addConstr(form >= -most + most * phases[k])
    slopes = []
    for j in range(inputs):
        slopes.append(sum(float(terms[k, j]) * phases[k] for k in range(units)))
    bounds = np.abs(terms).sum(axis=0)
    best = solver.addVariable(lb=0, ub=float(bounds.sum()))
    if norm == "l1":
        chosen = []
        for j in range(inputs):
            for sign in (1.0, -1.0):
                pick = solver.addBinary()
                room = float(bounds.max() + bounds[j])
                solver.addConstr(best <= sign * slopes[j] + room - room * pick)
                chosen.append(pick)
        solver.addConstr(sum(chosen) == 1)
    else:
        sizes = []
        for j in range(inputs):
            side = solver.addBinary()
            size = solver.addVariable(lb=0, ub=float(bounds[j]))
            room = 2 * float(bounds[j])
            solver.addConstr(size <= slopes[j] + room - room * side)
            solver.addConstr(size <= -1.0 * slopes[j] + room * side)
            sizes.append(size)
        solver.addConstr(best <= sum(sizes))
    begun = time.perf_counter()
    solver.maximize(best)
    seconds = time.perf_counter() - begun
    optimal = solver.getModelStatus() == highspy.HighsModelStatus.kOptimal
    return (solver.getObjectiveValue() if optimal else float("nan"), seconds)


def ask_z3(layers: Layers, norm: str, limit: float) -> Told:
    weights, biases, outgoing = layers
    units, inputs = weights.shape
    solver = z3.Optimize()
    solver.set("timeout", int(limit * 1000))
    points = [z3.Real(f"x{j}") for j in range(inputs)]
    phases = [z3.Bool(f"s{k}") for k in range(units)]
    for point in points:
        solver.add(point >= -1, point <= 1)
    for k in range(units):
        form = z3.Sum(
            [z3.Q(*_ratio(w)) * x for w, x in zip(weights[k], points, strict=True)]
        ) + z3.Q(*_ratio(biases[k]))
        solver.add(z3.If(phases[k], form >= 0, form <= 0))
    slopes = [
        z3.Sum([
            z3.If(phases[k], z3.Q(*_ratio(outgoing[k] * weights[k, j])), 0)
            for k in range(units)
        ])
        for j in range(inputs)
    ]  # fmt: skip
    sizes = [z3.If(slope >= 0, slope, -slope) for slope in slopes]
    best = z3.Real("best")
    if norm == "l1":
        solver.add(z3.Or([best == size for size in sizes]))
    else:
        solver.add(best == z3.Sum(sizes))
    goal = solver.maximize(best)
    begun = time.perf_counter()
    answer = solver.check()
    seconds = time.perf_counter() - begun
    if answer != z3.sat:
        return float("nan"), seconds
    return float(solver.upper(goal).as_fraction()), seconds


def _ratio(number: float) -> tuple[int, int]:
    value = Fraction(float(number))
    return value.numerator, value.denominator


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--inputs", type=int, default=4)
    parser.add_argument("--units", type=int, default=12)
    parser.add_argument("--norm", choices=("l1", "linf"), default="l1")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--limit", type=float, default=60.0)
    parser.add_argument("--skip", choices=("none", "z3"), default="none")
    options = parser.parse_args()
    for seed in range(options.seeds):
        network, layers = make_network(options.inputs, options.units, seed)
        (value, seconds), exact = ask_ours(network, options.norm, options.limit)
        told = [f"ours {value:.9g} {'exact' if exact else 'open'} {seconds:.2f} s"]
        peers = [("HiGHS", ask_highs)]
        if options.skip != "z3":
            peers.append(("z3", ask_z3))
        for name, ask in peers:
            found, taken = ask(layers, options.norm, options.limit)
            told.append(f"{name} {found:.9g} {taken:.2f} s ({taken / seconds:.1f} x)")
        print(f"seed {seed}: {'; '.join(told)}", flush=True)


if __name__ == "__main__":
    main()
