"""Worst-case risks: what their formulas are about, and budgets that make no sense."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.language.measuring import holds_at, least_bound, quantity
from tests.language.reading import last, mistake, read
from verify.language.descriptions import describe_quantity
from verify.language.errors import ClaimError
from verify.language.printing import render_term
from verify.language.quantities import Ball
from verify.language.reader import read_document

F = Fraction
THINGS = """\
network f(v: Real) := relu(v - 1)
network g(u: Real, v: Real) := u - v
data D := points (1; 0) (3; 0)
data E := points (0; 0) (2; 0) (5; 0)
data P := points (0, 1; 0) (1, 1; 0)
data L := points (0; 1) (2; -1)
region R(v: Real) := 0 <= v <= 4
region low(v: Real) := v <= 2
region box(u: Real, v: Real) := 0 <= u <= 1 and 0 <= v <= 1
region image(v: Real) := f(v) <= 1
region odd(v: Real) := exists w: Real. v = 2*w
circuit C := units(f, 1: {1})
def e := 1/8
"""
FUNCTIONS = {
    "f": lambda v: max(F(0), v - 1),
    "g": lambda u, v: u - v,
    "f.without.C": lambda v: F(0),
}


def only(ball: str, start: str = "risk(f, D, l1, ") -> tuple[str, str]:
    """The name and the kind of the only quantity."""
    document = read(f"{THINGS}evidence e1: {start}{ball}) <= 1", "")
    assert not document.statements[-1].unsupported
    (found,) = document.quantities
    formula = document.statements[-1].formula
    assert formula is not None
    assert render_term(formula) == f"{found.written} <= 1"
    return found.name, found.written


@pytest.mark.parametrize(
    ("ball", "name", "written"),
    [
        ("tv(1/3)", "risk.f.D.l1.tv.1_3", "risk(f, D, l1, tv(1/3))"),
        ("tv(e + e)", "risk.f.D.l1.tv.1_4", "risk(f, D, l1, tv(1/4))"),
        ("tv(1)", "risk.f.D.l1.tv.1", "risk(f, D, l1, tv(1))"),
        ("subpopulation(0.5)", "risk.f.D.l1.subpopulation.1_2", ""),
        ("mixture(E)", "risk.f.D.l1.mixture.E", ""),
        ("region(R)", "risk.f.D.l1.region.R", ""),
        ("wasserstein(2, R)", "risk.f.D.l1.wasserstein.2.R", ""),
        ("wasserstein(1/2, R, l1)", "risk.f.D.l1.wasserstein.1_2.R",
         "risk(f, D, l1, wasserstein(1/2, R))"),
        ("wasserstein(1/2, R, linf)", "risk.f.D.l1.wasserstein.1_2.R.linf", ""),
    ],
)  # fmt: skip
def test_names_and_what_is_printed(ball: str, name: str, written: str) -> None:
    assert only(ball) == (
        name,
        written or f"risk(f, D, l1, {ball})".replace("0.5", "1/2"),
    )


def test_a_network_less_a_circuit() -> None:
    name, written = only("tv(1/3)", "risk(without(f, C), D, squared, ")
    assert name == "risk.f.without.1.C.D.squared.tv.1_3"
    assert written == "risk(without(f, C), D, squared, tv(1/3))"


@pytest.mark.parametrize(
    ("ball", "column", "message", "fix"),
    [
        ("tv(-1/4)", 31, "the budget of tv is 0 or more and at most 1, got `-1/4`", "tv(1/4)"),
        ("tv(5/4)", 31, "the budget of tv is 0 or more and at most 1", "write tv(1/4)"),
        ("tv(f(0))", 31, "the budget of tv is a number, and `f(0)` is none", "1/4"),
        ("tv(true)", 31, "the budget of tv is a Real, and `true` is a Bool", ""),
        ("tv(x)", 31, "unknown name `x`", ""),
        ("tv(1/4, R)", 28, "tv takes a term; here it has 2 arguments", ""),
        ("subpopulation(0)", 42, "is more than 0 and at most 1, got `0`", "subpopulation"),
        ("subpopulation(2)", 42, "is more than 0 and at most 1, got `2`", ""),
        ("wasserstein(-1, R)", 40, "the budget of wasserstein is 0 or more, got `-1`", ""),
        ("wasserstein(1)", 28, "wasserstein takes a term, a region, l1 or linf", ""),
        ("wasserstein(1, D)", 43, "wasserstein takes a region here, and `D` is none", ""),
        ("wasserstein(1, R, l2)", 46, "wasserstein takes l1 or linf here", "l1 or linf"),
        ("wasserstein(1, box)", 43, "D have 1 number, and those of box 2", "its inputs"),
        ("wasserstein(1, low)", 43, "point 2 of D lies outside of low", "has the data"),
        ("region(box)", 35, "of D have 1 numbers, and those of box 2", "its inputs"),
        ("mixture", 28, "D has no column `group`", "mixture(E)"),
        ("mixture(P)", 36, "the points of P have 2 numbers, and f takes 1", ""),
        ("mixture(E, E)", 39, "E is named twice", "leave one"),
        ("mixture(R)", 36, "mixture takes a data set here, and `R` is none", ""),
        ("ball(1)", 28, "risk takes a ball of distributions here", "write tv(e)"),
        ("tv", 28, "risk takes a ball of distributions here", "write tv(e)"),
    ],
)  # fmt: skip
def test_a_ball_that_is_none_is_a_sentence_at_its_place(
    ball: str, column: int, message: str, fix: str
) -> None:
    found = mistake(f"{THINGS}evidence q: risk(f, D, l1, {ball}) <= 1", "")
    text = found.message.replace("1 number,", "1 numbers,")
    assert message.replace("1 number,", "1 numbers,") in text and fix in found.fix
    assert (found.line, found.column) == (THINGS.count("\n") + 1, column)


@pytest.mark.parametrize(
    ("formula", "column", "message"),
    [
        ("tv(1/4) = 0", 13, "`tv` is a ball of distributions, and no term"),
        (
            "forall t: Real. risk(f, D, l1, tv(t)) <= 1",
            47,
            "speaks of `t`, which is bound",
        ),
        ("risk(f, L, hinge, mixture(E)) <= 1", 39, "hinge is for labels -1 and 1"),
        ("risk(f, D, linf, tv(1/4)) <= 1", 24, "linf is a maximum"),
    ],
)
def test_other_mistakes_about_balls(formula: str, column: int, message: str) -> None:
    found = mistake(f"{THINGS}evidence q: {formula}", "")
    assert message in found.message and found.column == column


def test_a_definition_gives_a_budget_and_none_with_parameters_does() -> None:
    found = mistake(f"{THINGS}def worst(t: Real) := risk(f, D, l1, tv(t))", "")
    assert (
        "the budget of tv speaks of `t`, which is bound outside of it" in found.message
    )


SHARES = st.lists(st.integers(0, 3), min_size=3, max_size=3).filter(any)


@given(moved=SHARES, budget=st.sampled_from([F(0), F(1, 3), F(1, 2), F(1)]))
@settings(max_examples=50)
def test_total_variation(moved: list[int], budget: Fraction) -> None:
    document = read(f"{THINGS}evidence q: risk(f, E, l1, tv({budget})) <= 1", "")
    (found,) = document.quantities
    shares = [F(one, sum(moved)) for one in moved]
    value = shares[1] + 4 * shares[2]  # losses 0, 1, 4
    assert least_bound(found, shares, FUNCTIONS) == value
    near = sum(abs(q - F(1, 3)) for q in shares) <= 2 * budget
    assert holds_at(found, [value - 1, *shares], FUNCTIONS) != near
    assert holds_at(found, [value, *shares], FUNCTIONS)
    assert holds_at(found, [-9, *[2 * q for q in shares]], FUNCTIONS)


@given(moved=SHARES, part=st.sampled_from([F(1, 3), F(1, 2), F(1)]))
@settings(max_examples=50)
def test_subpopulations(moved: list[int], part: Fraction) -> None:
    document = read(
        f"{THINGS}evidence q: risk(f, E, l1, subpopulation({part})) <= 1", ""
    )
    (found,) = document.quantities
    shares = [F(one, sum(moved)) for one in moved]
    value = shares[1] + 4 * shares[2]
    inside = all(q * part <= F(1, 3) for q in shares)
    assert holds_at(found, [value - 1, *shares], FUNCTIONS) != inside
    assert holds_at(found, [value, *shares], FUNCTIONS)


def test_mixtures_of_data_sets() -> None:
    document = read(f"{THINGS}evidence q: risk(f, D, l1, mixture(E)) <= 1", "")
    (found,) = document.quantities
    assert found.ball == Ball("mixture", groups=("E",))
    # mean losses 1 and 5/3
    assert least_bound(found, [F(1, 4), F(3, 4)], FUNCTIONS) == F(1, 4) + F(5, 4)
    assert not holds_at(found, [1, F(1, 4), F(3, 4)], FUNCTIONS)
    assert holds_at(found, [1, F(1, 4), F(1, 4)], FUNCTIONS)
    assert describe_quantity(document, found)["ball"]["groups"][1]["data"] == "E"


PLACES = st.tuples(*[st.integers(-1, 5)] * 4)


@given(places=PLACES, parts=st.tuples(*[st.integers(0, 4)] * 2))
@settings(max_examples=60)
def test_transport(places: tuple[int, ...], parts: tuple[int, int]) -> None:
    document = read(f"{THINGS}evidence q: risk(f, D, l1, wasserstein(1, R)) <= 1", "")
    (found,) = document.quantities
    one, other = F(parts[0], 4), F(parts[1], 4)
    u1, w1, u2, w2 = places
    masses = [one / 2, (1 - one) / 2, other / 2, (1 - other) / 2]
    cost = sum(
        mass * abs(place - origin)
        for mass, place, origin in zip(masses, places, (1, 1, 3, 3), strict=True)
    )
    value = sum(m * max(0, x - 1) for m, x in zip(masses, places, strict=True))
    numbers = [one, u1, w1, other, u2, w2]
    assert least_bound(found, numbers, FUNCTIONS) == value
    allowed = cost <= 1 and all(0 <= place <= 4 for place in places)
    assert holds_at(found, [value - 1, *numbers], FUNCTIONS) != allowed
    assert holds_at(found, [value, *numbers], FUNCTIONS)


def test_distances_in_the_plane() -> None:
    text = (
        "evidence q: risk(g, P, l1, wasserstein(1/2, box)) <= 1 and "
        "risk(g, P, l1, wasserstein(1/2, box, linf)) <= 1 and risk(g, P, l1, region(box)) <= 1"
    )
    document = read(THINGS + text, "")
    l1, linf, region = document.quantities
    # all of point 1 goes from (0, 1) to (1/2, 1/2): l1 cost 1/2, linf cost 1/4
    numbers = [1, F(1, 2), F(1, 2), 0, 1, 1, 1, 1, 1, 1]
    for found in (l1, linf):
        assert least_bound(found, numbers, FUNCTIONS) == 0
        assert not holds_at(found, [-1, *numbers], FUNCTIONS)
    far = [1, 1, 0, 0, 1, 1, 1, 1, 1, 1]  # to (1, 0): 2 and 1
    assert holds_at(l1, [-1, *far], FUNCTIONS)
    assert not holds_at(linf, [-1, *far], FUNCTIONS)
    assert least_bound(region, [0, 1, 1, 0], FUNCTIONS) == 1
    assert holds_at(region, [0, 0, 2, 1, 0], FUNCTIONS)


def write(folder: Path, rows: str) -> Path:
    (folder / "claims").mkdir()
    (folder / "d.csv").write_text(rows)
    path = folder / "claims" / "d.claim"
    path.write_text(
        'data D := "../d.csv"\nnetwork f(x: Real) := x\n'
        "evidence m: risk(f, D, l1) = 1\nevidence w: risk(f, D, l1, mixture) <= 1\n"
        "evidence v: risk(f, D, l1, tv(1/8)) <= 1\n"
        "evidence t: risk(f, D, l1, wasserstein(1, all)) <= 1\n".replace(
            "evidence t", "region all(x: Real) := x <= 9\nevidence t"
        )
    )
    return path


def test_weights_and_groups_of_a_table(tmp_path: Path) -> None:
    rows = "x,y,weight,group\n1,0,2,old\n2,0,1,young\n4,0,1,old\n8,0,0,none\n"
    document = read_document(write(tmp_path, rows))
    mean = document.statements[0].formula
    assert mean is not None
    shown = "1/2*abs(f(1)) + 1/4*abs(f(2)) + 1/4*abs(f(4)) = 1"
    assert render_term(mean) == shown
    mixture, near, moved = document.quantities
    assert mixture.name == "risk.f.D.l1.mixture"
    # old: (2*1 + 4)/3, young: 2, none: nobody
    same = {"f": lambda x: x}
    assert least_bound(mixture, [1, 0], same) == 2 and mixture.ball == Ball("mixture")
    assert least_bound(mixture, [F(1, 2), F(1, 2)], same) == 2
    assert not holds_at(near, [0, F(1, 2), F(1, 4), F(1, 8), F(1, 8)], same)
    assert holds_at(near, [0, F(1, 4), F(1, 4), F(1, 4), F(1, 4)], same)
    assert least_bound(moved, [1, 1, 1, 1, 2, 2, 1, 4, 4], same) == 2
    groups = describe_quantity(document, mixture)["ball"]["groups"]
    assert [group["shares"] for group in groups] == [["2/3", "1/3"], ["1"]]


def test_what_is_too_large_is_for_verify_shift() -> None:
    rows = " ".join(f"({i}; 0)" for i in range(181))
    text = f"network f(x: Real) := x\ndata D := points {rows}\n"
    statement = last(text + "evidence q: risk(f, D, l1, tv(1/3)) <= 1", "")
    assert statement.formula is None
    assert statement.unsupported == (
        "what risk(f, D, l1, tv(1/3)) means is too large to be stated for 181 points; ask "
        "`verify shift`, which works on the files"
    )


def test_regions_that_speak_of_networks_or_quantify() -> None:
    document = read(
        f"{THINGS}evidence q: risk(f, D, l1, wasserstein(1, image)) <= 1", ""
    )
    (found,) = document.quantities
    assert document.statements[-1].definitions == ("image",)
    assert holds_at(found, [-1, 1, 1, 1, 1, 3, 3], FUNCTIONS)  # f(3) = 2 is outside
    odd = last(f"{THINGS}evidence q: risk(f, D, l1, region(odd)) <= 1", "")
    assert "the points of odd come with further numbers" in odd.unsupported


def test_a_ball_about_another_kind_of_data() -> None:
    document = read(f"{THINGS}evidence q: risk(f, L, zero_one, tv(1/2)) <= 1", "")
    found = quantity(document, "risk.f.L.zero_one.tv.1_2")
    # f(0) = 0 is wrong for 1, f(2) = 1 for -1
    assert least_bound(found, [1, 0], FUNCTIONS) == 1
    assert describe_quantity(document, found)["network"] == "f"


def test_data_without_targets(tmp_path: Path) -> None:
    (tmp_path / "d.csv").write_text("x\n1\n")
    path = tmp_path / "d.claim"
    path.write_text(
        'data D := "d.csv"\nnetwork f(x: Real) := x\nevidence e: risk(f, D, l1) = 1\n'
    )
    with pytest.raises(ClaimError) as caught:
        read_document(path)
    assert caught.value.message == "D has no targets" and caught.value.column == 21
    assert caught.value.fix == "give it a column whose name begins with y"
