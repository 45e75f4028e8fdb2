"""Statements about worst risks: both answers, with certificates; lies prove nothing."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.cli.commands import ROOT, run
from tests.language.reading import read
from tests.training.deciding import decide, decide_last
from verify.shift import moving, reweighting
from verify.shift.moving_proofs import Ceiling

THINGS = """\
network f(x: Real) := relu(x - 1) - 2*relu(x - 2)
network g(x: Real) := x
network two(x: Real, y: Real) := relu(x) - relu(y)
circuit C := units(f, 1: {2})
data    D := points (1; 0) (2; 0)
data    H := points (1; 1) (3; -1)
data    E := points (0; 0) (1; 0) (2; 0) (8; 0)
data    P := points (0, 0; 0) (1, 1; 1)
region  domain(x: Real) := 0 <= x and x <= 4
region  near(x: Real) := abs(x - 2) <= 2
region  line(x: Real) := 0 <= x
region  square(x: Real, y: Real) := 0 <= x and x <= 1 and 0 <= y and y <= 1
"""

# f is 0 up to 1, 1 at 2, 0 at 3 and -1 at 4.
TRUE = [
    "risk(f, D, l1) = 1/2",
    "risk(g, E, l1, tv(1/3)) = 16/3",
    "risk(g, E, l1, tv(1)) = 8",
    "risk(g, E, l1, tv(0)) = risk(g, E, l1)",
    "risk(g, E, squared, tv(1/4)) = 69/4 + 16",
    "risk(g, E, l1, subpopulation(1/2)) = 5",
    "risk(g, E, l1, mixture(D)) = 11/4",
    "risk(g, H, zero_one, tv(1/2)) = 1",
    "risk(two, P, l1, tv(1)) = 1",
    "risk(f, D, l1, region(domain)) = 1",
    "risk(f, D, l1, wasserstein(1/2, domain)) = 1",
    "risk(f, D, l1, wasserstein(1/4, domain)) = 3/4",
    "risk(f, D, l1, wasserstein(100, near)) = 1",
    "risk(without(f, C), D, l1, wasserstein(1/4, near)) = 3/4",
    "risk(f, H, hinge, wasserstein(0, domain)) = risk(f, H, hinge)",
    "risk(g, E, l1, tv(1/4)) < risk(g, E, l1, tv(1/3))",
]
FALSE = [
    "risk(g, E, l1, tv(1/3)) <= 5",
    "risk(f, D, l1, wasserstein(1/2, domain)) < 1",
    "risk(f, D, l1, region(domain)) > 1",
    "risk(g, E, l1, subpopulation(1/2)) = 4",
]


@pytest.mark.parametrize(
    ("formula", "value"), [*((f, True) for f in TRUE), *((f, False) for f in FALSE)]
)
def test_either_answer_is_certified(formula: str, value: bool) -> None:
    decided = decide_last(THINGS + f"evidence e: {formula}")
    assert (decided.value, decided.accepted) == (value, True), decided


@pytest.mark.parametrize(
    ("formula", "reason", "detail"),
    [
        ("risk(f, D, squared, region(near)) <= 1", "unsupported", "use verify shift"),
        ("risk(two, P, l1, region(square)) <= 2", "unsupported", "use verify shift"),
        ("risk(g, E, l1, region(line)) <= 9", "incomplete", "not bounded"),
    ],
)
def test_what_is_not_decided_says_why(formula: str, reason: str, detail: str) -> None:
    decided = decide_last(THINGS + f"evidence e: {formula}")
    assert (decided.value, decided.reason) == (None, reason)
    assert detail in decided.detail


def test_the_worst_shares_are_shown() -> None:
    decided = decide_last(THINGS + "evidence e: risk(g, E, l1, tv(1/3)) <= 5")
    assert decided.shown[0] == ("risk(g, E, l1, tv(1/3))", "16/3")
    masses = [Fraction(value) for name, value in decided.shown[1:] if name[0] == "q"]
    assert len(masses) == 4 and sum(masses) == 1


@pytest.mark.parametrize(
    "formula",
    [
        "risk(f, D, l1, wasserstein(1/2, domain)) = 1/2",
        "risk(f, D, l1, wasserstein(1/2, domain)) <= 1/2",
        "risk(f, D, l1, wasserstein(1/2, domain)) >= 3/2",
    ],
)
def test_wrong_ceilings_prove_nothing(
    monkeypatch: pytest.MonkeyPatch, formula: str
) -> None:
    def wrong(slope: Fraction, tops: tuple[Fraction, ...]) -> Ceiling:
        return Ceiling(slope, tuple(top - 1 for top in tops))

    monkeypatch.setattr(moving, "Ceiling", wrong)
    decided = decide_last(THINGS + f"evidence e: {formula}")
    assert decided.value is None and not decided.accepted


def test_wrong_shares_prove_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    vary = reweighting.vary

    def wrong(losses: list[Fraction], *rest: object) -> object:
        return vary([-loss for loss in losses], *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(reweighting, "vary", wrong)
    decided = decide_last(THINGS + "evidence e: risk(g, E, l1, tv(1/3)) <= 5")
    assert decided.value is None and not decided.accepted


halves = st.fractions(-2, 2, max_denominator=2)


@settings(max_examples=3, deadline=None)
@given(
    st.lists(st.tuples(halves, halves), min_size=1, max_size=2),
    st.lists(st.tuples(st.integers(-2, 2), halves), min_size=1, max_size=2),
    st.fractions(0, 2, max_denominator=4),
    st.sampled_from(("l1", "hinge")),
)
def test_the_risk_grows_with_the_budget_and_stays_below_the_region(
    units: list[tuple[Fraction, Fraction]],
    points: list[tuple[int, Fraction]],
    budget: Fraction,
    loss: str,
) -> None:
    body = " + ".join(f"({a})*relu(x + ({b}))" for a, b in units)
    label = ["-1" if y < 0 else "1" for _, y in points]
    shown = label if loss == "hinge" else [str(y) for _, y in points]
    data = " ".join(f"({x}; {y})" for (x, _), y in zip(points, shown, strict=True))
    text = f"""\
network f(x: Real) := {body}
data D := points {data}
region R(x: Real) := -3 <= x and x <= 3
evidence grows: risk(f, D, {loss}) <= risk(f, D, {loss}, wasserstein({budget}, R))
evidence ends: risk(f, D, {loss}, wasserstein({budget}, R)) <= risk(f, D, {loss}, region(R))
"""
    document = read(text, "")
    for statement in document.statements:
        decided = decide(document, statement)
        assert (decided.value, decided.accepted) == (True, True), (text, decided)


EXAMPLE = ROOT.parent / "shared" / "claims" / "examples" / "shift.md"


@pytest.mark.skipif(not EXAMPLE.is_file(), reason="no examples in ../shared/claims")
def test_the_example_comes_out_as_expected(tmp_path: object) -> None:
    done = run("check", EXAMPLE, XDG_CACHE_HOME=str(tmp_path))
    assert done.code == 0, done.out
    assert "3 proved (certified) · 1 refuted as expected" in done.out
