from __future__ import annotations

import pytest

from tests.proofs import rejects
from verify.kernel.rejections import Declined, Rejected, require


def test_a_rejection_says_what_was_expected_and_what_came() -> None:
    rejected = Rejected("a number", "a cat")
    assert (rejected.expected, rejected.got) == ("a number", "a cat")
    assert (rejected.rule, rejected.step) == ("", None)
    assert str(rejected) == "expected a number, got a cat"


def test_a_place_is_filled_in_once() -> None:
    placed = Rejected("a number", 3).at("farkas", 7)
    assert str(placed) == "step 7 (farkas): expected a number, got 3"
    assert placed.at("product", 9) is placed


def test_an_inner_place_is_kept() -> None:
    inner = Rejected("a model", "none", rule="model")
    assert inner.at("farkas", 7) is inner
    assert str(inner) == "expected a model, got none"


def test_a_step_numbered_zero_is_shown() -> None:
    assert str(Rejected("a", "b").at("goal", 0)).startswith("step 0 (goal): ")


def test_declined_stays_declined() -> None:
    placed = Declined("version 1", "2").at("header", 0)
    assert type(placed) is Declined
    assert isinstance(placed, Rejected)


def test_what_came_is_cut_short() -> None:
    assert len(Rejected("less", "x" * 1_000).got) == 300
    assert len(Rejected("less", "x" * 300).got) == 300


def test_a_rejection_is_a_value_error_with_its_parts() -> None:
    rejected = Rejected("a", "b", rule="goal", step=3)
    assert isinstance(rejected, ValueError)
    assert rejected.args == ("a", "b", "goal", 3)


def test_require_passes_what_holds() -> None:
    require(True, "nothing", "nothing")


@pytest.mark.parametrize("rule", ["", "model"])
def test_require_rejects_what_does_not(rule: str) -> None:
    with rejects("a cat", "dog", rule=rule):
        require(False, "a cat", "dog", rule=rule)


def test_what_python_cannot_write_is_not_shown() -> None:
    nested: list[object] = []
    for _ in range(100_000):
        nested = [nested]
    for got in (nested, 10**5_000):
        assert Rejected("less", got).got == "more than can be shown"
