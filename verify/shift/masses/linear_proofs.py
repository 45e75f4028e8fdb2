"""Proofs by sums of inequalities, written as text at once.

A form is a constant and a weight for each named constant; `0 <= form` and `name = form` are
all that is said. The kernel scales what it reads to coprime integers, and an equation by a
sign that follows from its own order of names: the multipliers written here are divided by
that factor. Whatever is wrong here the kernel rejects.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from functools import lru_cache
from hashlib import sha256
from math import gcd, lcm
from typing import Any, Final, NamedTuple

from verify.kernel import terms
from verify.kernel.certificate import FORMAT, VERSION
from verify.kernel.terms import REAL, Symbol

ONE: Final = Fraction(1)
CONSTANT: Final = ""  # the name of what stands alone in a form

Form = Mapping[str, Fraction]  # weights by name, none of them 0


class Fact(NamedTuple):
    """`0 <= form`, or `form = 0` for an equation; `text` is how problems write it."""

    form: Form
    text: str
    equation: bool = False


class Stated(NamedTuple):
    """What a problem assumes under a name: `sha` where another problem proves it."""

    name: str
    facts: tuple[Fact, ...]
    sha: str = ""

    @property
    def text(self) -> str:
        return join_facts(self.facts)


class Certificate(NamedTuple):
    """The text of a problem, its hash, and the text of its proof."""

    problem: str
    sha: str
    text: str


def make_form(pairs: Iterable[tuple[str, Fraction]]) -> dict[str, Fraction]:
    """The form with these weights, those of one name added up."""
    form: dict[str, Fraction] = {}
    for name, weight in pairs:
        form[name] = form[name] + weight if name in form else weight
    return {name: weight for name, weight in form.items() if weight}


def make_bound(pairs: Iterable[tuple[str, Fraction]]) -> Fact:
    """The fact 0 <= sum of weight * name, with what is subtracted on the left."""
    form = make_form(pairs)
    left = [(name, -weight) for name, weight in form.items() if weight < 0]
    right = [(name, weight) for name, weight in form.items() if weight > 0]
    return Fact(form, f"(<= {write_sum(left)} {write_sum(right)})")


def make_definition(name: str, pairs: Sequence[tuple[str, Fraction]]) -> Fact:
    """The fact that a constant is a sum."""
    form = make_form([(name, ONE), *((other, -weight) for other, weight in pairs)])
    return Fact(form, f"(= {name} {write_sum(pairs)})", equation=True)


def write_number(value: Fraction) -> str:
    """A real numeral as problems write it."""
    return f"{value.numerator}/{value.denominator}"


def write_sum(pairs: Sequence[tuple[str, Fraction]]) -> str:
    """The sum of weight * name as problems write it; parts of weight 0 are left out."""
    parts = []
    for name, weight in pairs:
        if name == CONSTANT and weight:
            parts.append(write_number(weight))
        elif weight == 1:
            parts.append(name)
        elif weight:
            parts.append(f"(* {write_number(weight)} {name})")
    if len(parts) > 1:
        return f"(+ {' '.join(parts)})"
    return parts[0] if parts else "0/1"


def join_facts(facts: Sequence[Fact]) -> str:
    """All facts as one formula."""
    if len(facts) == 1:
        return facts[0].text
    return f"(and {' '.join(fact.text for fact in facts)})"


@lru_cache(maxsize=1 << 16)
def _key(name: str) -> bytes:
    return terms.constant(Symbol(name, (), REAL)).key


def find_scale(fact: Fact) -> Fraction:
    """What the kernel multiplies a fact with when it reads it."""
    values = fact.form.values()
    common = lcm(*(value.denominator for value in values))
    scale = Fraction(common, gcd(*(value.numerator for value in values)))
    if fact.equation:
        leading = min((name for name in fact.form if name), key=_key)
        return scale if fact.form[leading] > 0 else -scale
    return scale


class Proving:
    """One problem and its proof: what is assumed, then a sum for each part of the goal."""

    def __init__(self, names: Iterable[str], assumed: Sequence[Stated]) -> None:
        self.names, self.assumed = tuple(names), tuple(assumed)
        self.steps: list[dict[str, Any]] = []
        self.shown = [self._assume(one) for one in self.assumed]
        self.scales: dict[int, tuple[Fact, Fraction]] = {}

    def _add(self, rule: str, **fields: object) -> int:
        number = len(self.steps) + 1
        self.steps.append({"id": number, "rule": rule, **fields})
        return number

    def _assume(self, one: Stated) -> tuple[int, ...]:
        step = self._add("lemma" if one.sha else "premise", name=one.name)
        if len(one.facts) == 1:
            return (step,)
        return step, self._add("define", formula=one.text)

    def _scale(self, fact: Fact) -> Fraction:
        if (
            id(fact) not in self.scales
        ):  # the fact is kept, so that its id stays its own
            self.scales[id(fact)] = fact, find_scale(fact)
        return self.scales[id(fact)][1]

    def _sum(self, wanted: Fact, parts: Iterable[tuple[Fraction, Fact]]) -> int:
        """The step that says that these facts entail the one wanted: the wanted form is
        the sum of multiplier * form, or more."""
        literals = [f"(not {wanted.text})"]
        multipliers = [ONE / find_scale(wanted)]
        for multiplier, fact in parts:
            if multiplier:
                literals.append(fact.text)
                multipliers.append(multiplier / self._scale(fact))
        return self._add(
            "farkas", literals=literals, multipliers=list(map(str, multipliers))
        )

    def prove(
        self, goal: Sequence[tuple[Fact, Sequence[tuple[Fraction, Fact]]]]
    ) -> Certificate:
        """The certificate of a goal: each of its facts with the sum that shows it."""
        facts = [fact for fact, _ in goal]
        sums = [self._sum(fact, parts) for fact, parts in goal]
        return self.close(facts, sums)

    def close(self, facts: Sequence[Fact], sums: Sequence[int]) -> Certificate:
        """The certificate, once each fact of the goal is shown by a step or assumed."""
        goal = join_facts(facts)
        last = [self._add("goal")]
        if len(facts) > 1:
            last.append(self._add("define", formula=goal))
        hints = [step for shown in self.shown for step in shown]
        self._add("clause", literals=[], hints=[*hints, *sums, *reversed(last)])
        lines = ["(problem 1)"]
        lines += [f"(symbol {name} () Real)" for name in self.names]
        for one in self.assumed:
            head = f"lemma {one.name} {one.sha}" if one.sha else f"premise {one.name}"
            lines.append(f"({head} {one.text})")
        problem = "\n".join([*lines, f"(goal {goal})", ""])
        sha = sha256(problem.encode()).hexdigest()
        head_line = {
            "format": FORMAT, "version": VERSION, "claim": "proved", "problem": sha,
        }  # fmt: skip
        written = (head_line, {"text": problem}, *self.steps)
        text = "".join(json.dumps(line) + "\n" for line in written)
        return Certificate(problem, sha, text)
