"""Each rule on its own: what it yields, what it refuses and why."""

from __future__ import annotations

import itertools
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

import verify.kernel as front_page
from tests.kernel import arithmetic_cases, learned_cases, network_cases, rule_cases
from tests.kernel.derivations import Derivation
from tests.kernel.rule_cases import Accepted, Refused, whole
from tests.proofs import rejects
from tests.strategies import RICH
from verify.kernel import rules
from verify.kernel.rejections import Declined, Rejected
from verify.kernel.rules import RULES
from verify.kernel.steps import Step
from verify.kernel.terms import BOOL

CASES = (rule_cases, arithmetic_cases, network_cases, learned_cases)
ACCEPTED = [case for cases in CASES for case in cases.ACCEPTED]
REFUSED = [case for cases in CASES for case in cases.REFUSED]
DOCUMENT = Path(__file__).parents[2] / "docs" / "certificates.md"


def name_of(case: Accepted | Refused) -> str:
    return f"{case.rule} {' '.join(str(value) for value in case.fields.values())}"[:70]


@pytest.mark.parametrize("case", ACCEPTED, ids=name_of)
def test_accepted_steps_yield_their_clauses(case: Accepted) -> None:
    derivation = Derivation()
    found = derivation.take(case.rule, **whole(case.fields))
    assert found == derivation.clauses(*case.clauses)


@pytest.mark.parametrize("case", REFUSED, ids=name_of)
def test_refused_steps_say_why(case: Refused) -> None:
    derivation = Derivation()
    with rejects(case.expected, case.got, rule=case.rule, step=1):
        derivation.take(case.rule, **whole(case.fields))
    assert derivation.proof.last == 0
    assert not derivation.proof.clauses


def test_every_rule_is_refused_at_least_as_often_as_accepted() -> None:
    accepted, refused = (
        Counter(c.rule for c in cases) for cases in (ACCEPTED, REFUSED)
    )
    assert accepted.keys() == refused.keys() | {"goal"} == RULES.keys()
    assert all(refused[rule] >= accepted[rule] for rule in RULES), (accepted, refused)


FIELDS: dict[type, list[Any]] = {
    str: [1, True, None, ["p"], {"p": "p"}],
    list: ["p", 1, None, {"0": "p"}],
    int: ["1", True, None, [1]],
    bool: [1, 0, None, "true"],
}


@pytest.mark.parametrize(
    "case", {case.rule: case for case in ACCEPTED}.values(), ids=name_of
)
def test_fields_are_exactly_those_of_the_rule(case: Accepted) -> None:
    fields = whole(case.fields)
    expected = ", ".join(("id", "rule", *RULES[case.rule].fields))
    for name, kind in RULES[case.rule].fields.items():
        less = {key: value for key, value in fields.items() if key != name}
        with rejects(f"the fields {expected}", rule=case.rule, step=1):
            Derivation().take(case.rule, **less)
        for wrong in FIELDS[kind]:
            place = f"{name} as {type(wrong).__name__}"
            with rejects(f"{name} as {kind.__name__}", place, rule=case.rule, step=1):
                Derivation().take(case.rule, **{**fields, name: wrong})
    with rejects(f"the fields {expected}", "note", rule=case.rule, step=1):
        Derivation().take(case.rule, **fields, note="x")


@pytest.mark.parametrize(
    "rule", ["", "input", "Goal", "goal ", "sorry", "hole", "trust"]
)
def test_unknown_rules_are_declined(rule: str) -> None:
    with rejects(
        "a rule among premise, lemma, goal", rule, rule=rule, step=1, kind=Declined
    ):
        Derivation().take(rule)


def test_the_start_of_an_unknown_rules_name_is_quoted() -> None:
    with pytest.raises(Declined) as declined:
        Derivation().take("x" * 40 + "y")
    assert declined.value.got == "x" * 40


@pytest.mark.parametrize("rule", [1, None, True, ["goal"], {"goal": 1}])
def test_a_rule_is_named_by_a_string(rule: Any) -> None:
    with rejects("a rule among premise", rule=str(rule), step=1, kind=Declined):
        Derivation().take(rule)


def test_a_step_without_a_rule_is_declined() -> None:
    with rejects("a rule among premise", "None", rule="None", step=1, kind=Declined):
        Derivation().proof.take({"id": 1})


