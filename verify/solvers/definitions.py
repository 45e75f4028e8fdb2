"""Tables and tails as the kernel's definitions, and back.

A model search thinks in rows, a person reads rows, the kernel evaluates definitions. A
table becomes a chain of `if`s that ends in what holds elsewhere: a value, or a polynomial
in the one numeric argument. The same chains are read back into rows.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any, NamedTuple

from verify.kernel import terms
from verify.kernel.polynomials import read_polynomial, write_polynomial
from verify.kernel.problem import Problem, scope_of
from verify.kernel.terms import BOOL, Sort, Symbol, Term
from verify.kernel.text import make_term, read_tree, write_term

Row = tuple[tuple[str, ...], str]


class Rows(NamedTuple):
    """What a function gives: at the listed arguments, and elsewhere a value or, as the
    coefficients of a polynomial in its one argument, a tail."""

    table: tuple[Row, ...]
    default: str | None = None
    tail: tuple[Fraction, ...] | None = None


def _written(text: str, sort: Sort) -> str:
    if not terms.is_numeric(sort):
        return text
    return write_term(terms.make_number(Fraction(text), sort))


def write_definition(symbol: Symbol, rows: Rows) -> dict[str, Any]:
    """The certificate line that defines `symbol` by these rows."""
    names = [f"?a{i}" for i in range(1, len(symbol.arguments) + 1)]
    table = list(rows.table)
    if rows.tail is not None:
        value = _polynomial(symbol, rows.tail, names[0])
    else:
        default = rows.default
        if (
            default is None
        ):  # a total table: its commonest value is what holds elsewhere
            default = Counter(result for _, result in table).most_common(1)[0][0]
        table = [row for row in table if row[1] != default]
        value = _written(default, symbol.result)
    for key, result in reversed(table):
        tests = [
            name if text == "true" else f"(not {name})" if text == "false"
            else f"(= {name} {_written(text, sort)})"
            for name, text, sort in zip(names, key, symbol.arguments, strict=True)
        ]  # fmt: skip
        test = tests[0] if len(tests) == 1 else f"(and {' '.join(tests)})"
        value = f"(if {test} {_written(result, symbol.result)} {value})"
    return {"symbol": symbol.name, "parameters": names, "value": value}


def _polynomial(symbol: Symbol, tail: Sequence[Fraction], name: str) -> str:
    argument = Symbol("argument", (), symbol.arguments[0])
    monomials = {
        (terms.constant(argument),) * power: c for power, c in enumerate(tail) if c
    }
    return write_term(write_polynomial(monomials, symbol.result)).replace(
        "argument", name
    )


def read_definition(
    problem: Problem, sizes: Mapping[str, int], line: Mapping[str, Any]
) -> Rows:
    """The rows of a definition written as above; other definitions have one row less."""
    sorts, symbols = scope_of(problem)
    symbol = symbols[line["symbol"]]
    for sort in problem.sorts:
        for place in range(sizes.get(sort.name, 0)):
            symbols[f"{sort.name}!{place}"] = Symbol(f"{sort.name}!{place}", (), sort)
    places: dict[str, int] = {}
    for place, (name, sort) in enumerate(
        zip(line["parameters"], symbol.arguments, strict=True)
    ):
        places[f"parameter{place}"] = place
        symbols[name] = Symbol(f"parameter{place}", (), sort)
    text = line["value"]
    value = make_term(read_tree(text)[0], sorts, symbols)
    table: list[Row] = []
    while value.op == "if" and (key := _key(value.args[0], places)) is not None:
        table.append((key, _say(value.args[1])))
        value = value.args[2]
    if not terms.is_numeric(value.sort) or value.op == "num":
        return Rows(tuple(table), _say(value))
    poly = read_polynomial(value)
    if all(len(set(monomial)) <= 1 for monomial in poly):
        degree = max(map(len, poly), default=0)
        by_degree = {len(monomial): c for monomial, c in poly.items()}
        return Rows(
            tuple(table),
            None,
            tuple(by_degree.get(power, Fraction(0)) for power in range(degree + 1)),
        )
    return Rows(tuple(table), write_term(value))


def _key(test: Term, places: Mapping[str, int]) -> tuple[str, ...] | None:
    """The arguments that a condition of the chain singles out."""
    found: dict[int, str] = {}
    for part in test.args if test.op == "and" else (test,):
        atom = part.args[0] if part.op in ("not", "=") else part
        name = atom.value.name if isinstance(atom.value, Symbol) else ""
        if name not in places:
            return None
        if atom.sort == BOOL:
            found[places[name]] = "false" if part.op == "not" else "true"
        else:
            found[places[name]] = _say(part.args[1])
    return tuple(found[i] for i in sorted(found)) if len(found) == len(places) else None


def _say(term: Term) -> str:
    if isinstance(term.value, Fraction):
        return str(term.value)
    return term.value.name if isinstance(term.value, Symbol) else term.op
