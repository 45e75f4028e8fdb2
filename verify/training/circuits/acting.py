"""Where units act: silent on a whole region, or woken by an input in it.

Bounds of all units over all boxes come first and settle most of what is silent; then
inputs that wake a unit are looked for (`waking`); what is left goes to the searches of
`verify.networks`. Small networks get certificates, which the kernel has accepted.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from fractions import Fraction
from functools import partial
from typing import Final, Literal, NamedTuple

import numpy as np

from verify.networks.boxes.bounds import bound_layers
from verify.networks.boxes.program import make_program
from verify.networks.boxes.rounding import DOUBLE, round_down, round_up
from verify.networks.certificates.certifying import (
    Evidence,
    find_evidence_of,
    is_usual,
)
from verify.networks.deciding import decide_query
from verify.networks.judging import judge
from verify.networks.network import (
    RELU,
    Activation,
    Affine,
    Floats,
    Input,
    Network,
    Numbers,
)
from verify.networks.query import Empty, Finding, Open, Query, Witness
from verify.networks.settings import NetworkOptions
from verify.networks.values import exact
from verify.training.circuits.regions import Region
from verify.training.circuits.silence import Place
from verify.training.circuits.waking import find_waking

Status = Literal["silent", "acts", "open"]
MAX_BOUNDED: Final = 2_000  # cases whose bounds are computed at once
MAX_CERTIFIED: Final = 50  # cases of a certificate


class Standing(NamedTuple):
    """What is known of a unit on a region.

    `trust` is certified or rigorous, empty if open; `point` wakes it if it acts and is
    then made of float32 numbers if `single`. `certificate` is the text of one, or empty.
    `detail` says why it is open.
    """

    status: Status
    trust: str = ""
    point: tuple[Fraction, ...] | None = None
    single: bool = False
    certificate: str = ""
    detail: str = ""


def is_inhabited(region: Region, deadline: float) -> bool | None:
    """Whether the region has a point; None where that is not known by the deadline."""
    if any(not case.rows for case in region.cases):
        return True
    size = len(region.cases[0].lower)
    nothing = Affine((0,), (Numbers(np.zeros((1, size))),), Numbers(np.zeros(1)))
    found = _decide(Query(Network((Input(size), nothing), 1), region.cases), deadline)
    return None if isinstance(found, Open) else isinstance(found, Witness)


def find_silent(
    network: Network, places: Sequence[Place], region: Region
) -> frozenset[Place]:
    """Those of these relus that bounds over the region's boxes show to be silent.

    The others may be silent as well.
    """
    if len(region.cases) > MAX_BOUNDED or not places:
        return frozenset()
    lower = np.array([[round_down(x) for x in c.lower] for c in region.cases]).T
    upper = np.array([[round_up(x) for x in c.upper] for c in region.cases]).T
    try:
        program = make_program(network, DOUBLE)
    except ValueError:
        return frozenset()
    ranges = bound_layers(program, lower, upper)
    found = set()
    for place in places:
        layer = network.layers[network.units[place.layer - 1]]
        if not isinstance(layer, Activation) or layer.kind != RELU:
            continue
        if (ranges.upper[layer.source][place.unit - 1] <= 0).all():
            found.add(place)
    return frozenset(found)


def decide_standing(
    query: Query, starts: Floats, deadline: float, *, bounded: bool = False
) -> Standing:
    """Whether what a query asks of units happens, by a time.monotonic() value.

    `starts` are points (n, inputs) near which an input is looked for; `bounded` says that
    bounds have shown that it does not. Raises SoundnessAlarm on a contradiction.
    """
    if not query.cases:
        return Standing("silent", "rigorous", detail="their outgoing weights are all 0")
    if not bounded:
        found = find_waking(query, starts)
        if found is not None:
            return _confirm(query, *found)
    decide = partial(_agree, Empty("rigorous")) if bounded else _decide
    if len(query.cases) > MAX_CERTIFIED:
        finding = decide(query, deadline)
        if isinstance(finding, Empty):
            return Standing("silent", finding.trust)
        if isinstance(finding, Open):
            return Standing("open", detail=finding.detail or finding.reason)
        return _confirm(query, finding.case, finding.point, False)
    made = judge(query, deadline, decide)
    text = made.evidence.text if made.evidence else ""
    if made.status == "proved":
        return Standing("silent", made.trust, certificate=text)
    if made.status != "refuted" or made.found is None:
        return Standing("open", detail=made.detail or made.reason)
    single = made.found.single
    if single is not None and single.violates:
        return Standing("acts", made.trust, single.point, True, text)
    return Standing("acts", made.trust, made.found.point, False, text)


def _decide(query: Query, deadline: float) -> Finding:
    seconds = max(deadline - time.monotonic(), 0.0)
    return decide_query(query, NetworkOptions(seconds=seconds))


def _agree(known: Finding, query: Query, deadline: float) -> Finding:
    return known


def _confirm(
    query: Query, case: int, point: tuple[Fraction, ...], single: bool
) -> Standing:
    """An input that was found to wake the unit, with a certificate if that is small."""
    if is_usual(query.network) and len(query.cases) <= MAX_CERTIFIED:
        outputs = tuple(low for low, _ in exact.enclose(query.network, point))
        made = find_evidence_of(query, Witness(case, point, outputs))
        if isinstance(made, Evidence):
            return Standing("acts", "certified", point, single, made.text)
    return Standing("acts", "rigorous", point, single)
