"""Lemmas: bound by hash, resting on what their proofs rest on."""

from __future__ import annotations

import pytest

from tests.proofs import Line, certify, rejects, step
from verify.kernel.check import Accepted, check
from verify.kernel.problem import read_problem

HEAD = "(problem 1)\n(symbol p () Bool)\n(symbol q () Bool)\n(symbol r () Bool)\n"
FIRST = HEAD + "(premise P1 p)\n(admitted A1 (implies p q))\n(goal q)\n"


def prove(text: str, theorems: tuple[Accepted, ...] = ()) -> Accepted:
    """Accept a problem whose facts give the goal by unit propagation."""
    problem = read_problem(text)
    lines: list[Line] = [step(1, "goal")]
    for fact in problem.facts:
        rule = "lemma" if fact.kind == "lemma" else "premise"
        lines.append(step(len(lines) + 1, rule, name=fact.name))
    if "(implies p q)" in text:
        lines.append(step(len(lines) + 1, "define", formula="(implies p q)"))
    if "(implies q r)" in text:
        lines.append(step(len(lines) + 1, "define", formula="(implies q r)"))
    hints = 2 * [line["id"] for line in lines]
    lines.append(step(len(lines) + 1, "clause", literals=[], hints=hints))
    return check(text, certify(text, "proved", *lines), theorems)


def sha(text: str) -> str:
    return read_problem(text).sha()


def second(proof: str, formula: str = "q") -> str:
    return HEAD + (
        f"(premise P2 (implies q r))\n(lemma s1 {proof} {formula})\n(goal r)\n"
    )


def test_a_lemma_rests_on_what_its_proof_rests_on() -> None:
    accepted = prove(second(sha(FIRST)), (prove(FIRST),))
    assert accepted.uses == ("P2", "s1")
    assert accepted.open == frozenset()
    assert accepted.rests_on == {
        ("premise", "p"),
        ("admitted", "(implies p q)"),
        ("premise", "(implies q r)"),
    }


def test_a_lemma_without_its_theorem_stays_open() -> None:
    accepted = prove(second(sha(FIRST)))
    assert accepted.open == {"s1"}
    assert accepted.rests_on == {("premise", "(implies q r)")}


def test_another_theorem_does_not_close_a_lemma() -> None:
    other = HEAD + "(premise P1 q)\n(goal q)\n"
    assert prove(second(sha(FIRST)), (prove(other),)).open == {"s1"}
    assert prove(second("0" * 64), (prove(FIRST),)).open == {"s1"}


def test_what_is_open_underneath_stays_open() -> None:
    middle = second(sha(FIRST))
    last = HEAD + f"(lemma s2 {sha(middle)} r)\n(goal r)\n"
    accepted = prove(last, (prove(middle),))
    assert accepted.open == {"s1"}
    closed = prove(last, (prove(middle, (prove(FIRST),)), prove(FIRST)))
    assert closed.open == frozenset()
    assert ("admitted", "(implies p q)") in closed.rests_on


def test_the_theorem_must_state_the_lemma() -> None:
    """(and q q) says the same as q, but it is another statement."""
    text = second(sha(FIRST), "(and q q)")
    lines = [
        step(1, "lemma", name="s1"),
        step(2, "define", formula="(and q q)"),
        step(3, "premise", name="P2"),
        step(4, "define", formula="(implies q r)"),
        step(5, "goal"),
        step(6, "clause", literals=[], hints=[5, 3, 1, 2, 4]),
    ]
    evidence = certify(text, "proved", *lines)
    assert check(text, evidence).open == {"s1"}
    with rejects(f"the statement that {sha(FIRST)[:12]} proves", "s1"):
        check(text, evidence, (prove(FIRST),))


def test_an_unused_lemma_is_not_looked_at() -> None:
    text = second(sha(FIRST), "(not q)").replace("(goal r)", "(premise P3 r)\n(goal r)")
    lines = [step(1, "premise", name="P3"), step(2, "goal"),
             step(3, "clause", literals=[], hints=[1, 2])]  # fmt: skip
    accepted = check(text, certify(text, "proved", *lines), (prove(FIRST),))
    assert (accepted.uses, accepted.open) == (("P3",), frozenset())


