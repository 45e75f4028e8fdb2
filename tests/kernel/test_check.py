"""The one door: steps in order, the empty clause last, facts used, lemmas underneath."""

from __future__ import annotations

from typing import Any

import pytest

from tests.proofs import Line, certify, rejects, step
from tests.strategies import RICH
from verify.kernel import check as door
from verify.kernel.check import Accepted, Proof, check
from verify.kernel.problem import read_problem
from verify.kernel.rejections import Declined
from verify.kernel.rules import RULES

HEAD = "(problem 1)\n(symbol p () Bool)\n(symbol q () Bool)\n(symbol r () Bool)\n"
CHAIN = HEAD + (
    "(premise P1 p)\n(admitted A1 (implies p q))\n(premise P2 r)\n(goal (or q r))\n"
)
STEPS = [
    step(1, "premise", name="P1"),
    step(2, "premise", name="A1"),
    step(3, "define", formula="(implies p q)"),
    step(4, "clause", literals=["q"], hints=[1, 2, 3]),
    step(5, "goal"),
    step(6, "define", formula="(or q r)"),
    step(7, "clause", literals=[], hints=[5, 6, 4]),
]


def run(*lines: Line, text: str = CHAIN, **options: Any) -> Accepted:
    return check(text, certify(text, "proved", *lines), **options)


def test_a_proof_is_accepted() -> None:
    accepted = run(*STEPS)
    assert accepted.claim == "proved"
    assert accepted.problem == read_problem(CHAIN)
    assert accepted.sha == read_problem(CHAIN).sha()
    assert accepted.statement == "(or q r)"
    assert accepted.uses == ("P1", "A1")
    assert accepted.rests_on == {("premise", "p"), ("admitted", "(implies p q)")}
    assert accepted.open == frozenset()


def test_facts_are_used_in_the_order_of_their_steps_and_once() -> None:
    lines = [
        step(1, "premise", name="P2"), step(2, "premise", name="P1"),
        step(3, "premise", name="P2"), step(4, "goal"), step(5, "define", formula="(or q r)"),
        step(6, "clause", literals=[], hints=[4, 5, 1]),
    ]  # fmt: skip
    assert run(*lines).uses == ("P2", "P1")


def test_step_numbers_may_have_gaps() -> None:
    lines = [step(10, "premise", name="P2"), step(11, "goal"),
             step(500, "define", formula="(or q r)"),
             step(501, "clause", literals=[], hints=[11, 500, 10])]  # fmt: skip
    assert run(*lines).uses == ("P2",)


def changed(place: int, **fields: Any) -> list[Line]:
    lines = [dict(line) for line in STEPS]
    lines[place].update(fields)
    return lines


WRONG: dict[str, tuple[list[Line], str, str, str, int | None]] = {
    "no steps": ([], "the empty clause last", "step 0", "", None),
    "last step missing": (STEPS[:-1], "the empty clause last", "step 6", "", None),
    "a step after the empty clause": (
        [*STEPS, step(8, "goal")], "the empty clause last", "step 8", "", None,
    ),
    "last clause not empty": (STEPS[:4], "the empty clause last", "step 4", "", None),
    "last clause false, not empty": (
        [*STEPS, step(8, "clause", literals=["false"], hints=[5, 6, 4])],
        "the empty clause last", "step 8", "", None,
    ),
    "first step missing": (
        STEPS[1:], "the number of an earlier step", "1", "clause", 4,
    ),
    "hint left out": (
        changed(3, hints=[2, 3]), "a conflict by unit propagation", "none", "clause", 4,
    ),
    "hints out of order": (
        changed(3, hints=[3, 2]), "a conflict by unit propagation", "none", "clause", 4,
    ),
    "hint to itself": (
        changed(3, hints=[4, 1, 2, 3]), "the number of an earlier step", "4", "clause", 4,
    ),
    "hint to a later step": (
        changed(3, hints=[5]), "the number of an earlier step", "5", "clause", 4,
    ),
    "number repeated": (changed(1, id=1), "a step number above 1", "1", "premise", 1),
    "number smaller": (changed(4, id=3), "a step number above 4", "3", "goal", 3),
    "number zero": (changed(0, id=0), "a step number above 0", "0", "premise", 0),
    "number negative": (changed(0, id=-1), "a step number above 0", "-1", "premise", -1),
    "number as text": (changed(0, id="1"), "id as int", "id as str", "premise", 0),
    "number true": (changed(0, id=True), "id as int", "id as bool", "premise", 0),
    "clause too strong": (
        changed(3, literals=["q", "r"], hints=[1]), "a conflict by unit", "none", "clause", 4,
    ),
    "literal negated": (
        changed(3, literals=["(not q)"]), "a conflict by unit", "none", "clause", 4,
    ),
    "another fact": (changed(0, name="P2"), "a conflict by unit", "none", "clause", 4),
    "fact unknown": (changed(0, name="P9"), "the name of a fact", "P9", "premise", 1),
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG)
def test_wrong_proofs_are_rejected(name: str) -> None:
    lines, expected, got, rule, number = WRONG[name]
    with rejects(expected, got, rule=rule, step=number):
        run(*lines)


