"""The lattice of some definitions: which imply, exclude or equal which.

For every two definitions there are three questions: does the first imply the second, the
second the first, and can both hold? Each is proved, or fails in a small world; and since
one world fails many of them, every world found is tried on the questions still open
before another query is made. An exclusion is only asked about the unordered pair, and
equivalence is two implications.
"""

from __future__ import annotations

from dataclasses import asdict
from itertools import combinations, permutations
from typing import Final, NamedTuple

from verify.arguments.countermodels import tell
from verify.arguments.decisions import Decision, alarm, budget_of
from verify.arguments.evidence import Bench, Outcome, decide
from verify.arguments.plans import Plan, together
from verify.arguments.problems import problem_of
from verify.arguments.worlds import refutes
from verify.kernel import terms
from verify.kernel.problem import Problem
from verify.kernel.terms import Term
from verify.language.document import Document, Statement
from verify.language.verdicts import Table

BATCH: Final = 4


class Question(NamedTuple):
    """`left implies right`, or `left excludes right`."""

    left: str
    relation: str
    right: str

    @property
    def text(self) -> str:
        return f"{self.left} {self.relation} {self.right}"


def make_goal(question: Question, members: dict[str, Term]) -> Term:
    """The closed formula that a question asks about."""
    left, right = members[question.left], members[question.right]
    if question.relation == "implies":
        return terms.make_implies(left, right)
    return terms.make_not(terms.make_and(left, right))


def decide_lattice(
    bench: Bench, document: Document, statement: Statement
) -> Plan[Decision]:
    """The decision of a `lattice` statement, with its table and data."""
    members = dict(statement.members)
    questions = [Question(a, "excludes", b) for a, b in combinations(members, 2)]
    questions += [Question(a, "implies", b) for a, b in permutations(members, 2)]
    problems = {
        question: problem_of(
            document, (), make_goal(question, members), also=members.values()
        )
        for question in questions
    }
    budget = budget_of(bench, statement)
    outcomes: dict[Question, Outcome] = {}
    while left := [question for question in questions if question not in outcomes]:
        batch = left[:BATCH]
        answers = yield from together(
            decide(bench, problems[question], budget, scope=statement.scope)
            for question in batch
        )
        outcomes.update(zip(batch, answers, strict=True))
        found = [a.certificate for a in answers if a.finding == "refuted"]
        for certificate in found:
            _try_world(bench, certificate, members, problems, outcomes)
    return _conclude(document, statement, questions, outcomes)


def _try_world(
    bench: Bench,
    certificate: str,
    members: dict[str, Term],
    problems: dict[Question, Problem],
    outcomes: dict[Question, Outcome],
) -> None:
    """Answer with a world whatever it refutes among the questions still open.

    Each member is evaluated once; the kernel then accepts the world for each question.
    """
    any_problem = next(iter(problems.values()))
    fails = {
        name
        for name, formula in members.items()
        if refutes(certificate, any_problem._replace(goal=formula)) is not None
    }
    for question, problem in problems.items():
        right_fails = question.right in fails
        if question in outcomes or question.left in fails:
            continue
        if right_fails == (question.relation == "implies"):
            outcome = refutes(certificate, problem)
            if outcome is not None:
                outcomes[question] = outcome
                bench.archive.keep(problem.sha(), "refuted", outcome.certificate)


def _conclude(
    document: Document,
    statement: Statement,
    questions: list[Question],
    outcomes: dict[Question, Outcome],
) -> Decision:
    search = sum(outcome.search_seconds for outcome in outcomes.values())
    kernel = sum(outcome.kernel_seconds for outcome in outcomes.values())
    open_ones = [
        q for q in questions if outcomes[q].finding not in ("proved", "refuted")
    ]
    base = Decision(
        "proved", trust="certified",
        table=make_table(statement, outcomes),
        data=make_data(document, statement, outcomes),
        evidence=tuple(o for o in outcomes.values() if o.accepted is not None),
        search_seconds=search, kernel_seconds=kernel,
    )  # fmt: skip
    for outcome in outcomes.values():
        if outcome.finding == "alarm":
            return alarm(outcome.detail, base)
    if not open_ones:
        return base
    reason = outcomes[open_ones[0]].reason or "incomplete"
    listed = ", ".join(question.text for question in open_ones)
    message = f"Not settled: {listed}; raise `limit`, or state the definitions simpler."
    return base._replace(status="undecided", reason=reason, trust="", message=message)


def _holds(outcomes: dict[Question, Outcome], question: Question) -> bool | None:
    finding = outcomes[question].finding
    return {"proved": True, "refuted": False}.get(finding)


def relation_of(outcomes: dict[Question, Outcome], left: str, right: str) -> str:
    """How two members stand to each other, in words."""
    excludes = _holds(outcomes, Question(left, "excludes", right))
    forth = _holds(outcomes, Question(left, "implies", right))
    back = _holds(outcomes, Question(right, "implies", left))
    said = []
    if forth and back:
        said.append("is equivalent to")
    elif forth:
        said.append("implies")
    elif back:
        said.append("is implied by")
    if excludes:
        said.append("excludes")
    if None in (excludes, forth, back):
        said.append("is not settled against")
    return " and ".join(said) or "is independent of"


def make_table(statement: Statement, outcomes: dict[Question, Outcome]) -> Table:
    """A row for each two members; nothing reflexive, nothing twice."""
    names = [name for name, _ in statement.members]
    rows = tuple((a, relation_of(outcomes, a, b), b) for a, b in combinations(names, 2))
    return Table(title="", header=("definition", "", "definition"), rows=rows)


def make_data(
    document: Document, statement: Statement, outcomes: dict[Question, Outcome]
) -> dict[str, object]:
    """The relations as lists of pairs, and a countermodel for each that fails."""
    names = [name for name, _ in statement.members]
    members = dict(statement.members)
    implies = [[q.left, q.right] for q in _proved(outcomes, "implies")]
    failing = []
    for question, outcome in outcomes.items():
        if outcome.finding == "refuted":
            shown = problem_of(document, (), make_goal(question, members))
            world = asdict(tell(document, shown, outcome.certificate))
            del world["certificate"]
            failing.append(
                {
                    "left": question.left,
                    "relation": question.relation,
                    "right": question.right,
                    "problem": outcome.problem.sha(),
                    "counterexample": world,
                }
            )
    return {
        "members": names,
        "implications": implies,
        "equivalences": [[a, b] for a, b in implies if a < b and [b, a] in implies],
        "exclusions": [[q.left, q.right] for q in _proved(outcomes, "excludes")],
        "independent": [
            [a, b]
            for a, b in combinations(names, 2)
            if relation_of(outcomes, a, b) == "is independent of"
        ],
        "failing": failing,
    }


def _proved(outcomes: dict[Question, Outcome], relation: str) -> list[Question]:
    return [
        question
        for question, outcome in outcomes.items()
        if question.relation == relation and outcome.finding == "proved"
    ]
