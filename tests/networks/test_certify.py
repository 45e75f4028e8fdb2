from __future__ import annotations

import json
import time
from collections.abc import Callable
from copy import deepcopy
from fractions import Fraction
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings

from tests.networks.small_queries import (
    at_least,
    box_query,
    dense,
    grid,
    random_network,
    random_query,
)
from tests.strategies import seeds
from verify.kernel.check import check
from verify.kernel.networks import Program, Row, Unit
from verify.kernel.problem import Problem, read_problem
from verify.kernel.rejections import Rejected
from verify.kernel.trees import check_tree
from verify.networks.certificates import certify, proving
from verify.networks.certificates.branching import search
from verify.networks.certificates.outcomes import Met, Node, Stuck, Tree
from verify.networks.certificates.problems import declare
from verify.networks.network import Network
from verify.networks.query import Case, Query
from verify.networks.values import exact

HALF = Fraction(1, 2)
ABSOLUTE = dense(([[1], [-1]], [0, 0]), ([[1, 1]], [0]))  # |x|


def soon() -> float:
    return time.monotonic() + 20


def decide(query: Query) -> certify.Certificate:
    """The query's certificate, accepted by the kernel."""
    found = certify.certify_query(query, soon())
    assert isinstance(found, certify.Certificate), found
    assert check(found.problem, found.text).claim == "proved"
    return found


@settings(max_examples=60)
@given(seeds())
def test_every_certificate_is_accepted_and_says_the_truth(random: Random) -> None:
    query = random_query(random)
    found = decide(query)
    if found.witness is not None:
        case, point, outputs = found.witness
        assert outputs == exact.evaluate(query.network, point)
        assert exact.holds(query.cases[case], point, outputs)
        return
    for case in query.cases:
        for point in grid(case, random, 20):
            assert not exact.holds(case, point, exact.evaluate(query.network, point))


@settings(max_examples=15)
@given(seeds())
def test_sigmoids_are_certified_too(random: Random) -> None:
    query = random_query(random, ("relu", "sigmoid"))
    found = certify.certify_query(query, soon())
    if isinstance(found, certify.Certificate):
        assert check(found.problem, found.text).claim == "proved"
    else:
        assert found.reason in ("timeout", "incomplete")


def test_a_threshold_met_exactly_is_decided_either_way() -> None:
    assert decide(box_query(ABSOLUTE, at_least(1, strict=True))).witness is None
    met = decide(box_query(ABSOLUTE, at_least(1))).witness
    assert met is not None and abs(met.point[0]) == 1 and met.outputs == (1,)


def test_a_maximum_inside_the_box_is_met_exactly() -> None:
    # the top of the hat is at 1/3, no corner of any box of halves
    third = Fraction(1, 3)
    hat = dense(([[3], [3]], [0, -1]), ([[1, -2]], [0]))
    assert decide(box_query(hat, at_least(1, strict=True), 0)).witness is None
    met = decide(box_query(hat, at_least(1), 0)).witness
    assert met is not None and met.point == (third,)


def test_a_whole_face_at_the_threshold_is_closed() -> None:
    flat = dense(([[1, 1], [1, -1]], [-3, -3]), ([[1, 1]], [0]))
    found = decide(box_query(flat, at_least(0, strict=True)))
    assert found.witness is None


@pytest.mark.parametrize("low, high", [(1, -1), (2, Fraction(3, 2))])
def test_an_empty_box_has_no_point(low: int, high: Fraction) -> None:
    assert decide(box_query(ABSOLUTE, at_least(0), low, high)).witness is None


def test_a_query_without_cases_has_no_point() -> None:
    assert decide(Query(ABSOLUTE, ())).witness is None


def test_a_point_found_elsewhere_is_certified_only_where_it_is_one() -> None:
    query = box_query(ABSOLUTE, at_least(HALF))
    found = certify.certify_witness(query, 0, (Fraction(3, 4),))
    assert isinstance(found, certify.Certificate)
    assert check(found.problem, found.text).claim == "proved"
    for point in (Fraction(1, 4), Fraction(2)):
        assert isinstance(certify.certify_witness(query, 0, (point,)), Stuck)


def test_time_over_is_said() -> None:
    random = Random(5)
    rows = [[random.randint(-9, 9) for _ in range(5)] for _ in range(20)]
    mixed = [[random.randint(-9, 9) for _ in range(20)] for _ in range(20)]
    last = [[random.randint(-9, 9) for _ in range(20)]]
    network = dense((rows, [1] * 20), (mixed, [1] * 20), (last, [0]))
    query = box_query(network, at_least(20_000))
    found = certify.certify_query(query, time.monotonic() - 1)
    assert isinstance(found, Stuck) and found.reason == "timeout"


# -- mutants ---------------------------------------------------------------------------