def test_only_accepted_proofs_are_theorems() -> None:
    model = check(
        FIRST.replace("(goal q)", "(goal r)"),
        certify(
            FIRST.replace("(goal q)", "(goal r)"), "refuted",
            *({"symbol": s, "parameters": [], "value": v}
              for s, v in (("p", "true"), ("q", "true"), ("r", "false"))),
        ),
    )  # fmt: skip
    for wrong in (model, "theorem", None, FIRST):
        with rejects("accepted proofs as theorems", type(wrong).__name__):
            prove(second(sha(FIRST)), (wrong,))  # type: ignore[arg-type]


def test_a_model_rests_on_nothing() -> None:
    text = FIRST.replace("(goal q)", "(goal r)")
    values = (("p", "true"), ("q", "true"), ("r", "false"))
    lines = [{"symbol": s, "parameters": [], "value": v} for s, v in values]
    for claim in ("refuted", "consistent"):
        accepted = check(text, certify(text, claim, *lines), (prove(FIRST),))
        assert accepted.claim == claim
        assert (accepted.uses, accepted.rests_on, accepted.open) == (
            (), frozenset(), frozenset(),
        )  # fmt: skip


def test_a_lemma_cannot_be_its_own_proof() -> None:
    """The hash of a problem that cites itself would be a fixed point of SHA-256."""
    text = second("0" * 64)
    for _ in range(3):
        text = second(sha(text))
        assert sha(text) not in text


@pytest.mark.parametrize("kind", ["premise", "admitted"])
def test_a_premise_does_not_become_a_lemma(kind: str) -> None:
    text = HEAD + f"({kind} s1 q)\n(goal q)\n"
    lines = [
        step(1, "lemma", name="s1"),
        step(2, "goal"),
        step(3, "clause", literals=[], hints=[1, 2]),
    ]
    with rejects("premise s1", "lemma", rule="lemma", step=1):
        check(text, certify(text, "proved", *lines))


SAME_NAMES = {
    "a sort with other elements": ("(finite U a)", "(finite U a b)"),
    "a sort with elements and one without": ("(finite U a)", "(sort U)"),
    "a constant of another sort": ("(symbol c () Int)", "(symbol c () Nat)"),
    "a function of another sort": ("(symbol c (Nat) Int)", "(symbol c (Int) Int)"),
    "an element and a constant": ("(finite U a)", "(symbol a () Bool)"),
    "elements of two sorts": ("(finite U a)", "(finite V a)"),
}


def declaring(line: str, text: str) -> str:
    """The problem with a declaration more, where declarations of its kind stand."""
    place = "(symbol p" if line.startswith(("(sort", "(finite")) else "(premise"
    place = place if place in text else "(lemma"
    return text.replace(place, f"{line}\n{place}", 1)


@pytest.mark.parametrize("name", SAME_NAMES)
def test_one_name_has_one_declaration_throughout(name: str) -> None:
    one, other = SAME_NAMES[name]
    first = declaring(one, FIRST)
    same = declaring(one, second(sha(first)))
    assert prove(same, (prove(first),)).open == frozenset()
    different = declaring(other, second(sha(first)))
    with rejects("one declaration of each name"):
        prove(different, (prove(first),))
    last = HEAD + f"(lemma s2 {sha(same)} r)\n(goal r)\n"
    accepted = prove(last, (prove(same, (prove(first),)),))
    assert accepted.vocabulary > prove(FIRST).vocabulary
    with rejects("one declaration of each name"):
        prove(declaring(other, last), (prove(same, (prove(first),)),))


def test_what_an_unused_lemma_declares_does_not_matter() -> None:
    first = declaring("(symbol c () Int)", FIRST)
    text = declaring("(symbol c () Nat)", second(sha(first)))
    text = text.replace("(goal r)", "(premise P3 r)\n(goal r)")
    lines = [
        step(1, "premise", name="P3"),
        step(2, "goal"),
        step(3, "clause", literals=[], hints=[1, 2]),
    ]
    accepted = check(text, certify(text, "proved", *lines), (prove(first),))
    assert accepted.uses == ("P3",)


def test_a_sort_and_a_symbol_may_share_a_name() -> None:
    first = declaring("(sort p)", FIRST)
    assert (
        prove(declaring("(sort p)", second(sha(first))), (prove(first),)).open == set()
    )
