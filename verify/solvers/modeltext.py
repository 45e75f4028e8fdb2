"""Writing a model as certificate text, as short as the kernel lets it be.

Only symbols that occur are interpreted; a row that says what the rule outside the table
says anyway is left out; cells that nobody asked about get the plainest value (0, false,
the first element).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from itertools import product
from typing import Any, Final

from verify.kernel.problem import Problem
from verify.kernel.terms import BOOL, Binder, Sort, Symbol, Term, is_numeric, subterms
from verify.solvers.cells import Cells, Known
from verify.solvers.definitions import Rows, write_definition
from verify.solvers.expansion import TooLarge
from verify.solvers.ground import Value, exact
from verify.solvers.prooflog import write_certificate

MAX_ROWS: Final = 5_000


def used_symbols(formulas: Iterable[Term]) -> tuple[Symbol, ...]:
    """The declared symbols that occur, constants of finite sorts left out."""
    found: dict[Symbol, None] = {}
    for formula in formulas:
        for term in subterms(formula):
            symbol = term.value
            if isinstance(symbol, Symbol) and symbol.name not in symbol.result.elements:
                found[symbol] = None
    return tuple(found)


def used_sorts(formulas: Iterable[Term]) -> tuple[Sort, ...]:
    """The uninterpreted sorts that occur, in symbols or under quantifiers."""
    found: dict[Sort, None] = {}
    for formula in formulas:
        for term in subterms(formula):
            if term.op == "app" and isinstance(term.value, Symbol):
                found.update(dict.fromkeys((*term.value.arguments, term.value.result)))
            elif isinstance(term.value, Binder):
                found[term.value.sort] = None
    return tuple(
        sort
        for sort in found
        if not (sort.elements or is_numeric(sort) or sort == BOOL)
    )


class Reading:
    """The values the engine gave to cells, as texts of the certificate."""

    def __init__(self, cells: Cells, values: Mapping[str, Known]) -> None:
        self.cells = cells
        self.values = values

    def number(self, value: Value) -> Fraction:
        if not isinstance(value, Term):
            return exact(value)
        found = self.values.get(_name(value), Fraction(0))
        return found if isinstance(found, Fraction) else Fraction(0)

    def truth(self, value: Value) -> bool:
        if not isinstance(value, Term):
            return bool(value)
        if value.op == "not":  # of a constant
            return self.values.get(_name(value.args[0])) is not True
        return self.values.get(_name(value)) is True

    def text(self, value: Value | None, sort: Sort) -> str:
        """A cell's value; None is a cell that nobody asked about."""
        if is_numeric(sort):
            return str(self.number(Fraction(0) if value is None else value))
        if sort == BOOL:
            return "true" if value is not None and self.truth(value) else "false"
        place = 0
        if isinstance(value, tuple):
            place = next((i for i, part in enumerate(value) if self.truth(part)), 0)
        return _element(sort, place)


def _name(term: Term) -> str:
    return term.value.name if isinstance(term.value, Symbol) else ""


def _element(sort: Sort, place: int) -> str:
    return sort.elements[place] if sort.elements else f"{sort.name}!{place}"


def write_model(
    problem: Problem, claim: str, sorts: Iterable[Sort], symbols: Iterable[Symbol],
    reading: Reading,
) -> str:  # fmt: skip
    """The certificate text of a model for this claim of the problem."""
    lines: list[dict[str, Any]] = []
    for sort in sorts:
        lines.append({"sort": sort.name, "size": reading.cells.size(sort)})
    for symbol in symbols:
        lines.append(_interpretation(symbol, reading))
    return write_certificate(problem, claim, lines)


def _interpretation(symbol: Symbol, reading: Reading) -> dict[str, Any]:
    table = reading.cells.cells.get(symbol, {})
    if not symbol.arguments:
        value = reading.text(table.get(()), symbol.result)
        return write_definition(symbol, Rows((), value))
    if any(map(is_numeric, symbol.arguments)):
        return write_definition(symbol, _partial(symbol, table, reading))
    domains = [_domain(sort, reading) for sort in symbol.arguments]
    rows = []
    for args in product(*domains):
        pairs = zip(args, symbol.arguments, strict=True)
        texts = tuple(_argument(arg, sort) for arg, sort in pairs)
        rows.append((texts, reading.text(table.get(args), symbol.result)))
        if len(rows) > MAX_ROWS:
            raise TooLarge(f"more than {MAX_ROWS} rows for {symbol.name}")
    return write_definition(symbol, Rows(tuple(rows)))


def _domain(sort: Sort, reading: Reading) -> Sequence[Value]:
    return (False, True) if sort == BOOL else reading.cells.elements(sort)


def _argument(arg: Value, sort: Sort) -> str:
    if isinstance(arg, tuple):
        return _element(sort, arg.index(True))
    return str(arg).lower() if sort == BOOL else str(arg)


def _partial(
    symbol: Symbol, table: Mapping[tuple[Value, ...], Value], reading: Reading
) -> Rows:
    """Rows inside the window, and the rule outside it."""
    tail = reading.cells.tails.get(symbol, (None,))
    coefficients = [reading.number(part) for part in tail[1:] if part is not None]
    while coefficients and not coefficients[-1]:
        coefficients.pop()
    if coefficients:
        coefficients.insert(0, reading.number(tail[0] or Fraction(0)))
    default = reading.text(tail[0], symbol.result)
    rows = []
    for args in sorted(table, key=_position):
        text = reading.text(table[args], symbol.result)
        outside = default
        if coefficients:
            base = exact(args[0])
            outside = str(sum(c * base**power for power, c in enumerate(coefficients)))
        if text != outside:
            pairs = zip(args, symbol.arguments, strict=True)
            rows.append((tuple(_argument(a, s) for a, s in pairs), text))
    if coefficients:
        return Rows(tuple(rows), None, tuple(coefficients))
    return Rows(tuple(rows), default)


def _position(args: tuple[Value, ...]) -> tuple[Any, ...]:
    return tuple(arg.index(True) if isinstance(arg, tuple) else arg for arg in args)