def close_call(random: Random) -> tuple[Program, Program]:
    """A program without a point, and one with a point that differs in one constant."""
    while True:
        network = random_network(random)
        declaration = declare(network, "f")
        inputs, last = network.inputs, declaration.outputs[0][1]
        box = ((Fraction(-1), Fraction(1)),) * inputs
        sides = tuple(
            Row(Fraction(1), ((i, Fraction(sign)),), False)
            for i in range(inputs)
            for sign in (1, -1)
        )
        points = [
            tuple(Fraction(random.randint(-8, 8), 8) for _ in range(inputs))
            for _ in range(30)
        ]
        best = max(exact.evaluate(network, point)[0] for point in points)

        def program(level: Fraction) -> Program:
            row = Row(-level, ((last, Fraction(1)),), False)  # noqa: B023
            return Program(declaration.units, (*sides, row), box)  # noqa: B023

        for step in (Fraction(1, 8), Fraction(1), Fraction(8), Fraction(64)):
            if isinstance(search(program(best + step), soon()), Tree):
                return program(best + step), program(best)


def mutants(tree: list[Node], random: Random) -> list[list[Node]]:
    """Trees with nodes dropped, doubled or swapped, and parts and numbers changed."""
    found = [[*tree[:k], *tree[k + 1 :]] for k in range(len(tree))]
    found += [[*tree[:k], tree[k], *tree[k:]] for k in range(len(tree))]
    found.append([tree[-1], *tree[1:-1], tree[0]])
    for k, node in enumerate(tree):
        changed: list[Node] = [["leaf", [], [], [], []]]
        if node[0] == "leaf":
            for part in range(1, 5):
                changed.append([*node[:part], [], *node[part + 1 :]])
                for i, item in enumerate(node[part]):
                    for value in (0, 1, -1, random.randint(-(10**6), 10**6)):
                        items = deepcopy(node[part])
                        items[i] = [item[0], value, *item[2:]]
                        changed.append([*node[:part], items, *node[part + 1 :]])
        elif node[0] == "input":
            places = ("0", "-3/4", str(Fraction(random.randint(-9, 9), 8)))
            changed += [[*node[:2], at, node[3]] for at in places]
        else:
            changed.append([node[0], node[1] + 1, node[2]])
        found += [[*tree[:k], other, *tree[k + 1 :]] for other in changed]
    return found


@settings(max_examples=12)
@given(seeds())
def test_no_mutant_of_a_tree_proves_what_is_false(random: Random) -> None:
    proved, false = close_call(random)
    tree = search(proved, soon())
    assert isinstance(tree, Tree)
    nodes = json.loads(json.dumps(tree.nodes))
    check_tree(proved, nodes)
    assert isinstance(search(false, soon()), Met)
    for mutant in [nodes, *mutants(nodes, random)]:
        with pytest.raises(Rejected):
            check_tree(false, mutant)


@pytest.mark.parametrize(
    "change, expected",
    [
        (lambda nodes: nodes.pop(), "both children"),
        (lambda nodes: nodes.append(deepcopy(nodes[-1])), "ends with its last leaf"),
        (lambda nodes: nodes[-1].__setitem__(2, []), "below 0"),
        (lambda nodes: nodes[-1][2][0].__setitem__(1, -1), "from 0 on"),
        (lambda nodes: nodes[-1].__setitem__(3, [[99, 1]]), "decided above"),
    ],
)
def test_a_broken_tree_is_rejected_for_its_fault(
    change: Callable[[list[Any]], None], expected: str
) -> None:
    units = (Unit("relu", Fraction(0), ((0, Fraction(1)),)),
             Unit("relu", Fraction(0), ((0, Fraction(-1)),)))  # fmt: skip
    rows = (
        Row(Fraction(1), ((0, Fraction(1)),), False),
        Row(Fraction(1), ((0, Fraction(-1)),), False),
        Row(Fraction(-1), ((1, Fraction(1)), (2, Fraction(1))), True),
    )
    program = Program(units, rows, ((Fraction(-1), Fraction(1)),))
    tree = search(program, soon())
    assert isinstance(tree, Tree) and len(tree.nodes) > 1
    nodes = json.loads(json.dumps(tree.nodes))
    check_tree(program, nodes)
    change(nodes)
    with pytest.raises(Rejected) as caught:
        check_tree(program, nodes)
    assert expected in caught.value.expected


# -- goals -----------------------------------------------------------------------------


def goal_problem(formula: str, *networks: tuple[str, Network]) -> Problem:
    lines = ["(problem 1)"]
    lines += [declare(network, name).text() for name, network in networks]
    return read_problem("\n".join([*lines, f"(goal {formula})", ""]))


def prove(problem: Problem) -> proving.Proving:
    found = proving.prove_goal(problem, soon())
    if isinstance(found, proving.Certified):
        assert check(problem.text(), found.text).claim == "proved"
    if isinstance(found, proving.Refuting):
        denied = problem._replace(goal=read_problem(
            problem.text().replace("(goal ", "(goal (not ").rstrip() + ")\n"
        ).goal)  # fmt: skip
        shown = proving.prove_goal(denied, soon(), found.point)
        assert isinstance(shown, proving.Certified), shown
        assert check(denied.text(), shown.text).claim == "proved"
    return found


