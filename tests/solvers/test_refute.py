"""The search proves what follows, and every proof it returns is one the kernel accepts."""

from __future__ import annotations

import pytest

from verify.kernel.check import check
from verify.kernel.problem import read_problem
from verify.solvers.answers import Budget
from verify.solvers.refute import find_certificate

MODELS = """(problem 1)
(sort Model)
(symbol size (Model) Nat)
(symbol loss (Model) Real)
(symbol K () Nat)
(symbol c () Nat)
(symbol M_d () Model)
"""
HELPS = (
    "(forall (?M Model) (implies (< (size ?M) K) (exists (?N Model) "
    "(and (= (size ?N) (+ (size ?M) 1)) (< (loss ?N) (loss ?M))))))"
)
GROWS = (
    "(forall (?j Nat) (forall (?M Model) (implies (and (<= 1 ?j) (<= (+ (size ?M) ?j) K)) "
    "(exists (?N Model) (and (= (size ?N) (+ (size ?M) ?j)) (< (loss ?N) (loss ?M)))))))"
)
SMALLER = (
    "(exists (?N Model) (and (= (size ?N) (+ K (* -1 c))) (= (loss ?N) (loss M_d))))"
)
BETTER = "(exists (?N Model) (and (= (size ?N) K) (< (loss ?N) (loss M_d))))"

FOLLOWS: dict[str, tuple[str, dict[str, object]]] = {
    "witness and instance": (
        MODELS + "(premise P3 (and (< 0 c) (<= c K)))\n" + f"(premise P4 {SMALLER})\n"
        "(goal (exists (?N Model) (and (< (size ?N) K) (= (loss ?N) (loss M_d)))))\n",
        {},
    ),
    "induction": (
        MODELS + f"(premise P2 {HELPS})\n(goal {GROWS})\n",
        {"method": "induction"},
    ),
    "hints": (
        MODELS + f"(premise P4 {SMALLER})\n(lemma grow {'0' * 64} {GROWS})\n"
        f"(premise P3 (and (< 0 c) (<= c K)))\n(goal {BETTER})\n",
        {"witnesses": [["P4", ["N"]]], "instances": [["grow", ["c", "N"]]]},
    ),
    "hints that are no help": (
        MODELS + f"(premise P4 {SMALLER})\n(lemma grow {'0' * 64} {GROWS})\n"
        f"(premise P3 (and (< 0 c) (<= c K)))\n(goal {BETTER})\n",
        {"witnesses": [["nothing", ["N"]]], "instances": [["grow", ["c"]]]},
    ),
    "parity": (
        "(problem 1)\n(symbol x () Int)\n(symbol a () Int)\n(symbol b () Int)\n"
        "(premise p (= x (* 2 a)))\n(premise q (= x (+ 1 (* 2 b))))\n(goal false)\n",
        {},
    ),
    "integers between": (
        "(problem 1)\n(symbol x () Int)\n(symbol y () Int)\n"
        "(premise p (and (< (* 3 x) (+ 2 (* 3 y))) (< (* 3 y) (* 3 x))))\n(goal false)\n",
        {},
    ),
    "functions": (
        "(problem 1)\n(sort U)\n(symbol f (U) U)\n(symbol a () U)\n"
        "(premise p (= (f (f (f a))) a))\n(premise q (= (f (f (f (f (f a))))) a))\n"
        "(goal (= (f a) a))\n",
        {},
    ),
    "numbers as arguments": (
        "(problem 1)\n(symbol f (Int) Int)\n(symbol x () Int)\n"
        "(premise p (= (f 4) x))\n(premise q (= x 2))\n(goal (= (f (+ x 2)) (f (* 2 x))))\n",
        {},
    ),
    "finite sorts": (
        "(problem 1)\n(finite C r g b)\n(symbol f (C) C)\n(symbol x () C)\n"
        "(premise p (not (= (f r) (f g))))\n(premise q (not (= (f g) (f b))))\n"
        "(premise w (not (= (f r) (f b))))\n(goal (exists (?y C) (= (f ?y) x)))\n",
        {},
    ),
    "conditionals": (
        "(problem 1)\n(symbol x () Real)\n"
        "(goal (<= 0/1 (if (<= 0/1 x) x (* -1/1 x))))\n",
        {},
    ),
    "quotients": (
        "(problem 1)\n(symbol x () Real)\n(premise p (= x 2/1))\n(goal (= (/ 6/1 x) 3/1))\n",
        {},
    ),
    "division is a function": (
        "(problem 1)\n(symbol x () Real)\n(symbol y () Real)\n(premise p (= x y))\n"
        "(goal (= (/ 1/1 x) (/ 1/1 y)))\n",
        {},
    ),
    "predicates of predicates": (
        "(problem 1)\n(symbol p (Bool) Bool)\n(symbol a () Bool)\n"
        "(premise t (p true))\n(premise f (p false))\n(goal (p a))\n",
        {},
    ),
    "a square": (
        "(problem 1)\n(symbol x () Real)\n(symbol y () Real)\n"
        "(goal (<= (* 2/1 x y) (+ (* x x) (* y y))))\n",
        {},
    ),
    "a product": (
        "(problem 1)\n(symbol x () Real)\n(symbol y () Real)\n(premise p (< 0/1 x))\n"
        "(premise q (< 0/1 y))\n(goal (< 0/1 (* x y)))\n",
        {},
    ),
    "cases": (
        "(problem 1)\n(symbol a () Bool)\n(symbol b () Bool)\n(symbol c () Bool)\n"
        "(premise p (or a b))\n(premise q (implies a c))\n(premise r (implies b c))\n"
        "(goal c)\n",
        {"method": "cases"},
    ),
}


