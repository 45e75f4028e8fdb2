"""From the tree of the package `vnnlib` to formulas over numbered inputs and outputs.

Variables are numbered through all networks in the order of their declarations, elements of
a tensor in row-major order. Numbers are taken from their text, because the package's own are
floating point, and indices are checked again, because the package believes a negative one.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from math import prod
from typing import Any, Final

from verify.networks.properties.constraints import (
    And,
    Formula,
    Not,
    Or,
    Term,
    add,
    compare,
    make_constant,
    make_variable,
    multiply,
    scale,
    subtract,
)
from verify.networks.properties.numerals import read_decimal
from verify.networks.properties.property_errors import LIMIT, UNSUPPORTED, PropertyError
from verify.networks.properties.smtlib import MAX_WORK, shown
from verify.networks.properties.tensors import REAL, Declaration, Tensor, element_names

MAX_SIZE: Final = 100_000  # numbers of all tensors together
_ELEMENTS: Final = {
    "F16": "float16", "F32": "float32", "F64": "float64", "BF16": "bfloat16",
    "Real": REAL,
}  # fmt: skip


def read_declaration(net: Any) -> Declaration:
    if net.hidden:
        raise PropertyError(
            f"the network {net.name} declares the hidden node {net.hidden[0].name}",
            kind=UNSUPPORTED,
            fix="only inputs and outputs are read",
        )
    if net.equal_to and net.isometric_to:
        raise PropertyError(
            f"the network {net.name} is declared equal-to and isomorphic-to",
            fix="it may have one of the two",
        )
    return Declaration(
        net.name,
        net.equal_to,
        net.isometric_to,
        tuple(_tensor(definition) for definition in net.inputs),
        tuple(_tensor(definition) for definition in net.outputs),
    )


def _tensor(definition: Any) -> Tensor:
    element = _ELEMENTS.get(definition.dtype.name)
    if element is None:
        raise PropertyError(
            f"{definition.name} has the element type {definition.dtype.name}",
            kind=UNSUPPORTED,
            fix=f"write one of {', '.join(_ELEMENTS.values())}",
        )
    shape = tuple(definition.shape)
    if any(size < 1 for size in shape) or prod(shape) > MAX_SIZE:
        raise PropertyError(
            f"{definition.name} has the shape {list(shape)}",
            kind=LIMIT,
            fix=f"dimensions are at least 1, and their product at most {MAX_SIZE:,}",
        )
    return Tensor(definition.name, element, shape)


class Reader:
    """Turns the package's expressions into formulas over numbered variables."""

    def __init__(self, networks: Sequence[Declaration]) -> None:
        self.input_names: list[str] = []
        self.outputs = 0
        self._work = MAX_WORK
        self._tensors: dict[str, tuple[Tensor, int, bool]] = {}
        for net in networks:
            for tensor in net.inputs:
                self._place(tensor, len(self.input_names), is_input=True)
                self.input_names += element_names(tensor)
            for tensor in net.outputs:
                self._place(tensor, self.outputs, is_input=False)
                self.outputs += tensor.size
        if len(self.input_names) + self.outputs > MAX_SIZE:
            raise PropertyError(f"more than {MAX_SIZE:,} numbers declared", kind=LIMIT)

    def _place(self, tensor: Tensor, start: int, *, is_input: bool) -> None:
        if tensor.name in self._tensors:
            raise PropertyError(f"{tensor.name} is declared twice")
        self._tensors[tensor.name] = (tensor, start, is_input)

    def formula(self, node: Any) -> Formula:
        """The formula that a node of the package's tree says."""
        match type(node).__name__:
            case "And":
                return And(tuple(self.formula(part) for part in node.args))
            case "Or":
                return Or(tuple(self.formula(part) for part in node.args))
            case "NotEqual":
                return Not(compare("=", self.term(node.lhs), self.term(node.rhs)))
            case name if name in _COMPARISONS:
                left, right = self.term(node.lhs), self.term(node.rhs)
                return compare(_COMPARISONS[name], left, right)
            case name:
                raise PropertyError(f"{name} is not read here", kind=UNSUPPORTED)

    def term(self, node: Any) -> Term:
        """The linear term that a node says; raises PropertyError for a product."""
        match type(node).__name__:
            case "Var":
                return self._variable(node)
            case "Float" | "Int" | "IntExpr" | "Literal":
                number = read_decimal(node.lexeme)
                if number is None:
                    raise PropertyError(
                        f"{shown(node.lexeme)} is no number", line=node.line
                    )
                return make_constant(number)
            case "Negate":
                return scale(self._spend(self.term(node.expr)), Fraction(-1))
            case "Plus":
                return add(self._terms(node.args))
            case "Minus":
                return subtract(self.term(node.head), add(self._terms(node.rest)))
            case "Multiply":
                return multiply(self._terms(node.args))
            case name:
                raise PropertyError(f"{name} is not read here", kind=UNSUPPORTED)

    def _terms(self, nodes: Sequence[Any]) -> list[Term]:
        return [self._spend(self.term(node)) for node in nodes]

    def _spend(self, term: Term) -> Term:
        self._work -= len(term.coefficients)
        if self._work < 0:
            raise PropertyError(
                "too many variables in terms nested too deep",
                kind=LIMIT,
                fix="write one flat sum",
            )
        return term

    def _variable(self, node: Any) -> Term:
        tensor, start, is_input = self._tensors[node.name]
        indices = tuple(node.indices)
        place = 0
        for index, size in zip(indices, tensor.shape, strict=True):
            if not 0 <= index < size:  # the package lets -1 pass
                raise PropertyError(
                    f"{node.name}{list(indices)} is outside the shape "
                    f"{list(tensor.shape)}",
                    line=node.line,
                    fix="indices count from 0",
                )
            place = place * size + index
        return make_variable(start + place if is_input else ~(start + place))


_COMPARISONS: Final = {
    "LessEqual": "<=",
    "LessThan": "<",
    "GreaterEqual": ">=",
    "GreaterThan": ">",
    "Equal": "=",
}