PROVED = {
    "no box at all": "(forall (?x Real) (<= 0/1 (f ?x)))",
    "half a box": "(forall (?x Real) (implies (<= 0/1 ?x) (= (f ?x) ?x)))",
    "equal to a choice": "(forall (?x Real) (= (f ?x) (if (<= 0/1 ?x) ?x (* -1/1 ?x))))",
    "a choice in an argument":
        "(forall (?x Real) (implies (and (<= -2/1 ?x) (<= ?x 2/1)) "
        "(<= (f (if (<= 0/1 ?x) ?x 0/1)) 2/1)))",
    "composed": "(forall (?x Real) (= (f (f ?x)) (f ?x)))",
    "two points": "(forall (?x Real) (forall (?y Real) (implies (and (<= 0/1 ?x) (<= ?x ?y)) "
        "(<= (f ?x) (f ?y)))))",
    "a triangle": "(forall (?x Real) (forall (?y Real) (<= (f (+ ?x ?y)) (+ (f ?x) (f ?y)))))",
    "a region of rows": "(forall (?x Real) (forall (?y Real) (implies (and (<= 0/1 ?x) "
        "(<= 0/1 ?y) (<= (+ ?x ?y) 1/1)) (<= (+ (f ?x) (f ?y)) 1/1))))",
    "either": "(forall (?x Real) (or (= (f ?x) ?x) (= (f ?x) (* -1/1 ?x))))",
    "ground": "(= (f -3/2) 3/2)",
    "if and only if": "(forall (?x Real) (iff (< 0/1 (f ?x)) (not (= ?x 0/1))))",
}  # fmt: skip

REFUTED = {
    "no box at all": "(forall (?x Real) (< 0/1 (f ?x)))",
    "one piece": "(forall (?x Real) (implies (<= -1/1 ?x) (= (f ?x) ?x)))",
    "two points": "(forall (?x Real) (forall (?y Real) (implies (<= ?x ?y) (<= (f ?x) (f ?y)))))",
    "a box": "(forall (?x Real) (implies (and (<= -1/1 ?x) (<= ?x 1/1)) (< (f ?x) 1/1)))",
}  # fmt: skip


@pytest.mark.parametrize("name", PROVED)
def test_goals_that_hold_are_proved(name: str) -> None:
    assert isinstance(
        prove(goal_problem(PROVED[name], ("f", ABSOLUTE))), proving.Certified
    )


@pytest.mark.parametrize("name", REFUTED)
def test_goals_that_fail_are_refuted_at_a_point(name: str) -> None:
    assert isinstance(
        prove(goal_problem(REFUTED[name], ("f", ABSOLUTE))), proving.Refuting
    )


def test_two_networks_are_compared() -> None:
    other = dense(([[2], [-1]], [0, 0]), ([[HALF, 1]], [0]))  # |x| once more
    formula = "(forall (?x Real) (= (f ?x) (g ?x)))"
    found = prove(goal_problem(formula, ("f", ABSOLUTE), ("g", other)))
    assert isinstance(found, proving.Certified)


def test_an_existential_goal_is_not_searched_for() -> None:
    problem = goal_problem("(exists (?x Real) (< 1/1 (f ?x)))", ("f", ABSOLUTE))
    found = proving.prove_goal(problem, soon())
    assert isinstance(found, Stuck) and found.reason == "unsupported"
    shown = proving.prove_goal(problem, soon(), (Fraction(2),))
    assert isinstance(shown, proving.Certified)
    assert check(problem.text(), shown.text).claim == "proved"


def test_several_cases_take_one_tree_each() -> None:
    low, high = (Fraction(-1),), (Fraction(1),)
    cases = tuple(
        Case(low, high, (at_least(level, strict=True),)) for level in (1, 2, 3)
    )
    found = decide(Query(ABSOLUTE, cases))
    steps = [json.loads(line) for line in found.text.splitlines()[2:]]
    assert [step["rule"] for step in steps].count("network") == 3


@pytest.mark.campaign
@pytest.mark.parametrize("kinds", [("relu",), ("relu", "sigmoid")])
def test_many_random_queries(kinds: tuple[str, ...]) -> None:
    for seed in range(2_000):
        random = Random(seed)
        query = random_query(random, kinds)
        found = certify.certify_query(query, soon())
        if isinstance(found, Stuck):
            assert kinds != ("relu",), (seed, found)
            continue
        assert check(found.problem, found.text).claim == "proved", seed
        if found.witness is None and kinds == ("relu",):
            for case in query.cases:
                for point in grid(case, random, 50):
                    values = exact.evaluate(query.network, point)
                    assert not exact.holds(case, point, values), seed
