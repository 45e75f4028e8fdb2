"""Properties of networks as tasks: each is asked of the store, decided, and told.

The checker reads the files, so it knows the question; a job has them as bytes and
searches. What the job says of a network that is small enough for a certificate is checked
by the kernel here, and a point is evaluated exactly here. The store keeps both: a
certificate under the hash of its problem, a point as a proposal under the hash of the
files. What comes out of it goes through every check that a new finding goes through. A
proof in floating point for a large network has no evidence that could be kept, so it is
searched for again each time.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any, Final, NamedTuple

from verify.arguments.evidence import Outcome, weigh
from verify.arguments.settings import GRACE
from verify.kernel.problem import Problem
from verify.kernel.terms import make_not
from verify.language.verdicts import TRUST_ORDER, Reason, Verdict
from verify.networks.certificates.certifying import is_usual
from verify.networks.certificates.problems import TooLarge, make_problem
from verify.networks.judging import Judgement, judge
from verify.networks.query import Empty, Finding, Open, Query, Witness
from verify.networks.questions import Asked
from verify.networks.records import KIND, make_verdict
from verify.suites.instance_jobs import read_witness
from verify.suites.instances import Instance, find_instances
from verify.suites.parts import decide_parts
from verify.suites.question_files import Files, NoQuestion, ask, read_files
from verify.suites.records import NotARecord, make_record
from verify.suites.stressing import NotingServer, stress
from verify.suites.tasks import Desk, Jobs, Outline, Task, name_in

MEGABYTES: Final = 4_096  # of a job
STATEMENT: Final = "no input in question reaches what the file asserts"
SMALL: Final = (
    1.0  # seconds for putting the answers of parts through all checks, at least
)
_ADVICE: Final[dict[str, str]] = {
    "timeout": "No answer within {seconds:g} s; raise its limit.",
    "memory": "The memory limit was reached; cut the property into smaller boxes.",
    "incomplete": "The search gave up without an answer ({detail}).",
    "unsupported": "It is not decided here: {detail}.",
    "no_certificate": "It was found to be {detail}, with trust rigorous; allow that with "
    "--trust rigorous.",
    "crash": "The search stopped without an answer ({detail}); run it again, and report "
    "it if it happens twice.",
}


class Stored(NamedTuple):
    """What the store had: what was found, as the job is told, and the kernel's outcome."""

    found: Mapping[str, Any]
    outcome: Outcome | None = None


def collect(paths: Iterable[Path], root: Path) -> Iterator[Task]:
    """A task for each instance."""
    for one in find_instances(paths):
        document = name_in(root, one.document)
        models = [name_in(root, Path(file)) for file in one.networks.values()]
        stated = name_in(root, Path(one.stated))
        data = {
            **one._asdict(), "document": document, "models": models, "file": stated,
        }  # fmt: skip
        yield Task("instance", f"{document} {one.name}", data)


def run(task: Task, desk: Desk) -> None:
    """Decide the instance and tell its verdict."""
    one = Instance(**{name: task.data[name] for name in Instance._fields})
    only = desk.options.get("only") or ()
    if only and one.name not in only:
        desk.outline([])
        return
    label = " ".join(task.data["models"])
    named = str(one.document)
    desk.outline(
        [Outline(named, one.line, one.name, KIND, label, STATEMENT, one.expected)]
    )
    begun = time.monotonic()
    repeats = int(desk.options.get("stress") or 0)
    noting = NotingServer(desk.server)
    verdict = _Instance(one, desk, noting if repeats else desk.server).decide()
    verdict = replace(
        verdict,
        document=named,
        line=one.line,
        name=one.name,
        label=label,
        expected=one.expected,
        as_expected=verdict.status == one.expected,
        seconds=time.monotonic() - begun,
        data={
            **verdict.data,
            "models": task.data["models"],
            "file": task.data["file"],
        },
    )
    desk.tell(verdict)
    for audit in (
        stress(desk.server, noting.asked, [verdict], repeats) if repeats else ()
    ):
        desk.tell(replace(audit, line=one.line, name=one.name))


