"""Queries: can an input in a box make a network's outputs meet these inequalities?

A property that is to hold is asked by its negation, in disjunctive form: a query has cases,
each a box of inputs and rows that must all hold at once. A point of a case refutes the
property; a proof that every case is empty proves it.
"""

from __future__ import annotations

from fractions import Fraction
from typing import NamedTuple

from verify.networks.network import Network


class Row(NamedTuple):
    """sum inputs[i] * x_i + sum outputs[k] * y_k + constant >= 0, or > 0 if `strict`.

    The pairs are (index from 0, coefficient), indices increasing, no zero coefficient.
    """

    inputs: tuple[tuple[int, Fraction], ...]
    outputs: tuple[tuple[int, Fraction], ...]
    constant: Fraction
    strict: bool = False


class Case(NamedTuple):
    """A box, one interval an input (lower may exceed upper: empty), and rows to meet."""

    lower: tuple[Fraction, ...]
    upper: tuple[Fraction, ...]
    rows: tuple[Row, ...]


class Query(NamedTuple):
    """Is there a case with a point? `network` gives the y of the rows."""

    network: Network
    cases: tuple[Case, ...]


class Witness(NamedTuple):
    """A point of a case, evaluated exactly: every row holds at tolerance 0."""

    case: int
    point: tuple[Fraction, ...]
    outputs: tuple[Fraction, ...]


class Empty(NamedTuple):
    """No case has a point; `trust` is certified or rigorous; `cells` counts the search."""

    trust: str
    cells: int = 0
    margin: float = 0.0  # at least this far from every case, where it is known


class Open(NamedTuple):
    """Neither was found: timeout, memory, incomplete or unsupported, and a sentence."""

    reason: str
    detail: str
    cells: int = 0


Finding = Witness | Empty | Open
