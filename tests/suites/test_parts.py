"""Parts of a question: they cover it, and are joined without loss."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future
from fractions import Fraction
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.networks.small_queries import grid, random_query
from tests.suites.networks_library import make_networks
from verify.cli.exits import Exit
from verify.cli.suite import Request, make_report
from verify.language.verdicts import Verdict
from verify.networks.query import Case, Empty, Open, Query, Witness
from verify.networks.values import exact
from verify.suites.parts import Part, decide_parts, halve, make_parts


@given(st.integers(0, 2**32), st.integers(1, 40))
def test_parts_are_the_whole_question(seed: int, count: int) -> None:
    random = Random(seed)
    query = random_query(random)
    parts = make_parts(query, count)
    for number, case in enumerate(query.cases):
        own = [part for part in parts if number in part.cases]
        for point in grid(case, random, 30):
            assert any(_within(part, point) for part in own)
        assert all(_lies_in(part, case) for part in own)


def _within(part: Part, point: Sequence[Fraction]) -> bool:
    return all(
        a <= x <= b for a, x, b in zip(part.lower, point, part.upper, strict=True)
    )


def _lies_in(part: Part, case: Case) -> bool:
    lower = all(a >= b for a, b in zip(part.lower, case.lower, strict=True))
    return lower and all(a <= b for a, b in zip(part.upper, case.upper, strict=True))


def test_a_point_is_not_halved() -> None:
    query = random_query(Random(1))
    point = (Fraction(1, 3),) * query.network.inputs
    part = Part((0,), point, point)
    assert halve(query, part) == [part]


class Scripted:
    """Answers every part as `say` does; remembers what it was asked and what was dropped."""

    def __init__(self, say: Any) -> None:
        self.say = say
        self.asked: list[Mapping[str, Any]] = []
        self.dropped = 0

    def submit(
        self,
        kind: str,
        payload: Mapping[str, Any],
        *,
        seconds: float,
        megabytes: int = 0,
    ) -> Future[Any]:
        assert kind == "part" and 0 < payload["seconds"] < seconds
        self.asked.append(payload)
        future: Future[Any] = Future()
        future.set_result(self.say(payload, len(self.asked)))
        return future

    def as_completed(self, futures: Sequence[Future[Any]]) -> Iterator[Future[Any]]:
        yield from reversed(futures)

    def drop(self, futures: Sequence[Future[Any]]) -> None:
        self.dropped += len(futures)


EMPTY = {"status": "done", "found": "empty", "cells": 3, "margin": 0.5}
STUCK = {
    "status": "done",
    "found": "open",
    "reason": "timeout",
    "detail": "",
    "cells": 1,
}


def decide(query: Query, say: Any, seconds: float = 30.0) -> tuple[Any, Scripted]:
    server = Scripted(say)
    return decide_parts(query, {}, server, time.monotonic() + seconds, 2, 100), server


def a_query() -> Query:
    """One with a point: where its box begins and every row holds."""
    return next(q for seed in range(1, 200) if _point(q := random_query(Random(seed))))


def _point(query: Query) -> tuple[Fraction, ...] | None:
    outputs = exact.enclose(query.network, query.cases[0].lower)
    return (
        query.cases[0].lower
        if exact.holds(query.cases[0], query.cases[0].lower, outputs)
        else None
    )


def test_all_empty_is_empty_and_open_parts_are_halved() -> None:
    query = a_query()
    found, server = decide(query, lambda payload, n: STUCK if n in (1, 4) else EMPTY)
    assert isinstance(found, Empty) and found.margin == 0.5
    assert len(server.asked) == len(make_parts(query, 4)) + 4
    assert found.cells == 3 * (len(server.asked) - 2) + 2


def test_one_point_settles_it_and_drops_the_rest() -> None:
    query = a_query()
    point = [str(x) for x in query.cases[0].lower]

    def say(payload: Mapping[str, Any], number: int) -> dict[str, Any]:
        if 0 not in payload["cases"]:
            return EMPTY
        return {"status": "done", "found": "point", "case": 0, "point": point}

    found, _ = decide(query, say)
    assert isinstance(found, Witness) and found.point == query.cases[0].lower


@pytest.mark.parametrize(
    "lie",
    [
        {"status": "done", "found": "point", "case": 0, "point": ["999"]},
        {"status": "done", "found": "point", "case": 99, "point": ["0"]},
        {"status": "done", "found": "nothing"},
        {"status": "crash", "detail": "it was lost"},
    ],
)
def test_what_is_no_answer_is_never_one(lie: Mapping[str, Any]) -> None:
    found, _ = decide(a_query(), lambda payload, n: lie if n == 2 else EMPTY)
    assert isinstance(found, Open)


def test_time_is_over_when_it_is_over() -> None:
    begun = time.monotonic()
    found, _ = decide(a_query(), lambda payload, n: STUCK, seconds=0.5)
    assert isinstance(found, Open) and found.reason == "timeout"
    assert time.monotonic() - begun < 5


def test_a_run_that_splits_says_the_same(tmp_path: Path) -> None:
    folder = make_networks(tmp_path / "lib")
    request = Request(
        library=(str(folder),),
        store=str(tmp_path / "s.sqlite"),
        workers=4,
        split=0.0001,
    )
    report = make_report(request)
    assert report.code == Exit.AS_EXPECTED
    said = [v.status for v in report.records if isinstance(v, Verdict)]
    assert said == ["proved", "refuted", "vacuous"]
