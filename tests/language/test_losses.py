"""Losses and risks as terms: they are what a direct computation in fractions gives."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.language.measuring import evaluate
from tests.language.reading import last, mistake, read
from verify.language.printing import render_term

SMALL = st.fractions(-4, 4, max_denominator=3)
LABELS = st.sampled_from([Fraction(-1), Fraction(1)])


def direct(
    loss: str,
    outputs: Sequence[Sequence[Fraction]],
    targets: Sequence[Sequence[Fraction]],
) -> Fraction:
    """The loss of one output or several, point by point."""
    if loss == "zero_one" and len(outputs[0]) > 1:
        wrong = 0
        for values, (label,) in zip(outputs, targets, strict=True):
            others = [v for k, v in enumerate(values) if k != label]
            wrong += any(v >= values[int(label)] for v in others)
        return Fraction(wrong)
    pairs = [
        (g, y)
        for values, wanted in zip(outputs, targets, strict=True)
        for g, y in zip(values, wanted, strict=True)
    ]
    match loss:
        case "l1":
            return sum((abs(g - y) for g, y in pairs), Fraction(0))
        case "squared":
            return sum(((g - y) ** 2 for g, y in pairs), Fraction(0))
        case "linf":
            return max(abs(g - y) for g, y in pairs)
        case "hinge":
            return sum((max(Fraction(0), 1 - y * g) for g, y in pairs), Fraction(0))
        case _:
            return Fraction(sum(y * g <= 0 for g, y in pairs))


def number(value: Fraction) -> str:
    return f"{value}" if value >= 0 else f"-{-value}"


def points(rows: Sequence[tuple[Fraction, Fraction]]) -> str:
    return " ".join(f"({number(x)}; {number(y)})" for x, y in rows)


@settings(max_examples=60)
@given(
    loss=st.sampled_from(["l1", "squared", "linf", "hinge", "zero_one"]),
    inputs=st.lists(SMALL, min_size=1, max_size=6),
    weights=st.tuples(SMALL, SMALL, SMALL, SMALL),
    data=st.data(),
)
def test_a_loss_is_what_it_says(
    loss: str,
    inputs: list[Fraction],
    weights: tuple[Fraction, ...],
    data: st.DataObject,
) -> None:
    a, b, c, d = weights
    kind = LABELS if loss in ("hinge", "zero_one") else SMALL
    targets = data.draw(st.lists(kind, min_size=len(inputs), max_size=len(inputs)))
    rows = list(zip(inputs, targets, strict=True))
    text = (
        f"network f(x: Real) := {number(a)}*relu({number(b)}*x + {number(c)}) + "
        f"{number(d)}\ndata D := points {points(rows)}\n"
    )

    def network(x: Fraction) -> Fraction:
        return a * max(Fraction(0), b * x + c) + d

    found = direct(loss, [[network(x)] for x in inputs], [[y] for y in targets])
    formula = last(f"{text}evidence e: loss(f, D, {loss}) = 0", PLAIN).formula
    assert formula is not None
    assert evaluate(formula.args[0], {"f": network}) == found
    if loss != "linf":
        formula = last(f"{text}evidence e: risk(f, D, {loss}) = 0", PLAIN).formula
        assert formula is not None
        assert evaluate(formula.args[0], {"f": network}) == found / len(inputs)


PLAIN = ""
THINGS = """\
network f(v: Real) := relu(v - 1)
network g(u: Real, v: Real) := relu(u) - v
data D := points (0; 0) (1; 1) (2; 0)
data L := points (0; -1) (2; 1)
data P := points (0, 1; 2) (2, 3; 4)
data V := points (0; 0, 1) (1; 1, 0)
data B := points (0; 0, 1) (1; 1, 1)
region R(v: Real) := 0 <= v <= 4
region box(u: Real, v: Real) := 0 <= u <= 1 and 0 <= v <= 1
class S := relu_nets(inputs = 1, hidden = 1)
class T := relu_nets(inputs = 1, hidden = 1, weights = {-1, 0, 1})
class W := relu_nets(inputs = 2, hidden = 1)
class V2 := relu_nets(inputs = 1, hidden = 1, outputs = 2)
circuit C := units(f, 1: {1})
circuit G := units(g, 1: {1})
"""


@pytest.mark.parametrize(
    ("formula", "shown"),
    [
        ("loss(f, D, l1) = 1", "abs(f(0)) + abs(f(1) - 1) + abs(f(2)) = 1"),
        ("loss(f, D, squared) = 1", "f(0)^2 + (f(1) - 1)*(f(1) - 1) + f(2)^2 = 1"),
        (
            "loss(f, L, hinge) = 1",
            "max(0, 1 - -f(0)) + max(0, 1 - f(2)) = 1",
        ),
        (
            "loss(without(f, C), D, linf) = 1",
            "max(max(abs(without(f, C)(0)), abs(without(f, C)(1) - 1)), "
            "abs(without(f, C)(2))) = 1",
        ),
        ("risk(g, P, l1) = 1", "1/2*abs(g(0, 1) - 2) + 1/2*abs(g(2, 3) - 4) = 1"),
    ],
)
def test_losses_are_written_out(formula: str, shown: str) -> None:
    found = last(THINGS + f"evidence e: {formula}", PLAIN).formula
    assert found is not None
    assert render_term(found).replace("(f(1) - 1)^2", "(f(1) - 1)*(f(1) - 1)") == shown


@pytest.mark.parametrize(
    ("formula", "column", "message", "fix"),
    [
        ("loss(f, P, l1) = 0", 21, "the points of P have 2 numbers, and f takes 1", "name"),
        ("loss(g, D, l1) = 0", 21, "the points of D have 1 number, and g takes 2", "name"),
        ("loss(f, D, hinge) = 0", 21, "labels -1 and 1, and point 1 of D has 0", "use l1"),
        ("loss(f, D, zero_one) = 0", 21, "labels -1 and 1, and point 1 of D", "other"),
        ("loss(f, V, l1) = 0", 21, "f has 1 output, and V has 2 targets a point", "give"),
        ("loss(f, D, l2) = 0", 24, "loss takes a loss here, and `l2` is none", "write one"),
        ("loss(f, D) = 0", 13, "loss takes a network, a data set, a loss; here it has 2", ""),
        ("loss(unit(f, 1, 1), D, l1) = 0", 18, "loss takes a network here", ""),
        ("loss(S, D, l1) = 0", 18, "loss takes a network here, and `S` is none", ""),
        ("loss(h, D, l1) = 0", 18, "loss takes a network here, and `h` is none", ""),
        ("loss(without(g, C), P, l1) = 0", 29, "C is a circuit of f, not g", "name a"),
        ("risk(f, D, linf) = 0", 24, "linf is a maximum, and a risk is a mean", "write l1"),
        ("optimum(S, P, l1) = 0", 24, "the points of P have 2 numbers, and S takes 1", ""),
        ("optimum(S, V, l1) = 0", 24, "S has 1 output, and V has 2 targets", "give"),
        ("optimum(V2, D, l1) = 0", 25, "V2 has 2 outputs, and D has 1 target a", "zero_one"),
        ("optimum(V2, V, hinge) = 0", 25, "hinge is for one output, and V2 has 2", "use l1"),
        ("optimum(S, D, hinge) = 0", 24, "hinge is for labels -1 and 1", "use l1"),
        ("optimum(V2, L, zero_one) = 0", 25, "from 0 to 1 here, and point 1 of L has -1",
         "label k stands for output k + 1"),
        ("optimum(V2, B, zero_one) = 0", 25, "are 0 but for one 1, and point 2 of B has 1, 1",
         "label k stands for output k + 1"),
        ("g in S", 13, "g has 2 inputs, and the networks of S have 1", "of its shape"),
        ("f in V2", 13, "f has 1 output, and the networks of V2 have 2", "of its shape"),
        ("f in D", 18, "`D` is no class of networks", "declare one"),
        ("f in A", 18, "unknown name `A`", ""),
        ("x in S", 13, "unknown name `x`", ""),
        ("D in S", 13, "`D` is no network", "declare one"),
        ("unit(f, 1, 1) in S", 13, "`unit(f, 1, 1)` is no network", "declare one"),
        ("0 < 1 in S", 13, "`in` stands between a network and a class", "write f in S"),
        ("replaceable(C, P, l1)", 28, "the points of P have 2 numbers", "name data"),
        ("replaceable(C, D, hinge)", 28, "hinge is for labels -1 and 1", "use l1"),
        ("replaceable(C, D, l1, 1/4)", 35, "replaceable takes by = NUMBER here", "by = 1/4"),
        ("replaceable(C, D, l1, by = -1)", 40, "a margin is 0 or more, got `-1`", "by ="),
        ("replaceable(C, D, l1, by = f(0))", 40, "the margin is a number, and `f(0)`", ""),
        ("replaceable(f, D, l1)", 25, "replaceable takes a circuit here", ""),
        ("least(C, D, l1, 0) = 0", 13, "least takes a circuit, a data set, a loss", ""),
        ("T(3) = 0", 13, "`T` is the class T, and no term", "write f in T, or optimum"),
        ("S = 0", 13, "`S` is the class S, and no term", "write f in S"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_a_sentence_at_its_place(
    formula: str, column: int, message: str, fix: str
) -> None:
    found = mistake(THINGS + f"evidence e: {formula}", PLAIN)
    assert message in found.message and fix in found.fix
    assert (found.line, found.column) == (THINGS.count("\n") + 1, column)


def test_a_declared_name_that_hides_a_theory_term_is_named() -> None:
    """The prelude declares `loss`, in line 8."""
    found = mistake(THINGS.replace("C :=", "C1 :=") + "evidence e: loss(f, D, l1) = 0")
    assert found.message == "`loss` is declared in line 8, which hides the theory's"
    assert found.fix == "rename what is declared there"
    assert last("evidence e: loss(M_d) = 0").unsupported.startswith(
        "it names no network"
    )


def test_a_large_loss_is_unsupported_and_says_who_can() -> None:
    rows = " ".join(f"({i}; 0)" for i in range(400))
    text = f"network f(x: Real) := relu(x)\ndata D := points {rows}\n"
    text += "evidence a: loss(f, D, linf) = 0\nevidence b: loss(f, D, l1) = 0\n"
    a, b = read(text, PLAIN).statements
    assert a.unsupported == (
        "the loss of f on D is too large to be written out for 400 points; ask "
        "`verify circuits`, which works on the files"
    )
    assert b.formula is not None


def test_many_losses_in_a_document_are_unsupported(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("verify.language.limits.MAX_WORK", 700)
    rows = " ".join(f"({i}; 0)" for i in range(20))
    text = (
        f"network f(x: Real) := relu(x)\ndata D := points {rows}\n"
        "circuit C := units(f, 1: {1})\nevidence a: loss(f, D, squared) = 0\n"
        "def mean := risk(f, D, l1)\nevidence e: replaceable(C, D, l1)"
    )
    document = read(text, PLAIN)
    assert document.statements[0].formula is not None
    assert "the loss of f on D is too large" in document.statements[-1].unsupported
