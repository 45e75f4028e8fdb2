"""The dist_shift family: a generator that feeds a classifier, decided and explained.

Eight latent inputs vary, 784 are pinned. Everything is asked as `verify net --shift` asks
it. The hardest takes two cores half a minute, or several where others share them.
"""

from __future__ import annotations

import csv
import time
from collections.abc import Iterator
from fractions import Fraction
from functools import cache
from pathlib import Path

import pytest

from verify.networks.deciding import decide_query
from verify.networks.judging import judge
from verify.networks.moves.axes import find_region, find_varying, make_moved
from verify.networks.moves.brackets import CLOSE
from verify.networks.moves.explaining import explain_moves
from verify.networks.properties.vnnlib1 import read_property
from verify.networks.query import Finding, Query
from verify.networks.reading.onnx_reader import read_network
from verify.networks.settings import NetworkOptions
from verify.networks.values import exact

FAMILY = Path(__file__).resolve().parents[2].parent / "shared" / "data" / "dist_shift"
LATENT = tuple(range(784, 792))
SECONDS = 60.0  # of the explanation
STATUS = {"sat": "refuted", "unsat": "proved"}

pytestmark = [
    pytest.mark.campaign,
    pytest.mark.skipif(
        not FAMILY.exists(), reason="no family dist_shift in ../shared/data"
    ),
]


def published() -> Iterator[tuple[str, str, float]]:
    """(property, verdict, seconds allowed) of every instance with a published verdict."""
    if not FAMILY.exists():
        return
    with (FAMILY / "instances.csv").open(encoding="utf-8", newline="") as file:
        allowed = {Path(row[1]).name: float(row[2]) for row in csv.reader(file)}
    with (FAMILY / "published.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if row["property"] in allowed:  # it also lists another family's smallest
                yield row["property"], row["verdict"], allowed[row["property"]]


@cache
def read_query(stated: str) -> Query:
    network = read_network(FAMILY / "onnx" / "mnist_concat.onnx").network
    return read_property(FAMILY / "vnnlib" / stated).make_query(network)


def decide(query: Query, deadline: float) -> Finding:
    seconds = max(0.0, deadline - time.monotonic())
    return decide_query(query, NetworkOptions(seconds=seconds))


@pytest.mark.parametrize("stated, verdict, seconds", sorted(set(published())))
def test_it_is_decided_within_its_limit_and_its_shift_explained(
    stated: str, verdict: str, seconds: float
) -> None:
    query = read_query(stated)
    assert find_varying(query) == LATENT
    known = judge(query, time.monotonic() + seconds, decide)
    assert known.status == STATUS[verdict]
    region = find_region(query)
    found = explain_moves(
        query, region, known, Fraction(1), decide, time.monotonic() + SECONDS
    )
    together = found.together
    if verdict == "unsat":
        assert together.holds == 1 and found.queries == 0
        return
    assert together.holds is not None and together.broken is not None
    assert together.holds < together.broken <= 1
    assert together.reason or together.broken - together.holds <= CLOSE
    assert len(found.alone) == 2 * len(LATENT)
    for axes, bracket in [
        (region.axes, together),
        *(((one.axis,), one.bracket) for one in found.alone),
    ]:
        if bracket.point is None or bracket.broken is None:
            assert bracket.holds == 1
            continue
        (case,) = make_moved(query, region, axes, bracket.broken).cases
        ends = zip(case.lower, bracket.point, case.upper, strict=True)
        assert all(low <= value <= high for low, value, high in ends)
        outputs = exact.enclose(query.network, bracket.point)
        assert exact.holds(case, bracket.point, outputs)
    alone = [one.bracket.broken for one in found.alone if one.bracket.broken]
    assert alone or found.enough is not None
