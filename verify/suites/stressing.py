"""The queries of a task asked again and again, each time in other words.

A task is done once as it stands, while its queries are noted. Then each query that claims
something is repeated under seeds, renamings and shuffles, and its answers, weighed by the
kernel like any other, are compared: stable, slow (one took more than three times the usual
and a second more), flaky (some answered, some not), or an alarm when one says the opposite
of another.
"""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

from verify.arguments.evidence import read_result, weigh
from verify.kernel.problem import Problem, read_problem
from verify.kernel.terms import make_not
from verify.language.verdicts import Audit, Verdict
from verify.suites.tasks import Jobs
from verify.suites.variants import vary_payload

CLAIMING: Final = ("decide", "evidence", "instance")
SLOW: Final = 3.0
NOTICEABLE: Final = 1.0  # seconds
CHECK: Final = "stress"
ALARM: Final = "soundness_alarm"
HOLDS: Final = ("proved", "vouched")
FAILS: Final = ("refuted", "doubted")
SHOWN: Final = 60

Result = Mapping[str, Any]


class Asked(NamedTuple):
    """A query as it was submitted."""

    kind: str
    payload: Mapping[str, Any]
    seconds: float
    megabytes: int

    def problem(self) -> Problem | None:
        """The kernel's problem; None for files of networks."""
        text = self.payload.get("problem")
        return read_problem(str(text)) if text else None


class NotingServer:
    """A server that notes what claims something; otherwise the server it is given."""

    def __init__(self, server: Jobs) -> None:
        self._server = server
        self.asked: list[Asked] = []

    def submit(
        self,
        kind: str,
        payload: Mapping[str, Any],
        *,
        seconds: float,
        megabytes: int = 2_048,
    ) -> Any:
        """Note and submit."""
        if kind in CLAIMING and payload.get("known") is None:
            self.asked.append(Asked(kind, payload, seconds, megabytes))
        return self._server.submit(kind, payload, seconds=seconds, megabytes=megabytes)

    def as_completed(self, futures: Sequence[Any]) -> Iterator[Any]:
        """The futures as they are done."""
        return self._server.as_completed(futures)

    def drop(self, futures: Sequence[Any]) -> None:
        """Forget jobs."""
        self._server.drop(futures)


class Answer(NamedTuple):
    """What one way to ask was answered: a finding, and how long it took."""

    finding: str
    seconds: float
    detail: str = ""


def stress(
    server: Jobs, asked: Sequence[Asked], verdicts: Sequence[Verdict], repeats: int
) -> Iterator[Audit]:
    """An audit for each different query, asked in `repeats` ways."""
    names = {v.certificate.sha: v for v in verdicts if v.certificate is not None}
    once = {repr((one.kind, sorted(one.payload.items()))): one for one in asked}
    document = verdicts[0].document if verdicts else ""
    for one in once.values():
        answers = ask_all(server, one, repeats)
        problem = one.problem()
        about = _about(one, problem, names)
        yield make_audit(answers, document, about)


def _about(
    one: Asked, problem: Problem | None, names: Mapping[str, Verdict]
) -> Verdict | str:
    """The statement that a query decided, or how to recognise the query."""
    if problem is None:
        return next(iter(names.values()), str(one.payload.get("stated", "")))
    for side in (problem, problem._replace(goal=make_not(problem.goal))):
        if side.sha() in names:
            return names[side.sha()]
    return f"{one.kind} {problem.sha()[:8]}"


def ask_all(server: Jobs, one: Asked, repeats: int) -> list[Answer]:
    """The answers to a query asked in so many ways, the first as it stands."""
    payloads = [vary_payload(one.payload, number) for number in range(repeats)]
    futures = [
        server.submit(one.kind, payload, seconds=one.seconds, megabytes=one.megabytes)
        for payload in payloads
    ]
    places = {id(future): place for place, future in enumerate(futures)}
    answers: dict[int, Answer] = {}
    for future in server.as_completed(futures):
        place = places[id(future)]
        answers[place] = read_answer(one.kind, payloads[place], future.result())
    return [answers[place] for place in range(repeats)]


def read_answer(kind: str, payload: Mapping[str, Any], result: Result) -> Answer:
    """What a job's result establishes about its own way of asking."""
    seconds = float(result.get("seconds", 0.0))
    if result.get("status") != "done":
        return Answer("open", seconds, str(result.get("status")))
    match kind:
        case "decide":
            text = str(payload["problem"])
            outcome = read_result(read_problem(text), text, result)
            return Answer(outcome.finding, seconds, outcome.detail)
        case "evidence":
            return _read_evidence(payload, result, seconds)
        case "instance":
            if result["alarm"]:
                return Answer("alarm", seconds, str(result["alarm"]))
            return _claim(str(result["verdict"]["status"]), seconds)
        case _:
            raise ValueError(f"no answers are known of {kind}")


def _claim(status: str, seconds: float) -> Answer:
    return Answer(
        status if status in ("proved", "refuted") else "open", seconds, status
    )


def _read_evidence(
    payload: Mapping[str, Any], result: Result, seconds: float
) -> Answer:
    if result["reason"] == "alarm":
        return Answer("alarm", seconds, str(result["detail"]))
    if result["value"] is None:
        return Answer("open", seconds, str(result["reason"]))
    claimed = "proved" if result["value"] else "refuted"
    if result["certificate"]:
        problem = read_problem(str(payload["problem"]))
        if not result["value"]:
            problem = problem._replace(goal=make_not(problem.goal))
        outcome = weigh(problem, problem.text(), str(result["certificate"]))
        if outcome.finding == "alarm":
            return Answer("alarm", seconds, outcome.detail)
        if outcome.finding != "proved":
            return Answer("open", seconds, outcome.detail)
    return Answer(claimed, seconds)


def judge_answers(answers: Sequence[Answer]) -> str:
    """stable, slow, flaky or alarm."""
    found = [answer.finding for answer in answers]
    held = any(one in HOLDS for one in found)
    if "alarm" in found or (held and any(one in FAILS for one in found)):
        return "alarm"
    if len(set(found)) > 1:
        return "flaky"
    usual = statistics.median(answer.seconds for answer in answers)
    most = max(answer.seconds for answer in answers)
    return "slow" if most > SLOW * usual and most - usual > NOTICEABLE else "stable"


def make_audit(answers: Sequence[Answer], document: str, about: Verdict | str) -> Audit:
    """The audit that tells how a query's answers agree."""
    result = judge_answers(answers)
    counts = Counter(answer.finding for answer in answers)
    said = ", ".join(f"{count} {finding}" for finding, count in sorted(counts.items()))
    usual = statistics.median(answer.seconds for answer in answers)
    most = max(answer.seconds for answer in answers)
    alarms = [answer.detail for answer in answers if answer.finding == "alarm"]
    why = f" {alarms[0]}." if alarms and alarms[0] else ""
    if result == "alarm":
        why += " The same question has opposite answers; believe neither and report it."
    return Audit(
        document=about.document if isinstance(about, Verdict) else document,
        line=about.line if isinstance(about, Verdict) else 0,
        name=about.name if isinstance(about, Verdict) else about[:SHOWN],
        check=ALARM if result == "alarm" else CHECK, result=result,
        message=f"{said}; {usual:.3f} s usually, {most:.3f} s at most.{why}",
    )  # fmt: skip
