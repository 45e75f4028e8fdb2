"""Tiny boxes settled by their corners, in exact arithmetic."""

from __future__ import annotations

from fractions import Fraction
from random import Random

import numpy as np
import pytest

from tests.networks.teeth import extremes, make_case, threshold_query, tooth_network
from verify.networks.boxes.boxes import search_boxes
from verify.networks.boxes.corners import settle_corners
from verify.networks.network import (
    RELU,
    SIGN,
    Activation,
    Affine,
    Input,
    Network,
    Numbers,
)
from verify.networks.query import Case, Empty, Query, Row, Witness
from verify.networks.settings import NetworkOptions

TINY = Fraction(1, 10**40)


def identity(kind: str = RELU) -> Network:
    return Network((Input(2), Activation(kind, 0, 2)), 1)


def query_for(network: Network, constant: Fraction, *, strict: bool = False) -> Query:
    row = Row((), ((0, Fraction(1)), (1, Fraction(1))), constant, strict)
    return Query(network, (make_case(2, Fraction(0), Fraction(1), (row,)),))


def test_a_tie_is_met_at_the_corner() -> None:
    query = query_for(identity(), Fraction(-2))
    found = settle_corners(query, 0, [0.5, 0.5], [1.0, 1.0])
    assert isinstance(found, Witness)
    assert found.point == (1, 1)
    assert settle_corners(query, 0, [0.5, 0.5], [0.75, 1.0]) is True


def test_strictness_decides_a_tie() -> None:
    query = query_for(identity(), Fraction(-2), strict=True)
    assert settle_corners(query, 0, [0.5, 0.5], [1.0, 1.0]) is True
    below = query_for(identity(), Fraction(-2) - TINY)
    assert settle_corners(below, 0, [0.5, 0.5], [1.0, 1.0]) is True


def test_what_lies_outside_the_exact_box_does_not_count() -> None:
    row = Row((), ((0, Fraction(1)),), -Fraction(1, 10) - TINY)
    case = Case((Fraction(0),) * 2, (Fraction(1, 10),) * 2, (row,))
    query = Query(identity(), (case,))
    assert settle_corners(query, 0, [0.05, 0.05], [0.1, 0.1]) is True
    assert settle_corners(query, 0, [0.2, 0.0], [0.3, 0.1]) is True


@pytest.mark.parametrize(
    "network",
    [identity(SIGN), Network((Input(2), Activation("sigmoid", 0, 2)), 1)],
    ids=["sign", "sigmoid"],
)
def test_only_relus_are_affine(network: Network) -> None:
    query = query_for(network, Fraction(-3))
    assert settle_corners(query, 0, [0.5, 0.5], [1.0, 1.0]) is False


def test_different_phases_do_not_tell() -> None:
    # y = relu(x_0) - relu(-x_0) bends at 0.
    bend = Numbers(np.array([[1.0, 0.0], [-1.0, 0.0]]))
    layers = (
        Input(2),
        Affine((0,), (bend,), Numbers(np.zeros(2))),
        Activation(RELU, 1, 2),
    )
    network = Network(layers, 2)
    row = Row((), ((0, Fraction(1)),), Fraction(-5))
    case = make_case(2, Fraction(-1), Fraction(1), (row,))
    query = Query(network, (case,))
    assert settle_corners(query, 0, [-1.0, 0.0], [1.0, 1.0]) is False
    assert settle_corners(query, 0, [0.0, 0.0], [1.0, 1.0]) is True


def test_too_many_corners_do_not_tell() -> None:
    network = Network((Input(7),), 0)
    row = Row((), ((0, Fraction(1)),), Fraction(-5))
    query = Query(network, (make_case(7, Fraction(0), Fraction(1), (row,)),))
    assert settle_corners(query, 0, [0.0] * 7, [1.0] * 7) is False
    assert settle_corners(query, 0, [0.0] * 7, [1.0] * 6 + [0.0]) is True


@pytest.mark.parametrize("seed", range(6))
def test_margins_below_any_rounding_are_decided(seed: int) -> None:
    """The maximum of random teeth, missed or met by a hair."""
    network = tooth_network(Random(seed), 2, 3)
    _, most = extremes(network, Fraction(-1), Fraction(1))
    options = NetworkOptions(seconds=10, processes=1)
    above = search_boxes(threshold_query(network, most + TINY, strict=False), options)
    assert not isinstance(above, Witness)
    at = search_boxes(threshold_query(network, most, strict=False), options)
    assert not isinstance(at, Empty)
