"""Statements about worst risks: both answers, with certificates; lies prove nothing."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.cli.commands import ROOT, run
from tests.language.reading import read
from tests.shift.tiny_shifts import find_worst, make_question, write_document
from tests.training.deciding import decide, decide_last
from verify.shift.documents import lemma_steps, moving, reweighting, transported
from verify.shift.documents.moving_proofs import Ceiling
from verify.shift.regions import make_box

THINGS = """\
network f(x: Real) := relu(x - 1) - 2*relu(x - 2)
network g(x: Real) := x
network two(x: Real, y: Real) := relu(x) - relu(y)
network deep(x: Real, y: Real) := relu(relu(x) - relu(y)) + 2*relu(relu(x + y) - 1)
circuit C := units(f, 1: {2})
data    D := points (1; 0) (2; 0)
data    H := points (1; 1) (3; -1)
data    E := points (0; 0) (1; 0) (2; 0) (8; 0)
data    P := points (0, 0; 0) (1, 1; 1)
region  domain(x: Real) := 0 <= x and x <= 4
region  near(x: Real) := abs(x - 2) <= 2
region  line(x: Real) := 0 <= x
region  square(x: Real, y: Real) := 0 <= x and x <= 1 and 0 <= y and y <= 1
region  wedge(x: Real, y: Real) := 0 <= x and 0 <= y and x + y <= 2
region  diamond(x: Real, y: Real) := abs(x) + abs(y) <= 2
region  open(x: Real, y: Real) := 0 <= x and x < 2 and 0 <= y and y <= 2
region  either(x: Real, y: Real) := square(x, y) or wedge(x, y)
region  half(x: Real, y: Real) := 0 <= x and 0 <= y
region  empty(x: Real, y: Real) := 0 <= x and 0 <= y and x + y <= -1
data    L := points (0, 0; 1) (1, 1; -1)
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
    "risk(f, D, squared, wasserstein(1/4, near)) = 3/4",
    "risk(f, D, squared, region(near)) = 1",
    "risk(f, H, zero_one, wasserstein(1/4, domain)) = 1",
]
# two is x - y where both are positive; of P's points the first should have 0, the other 1.
MOVED = [
    "risk(two, P, l1, region(square)) = 3/2",
    "risk(two, P, l1, wasserstein(1/2, square)) = 1",
    "risk(two, P, l1, wasserstein(1/4, wedge)) = 3/4",
    "risk(two, P, l1, wasserstein(1/4, diamond, linf)) = 1",
    "risk(two, P, l1, wasserstein(0, square)) = risk(two, P, l1)",
    "risk(two, L, hinge, wasserstein(1/4, square)) = 5/4",
    "risk(deep, P, l1, wasserstein(1/4, square)) = 3/4",
    "risk(deep, P, squared, wasserstein(1/4, square)) >= 1",
    "risk(two, L, zero_one, wasserstein(0, wedge)) = 1",
    "risk(two, P, squared, wasserstein(1/4, square)) <= 2",
]
MOVED_NOT = [
    "risk(two, P, l1, wasserstein(1/2, square)) < 1",
    "risk(two, P, squared, region(square)) <= 2",
]
FALSE = [
    "risk(g, E, l1, tv(1/3)) <= 5",
    "risk(f, D, l1, wasserstein(1/2, domain)) < 1",
    "risk(f, D, l1, region(domain)) > 1",
    "risk(g, E, l1, subpopulation(1/2)) = 4",
]


@pytest.mark.parametrize(
    ("formula", "value"),
    [
        *((f, True) for f in (*TRUE, *MOVED)),
        *((f, False) for f in (*FALSE, *MOVED_NOT)),
    ],
)
def test_either_answer_is_certified(formula: str, value: bool) -> None:
    decided = decide_last(THINGS + f"evidence e: {formula}")
    assert (decided.value, decided.accepted) == (value, True), decided


@pytest.mark.parametrize(
    ("formula", "reason", "detail"),
    [
        ("risk(g, E, l1, region(line)) <= 9", "incomplete", "not bounded"),
        ("risk(two, P, l1, region(open)) <= 9", "unsupported", "write <= for <"),
        ("risk(two, P, l1, region(either)) <= 9", "unsupported", "this one has `or`"),
        ("risk(two, P, l1, region(half)) <= 9", "unsupported", "two sides"),
        ("risk(two, P, l1, region(empty)) <= 9", "unsupported", "region is empty"),
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


MOVED_ONCE = "evidence e: risk(two, P, l1, wasserstein(1/4, wedge)) <= 3/4"


def test_tops_that_are_too_low_prove_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def wrong(slope: Fraction, tops: tuple[Fraction, ...]) -> Ceiling:
        return Ceiling(slope, tuple(top - 1 for top in tops))

    monkeypatch.setattr(transported, "Ceiling", wrong)
    decided = decide_last(THINGS + MOVED_ONCE)
    assert (decided.value, decided.accepted) == (None, False)
    assert "does not follow" in decided.detail


def test_trees_of_another_lemma_prove_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    leaf = ["leaf", [], [], [], []]
    monkeypatch.setattr(lemma_steps, "read_trees", lambda _: [[leaf], [leaf]])
    decided = decide_last(THINGS + MOVED_ONCE)
    assert (decided.value, decided.accepted) == (None, False)
    assert "does not hold" in decided.detail


def test_a_region_read_too_small_proves_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    one = Fraction(1)
    small = make_box((Fraction(0), Fraction(0)), (one, one))
    monkeypatch.setattr(transported, "make_region", lambda _: small)
    decided = decide_last(THINGS + MOVED_ONCE.replace("1/4", "2"))
    assert (decided.value, decided.accepted) == (None, False)
    assert "does not follow" in decided.detail


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


def compare(seed: int) -> None:
    """A random document's risks, equal to brute force and nothing else."""
    tiny, question = make_question(seed, ("l1", "squared", "hinge", "zero_one"), 1)
    loss, budget = question.loss, Fraction(1 + seed % 8, 4)
    moved = find_worst(tiny, question, "wasserstein", budget)
    anywhere = find_worst(tiny, question, "region")
    ball = f"wasserstein({budget}, R, {question.ground})"
    text = f"""\
{write_document(tiny, question)}
evidence exact: risk(f, D, {loss}, {ball}) = {moved}
evidence below: risk(f, D, {loss}, {ball}) < {moved}
evidence over: risk(f, D, {loss}, region(R)) = {anywhere}
"""
    document = read(text, "")
    for statement, wanted in zip(document.statements, (True, False, True), strict=True):
        decided = decide(document, statement, 60.0)
        assert (decided.value, decided.accepted) == (wanted, True), (text, decided)


@pytest.mark.parametrize("seed", [0, 129])
def test_a_random_document_equals_brute_force(seed: int) -> None:
    compare(seed)


@pytest.mark.campaign
@pytest.mark.parametrize("seed", range(3000, 3100))
def test_many_random_documents_equal_brute_force(seed: int) -> None:
    compare(seed)


EXAMPLE = ROOT.parent / "shared" / "claims" / "examples" / "shift.md"


@pytest.mark.skipif(not EXAMPLE.is_file(), reason="no examples in ../shared/claims")
def test_the_example_comes_out_as_expected(tmp_path: object) -> None:
    done = run("check", EXAMPLE, XDG_CACHE_HOME=str(tmp_path))
    assert done.code == 0, done.out
    assert "3 proved (certified) · 1 refuted as expected" in done.out
