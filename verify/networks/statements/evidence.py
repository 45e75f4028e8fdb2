"""Evidence: whether a closed statement about networks holds, and what shows it.

The statement is split into its largest parts that begin with a quantifier or have none.
Each part is decided by itself: it is shown, or a point is found where it fails (an
`exists` the other way round). The truth of the whole follows, and then one proof is
written for it or for its negation, in which the points are instances. Networks that are
too large for a tree are argued with floating point and proven envelopes: the answer is
then `rigorous`, and there is no certificate.

Constants with a declared meaning come with a `Finder`, which knows between which numbers
they lie and how that is shown; parts without quantifiers are then settled by arithmetic.
A part with an `exists` before a `forall` is decided at the values that the finder has.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from fractions import Fraction
from functools import partial
from typing import Final, NamedTuple

from verify.kernel import terms
from verify.kernel.networks import Program
from verify.kernel.problem import Problem
from verify.kernel.rejections import Rejected
from verify.kernel.terms import Term
from verify.networks.certificates.branching import search
from verify.networks.certificates.outcomes import Outcome, Point, Stuck
from verify.networks.certificates.proving import (
    Argued,
    Certified,
    Proof,
    Proving,
    Refuting,
    prove_goal,
)
from verify.networks.query import Empty
from verify.networks.statements.evaluating import Evaluator, connect
from verify.networks.statements.following import NotFollowing, follow
from verify.networks.statements.grounds import (
    GroundProof,
    Unsettled,
)
from verify.networks.statements.knowing import Constants
from verify.networks.statements.opening import (
    CONNECTIVES,
    Mixed,
    Opened,
    find_points,
    is_quantified,
    open_statement,
    split_parts,
)
from verify.networks.statements.quantities import Finder, Nothing
from verify.solvers.prooflog import ProofLog

CERTIFIED_UNITS: Final = 150  # relus of a case up to which a tree is looked for first
SHARE: Final = 0.6  # of the time that is left, for a tree
UNCONFIRMED: Final = Stuck("incomplete", "a point that was not confirmed")
DENOMINATORS: Final = (1, 2, 4, 5, 10, 20, 50, 100, 1_000, 10_000, 10**6, 10**9)


class _Stopped(Exception):
    """A part that could not be written down: why."""

    def __init__(self, stuck: Stuck) -> None:
        self.stuck = stuck
        super().__init__(stuck)


class Ruling(NamedTuple):
    """What was found: the statement's truth, and the certificate of it or its negation.

    `value` is None when it is open, for a closed `reason` and with a `detail`. Without a
    certificate the answer is `rigorous`.
    """

    value: bool | None
    certificate: str = ""
    reason: str = ""
    detail: str = ""


def decide_evidence(
    problem: Problem, seconds: float, finder: Finder | None = None
) -> Ruling:
    """Whether the problem's goal, a closed statement about its networks, holds.

    Facts are not used. A certificate proves the goal or, if that is false, its negation;
    it counts once the kernel has accepted it. `finder` knows the problem's constants.
    """
    return _Evidence(problem, time.monotonic() + seconds, finder or Nothing()).rule()


class _Evidence:
    def __init__(self, problem: Problem, deadline: float, finder: Finder) -> None:
        self.problem = problem
        self.deadline = deadline
        self.finder = finder
        self.values: dict[Term, bool | None] = {}
        self.points: dict[Term, Fraction] = {}
        self.proofs: dict[Term, str] = {}  # goal -> certificate
        self.outcomes: dict[Program, Outcome | Empty] = {}
        self.argued = False
        self.open: Stuck | None = None
        self.constants = Constants(problem, finder, deadline)
        self.settled: dict[Term, Callable[[GroundProof], int]] = {}

    def rule(self) -> Ruling:
        goal = self.problem.goal
        for part in split_parts(goal):
            if part not in self.values and self._value(goal) is None:
                self.values[part] = self._decide(part)
        value = self._value(goal)
        if value is None:
            stuck = self.open or Stuck("incomplete", "no part of it settles it")
            return Ruling(None, "", stuck.reason, stuck.detail)
        if self.argued:
            return Ruling(value)
        asked = goal if value else terms.make_not(goal)
        if asked in self.proofs:
            return Ruling(value, self.proofs[asked])
        found = self._join(asked)
        if isinstance(found, Stuck):
            return Ruling(None, "", found.reason, found.detail)
        return Ruling(value, found)

    def _join(self, asked: Term) -> str | Stuck:
        """One proof of `asked`: each part that is known, then what follows from them.

        Empty where a part was only argued.
        """
        problem = self.problem._replace(facts=(), goal=asked)
        log = ProofLog(problem)
        grounds = self.constants.grounds()
        proof = GroundProof(grounds, log, self.deadline, self._ask)
        try:
            known = [
                self._write(part, value, proof)
                for part, value in self.values.items()
                if value is not None
            ]
            return log.certificate(follow(log, None, known)) if all(known) else ""
        except _Stopped as stopped:
            return stopped.stuck
        except Unsettled as unsettled:
            return Stuck(unsettled.reason, unsettled.detail)
        except NotFollowing:
            return UNCONFIRMED
        except Rejected as rejected:
            if self.constants.known or self.settled:
                return Stuck("incomplete", f"what was found does not hold: {rejected}")
            return Stuck("unsupported", str(rejected))

    def _write(self, part: Term, value: bool, proof: GroundProof) -> int:
        """A step for the part or its negation; 0 where it was only argued."""
        if part in self.settled:
            return self.settled[part](proof)
        log = proof.log
        search = Proof(
            log.proof.problem, self.deadline, self._ask, points=self.points, log=log
        )
        search.start(terms.make_not(part) if value else part)
        stuck = search.close()
        if stuck is not None:
            raise _Stopped(stuck if isinstance(stuck, Stuck) else UNCONFIRMED)
        return 0 if search.argued else search.end

    def _value(self, formula: Term) -> bool | None:
        """The truth of the statement as far as its parts are known."""
        if formula.op in CONNECTIVES and is_quantified(formula):
            return connect(formula.op, [self._value(arg) for arg in formula.args])
        return self.values.get(formula)

    def _decide(self, part: Term) -> bool | None:
        """The truth of one part; what it fails or holds at goes to `points`."""
        constants = self.constants.spoken_of(part)
        if constants and is_quantified(part):
            detail = "it speaks of an optimum, a risk or a count below a quantifier"
            self.open = Stuck("unsupported", detail)
            return None
        if not is_quantified(part):
            try:
                value = self.constants.settle(part)
                self.settled[part] = partial(self.constants.show, part=part)
                return value
            except Unsettled as unsettled:
                self.open = Stuck(unsettled.reason, unsettled.detail)
                if constants:
                    return None
        found = self.finder.settle(part, self.deadline)
        if isinstance(found, Stuck):
            self.open = found
            return None
        if found is not None:
            self.settled[part] = found.write
            return found.value
        positive = part.op != "exists"
        try:
            opened = open_statement(part, positive=positive)
        except Mixed:
            detail = "it asks for something for each of infinitely many others"
            self.open = Stuck("unsupported", detail)
            return None
        except Rejected as rejected:
            self.open = Stuck("unsupported", str(rejected))
            return None
        asked = part if positive else terms.make_not(part)
        if not positive:
            opened = opened._replace(matrix=terms.make_not(opened.matrix))
        simple = positive and not is_quantified(_body(part))
        proving = self._prove(part if simple else opened.close())
        match proving:
            case Certified(text):
                if simple:
                    self.proofs[asked] = text
                return positive
            case Argued():
                self.argued = True
                return positive
            case Refuting(point):
                confirmed = _confirm(Evaluator(self.problem.networks), opened, point)
                if confirmed is None:
                    self.open = UNCONFIRMED
                    return None
                self.points |= find_points(part, confirmed, positive=positive)
                return not positive
            case stuck:
                self.open = stuck
                return None

    def _prove(self, goal: Term) -> Proving:
        problem = self.problem._replace(facts=(), goal=goal)
        return prove_goal(problem, self.deadline, ask=self._ask)

    def _ask(self, program: Program, deadline: float) -> Outcome | Empty:
        """One case: a tree or a point, else what floating point can show."""
        if program not in self.outcomes:
            self.outcomes[program] = self._search(program, deadline)
        return self.outcomes[program]

    def _search(self, program: Program, deadline: float) -> Outcome | Empty:
        now = time.monotonic()
        units = sum(unit.kind != "linear" for unit in program.units)
        found: Outcome | Empty = Stuck("timeout", "no answer in time")
        if units <= CERTIFIED_UNITS or not program.box:
            found = search(program, now + SHARE * (deadline - now))
        if isinstance(found, Stuck) and units and program.box:
            from verify.networks.statements.arguing import argue

            argued = argue(program, deadline)
            return found if isinstance(argued, Stuck) else argued
        return found


def _body(formula: Term) -> Term:
    """What is left of a statement without the quantifiers it begins with."""
    while formula.op == "forall":
        formula = formula.args[0]
    return formula


def _confirm(evaluator: Evaluator, opened: Opened, point: Point) -> Point | None:
    """The simplest point near `point` at which the statement fails, evaluated exactly."""
    simpler = (
        tuple(value.limit_denominator(most) for value in point) for most in DENOMINATORS
    )
    for near in (*simpler, point):
        if evaluator.truth(opened.at(near)) is False:
            return near
    return None
