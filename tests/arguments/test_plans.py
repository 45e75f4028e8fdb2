from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tests.arguments.scripted import Scripted
from verify.arguments.plans import Job, Plan, Result, Runner, ask, together


def echo(kind: str, payload: dict[str, Any]) -> Mapping[str, Any]:
    return {"status": "done", "said": payload["n"]}


def job(number: int) -> Job:
    return Job("echo", {"n": number}, 1.0)


def chain(*numbers: int) -> Plan[list[int]]:
    said = []
    for number in numbers:
        result: Result = yield from ask(job(number))
        said.append(result["said"])
    return said


def values(runner: Runner) -> dict[Any, Any]:
    return dict(runner.results())


def test_a_plan_gets_the_answers_to_its_own_jobs_in_order() -> None:
    runner = Runner(Scripted(echo))
    runner.start("a", chain(1, 2, 3))
    runner.start("b", chain(7))
    assert values(runner) == {"a": [1, 2, 3], "b": [7]}


def test_plans_run_together_keep_their_places() -> None:
    runner = Runner(Scripted(echo))
    runner.start("t", together([chain(1, 2, 3), chain(), chain(4), chain(5, 6)]))
    assert values(runner) == {"t": [[1, 2, 3], [], [4], [5, 6]]}


def test_together_puts_its_jobs_side_by_side() -> None:
    plan = together([chain(1, 2), chain(3)])
    assert [asked.payload["n"] for asked in next(plan)] == [1, 3]


def test_equal_jobs_are_run_once() -> None:
    server = Scripted(echo)
    runner = Runner(server)
    for key in "abc":
        runner.start(key, chain(1, 2))
    assert values(runner) == {key: [1, 2] for key in "abc"}
    assert len(server.asked) == 2


def test_a_plan_may_be_started_while_others_end() -> None:
    runner = Runner(Scripted(echo))
    runner.start(1, chain(1))
    seen = []
    for key, _ in runner.results():
        seen.append(key)
        if key < 3:
            runner.start(key + 1, chain(key + 1))
    assert seen == [1, 2, 3]


def test_a_result_carries_the_time_it_took() -> None:
    def plan() -> Plan[Result]:
        return (yield from ask(job(1)))

    runner = Runner(Scripted(echo))
    runner.start("x", plan())
    assert values(runner)["x"]["seconds"] >= 0
