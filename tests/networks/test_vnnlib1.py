"""VNN-LIB 1.0 is read as it is meant: boxes, rows and cases, and refusals with a reason."""

from __future__ import annotations

import gzip
import time
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.networks.formulas import Tree, evaluate, formulas, write
from verify.networks.network import Input, Network
from verify.networks.properties.properties import Property
from verify.networks.properties.property_errors import (
    LIMIT,
    SYNTAX,
    UNSUPPORTED,
    PropertyError,
)
from verify.networks.properties.vnnlib1 import read_property
from verify.networks.query import Row
from verify.networks.values.exact import holds

ROOT = Path(__file__).resolve().parents[2]
DATA = ROOT.parent / "shared" / "data"
needs_data = pytest.mark.skipif(
    not DATA.is_dir(), reason="the benchmark data are not beside the repository"
)
HALF, ONE = Fraction(1, 2), Fraction(1)
BOX = "(assert (>= X_0 -1)) (assert (<= X_0 1))"


def declare(inputs: int = 1, outputs: int = 1) -> str:
    names = [f"X_{i}" for i in range(inputs)] + [f"Y_{j}" for j in range(outputs)]
    return "".join(f"(declare-const {name} Real)\n" for name in names)


def read(body: str, inputs: int = 1, outputs: int = 1) -> Property:
    return read_property(declare(inputs, outputs) + body)


def is_met(
    stated: Property, point: Sequence[Fraction], out: Sequence[Fraction]
) -> bool:
    return any(holds(case, point, out) for case in stated.cases)


def test_bounds_become_the_box_and_the_rest_rows() -> None:
    stated = read(BOX + "(assert (<= Y_0 (* 2 X_0))) (assert (> (+ Y_0 0.1) 1e-1))")
    (case,) = stated.cases
    assert (case.lower, case.upper) == ((-ONE,), (ONE,))
    assert case.rows == (
        Row(((0, Fraction(2)),), ((0, -ONE),), Fraction(0)),
        Row((), ((0, ONE),), Fraction(0), strict=True),
    )
    assert not stated.empty and not stated.vacuous


def test_decimals_are_exact() -> None:
    stated = read("(assert (>= X_0 0.1)) (assert (<= X_0 12345678901234567890.5e-19))")
    (case,) = stated.cases
    assert case.lower == (Fraction(1, 10),)
    assert case.upper == (Fraction(123456789012345678905, 10**20),)


def test_the_narrowest_of_several_bounds_counts_and_scaled_ones_too() -> None:
    stated = read(BOX + "(assert (<= (* -4 X_0) 2)) (assert (<= (+ X_0 X_0) 1.5))")
    (case,) = stated.cases
    assert (case.lower, case.upper) == ((-HALF,), (Fraction(3, 4),))


def test_an_open_end_is_in_the_box_and_a_row() -> None:
    (case,) = read(BOX + "(assert (> X_0 -1)) (assert (< X_0 4))").cases
    assert case.lower == (-ONE,)
    assert case.rows == (Row(((0, ONE),), (), ONE, strict=True),)


def test_an_equation_is_two_bounds() -> None:
    (case,) = read("(assert (= X_0 0.5)) (assert (= Y_0 1))").cases
    assert case.lower == case.upper == (HALF,)
    assert len(case.rows) == 2


def test_boxes_may_stand_in_a_disjunction() -> None:
    stated = read(
        "(assert (or (and (>= X_0 0) (<= X_0 1)) (and (>= X_0 2) (<= X_0 3))))"
        "(assert (or (<= Y_0 0) (>= Y_0 1)))"
    )
    assert [(c.lower[0], c.upper[0]) for c in stated.cases] == [(0, 1)] * 2 + [
        (2, 3)
    ] * 2
    assert all(len(case.rows) == 1 for case in stated.cases)


def test_cases_share_the_numbers_of_a_common_box() -> None:
    stated = read(BOX + "(assert (or (<= Y_0 0) (>= Y_0 1)))")
    first, second = stated.cases
    assert first.lower is second.lower and first.upper is second.upper


def test_an_empty_box_is_kept_and_reported() -> None:
    stated = read(
        "(assert (>= X_0 0))"
        "(assert (or (<= X_0 -1) (and (<= X_0 1) (>= Y_0 0)) (< X_0 0)))"
    )
    assert stated.empty == (0, 2) and len(stated.cases) == 3
    assert not stated.vacuous
    assert read("(assert (>= X_0 2)) (assert (<= X_0 1))").vacuous


