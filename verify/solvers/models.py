"""Small models: countermodels of a problem, and models of its facts.

Shapes of models are tried from small to large; for each, the formulas are expanded into
a ground question for z3 and its answer is written as a certificate. Only what the kernel
then accepts is returned as one: quantifiers over numbers were expanded at sample points,
so a candidate may fail. Then the failing formula is asked for the numbers at which it
fails, these become samples, and the search goes on. A candidate about which the kernel is
merely unsure (some fact is beyond its evaluation, though not the goal) is a potential
model; where nothing else is found, another is made by sparing one element the obligations
that only an infinite model could meet.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any, Final, NamedTuple

from verify.kernel.check import check
from verify.kernel.problem import Problem, read_problem
from verify.kernel.rejections import Rejected
from verify.solvers.answers import Budget
from verify.solvers.candidates import GOAL, Candidate, Candidates
from verify.solvers.frames import Frame, make_frames, make_spared, widen
from verify.solvers.readable import Lost

ROUNDS: Final = 4
SHARE: Final = 40
MAX_JUDGED: Final = 40
MAX_LOST: Final = 2


class ModelResult(NamedTuple):
    """`certificate` is text the kernel accepts, or None. Then `potential` may be the text
    of a model of all but the facts named in `truncated`."""

    certificate: str | None
    truncated: tuple[str, ...] = ()
    potential: str | None = None


def find_countermodel(
    problem: Problem, budget: Budget, scope: Mapping[str, int] | None = None
) -> ModelResult:
    """A model of the facts in which the goal fails; `scope` limits the sizes of sorts."""
    return _Search(problem, "refuted", budget).run(scope or {})


def find_model(
    problem: Problem, budget: Budget, scope: Mapping[str, int] | None = None
) -> ModelResult:
    """A model of the facts; the goal is not looked at. `scope` limits sizes of sorts."""
    return _Search(problem, "consistent", budget).run(scope or {})


class _Search:
    """One search, and what was learnt on the way."""

    def __init__(self, problem: Problem, claim: str, budget: Budget) -> None:
        self.problem = problem
        self.claim = claim
        self.deadline = time.monotonic() + budget.seconds
        share = budget._replace(resources=max(budget.resources // SHARE, 1))
        self.candidates = Candidates(problem, claim, share)
        self.potential = ModelResult(None)
        self.judged = 0
        self.lost = 0

    def run(self, scope: Mapping[str, int]) -> ModelResult:
        source = self.candidates
        frames = make_frames(
            source.formulas, source.sorts, scope, quantified=source.quantified
        )
        for frame in frames:
            found = self._in_frame(frame)
            if found is not None:
                wider = widen(found[0], source.groups, scope)
                better = wider and self._in_frame(wider, distinct=True)
                return ModelResult(better[1] if better else found[1])
            if self._is_spent():
                break
        if self.potential.potential is None:
            self._spare(make_spared(frames))
        return self.potential

    def _is_spent(self) -> bool:
        if self.judged > MAX_JUDGED or self.lost >= MAX_LOST:
            return True
        return time.monotonic() > self.deadline

    def _in_frame(
        self, frame: Frame, *, distinct: bool = False
    ) -> tuple[Frame, str] | None:
        """A certificate that the kernel accepts, with the frame as it was in the end."""
        for _ in range(ROUNDS):
            breaking: list[Fraction] = []
            try:
                for candidate in self.candidates.find(frame, distinct=distinct):
                    if self._judge(self.problem, candidate.text) == "accepted":
                        return frame, candidate.text
                    breaking = self._examine(candidate)
                    if breaking or self._is_spent():
                        break
            except Lost:
                self.lost += 1
            new = dict.fromkeys(one for one in breaking if one not in frame.samples)
            if not new or self._is_spent():
                return None
            frame = frame._replace(samples=(*frame.samples, *new))
        return None

    def _judge(self, problem: Problem, text: str) -> str:
        """The kernel's word on a model: accepted, fails, or unclear."""
        self.judged += 1
        try:
            check(problem.text(), text)
        except Rejected as rejected:
            return "fails" if rejected.got in ("true", "false") else "unclear"
        return "accepted"

    def _judge_each(self, candidate: Candidate) -> dict[str, str]:
        """The names of the formulas that the kernel does not confirm, and its word."""
        found = {}
        for name, _ in self.candidates.wanted:
            problem, text = self.candidates.alone(candidate, name)
            word = self._judge(problem, text)
            if word != "accepted":
                found[name] = word
        return found

    def _examine(self, candidate: Candidate) -> list[Fraction]:
        """Numbers at which some formula fails; if none does, note a potential model."""
        doubtful = self._judge_each(candidate)
        if "fails" not in doubtful.values() and GOAL not in doubtful:
            if self.potential.potential is None:
                self.potential = ModelResult(None, tuple(doubtful), candidate.text)
            return []
        return [
            number
            for name, formula in self.candidates.wanted
            if doubtful.get(name) == "fails"
            for number in self.candidates.breaking(candidate, formula)
        ]

    def _spare(self, frames: Sequence[Frame]) -> None:
        """Look for a potential model in which one element is spared its obligations."""
        for frame in frames:
            if time.monotonic() > self.deadline:
                return
            try:
                candidate = next(self.candidates.find(frame, spare_last=True), None)
            except Lost:
                continue
            if candidate is None:
                continue
            doubtful = self._judge_each(candidate)
            if GOAL not in doubtful:
                self.potential = ModelResult(None, tuple(doubtful), candidate.text)
                return


def job(payload: Mapping[str, Any]) -> dict[str, Any]:
    """One search as a job: `problem` text, `claim` refuted or consistent, `seconds`,
    `resources` and `scope` in; the fields of ModelResult out."""
    budget = Budget(seconds=float(payload.get("seconds", Budget().seconds)))
    budget = budget._replace(resources=int(payload.get("resources", budget.resources)))
    consistent = payload.get("claim") == "consistent"
    find = find_model if consistent else find_countermodel
    result = find(read_problem(payload["problem"]), budget, payload.get("scope") or {})
    return {**result._asdict(), "truncated": list(result.truncated)}
