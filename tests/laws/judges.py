"""Whether an accepted certificate is right, by other means than the kernel.

Of a proof, z3 is asked about the problem. A model is evaluated by `tests.worlds`, with
quantifiers over numbers run over a range far larger than the models are.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from functools import cache

from tests.laws.fragments import ask_z3
from tests.proofs import Line
from tests.worlds import Value, World
from verify.kernel import terms
from verify.kernel.problem import Fact, Problem, read_problem, scope_of
from verify.kernel.quantities import symbol_of
from verify.kernel.terms import REAL, Binder, Sort, Symbol, Term, is_numeric, subterms
from verify.kernel.text import make_term, read_tree
from verify.solvers.answers import Sat, Unsat

MAX_UNITS = 12
INTEGERS = [Fraction(n) for n in range(-30, 31)]
LINE = [Fraction(k, 6) for k in range(-60, 61)]


@cache
def is_true(text: str, known: str = "", seconds: float = 5.0) -> bool | None:
    """Whether the goal follows from the facts, as z3 says; None if it does not say.

    Extrema and sums are any numbers to z3, but for what `known` says of them: the text of
    a true problem that declares the same ones.
    """
    problem = read_problem(text)
    facts = problem.facts
    if problem.quantities and known:
        given = read_problem(known)
        if given.quantities == problem.quantities and not given.facts:
            facts = (*facts, Fact("premise", "known.before", given.goal))
    units = [unit for network in problem.networks for unit in network.units]
    if len(units) > MAX_UNITS or any(unit.kind == "sigmoid" for unit in units):
        return None
    plain = problem._replace(
        symbols=(*problem.symbols, *map(symbol_of, problem.quantities)),
        facts=tuple(
            fact._replace(formula=write_out(problem, fact.formula)) for fact in facts
        ),
        goal=write_out(problem, problem.goal),
        networks=(),
        quantities=(),
    )
    answer = ask_z3(plain, seconds)
    if isinstance(answer, Sat) and problem.quantities and facts == problem.facts:
        return None
    return {Unsat: True, Sat: False}.get(type(answer))


def write_out(problem: Problem, formula: Term) -> Term:
    """The formula with each network's function replaced by what its units compute."""
    functions = {
        symbol: (network, variable)
        for network in problem.networks
        for symbol, variable in network.functions()
    }

    def visit(node: Term, _: int, args: tuple[Term, ...]) -> Term:
        if node.op != "app" or node.value not in functions:
            return terms.remake(node, args)
        network, variable = functions[node.value]
        values = [*args]
        for unit in network.units:
            parts = [
                terms.make_product(terms.make_number(weight, REAL), values[place])
                for place, weight in unit.weights
            ]
            inner = terms.make_sum(terms.make_number(unit.bias, REAL), *parts)
            values.append(apply_kind(unit.kind, inner))
        return values[variable]

    return terms.rewrite(formula, visit)


def apply_kind(kind: str, inner: Term) -> Term:
    zero, one = (terms.make_number(value, REAL) for value in (0, 1))
    if kind == "relu":
        return terms.make_if(terms.make_at_most(zero, inner), inner, zero)
    if kind == "sign":
        less = terms.make_if(
            terms.make_less(inner, zero), terms.make_number(-1, REAL), zero
        )
        return terms.make_if(terms.make_less(zero, inner), one, less)
    return inner


def world_of(problem: Problem, lines: list[Line]) -> World:
    """The world that the lines of a model describe."""
    sizes = {line["sort"]: line["size"] for line in lines if "sort" in line}
    own = find_numbers(problem)
    whole = [number for number in own if number.denominator == 1]
    samples = {
        "Int": [*INTEGERS, *whole],
        "Nat": [*INTEGERS[30:], *(number for number in whole if number > 30)],
        "Real": [*LINE, *own],
    }
    world = World(sizes=sizes, samples=samples)
    sorts, symbols = scope_of(problem)
    scope = {}
    for sort in problem.sorts:
        for name in world.domain(sort):
            scope[name] = Symbol(name, (), sort)
            world.given[name] = lambda name=name: name
    for line in lines:
        if "symbol" in line:
            symbol = symbols[line["symbol"]]
            body = read_body(symbol, line, sorts, scope)
            world.given[symbol.name] = function(world, body)
    return world


def find_numbers(problem: Problem) -> list[Fraction]:
    """The numbers that a problem speaks of, which may lie beyond every range, and what
    their fractions are made of."""
    formulas = [problem.goal, *(fact.formula for fact in problem.facts)]
    found: set[Fraction] = set()
    for part in (one for formula in formulas for one in subterms(formula)):
        if part.op == "num":
            number = Fraction(str(part.value))
            found |= {number, Fraction(number.numerator), Fraction(number.denominator)}
    return sorted(found)


def read_body(
    symbol: Symbol, line: Line, sorts: dict[str, Sort], scope: dict[str, Symbol]
) -> Term:
    """The value of a definition, its parameters bound from the outside in."""
    (value,) = read_tree(line["value"])
    tree = ["=", value, value]
    pairs = zip(line["parameters"], symbol.arguments, strict=True)
    for name, sort in reversed(list(pairs)):
        tree = ["forall", [name, sort.name], tree]
    term = make_term(tree, sorts, scope)
    for _ in symbol.arguments:
        term = term.args[0]
    return term.args[0]


def function(world: World, body: Term) -> Callable[..., Value]:
    return lambda *args: world.value(body, args)


def number_quantifiers(formula: Term) -> int:
    return sum(
        isinstance(part.value, Binder) and is_numeric(part.value.sort)
        for part in subterms(formula)
    )


def is_model(text: str, claim: str, lines: list[Line]) -> bool | None:
    """Whether the model does what is claimed; None when it is too large to try."""
    problem = read_problem(text)
    formulas = [fact.formula for fact in problem.facts]
    wanted = [(formula, True) for formula in formulas]
    wanted += [(problem.goal, False)] if claim == "refuted" else []
    if claim == "refuted" and not problem.symbols and not problem.facts:
        followed = is_true(text)
        return None if followed is None else not followed
    if any(number_quantifiers(formula) > 2 for formula, _ in wanted):
        return None
    world = world_of(problem, lines)
    return all(world.value(formula) is value for formula, value in wanted)


def is_right(text: str, lines: list[Line], known: str = "") -> bool | None:
    """Whether what an accepted certificate says of the problem is so; `known` is the text
    of a problem that is true."""
    claim = lines[0]["claim"]
    if claim == "proved":
        return is_true(text, known)
    return is_model(text, claim, lines[2:])