def test_alternatives_that_contradict_themselves_are_no_cases() -> None:
    stated = read(BOX + "(assert (or (<= 1 0) (>= Y_0 0)))")
    assert len(stated.cases) == 1
    nothing = read("(assert (< (- Y_0 Y_0) 0))")
    assert nothing.cases == () and nothing.vacuous


@pytest.mark.parametrize(
    "text",
    [
        "; a comment with \x1b[2J and Cyrillic \u0425\n",
        "(set-logic QF_LRA)(set-info :status unsat)",
        '(set-info :source |two\nlines|) (set-info :license "a ""quoted"" ; word")',
        "(set-info :smt-lib-version 2.6)(set-info :alone)",
    ],
)
def test_what_means_nothing_is_passed_over(text: str) -> None:
    plain = read(BOX)
    assert read_property(text + declare() + BOX) == plain
    assert read_property((text + declare() + BOX).replace("\n", "\r\n")) == plain


def test_functions_without_arguments_are_constants() -> None:
    text = "(declare-fun X_0 () Real)(declare-fun Y_0 () Real)"
    assert read_property(text + BOX) == read(BOX)


def test_files_may_be_gzipped(tmp_path: Path) -> None:
    text = declare() + BOX
    (tmp_path / "p.vnnlib").write_bytes(b"\xef\xbb\xbf" + text.encode())
    (tmp_path / "p.vnnlib.gz").write_bytes(gzip.compress(text.encode()))
    assert read_property(tmp_path / "p.vnnlib") == read(BOX)
    assert read_property(tmp_path / "p.vnnlib.gz") == read(BOX)


def test_a_query_needs_the_network_of_that_size() -> None:
    stated = read(BOX)
    assert stated.make_query(Network((Input(1),), 0)).cases == stated.cases
    with pytest.raises(PropertyError, match=r"declares 1 input.*network has 2.*X_1"):
        stated.make_query(Network((Input(2),), 0))
    stated = read(BOX, outputs=3)
    with pytest.raises(PropertyError, match=r"declares 3 output.*network has 1"):
        stated.make_query(Network((Input(1),), 0))


REFUSED: list[tuple[str, str, str, str]] = [
    ("no lower bound", "(assert (<= X_0 1))", "X_0 has no lower bound;", SYNTAX),
    (
        "no upper bound in one case",
        "(assert (>= X_0 0)) (assert (or (<= X_0 1) (<= Y_0 1)))",
        "X_0 has no upper bound in case 2 of 2",
        SYNTAX,
    ),
    ("an output as bound", "(assert (>= X_0 Y_0))", "X_0 has no lower bound", SYNTAX),
    ("a product", BOX + "(assert (<= (* X_0 X_0) 1))", "not linear", UNSUPPORTED),
    ("a quotient", BOX + "(assert (<= (/ 1 X_0) 1))", "not linear", UNSUPPORTED),
    ("a zero divisor", BOX + "(assert (<= (/ X_0 0.0) 1))", "division by 0", SYNTAX),
    (
        "undeclared",
        BOX + "\n(assert (<= Y_7 1))",
        "line 4: Y_7 is not declared",
        SYNTAX,
    ),
    ("a gap", "(declare-const X_2 Real)" + BOX, "but X_1 is not", SYNTAX),
    ("let", "(assert (let ((a X_0)) (<= a 1)))", "got `let`", UNSUPPORTED),
    ("ite", "(assert (<= (ite true X_0 1) 1))", "got `ite`", UNSUPPORTED),
    ("implies", "(assert (=> true true))", "got `=>`", UNSUPPORTED),
    ("a term", "(assert X_0)", "expected a formula after `assert`", SYNTAX),
    ("and of terms", "(assert (and X_0 Y_0))", "`and` expects a formula", SYNTAX),
    ("sum of formulas", "(assert (<= (+ true 1) 1))", "`+` expects a term", SYNTAX),
    ("not of two", "(assert (not true true))", "`not` cannot take 2", SYNTAX),
    ("empty and", "(assert (and))", "`and` cannot take 0", SYNTAX),
    ("one compared", "(assert (<= X_0))", "`<=` cannot take 1", SYNTAX),
    ("two formulas", "(assert true true)", "expected `)` after", SYNTAX),
    ("nothing asserted", "(assert)", "expected a formula, got `)`", SYNTAX),
    ("no end", "(assert (<= X_0 1)", "got the end of the text", SYNTAX),
    ("a stray word", "assert", "expected `(` and a command", SYNTAX),
    ("a stray )", BOX + ")", "expected `(` and a command, got `)`", SYNTAX),
    ("twice", "(declare-const Y_0 Real)", "Y_0 is declared twice", SYNTAX),
    ("an integer", "(declare-const Y_1 Int)", "declared as `Int`", UNSUPPORTED),
    ("a function", "(declare-fun Y_1 (Real) Real)", "as a function", UNSUPPORTED),
    ("another name", "(declare-const a Real)", "got `a`", UNSUPPORTED),
    ("a leading zero", "(declare-const X_01 Real)", "got `X_01`", UNSUPPORTED),
    ("a logic", "(set-logic QF_BV)", "the logic `QF_BV`", UNSUPPORTED),
    ("a list", "(set-info :x (a b))", "a list as value", UNSUPPORTED),
    ("a plus sign", "(assert (<= X_0 +1))", "got `+1`", SYNTAX),
    ("deep", "(assert " + "(not " * 201, "more than 200 deep", LIMIT),
]


