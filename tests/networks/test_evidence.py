"""Evidence: the truth of statements about networks, with certificates of either answer."""

from __future__ import annotations

import time
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.networks.statements import decide, make_problem
from verify.kernel.networks import Program
from verify.networks.certificates.outcomes import Met, Outcome, Stuck
from verify.networks.query import Empty
from verify.networks.statements import evidence
from verify.networks.statements.evidence import decide_evidence
from verify.suites.deciders import job

THINGS = """\
network f(x: Real) := relu(x - 1) - relu(x - 2)
network g(x: Real, y: Real) := relu(x + y) - 2*relu(y - x) + 0.5
data D := points (0; 0) (1/2; 0) (3; 1)
region train(x: Real) := 0 <= x <= 1
region box(x: Real, y: Real) := 0 <= x <= 1 and -1 <= y <= 1
region arms(x: Real, y: Real) := 0 <= x <= 1 and 0 <= y <= 1 and (x = 0 or y = 0)
circuit B := units(f, 1: {1, 2})
circuit C := units(f, 1: {2})
"""

TRUE = [
    "f(1) = 0 and f(3/2) = 1/2",
    "forall x in train: f(x) = 0",
    "forall x: Real. 0 <= f(x) <= 1",
    "forall x, y: Real. x <= y implies f(x) <= f(y)",
    "forall x, y: Real. x <= y implies f(y) - f(x) <= y - x",
    "silent(B, train)",
    "not silent(C, D)",
    "forall x in D: f(x) >= 0",
    "exists x in D: f(x) = 1",
    "(sum x in D. f(x)) = 1",
    "exists x: Real. f(x) = 3/4",
    "forall x: Real. without(f, C)(x) = relu(x - 1)",
    "forall x: Real. f(f(x)) = 0",
    "forall p in box: -1/2 <= g(p) <= 5/2",
    "forall p in arms: g(p) <= 3/2",
    "forall x in train: forall p in box: f(x) <= g(p) + 10",
    "forall x in train: (f(x) = 0 and forall y in train: f(y) = 0)",
    "(exists x in train: f(x) = 0) and (forall x in train: f(x) = 0) and not silent(C, D)",
    "(forall x in train: f(x) = 1) or (exists x in train: f(x) = 0)",
    "(forall x in train: f(x) = 1) implies f(0) = 5",
    "(exists x in train: f(x) = 1) iff f(0) = 5",
    "forall x in D: exists y in train: f(y) <= f(x)",
    "forall x: Real. abs(f(x) - 1/2) <= 1/2",
    "forall x: Real. f(relu(x)) = f(x)",
    "forall x: Real. unit(f, 1, 1)(x) - unit(f, 1, 2)(x) = f(x)",
]
FALSE = [
    "f(1) = 1",
    "forall x in train: f(x) > 0",
    "forall x, y: Real. x <= y implies f(y) - f(x) <= (y - x)/2",
    "silent(C, D)",
    "exists x: Real. f(x) > 1",
    "forall x: Real. without(f, C)(x) = f(x)",
    "forall p in box: g(p) > -1/2",
    "forall p in arms: g(p) < 3/2",
    "forall x in train: forall p in box: f(x) <= g(p) - 1",
    "forall x in train: (f(x) = 0 and forall y in train: f(y) > 0)",
    "(exists x in train: f(x) = 1) or (exists x in train: f(x) = 2) or not silent(B, train)",
    "exists x in train: exists y in train: f(x) > f(y)",
    "not (exists x in D: f(x) = 1)",
]


@pytest.mark.parametrize(
    ("formula", "value"), [*((f, True) for f in TRUE), *((f, False) for f in FALSE)]
)
def test_either_answer_comes_with_a_certificate(formula: str, value: bool) -> None:
    decided = decide(THINGS + f"evidence e: {formula}")
    assert (decided.value, decided.accepted) == (value, True), decided.ruling


@pytest.mark.parametrize(
    ("formula", "detail"),
    [
        ("forall x in train: exists y in train: f(x) = f(y)", "for each of infinitely"),
        ("forall x in train: x*x <= 1", "linear"),
        ("forall x in train: f(x)*f(x) <= 1", "linear"),
        ("forall n: Nat. f(real(n)) <= 1", "real variables"),
        ("forall x in train: (f(x) = 0 iff forall y in train: f(y) = 0)", "infinitely"),
    ],
)
def test_what_is_not_for_this_room(formula: str, detail: str) -> None:
    ruling = decide(THINGS + f"evidence e: {formula}").ruling
    assert (ruling.value, ruling.reason) == (None, "unsupported")
    assert detail in ruling.detail


