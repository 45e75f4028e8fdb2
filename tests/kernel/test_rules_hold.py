"""What a rule yields is true: under random interpretations, judged by `tests.worlds`.

Quantifiers over numbers run over finitely many samples there. For every rule that does no
harm: instance terms are added to the samples, a witness is picked from them, and the
samples of Nat are 0, 1, ..., k, on which induction is as sound as on all of Nat.
"""

from __future__ import annotations

import itertools
from fractions import Fraction
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings

from tests.kernel.derivations import Clause, Derivation
from tests.kernel.random_steps import STEPS, make_fields
from tests.proofs import step
from tests.strategies import RICH_SYMBOLS, read_rich, seeds
from tests.worlds import Value, World
from verify.kernel.check import Proof
from verify.kernel.problem import Fact, Problem
from verify.kernel.rejections import Rejected
from verify.kernel.terms import (
    BOOL,
    INT,
    NAT,
    Binder,
    Symbol,
    Term,
    constant,
    make_not,
    make_or,
)
from verify.kernel.text import write_term

WORLDS = 6


def world_for(seed: int, fields: dict[str, Any]) -> World:
    """A world whose samples hold the values of the terms of an instance."""
    world = World(seed, sizes={"Model": 1 + seed % 3})
    for text in fields.get("terms", ()):
        term = read_rich(text)
        value = world.value(term)
        for name in {"Int", "Nat"} if term.sort in (INT, NAT) else {term.sort.name}:
            if name in world.samples and (name != "Nat" or value >= 0):
                world.samples[name] = [*world.samples[name], value]
    return world


def choose(world: World, formula: Term, count: int) -> tuple[Value, ...]:
    """Values for leading variables, chosen from the outside in, by what they do to it."""
    wanted, body = formula.op == "exists", formula
    chosen: tuple[Value, ...] = ()
    for _ in range(count):
        assert isinstance(body.value, Binder)
        domain, body = world.domain(body.value.sort), body.args[0]
        holding = [v for v in domain if world.value(body, (*chosen, v)) is wanted]
        chosen = (*chosen, (holding or list(domain))[0])
    return chosen


def holds(derivation: Derivation, clause: Clause, world: World) -> bool:
    return any(world.value(atom) is sign for atom, sign in derivation.formulas(clause))


def judge(rule: str, fields: dict[str, Any]) -> bool:
    """Whether the rule accepts the step; if so, its clauses must hold in every world."""
    derivation = Derivation()
    try:
        clauses = derivation.take(rule, **fields)
    except Rejected:
        return False
    for seed in range(WORLDS):
        world = world_for(seed, fields)
        if rule in ("witness", "witnesses"):
            count = fields.get("count", 1)
            chosen = choose(world, read_rich(fields["formula"]), count)
            for place, value in enumerate(chosen, 1):
                name = f"!1.{place}" if rule == "witnesses" else "!1"
                world.given[name] = lambda value=value: value
        for clause in clauses:
            assert holds(derivation, clause, world), (rule, fields, seed)
    return True


@pytest.mark.parametrize("rule", STEPS)
@given(seeds())
@settings(max_examples=25)
def test_what_a_rule_yields_is_true(rule: str, random: Random) -> None:
    judge(rule, make_fields(random, rule))


OFTEN = {"witnesses": 25, "farkas": 8, "product": 6, "combine": 25, "instance": 30}


@pytest.mark.parametrize("rule", STEPS)
def test_random_steps_are_accepted_often(rule: str) -> None:
    """Else the law above would say little."""
    accepted = sum(judge(rule, make_fields(Random(seed), rule)) for seed in range(50))
    assert accepted >= OFTEN.get(rule, 45), accepted


@given(seeds())
@settings(max_examples=20)
def test_induction_holds_of_polynomials(random: Random) -> None:
    """With f and g polynomials, what holds up to 30 is what holds."""
    fields = make_fields(random, "induction")
    derivation = Derivation()
    (clause,) = derivation.take("induction", **fields)
    for seed in range(4):
        a, b, c = (random.randint(-2, 2) for _ in range(3))
        world = World(
            seed,
            given={
                "f": lambda n, a=a, b=b: a * n * n + b * n,
                "g": lambda n, c=c: abs(c) * n + 1,
            },
            samples={"Nat": [Fraction(n) for n in range(30)]},
        )
        assert holds(derivation, clause, world)


