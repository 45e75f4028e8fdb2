"""A problem without quantifiers, as far as its own terms reach.

Universal facts are instantiated at the arguments that occur (and at `T` where `T + 1`
does), universal goals are asked about arbitrary constants. What is then left besides
linear arithmetic and connectives, function values and products, is taken as one unknown
each. This loses what a clever instance would have given; it is only a source of
suggestions, and those are proved again.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction
from typing import Final

from verify.kernel import terms
from verify.kernel.normal import normal
from verify.kernel.problem import Problem
from verify.kernel.terms import (
    BOOL,
    Binder,
    Symbol,
    Term,
    instantiate,
    is_numeric,
    subterms,
)
from verify.solvers.background import expand_finite

MAX_INSTANCES: Final = 24
MAX_ARGUMENTS: Final = 8
MAX_LEAVES: Final = 12
ARBITRARY: Final = "!arbitrary"


def make_ground(problem: Problem) -> tuple[tuple[Term, ...], Term | None]:
    """Facts and goal without quantifiers; the goal is None when it is existential."""
    goal = problem.goal
    while goal.op == "forall" and isinstance(goal.value, Binder):
        name = f"{goal.value.name}{ARBITRARY}"
        goal = instantiate(goal, terms.constant(Symbol(name, (), goal.value.sort)))
    goal = expand_finite(goal)
    if has_quantifier(goal):
        return (), None
    formulas = [expand_finite(fact.formula) for fact in problem.facts]
    arguments = find_arguments((goal, *formulas))
    facts: list[Term] = []
    for formula in formulas:
        facts += _instances(formula, arguments)
    return tuple(dict.fromkeys(facts)), goal


def has_quantifier(formula: Term) -> bool:
    return any(isinstance(term.value, Binder) for term in subterms(formula))


def find_arguments(formulas: Iterable[Term]) -> tuple[Term, ...]:
    """The closed arguments of functions, numbers also one step earlier, and the
    constants that name objects."""
    found: dict[Term, None] = {}
    for formula in formulas:
        for term in subterms(formula):
            if term.op != "app":
                continue
            for argument in term.args:
                if not argument.loose:
                    found[argument] = None
                    found.update(dict.fromkeys(_earlier(argument)))
            if not (term.loose or is_numeric(term.sort) or term.sort == BOOL):
                found[term] = None
    return tuple(found)[:MAX_ARGUMENTS]


def _earlier(argument: Term) -> Iterable[Term]:
    """`T` for `T + 1`, 4 for 5."""
    if argument.op == "+":
        yield terms.make_sum(*(part for part in argument.args if part.op != "num"))
    elif isinstance(argument.value, Fraction) and argument.value >= 1:
        yield terms.make_number(argument.value - 1, argument.sort)


def _instances(formula: Term, arguments: Sequence[Term]) -> list[Term]:
    """The formula, or its instances without quantifiers at these arguments."""
    done: list[Term] = []
    waiting = [formula]
    while waiting and len(done) + len(waiting) <= MAX_INSTANCES:
        one = waiting.pop()
        if not has_quantifier(one):
            done.append(one)
        elif one.op == "forall" and isinstance(one.value, Binder):
            fitting = [arg for arg in arguments if terms.fits(arg.sort, one.value.sort)]
            waiting += [instantiate(one, arg) for arg in fitting]
    return done


def find_unknowns(formulas: Iterable[Term]) -> dict[Term, Term]:
    """The outermost terms and atoms that linear arithmetic does not look into, each with
    its normal form (equal for `f(0 + 1)` and `f(1)`)."""
    found: dict[Term, Term] = {}
    seen: set[Term] = set()
    stack = list(formulas)[::-1]
    while stack:
        node = stack.pop()
        if node in seen:
            continue
        seen.add(node)
        if _is_opaque(node):
            found[node] = normal(node)
        else:
            stack.extend(reversed(node.args))
    return found


def _is_opaque(node: Term) -> bool:
    if node.op == "*":
        return sum(any(t.op == "app" for t in subterms(arg)) for arg in node.args) > 1
    if node.op == "=":
        return not is_numeric(node.args[0].sort)
    return node.op in ("app", "/")


def find_leaves(problem: Problem) -> tuple[Term, ...]:
    """The closed terms and numerals that a premise may compare, those of the goal first."""
    facts, goal = make_ground(problem)
    stated = (problem.goal, *(fact.formula for fact in problem.facts))
    found: dict[Term, None] = {}
    for formula in (*((goal,) if goal else ()), *facts, *stated):
        for unknown in find_unknowns((expand_finite(formula),)):
            parts = (unknown,) if unknown.op == "app" else unknown.args
            shortest = (min(part, normal(part), key=_size) for part in parts)
            found.update((part, None) for part in shortest if not part.loose)
        found.update((term, None) for term in subterms(formula) if term.op == "num")
    return tuple(leaf for leaf in found if is_speakable(leaf, problem))[:MAX_LEAVES]


def is_speakable(term: Term, problem: Problem) -> bool:
    """Whether a term speaks only of declared symbols, not of arbitrary constants."""
    declared = {symbol.name for symbol in problem.symbols}
    for sort in problem.sorts:
        declared.update(sort.elements)
    return all(
        not isinstance(part.value, Symbol) or part.value.name in declared
        for part in subterms(term)
    )


def _size(term: Term) -> int:
    return term.size
