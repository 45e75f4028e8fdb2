"""What is known of every layer over a chunk of boxes, while it is being found out."""

from __future__ import annotations

import copy
from typing import NamedTuple

import numpy as np

from verify.networks.boxes.program import Program
from verify.networks.boxes.relaxations import make_lines
from verify.networks.boxes.rounding import Array
from verify.networks.network import Activation


class Step(NamedTuple):
    """How rows pass an activation: a becomes a * slope + |a| * spread, charged with
    a * charge + |a| * toll. `gap` is the part of the toll that is half the distance of the
    lines, `noise` the part that only rounding asks for.

    Arrays are (kept units, boxes).
    """

    slope: Array
    spread: Array
    charge: Array
    toll: Array
    gap: Array
    noise: Array


class Form(NamedTuple):
    """Rows bounded from above: over the box, row <= form·x + constant <= bound.

    `form` is (inputs, rows, boxes), the others (rows, boxes); nothing is claimed where a
    number is not finite.
    """

    form: Array
    constant: Array
    bound: Array


class Ranges:
    """Bounds of all layers over boxes, filled in from the input on.

    `lower[k]`, `upper[k]` (size, boxes) enclose layer k and are never NaN; `largest[k]` is
    their magnitude, `error[k]` what rounding may cost a unit of an affine layer.
    `keep[k]` are the units of a layer that are not dead in every box (None: all).
    `forms[k]` holds, for the units of an affine layer bounded backward, their numbers and
    the rows +z of them all, then -z.
    """

    def __init__(self, program: Program, lower: Array, upper: Array) -> None:
        """Boxes are float64 arrays (inputs, boxes); their ends count as exact."""
        self.program = program
        count = len(program.network.layers)
        empty = np.empty((0, lower.shape[1]), program.precision.dtype)
        self.lower, self.upper = [empty] * count, [empty] * count
        self.largest, self.error = [empty] * count, [empty] * count
        self.steps: list[Step | None] = [None] * count
        self.keep: list[Array | None] = [None] * count
        self.forms: dict[int, tuple[Array, Form]] = {}
        self.boxes = lower.shape[1]
        self._cuts: dict[tuple[int, int], Array] = {}
        self._enter(lower, upper)

    def _enter(self, lower: Array, upper: Array) -> None:
        precision = self.program.precision
        unit, smallest = precision.unit, precision.smallest
        self.middle = (lower / 2 + upper / 2).astype(precision.dtype)
        exact = self.middle.astype(np.float64)
        radius = np.maximum(upper - exact, exact - lower)
        radius = (radius * (1 + 8 * unit) + 8 * smallest).astype(precision.dtype)
        magnitude = np.abs(self.middle) + radius
        self.noise = precision.growth(len(lower) + 8) * magnitude
        self.toll = radius + self.noise
        spread = radius + 4 * unit * magnitude
        self.lower[0], self.upper[0] = self.middle - spread, self.middle + spread
        self.weight = np.zeros(self.boxes, precision.dtype)
        self.settle(0)

    def settle(self, index: int) -> None:
        """Take note of the bounds of a layer, which are as tight as they will be."""
        lower, upper = self.lower[index], self.upper[index]
        np.copyto(lower, -np.inf, where=np.isnan(lower))
        np.copyto(upper, np.inf, where=np.isnan(upper))
        self.largest[index] = np.maximum(-lower, upper)
        self.weight = self.weight + self.largest[index].sum(0)

    def dust(self) -> Array:
        """What underflow may cost a row anywhere below, for each box."""
        units = sum(len(lower) for lower in self.lower)
        return 32 * (units + 1) * self.program.precision.smallest * (1 + self.weight)

    def pack(self) -> tuple[Array, Array]:
        """The bounds of the layers `bounded` of the program, (units, boxes) each."""
        bounded = self.program.bounded
        if not bounded:
            empty = np.empty((0, self.boxes), self.program.precision.dtype)
            return empty, empty
        return (
            np.concatenate([self.lower[k] for k in bounded]),
            np.concatenate([self.upper[k] for k in bounded]),
        )

    def cut(self, index: int, which: int) -> Array:
        """A matrix of an affine layer, transposed, without the units that are dead."""
        if (index, which) not in self._cuts:
            weights = self.program.weights[index]
            if weights is None:
                raise ValueError(f"layer {index} is not affine")
            matrix = weights.matrices[which].T
            across, down = self.keep[weights.sources[which]], self.keep[index]
            matrix = matrix if across is None else matrix[across]
            matrix = matrix if down is None else matrix[:, down]
            self._cuts[index, which] = np.ascontiguousarray(matrix)
        return self._cuts[index, which]

    def take(self, boxes: Array) -> Ranges:
        """What is known over some of the boxes; the steps are to be set again."""
        part = copy.copy(self)
        for name in ("lower", "upper", "largest", "error"):
            arrays = [array[:, boxes] for array in getattr(self, name)]
            setattr(part, name, arrays)
        for name in ("middle", "noise", "toll", "weight"):
            setattr(part, name, getattr(self, name)[..., boxes])
        part.boxes = len(boxes)
        part.steps, part.forms, part._cuts = [None] * len(self.steps), {}, {}
        part.keep = [None] * len(self.keep)
        return part

    def set_step(
        self, index: int, layer: Activation, below: Array | None = None
    ) -> None:
        """Lay lines around an activation and work out what a pass through it costs.

        `below` (size, boxes), in [0, 1], are slopes of the lines below relus.
        """
        program, source = self.program, layer.source
        lower, upper = self.lower[source], self.upper[source]
        slope, spread, offset, gap = make_lines(
            layer.kind, lower, upper, program.precision, below
        )
        error, magnitude = np.zeros_like(slope), self.largest[source]
        bias = np.zeros((len(slope), 1), slope.dtype)
        weights = program.weights[source]
        if program.folded[source] and weights is not None:
            error, bias = self.error[source], weights.bias
        keep = None
        if program.sparse[index]:
            alive = ((slope != 0) | (spread != 0) | (offset != 0) | (gap != 0)).any(1)
            keep = None if alive.all() else np.flatnonzero(alive)
        if keep is not None:
            slope, spread, offset, gap, error, bias, magnitude = (
                array[keep]
                for array in (slope, spread, offset, gap, error, bias, magnitude)
            )
        self.keep[index] = keep
        if program.folded[source]:
            self.keep[source] = keep
        if self.steps[index] is not None:
            self._cuts.clear()
        unit = program.precision.unit
        steepest = np.abs(slope) + np.abs(spread)
        rounded = (spread != 0) | ((slope != 0) & (slope != 1))
        size = np.abs(offset) + np.abs(gap) + steepest * (np.abs(bias) + error)
        noise = (1 + 8 * unit) * steepest * error
        noise += program.precision.growth(len(slope) + 16) * size
        noise += rounded * (4 * unit) * steepest * magnitude
        noise += 8 * program.precision.smallest
        toll = gap + spread * bias + noise
        charge = offset + slope * bias
        self.steps[index] = Step(slope, spread, charge, toll, gap, noise)
