"""What the names of a replayed statement mean: its networks, extrema and sums, in words.

A statement about an optimum or a network says little without what these are. They are
declared in the problem, so they are printed from it, as the kernel reads them.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Final

from verify.kernel import terms
from verify.kernel.counting import peel
from verify.kernel.networks import Network
from verify.kernel.problem import Problem
from verify.kernel.quantities import Extremum, Quantity, sides, symbol_of
from verify.kernel.terms import REAL, Symbol, Term, subterms
from verify.language.printing import render_term

MAX_UNITS: Final = 12  # of a network that is written out
MAX_LENGTH: Final = 2_000  # characters of one meaning


def find_meanings(problem: Problem) -> list[str]:
    """A sentence for each network, extremum and sum that the goal speaks of, directly or
    through another one."""
    wanted = _words(problem.goal)
    for quantity in reversed(problem.quantities):
        if quantity.name in wanted:
            wanted |= _words(quantity.formula)
    found = [*_networks(problem, wanted)]
    found += [_quantity(q) for q in problem.quantities if q.name in wanted]
    return found


def _words(formula: Term) -> set[str]:
    parts = subterms(formula)
    return {part.value.name for part in parts if isinstance(part.value, Symbol)}


def _quantity(quantity: Quantity) -> str:
    name = render_term(terms.constant(symbol_of(quantity)))
    if isinstance(quantity, Extremum):
        side = "least" if sides(quantity) else "greatest"
        variable = terms.constant(Symbol("v", (), REAL))
        body = render_term(terms.instantiate(quantity.formula, variable))
        return _shorten(f"{name} is the {side} v such that {body}")
    _, body_of = peel(quantity.formula)
    numbers = ", ".join(map(str, quantity.values))
    said = render_term(quantity.formula)
    return _shorten(
        f"{name} is the sum of all values v of {said.partition('. ')[2] or body_of.op}, "
        f"each variable after v being one of {numbers}"
    )


def _networks(problem: Problem, wanted: set[str]) -> Iterator[str]:
    for network in problem.networks:
        for name, variable in network.outputs:
            if name in wanted:
                yield _network(network, name, variable)


def _network(network: Network, name: str, variable: int) -> str:
    """The function written out, where it is small; else its size and its hash."""
    inputs = ["x"] if network.inputs == 1 else []
    inputs = inputs or [f"x{place}" for place in range(1, network.inputs + 1)]
    arguments = [terms.constant(Symbol(word, (), REAL)) for word in inputs]
    own = Symbol(name, (REAL,) * network.inputs, REAL)
    shown = render_term(terms.make_application(own, arguments))
    needed = _needed(network, variable)
    kinds = {network.units[v - network.inputs].kind for v in needed}
    if len(needed) <= MAX_UNITS and kinds <= {"relu", "linear"}:
        values: dict[int, Term] = dict(enumerate(arguments))
        for place in sorted(needed):
            unit = network.units[place - network.inputs]
            parts = [_times(weight, values[v]) for v, weight in unit.weights]
            if unit.bias or not parts:
                parts.append(terms.make_number(unit.bias, REAL))
            inner = terms.make_sum(*parts)
            zero = terms.make_number(0, REAL)
            relu = terms.make_if(terms.make_at_most(zero, inner), inner, zero)
            values[place] = relu if unit.kind == "relu" else inner
        return _shorten(f"{shown} is {render_term(values[variable])}")
    sha = network.meanings()[0].sha
    units = "1 unit" if len(network.units) == 1 else f"{len(network.units):,} units"
    return f"{shown} is a network of {units}, SHA-256 of its declaration {sha}"


def _times(weight: Fraction, value: Term) -> Term:
    factor = terms.make_number(weight, REAL)
    return value if weight == 1 else terms.make_product(factor, value)


def _needed(network: Network, variable: int) -> set[int]:
    """The units that a variable depends on, itself among them."""
    found: set[int] = set()
    waiting = [variable]
    while waiting:
        place = waiting.pop()
        if place >= network.inputs and place not in found:
            found.add(place)
            waiting += (v for v, _ in network.units[place - network.inputs].weights)
    return found


def _shorten(text: str) -> str:
    left = len(text) - MAX_LENGTH
    return text if left <= 0 else f"{text[:MAX_LENGTH]} ... ({left:,} characters more)"