class _Instance:
    def __init__(self, one: Instance, desk: Desk, server: Jobs) -> None:
        self.one = one
        self.server = server
        self.desk = desk
        timeout = desk.options.get("timeout")
        self.seconds = min(one.seconds, timeout or one.seconds)
        self.deadline = time.monotonic() + self.seconds

    def decide(self) -> Verdict:
        """The verdict; what cannot be read is an error, what is not known unsupported."""
        if self.one.problem:
            return _unread(self.one.problem)
        try:
            files = read_files(self.one.stated, self.one.networks)
            asked = ask(files)
            if len(asked.empty) == len(asked.query.cases):
                vacuous = judge(asked.query, 0.0, _never, empty=asked.empty)
                return _make(asked, vacuous)
            return self._decide(asked, files)
        except NoQuestion as reason:
            if reason.unsupported:
                return self._undecided("unsupported", str(reason))
            return _unread(str(reason))

    def _decide(self, asked: Asked, files: Files) -> Verdict:
        problem = _problem_of(asked.query)
        key = _key(files)
        stored = self._look_up(asked.query, problem, key)
        sent = files.send()
        known = stored.found if stored else None
        result = self._ask(sent, self.deadline - time.monotonic(), known)
        if stored is None and self.desk.options.get("split") and _is_open(result):
            result = self._ask_parts(asked.query, sent, result)
        return self._read(asked.query, problem, key, result, stored)

    def _look_up(
        self, query: Query, problem: Problem | None, key: str
    ) -> Stored | None:
        """What the store has, if the kernel accepts it or it holds exactly."""
        kept = self.desk.recall(key)
        if kept is not None and read_witness(query, kept) is not None:
            return Stored(kept)
        if problem is None:
            return None
        sha = problem.sha()
        for text in self.desk.store.find(sha):
            outcome = weigh(problem, problem.text(), text)
            if outcome.finding == "proved":
                found = {"sha": sha, "text": text, "cells": 0}
                return Stored(found, outcome)
        return None

    def _ask(
        self, sent: Mapping[str, Any], seconds: float, known: Mapping[str, Any] | None
    ) -> Mapping[str, Any]:
        """What a job says; `known` is put through its checks."""
        split = float(self.desk.options.get("split") or 0)
        if known is None and split:
            seconds = min(seconds, split)
        seconds = max(seconds, SMALL)
        payload = {
            **sent, "seconds": seconds, "known": known, "processes": self.desk.slots,
            "seed": int(self.desk.options.get("seed") or 0),
        }  # fmt: skip
        server = self.server
        future = server.submit(
            "instance", payload, seconds=seconds + GRACE, megabytes=MEGABYTES
        )
        (done,) = server.as_completed([future])
        result: Mapping[str, Any] = done.result()
        return result

    def _ask_parts(
        self, query: Query, sent: Mapping[str, Any], first: Mapping[str, Any]
    ) -> Mapping[str, Any]:
        """What the parts of the question say together, put through the checks of one."""
        found = decide_parts(
            query, sent, self.server, self.deadline, self.desk.width, MEGABYTES
        )
        match found:
            case Open():
                return first
            case Witness(case, point, _):
                known: dict[str, Any] = {"case": case, "point": [str(x) for x in point]}
            case Empty(_, cells, margin):
                known = {"cells": cells, "margin": min(margin, 1e300)}
        left = max(self.deadline - time.monotonic(), SMALL)
        return self._ask(sent, left, known)

    def _read(
        self,
        query: Query,
        problem: Problem | None,
        key: str,
        result: Mapping[str, Any],
        stored: Stored | None,
    ) -> Verdict:
        """The verdict in a job's result, as far as it is borne out here."""
        searched = float(result.get("seconds", 0.0)) if stored is None else 0.0
        if result.get("status") != "done":
            word = str(result.get("status", "crash"))
            return self._undecided(word, str(result.get("detail", "")), searched)
        if result["alarm"]:
            return _alarm(str(result["alarm"]))
        try:
            verdict = make_record(result["verdict"])
        except NotARecord as error:
            return self._undecided("crash", f"its result: {error}", searched)
        if not isinstance(verdict, Verdict):
            return self._undecided("crash", "its result is no verdict", searched)
        verdict = replace(verdict, search_seconds=searched)
        if verdict.status == "undecided":
            return self._undecided(verdict.reason, verdict.message, searched)
        verdict = self._confirm(query, problem, key, result, verdict)
        if result["refusal"] and verdict.semantics.startswith("float32"):
            return replace(
                self._undecided("incomplete", str(result["refusal"]), searched),
                semantics=verdict.semantics,
            )
        return self._weigh_trust(verdict, searched)

    def _confirm(
        self,
        query: Query,
        problem: Problem | None,
        key: str,
        result: Mapping[str, Any],
        verdict: Verdict,
    ) -> Verdict:
        """The verdict, once its evidence was accepted here; an alarm if it is refused."""
        refuted = verdict.status == "refuted"
        if refuted:
            if read_witness(query, result["found"]) is None:
                return _alarm(
                    "exact evaluation does not find a job's point in its case"
                )
            self.desk.remember(key, result["found"])
        text = str(result["certificate"])
        if verdict.trust != "certified" or problem is None or not text:
            return replace(verdict, trust="rigorous", certificate=None)
        side = problem._replace(goal=make_not(problem.goal)) if refuted else problem
        outcome = weigh(side, side.text(), text)
        if outcome.finding == "alarm":
            return _alarm(outcome.detail)
        if outcome.finding != "proved" or outcome.accepted is None:
            return replace(verdict, trust="rigorous", certificate=None)
        self.desk.store.keep(side.sha(), outcome.accepted.claim, text)
        return replace(verdict, kernel_seconds=outcome.kernel_seconds)

    def _weigh_trust(self, verdict: Verdict, searched: float) -> Verdict:
        least = str(self.desk.options.get("minimum_trust", "agreed"))
        decided = verdict.status in ("proved", "refuted")
        if decided and TRUST_ORDER.index(verdict.trust) < TRUST_ORDER.index(least):
            return self._undecided("no_certificate", verdict.status, searched)
        return verdict

    def _undecided(self, word: str, detail: str, searched: float = 0.0) -> Verdict:
        reason: Reason = word if word in _ADVICE else "crash"  # type: ignore[assignment]
        message = _ADVICE[reason].format(
            seconds=self.seconds, detail=detail.rstrip(".") or "no detail"
        )
        base = _blank("undecided", message)
        return replace(base, reason=reason, search_seconds=searched)


