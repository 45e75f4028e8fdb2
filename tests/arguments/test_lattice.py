"""Relations among definitions, against brute force."""

from __future__ import annotations

from collections.abc import Callable
from itertools import permutations, product
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.arguments.scripted import Maker
from verify.arguments.decisions import Decision
from verify.arguments.evidence import Bench
from verify.arguments.lattice import decide_lattice
from verify.arguments.plans import Plan
from verify.kernel.terms import BOOL, REAL, Symbol

NAMES = ("p", "q", "r")
LETTERS = tuple(Symbol(name, (), BOOL) for name in NAMES)
Run = Callable[[Plan[Any]], Any]


def lattice(run: Run, bench: Bench, maker: Maker, **members: str) -> Decision:
    statement = maker.add(
        "lattice", "all",
        members=tuple((name, maker.term(text)) for name, text in members.items()),
    )  # fmt: skip
    return run(decide_lattice(bench, maker.document(), statement))


functions = st.frozensets(
    st.tuples(*(st.booleans() for _ in NAMES)), min_size=0, max_size=5
)


def formula(rows: frozenset[tuple[bool, ...]]) -> str:
    """The disjunction of these rows of the truth table."""
    parts = [
        f"(and {' '.join(n if v else f'(not {n})' for n, v in zip(NAMES, row, strict=True))})"
        for row in sorted(rows)
    ]
    return (
        "false"
        if not parts
        else parts[0]
        if len(parts) == 1
        else f"(or {' '.join(parts)})"
    )


@settings(
    max_examples=10, deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)  # fmt: skip
@given(st.lists(functions, min_size=2, max_size=4))
def test_exactly_the_relations_that_hold(
    run: Run, bench: Bench, tables: list[frozenset[tuple[bool, ...]]]
) -> None:
    members = {f"d{place}": table for place, table in enumerate(tables)}
    texts = {name: formula(table) for name, table in members.items()}
    decision = lattice(run, bench, Maker(*LETTERS), **texts)
    assert (decision.status, decision.trust) == ("proved", "certified")
    data = decision.data or {}
    implies = {tuple(pair) for pair in data["implications"]}
    assert implies == {
        (a, b) for a, b in permutations(members, 2) if members[a] <= members[b]
    }
    excludes = {tuple(pair) for pair in data["exclusions"]}
    assert excludes == {
        (a, b)
        for a, b in permutations(members, 2)
        if a < b and not members[a] & members[b]
    }
    equal = {tuple(pair) for pair in data["equivalences"]}
    assert equal == {
        (a, b) for a, b in product(members, repeat=2)
        if a < b and members[a] == members[b]
    }  # fmt: skip


def test_each_failing_relation_has_a_world_of_its_own_words(
    run: Run, bench: Bench
) -> None:
    maker = Maker(*(Symbol(name, (), REAL) for name in "xy"))
    decision = lattice(
        run, bench, maker, small="(<= x 1/1)", tiny="(<= x 0/1)", other="(<= y 0/1)"
    )
    data = decision.data or {}
    assert data["implications"] == [["tiny", "small"]]
    assert ["small", "other"] in data["independent"]
    failing = {(f["left"], f["relation"], f["right"]): f for f in data["failing"]}
    shown = failing["small", "implies", "tiny"]["counterexample"]["constants"]
    assert [name for name, _ in shown] == ["x"]
    assert len(failing) == 3 + 5
    assert decision.table is not None
    assert decision.table.rows[0] == ("small", "is implied by", "tiny")


def test_one_world_answers_many_questions(run: Run, bench: Bench, server: Any) -> None:
    before = server._count
    letters = tuple(Symbol(f"v{i}", (), BOOL) for i in range(6))
    members = {symbol.name: symbol.name for symbol in letters}
    decision = lattice(run, bench, Maker(*letters), **members)
    assert len((decision.data or {})["failing"]) == 45
    assert server._count - before < 30