@pytest.mark.parametrize(
    "case",
    {case.rule: case for case in ACCEPTED if case.rule != "clause"}.values(),
    ids=name_of,
)
def test_a_rule_yields_tuples_of_formulas(case: Accepted) -> None:
    proof = Derivation().proof
    record = {"id": 1, "rule": case.rule, **whole(case.fields)}
    step = Step(1, record, RICH, proof.read, proof.normals)
    for clause in rules.read_rule(record).check(step):
        assert type(clause) is tuple
        assert all(formula.sort == BOOL for formula in clause)


def test_the_clause_rule_is_for_check_alone() -> None:
    with rejects("unit propagation, by `check`", "a rule of its own"):
        rules.RULES["clause"].check(None)  # type: ignore[arg-type]


FORMAL = {
    ("(= M N)", "(= N (best M N))"): "(= M (best M N))",
    ("(= now red)", "(= now green)"): "(= red green)",
    ("(= now (next red))", "(= (next red) (next now))"): "(= now (next now))",
}


@pytest.mark.parametrize("pair", FORMAL)
def test_equations_between_elements_are_added_formally(pair: tuple[str, str]) -> None:
    """The sign of such an equation is fixed by hashes: two of the four choices fit."""
    fitting = 0
    for signs in itertools.product(("1", "-1"), repeat=2):
        derivation = Derivation()
        expected = derivation.clauses([*(f"(not {one})" for one in pair), FORMAL[pair]])
        try:
            found = derivation.take(
                "combine", literals=list(pair), multipliers=list(signs)
            )
        except Rejected as rejected:
            assert rejected.expected == "an equation between two terms"
            continue
        fitting += 1
        assert found == expected
    assert fitting == 2


def test_a_witness_is_known_after_its_step() -> None:
    derivation = Derivation()
    derivation.take("witness", formula="(exists (?n Nat) (< i ?n))")
    derivation.take("natural", term="!1")
    assert derivation.take("trichotomy", left="!1", right="i") == derivation.clauses(
        ["(= !1 i)", "(< !1 i)", "(< i !1)"]
    )
    with rejects("a declared constant", "!3", rule="natural", step=4):
        derivation.take("natural", term="!3")


def test_several_witnesses_are_known_after_their_step() -> None:
    derivation = Derivation()
    derivation.take(
        "witnesses", formula="(exists (?m Nat) (exists (?n Nat) (< ?m ?n)))", count=2
    )
    assert derivation.take(
        "trichotomy", left="!1.1", right="!1.2"
    ) == derivation.clauses(["(= !1.1 !1.2)", "(< !1.1 !1.2)", "(< !1.2 !1.1)"])
    for other in ("!1", "!1.0", "!1.3", "!2.1"):
        with rejects("a declared constant", other, rule="natural", step=3):
            derivation.take("natural", term=other)


def test_several_witnesses_are_as_many_single_ones() -> None:
    some = "(exists (?m Model) (exists (?n Model) (good (best ?m ?n))))"
    alone, together = Derivation(), Derivation()
    alone.take("witness", formula=some)
    alone.take("witness", formula="(exists (?n Model) (good (best !1 ?n)))")
    found = together.take("witnesses", formula=some, count=2)
    assert found == together.clauses([f"(not {some})", "(good (best !1.1 !1.2))"])
    assert alone.take(
        "clause", literals=[f"(not {some})", "(good (best !1 !2))"], hints=[1, 2]
    )


def test_witnesses_of_one_formula_are_different_constants() -> None:
    derivation = Derivation()
    some = "(exists (?m Model) (good ?m))"
    first, second = (derivation.take("witness", formula=some) for _ in range(2))
    assert first != second
    assert first == derivation.clauses([f"(not {some})", "(good !1)"])
    assert second == derivation.clauses([f"(not {some})", "(good !2)"])


def test_the_front_page_has_a_figure_for_every_rule() -> None:
    page = front_page.__doc__ or ""
    figures = re.findall(r"^    (?=\S)([a-z]+)", page, flags=re.MULTILINE)
    lemma = re.search(r"premise NAME, lemma NAME", page)
    assert lemma
    assert ["premise", "lemma", *figures[1:]] == list(RULES)


def test_the_document_lists_every_rule_with_its_fields() -> None:
    rows = re.findall(
        r"^\| (`.*?) \| (.*?) \|", DOCUMENT.read_text(), flags=re.MULTILINE
    )
    listed = {}
    for names, fields in rows:
        for name in re.findall(r"`(\w+)`", names):
            listed[name] = re.findall(r"`(\w+)`", fields)
    documented = {name: listed.get(name) for name in RULES}
    assert documented == {name: list(rule.fields) for name, rule in RULES.items()}


def test_every_rule_names_its_source() -> None:
    assert all(rule.source for rule in RULES.values())
