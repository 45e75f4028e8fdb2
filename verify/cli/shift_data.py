"""The data of `verify shift`: rows of a file as samples, and what each is compared with.

Targets are those of the file, or the network's own outputs at each data point: then the
question is how far f may move away from what it says there.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Final

from verify.language.tables import Columns
from verify.networks.network import Network
from verify.networks.values.exact import evaluate
from verify.shift.losses import HINGE, ZERO_ONE
from verify.shift.mistakes import ShiftError
from verify.shift.samples import Sample, make_samples

OWN: Final = "own"


def read_names(text: str) -> tuple[str, ...]:
    """The names of the input columns in a CSV text that was read already."""
    first = text.removeprefix("\ufeff").replace("\r\n", "\n").split("\n")[0]
    header = [name.strip() for name in first.split(",")]
    return tuple(
        name
        for name in header
        if not name.startswith("y") and name not in ("weight", "group")
    )


def read_samples(
    columns: Columns, network: Network, loss: str, rows: int
) -> tuple[Sample, ...]:
    """The data of a file; one-hot targets become classes where the loss wants labels.

    Raises ShiftError.
    """
    stop = rows or len(columns.inputs)
    inputs, targets = columns.inputs[:stop], columns.targets[:stop]
    if inputs and len(inputs[0]) != network.inputs:
        raise ShiftError(
            f"the data have {len(inputs[0])} inputs, the network {network.inputs}",
            "columns of targets begin with y",
        )
    if loss == ZERO_ONE and network.outputs > 1 and targets and len(targets[0]) > 1:
        targets = tuple(_class_of(row, target) for row, target in enumerate(targets, 1))
    weights = columns.weights[:stop] or None
    return make_samples(inputs, targets, weights, columns.groups[:stop] or None)


def _class_of(row: int, target: tuple[Fraction, ...]) -> tuple[Fraction, ...]:
    if sorted(target) != [*([0] * (len(target) - 1)), 1]:
        raise ShiftError(
            f"the targets of data point {row} are no class",
            "write one 1 among zeros, or one column of class numbers from 0",
        )
    return (Fraction(target.index(Fraction(1))),)


def own_targets(
    network: Network, samples: Sequence[Sample], loss: str
) -> tuple[Sample, ...]:
    """The samples with what the network says of each as its target.

    Raises ShiftError where it says nothing: a label at output 0, a class that is tied.
    """
    found = []
    for row, sample in enumerate(samples, 1):
        outputs = evaluate(network, sample.point)
        if loss not in (HINGE, ZERO_ONE):
            found.append(sample._replace(target=outputs))
            continue
        most = max(outputs)
        if (len(outputs) == 1 and not most) or outputs.count(most) > 1:
            raise ShiftError(
                f"the network gives data point {row} no class: its outputs are tied",
                "leave that point out, or use the targets of the data",
            )
        if len(outputs) == 1:
            label = Fraction(1 if most > 0 else -1)
        else:
            label = Fraction(outputs.index(most))
        found.append(sample._replace(target=(label,)))
    return tuple(found)
