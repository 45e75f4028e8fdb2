"""Instances and witnesses, read off a contradiction that z3 found.

z3 tells at which terms it instantiated a quantifier, but those terms may mention constants
of its own, made for an `exists` that holds. So the harvest goes in rounds: each `exists`
in the formulas makes way for its body at a constant of ours, z3 is asked, what it used
and we can say is instantiated here, which brings new formulas, and z3 is asked again.
Every round z3 starts from more, and names more of what it does. The steps come out in an
order in which each mentions only constants of the steps before it. They are hints: the
search for a certificate may follow them, and the kernel checks what comes of that.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, NamedTuple

from verify.kernel import terms
from verify.kernel.problem import Problem
from verify.kernel.rejections import Rejected
from verify.kernel.terms import NAT, Binder, Symbol, Term
from verify.kernel.text import write_term
from verify.solvers.answers import Budget
from verify.solvers.background import ZERO, block_of, replace
from verify.solvers.z3_backend import bindings

MAX_ROUNDS: Final = 8
MAX_STEPS: Final = 200
SHARE: Final = 8  # of the resources go to one question
TRIES: Final = ((False, 0), (True, 0), (False, 1), (True, 1))  # general facts, seed


class Step(NamedTuple):
    """A closed quantified formula and what its leading variables are put to.

    As an `instance` they are any closed terms; as a `witness` they are fresh constants,
    named `!h` and a number, for which the formula holds if it is an `exists` that holds
    (fails, if it is a `forall` that fails).
    """

    kind: str
    formula: Term
    values: tuple[Term, ...]


def harvest(formulas: Sequence[Term], budget: Budget) -> tuple[Step, ...]:
    """Steps that help to contradict the formulas; empty when z3 does not."""
    end = time.monotonic() + budget.seconds
    state = _State(formulas)
    for _ in range(MAX_ROUNDS):
        left = budget._replace(
            resources=budget.resources // SHARE, seconds=end - time.monotonic()
        )
        if left.seconds <= 0 or not state.advance(_bindings(state.formulas, left)):
            break
    return tuple(state.steps)


def _bindings(formulas: Sequence[Term], budget: Budget) -> tuple[Any, ...]:
    for general, seed in TRIES:
        part = budget._replace(seed=budget.seed + seed)
        if found := bindings(formulas, part, general=general):
            return found
    return ()


class _State:
    """The formulas z3 is asked about, and the steps that led from the first to the last."""

    def __init__(self, formulas: Sequence[Term]) -> None:
        self.formulas: list[Term] = []
        self.steps: list[Step] = []
        self._opened: dict[Term, Term] = {}
        self._count = 0
        for formula in formulas:
            self._assume(formula)

    def _assume(self, formula: Term, given: Term = terms.TRUE) -> None:
        """Add that `given` implies `formula`; what may exist in it makes way for a
        witness."""
        todo = [formula]
        while todo:
            new = todo.pop()
            existential, universal = _quantified(new)
            changes = {}
            for one in existential:
                if one not in self._opened and len(self.steps) < MAX_STEPS:
                    self._opened[one] = self._open(one)
                    if one in universal:
                        pair = (one, self._opened[one])
                        self.formulas.append(
                            terms.make_implies(
                                *pair if one.op == "exists" else pair[::-1]
                            )
                        )
                if one in self._opened and one not in universal:
                    changes[one] = self._opened[one]
            if changes:
                todo.append(replace(new, changes))
            elif given in self.formulas or given == terms.TRUE:
                self.formulas.append(new)
            else:
                self.formulas.append(terms.make_implies(given, new))

    def _open(self, quantified: Term) -> Term:
        """The body at fresh constants."""
        body, constants = quantified, []
        for binder in block_of(quantified)[0]:
            self._count += 1
            constants.append(
                terms.constant(Symbol(f"!h{self._count}", (), binder.sort))
            )
            body = terms.instantiate(body, constants[-1])
        self.steps.append(Step("witness", quantified, tuple(constants)))
        return body

    def advance(self, found: Iterable[tuple[Term, tuple[Term | None, ...]]]) -> bool:
        """Take over what z3 found; whether any of it was new."""
        before = len(self.steps)
        for formula, values in found:
            known = tuple(value for value in values if value is not None)
            step = Step("instance", formula, known)
            if len(known) < len(values) or step in self.steps:
                continue
            if len(self.steps) >= MAX_STEPS:
                break
            given = formula if formula.op == "forall" else terms.make_not(formula)
            try:
                instance = _instance(step)
            except Rejected:
                continue
            self.steps.append(step)
            self._assume(instance, given)
        return len(self.steps) > before


def _instance(step: Step) -> Term:
    """What an instance says where its `forall` holds, or its `exists` does not."""
    body, guards = step.formula, []
    for value in step.values:
        if not isinstance(body.value, Binder):
            raise Rejected("a value for each leading variable", "more values")
        if body.value.sort == NAT and value.sort != NAT:
            guards.append(terms.make_less(value, ZERO))
        body = terms.instantiate(body, value)
    if step.formula.op == "exists":
        body = terms.make_not(body)
    return terms.make_or(*guards, body)


def _quantified(formula: Term) -> tuple[dict[Term, None], dict[Term, None]]:
    """Closed quantified parts: those that promise something, which exists (or at which a
    `forall` fails), and those that speak of everything. One may do both."""
    found: tuple[dict[Term, None], dict[Term, None]] = ({}, {})
    seen: set[tuple[Term, bool]] = set()
    stack = [(formula, True)]
    while stack:
        node, positive = stack.pop()
        if (node, positive) in seen or node.loose or node.sort != terms.BOOL:
            continue
        seen.add((node, positive))
        match node.op:
            case "exists" | "forall":
                found[(node.op == "exists") != positive][node] = None
            case "not":
                stack.append((node.args[0], not positive))
            case "implies":
                stack += [(node.args[1], positive), (node.args[0], not positive)]
            case "iff" | "if":
                stack += [(arg, sign) for arg in node.args for sign in (True, False)]
            case "and" | "or":
                stack += [(arg, positive) for arg in reversed(node.args)]
    return found


def instances(
    problem: Problem, budget: Budget
) -> tuple[tuple[str, tuple[Term, ...]], ...]:
    """Instances z3 used to prove the goal, in terms of the problem alone.

    Each is the name of a fact, or the key of another quantified formula in hexadecimal,
    with a term for each leading variable.
    """
    names = {fact.formula: fact.name for fact in problem.facts}
    return tuple(
        (names.get(step.formula, step.formula.key.hex()), step.values)
        for step in harvest(_question(problem), budget)
        if step.kind == "instance" and not any(map(_mentions_witness, step.values))
    )


def _question(problem: Problem) -> list[Term]:
    facts = [fact.formula for fact in problem.facts]
    return [*facts, terms.make_not(problem.goal)]


def _mentions_witness(term: Term) -> bool:
    parts = terms.subterms(term)
    return any(
        isinstance(p.value, Symbol) and p.value.name.startswith("!h") for p in parts
    )


def extend_hints(
    problem: Problem, hints: Mapping[str, Any], budget: Budget
) -> dict[str, Any]:
    """The hints with what z3 used: "steps" ([kind, formula text, [value texts]], in
    order), and those about facts themselves as "instances" and "witnesses" as well."""
    names = {fact.formula: fact.name for fact in problem.facts}
    found = harvest(_question(problem), budget)
    steps = [
        [step.kind, write_term(step.formula), [write_term(v) for v in step.values]]
        for step in found
    ]
    extended: dict[str, Any] = {**hints, "steps": steps}
    for kind, place in (("instance", "instances"), ("witness", "witnesses")):
        extended[place] = list(hints.get(place, ()))
        for step, (_, _, texts) in zip(found, steps, strict=True):
            if step.kind == kind and step.formula in names:
                extended[place].append([names[step.formula], texts])
    return extended
