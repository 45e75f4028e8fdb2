"""The portfolio: what it is asked in every shape, and the published answers."""

from __future__ import annotations

import csv
import time
from fractions import Fraction
from pathlib import Path
from random import Random

import numpy as np
import pytest

from tests.networks.teeth import (
    extremes,
    make_case,
    threshold_query,
    tooth_network,
)
from verify.networks import deciding
from verify.networks.boxes import sharing
from verify.networks.boxes.batches import Batch
from verify.networks.boxes.boxes import Search
from verify.networks.boxes.sharing import run_shared
from verify.networks.deciding import decide_query
from verify.networks.network import SIGMOID, Activation, Input, Network
from verify.networks.query import Case, Empty, Finding, Open, Query, Row, Witness
from verify.networks.settings import NetworkOptions
from verify.networks.values import exact

DATA = Path(__file__).parents[3] / "shared" / "data"
QUICK = NetworkOptions(seconds=30, processes=1)
BOTH = NetworkOptions(seconds=30, processes=2)
WORDS = {Empty: "unsat", Witness: "sat", Open: "open"}


def published(family: str, network: str, given: str) -> str:
    table = DATA / family / "published.csv"
    with table.open() as file:
        for row in csv.DictReader(file):
            if (row["network"], row["property"]) == (network, given):
                return row["verdict"]
    raise LookupError(given)


def decide_instance(family: str, network: str, given: str) -> tuple[Query, Finding]:
    from verify.networks.properties.vnnlib1 import read_property
    from verify.networks.reading.onnx_reader import read_network

    folder = DATA / family
    if not folder.is_dir():
        pytest.skip(f"{folder.name} is not beside the checkout")
    model = read_network(folder / "onnx" / network)
    query = read_property(folder / "vnnlib" / given).make_query(model.network)
    return query, decide_query(query, QUICK)


@pytest.mark.parametrize(
    "network, given",
    [
        ("1_1", 3),
        ("2_4", 4),
        ("4_5", 10),
        ("1_1", 1),
        ("1_2", 2),
        ("1_9", 7),
        ("2_9", 8),
    ],
)
def test_collision_avoidance(network: str, given: int) -> None:
    name = f"ACASXU_run2a_{network}_batch_2000.onnx"
    prop = f"prop_{given}.vnnlib"
    _, found = decide_instance("acasxu", name, prop)
    assert WORDS[type(found)] == published("acasxu", name, prop)


@pytest.mark.parametrize("number", [68, 71, 73])
def test_the_disputed_instances_have_points(number: int) -> None:
    given = f"dubinsrejoin_case_unsafe_{number}.vnnlib"
    query, found = decide_instance("rl_benchmarks", "dubinsrejoin.onnx", given)
    assert isinstance(found, Witness)
    outputs = exact.evaluate(query.network, found.point)
    assert exact.holds(query.cases[found.case], found.point, outputs)


@pytest.mark.parametrize("options", [QUICK, BOTH], ids=["one", "two"])
@pytest.mark.parametrize("seed", range(4))
def test_both_answers_with_one_process_and_two(
    options: NetworkOptions, seed: int
) -> None:
    network = tooth_network(Random(seed), 3, 4)
    _, most = extremes(network, Fraction(-1), Fraction(1))
    gap = Fraction(1, 10**6)
    assert isinstance(
        decide_query(threshold_query(network, most + gap, strict=False), options), Empty
    )
    found = decide_query(threshold_query(network, most - gap, strict=True), options)
    assert isinstance(found, Witness)


def test_witnesses_name_the_case_of_the_query() -> None:
    network = Network((Input(1),), 0)
    row = Row((), ((0, Fraction(1)),), Fraction(-3))
    cases = (
        make_case(1, Fraction(1), Fraction(0), ()),
        make_case(1, Fraction(2), Fraction(2), (row,)),
        make_case(1, Fraction(0), Fraction(4), (row,)),
    )
    found = decide_query(Query(network, cases), QUICK)
    assert isinstance(found, Witness)
    assert found.case == 2
    assert decide_query(Query(network, cases[:2]), QUICK) == Empty("rigorous", 0)
    empty = Empty("rigorous", 0, float("inf"))
    assert decide_query(Query(network, cases[:1]), QUICK) == empty
    assert decide_query(Query(network, ()), QUICK) == empty


