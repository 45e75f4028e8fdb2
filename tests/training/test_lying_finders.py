"""Searches that lie about optima and members: nothing false is ever proved."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Any

import pytest

from tests.training.deciding import decide_last
from verify.kernel.networks import Network
from verify.networks.statements import quantities
from verify.training.optima.fits import Fit, Parameters, Unit, evaluate
from verify.training.optima.results import Cover, Optimum
from verify.training.statements import aiming, finite, members, outsiders
from verify.training.statements.things import Family
from verify.training.statements.units import Point

THINGS = """\
data    D := points (0; 0) (1; 1) (2; 0)
class   S1 := relu_nets(inputs = 1, hidden = 1)
class   S2 := relu_nets(inputs = 1, hidden = 2)
class   T1 := relu_nets(inputs = 1, hidden = 1, weights = {-1, 0, 1})
network hat(x: Real) := relu(x) - 2*relu(x - 1)
"""
ZERO = Fraction(0)
SILENT = Parameters(ZERO, (Unit(1, (ZERO,), ZERO),))
DUAL = (Fraction(-1, 2), Fraction(1), Fraction(-1, 2))


def lie(monkeypatch: pytest.MonkeyPatch, found: Optimum) -> None:
    """Searches for optima end with this."""

    def answer(*_: object, **__: object) -> Optimum:
        return found

    monkeypatch.setattr(aiming, "find_optimum", answer)
    monkeypatch.setattr(aiming, "pursue", answer)
    monkeypatch.setattr("verify.training.statements.fitted.pursue", answer)


@pytest.mark.parametrize(
    ("found", "formula"),
    [
        # no dual vector for the bound that is claimed
        (Optimum(Fraction(2), Fraction(2), SILENT, (), ""), "optimum(S1, D, l1) = 2"),
        # a dual vector that is worth less
        (
            Optimum(Fraction(2), Fraction(2), SILENT, (DUAL,), ""),
            "optimum(S1, D, l1) >= 2",
        ),
        # one that does not serve every choice of a cell
        (
            Optimum(Fraction(1), Fraction(1), SILENT, (DUAL,), ""),
            "optimum(S1, D, l1) = 1",
        ),
        # dual vectors of another length
        (
            Optimum(Fraction(1), Fraction(1), SILENT, (DUAL[:2],), ""),
            "optimum(S1, D, l1) >= 1",
        ),
        # a witness that is not as good as it says
        (Optimum(ZERO, ZERO, SILENT, (), ""), "optimum(S1, D, l1) <= 0"),
        (Optimum(ZERO, Fraction(1, 2), SILENT, (), ""), "optimum(S1, D, l1) < 1"),
        # a bound above the witness
        (Optimum(Fraction(3), Fraction(1), SILENT, (), ""), "optimum(S1, D, l1) > 2"),
    ],
)
def test_lies_about_optima_prove_nothing(
    monkeypatch: pytest.MonkeyPatch, found: Optimum, formula: str
) -> None:
    lie(monkeypatch, found)
    for statement in (formula, f"not ({formula})"):
        decided = decide_last(THINGS + f"evidence e: {statement}")
        assert (decided.value, decided.accepted) == (None, False)
        assert decided.reason == "incomplete"
        why = ("what was found does not hold", "a point that was not confirmed")
        assert decided.detail.startswith(why)


def test_a_wrong_least_loss_of_a_finite_class_proves_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def lower(*given: Any) -> Iterator[Fraction]:
        return (Fraction(value) - 1 for value in run_all(*given))

    run_all = finite.run_all
    monkeypatch.setattr(finite, "run_all", lower)
    decided = decide_last(THINGS + "evidence e: optimum(T1, D, squared) = 0")
    assert (decided.value, decided.reason) == (None, "incomplete")


def test_a_wrong_total_proves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(finite, "add_up", lambda *_: Fraction(3))
    decided = decide_last(THINGS + "evidence e: posterior(T1, D, T1(3) >= 9) = 1")
    assert (decided.value, decided.reason) == (None, "incomplete")


def test_wrong_parameters_of_a_member_prove_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def wrong(_: Network, __: int, family: Family) -> Iterator[Point]:
        yield (ZERO,) * (1 + 3 * sum(family.layers))

    monkeypatch.setattr(members, "_find_points", wrong)
    decided = decide_last(THINGS + "evidence e: hat in S1")
    assert (decided.value, decided.accepted) == (None, False)
    assert "another function" in decided.detail


def test_a_wrong_cover_denies_no_member(monkeypatch: pytest.MonkeyPatch) -> None:
    def cover(fit: Fit, value: Fraction, *, deadline: float) -> Cover:
        return Cover(value, ((ZERO,) * len(fit.points),))

    monkeypatch.setattr(outsiders, "find_below", cover)
    monkeypatch.setattr(members, "_find_points", lambda *_: iter(()))
    decided = decide_last(THINGS + "evidence e: hat in S2")
    assert (decided.value, decided.accepted) == (None, False)
    assert "what was found does not hold" in decided.detail


def test_bounds_that_only_the_finder_knows_prove_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A finder that writes no steps for the bounds it claims."""
    make = quantities.make_known

    def claim(*given: Any) -> quantities.Known:
        return make(*given)._replace(
            bounds=quantities.Bounds(ZERO, ZERO), write=lambda _: (0, 0)
        )

    monkeypatch.setattr("verify.training.statements.fitted.make_known", claim)
    for formula in ("optimum(S1, D, l1) = 0", "optimum(S1, D, l1) < 1"):
        decided = decide_last(THINGS + f"evidence e: {formula}")
        assert (decided.value, decided.accepted) == (None, False)


def test_the_witness_is_what_the_statement_says() -> None:
    """The other way round: an honest search with the same numbers is accepted."""
    fit = Fit("l1", ((ZERO,), (Fraction(1),), (Fraction(2),)), (ZERO, Fraction(1), ZERO),
              (ZERO,) * 3, 1, True)  # fmt: skip
    assert evaluate(fit, SILENT) == 1
    decided = decide_last(THINGS + "evidence e: optimum(S1, D, l1) = 1")
    assert (decided.value, decided.accepted) == (True, True)
