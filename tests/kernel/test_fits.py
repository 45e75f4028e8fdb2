"""Lower bounds on losses: the formula, the duals, whole proofs, and lies."""

from __future__ import annotations

from fractions import Fraction
from random import Random
from typing import Any

import pytest
from hypothesis import given

from tests.kernel import hat_proof
from tests.kernel.hat_proof import BEST, OWN, PROBLEM, fit, number, steps
from tests.proofs import certify, rejects
from tests.strategies import seeds
from verify.kernel import terms
from verify.kernel.check import Proof, check
from verify.kernel.counting import run_all
from verify.kernel.fits import LOSSES, Data, check_labels, kappa, make_fit, support
from verify.kernel.rejections import Rejected
from verify.kernel.terms import REAL
from verify.kernel.text import write_term

TEXT = PROBLEM.text()


def test_the_best_loss_of_one_unit_on_three_points() -> None:
    accepted = check(TEXT, certify(TEXT, "proved", *steps()))
    assert accepted.statement == "(= best 1/1)"
    assert "best" in {word.name for word in accepted.vocabulary}


def take(**changes: Any) -> Proof:
    proof = Proof(PROBLEM)
    proof.take({"id": 1, "rule": "fit", **fit(**changes)})
    return proof


LIES = {
    "a dual too few": (
        {"duals": hat_proof.DUALS[:2]}, "a dual vector for each choice of cells", "none"),
    "no dual": ({"duals": []}, "a dual vector", "none"),
    "no dual without units": ({"duals": [], "hidden": 0}, "a dual vector", "none"),
    "two units": ({"hidden": 2}, "a dual vector for each choice of cells", "none"),
    "a higher bound": ({"bound": "1001/1000"}, "dual vectors of value 1001/1000", "1"),
    "a number above 1": (
        {"duals": [["-1", "2", "-1"]]}, "numbers from -1 to 1", "others"),
    "another sum": ({"duals": [["0", "1", "0"]]}, "dual vectors of sum 0", "another"),
    "a number too few": ({"duals": [["-1", "1"]]}, "a number a point", "2"),
    "another loss": ({"loss": "l3"}, "a loss among l1, squared", "l3"),
    "labels": ({"loss": "hinge"}, "targets -1 or 1", "others"),
    "squared": ({"loss": "squared"}, "dual vectors of value 1", "5/8"),
    "largest": ({"loss": "linf"}, "absolute values of sum 1", "more"),
    "no points": (
        {"points": [], "targets": [], "offsets": []}, "points, inputs of one size", "others"),
    "a target too few": ({"targets": ["0/1"]}, "points, inputs of one size", "others"),
    "points of two sizes": (
        {"points": [["0/1"], ["1/1", "1/1"], ["2/1"]]}, "points, inputs of one", "others"),
    "units below 0": ({"hidden": -1}, "from 0 to 50 units", "-1"),
    "many units": ({"hidden": 51}, "from 0 to 50 units", "51"),
    "a term without a value": (
        {"targets": ["best", "1/1", "0/1"]}, "numerals, or terms with values", "another"),
    "a value alone": ({"values": [["best"]]}, "pairs of a term and a number", "1 items"),
    "values": ({"values": ["best"]}, "a list of lists", "other items"),
    "many nodes": (
        {"points": [["0/1"] * 2000] * 3, "hidden": 50}, "at most 200000 nodes", "300303"),
    "many inputs": (
        {"points": [["0/1"] * 10] * 3}, "at most 9 inputs", "10"),
}  # fmt: skip


@pytest.mark.parametrize("name", LIES)
def test_a_bound_that_was_not_shown_is_refused(name: str) -> None:
    changes, expected, got = LIES[name]
    with rejects(expected, got, rule="fit", step=1):
        take(**changes)


def test_without_a_constant_duals_need_no_sum() -> None:
    proof = take(constant=False, hidden=0, duals=[["0", "1", "0"]])
    (clause,) = proof.clauses[1]
    assert len(clause) == 1


def test_no_loss_is_below_zero() -> None:
    assert take(bound="0", duals=[]).clauses[1] == take(bound="0").clauses[1]


def test_values_are_conditions() -> None:
    """A target may be a term: the bound then holds if it has that value."""
    proof = take(targets=["0/1", "best", "0/1"], values=[["best", "1"]])
    (clause,) = proof.clauses[1]
    assert proof.literal(proof.read("(not (= best 1/1))")) in clause
    assert len(clause) == 2


