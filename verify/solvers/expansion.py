"""Expansion: a formula over small domains as a ground formula over function values.

Quantifiers over uninterpreted and finite sorts become conjunctions and disjunctions over
the elements (finite model finding in the manner of MACE and Paradox). A quantifier over
numbers that promises a value gets a fresh constant for it, one for each case it stands
in; one that demands all values is instantiated at sample points only, so the ground
formula is weaker there and the exact evaluation has the last word. Equal subformulas
under equal values of their variables are expanded once. There is no recursion.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction
from typing import Final, NamedTuple, Protocol

from verify.kernel.terms import BOOL, Binder, Sort, Symbol, Term, is_numeric, subterms
from verify.solvers import ground
from verify.solvers.ground import Element, Number, Truth, Value

QUANTIFIERS: Final = ("forall", "exists")
POSITIVE: Final = 1
NEGATIVE: Final = -1
MIXED: Final = 0
MAX_TASKS: Final = 100_000


class TooLarge(Exception):
    """The ground formula of a frame is larger than a readable model is worth."""


class Domain(Protocol):
    """What expansion asks about sorts and functions."""

    def elements(self, sort: Sort) -> Sequence[Element]: ...
    def points(self, sort: Sort) -> Sequence[Number]: ...
    def apply(self, symbol: Symbol, args: tuple[Value, ...]) -> Value: ...
    def witness(
        self, place: bytes, values: tuple[Value, ...], sort: Sort
    ) -> Number: ...
    def demand(self, condition: Truth) -> None: ...


class Shape(NamedTuple):
    """By key of a subterm: its free variables, and the keys with a numeric quantifier."""

    free: dict[bytes, tuple[int, ...]]
    numeric: frozenset[bytes]


def read_shape(formulas: Iterable[Term]) -> Shape:
    """What expansion has to know about the subterms of these formulas."""
    free: dict[bytes, tuple[int, ...]] = {}
    numeric: set[bytes] = set()
    for formula in formulas:
        for node in subterms(formula):
            if node.key in free:
                continue
            indices = {index for arg in node.args for index in free[arg.key]}
            if isinstance(node.value, int):
                indices = {node.value}
            if node.op in QUANTIFIERS:
                indices = {index - 1 for index in indices if index}
            free[node.key] = tuple(sorted(indices))
            if is_numeric(_bound(node)) or any(arg.key in numeric for arg in node.args):
                numeric.add(node.key)
    return Shape(free, frozenset(numeric))


def _bound(node: Term) -> Sort:
    return node.value.sort if isinstance(node.value, Binder) else BOOL


Environment = tuple[Value | None, ...]
Task = tuple[Term, Environment, int]


class Expansion:
    """Expands formulas over one domain; what is shared is expanded once."""

    def __init__(
        self, shape: Shape, domain: Domain, *, spare_last: bool = False
    ) -> None:
        self.shape = shape
        self.domain = domain
        self.spare_last = spare_last
        self.done: dict[tuple[bytes, Environment, int], Value] = {}

    def expand(self, formula: Term) -> Truth:
        """The ground formula; a closed `formula` entails it. Raises TooLarge."""
        return self.value(formula)  # type: ignore[return-value]

    def value(self, term: Term) -> Value:
        """The value of a closed term, formulas being asserted. Raises TooLarge."""
        root: Task = (term, (), POSITIVE)
        stack: list[tuple[Task, list[Task] | None]] = [(root, None)]
        while stack:
            task, children = stack.pop()
            key = self._key(task)
            if key in self.done:
                continue
            if children is None:
                if len(self.done) > MAX_TASKS:
                    raise TooLarge(f"more than {MAX_TASKS} subformulas")
                children = self._children(task)
                stack.append((task, children))
                stack.extend((child, None) for child in children)
            else:
                values = [self.done[self._key(child)] for child in children]
                self.done[key] = self._combine(task, values)
        return self.done[self._key(root)]

    def _key(self, task: Task) -> tuple[bytes, Environment, int]:
        node, environment, polarity = task
        values = tuple(environment[index] for index in self.shape.free[node.key])
        return (
            node.key,
            values,
            polarity if node.key in self.shape.numeric else POSITIVE,
        )

    def _children(self, task: Task) -> list[Task]:
        node, environment, polarity = task
        match node.op:
            case "not":
                return [(node.args[0], environment, -polarity)]
            case "implies":
                left, right = node.args
                return [(left, environment, -polarity), (right, environment, polarity)]
            case "forall" | "exists":
                return self._instances(task)
            case "iff":
                left, right = node.args
                return [
                    (left, environment, -polarity), (right, environment, polarity),
                    (right, environment, -polarity), (left, environment, polarity),
                ]  # fmt: skip
            case "if" if node.sort == BOOL:
                condition, then, other = node.args
                return [
                    (condition, environment, polarity), (then, environment, polarity),
                    (condition, environment, -polarity), (other, environment, polarity),
                ]  # fmt: skip
            case "and" | "or":
                return [(arg, environment, polarity) for arg in node.args]
            case _:
                return [(arg, environment, MIXED) for arg in node.args]

    def _instances(self, task: Task) -> list[Task]:
        node, environment, polarity = task
        sort, body = _bound(node), node.args[0]
        values: Sequence[Value]
        if not is_numeric(sort):
            values = self.domain.elements(sort) if sort != BOOL else (False, True)
            if self.spare_last and not sort.elements and polarity == POSITIVE:
                spared = node.op == "forall" and sort != BOOL and _promises(body, sort)
                values = values[:-1] if spared else values
        elif polarity == (POSITIVE if node.op == "exists" else NEGATIVE):
            outer = tuple(environment[index] for index in self.shape.free[node.key])
            values = (self.domain.witness(node.key, outer, sort),)  # type: ignore[arg-type]
        else:
            values = self.domain.points(sort)
        return [(body, (value, *environment), polarity) for value in values]

    def _combine(self, task: Task, values: list[Value]) -> Value:
        node, environment, polarity = task
        match node.op:
            case "true" | "false":
                return node.op == "true"
            case "num" if isinstance(node.value, Fraction):
                return node.value
            case "var" if isinstance(node.value, int):
                return environment[node.value]  # type: ignore[return-value]
            case "app" if isinstance(node.value, Symbol):
                return self.domain.apply(node.value, tuple(values))
            case "not":
                return ground.negate(values[0])
            case "and" | "forall":
                return ground.conjoin(values)
            case "or" | "exists":
                return ground.disjoin(values)
            case "implies":
                return ground.imply(*values)
            case "iff":
                return self._equivalence(node, values, polarity)
            case "if":
                return self._conditional(node, values)
            case "=":
                return ground.equate(values[0], values[1], node.args[0].sort)
            case "<=" | "<":
                return ground.compare(node.op, values[0], values[1], node.args[0].sort)
            case "+":
                return ground.add(values, node.sort)
            case "*":
                return ground.multiply(values, node.sort)
            case "real":
                return ground.make_real(values[0])
            case "/":
                return self._quotient(node, *values)
            case op:
                raise ValueError(f"{op} is no operator of the kernel")

    def _quotient(self, node: Term, left: Value, right: Value) -> Number:
        quotient = ground.divide(left, right)
        if quotient is None:
            return self.domain.witness(node.key, (left, right), node.sort)
        self.domain.demand(ground.negate(ground.equate(right, Fraction(0), node.sort)))
        return quotient

    def _equivalence(self, node: Term, values: list[Value], polarity: int) -> Truth:
        if node.key not in self.shape.numeric:
            return ground.equate(values[0], values[1], BOOL)
        left_below, right, right_below, left = values
        if polarity == NEGATIVE:
            neither = map(ground.negate, (left_below, right_below))
            return ground.disjoin(
                (ground.conjoin((left, right)), ground.conjoin(neither))
            )
        return ground.conjoin(
            (ground.imply(left_below, right), ground.imply(right_below, left))
        )

    def _conditional(self, node: Term, values: list[Value]) -> Value:
        if node.sort != BOOL:
            return ground.select(values[0], values[1], values[2], node.sort)
        condition, then, below, other = values
        if node.key not in self.shape.numeric:
            return ground.select(condition, then, other, BOOL)
        return ground.disjoin(
            (
                ground.conjoin((condition, then)),
                ground.conjoin((ground.negate(below), other)),
            )
        )


def _promises(body: Term, sort: Sort) -> bool:
    return any(node.op == "exists" and _bound(node) == sort for node in subterms(body))
