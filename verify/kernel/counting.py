"""Closed formulas over finitely many numbers, evaluated for all assignments of them.

A formula or number without functions and inner quantifiers becomes a list of operations,
each on what comes before it, which is run for every assignment.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from itertools import product
from math import prod
from typing import Final, NamedTuple

from verify.kernel import terms
from verify.kernel.rejections import Rejected, require
from verify.kernel.terms import REAL, Binder, Term

MAX_ASSIGNMENTS: Final = 200_000
MAX_OPERATIONS: Final = 50_000_000
MAX_BITS: Final = 20_000  # of the factors of a product, or the fractions of a sum
Number = int | Fraction  # and truth values
Values = Mapping[Term, Fraction]


class Step(NamedTuple):
    """One operation on the results of earlier ones; `value` is a numeral."""

    op: str
    args: tuple[int, ...]
    value: Number


def peel(formula: Term) -> tuple[int, Term]:
    """How many real variables stand in front of a formula, and what is under them."""
    count = 0
    while formula.op == "forall" and isinstance(formula.value, Binder):
        require(formula.value.sort == REAL, "real variables", formula.value.sort)
        formula = formula.args[0]
        count += 1
    return count, formula


def _plan(term: Term, variables: int, values: Values) -> list[Step]:
    """The operations; Rejected on anything but arithmetic over the bound variables."""
    steps: list[Step] = []
    places: dict[Term, int] = {}
    for part in terms.subterms(term):
        number = values.get(part, part.value)
        places[part] = len(steps)
        if isinstance(number, Fraction):
            steps.append(Step("num", (), _plain(number)))
            continue
        known = part.op == "var" or part.op in OPERATIONS
        if not known or part.loose > variables:
            raise Rejected("arithmetic over the variables bound in front", part.op)
        place = variables - 1 - number if isinstance(number, int) else 0
        steps.append(Step(part.op, tuple(places[arg] for arg in part.args), place))
    return steps


def _require_short(numbers: Iterable[Number]) -> None:
    bits = sum(n.numerator.bit_length() + n.denominator.bit_length() for n in numbers)
    require(bits <= MAX_BITS, f"numbers of at most {MAX_BITS} bits", "longer ones")


def _add(parts: list[Number]) -> Number:
    _require_short(part for part in parts if isinstance(part, Fraction))
    return sum(parts)


def _multiply(parts: list[Number]) -> Number:
    _require_short(parts)
    return prod(parts)


OPERATIONS: Final[Mapping[str, Callable[[list[Number]], Number]]] = {
    "+": _add,
    "*": _multiply,
    "<=": lambda parts: parts[0] <= parts[1],
    "<": lambda parts: parts[0] < parts[1],
    "=": lambda parts: parts[0] == parts[1],
    "iff": lambda parts: parts[0] == parts[1],
    "if": lambda parts: parts[1] if parts[0] else parts[2],
    "not": lambda parts: not parts[0],
    "and": all,
    "or": any,
    "implies": lambda parts: not parts[0] or parts[1],
    "true": lambda _: True,
    "false": lambda _: False,
    "real": lambda parts: parts[0],
}


def _run(steps: Sequence[Step], assignment: Sequence[Number]) -> Number:
    """The value of the last operation."""
    known: list[Number] = []
    for op, args, value in steps:
        if op == "num":
            known.append(value)
        elif op == "var":
            known.append(assignment[int(value)])
        else:
            known.append(OPERATIONS[op]([known[place] for place in args]))
    return known[-1]


def _plain(number: Fraction) -> Number:
    return number.numerator if number.denominator == 1 else number


def run_all(
    term: Term, choices: Sequence[Sequence[Fraction]], values: Values
) -> Iterator[Number]:
    """The term's value at every assignment; `choices` has the numbers of each variable,
    the outermost first, `values` what closed terms are taken to be equal to. Raises
    Rejected on too many."""
    steps = _plan(term, len(choices), values)
    count = prod(map(len, choices))
    work = sum(1 + len(step.args) for step in steps)
    few = count <= MAX_ASSIGNMENTS and count * work <= MAX_OPERATIONS
    limits = f"at most {MAX_ASSIGNMENTS} assignments, {MAX_OPERATIONS} operations"
    require(few, limits, f"{count} of {work}")
    numbers = [list(map(_plain, row)) for row in choices]
    return (_run(steps, assignment) for assignment in product(*numbers))


def domains(condition: Term, variables: int) -> list[list[Fraction]]:
    """The numbers that a condition leaves each variable, the outermost first.

    It is a conjunction with a part `p = a` or `p = a or p = b or ...` for each.
    """
    parts: Iterable[Term] = condition.args if condition.op == "and" else (condition,)
    found: list[list[Fraction]] = [[] for _ in range(variables)]
    for part in parts:
        choices = part.args if part.op == "or" else (part,)
        pairs = [choice.args for choice in choices if choice.op == "="]
        require(all(left.op == "var" for left, _ in pairs), "p = a", "another equation")
        places = {left.value for left, _ in pairs}
        numbers = [right.value for _, right in pairs]
        exact = [number for number in numbers if isinstance(number, Fraction)]
        plain = len(exact) == len(choices) and len(places) == 1
        require(plain, "p = a or p = b or ... for one variable", part.op)
        index = places.pop()
        if not isinstance(index, int) or index >= variables:
            raise Rejected("a variable bound in front", str(index))
        place = variables - 1 - index
        require(not found[place], "one condition for each variable", "two")
        found[place] = list(dict.fromkeys(exact))
    require(all(found), "a condition for each variable", "one missing")
    return found


def holds_in_all_cases(formula: Term, values: Values) -> bool:
    """Whether a closed formula `forall p...: condition implies body` holds, by cases; one
    without variables is evaluated as it is."""
    count, body = peel(formula)
    choices: list[list[Fraction]] = []
    if count:
        require(body.op == "implies", "a condition that implies something", body.op)
        choices = domains(body.args[0], count)
        body = body.args[1]
    return all(run_all(body, choices, values))
