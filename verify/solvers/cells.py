"""Cells: one fresh constant for each function value a finite model has to fix.

A function over elements is a table of cells, made as expansion asks for them. An argument
that is not known yet is resolved by cases over the elements, or over a small window of
numbers and everything outside it. A function of numbers has cells inside the window and
one rule outside: the same value everywhere or, over one number, a polynomial whose
coefficients are cells. That is the shape of interpretation the kernel can evaluate.
Constants of an uninterpreted sort are numbered in order of appearance: the k-th names one
of the first k elements, which loses no model and spares the engine the symmetric ones.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from itertools import product
from typing import Final

from verify.kernel.terms import (
    BOOL,
    INT,
    NAT,
    REAL,
    Sort,
    Symbol,
    Term,
    is_numeric,
    make_application,
)
from verify.solvers import ground
from verify.solvers.expansion import TooLarge
from verify.solvers.frames import Frame, fits
from verify.solvers.ground import Element, Number, Truth, Value

MAX_CELLS: Final = 2_000
Known = bool | Fraction | str

ELSEWHERE: Final = "elsewhere"
PROMISED: Final = "?"


class Cells:
    """The domain of one frame: its elements, function values and side conditions.

    With `fixed` values by name of constant, only promised numbers are left open.
    """

    def __init__(self, frame: Frame, fixed: Mapping[str, Known] | None = None) -> None:
        self.frame = frame
        self.fixed = fixed
        self.cells: dict[Symbol, dict[tuple[Value, ...], Value]] = {}
        self.tails: dict[Symbol, tuple[Value, ...]] = {}
        self.demands: list[Term] = []
        self.numbers: list[Term] = []
        self.indices: list[tuple[Sort, Term]] = []
        self._elements: dict[Sort, tuple[Element, ...]] = {}
        self._points: dict[Sort, tuple[Number, ...]] = {}
        self._applied: dict[tuple[Symbol, tuple[Value, ...]], Value] = {}
        self._witnesses: dict[tuple[bytes, tuple[Value, ...]], Number] = {}
        self._named: dict[Sort, int] = {}
        self.made = 0

    def size(self, sort: Sort) -> int:
        return len(sort.elements) or self.frame.sizes[sort.name]

    def elements(self, sort: Sort) -> tuple[Element, ...]:
        found = self._elements.get(sort)
        if found is None:
            size = self.size(sort)
            found = tuple(ground.make_element(index, size) for index in range(size))
            self._elements[sort] = found
        return found

    def points(self, sort: Sort) -> tuple[Number, ...]:
        """Where a quantifier over this numeric sort is instantiated."""
        found = self._points.get(sort)
        if found is None:
            known = (*self.frame.window, *self.frame.samples)
            numbers: list[Number] = [one for one in known if fits(one, sort)]
            numbers += [value for of, value in self.indices if of == sort]
            found = self._points[sort] = tuple(dict.fromkeys(numbers))
        return found

    def note_index(self, sort: Sort, value: Value) -> None:
        """Have quantifiers over `sort` instantiated at this number too."""
        if isinstance(value, Term):
            self.indices.append((sort, value))

    def demand(self, condition: Truth) -> None:
        """Require a side condition of the ground formula."""
        if condition is not True:
            self.demands.append(ground.as_formula(condition))

    def witness(self, place: bytes, values: tuple[Value, ...], sort: Sort) -> Number:
        """A number that is promised at this place for these values."""
        key = (place, values)
        if key not in self._witnesses:
            made = self._make_number(f"{PROMISED}{len(self._witnesses)}", sort)
            self._witnesses[key] = made
        return self._witnesses[key]

    def apply(self, symbol: Symbol, args: tuple[Value, ...]) -> Value:
        """The value of a function or constant at these arguments."""
        key = (symbol, args)
        found = self._applied.get(key)
        if found is None:
            found = self._applied[key] = self._resolve(symbol, args)
        return found

    def _resolve(self, symbol: Symbol, args: tuple[Value, ...]) -> Value:
        if symbol.name in symbol.result.elements:
            place = symbol.result.elements.index(symbol.name)
            return self.elements(symbol.result)[place]
        if all(map(ground.is_known, args)):
            return self._at(symbol, args)
        options = [
            self._cases(arg, sort)
            for arg, sort in zip(args, symbol.arguments, strict=True)
        ]
        leaves = [
            self._at(symbol, tuple(value for _, value in combination))
            for combination in product(*options)
        ]
        for cases in reversed(options):
            conditions = tuple(condition for condition, _ in cases)
            leaves = [
                ground.scatter(
                    conditions, leaves[start : start + len(cases)], symbol.result
                )
                for start in range(0, len(leaves), len(cases))
            ]
        return leaves[0]

    def _cases(self, arg: Value, sort: Sort) -> list[tuple[Truth, Value]]:
        """The known values an argument may turn out to have, each with its condition."""
        if ground.is_known(arg):
            return [(True, arg)]
        if isinstance(arg, tuple):
            pairs = zip(arg, self.elements(sort), strict=True)
            return [
                (condition, value)
                for condition, value in pairs
                if condition is not False
            ]
        if sort == BOOL:
            return [(ground.negate(arg), False), (ground.as_formula(arg), True)]
        window = [point for point in self.frame.window if fits(point, sort)]
        cases: list[tuple[Truth, Value]] = [
            (ground.equate(arg, point, sort), point) for point in window
        ]
        outside = ground.conjoin(ground.negate(condition) for condition, _ in cases)
        return [*cases, (outside, arg)]

    def _at(self, symbol: Symbol, args: tuple[Value, ...]) -> Value:
        window = self.frame.window
        for arg, sort in zip(args, symbol.arguments, strict=True):
            if is_numeric(sort) and (isinstance(arg, Term) or arg not in window):
                return self._outside(symbol, args)
        table = self.cells.setdefault(symbol, {})
        if args not in table:
            label = ",".join(map(_label, args))
            table[args] = self._make(f"{symbol.name}({label})", symbol)
        return table[args]

    def vanishing(self, symbol: Symbol, args: tuple[Value, ...]) -> Truth:
        """Whether the cell at these arguments says what the rule outside says."""
        number = REAL if symbol.result == REAL else INT
        return ground.equate(
            self._at(symbol, args), self._outside(symbol, args), number
        )

    def _outside(self, symbol: Symbol, args: tuple[Value, ...]) -> Value:
        tail = self.tails.get(symbol)
        if tail is None:
            curved = len(args) == 1 and is_numeric(symbol.result)
            curved = curved and (symbol.result == REAL or symbol.arguments[0] != REAL)
            degree = self.frame.degree if curved else 0
            tail = tuple(
                self._make(f"{symbol.name}({ELSEWHERE} {power})", symbol)
                for power in range(degree + 1)
            )
            self.tails[symbol] = tail
        if len(tail) == 1:
            return tail[0]
        sort = REAL if symbol.result == REAL else INT
        base = args[0]
        if sort == REAL and symbol.arguments[0] != REAL:
            base = ground.make_real(base)
        parts: list[Value] = []
        for power, coefficient in enumerate(tail):
            parts.append(ground.multiply((*(base,) * power, coefficient), sort))
        return ground.add(parts, sort)

    def _make(self, name: str, symbol: Symbol) -> Value:
        if is_numeric(symbol.result):
            return self._make_number(name, symbol.result)
        if symbol.result == BOOL:
            return self._make_truth(name)
        known = self.elements(symbol.result)
        reach = len(known)
        if not symbol.arguments and not symbol.result.elements:
            place = self._named.get(symbol.result, 0)
            self._named[symbol.result] = place + 1
            reach = min(reach, place + 1)
        return self._make_choice(name, reach, len(known))

    def _make_choice(self, name: str, reach: int, size: int) -> Element:
        if reach == 1:
            return ground.make_element(0, size)
        rest = (False,) * (size - reach)
        if reach == 2:
            second = self._make_truth(f"{name}#1")
            return (ground.negate(second), second, *rest)
        parts = [self._make_truth(f"{name}#{index}") for index in range(reach)]
        if self.fixed is not None:
            return ground.make_element(parts.index(True) if True in parts else 0, size)
        self.demand(ground.disjoin(parts))
        for place, part in enumerate(parts):
            for other in parts[:place]:
                self.demand(ground.disjoin((ground.negate(part), ground.negate(other))))
        return (*parts, *rest)

    def _make_number(self, name: str, sort: Sort) -> Number:
        if self.fixed is not None and not name.startswith(PROMISED):
            return Fraction(self.fixed.get(name, 0))
        made = self._make_constant(name, REAL if sort == REAL else INT)
        self.numbers.append(made)
        if sort == NAT:
            self.demand(ground.compare("<=", Fraction(0), made, INT))
        return made

    def _make_truth(self, name: str) -> Truth:
        if self.fixed is not None:
            return self.fixed.get(name) is True
        return self._make_constant(name, BOOL)

    def _make_constant(self, name: str, sort: Sort) -> Term:
        self.made += 1
        if self.made > MAX_CELLS:
            raise TooLarge(f"more than {MAX_CELLS} function values")
        return make_application(Symbol(name, (), sort))


def _label(value: Value) -> str:
    if isinstance(value, tuple):
        return str(value.index(True))
    return str(value)