def test_a_numeral_is_no_other_number() -> None:
    """Taken to be another, it makes the clause hold by itself."""
    told = take(bound="0", values=[["0/1", "0"]])
    assert -1 in next(iter(told.clauses[1]))
    lied = take(bound="0", values=[["1/1", "0"]])
    assert 1 in next(iter(lied.clauses[1]))


def test_labels_that_cannot_all_be_right() -> None:
    labels = {"loss": "zero_one", "targets": ["-1/1", "1/1", "-1/1"]}
    take(**labels, duals=[["-1", "2", "-1"], ["-1", "1", "0"], ["0", "1", "-1"]])
    refused = {
        "1 wrong points for each choice of cells": {"duals": [["-1", "2", "-1"]]},
        "numbers of their targets' signs": {"duals": [["1", "-2", "1"]]},
        "a combination that is at most 0": {"duals": [["0", "0", "0"]]},
    }
    for expected, changes in refused.items():
        with rejects(expected, rule="fit", step=1):
            take(**labels, **changes)
    with rejects("2 wrong points for each choice", "fewer", rule="fit", step=1):
        take(
            **labels,
            bound="3/2",
            duals=[["-1", "2", "-1"], ["-1", "1", "0"], ["0", "1", "-1"]],
        )


def test_an_offset_on_the_wrong_side_shows_nothing() -> None:
    data = Data("zero_one", ((Fraction(0),),), (Fraction(1),), (Fraction(1),))
    with rejects("a combination that is at most 0", "1"):
        support(data, (Fraction(1),))


def test_zero_one_has_no_kappa() -> None:
    data = Data("zero_one", ((Fraction(0),),), (Fraction(1),), (Fraction(0),))
    with rejects("a convex loss", "zero_one"):
        kappa(data, (Fraction(0),))
    with rejects("a number a point", "2"):
        support(data, (Fraction(0), Fraction(1)))


def some(random: Random, low: int = -6, high: int = 6) -> Fraction:
    return Fraction(random.randint(low, high), random.choice((1, 2, 3)))


def direct(data: Data, outputs: list[Fraction]) -> Fraction:
    pairs = [*zip(outputs, data.targets, strict=True)]
    losses = {
        "l1": lambda: sum(abs(g - y) for g, y in pairs),
        "squared": lambda: sum((g - y) ** 2 for g, y in pairs),
        "linf": lambda: max(abs(g - y) for g, y in pairs),
        "hinge": lambda: sum(max(Fraction(0), 1 - y * g) for g, y in pairs),
        "zero_one": lambda: sum(Fraction(y * g <= 0) for g, y in pairs),
    }
    return Fraction(losses[data.loss]())


class Drawn:
    """Random data and parameters, and what the network gives."""

    def __init__(self, random: Random, loss: str) -> None:
        count, size = random.randint(1, 4), random.randint(1, 2)
        self.hidden, self.constant = random.randint(0, 2), random.random() < 0.7
        signs = (Fraction(-1), Fraction(1))
        labels = loss in ("hinge", "zero_one")
        self.data = Data(
            loss,
            tuple(tuple(some(random) for _ in range(size)) for _ in range(count)),
            tuple(
                random.choice(signs) if labels else some(random) for _ in range(count)
            ),
            tuple(some(random, -2, 2) for _ in range(count)),
        )
        self.parameters = [some(random)] if self.constant else []
        self.outputs = [o + sum(self.parameters) for o in self.data.offsets]
        for _ in range(self.hidden):
            sign, *weights, bias = (some(random) for _ in range(size + 2))
            self.parameters += [sign, *weights, bias]
            for place, point in enumerate(self.data.points):
                inner = sum(w * x for w, x in zip(weights, point, strict=True)) + bias
                self.outputs[place] += max(inner, Fraction(0)) * (
                    1 if sign >= 0 else -1
                )

    def formula(self) -> terms.Term:
        return make_fit(
            self.data.loss,
            [[number(x) for x in point] for point in self.data.points],
            [number(y) for y in self.data.targets],
            [number(o) for o in self.data.offsets],
            self.hidden,
            constant=self.constant,
        )


@given(seeds())
def test_the_formula_says_what_the_loss_is(random: Random) -> None:
    for loss in LOSSES:
        drawn = Drawn(random, loss)
        value = direct(drawn.data, drawn.outputs)
        for bound in (value, value + Fraction(1, 1000)):
            body = drawn.formula()
            for parameter in (bound, *drawn.parameters):
                body = terms.instantiate(body, number(parameter))
            assert all(run_all(body, [], {})) == (bound <= value)