def test_a_hint_after_the_conflict_is_not_looked_at() -> None:
    """Harmless, and it keeps a check from depending on what comes after it."""
    assert run(*changed(3, hints=[1, 2, 3, 4, 99])).claim == "proved"


def test_hints_are_numbers_all_of_them() -> None:
    with rejects("a list of integers from 0 on", "x", rule="clause", step=4):
        run(*changed(3, hints=[1, 2, 3, "x"]))


def test_unknown_rules_are_declined() -> None:
    with rejects("a rule among", "sorry", rule="sorry", step=1, kind=Declined):
        run(step(1, "sorry"))


def test_a_false_premise_is_a_conflict_and_a_true_one_none() -> None:
    text = HEAD + "(premise P1 false)\n(premise P2 true)\n(goal p)\n"
    lines = [step(1, "premise", name="P1"), step(2, "clause", literals=[], hints=[1])]
    assert run(*lines, text=text).uses == ("P1",)
    lines = [step(1, "premise", name="P2"), step(2, "clause", literals=[], hints=[1])]
    with rejects("a conflict by unit propagation", rule="clause", step=2):
        run(*lines, text=text)


def test_a_clause_with_two_open_literals_is_passed_over() -> None:
    lines = [*STEPS[:3], step(4, "clause", literals=["q"], hints=[3, 1, 2, 3])]
    proof = Proof(read_problem(CHAIN))
    for line in lines:
        proof.take(line)
    assert proof.clauses[4] == (frozenset([proof.literal(proof.read("q"))]),)


def test_a_true_literal_does_not_make_a_clause_unit() -> None:
    text = HEAD + "(premise P1 p)\n(premise P2 (or p q))\n(goal q)\n"
    lines = [
        step(1, "premise", name="P1"), step(2, "premise", name="P2"),
        step(3, "define", formula="(or p q)"), step(4, "goal"),
        step(5, "clause", literals=[], hints=[1, 2, 3, 4, 2, 3, 1]),
    ]  # fmt: skip
    with rejects("a conflict by unit propagation", rule="clause", step=5):
        run(*lines, text=text)


def test_literals_compare_in_normal_form() -> None:
    text = (
        "(problem 1)\n(symbol i () Int)\n(premise P1 (< (* 2 i) 5))\n(goal (<= i 2))\n"
    )
    lines = [step(1, "premise", name="P1"), step(2, "goal"),
             step(3, "clause", literals=[], hints=[1, 2])]  # fmt: skip
    assert run(*lines, text=text).claim == "proved"


def test_the_texts_must_be_of_one_problem() -> None:
    other = CHAIN.replace("(goal (or q r))", "(goal q)")
    with rejects("a certificate for this problem", "one for another problem"):
        check(other, certify(CHAIN, "proved", *STEPS))
    wrong_hash = certify(other, "proved", *STEPS).splitlines(keepends=True)
    right_text = certify(CHAIN, "proved", *STEPS).splitlines(keepends=True)
    for mixed in (
        [wrong_hash[0], *right_text[1:]],
        [right_text[0], wrong_hash[1], *right_text[2:]],
    ):
        with rejects("a certificate for this problem", "one for another problem"):
            check(CHAIN, "".join(mixed))
    upper = right_text[0].replace(
        read_problem(CHAIN).sha(), read_problem(CHAIN).sha().upper()
    )
    with rejects("a certificate for this problem", "one for another problem"):
        check(CHAIN, "".join([upper, *right_text[1:]]))


