"""VNN-LIB 1.0: properties as SMT-LIB assertions over inputs X_i and outputs Y_j.

The whole of what is read: `set-logic` and `set-info`, which mean nothing here;
`declare-const` and `declare-fun` of X_i and Y_j as Real; `assert` of <= < >= > = over linear
terms, joined by `and`, `or` and `not`. Any other command is declined by its name: solvers
that obey commands in such files write to files named there. An assertion is reduced while it
is read, so nesting and size are met by a cap, not by a tree.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Final, NamedTuple, TypeAlias

from verify.networks.properties.constraints import (
    FALSE,
    MAX_NESTING,
    TRUE,
    And,
    Formula,
    Not,
    Or,
    Term,
    add,
    compare,
    divide,
    make_constant,
    make_variable,
    multiply,
    scale,
    subtract,
)
from verify.networks.properties.numerals import read_decimal
from verify.networks.properties.properties import Property, make_property
from verify.networks.properties.property_errors import LIMIT, PropertyError
from verify.networks.properties.smtlib import Words, read_text, shown

LOGICS: Final = ("QF_LRA", "LRA", "QF_NRA", "QF_LIRA", "ALL")
COMMANDS: Final = ("set-logic", "set-info", "declare-const", "declare-fun", "assert")
MAX_VARIABLES: Final = 100_000
_NAME: Final = re.compile(r"([XY])_(0|[1-9][0-9]{0,5})", re.ASCII)

Value: TypeAlias = Term | Formula


def read_property(source: Path | str) -> Property:
    """The property in a file (`Path`, perhaps gzipped) or in a text (`str`).

    Raises PropertyError with the line, the reason and what to do.
    """
    if isinstance(source, str):
        return _read(Words(source))
    return _read(Words(read_text(source)))


def _read(words: Words) -> Property:
    variables: dict[str, Term] = {}
    formulas: list[Formula] = []
    while (word := words.next()) != "":
        if word != "(":
            words.fail(f"expected `(` and a command, got {shown(word)}")
        command = words.next()
        if command == "assert":
            formulas.append(_read_formula(words, variables))
            words.expect(")", "after the formula of `assert`")
        elif command == "declare-const" or command == "declare-fun":
            _declare(words, command, variables)
        elif command == "set-info" or command == "set-logic":
            _skip_setting(words, command)
        else:
            words.decline(
                f"the command {shown(command)} is not read in a property",
                f"it may have {', '.join(COMMANDS)}",
            )
    inputs, outputs = _count(variables, "X"), _count(variables, "Y")
    if not inputs:
        raise PropertyError("no input is declared", fix="add (declare-const X_0 Real)")
    return make_property(inputs, outputs, formulas)


def _skip_setting(words: Words, command: str) -> None:
    word = words.next()
    if command == "set-logic":
        if word not in LOGICS:
            words.decline(
                f"the logic {shown(word)} is not read in a property",
                f"take {LOGICS[0]}, or leave it out",
            )
        words.expect(")", "after the logic")
        return
    if not word.startswith(":"):
        words.fail(f"expected a keyword after `set-info`, got {shown(word)}")
    value = words.next()
    if value == "(":
        words.decline("a list as value of `set-info` is not read", "leave it out")
    if value != ")":
        words.expect(")", "after the value of `set-info`")


def _declare(words: Words, command: str, variables: dict[str, Term]) -> None:
    name = words.next()
    match = _NAME.fullmatch(name)
    if match is None:
        words.decline(
            f"expected X_ or Y_ and an index from 0, without leading zeros, "
            f"as name of a variable, got {shown(name)}",
            "call inputs X_0, X_1, ... and outputs Y_0, Y_1, ...",
        )
    if name in variables:
        words.fail(f"{name} is declared twice", fix="delete one of them")
    if len(variables) >= MAX_VARIABLES:
        words.fail(f"more than {MAX_VARIABLES:,} variables", kind=LIMIT)
    if command == "declare-fun":
        words.expect("(", f"after {name}")
        if words.next() != ")":
            words.decline(
                f"{name} is declared as a function", "write () after its name"
            )
    sort = words.next()
    if sort != "Real":
        words.decline(f"{name} is declared as {shown(sort)}", "declare it as Real")
    words.expect(")", f"after the sort of {name}")
    index = int(match[2])
    variables[name] = make_variable(index if match[1] == "X" else ~index)


def _count(variables: dict[str, Term], letter: str) -> int:
    """How many of these are declared; refused unless the indices are 0, 1, 2, ..."""
    indices = {int(name[2:]) for name in variables if name[0] == letter}
    for index in range(len(indices)):
        if index not in indices:
            raise PropertyError(
                f"{letter}_{max(indices)} is declared, but {letter}_{index} is not",
                fix="declare every index from 0",
            )
    return len(indices)


def _read_formula(words: Words, variables: dict[str, Term]) -> Formula:
    value = _read_value(words, variables)
    if isinstance(value, Term):
        words.fail("expected a formula after `assert`, got a number or a variable")
    return value


def _read_value(words: Words, variables: dict[str, Term]) -> Value:
    """Shift and reduce: every `(operator ...)` becomes its value where it closes."""
    operators: list[str] = []
    operands: list[list[Value]] = [[]]
    while True:
        word = words.next()
        if word == "(":
            operator = words.next()
            if operator not in _REDUCE:
                words.decline(
                    f"expected an operator after `(`, got {shown(operator)}",
                    f"it may be one of {' '.join(_REDUCE)}",
                )
            operators.append(operator)
            operands.append([])
            if len(operators) > MAX_NESTING:
                words.fail(f"nested more than {MAX_NESTING} deep", kind=LIMIT)
            continue
        if word == ")":
            if not operators:
                words.fail("expected a formula, got `)`")
            value = _reduce(words, operators.pop(), operands.pop())
        else:
            value = _read_leaf(words, word, variables)
        if not operators:
            return value
        operands[-1].append(value)


def _read_leaf(words: Words, word: str, variables: dict[str, Term]) -> Value:
    variable = variables.get(word)
    if variable is not None:
        return variable
    if word == "true" or word == "false":
        return TRUE if word == "true" else FALSE
    try:
        number = read_decimal(word) if word else None
    except PropertyError as error:
        words.fail(error.message, kind=error.kind, fix=error.fix)
    if number is not None:
        return make_constant(number)
    if _NAME.fullmatch(word):
        words.fail(f"{word} is not declared", fix=f"(declare-const {word} Real) above")
    words.fail(
        f"expected a number or a declared variable, got {shown(word)}",
        fix="numbers are written 12, -0.5 or 1e-3",
    )


def _reduce(words: Words, operator: str, operands: list[Value]) -> Value:
    reduce, least, most, wants = _REDUCE[operator]
    if not least <= len(operands) <= most:
        words.fail(f"`{operator}` cannot take {len(operands)} operand(s)")
    for operand in operands:
        if isinstance(operand, Term) is not (wants is Term):
            wanted, got = (
                ("a term", "a formula") if wants is Term else ("a formula", "a term")
            )
            words.fail(f"`{operator}` expects {wanted}, got {got}")
        if isinstance(operand, Term):
            words.spend(len(operand.coefficients))
    try:
        return reduce(operands)
    except PropertyError as error:
        words.fail(error.message, kind=error.kind, fix=error.fix)


class _Rule(NamedTuple):
    """How an operator's value is made of its operands, how many, and of which type."""

    reduce: Callable[..., Value]
    least: int
    most: int
    wants: type | None