@pytest.mark.parametrize(
    "body, reason, kind", [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED]
)
def test_refusals_say_why(body: str, reason: str, kind: str) -> None:
    with pytest.raises(PropertyError) as caught:
        read(body)
    assert reason in str(caught.value)
    assert caught.value.kind == kind


def test_no_input_is_refused() -> None:
    with pytest.raises(PropertyError, match="no input is declared"):
        read_property("(declare-const Y_0 Real)(assert (<= Y_0 1))")


def test_the_line_of_a_mistake_is_named() -> None:
    with pytest.raises(PropertyError) as caught:
        read("\n\n(assert (<= X_0 1))\n; here\n(assert\n (<= Y_0 1x))")
    assert caught.value.line == 8
    assert str(caught.value).startswith("line 8: expected a number")


INPUTS, OUTPUTS = 2, 2
GRID = [Fraction(n, 4) for n in range(-9, 10)]


def asserts(trees: Sequence[Tree]) -> str:
    bounds = [f"(>= X_{i} -2.25) (<= X_{i} 2.25)" for i in range(INPUTS)]
    box = "".join(f"(assert (and {bound}))" for bound in bounds)
    return box + "".join(f"\n(assert {write(tree)})" for tree in trees)


@given(
    st.lists(formulas(INPUTS, OUTPUTS), min_size=1, max_size=3),
    st.lists(
        st.lists(st.sampled_from(GRID), min_size=4, max_size=4), min_size=8, max_size=8
    ),
)
@settings(max_examples=200)
def test_what_is_read_means_what_was_written(
    trees: list[Tree], points: list[list[Fraction]]
) -> None:
    stated = read(asserts(trees), INPUTS, OUTPUTS)
    for numbers in points:
        point, out = numbers[:INPUTS], numbers[INPUTS:]
        wanted = all(evaluate(tree, point, out) for tree in trees)
        assert is_met(stated, point, out) is wanted


def test_the_law_would_notice_a_changed_sign() -> None:
    point, out = [Fraction(1), Fraction(0)], [Fraction(0), Fraction(0)]
    tree = ("<", ("X", 0), ("number", "1"))
    assert not is_met(read(asserts([tree]), INPUTS, OUTPUTS), point, out)
    assert is_met(read(asserts([("<=", *tree[1:])]), INPUTS, OUTPUTS), point, out)


SIZES = {
    "acasxu": {(5, 5)},
    "dist_shift": {(792, 10)},
    "mnist_fc": {(784, 10)},
    "reach_prob_density": {(3, 3), (5, 5), (14, 14)},
    "rl_benchmarks": {(4, 2), (8, 4), (8, 8)},
    "test": {(1, 1), (5, 5)},
}


@needs_data
@pytest.mark.parametrize("family", sorted(SIZES))
def test_the_benchmark_properties_are_read(family: str) -> None:
    sizes = set()
    for path in (DATA / family).rglob("*.vnnlib"):
        begun = time.process_time()
        stated = read_property(path)
        assert time.process_time() - begun < 1.5, path
        assert stated.cases and not stated.empty, path
        sizes.add((stated.inputs, stated.outputs))
    assert sizes == SIZES[family]