def _never(query: Query, deadline: float) -> Finding:
    raise ValueError("a search where nothing is in question")


def _is_open(result: Mapping[str, Any]) -> bool:
    """Whether more time might settle it."""
    if result.get("status") != "done":
        return result.get("status") == "timeout"
    return not result["alarm"] and result["verdict"]["status"] == "undecided"


def _problem_of(query: Query) -> Problem | None:
    """The kernel's problem of a query about a network that is small enough for one."""
    if not is_usual(query.network):
        return None
    try:
        return make_problem(query)
    except TooLarge:
        return None


def _key(files: Files) -> str:
    """The hash of what the files hold, under the names that the property gives them."""
    total = sha256(b"point\0")
    parts = {"": files.contents[files.stated]}
    parts |= {f"network {n}": files.contents[f] for n, f in files.networks.items()}
    for name in sorted(parts):
        total.update(sha256(name.encode()).digest() + sha256(parts[name]).digest())
    return total.hexdigest()


def _make(asked: Asked, judgement: Judgement) -> Verdict:
    return make_verdict(asked.question, judgement, point=None, seconds=0.0, versions={})


def _alarm(detail: str) -> Verdict:
    message = f"Soundness alarm: {detail}; trust no verdict of this run and report it."
    return replace(_blank("error", message), diagnosis="soundness_alarm")


def _unread(sentence: str) -> Verdict:
    message = f"It cannot be asked: {sentence}."
    return replace(_blank("error", message), diagnosis="unreadable")


def _blank(status: Any, message: str) -> Verdict:
    return Verdict(
        document="", line=0, name="", kind=KIND, label="", statement=STATEMENT,
        status=status, overall=status, message=message,
    )  # fmt: skip
