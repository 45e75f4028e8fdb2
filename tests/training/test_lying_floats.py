"""Floats only guess: whatever they say, what is claimed stays true."""

from __future__ import annotations

import time
from fractions import Fraction
from random import Random

import pytest

from tests.training.fitting import make, require_proof
from verify.training.optima.fits import Parameters, evaluate
from verify.training.optima.optimum import find_optimum
from verify.training.optima.programs import Program
from verify.training.optima.pursuit import make_silent
from verify.training.optima.results import Dual, Optimum

FIT = make("l1", range(6), [0, 2, 0, 1, 0, 3], 2)


def solve() -> Optimum:
    return find_optimum(FIT, deadline=time.monotonic() + 60)


def truth() -> Fraction:
    found = solve()
    require_proof(FIT, found.upper, found.duals)
    return found.upper


def require_truth(found: Optimum, value: Fraction) -> None:
    assert found.lower == found.upper == value == evaluate(FIT, found.witness)
    require_proof(FIT, value, found.duals)


@pytest.mark.parametrize("shift", [-3.0, -1e-5, 1e-5, 3.0])
def test_values_that_are_off(monkeypatch: pytest.MonkeyPatch, shift: float) -> None:
    value = truth()
    honest = Program.begin
    monkeypatch.setattr(Program, "begin", lambda *given: honest(*given) + shift)
    require_truth(solve(), value)


def test_values_that_are_not_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    value = truth()
    monkeypatch.setattr(Program, "begin", lambda *_: float("nan"))
    require_truth(solve(), value)


def test_wrong_dual_vectors(monkeypatch: pytest.MonkeyPatch) -> None:
    value = truth()
    random = Random(0)

    def lie(_: Program) -> Dual:
        return tuple(Fraction(random.randint(-1, 1)) for _ in FIT.points)

    monkeypatch.setattr(Program, "dual", lie)
    require_truth(solve(), value)


def test_wrong_networks(monkeypatch: pytest.MonkeyPatch) -> None:
    value = truth()

    def lie(*_: object) -> Parameters:
        return make_silent(FIT)

    monkeypatch.setattr(Program, "parameters", lie)
    require_truth(solve(), value)


def test_no_basis_at_all(monkeypatch: pytest.MonkeyPatch) -> None:
    value = truth()
    monkeypatch.setattr(Program, "parameters", lambda *_: None)
    monkeypatch.setattr(Program, "dual", lambda *_: None)
    require_truth(solve(), value)
