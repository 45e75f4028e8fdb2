"""Training data for a network: a CSV file, fitted to what the network takes and gives.

The columns named y... are targets, the others inputs, in the network's order. One target
column beside several outputs holds class labels, counted from 0. Otherwise there is one
target column an output; rows of zeros with a single one are class labels as well. What
does not fit is refused with the line it stands on; points with the same inputs and
different targets are allowed and told.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from fractions import Fraction
from math import lcm
from typing import Final, NamedTuple

import numpy as np

from verify.language.markdown import decode
from verify.language.tables import Columns, read_columns
from verify.language.things import Unreadable
from verify.networks.network import Floats
from verify.training.circuits.losses import SIGNED, Targets

MAX_BITS: Final = 4_096  # of the common denominator of all numbers
TOLD: Final = 3  # of lines that a message names


class Examples(NamedTuple):
    """`columns` are the inputs' names, `lines` where each point stands in the file.

    `sha256` is of the file's bytes.

    `notes` are sentences on what is allowed but worth knowing.
    """

    columns: tuple[str, ...]
    points: tuple[tuple[Fraction, ...], ...]
    lines: tuple[int, ...]
    targets: Targets
    notes: tuple[str, ...]
    sha256: str


class NearPoints(NamedTuple):
    """The float64 points next to exact ones, and how far from them: (n, inputs)."""

    values: Floats
    errors: Floats


def read_examples(
    data: bytes, shown: str, inputs: int, outputs: int, loss: str
) -> Examples:
    """The points in a CSV file for a network of that shape and a loss.

    Raises Unreadable with a sentence that names the line or column at fault, and
    ClaimError for bytes that are not UTF-8.
    """
    text = decode(shown, data)
    columns = read_columns(text, shown)
    _check_denominators(columns, shown)
    names = tuple(
        name
        for name in (word.strip() for word in _lines(text)[0].split(","))
        if not name.startswith("y")
    )
    if len(names) != inputs:
        message = (
            f"{shown} has {len(names)} input columns, and the network takes {inputs} "
            "numbers"
        )
        raise Unreadable(message, "targets are the columns whose name begins with y")
    lines = _line_numbers(text)
    targets = _read_targets(columns, lines, shown, outputs, loss)
    notes = _find_contradictions(columns, lines)
    sha = hashlib.sha256(data).hexdigest()
    return Examples(names, columns.inputs, tuple(lines), targets, notes, sha)


def _check_denominators(columns: Columns, shown: str) -> None:
    """Exact sums need one denominator for all numbers: it must stay short."""
    common = 1
    for row in (*columns.inputs, *columns.targets):
        for value in row:
            if common % value.denominator:
                common = lcm(common, value.denominator)
                if common.bit_length() > MAX_BITS:
                    message = f"the numbers of {shown} have no short common denominator"
                    raise Unreadable(message, "write them as decimals of few digits")


def make_near(points: Sequence[Sequence[Fraction]]) -> NearPoints:
    """The points in float64, each number with its distance from the exact one.

    A number beyond float64 gets an infinite error.
    """
    shape = len(points), len(points[0])
    values, errors = np.zeros(shape), np.zeros(shape)
    for place, row in enumerate(points):
        for column, number in enumerate(row):
            try:
                values[place, column] = near = float(number)
            except OverflowError:
                errors[place, column] = np.inf
                continue
            if Fraction(near) != number:
                errors[place, column] = np.spacing(abs(near))
    return NearPoints(values, errors)


def _read_targets(
    columns: Columns, lines: Sequence[int], shown: str, outputs: int, loss: str
) -> Targets:
    width = len(columns.targets[0])
    if not width:
        message = f"{shown} has no targets"
        raise Unreadable(message, "name their columns y, or y1, y2, ...")
    if width == 1 and outputs > 1:
        return _read_labels(columns, lines, shown, outputs, loss)
    if width != outputs:
        message = (
            f"{shown} has {width} target columns, and the network has {outputs} outputs"
        )
        fix = "give one target column an output, or one column of class labels"
        raise Unreadable(message, fix)
    labels = _find_labels(columns.targets) if outputs > 1 else None
    if outputs > 1 and (loss == "hinge" or (loss == "zero_one" and labels is None)):
        wanted = "class labels" if loss == "zero_one" else "a network with one output"
        message = f"the loss {loss} needs {wanted}, and {shown} has {width} targets"
        raise Unreadable(message, "use --loss squared, l1 or linf")
    if loss in SIGNED and outputs == 1:
        for line, row in zip(lines, columns.targets, strict=True):
            if row[0] not in (-1, 1):
                message = (
                    f"{shown}, line {line}: the loss {loss} needs the labels -1 and 1, "
                    f"got {row[0]}"
                )
                raise Unreadable(message, "change the labels, or use --loss squared")
    return Targets(columns.targets, labels)


def _find_labels(rows: Sequence[Sequence[Fraction]]) -> tuple[int, ...] | None:
    """The places of the ones, if each row is a one among zeros."""
    if any(set(row) - {0, 1} or sum(row) != 1 for row in rows):
        return None
    return tuple(row.index(Fraction(1)) for row in rows)


def _read_labels(
    columns: Columns, lines: Sequence[int], shown: str, outputs: int, loss: str
) -> Targets:
    if loss == "hinge":
        message = (
            f"the loss hinge needs a network with one output, and it has {outputs}"
        )
        raise Unreadable(message, "use --loss zero_one or squared")
    labels: list[int] = []
    for line, row in zip(lines, columns.targets, strict=True):
        if row[0].denominator != 1 or not 0 <= row[0] < outputs:
            message = (
                f"{shown}, line {line}: expected a class label from 0 to {outputs - 1}, "
                f"got {row[0]}"
            )
            fix = "number the classes from 0, or give one target column an output"
            raise Unreadable(message, fix)
        labels.append(int(row[0]))
    values = tuple(
        tuple(Fraction(int(place == label)) for place in range(outputs))
        for label in labels
    )
    return Targets(values, tuple(labels))


def _find_contradictions(columns: Columns, lines: Sequence[int]) -> tuple[str, ...]:
    """A sentence if points with the same inputs have different targets."""
    groups: dict[tuple[Fraction, ...], list[int]] = {}
    for place, point in enumerate(columns.inputs):
        groups.setdefault(point, []).append(place)
    differing = [
        places
        for places in groups.values()
        if len({columns.targets[place] for place in places}) > 1
    ]
    if not differing:
        return ()
    named = "; ".join(
        "lines " + ", ".join(str(lines[place]) for place in places[:TOLD])
        for places in differing[:TOLD]
    )
    more = "" if len(differing) <= TOLD else ", ..."
    points = (
        "1 point occurs" if len(differing) == 1 else f"{len(differing)} points occur"
    )
    return (
        f"{points} with different targets ({named}{more}): no network gets all of them "
        "right",
    )


def _lines(text: str) -> list[str]:
    return text.removeprefix("\ufeff").replace("\r\n", "\n").split("\n")


def _line_numbers(text: str) -> list[int]:
    """The line of each point."""
    return [number for number, line in enumerate(_lines(text)[1:], 2) if line.strip()]