def test_an_open_part_does_not_matter_where_another_settles_it() -> None:
    open_part = "(forall x in train: exists y in train: f(x) = f(y))"
    assert decide(THINGS + f"evidence e: {open_part} or f(0) = 0").value is True
    assert decide(THINGS + f"evidence e: {open_part} and f(0) = 0").value is None


# A network of one input is piecewise linear: its range over an interval is known exactly.


numbers = st.fractions(-3, 3, max_denominator=4)
units = st.lists(st.tuples(numbers, numbers, numbers), min_size=1, max_size=4)


def write(unit: tuple[Fraction, Fraction, Fraction]) -> str:
    outer, inner, bias = unit
    return f"({outer})*relu(({inner})*x + ({bias}))"


@settings(max_examples=30, deadline=None)
@given(units, numbers, numbers, st.fractions(0, 3, max_denominator=4), st.data())
def test_thresholds_at_the_exact_maximum(
    given_units: list[tuple[Fraction, Fraction, Fraction]],
    bias: Fraction,
    low: Fraction,
    width: Fraction,
    data: st.DataObject,
) -> None:
    def value(x: Fraction) -> Fraction:
        return bias + sum(w * max(a * x + b, Fraction(0)) for w, a, b in given_units)

    high = low + width
    kinks = [-b / a for _, a, b in given_units if a]
    points = [low, high, *(x for x in kinks if low <= x <= high)]
    most = max(map(value, points))
    shift = data.draw(
        st.sampled_from((Fraction(0), Fraction(1, 1000), Fraction(-1, 1000)))
    )
    body = " + ".join(map(write, given_units))
    text = (
        f"network f(x: Real) := {body} + ({bias})\n"
        f"region R(x: Real) := {low} <= x and x <= {high}\n"
    )
    for formula, holds in (
        (f"forall x in R: f(x) <= {most + shift}", shift >= 0),
        (f"forall x in R: f(x) < {most + shift}", shift > 0),
        (f"exists x in R: f(x) >= {most + shift}", shift <= 0),
        (f"exists x in R: f(x) = {most}", True),
    ):
        decided = decide(f"{text}evidence e: {formula}")
        assert (decided.value, decided.accepted) == (holds, True), (text, formula)


# Networks too large for a tree


def test_a_point_and_an_argument_of_floating_point(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(evidence, "CERTIFIED_UNITS", -1)
    bounded = decide(THINGS + "evidence e: forall p in box: g(p) <= 2.6", 10)
    assert bounded.ruling == (True, "", "", "")
    denied = decide(THINGS + "evidence e: not (forall p in box: g(p) <= 2.6)", 10)
    assert denied.ruling == (False, "", "", "")
    pointed = decide(THINGS + "evidence e: forall p in box: g(p) <= 2", 10)
    assert (pointed.value, pointed.accepted) == (False, True)


def test_what_is_not_found_is_open(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(evidence, "search", give_up)
    monkeypatch.setattr("verify.networks.statements.arguing.argue", give_up)
    ruling = decide(THINGS + "evidence e: forall p in box: g(p) <= 3").ruling
    assert ruling == (None, "", "timeout", "told to")


def give_up(_: Program, __: float) -> Outcome | Empty:
    return Stuck("timeout", "told to")


def test_a_wrong_point_refutes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def lie(program: Program, _: float) -> Outcome:
        return Met((Fraction(0),) * len(program.box))

    monkeypatch.setattr(evidence, "search", lie)
    ruling = decide(THINGS + "evidence e: forall p in box: g(p) <= 3").ruling
    assert (ruling.value, ruling.reason) == (None, "incomplete")
    assert "not confirmed" in ruling.detail


def test_points_are_as_simple_as_they_can_be() -> None:
    decided = decide(THINGS + "evidence e: forall x: Real. f(x) <= 0.7")
    assert '"terms": ["2/1"]' in decided.ruling.certificate


def test_it_ends_in_time() -> None:
    problem = make_problem(THINGS + "evidence e: forall p in box: g(p) <= 3")
    begun = time.monotonic()
    assert decide_evidence(problem, 0.0).reason == "timeout"
    assert time.monotonic() - begun < 5


def test_the_job_answers_in_plain_data() -> None:
    problem = make_problem(THINGS + "evidence e: f(1) = 0")
    answer = job({"problem": problem.text(), "seconds": 5})
    assert answer["value"] is True and isinstance(answer["certificate"], str)
