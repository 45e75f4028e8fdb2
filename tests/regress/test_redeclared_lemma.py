"""A lemma's problem may not declare a name differently from the problem that cites it."""

from __future__ import annotations

from itertools import product

import pytest

from tests.proofs import certify, rejects, step
from verify.kernel.check import Accepted, check
from verify.kernel.problem import read_problem
from verify.kernel.rejections import Rejected

# Where U has one element, no x differs from c; so P1 is false, and p follows.
LEMMA = """\
(problem 1)
(finite U a)
(symbol c () U)
(symbol p () Bool)
(premise P1 (exists (?x U) (not (= ?x c))))
(goal p)
"""
OTHER = "(exists (?x U) (not (= ?x c)))"


def lemma() -> Accepted:
    """The lemma's proof; the signs of formal equations are fixed by hashes."""
    for signs in product(("1", "-1"), repeat=2):
        lines = [
            step(1, "premise", name="P1"), step(2, "witness", formula=OTHER),
            step(3, "element", term="!2"), step(4, "element", term="c"),
            step(5, "combine", literals=["(= !2 a)", "(= c a)"], multipliers=list(signs)),
            step(6, "clause", literals=[], hints=[1, 2, 3, 4, 5]),
        ]  # fmt: skip
        try:
            return check(LEMMA, certify(LEMMA, "proved", *lines))
        except Rejected:
            continue
    raise AssertionError("no choice of signs fits")


def cite(declarations: str) -> Accepted:
    """p from the lemma, in a problem with other declarations."""
    proof = read_problem(LEMMA).sha()
    text = f"(problem 1)\n{declarations}(symbol p () Bool)\n(lemma l {proof} p)\n(goal p)\n"
    lines = [step(1, "lemma", name="l"), step(2, "goal"),
             step(3, "clause", literals=[], hints=[1, 2])]  # fmt: skip
    return check(text, certify(text, "proved", *lines), (lemma(),))


def test_the_same_declarations_are_accepted() -> None:
    accepted = cite("(finite U a)\n(symbol c () U)\n")
    assert accepted.rests_on == {("premise", OTHER)}


@pytest.mark.parametrize(
    "declarations",
    [
        "(sort U)\n(symbol c () U)\n",
        "(finite U a b)\n(symbol c () U)\n",
        "(sort U)\n(sort V)\n(symbol c () V)\n",
        "(symbol c () Int)\n",
    ],
)
def test_a_lemma_about_other_things_of_the_same_name_is_rejected(
    declarations: str,
) -> None:
    with rejects("declar"):
        cite(declarations)
