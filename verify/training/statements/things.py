"""What a job is told about the constants of a statement, beside their declarations.

The declaration of a constant is a formula, which says what it is and nothing of how to find
it. These are the things it was made from, as plain data that crosses to another process.
They steer the search; a certificate is about the formula alone, so nothing wrong in them
can make a wrong statement proved.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any, NamedTuple

from verify.kernel.problem import Problem, scope_of
from verify.kernel.terms import REAL, Term, make_number
from verify.kernel.text import make_term, read_tree


class Layer(NamedTuple):
    """One hidden layer that is to fit data, over closed terms, as the kernel's `fit`."""

    loss: str
    points: tuple[tuple[Term, ...], ...]
    targets: tuple[Term, ...]
    offsets: tuple[Term, ...]
    hidden: int
    constant: bool


class Family(NamedTuple):
    """A class of networks; the fields of `verify.language.things.ModelClass`."""

    inputs: int
    layers: tuple[int, ...]
    outputs: int
    signed: bool
    weights: tuple[Fraction, ...]
    bound: Fraction | None

    @property
    def free(self) -> bool:
        return not self.weights and self.bound is None


class Thing(NamedTuple):
    """A constant: the word it comes from, and what of the rest it has."""

    term: str
    loss: str
    layer: Layer | None
    family: Family | None
    points: tuple[tuple[Fraction, ...], ...]
    targets: tuple[tuple[Fraction, ...], ...]


class Member(NamedTuple):
    """A statement that a network, less some circuits, is one of a class."""

    formula: Term
    network: str  # the function's name in the problem
    family: Family


class Reader:
    """Reads such data over one problem's symbols. Raises Rejected on what is no term."""

    def __init__(self, problem: Problem) -> None:
        self.scope = scope_of(problem)

    def term(self, text: str) -> Term:
        return make_term(read_tree(text)[0], *self.scope)

    def thing(self, data: Mapping[str, Any]) -> Thing:
        layer, family = data.get("fit"), data.get("class")
        points = data.get("data") or {"inputs": [], "targets": []}
        return Thing(
            str(data["term"]),
            str(data.get("loss", "")),
            self.layer(layer) if layer else None,
            read_family(family) if family else None,
            _read_rows(points["inputs"]),
            _read_rows(points["targets"]),
        )

    def layer(self, data: Mapping[str, Any]) -> Layer:
        return Layer(
            data["loss"],
            tuple(tuple(map(self.term, row)) for row in data["points"]),
            tuple(map(self.term, data["targets"])),
            tuple(map(self.term, data["offsets"])),
            data["hidden"],
            data["constant"],
        )

    def member(self, data: Mapping[str, Any]) -> Member:
        formula = self.term(data["formula"])
        return Member(formula, data["network"], read_family(data["class"]))


def make_layer(thing: Thing) -> Layer | None:
    """The layer of a class of one hidden layer, its data being numbers."""
    family = thing.family
    if family is None or not family.signed or not thing.points:
        return None
    rows = tuple(tuple(map(_number, point)) for point in thing.points)
    targets = tuple(_number(*row) for row in thing.targets)
    offsets = tuple(_number(Fraction(0)) for _ in rows)
    return Layer(thing.loss, rows, targets, offsets, sum(family.layers), True)


def _number(value: Fraction) -> Term:
    return make_number(value, REAL)


def read_family(data: Mapping[str, Any]) -> Family:
    """A class from its plain data."""
    bound = data["bound"]
    return Family(
        data["inputs"],
        tuple(data["layers"]),
        data["outputs"],
        data["signed"],
        tuple(map(Fraction, data["weights"])),
        None if bound is None else Fraction(bound),
    )


def _read_rows(rows: list[list[str]]) -> tuple[tuple[Fraction, ...], ...]:
    return tuple(tuple(map(Fraction, row)) for row in rows)