@given(seeds())
def test_no_loss_is_below_what_a_dual_shows(random: Random) -> None:
    """kappa(r) - <r, g - offset> bounds the loss of any outputs g."""
    for loss in ("l1", "squared", "linf", "hinge"):
        drawn = Drawn(random, loss)
        count = len(drawn.data.points)
        dual = [Fraction(random.randint(-4, 4), 4) for _ in range(count)]
        if loss == "linf":
            dual = [r / count for r in dual]
        if loss == "hinge":
            dual = [abs(r) * y for r, y in zip(dual, drawn.data.targets, strict=True)]
        check_labels(drawn.data)
        pairs = zip(dual, drawn.outputs, drawn.data.offsets, strict=True)
        moved = sum(r * (g - o) for r, g, o in pairs)
        assert (
            direct(drawn.data, drawn.outputs) >= kappa(drawn.data, tuple(dual)) - moved
        )


def test_hinge_duals_are_shares() -> None:
    data = Data("hinge", ((Fraction(0),),), (Fraction(-1),), (Fraction(0),))
    assert kappa(data, (Fraction(-1, 2),)) == Fraction(1, 2)
    for wrong in (Fraction(1, 2), Fraction(-3, 2)):
        with rejects("shares from 0 to 1", "others"):
            kappa(data, (wrong,))


def test_the_infimum_is_of_the_formula() -> None:
    assert terms.instantiate(BEST.formula, terms.make_number(0, REAL)).op == "forall"


def test_the_formula_leaves_out_what_is_nothing() -> None:
    """No summand 0, no factor 1, no offset 0, no target 0; a target is taken off as one
    numeral, and a term by a factor -1."""
    one, half, none = number("1/1"), number("1/2"), number("0/1")
    front = "".join(
        f"(forall (?{name} Real) " for name in ("v", "s1", "w1_1", "w1_2", "b1")
    )
    inner = "(+ ?w1_1 (* 1/2 ?w1_2) ?b1)"
    unit = f"(if (<= 0/1 {inner}) {inner} 0/1)"
    output = f"(if (<= 0/1 ?s1) {unit} (* -1/1 {unit}))"
    other = output.replace(inner, "(+ (* 1/2 ?w1_1) ?b1)")
    error, moved = f"(+ {output} -1/2)", f"(+ 1/2 {other} (* -1/1 best))"
    body = f"(<= ?v (+ (* {output} {output}) (* {error} {error}) (* {moved} {moved})))"
    made = make_fit(
        "squared",
        [[one, half], [one, half], [half, none]],
        [none, half, OWN],
        [none, none, half],
        1,
        constant=False,
    )
    assert write_term(made) == front + body + ")" * 5


def test_a_formula_has_as_many_parts_as_a_term_may() -> None:
    """Counted before it is made: 1000 points of 1 and 199, then 409 of 1 and 488."""
    zero = number("0/1")

    def made(points: int, inputs: int) -> terms.Term:
        zeros = [zero] * points
        return make_fit(
            "l1", [[zero] * inputs] * points, zeros, zeros, 1, constant=False
        )

    assert made(1000, 197).loose == 0
    with rejects("at most 200000 nodes", "200001"):
        made(409, 486)


def test_a_refused_shape_says_what_is_wanted() -> None:
    with pytest.raises(Rejected) as caught:
        make_fit("l1", [], [], [], 0, constant=True)
    wanted = "points, inputs of one size, a target and an offset for each"
    assert str(caught.value) == f"expected {wanted}, got others"


@pytest.mark.parametrize("loss", ["hinge", "zero_one"])
def test_labels_are_signs(loss: str) -> None:
    labels = (Fraction(-1), Fraction(1), Fraction(1, 2))
    data = Data(loss, ((),) * 3, labels, (Fraction(0),) * 3)
    with rejects("targets -1 or 1", "others"):
        check_labels(data)
    check_labels(data._replace(targets=(*labels[:2], Fraction(1))))


def test_a_support_follows_the_signs_of_its_targets() -> None:
    data = Data("zero_one", ((), ()), (Fraction(1), Fraction(-1)), (Fraction(0),) * 2)
    assert support(data, (Fraction(0), Fraction(-1, 2))) == 0b10
    with rejects("numbers of their targets' signs", "not"):
        support(data, (Fraction(1), Fraction(1, 2)))
