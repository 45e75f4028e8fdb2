"""Searching parameters of freed units that lower the loss, in float64.

Units are put in one after the other where a scan of hinges promises most; then all are
moved together by gradient steps (Kingma and Ba, Adam, 2015) from there and from random
starts, and for the squared loss their outgoing weights are solved for. Where the scan finds
nothing a unit is constructed, and three units and a loss that is a sum over points get
hats. What comes back are proposals, the best first; each is still to be rounded and
evaluated exactly.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Final, NamedTuple

import numpy as np

from verify.networks.network import Floats
from verify.training.circuits.constructing import construct
from verify.training.circuits.freed import Freed, Parameters
from verify.training.circuits.hats import UNITS, list_wishes, make_hats
from verify.training.circuits.scanning import Hinge, scan_hinges
from verify.training.circuits.slopes import Goal
from verify.training.circuits.spikes import find_spike

STRETCHES: Final = (1.0, 2.0, 4.0, 0.5, 0.1, 1e-2, 1e-3, 16.0)
STEPS: Final = 500  # of one descent
PATIENCE: Final = 120  # steps without a lower loss
RATE: Final = 0.03
FADING: Final = (0.9, 0.999)  # of the means of slopes and of their squares
TINY: Final = 1e-12
STARTS: Final = 3  # random ones
KEPT: Final = 5
SPIKES: Final = 8  # of the worst points
RIDGE: Final = 1e-8


class Proposal(NamedTuple):
    """Parameters over what the units really read, and about what loss they give."""

    loss: float
    parameters: Parameters


def search_parameters(
    freed: Freed, goal: Goal, deadline: float, seed: int = 0
) -> list[Proposal]:
    """Proposals with a lower loss in floats, the lowest first.

    `deadline` is a time.monotonic() value.
    """
    start = goal.measure(freed.run(freed.nothing()).outputs).loss
    found: list[Proposal] = []
    random = np.random.default_rng(seed)
    with np.errstate(all="ignore"):
        for parameters, restored in _propose(freed, goal, random, deadline, seed):
            loss = goal.measure(freed.run(parameters).outputs).loss
            if np.isfinite(loss) and loss < start:
                found.append(Proposal(loss, restored))
    found.sort(key=lambda proposal: proposal.loss)
    return found[:KEPT]


def _propose(
    freed: Freed, goal: Goal, random: np.random.Generator, deadline: float, seed: int
) -> Iterator[tuple[Parameters, Parameters]]:
    """Parameters as searched, and the same over what the units really read."""
    stages = _grow(freed, goal, random)
    for parameters in stages:
        yield parameters, freed.restore(parameters)
    made = None if stages else construct(freed, goal, seed)
    if made is not None:
        yield freed.adapt(made), made
    hats = _put_hats(freed, goal, random)
    if hats is not None:
        yield hats
    starts = [stages[-1]] if stages else []
    starts += [_draw(freed, random) for _ in range(STARTS)]
    for place, begin in enumerate(starts):
        now = time.monotonic()
        if now > deadline:
            return
        until = now + (deadline - now) / (len(starts) - place)
        for parameters in _descend(freed, goal, begin, until):
            yield parameters, freed.restore(parameters)


def _grow(freed: Freed, goal: Goal, random: np.random.Generator) -> list[Parameters]:
    """Units one after the other, each where it lowers the loss most; every stage."""
    stages: list[Parameters] = []
    current = freed.nothing()
    for unit in range(freed.count):
        run = freed.run(current)
        measured = goal.measure(run.outputs)
        slopes = np.concatenate(freed.slopes_at_readers(run, measured.slope), axis=1)
        least, chosen = measured.loss, None
        hinges = scan_hinges(freed.below, slopes, random)
        hinges += _list_spikes(freed, goal, run.outputs, slopes)
        for hinge in hinges:
            for stretch in STRETCHES:
                made = _put(freed, current, unit, hinge.weights, hinge.bias,
                            stretch * hinge.outgoing)  # fmt: skip
                loss = goal.measure(freed.run(made).outputs).loss
                if loss < least:
                    least, chosen = loss, made
        if chosen is None:
            break
        current = _solve(freed, goal, chosen)
        stages.append(current)
    return stages


def _list_spikes(
    freed: Freed, goal: Goal, outputs: Floats, slopes: Floats
) -> list[Hinge]:
    """Units that are active at one of the worst points only, aimed at what it lacks."""
    found = []
    for wish in list_wishes(goal.loss, outputs, goal.wanted, goal.labels)[:SPIKES]:
        spike = find_spike(freed.below, wish.point)
        if spike is None:
            continue
        slope = slopes[wish.point]
        size = float(slope @ slope)
        if freed.is_last and len(freed.rows) == 1:
            found.append(Hinge(*spike, wish.change, wish.weight))
        elif size > 0:
            gap = float(np.abs(wish.change).sum())
            found.append(Hinge(*spike, -slope * gap / size, wish.weight))
    return found


def _put(
    freed: Freed,
    parameters: Parameters,
    unit: int,
    weights: Floats,
    bias: float,
    outgoing: Floats,
) -> Parameters:
    incoming, biases = parameters.incoming.copy(), parameters.biases.copy()
    incoming[unit], biases[unit] = weights, bias
    outs, place = [], 0
    for rows, old in zip(freed.rows, parameters.outgoing, strict=True):
        new = old.copy()
        new[:, unit] = outgoing[place : place + rows]
        outs.append(new)
        place += rows
    return Parameters(incoming, biases, tuple(outs))


def _solve(freed: Freed, goal: Goal, parameters: Parameters) -> Parameters:
    """The best outgoing weights for these units, where that is a least-squares problem."""
    if goal.loss != "squared" or not freed.is_last or len(freed.rows) != 1:
        return parameters
    hidden = freed.run(parameters).hidden
    bare = freed.run(freed.nothing()).outputs
    square = hidden.T @ hidden
    square += RIDGE * (np.trace(square) + TINY) * np.eye(len(square))
    solved = np.asarray(
        np.linalg.solve(square, hidden.T @ (goal.wanted - bare)).T, float
    )
    made = parameters._replace(outgoing=(solved,))
    losses = [goal.measure(freed.run(p).outputs).loss for p in (parameters, made)]
    return made if losses[1] < losses[0] else parameters


def _put_hats(
    freed: Freed, goal: Goal, random: np.random.Generator
) -> tuple[Parameters, Parameters] | None:
    """Hats over the worst points; they stand for themselves, exactly as they are."""
    if not freed.is_last or len(freed.rows) != 1 or freed.count < UNITS:
        return None
    outputs = freed.run(freed.nothing()).outputs
    wishes = list_wishes(goal.loss, outputs, goal.wanted, goal.labels)
    made = make_hats(freed.base[freed.wiring.below], wishes, freed.count, random)
    return None if made is None else (freed.adapt(made), made)


def _draw(freed: Freed, random: np.random.Generator) -> Parameters:
    """Random units through random points, with small outgoing weights."""
    width = freed.below.shape[1]
    incoming = random.standard_normal((freed.count, width)) / np.sqrt(max(width, 1))
    through = freed.below[random.integers(0, len(freed.below), freed.count)]
    biases = -(incoming * through).sum(1)
    outgoing = tuple(
        0.1 * random.standard_normal((rows, freed.count)) for rows in freed.rows
    )
    return Parameters(incoming, biases, outgoing)


def _descend(
    freed: Freed, goal: Goal, start: Parameters, until: float
) -> list[Parameters]:
    """Gradient steps; the best parameters met, and those solved from them."""
    flat = [start.incoming, start.biases, *start.outgoing]
    means = [np.zeros_like(part) for part in flat]
    squares = [np.zeros_like(part) for part in flat]
    best, least, since = start, np.inf, 0
    for step in range(1, STEPS + 1):
        current = Parameters(flat[0], flat[1], tuple(flat[2:]))
        run = freed.run(current)
        measured = goal.measure(run.outputs)
        if not np.isfinite(measured.loss) or time.monotonic() > until:
            break
        if measured.loss < least:
            best, least, since = current, measured.loss, step
        elif step - since > PATIENCE:
            break
        slope = freed.gradient(current, run, measured.slope)
        rate = RATE * (1 + np.cos(np.pi * step / STEPS)) / 2
        for k, part in enumerate([slope.incoming, slope.biases, *slope.outgoing]):
            means[k] = FADING[0] * means[k] + (1 - FADING[0]) * part
            squares[k] = FADING[1] * squares[k] + (1 - FADING[1]) * part**2
            mean = means[k] / (1 - FADING[0] ** step)
            size = np.sqrt(squares[k] / (1 - FADING[1] ** step)) + TINY
            flat[k] = flat[k] - rate * mean / size
    return [best, _solve(freed, goal, best)]
