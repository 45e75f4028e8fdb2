"""The same question in other words is the same question."""

from __future__ import annotations

from fractions import Fraction
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.networks.small_networks import random_point
from tests.networks.small_queries import random_network, random_query
from verify.kernel.problem import read_problem
from verify.networks.certificates.problems import declare
from verify.networks.certificates.regions import Program, evaluate
from verify.networks.network import Activation, Affine, Network
from verify.networks.values import exact
from verify.suites.variants import (
    shuffle_network,
    shuffle_query,
    shuffle_units,
    vary_payload,
    vary_problem,
)

PROBLEM = """(problem 1)
(sort Model)
(finite Input a b)
(symbol size (Model) Nat)
(symbol best () Model)
(symbol seen (Input Model) Bool)
(network 1 (relu -1 0 1) (relu 0/1 0 2/1) (outputs (f 1) (f.1 2)))
(premise P1 (forall (?m Model) (<= 0 (size ?m))))
(premise P2 (seen a best))
(lemma grow 0000000000000000000000000000000000000000000000000000000000000000 (seen b best))
(admitted taste (not (= (size best) 0)))
(goal (and (seen a best) (<= (f 0/1) (f.1 1/1))))
"""


def canonical(text: str) -> str:
    """The problem as the kernel writes it, which it must be to be read at all."""
    lines = text.splitlines()
    lines[6] = "(network 1 (relu -1 0 1) (relu 0 0 2) (outputs (f 1) (f.1 2)))"
    return "\n".join([*lines, ""])


@pytest.mark.parametrize("seed", range(20))
def test_renamed_problems_are_read_and_are_the_same_but_for_names(seed: int) -> None:
    text = canonical(PROBLEM)
    before = read_problem(text)
    varied, rename = vary_problem(text, Random(seed))
    after = read_problem(varied)
    assert varied != text and rename("best") != "best" and rename("?m") == "?m"
    assert {rename(fact.name) for fact in before.facts} == {f.name for f in after.facts}
    assert {rename(str(s.name)) for s in before.symbols} == {
        s.name for s in after.symbols
    }
    kinds = sorted((fact.kind, fact.proof) for fact in before.facts)
    assert kinds == sorted((fact.kind, fact.proof) for fact in after.facts)
    assert after.sorts[1].elements == tuple(map(rename, before.sorts[1].elements))


def test_hints_and_scopes_are_renamed_with_the_problem() -> None:
    payload: dict[str, Any] = {
        "problem": canonical(PROBLEM), "seed": 0, "scope": {"Model": 3},
        "hints": {"method": "induction", "core": ["P1"], "instances": [["P1", ["best"]]]},
    }  # fmt: skip
    varied = vary_payload(payload, 1)
    names = {fact.name for fact in read_problem(varied["problem"]).facts}
    ((fact, (term,)),) = varied["hints"]["instances"]
    assert {fact, *varied["hints"]["core"]} <= names and term != "best"
    assert varied["hints"]["method"] == "induction" and varied["seed"] != 0
    assert f"(sort {next(iter(varied['scope']))})" in varied["problem"]
    assert vary_payload(payload, 0) == payload
    assert vary_payload(payload, 1) == varied != vary_payload(payload, 2)


@given(st.integers(0, 2**32))
def test_declared_networks_keep_their_meaning(seed: int) -> None:
    random = Random(seed)
    network = random_network(random)
    declared = declare(network, "f", units=False)
    shuffled = shuffle_units(declared, random)
    for _ in range(5):
        point = random_point(random, network.inputs, 3)
        assert _outputs(declared, point) == _outputs(shuffled, point)


def _outputs(declared: Any, point: tuple[Fraction, ...]) -> dict[str, Any]:
    box = tuple((value, value) for value in point)
    values = evaluate(Program(declared.units, (), box), point)
    return {name: values[variable] for name, variable in declared.outputs}


@given(st.integers(0, 2**32))
def test_shuffled_networks_keep_their_meaning(seed: int) -> None:
    random = Random(seed)
    query = random_query(random, ("relu", "sign"))
    network = _with_a_shortcut(query.network) if seed % 2 else query.network
    shuffled = shuffle_network(network, random)
    for _ in range(5):
        point = random_point(random, network.inputs, 3)
        assert exact.evaluate(network, point) == exact.evaluate(shuffled, point)
    moved, places = shuffle_query(query, seed)
    assert [query.cases[place] for place in places] == list(moved.cases)


def _with_a_shortcut(network: Network) -> Network:
    """The last layer also takes the first hidden one, as residual networks do."""
    last = network.layers[network.output]
    first = next(
        i for i, one in enumerate(network.layers) if isinstance(one, Activation)
    )
    if not isinstance(last, Affine) or last.sources == (first,):
        return network
    size = network.layers[first].size
    fresh = random_network_matrix(last.size, size)
    changed = Affine((*last.sources, first), (*last.matrices, fresh), last.bias)
    return network._replace(layers=(*network.layers[:-1], changed))


def random_network_matrix(rows: int, columns: int) -> Any:
    import numpy as np

    from verify.networks.network import Numbers

    values = np.arange(rows * columns, dtype=np.float64).reshape(rows, columns) - 2
    return Numbers(values)


def test_units_really_move() -> None:
    network = random_network(Random(5))
    moved = [shuffle_network(network, Random(seed)) for seed in range(10)]
    assert any(
        (one.layers[1].bias.floats != network.layers[1].bias.floats).any()  # type: ignore[union-attr]
        for one in moved
    )
