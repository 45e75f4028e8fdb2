"""Instances and witnesses that z3 used, in an order in which they can be followed."""

from __future__ import annotations

import pytest

from tests.solvers.questions import BY_NAME, DECLARATIONS, QUESTIONS, Question
from verify.kernel import terms
from verify.kernel.problem import Problem, read_problem
from verify.kernel.terms import Binder, Symbol, Term
from verify.kernel.text import write_term
from verify.solvers.answers import Budget, Unsat
from verify.solvers.harvest import Step, extend_hints, harvest, instances
from verify.solvers.z3_backend import solve

BUDGET = Budget(seconds=10)

GROW = Question(
    "grow",
    (
        "(forall (?k Nat) (forall (?M Model) (implies (<= (+ (size ?M) ?k) m) "
        "(exists (?N Model) (and (= (size ?N) (+ (size ?M) ?k)) (< (loss ?N) (loss ?M)))))))",
        "(exists (?N Model) (and (= (size ?N) (+ m (* -1 n))) (= (loss ?N) (loss a))))",
        "(and (< 0 n) (<= n m))",
    ),
    "(exists (?N Model) (and (= (size ?N) m) (< (loss ?N) (loss a))))",
    True,
)


def question_of(problem: Problem) -> list[Term]:
    return [*(fact.formula for fact in problem.facts), terms.make_not(problem.goal)]


def opened(step: Step) -> Term:
    body = step.formula
    for value in step.values:
        body = terms.instantiate(body, value)
    return body


def follow(problem: Problem, steps: tuple[Step, ...]) -> list[Term]:
    """What the steps add to the question: for witnesses too, quantifier-free at last."""
    added = []
    for step in steps:
        stronger = (step.formula.op == "forall") == (step.kind == "instance")
        pair = (
            (step.formula, opened(step)) if stronger else (opened(step), step.formula)
        )
        added.append(terms.make_implies(*pair))
    return added


def without_quantifiers(formulas: list[Term]) -> list[Term]:
    """Each quantified part made a truth value of its own: only the steps speak of it."""
    names: dict[Term, Term] = {}

    def visit(node: Term, depth: int, args: tuple[Term, ...]) -> Term:
        if isinstance(node.value, Binder) and not node.loose:
            number = len(names)
            return names.setdefault(
                node, terms.constant(Symbol(f"!q{number}", (), terms.BOOL))
            )
        return terms.remake(node, args)

    return [terms.rewrite(formula, visit) for formula in formulas]


WRITTEN_OUT = "truth values are two"  # by z3 itself, which shows no instances then
FOLLOWING = [
    question
    for question in (*QUESTIONS, GROW)
    if question.follows
    and question.name != WRITTEN_OUT
    and any("(forall" in text or "(exists" in text for text in question.facts)
]


@pytest.mark.parametrize("question", FOLLOWING, ids=lambda question: question.name)
def test_the_steps_are_enough(question: Question) -> None:
    """With the steps, the question is contradictory without any quantifier reasoning."""
    problem = question.problem()
    steps = harvest(question_of(problem), BUDGET)
    formulas = without_quantifiers([*question_of(problem), *follow(problem, steps)])
    answer = solve([(f"F{i}", one) for i, one in enumerate(formulas)], BUDGET)
    assert isinstance(answer, Unsat), [write_term(step.formula) for step in steps]


@pytest.mark.parametrize("question", FOLLOWING, ids=lambda question: question.name)
def test_constants_come_before_their_use(question: Question) -> None:
    known = {
        part for one in question_of(question.problem()) for part in terms.subterms(one)
    }
    constants = {part.value for part in known if part.op == "app" and not part.args}
    elements = {name for sort in question.problem().sorts for name in sort.elements}
    for step in harvest(question_of(question.problem()), BUDGET):
        mentioned = {
            part.value
            for term in (
                step.formula,
                *(step.values if step.kind == "instance" else ()),
            )
            for part in terms.subterms(term)
            if isinstance(part.value, Symbol) and not part.args
        }
        assert {one for one in mentioned if one.name not in elements} <= constants
        if step.kind == "witness":
            fresh = {value.value for value in step.values}
            assert fresh.isdisjoint(constants) and len(fresh) == len(step.values)
            constants |= fresh


def test_a_chain_is_found_from_end_to_end() -> None:
    steps = harvest(question_of(GROW.problem()), BUDGET)
    said = [(step.kind, [write_term(value) for value in step.values]) for step in steps]
    assert ("witness", ["!h1"]) in said
    assert ("instance", ["n", "!h1"]) in said
    assert said[-1] == ("instance", ["!h2"])


def test_hints_speak_of_facts_by_name() -> None:
    hints = extend_hints(
        GROW.problem(), {"method": "cases", "instances": [["P9", ["n"]]]}, BUDGET
    )
    assert hints["method"] == "cases"
    assert hints["instances"] == [["P9", ["n"]], ["P1", ["n", "!h1"]]]
    assert hints["witnesses"] == [["P2", ["!h1"]]]
    assert [step[0] for step in hints["steps"]] == [
        "witness",
        "instance",
        "witness",
        "instance",
    ]


def test_instances_are_about_the_problem_alone() -> None:
    problem = BY_NAME["for every natural"].problem()
    assert [
        (name, *map(write_term, values)) for name, values in instances(problem, BUDGET)
    ] == [("P1", "3")]
    assert instances(GROW.problem(), BUDGET) == ()


def test_inner_quantifiers_go_by_their_key() -> None:
    problem = read_problem(
        DECLARATIONS + "(premise P1 (implies p (forall (?k Int) (< (f ?k) 0))))\n"
        "(premise P2 p)\n(goal (< (f 2) 0))\n"
    )
    inner = problem.facts[0].formula.args[1]
    assert [(n, *map(write_term, v)) for n, v in instances(problem, BUDGET)] == [
        (inner.key.hex(), "2")
    ]


@pytest.mark.parametrize(
    "name", ["some is not every", "not for every integer", "strictness"]
)
def test_nothing_is_harvested_where_nothing_follows(name: str) -> None:
    problem = BY_NAME[name].problem()
    steps = harvest(question_of(problem), Budget(seconds=3, resources=2_000_000))
    assert all(step.kind == "witness" for step in steps)


def test_quantifiers_of_both_signs_keep_their_meaning() -> None:
    """An equivalence promises on one side and demands on the other."""
    problem = read_problem(
        DECLARATIONS + "(premise P1 (iff p (exists (?M Model) (good ?M))))\n"
        "(premise P2 (iff q (exists (?M Model) (and (good ?M) (= ?M a)))))\n"
        "(premise P3 q)\n(goal p)\n"
    )
    steps = harvest(question_of(problem), BUDGET)
    formulas = without_quantifiers([*question_of(problem), *follow(problem, steps)])
    answer = solve([(f"F{i}", one) for i, one in enumerate(formulas)], BUDGET)
    assert isinstance(answer, Unsat)