def test_induction_needs_base_step_and_conclusion() -> None:
    """Each literal of the clause alone holds in some world, so none can be left out."""
    derivation = Derivation()
    (clause,) = derivation.take("induction", formula="(forall (?n Nat) (<= (f ?n) 0))")
    alone = set()
    for values in itertools.product((0, 1), repeat=5):
        table = dict(enumerate(map(Fraction, values)))
        world = World(
            given={"f": lambda n, table=table: table.get(int(n), Fraction(1))}
        )
        true = [
            atom.key
            for atom, sign in derivation.formulas(clause)
            if world.value(atom) is sign
        ]
        assert true
        alone.update(true if len(true) == 1 else ())
    assert len(alone) == 3


LETTERS = [Symbol(name, (), BOOL) for name in "abcd"]


def random_clauses(random: Random) -> list[frozenset[int]]:
    return [
        frozenset(
            random.choice((-1, 1)) * random.randint(1, 4)
            for _ in range(random.randint(1, 3))
        )
        for _ in range(random.randint(2, 8))
    ]


def propagate(clauses: list[frozenset[int]], goal: list[int]) -> bool:
    """Unit propagation, written once more: one pass, in order, over a set of facts."""
    known = {-literal for literal in goal}
    if any(-literal in known for literal in known):
        return True
    for clause in clauses:
        open_literals = [literal for literal in clause if -literal not in known]
        if not open_literals:
            return True
        if len(open_literals) == 1:
            known.add(open_literals[0])
    return False


def entailed(clauses: list[frozenset[int]], goal: list[int]) -> bool:
    for values in itertools.product((False, True), repeat=4):
        true = {n if value else -n for n, value in enumerate(values, 1)}
        if all(clause & true for clause in clauses) and not true & set(goal):
            return False
    return True


@given(seeds())
@settings(max_examples=100)
def test_unit_propagation_as_defined_and_sound(random: Random) -> None:
    clauses = random_clauses(random)
    goal = [
        random.choice((-1, 1)) * random.randint(1, 4)
        for _ in range(random.randint(0, 2))
    ]
    atoms = {n: constant(symbol) for n, symbol in enumerate(LETTERS, 1)}
    formula = {
        n: atoms[abs(n)] if n > 0 else make_not(atoms[abs(n)])
        for n in range(-4, 5)
        if n
    }
    facts = tuple(
        Fact("premise", f"P{i}", make_or(*(formula[n] for n in sorted(clause))))
        for i, clause in enumerate(clauses)
    )
    proof = Proof(Problem((), tuple(LETTERS), facts, formula[1]))
    order: list[int] = []
    for i, clause in enumerate(clauses):
        (single,) = proof.take(step(2 * i + 1, "premise", name=f"P{i}"))
        assert len(single) == 1
        order.append(2 * i + 1)
        if len(clause) > 1:
            proof.take(step(2 * i + 2, "define", formula=write_term(facts[i].formula)))
            order.append(2 * i + 2)
    hints = [random.choice(order) for _ in range(random.randint(0, 12))]
    expected = propagate(
        [c for n in hints for c in map(frozenset, proof.clauses[n])],
        [proof.literal(formula[n]) for n in goal],
    )
    line = step(
        100, "clause", literals=[write_term(formula[n]) for n in goal], hints=hints
    )
    try:
        proof.take(line)
    except Rejected:
        assert not expected
    else:
        assert expected
        assert entailed(clauses, goal)


def test_the_witness_law_can_fail() -> None:
    """A witness that were a chosen value before the choice would be refuted here."""
    derivation = Derivation()
    (clause,) = derivation.take("witness", formula="(exists (?a Light) (= ?a now))")
    world = World(given={"!1": lambda: "red", "now": lambda: "green"})
    assert not holds(derivation, clause, world)
    assert RICH_SYMBOLS["n"].result == NAT
