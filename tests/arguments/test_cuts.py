"""Minimal cuts, against brute force."""

from __future__ import annotations

from collections.abc import Callable
from itertools import combinations, product
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.arguments.scripted import Maker
from verify.arguments.cuts import decide_cuts
from verify.arguments.decisions import Decision
from verify.arguments.evidence import Bench
from verify.arguments.plans import Plan
from verify.kernel.terms import BOOL, Symbol

EVENTS = ("a", "b", "c", "d")
LETTERS = tuple(Symbol(n, (), BOOL) for n in (*EVENTS, "start", "bad"))
Run = Callable[[Plan[Any]], Any]


def cuts(run: Run, bench: Bench, links: list[tuple[str, tuple[str, ...]]]) -> Decision:
    """The cuts of `bad` from `start`, where each event needs one of its causes."""
    maker = Maker(*LETTERS)
    for place, (event, causes) in enumerate(links):
        either = causes[0] if len(causes) == 1 else f"(or {' '.join(causes)})"
        maker.add("premise", f"L{place}", f"(implies {event} {either})")
    statement = maker.add(
        "cuts", "cuts",
        members=tuple((name, maker.term(name)) for name in EVENTS),
        target=maker.term("bad"), start=maker.term("start"),
    )  # fmt: skip
    return run(decide_cuts(bench, maker.document(), statement, {}))


def found(decision: Decision) -> set[frozenset[str]]:
    assert decision.data is not None
    return {frozenset(cut["events"]) for cut in decision.data["cuts"]}


def by_force(links: list[tuple[str, tuple[str, ...]]]) -> set[frozenset[str]]:
    names = (*EVENTS, "start", "bad")
    worlds = []
    for values in product((True, False), repeat=len(names)):
        world = dict(zip(names, values, strict=True))
        holds = all(not world[e] or any(world[c] for c in cs) for e, cs in links)
        if world["start"] and world["bad"] and holds:
            worlds.append(world)
    enough = [
        frozenset(chosen)
        for size in range(len(EVENTS) + 1)
        for chosen in combinations(EVENTS, size)
        if all(any(world[name] for name in chosen) for world in worlds)
    ]
    return {one for one in enough if not any(other < one for other in enough)}


causes = st.lists(
    st.sampled_from((*EVENTS, "start")), min_size=1, max_size=2, unique=True
)
link = st.tuples(st.sampled_from((*EVENTS, "bad")), causes.map(tuple))


@settings(
    max_examples=15, deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)  # fmt: skip
@given(st.lists(link, max_size=6))
def test_all_minimal_cuts_and_no_others(
    run: Run, bench: Bench, links: list[tuple[str, tuple[str, ...]]]
) -> None:
    decision = cuts(run, bench, links)
    assert (decision.status, decision.trust) == ("proved", "certified")
    assert found(decision) == by_force(links)


def test_in_a_chain_each_event_alone_is_a_cut(run: Run, bench: Bench) -> None:
    links = [("bad", ("d",)), ("d", ("c",)), ("c", ("b",)), ("b", ("a",))]
    decision = cuts(run, bench, links)
    assert found(decision) == {frozenset(name) for name in EVENTS}
    assert decision.table is not None
    assert decision.table.rows == tuple((str(i), n) for i, n in enumerate(EVENTS, 1))
    assert decision.uses == ("L0", "L1", "L2", "L3")


def test_of_two_ways_both_must_be_cut(run: Run, bench: Bench) -> None:
    links = [("bad", ("a", "b")), ("a", ("c",))]
    decision = cuts(run, bench, links)
    assert found(decision) == {frozenset("ab"), frozenset("bc")}
    assert decision.data is not None
    for cut in decision.data["cuts"]:
        for needed in cut["needed"]:
            values = dict(needed["counterexample"]["constants"])
            assert values["bad"] == "true"
            assert all(
                values[name] == "false"
                for name in cut["events"]
                if name != needed["event"] and name in values
            )
        assert [needed["event"] for needed in cut["needed"]] == cut["events"]


def test_no_events_are_enough_when_a_way_avoids_them(run: Run, bench: Bench) -> None:
    decision = cuts(run, bench, [("bad", ("a", "start"))])
    assert found(decision) == set()
    assert "Not even all these events" in decision.message


def test_nothing_needs_excluding_when_the_target_is_impossible(
    run: Run, bench: Bench
) -> None:
    maker = Maker(*LETTERS)
    maker.add("premise", "never", "(not bad)")
    statement = maker.add(
        "cuts", "cuts", members=(("a", maker.term("a")),),
        target=maker.term("bad"), start=maker.term("start"),
    )  # fmt: skip
    decision = run(decide_cuts(bench, maker.document(), statement, {}))
    assert found(decision) == {frozenset()}
    assert "impossible already" in decision.message