_MANY: Final = 1 << 30


def _comparison(operator: str) -> Callable[[list[Term]], Formula]:
    def reduce(terms: list[Term]) -> Formula:
        if len(terms) == 2:
            return compare(operator, *terms)
        pairs = pairwise(terms)
        return And(tuple(compare(operator, *pair) for pair in pairs))

    return reduce


def _difference(terms: list[Term]) -> Term:
    if len(terms) == 1:
        return scale(terms[0], Fraction(-1))
    return subtract(terms[0], add(terms[1:]))


def _quotient(terms: list[Term]) -> Term:
    result = terms[0]
    for term in terms[1:]:
        result = divide(result, term)
    return result


_REDUCE: Final[dict[str, _Rule]] = {
    "and": _Rule(lambda parts: And(tuple(parts)), 1, _MANY, None),
    "or": _Rule(lambda parts: Or(tuple(parts)), 1, _MANY, None),
    "not": _Rule(lambda parts: Not(parts[0]), 1, 1, None),
    **{
        sign: _Rule(_comparison(sign), 2, _MANY, Term)
        for sign in ("<=", "<", ">=", ">", "=")
    },
    "+": _Rule(add, 1, _MANY, Term),
    "-": _Rule(_difference, 1, _MANY, Term),
    "*": _Rule(multiply, 1, _MANY, Term),
    "/": _Rule(_quotient, 2, _MANY, Term),
}
