from __future__ import annotations

from tests.arguments.scripted import Maker
from verify.arguments.candidates import Candidate, choose, propose
from verify.arguments.plans import Job
from verify.arguments.problems import make_dossier
from verify.arguments.suggestions import MAX_JOBS, keep_sets, read_proposals
from verify.kernel.problem import Problem
from verify.kernel.terms import BOOL, NAT, REAL, Sort, Symbol
from verify.language.printing import render_term

MODEL = Sort("Model")
P, Q = Symbol("p", (), BOOL), Symbol("q", (), BOOL)
X, Y, K = Symbol("x", (), REAL), Symbol("y", (), REAL), Symbol("K", (), NAT)
SIZE = Symbol("size", (MODEL,), NAT)


def problem(goal: str, *facts: str) -> Problem:
    maker = Maker(P, Q, X, Y, K, SIZE, sorts=(MODEL,))
    names = [maker.add("premise", f"A{i}", fact).name for i, fact in enumerate(facts)]
    step = maker.add("step", "s", goal, by=names)
    return make_dossier(maker.document(), step, {}).full


def proposed(stated: Problem, kind: str = "") -> set[str]:
    found = choose(propose(stated), stated)
    return {render_term(c.formula) for c in found if kind in ("", c.kind)}


def test_events_and_the_links_between_them() -> None:
    found = proposed(problem("q", "p"), "implication")
    assert "p implies q" in found and "not p" in found
    assert "q" not in found and "p" not in found


def test_quantities_are_compared_and_a_nat_is_never_negative() -> None:
    found = proposed(problem("(<= 0/1 x)", "(<= y x)", "(< 0 K)"), "comparison")
    assert {"0 <= y", "x < y"} <= found
    assert not {text for text in found if text in ("0 <= K", "K < 0", "K <= 0")}


def test_an_existential_goal_is_made_more_definite() -> None:
    goal = "(exists (?N Model) (< (size ?N) K))"
    found = proposed(problem(goal, "(< 0 K)"), "existential")
    assert "exists N: Model. size(N) = K - 1" in found
    assert render_term(problem(goal).goal) not in found


def test_kinds_take_turns_and_short_ones_come_first() -> None:
    stated = problem("(implies p (<= 0/1 x))", "(<= y x)")
    queue = choose(propose(stated), stated)
    kinds = list(dict.fromkeys(candidate.kind for candidate in queue))
    assert [c.kind for c in queue[: len(kinds)]] == kinds
    for kind in kinds:
        sizes = [c.formula.size for c in queue if c.kind == kind]
        assert sizes == sorted(sizes)


def test_equal_candidates_and_the_goal_are_dropped() -> None:
    stated = problem("(<= 0/1 x)", "(<= y x)")
    maker = Maker(X, Y)
    texts = ("(<= 0/1 y)", "(<= (* -2/1 y) 0/1)", "(<= 0/1 x)", "(<= y x)")
    given = [Candidate(maker.term(text), "any") for text in texts]
    assert [c.formula for c in choose(given, stated)] == [given[0].formula]


def test_only_formulas_about_the_problem_are_read() -> None:
    stated = problem("(<= 0/1 x)", "(<= y x)")
    job = Job("eliminate", {}, 1.0)
    texts = ["(<= 0/1 y)", "(<= 0/1 z)", "x", "(((", "(<= 0/1 y) (<= 0/1 y)", 7]
    answers = [
        (job, {"status": "done", "formulas": texts}),
        (job, {"status": "crash", "detail": "gone"}),
        (job, {"status": "done"}),
    ]
    found = list(read_proposals(stated, answers))
    assert [(render_term(c.formula), c.kind) for c in found] == [
        ("0 <= y", "elimination")
    ]


def test_small_sets_of_symbols_are_kept_first() -> None:
    sets = keep_sets(problem("(<= 0/1 x)", "(<= y x)", "(< 0 K)"))
    assert sets[:3] == (("x",), ("y",), ("K",))
    assert ("x", "y") in sets and len(sets) <= MAX_JOBS