def test_single_points_are_evaluated_exactly() -> None:
    # 1/10 is no float: around it there are floats on either side of the row's end.
    network = Network((Input(1),), 0)
    tenth = Fraction(1, 10)
    row = Row((), ((0, Fraction(1)),), -tenth)
    at = Case((tenth,), (tenth,), (row,))
    assert isinstance(decide_query(Query(network, (at,)), QUICK), Witness)
    strict = at._replace(rows=(row._replace(strict=True),))
    assert isinstance(decide_query(Query(network, (strict,)), QUICK), Empty)


def test_sigmoid_is_decided() -> None:
    layers = (Input(2), Activation(SIGMOID, 0, 2))
    network = Network(layers, 1)
    above = threshold_query(network, Fraction(74, 100), strict=False)
    assert isinstance(decide_query(above, QUICK), Empty)  # sigmoid(1) = 0.731
    below = threshold_query(network, Fraction(73, 100), strict=False)
    assert isinstance(decide_query(below, QUICK), Witness)


@pytest.mark.parametrize("inputs, gap", [(8, Fraction(1, 1000)), (30, Fraction(20))])
def test_many_inputs_are_decided(
    monkeypatch: pytest.MonkeyPatch, inputs: int, gap: Fraction
) -> None:
    """Halving and splitting take turns at 8, splitting alone has 30."""
    monkeypatch.setattr(deciding, "TURN", 0.05)
    monkeypatch.setattr(deciding, "FIRST", 0.0)
    monkeypatch.setattr(deciding, "BRIEF", 0.0)
    network = tooth_network(Random(inputs), inputs, 2)
    _, most = extremes(network, Fraction(-1), Fraction(1))
    above = threshold_query(network, most + gap, strict=False)
    assert isinstance(decide_query(above, QUICK), Empty)
    below = threshold_query(network, most - gap, strict=False)
    assert isinstance(decide_query(below, QUICK), Witness)


def test_phases_that_are_unsupported_leave_the_turn_to_halving(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    calls = []

    def refuse(query: Query, options: NetworkOptions, until: float) -> Finding:
        calls.append(until)
        return Open("unsupported", "not a chain")

    monkeypatch.setattr(deciding, "_split_phases", refuse)
    monkeypatch.setattr(deciding, "TURN", 0.05)
    network = tooth_network(Random(8), 8, 2)
    _, most = extremes(network, Fraction(-1), Fraction(1))
    query = threshold_query(network, most + Fraction(1, 10), strict=False)
    search = Search(query, QUICK)
    found = deciding._take_turns(search, QUICK, time.monotonic() + 20)
    assert isinstance(found, Empty)
    assert len(calls) <= 1


def hard_search(options: NetworkOptions) -> Search:
    network = tooth_network(Random(7), 3, 6)
    _, most = extremes(network, Fraction(-1), Fraction(1))
    query = threshold_query(network, most + Fraction(1, 10**9), strict=False)
    return Search(query, options)


def test_a_child_that_dies_costs_nothing_but_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    alone = hard_search(QUICK)
    alone.run(time.monotonic() + 20)
    assert isinstance(alone.conclude(), Empty)
    monkeypatch.setattr(sharing, "ALONE", 0.0)
    monkeypatch.setattr(sharing, "LEAST", 1)
    monkeypatch.setattr(sharing, "_write", lambda search: b"not an archive")
    search = hard_search(BOTH)
    rounds = []
    deal = sharing.deal

    def deal_few(batches: list[Batch], hands: int) -> list[list[Batch]]:
        rounds.append(1)
        return deal(batches, hands if len(rounds) < 5 else 1)

    monkeypatch.setattr(sharing, "deal", deal_few)
    run_shared(search, time.monotonic() + 20, 2)
    assert rounds
    assert isinstance(search.conclude(), Empty)
    assert search.cells >= alone.cells


def test_a_false_witness_of_a_child_is_not_believed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    search = hard_search(BOTH)
    share = sharing.Share(0, 0, list(search.stack))
    search.witness = Witness(0, (Fraction(0),) * 3, (Fraction(0),))
    data = sharing._write(search)
    search.witness, search.stack = None, []
    monkeypatch.setattr(sharing, "_read", lambda pipe, until: data)
    sharing._gather(search, share, 0.0)
    assert search.witness is None
    assert search.stack


def test_what_floats_cannot_hold_is_unsupported() -> None:
    from verify.networks.network import Affine, Numbers

    layer = Affine((0,), (Numbers(np.array([[np.nan]])),), Numbers(np.zeros(1)))
    query = threshold_query(Network((Input(1), layer), 1), Fraction(1), strict=False)
    found = decide_query(query, QUICK)
    assert isinstance(found, Open)
    assert (found.reason, found.detail) == (
        "unsupported",
        "a weight is not finite in this precision",
    )
