"""Minimal premise sets, against brute force over truth tables."""

from __future__ import annotations

from collections.abc import Callable
from itertools import chain, combinations, product
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.arguments.scripted import Maker
from verify.arguments.evidence import Bench
from verify.arguments.plans import Plan
from verify.arguments.premises import ablate, rank, search
from verify.arguments.settings import Budget
from verify.kernel.terms import BOOL, Symbol

NAMES = ("p", "q", "r", "t")
LETTERS = tuple(Symbol(name, (), BOOL) for name in NAMES)
Clause = frozenset[tuple[str, bool]]
BUDGET = Budget(5.0, 20_000_000)

literals = st.tuples(st.sampled_from(NAMES), st.booleans())
clauses = st.frozensets(literals, min_size=1, max_size=3)


def text(clause: Clause) -> str:
    parts = [name if sign else f"(not {name})" for name, sign in sorted(clause)]
    return parts[0] if len(parts) == 1 else f"(or {' '.join(parts)})"


def entails(facts: list[Clause], goal: Clause) -> bool:
    for values in product((True, False), repeat=len(NAMES)):
        world = dict(zip(NAMES, values, strict=True))
        if all(any(world[n] is s for n, s in fact) for fact in facts) and not any(
            world[n] is s for n, s in goal
        ):
            return False
    return True


@settings(
    max_examples=25, deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)  # fmt: skip
@given(st.lists(clauses, min_size=1, max_size=5), clauses)
def test_what_is_found_suffices_and_nothing_in_it_can_be_left_out(
    run: Callable[[Plan[Any]], Any], bench: Bench, facts: list[Clause], goal: Clause
) -> None:
    maker = Maker(*LETTERS)
    named = {f"P{i}": fact for i, fact in enumerate(facts)}
    stated = [maker.add("premise", name, text(fact)) for name, fact in named.items()]
    step = maker.add("step", "s", text(goal), by=None)
    found = run(search(bench, maker.document(), step, {}, stated, BUDGET))
    follows = entails(facts, goal)
    assert found.answer.outcome.finding == ("proved" if follows else "refuted")
    if follows:
        chosen = [named[name] for name in found.names]
        assert entails(chosen, goal)
        for place in range(len(chosen)):
            assert not entails(chosen[:place] + chosen[place + 1 :], goal)


def test_a_smallest_set_is_found_among_distractions(
    run: Callable[[Plan[Any]], Any], bench: Bench
) -> None:
    maker = Maker(*LETTERS)
    stated = [
        maker.add("premise", "A", "(implies p q)"),
        maker.add("premise", "B", "(implies q r)"),
        maker.add("premise", "C", "(implies p t)"),
        maker.add("premise", "D", "(implies t q)"),
    ]
    step = maker.add("step", "s", "(implies p r)", by=None)
    found = run(search(bench, maker.document(), step, {}, stated, BUDGET))
    assert found.names in (("A", "B"), ("B", "C", "D"))


@pytest.mark.parametrize(
    ("uses", "minimal", "statuses"),
    [
        (("A", "B", "C"), ("B", "C"), ["refuted", "refuted"]),
        (("B", "C"), ("B", "C"), ["refuted", "refuted"]),
    ],
)
def test_ablation_drops_what_is_not_needed_and_shows_what_is(
    run: Callable[[Plan[Any]], Any],
    bench: Bench,
    uses: tuple[str, ...],
    minimal: tuple[str, ...],
    statuses: list[str],
) -> None:
    maker = Maker(*LETTERS)
    maker.add("premise", "A", "(implies p q)")
    maker.add("premise", "B", "q")
    maker.add("premise", "C", "(implies q r)")
    step = maker.add("step", "s", "r", by=("A", "B", "C"))
    found, breaks = run(
        ablate(bench, maker.document(), step, {}, ("A", "B", "C"), uses)
    )
    assert found == minimal
    assert [ablation.status for ablation in breaks] == statuses
    assert all(ablation.counterexample for ablation in breaks)


def test_either_of_two_redundant_facts_will_do(
    run: Callable[[Plan[Any]], Any], bench: Bench
) -> None:
    maker = Maker(*LETTERS)
    maker.add("premise", "A", "p")
    maker.add("premise", "B", "(and p q)")
    step = maker.add("step", "s", "p", by=("A", "B"))
    found, breaks = run(
        ablate(bench, maker.document(), step, {}, ("A", "B"), ("A", "B"))
    )
    assert len(found) == 1
    assert [(a.without, a.status) for a in breaks] == [(found[0], "refuted")]


def test_facts_near_the_goal_come_first() -> None:
    maker = Maker(*LETTERS)
    stated = [
        maker.add("premise", "far", "(implies t q)"),
        maker.add("premise", "near", "(implies q p)"),
        maker.add("premise", "plain", "p"),
    ]
    step = maker.add("step", "s", "p", by=None)
    assert rank(step, stated) == [("plain", 1), ("near", 1), ("far", 2)]
    subsets = chain.from_iterable(combinations(stated, n) for n in range(4))
    assert all(len(rank(step, chosen)) == len(chosen) for chosen in subsets)
