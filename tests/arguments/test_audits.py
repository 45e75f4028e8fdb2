from __future__ import annotations

from collections.abc import Callable

from tests.arguments.conftest import Checked
from tests.arguments.scripted import Maker
from verify.kernel.terms import BOOL, NAT, REAL, Symbol
from verify.language.document import Justification
from verify.language.verdicts import Audit

P, Q, R = (Symbol(name, (), BOOL) for name in "pqr")
X, Y = (Symbol(name, (), REAL) for name in "xy")
F = Symbol("f", (NAT,), REAL)
Check = Callable[..., Checked]


def made() -> Maker:
    return Maker(P, Q, R, X, Y, F)


def about(audits: list[Audit], check: str) -> dict[str, Audit]:
    return {audit.name: audit for audit in audits if audit.check == check}


def test_consistent_premises_come_with_a_witness(check: Check) -> None:
    maker = made()
    maker.add("premise", "A", "(< 1/1 x)")
    maker.add("premise", "B", "(< x 2/1)")
    maker.add("step", "s", "(< 0/1 x)", by=("A",))
    _, audits = check(maker.document())
    found = about(audits, "consistency")["premises"]
    assert found.result == "consistent"
    assert found.counterexample is not None
    assert found.counterexample.constants == (("x", "3/2"),)


def test_contradictory_premises_are_named_and_what_rests_on_them_is_vacuous(
    check: Check,
) -> None:
    maker = made()
    maker.add("premise", "A", "(< x 2/1)")
    maker.add("premise", "B", "p")
    maker.add("premise", "C", "(< 3/1 x)")
    maker.add("step", "s", "q", by=("A", "B", "C"))
    maker.add("step", "t", "p", by=("B",))
    verdicts, audits = check(maker.document())
    found = about(audits, "consistency")["premises"]
    assert found.result == "inconsistent" and "A and C" in found.message
    assert found.line == 3
    assert (verdicts["s"].status, verdicts["s"].overall) == ("vacuous", "vacuous")
    assert verdicts["s"].uses == ("A", "C") and verdicts["s"].unused == ("B",)
    assert verdicts["s"].diagnosis == "inconsistent_premises"
    assert verdicts["t"].status == "proved"
    assert set(about(audits, "inconsistent_premises")) == {"s"}


def test_premises_without_a_known_model_are_said_to_be_so(check: Check) -> None:
    maker = made()
    maker.add("premise", "irrational", "(= (* x x) 2/1)")
    maker.add("step", "s", "(not (= x 0/1))", by=("irrational",))
    verdicts, audits = check(maker.document())
    assert about(audits, "consistency")["premises"].result == "not established"
    assert verdicts["s"].status == "proved"


def test_an_unused_premise_is_reported_and_a_used_one_is_not(check: Check) -> None:
    maker = made()
    maker.add("premise", "A", "p")
    maker.add("premise", "B", "q")
    maker.add("premise", "C", "r")
    maker.add("step", "s", "p", by=("A", "B"))
    verdicts, audits = check(maker.document())
    unused = about(audits, "unused_premise")
    assert set(unused) == {"B", "C"}
    assert "s" in unused["B"].message
    assert verdicts["s"].unused == ("B",)


def test_what_a_refuted_step_cites_is_not_called_unused(check: Check) -> None:
    maker = made()
    maker.add("premise", "A", "p")
    maker.add("step", "s", "q", by=("A",), expected="refuted")
    verdicts, audits = check(maker.document())
    assert verdicts["s"].as_expected
    assert not about(audits, "unused_premise")


def test_a_conclusion_that_is_a_premise_begs_the_question(check: Check) -> None:
    maker = made()
    maker.add("premise", "A", "(and (<= x 0/1) p)")
    maker.add("premise", "B", "(implies q (< y x))")
    maker.add("step", "unpacked", "(<= x 0/1)", by=("A",))
    maker.add("conclusion", "baked", "(<= x 0/1)", by=("unpacked",))
    maker.add(
        "conclusion", "reworded", "(or (not q) (< 0/1 (+ x (* -1/1 y))))", by=("B",)
    )
    _, audits = check(maker.document())
    found = about(audits, "begs_the_question")
    assert set(found) == {"baked", "reworded"}
    assert "A alone" in found["baked"].message


def test_a_conclusion_that_needs_its_premises_does_not(check: Check) -> None:
    maker = made()
    maker.add("premise", "A", "(implies p q)")
    maker.add("premise", "B", "p")
    maker.add("conclusion", "c", "q", by=("A", "B"))
    maker.add("premise", "D", "(< 3/1 x)")
    maker.add("conclusion", "weaker", "(< 2/1 x)", by=("D",))
    _, audits = check(maker.document())
    assert not about(audits, "begs_the_question")


def test_a_condition_that_can_never_hold(check: Check) -> None:
    maker = made()
    maker.add("premise", "A", "(<= x 5/1)")
    maker.add("premise", "B", "(implies (< 10/1 x) (< 0/1 y))")
    maker.add("step", "s", "(implies (< 11/1 x) (< 0/1 y))", by=("B",))
    maker.add("step", "ordinary", "(implies (< 4/1 x) (< 3/1 x))", by=("A",))
    _, audits = check(maker.document())
    found = about(audits, "never_applies")
    assert set(found) == {"B", "s"}
    assert "given A" in found["B"].message


def test_a_reduction_to_absurdity_is_no_empty_condition(check: Check) -> None:
    maker = made()
    maker.add("premise", "A", "(<= x 5/1)")
    maker.add("step", "s", "(implies (< 10/1 x) false)", by=("A",))
    _, audits = check(maker.document())
    assert not about(audits, "never_applies")


def test_induction_names_the_half_that_fails(check: Check) -> None:
    maker = made()
    maker.add("premise", "onward", "(forall (?k Nat) (<= (f ?k) (f (+ ?k 1))))")
    for name in ("no_base", "no_step"):
        goal = "(<= 0/1 (f ?k))" if name == "no_base" else "(= (f ?k) (f 0))"
        statement = maker.add(
            "lemma", name, f"(forall (?k Nat) {goal})", by=("onward",)
        )
        by = Justification(statement.by.citations, "induction", "k")
        maker.statements[-1] = statement._replace(by=by)
    verdicts, _ = check(maker.document())
    assert verdicts["no_base"].diagnosis == "induction_base_fails"
    assert verdicts["no_step"].diagnosis == "induction_step_fails"
    assert all(verdict.status == "refuted" for name, verdict in verdicts.items()
               if name != "onward")  # fmt: skip
