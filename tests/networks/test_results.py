"""Answers for other tools: the words, the assignments, and numbers that read back."""

from __future__ import annotations

import re
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from verify.networks.properties.numerals import read_decimal
from verify.networks.properties.results import (
    VNNCOMP,
    VNNLIB2,
    answer_of,
    render_vnncomp,
    render_vnnlib2,
)
from verify.networks.properties.tensors import Declaration, Tensor

HALF, THIRD = Fraction(1, 2), Fraction(1, 3)


@pytest.mark.parametrize(
    "status, reason, vnncomp, vnnlib2",
    [
        ("proved", "", "unsat", "unsat"),
        ("vacuous", "", "unsat", "unsat"),
        ("refuted", "", "sat", "sat"),
        ("undecided", "timeout", "timeout", "timed-out"),
        ("undecided", "memory", "unknown", "unknown"),
        ("undecided", "incomplete", "unknown", "unknown"),
        ("error", "", "error", "unknown"),
    ],
)
def test_words(status: str, reason: str, vnncomp: str, vnnlib2: str) -> None:
    assert answer_of(status, reason, VNNCOMP) == vnncomp
    assert answer_of(status, reason, VNNLIB2) == vnnlib2


def test_a_result_file_of_the_competition() -> None:
    text = render_vnncomp("sat", [HALF, Fraction(-3)], [THIRD])
    assert text == "sat\n((X_0 0.5)\n (X_1 -3.0)\n (Y_0 0.33333333333333333))\n"
    assert render_vnncomp("unsat", [HALF], [HALF]) == "unsat\n"


@given(st.lists(st.floats(width=32, allow_nan=False, allow_infinity=False), min_size=1))
def test_float32_inputs_read_back_exactly(values: list[float]) -> None:
    exact = [Fraction(value) for value in values]
    text = render_vnncomp("sat", exact, [])
    written = re.findall(r"\(X_\d+ ([^)]*)\)", text)
    assert [read_decimal(number) for number in written] == exact
    assert [np.float32(number) for number in written] == [np.float32(v) for v in values]


def test_the_output_of_the_standard() -> None:
    declared = (
        Declaration(
            "f",
            "",
            "",
            (Tensor("A", "float32", (2, 1)), Tensor("B", "real", ())),
            (Tensor("Y", "float32", (1,)),),
        ),
        Declaration(
            "g", "f", "", (Tensor("C", "real", (1,)),), (Tensor("Z", "real", (1,)),)
        ),
    )
    inputs = [HALF, Fraction(1), Fraction(2), Fraction(3)]
    text = render_vnnlib2("sat", declared, inputs, [THIRD, Fraction(0)])
    assert text.splitlines() == [
        "sat",
        "A float32 [2,1]", "0.5", "1.0",
        "B real []", "2.0",
        "Y float32 [1]", "0.33333333333333333",
        "C real [1]", "3.0",
        "Z real [1]", "0.0",
    ]  # fmt: skip
    assert render_vnnlib2("timed-out", declared, inputs, []) == "timed-out\n"
