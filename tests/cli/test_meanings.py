"""What a replayed statement's names mean, printed from the problem itself."""

from __future__ import annotations

import pytest

from verify.cli.meanings import MAX_LENGTH, find_meanings
from verify.kernel.problem import read_problem

NETWORK = (
    "(network 1 (relu -1 0 1) (relu -2 0 1) (linear 1/2 1 3 2 -3) "
    "(outputs (f 3) (f.1.1 1)))"
)
OPTIMUM = (
    "(extremum optimum.S.D.l1 (forall (?v Real) (forall (?c Real) "
    "(<= ?v (+ (f ?c) (* ?c ?c))))))"
)
TOP = "(extremum top (forall (?v Real) (forall (?p Real) (implies (<= ?p 2/1) (<= ?p ?v)))))"
SUM = (
    "(total share -1 1 (forall (?v Real) (forall (?p Real) "
    "(= ?v (if (<= optimum.S.D.l1 ?p) 1/1 0/1)))))"
)


def meanings(goal: str, *declarations: str) -> list[str]:
    text = "\n".join(["(problem 1)", *declarations, f"(goal {goal})", ""])
    return find_meanings(read_problem(text))


def test_a_small_network_is_written_out() -> None:
    assert meanings("(< (f 1/1) 1/1)", NETWORK) == [
        "f(x) is 3*relu(x - 1) + -3*relu(x - 2) + 1/2"
    ]
    assert meanings("(< (f.1.1 1/1) 1/1)", NETWORK) == [
        "unit(f, 1, 1)(x) is relu(x - 1)"
    ]
    flat = "(network 2 (linear 0) (outputs (g 2)))"
    assert meanings("(< (g 1/1 0/1) 1/1)", flat) == ["g(x1, x2) is 0.0"]


def test_another_network_has_a_size_and_a_hash() -> None:
    signs = "(network 1 (sign 0 0 1) (outputs (g 1)))"
    (said,) = meanings("(< (g 1/1) 1/1)", signs)
    assert said.startswith("g(x) is a network of 1 unit, SHA-256 of its declaration ")
    units = " ".join(f"(relu {k} {k} 1)" for k in range(1, 20))
    large = f"(network 1 (relu 0 0 1) {units} (outputs (g 20)))"
    assert "network of 20 units" in meanings("(< (g 1/1) 1/1)", large)[0]


def test_extrema_and_sums_are_said_in_words() -> None:
    declared = (NETWORK, OPTIMUM, TOP, SUM)
    said = meanings("(< share top)", *declared)
    assert said == [
        "f(x) is 3*relu(x - 1) + -3*relu(x - 2) + 1/2",
        "optimum(S, D, l1) is the greatest v such that forall c: Real. v <= f(c) + c^2",
        "top is the least v such that forall p: Real. p <= 2 implies p <= v",
        "share is the sum of all values v of v = (if optimum(S, D, l1) <= p then 1 else 0), "
        "each variable after v being one of -1, 1",
    ]
    assert meanings("(< top 3/1)", *declared) == said[2:3]
    assert meanings("true", *declared) == []


def test_a_long_meaning_is_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    terms = " ".join(f"(* {k}/1 ?c)" for k in range(3, 900))
    long = f"(extremum low (forall (?v Real) (forall (?c Real) (<= ?v (+ {terms})))))"
    (said,) = meanings("(< low 3/1)", long)
    assert len(said) < MAX_LENGTH + 40
    assert said.endswith("characters more)")
