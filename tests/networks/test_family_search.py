"""Families with known truth, searched: nothing wrong over the reals, nothing left open.

Every float divergence is tagged.
"""

from __future__ import annotations

import random
import time
from fractions import Fraction

import pytest

from tests.networks.families import (
    FAMILIES,
    Instance,
    instances,
    make_query,
    random_clauses,
    satisfiability_model,
    satisfied_case,
)
from verify.kernel.check import check
from verify.networks.certificates.certify import Certificate, certify_query
from verify.networks.deciding import decide_query
from verify.networks.float32.settling import settle
from verify.networks.query import Empty, Finding, Open, Query, Witness
from verify.networks.reading.graph import Graph
from verify.networks.reading.onnx_reader import read_network
from verify.networks.settings import NetworkOptions
from verify.networks.values import exact

SECONDS = 20.0
AMPLE = NetworkOptions(seconds=SECONDS, processes=1)
BRIEFLY = NetworkOptions(seconds=0.5, processes=1)
FLOATS_DO = ("W1", "W10", "W11", "W13", "wide")  # margins that floating point can see


def certified(query: Query) -> Finding:
    """The answer of a certificate that the kernel accepts; Open if there is none."""
    made = certify_query(query, time.monotonic() + SECONDS)
    if not isinstance(made, Certificate):
        return Open(made.reason, made.detail)
    check(made.problem, made.text)
    return Empty("certified", made.cells) if made.witness is None else made.witness


def assert_true(
    instance: Instance, finding: Finding, query: Query, graph: Graph
) -> None:
    """The finding is the instance's truth, passes all checks, and has its tag."""
    expected = Empty if instance.point is None else Witness
    assert isinstance(finding, expected), (instance.name, finding)
    known = settle(query, finding, graph).float32
    assert known is not None
    if isinstance(finding, Empty):
        assert known.status in instance.float32, (instance.name, known)


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize("family", FAMILIES)
def test_every_family_is_settled_by_certificates(family: str, seed: int) -> None:
    for instance in instances(family, seed):
        query, model = make_query(instance)
        assert_true(instance, certified(query), query, model.graph)


@pytest.mark.parametrize("family", FAMILIES)
def test_the_search_in_floating_point_is_never_wrong(family: str) -> None:
    """On a knife's edge it gives up; it does not guess."""
    for instance in instances(family, 3):
        query, model = make_query(instance)
        finding = decide_query(query, BRIEFLY)
        if isinstance(finding, Open):
            assert family not in FLOATS_DO, (instance.name, finding)
        else:
            assert_true(instance, finding, query, model.graph)


@pytest.mark.parametrize("seed", range(4))
def test_larger_formulas_agree_with_another_solver(seed: int) -> None:
    """W11 beyond what brute force should try, labelled by z3."""
    z3 = pytest.importorskip("z3")
    source = random.Random(f"clauses {seed}")
    variables = 12
    clauses = random_clauses(source, variables, 36 + 6 * seed)
    names = [z3.Bool(f"b{index}") for index in range(variables)]
    solver = z3.Solver()
    for clause in clauses:
        literals = [names[abs(v) - 1] for v in clause]
        solver.add(z3.Or([
            name if v > 0 else z3.Not(name)
            for v, name in zip(clause, literals, strict=True)
        ]))  # fmt: skip
    satisfiable = solver.check() == z3.sat
    model = read_network(satisfiability_model(variables, clauses))
    case = satisfied_case(variables, clauses)
    if satisfiable:
        values = [solver.model().eval(name, model_completion=True) for name in names]
        point = tuple(Fraction(int(z3.is_true(value))) for value in values)
        assert exact.holds(case, point, exact.evaluate(model.network, point))
    finding = decide_query(Query(model.network, (case,)), AMPLE)
    assert isinstance(finding, Witness if satisfiable else Empty)


@pytest.mark.campaign
@pytest.mark.parametrize("family", FAMILIES)
def test_every_family_is_settled_for_many_seeds(family: str) -> None:
    end = time.monotonic() + 60
    seed = 100
    while time.monotonic() < end:
        test_every_family_is_settled_by_certificates(family, seed)
        seed += 1