@pytest.mark.parametrize("name", FOLLOWS)
def test_what_follows_is_proved(name: str) -> None:
    text, hints = FOLLOWS[name]
    certificate = find_certificate(read_problem(text), hints, Budget(seconds=10))
    assert certificate is not None
    assert check(text, certificate).claim == "proved"


DOES_NOT_FOLLOW = {
    "swapped quantifiers": "(problem 1)\n(sort U)\n(symbol r (U U) Bool)\n"
    "(premise p (forall (?x U) (exists (?y U) (r ?x ?y))))\n"
    "(goal (exists (?y U) (forall (?x U) (r ?x ?y))))\n",
    "the converse": "(problem 1)\n(symbol a () Bool)\n(symbol b () Bool)\n"
    "(premise p (implies a b))\n(premise q b)\n(goal a)\n",
    "a real half": "(problem 1)\n(symbol x () Real)\n(premise p (= (* 2/1 x) 1/1))\n"
    "(goal false)\n",
    "division by zero": "(problem 1)\n(symbol x () Real)\n"
    "(goal (= (* x (/ 1/1 x)) 1/1))\n",
    "a negative index": "(problem 1)\n(symbol f (Nat) Real)\n"
    "(premise p (forall (?n Nat) (= (f ?n) 0/1)))\n(goal (= (f -1) 0/1))\n",
    "no base": "(problem 1)\n(symbol p (Nat) Bool)\n"
    "(premise s (forall (?n Nat) (implies (p ?n) (p (+ ?n 1)))))\n"
    "(goal (forall (?n Nat) (p ?n)))\n",
}


@pytest.mark.parametrize("name", DOES_NOT_FOLLOW)
def test_what_does_not_follow_is_not_proved(name: str) -> None:
    hints = {"method": "induction" if name == "no base" else ""}
    problem = read_problem(DOES_NOT_FOLLOW[name])
    assert find_certificate(problem, hints, Budget(seconds=1)) is None


def test_only_the_facts_a_proof_needs_are_in_it() -> None:
    text = (
        "(problem 1)\n(symbol x () Int)\n(symbol y () Int)\n(premise a (< 3 x))\n"
        "(premise b (< y 0))\n(premise c (= y (* 2 x)))\n(goal (< 2 x))\n"
    )
    certificate = find_certificate(read_problem(text), {}, Budget())
    assert certificate is not None
    assert check(text, certificate).uses == ("a",)
