"""Networks, data, regions, circuits and classes, once read: what they are, exactly.

The weights of a network in a file are none of this room's business: it knows the network's
shape and the file's hash.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import NamedTuple, TypeAlias

from verify.kernel import networks
from verify.language.document import Definition, Span


class Unreadable(Exception):
    """A file that cannot be read as what it should be: a sentence, and what to do."""

    def __init__(self, message: str, fix: str = "") -> None:
        self.message = message
        self.fix = fix
        super().__init__(message, fix)


class Outline(NamedTuple):
    """What formulas need to know of a network in a file.

    `layers` says how many units each layer has; `sha` is the SHA-256 of the file.
    """

    inputs: int
    outputs: int
    layers: tuple[int, ...]
    sha: str
    stacked: bool = True  # relu layers, each of what the layer before gives and no more


# The shape of the network in a file (path to show, file); raises Unreadable.
ReadOutline: TypeAlias = Callable[[str, Path], Outline]


class Network(NamedTuple):
    """A declared network; `units` is the whole of an inline one, else `file` has it."""

    name: str
    outline: Outline
    span: Span
    units: networks.Network | None = None
    file: str = ""

    @property
    def inputs(self) -> int:
        return self.outline.inputs


class Data(NamedTuple):
    """Points: the inputs and the targets of each, all of one shape.

    `weights` are numbers from 0 on, not all 0, or nothing where all points count alike;
    `groups` names the group of each point where there are any.
    """

    name: str
    inputs: tuple[tuple[Fraction, ...], ...]
    targets: tuple[tuple[Fraction, ...], ...]
    span: Span
    weights: tuple[Fraction, ...] = ()
    groups: tuple[str, ...] = ()

    @property
    def dimension(self) -> int:
        return len(self.inputs[0])

    @property
    def shares(self) -> tuple[Fraction, ...]:
        """The probability of each point."""
        weights = self.weights or (Fraction(1),) * len(self.inputs)
        whole = sum(weights, Fraction(0))
        return tuple(weight / whole for weight in weights)


class Region(NamedTuple):
    """A set of points: those for which the definition, a formula, holds."""

    definition: Definition

    @property
    def name(self) -> str:
        return self.definition.name

    @property
    def span(self) -> Span:
        return self.definition.span

    @property
    def dimension(self) -> int:
        return len(self.definition.parameters)


class Circuit(NamedTuple):
    """Some units of a network, each as its layer and its place there, in order."""

    name: str
    network: str
    units: tuple[tuple[int, int], ...]
    span: Span


class ModelClass(NamedTuple):
    """Networks of one shape, for all values of their parameters.

    Where `signed`, they are c + sum of s_j * relu(w_j . x + b_j) over at most one hidden
    layer, each s_j 1 or -1; else relu layers with weights and biases, then a weighted sum
    and a constant for each output. `weights` are the only values of the parameters, in
    increasing order, `bound` their largest absolute value; signs are neither.
    """

    name: str
    inputs: int
    layers: tuple[int, ...]
    outputs: int
    signed: bool
    weights: tuple[Fraction, ...]
    bound: Fraction | None
    span: Span

    @property
    def free(self) -> bool:
        """Whether parameters may have any value."""
        return not self.weights and self.bound is None


Thing: TypeAlias = Network | Data | Region | Circuit | ModelClass
