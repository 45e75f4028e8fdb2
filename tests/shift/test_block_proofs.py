"""Certificates of tv, subpopulation and mixture: against closed forms, and read back."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.shift.tiny_shifts import hat
from verify.kernel.rejections import Rejected
from verify.kernel.terms import REAL, make_at_most, make_number
from verify.shift.archive import check_shift, write_shift
from verify.shift.curves import FEW, find_shift
from verify.shift.masses import blocks
from verify.shift.masses.block_lemmas import (
    ABOVE,
    BELOW,
    CUT,
    find_lemma,
    find_parts,
    make_scheme,
)
from verify.shift.masses.blocks import find_excess, sort_points
from verify.shift.masses.certifying import (
    Bound,
    certify_bounds,
    check_links,
    write_links,
)
from verify.shift.masses.closed_forms import find_groups, keep_part, mean, vary
from verify.shift.mistakes import ShiftError
from verify.shift.questions import Effort, Question
from verify.shift.regions import make_box
from verify.shift.samples import Sample, make_samples

F = Fraction
LOSSES = st.lists(
    st.fractions(min_value=0, max_value=8, max_denominator=6), min_size=1, max_size=9
)
BUDGETS = st.fractions(min_value=F(1, 9), max_value=1, max_denominator=9)


def make_data(losses: list[Fraction], groups: str = "") -> tuple[Sample, ...]:
    count = len(losses)
    named = [groups[k % len(groups)] for k in range(count)] if groups else None
    weights = [F(1 + k % 3) for k in range(count)]
    return make_samples([()] * count, [()] * count, weights, named)


def find_bounds(
    ball: str,
    samples: tuple[Sample, ...],
    losses: list[Fraction],
    budgets: list[Fraction],
) -> list[Bound]:
    weights = [sample.weight for sample in samples]
    if ball == "mixture":
        names = [sample.group for sample in samples]
        return [Bound(F(0), F(0), find_groups(losses, weights, names)[0].risk)]
    found = [(vary if ball == "tv" else keep_part)(losses, weights, e) for e in budgets]
    return [
        Bound(e, one.threshold, one.bound)
        for e, one in zip(budgets, found, strict=True)
    ]


@pytest.mark.parametrize("ball", ["tv", "subpopulation", "mixture"])
@settings(max_examples=15)
@given(LOSSES, BUDGETS, BUDGETS)
def test_every_closed_form_is_certified(
    ball: str, losses: list[Fraction], one: Fraction, other: Fraction
) -> None:
    samples = make_data(losses, "ab")
    bounds = find_bounds(ball, samples, losses, [one, other])
    links = certify_bounds(ball, samples, losses, bounds)
    shown = [link.bound for link in links if link.bound is not None]
    assert shown == list(range(len(bounds)))


@pytest.mark.parametrize("ball", ["tv", "subpopulation", "mixture"])
@settings(max_examples=10)
@given(losses=LOSSES, budget=BUDGETS)
def test_no_smaller_bound_is_accepted(
    ball: str, losses: list[Fraction], budget: Fraction
) -> None:
    samples = make_data(losses, "ab")
    (bound,) = find_bounds(ball, samples, losses, [budget])
    wrong = bound._replace(value=bound.value - F(1, 1000))
    links = tuple(write_links(ball, samples, losses, [wrong]))
    with pytest.raises(Rejected, match=r"a false constant|a multiplier from 0 on"):
        list(check_links(links, lambda _, certificate: certificate.text))


@pytest.fixture
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blocks, "LEAF", 8)
    monkeypatch.setattr(blocks, "FAN", 3)


@pytest.mark.usefixtures("small_blocks")
@pytest.mark.parametrize("ball", ["tv", "subpopulation"])
def test_many_points_go_in_blocks_and_budgets_share_them(ball: str) -> None:
    losses = [F(k * 7919 % 500, 64) for k in range(60)]
    samples = make_data(losses)
    bounds = find_bounds(ball, samples, losses, [F(k, 12) for k in (1, 2, 5, 7)])
    links = certify_bounds(ball, samples, losses, bounds)
    leaves = sum(not link.cites for link in links)
    assert leaves <= 2 * 8 + len(bounds)
    last = [link for link in links if link.bound is not None]
    assert len(last) == len(bounds) and all(link.cites for link in last)


@pytest.mark.usefixtures("small_blocks")
def test_the_last_certificate_rests_on_the_ball_alone() -> None:
    losses = [F(k) for k in range(60)]
    samples = make_data(losses)
    bounds = find_bounds("tv", samples, losses, [F(1, 5)])
    links = tuple(write_links("tv", samples, losses, bounds))
    link, accepted = list(check_links(links, lambda _, one: one.text))[-1]
    assert link.bound == 0 and not accepted.open
    assert {kind for kind, _ in accepted.rests_on} == {"premise"}
    spoken = " ".join(text for _, text in accepted.rests_on)
    assert all(f" q_{row}" in spoken for row in range(1, 61))
    wanted = make_number(bounds[0].value, REAL)
    goal = accepted.problem.goal
    assert goal == make_at_most(goal.args[0], wanted)


@pytest.mark.usefixtures("small_blocks")
def test_blocks_add_up() -> None:
    losses = [F(k * k % 701, 3) for k in range(200)]
    data = sort_points(losses, [F(1, len(losses))] * len(losses))
    assert len(data.losses) == len(set(losses)) and sum(data.weights) == 1
    scheme = make_scheme(data, gains=True)
    assert scheme.root.mass == 1
    kinds = set()
    for threshold in data.losses:
        above = mean([max(x - threshold, F(0)) for x in losses], [F(1)] * len(losses))
        assert find_excess(data, scheme.root, threshold) == above / len(losses)
        kinds |= {part.kind for part in find_parts(find_lemma(scheme.root, threshold))}
    assert kinds == {BELOW, ABOVE, CUT}


def ask(count: int = 8) -> Question:
    points = [(F(k % 5),) for k in range(count)]
    targets = [(F(k % 3),) for k in range(count)]
    names = ["young" if k % 2 else "old" for k in range(count)]
    samples = make_samples(points, targets, None, names)
    return Question(hat(), samples, "l1", make_box((F(0),), (F(4),)))


def keep(folder: Path, ball: str, count: int = 8) -> Question:
    question = ask(count)
    budgets = [F(1, 4), F(1, 2)]
    shift = find_shift(question, ball, budgets, Effort(), certify=True)
    assert {level.trust for level in shift.levels} == {"certified"}
    written = write_shift(folder, question, ball, shift, None)
    assert written == len(list(folder.glob("lemma-*.jsonl"))) == len(shift.links)
    wanted = [(one.budget, one.lower, one.upper) for one in shift.levels]
    assert check_shift(folder, question, ball) == tuple(wanted)
    return question


@pytest.mark.parametrize("ball", ["tv", "subpopulation", "mixture"])
def test_evidence_is_read_back(ball: str, tmp_path: Path) -> None:
    keep(tmp_path, ball)


@pytest.mark.parametrize(
    ("ball", "change", "reason"),
    [
        ("tv", {"upper": "1/3"}, "a certificate for this problem"),
        ("tv", {"budget": "1/5"}, "a certificate for this problem"),
        ("tv", {"masses": "1:1 2:1/4"}, "not in the ball"),
        ("tv", {"masses": "1:-1/8"}, "not in the ball"),
        ("tv", {"masses": "99:1"}, "no data point 99"),
        ("subpopulation", {"masses": "1:1 2:0"}, "not in the ball"),
        ("mixture", {"masses": "1:1/4 3:0"}, "not in the ball"),
    ],
)
def test_forged_pages_are_refused(
    ball: str, change: dict[str, str], reason: str, tmp_path: Path
) -> None:
    question = keep(tmp_path, ball)
    page = json.loads((tmp_path / "risk.json").read_text(encoding="utf-8"))
    page["budgets"][0].update(change)
    (tmp_path / "risk.json").write_text(json.dumps(page), encoding="utf-8")
    with pytest.raises((ShiftError, Rejected), match=reason):
        check_shift(tmp_path, question, ball)


def test_evidence_about_other_data_is_refused(tmp_path: Path) -> None:
    question = keep(tmp_path, "tv")
    first = question.samples[0]._replace(target=(F(7),))
    other = question._replace(samples=(first, *question.samples[1:]))
    with pytest.raises(Rejected, match="a certificate for this problem"):
        check_shift(tmp_path, other, "tv")
    with pytest.raises(ShiftError, match="another ball"):
        check_shift(tmp_path, question, "subpopulation")


def test_a_spoilt_certificate_is_refused(tmp_path: Path) -> None:
    question = keep(tmp_path, "tv")
    (file,) = sorted(tmp_path.glob("lemma-*.jsonl"))[:1]
    text = file.read_text(encoding="utf-8").replace(
        '"multipliers": ["', '"multipliers": ["1'
    )
    file.write_text(text, encoding="utf-8")
    with pytest.raises(Rejected, match="a sum in which every term cancels"):
        check_shift(tmp_path, question, "tv")


def test_many_points_are_certified_only_where_asked() -> None:
    question = ask(FEW + 1)
    shift = find_shift(question, "tv", [F(1, 4)], Effort())
    assert not shift.links and shift.levels[0].trust == "arithmetic"


def test_numbers_too_long_for_certificates_leave_arithmetic() -> None:
    losses = [F(1, 3**3000), F(1)]
    bounds = find_bounds("tv", make_data(losses), losses, [F(1, 4)])
    assert certify_bounds("tv", make_data(losses), losses, bounds) == ()


@pytest.mark.campaign
@pytest.mark.parametrize("ball", ["tv", "subpopulation", "mixture"])
def test_ten_thousand_points_are_certified(ball: str) -> None:
    losses = [F(k * 7919 % 99991, 256) for k in range(10_000)]
    samples = make_data(losses, "abc")
    bounds = find_bounds(ball, samples, losses, [F(1, 3)])
    assert certify_bounds(ball, samples, losses, bounds)[-1].bound == 0