def test_only_texts_are_read() -> None:
    evidence = certify(CHAIN, "proved", *STEPS)
    with rejects("texts", "Problem and str"):
        check(read_problem(CHAIN), evidence)  # type: ignore[arg-type]
    with rejects("texts", "str and bytes"):
        check(CHAIN, evidence.encode())  # type: ignore[arg-type]
    with rejects("texts", "Text and str"):
        check(Text(CHAIN), evidence)


class Text(str):
    """A string whose class could override anything."""


def test_a_problem_that_is_not_canonical_is_rejected() -> None:
    text = CHAIN.replace("(goal (or q r))", "(goal  (or q r))")
    with rejects("the canonical text of the problem", "another spelling"):
        check(text, certify(text, "proved", *STEPS))


def test_work_has_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(door, "MAX_WORK", 25)
    with rejects(
        "a proof of at most 25 literals", "a larger one", rule="define", step=6
    ):
        run(*STEPS)
    many = [step(4, "clause", literals=["q"], hints=[3] * 40)]
    with rejects("a proof of at most 25 literals", rule="clause", step=4):
        run(*STEPS[:3], *many)
    monkeypatch.setattr(door, "MAX_WORK", 60)
    assert run(*STEPS).claim == "proved"


def test_the_limit_on_work_is_reached_and_not_passed() -> None:
    """A step costs 1 and its literals; `clause` also the literals of what it hints at."""
    proof = Proof(read_problem(CHAIN))
    spent = []
    for line in STEPS:
        proof.take(line)
        spent.append(proof.work)
    assert spent == [2, 4, 12, 19, 21, 29, 39]
    proof = Proof(read_problem(CHAIN))
    proof.work = 20_000_000 - 2
    proof.take(STEPS[0])
    assert proof.work == 20_000_000
    proof = Proof(read_problem(CHAIN))
    proof.work = 20_000_000 - 1
    with rejects("most 20000000 literals", "a larger one", rule="premise", step=1):
        proof.take(STEPS[0])


def test_only_unit_propagation_ends_a_proof(monkeypatch: pytest.MonkeyPatch) -> None:
    """A rule that were to yield the empty clause would prove nothing by itself."""
    broken = RULES["goal"]._replace(check=lambda _: iter([()]))
    monkeypatch.setitem(RULES, "goal", broken)
    with rejects("the empty clause last", "step 1"):
        run(step(1, "goal"))
    accepted = run(step(1, "goal"), step(2, "clause", literals=[], hints=[1]))
    assert accepted.claim == "proved"


def test_texts_and_normal_forms_are_kept() -> None:
    proof = Proof(RICH)
    assert proof.read("(and p q)") is proof.read("(and p q)")
    assert proof.literal(proof.read("true")) == 1
    assert proof.literal(proof.read("false")) == -1
    first = proof.literal(proof.read("(< x y)"))
    assert proof.literal(proof.read("(<= y x)")) == -first
    assert proof.literal(proof.read("(and p q)")) not in (first, -first)


def test_a_literal_is_a_formula() -> None:
    proof = Proof(RICH)
    with rejects("a formula", "a term of sort Real"):
        proof.literal(proof.read("x"))


def test_a_rejected_step_leaves_no_trace() -> None:
    proof = Proof(RICH)
    with rejects("the name of a fact", rule="premise", step=1):
        proof.take(step(1, "premise", name="none"))
    with rejects("one term for each", rule="instance", step=1):
        proof.take(step(1, "instance", formula="(forall (?n Nat) p)", terms=["n", "n"]))
    assert (proof.last, proof.clauses, proof.uses) == (0, {}, {})
    assert "!1" not in proof.symbols
    proof.take(step(1, "premise", name="P1"))
    assert list(proof.uses) == ["P1"]
