"""Decide a query: look for a point, then prove there is none, on all cores at hand.

The portfolio goes by the network's shape. Few inputs: halve their ranges (boxes.py), which
is exhaustive and takes what no relaxation can. Many inputs: split phases of units
(phases.py). In between each has its turn, and a turn is longer than the one before.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

import numpy as np

from verify.networks.boxes.boxes import Search, Unfit
from verify.networks.boxes.falsify import confirm_point
from verify.networks.boxes.sharing import run_shared
from verify.networks.network import SIGMOID, Activation
from verify.networks.query import Case, Empty, Finding, Open, Query, Witness
from verify.networks.settings import NetworkOptions

HALVED: Final = 6  # inputs that vary: up to here halving alone
PHASED: Final = 24  # from here on phases alone
TURN: Final = 4.0  # seconds of the first turn where both take turns
LONGER: Final = 2.0
FIRST: Final = 0.1  # seconds of boxes before gradient steps
BRIEF: Final = 0.4  # and then before generations of samples
ATTACK: Final = 0.1  # of the time at most

Method = Callable[[int, np.random.Generator, float], Witness | None]


def decide_query(query: Query, options: NetworkOptions) -> Finding:
    """A witness, or that no case has a point (`rigorous`), or why neither was found."""
    start = time.monotonic()
    until = start + options.seconds
    boxed = [index for index, case in enumerate(query.cases) if not _is_empty(case)]
    left = _settle_points(query, boxed)
    if isinstance(left, Witness):
        return left
    if not left:
        return Empty("rigorous", 0, 0.0 if boxed else float("inf"))
    varying = max(_count_varying(query.cases[index]) for index in left)
    asked = query._replace(cases=tuple(query.cases[index] for index in left))
    finding = _search(asked, options, until, varying)
    if isinstance(finding, Witness):
        return finding._replace(case=left[finding.case])
    if isinstance(finding, Empty) and len(left) < len(boxed):
        return finding._replace(margin=0.0)
    return finding


def _is_empty(case: Case) -> bool:
    return any(a > b for a, b in zip(case.lower, case.upper, strict=True))


def _settle_points(query: Query, boxed: list[int]) -> list[int] | Witness:
    """Those of these cases that are not single points; single points are settled here."""
    smooth = _is_smooth(query)
    left = []
    for index in boxed:
        case = query.cases[index]
        if smooth or _count_varying(case):
            left.append(index)
            continue
        found = confirm_point(query, index, case.lower)
        if found is not None:
            return found
    return left


def _is_smooth(query: Query) -> bool:
    return any(
        isinstance(layer, Activation) and layer.kind == SIGMOID
        for layer in query.network.layers
    )


def _count_varying(case: Case) -> int:
    return sum(a < b for a, b in zip(case.lower, case.upper, strict=True))


def _search(
    query: Query, options: NetworkOptions, until: float, varying: int
) -> Finding:
    try:
        search = Search(query, options)
    except Unfit as error:
        return Open("unsupported", str(error))
    if varying < PHASED:
        search.run(min(until, time.monotonic() + FIRST))
    prober = search.prober
    found = _attack(search, prober.attack, options, until)
    if found is None and varying < PHASED:
        search.run(min(until, time.monotonic() + BRIEF))
        found = _attack(search, prober.evolve, options, until)
    if found is not None or not search.is_open:
        return search.conclude() if found is None else found
    if varying >= PHASED:
        finding = _split_phases(query, options, until)
        if not (isinstance(finding, Open) and finding.reason == "unsupported"):
            return finding
    if varying <= HALVED or varying >= PHASED:
        run_shared(search, until, options.workers)
        return search.conclude()
    return _take_turns(search, options, until)


def _attack(
    search: Search, method: Method, options: NetworkOptions, until: float
) -> Witness | None:
    """Look for a point in every case that is still open somewhere."""
    if not search.is_open:
        return search.witness
    now = time.monotonic()
    until = min(until, now + ATTACK * (until - now))
    random = np.random.default_rng(options.seed)
    live = np.zeros(len(search.query.cases), bool)
    for batch in search.stack:
        live |= batch.live.any(1)
    for case in np.flatnonzero(live):
        if time.monotonic() > until:
            return None
        found = method(int(case), random, until)
        if found is not None:
            return found
    return None


def _take_turns(search: Search, options: NetworkOptions, until: float) -> Finding:
    """Halve and split in turn, until one of them has an answer.

    Lines around sigmoids are better chosen unit by unit: there phases come first.
    """
    turn, splits = TURN, _is_smooth(search.query)
    halving = splitting = True
    while True:
        ends = min(until, time.monotonic() + turn)
        if splits and splitting:
            found = _split_phases(search.query, options, ends)
            splitting = not isinstance(found, Open) or found.reason != "unsupported"
            turn *= LONGER
        else:
            run_shared(search, ends, options.workers)
            found = search.conclude()
            halving = search.is_open
        if not isinstance(found, Open):
            return found
        if time.monotonic() >= until or not (halving or splitting):
            return search.conclude()
        splits = not splits or not halving


def _split_phases(query: Query, options: NetworkOptions, until: float) -> Finding:
    from verify.networks.phases.phases import search_phases

    seconds = max(0.0, until - time.monotonic())
    return search_phases(query, options._replace(seconds=seconds))
