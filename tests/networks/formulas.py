"""Random properties as trees, written as VNN-LIB and evaluated here, by nobody else.

A tree is nested tuples: ("and", part, ...), ("<=", term, term), ("+", term, ...),
("X", 3), ("number", text). Evaluation is plain recursion over Fractions.
"""

from __future__ import annotations

import operator
from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise
from math import prod
from typing import Any

from hypothesis import strategies as st

Tree = tuple[Any, ...]

COMPARE = {
    "<=": operator.le,
    "<": operator.lt,
    ">=": operator.ge,
    ">": operator.gt,
    "=": operator.eq,
}
NUMBERS = ("0", "1", "-1", "2", "0.5", "-0.25", "1.5e-1", "3E0", "-2.", ".75", "1e1")


def numbers() -> st.SearchStrategy[Tree]:
    return st.sampled_from(NUMBERS).map(lambda text: ("number", text))


def variables(inputs: int, outputs: int) -> st.SearchStrategy[Tree]:
    names = [("X", i) for i in range(inputs)] + [("Y", j) for j in range(outputs)]
    return st.sampled_from(names)


def terms(inputs: int, outputs: int) -> st.SearchStrategy[Tree]:
    """Linear terms, up to a few operators deep."""

    def grow(part: st.SearchStrategy[Tree]) -> st.SearchStrategy[Tree]:
        sums = st.lists(part, min_size=1, max_size=3)
        factor = numbers().map(lambda number: ("+", number, ("number", "1")))
        return st.one_of(
            sums.map(lambda parts: ("+", *parts)),
            sums.map(lambda parts: ("-", *parts)),
            st.tuples(numbers(), part).map(lambda pair: ("*", *pair)),
            st.tuples(part, factor).map(lambda pair: ("*", *pair)),
            part.map(lambda term: ("/", term, ("number", "4"), ("number", "-0.5"))),
        )

    leaves = st.one_of(variables(inputs, outputs), numbers())
    return st.recursive(leaves, grow, max_leaves=5)


def formulas(inputs: int, outputs: int) -> st.SearchStrategy[Tree]:
    """Comparisons, two or three terms each, joined by and, or, not."""
    term = terms(inputs, outputs)
    compared = st.tuples(
        st.sampled_from(sorted(COMPARE)), st.lists(term, min_size=2, max_size=3)
    ).map(lambda pair: (pair[0], *pair[1]))
    truths = st.sampled_from([("true",), ("false",)])

    def grow(part: st.SearchStrategy[Tree]) -> st.SearchStrategy[Tree]:
        several = st.lists(part, min_size=1, max_size=3)
        return st.one_of(
            several.map(lambda parts: ("and", *parts)),
            several.map(lambda parts: ("or", *parts)),
            part.map(lambda formula: ("not", formula)),
        )

    leaves = st.one_of(compared, compared, compared, truths)
    return st.recursive(leaves, grow, max_leaves=6)


def write(tree: Tree) -> str:
    """The tree as SMT-LIB."""
    kind, *parts = tree
    if kind in ("X", "Y"):
        return f"{kind}_{parts[0]}"
    if kind == "number":
        return parts[0]
    if not parts:
        return kind
    return f"({kind} {' '.join(map(write, parts))})"


def evaluate(tree: Tree, point: Sequence[Fraction], outputs: Sequence[Fraction]) -> Any:
    """The number or truth that the tree has there."""
    kind, *parts = tree
    if kind in ("X", "Y"):
        return (point if kind == "X" else outputs)[parts[0]]
    if kind == "number":
        return Fraction(parts[0])
    if not parts:
        return kind == "true"
    values = [evaluate(part, point, outputs) for part in parts]
    match kind:
        case "and":
            return all(values)
        case "or":
            return any(values)
        case "not":
            return not values[0]
        case "+":
            return sum(values)
        case "-":
            return -values[0] if len(values) == 1 else values[0] - sum(values[1:])
        case "*":
            return prod(values)
        case "/":
            return values[0] / prod(values[1:])
        case _:
            pairs = pairwise(values)
            return all(COMPARE[kind](*pair) for pair in pairs)
