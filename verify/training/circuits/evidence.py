"""A replacement as files: the new network, and what shows that its loss is lower.

The new file is the old one with other numbers in the constants that hold the freed units'
parameters. It is written, read again, and must then be the intended network, number for
number; its exact loss is computed from what was read. onnxruntime runs both files on the
float32 numbers next to the data, and the loss of what it returns is computed exactly.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from fractions import Fraction
from typing import Any, Final, NamedTuple

import numpy as np

from verify.networks.float32.alarms import SoundnessAlarm
from verify.networks.network import Affine, Floats
from verify.networks.reading.graph import Graph
from verify.networks.reading.onnx_reader import Model, read_network
from verify.networks.records import write_number
from verify.networks.values.replay import ReplayError, make_session, run
from verify.training.circuits.losses import Targets, find_loss, is_wrong
from verify.training.circuits.replacing import Fitted, Replacement
from verify.training.circuits.storing import are_same, store_changes, write_model
from verify.training.circuits.tables import Table, evaluate_points, make_table
from verify.training.circuits.wiring import Change, Wiring, change_network

VERSION: Final = 1  # of the evidence's shape


class Kept(NamedTuple):
    """The new model file and its evidence, both to be written as they are.

    `runs` are an engine with the losses of its outputs before and after.
    """

    model: bytes
    sha256: str
    evidence: dict[str, Any]
    runs: tuple[tuple[str, Fraction, Fraction], ...]


class Source(NamedTuple):
    """The files: the model's bytes as read, and what the data's file is called."""

    model: Model
    model_name: str
    model_bytes: bytes
    data_name: str
    data_sha256: str


def make_evidence(
    source: Source,
    fitted: Fitted,
    wiring: Wiring,
    units: Sequence[int],
    replacement: Replacement,
) -> Kept | None:
    """The files of a replacement that lowers the loss; None if no constants can take it.

    Raises SoundnessAlarm when the file that was made is not what was intended.
    """
    stored = store_changes(source.model, wiring, replacement.changes)
    if stored is None:
        return None
    data = write_model(source.model_bytes, stored.arrays)
    again = read_network(data)
    wanted = change_network(fitted.network, replacement.changes)
    outputs = evaluate_points(again.network, fitted.inputs, again.network.output)
    table = outputs[again.network.output]
    after = find_loss(fitted.loss, table, fitted.targets)
    if not are_same(again.network, wanted) or after != replacement.after:
        raise SoundnessAlarm(
            "the network that was written is not the one that was evaluated; please "
            "report it",
            (),
        )
    runs = _run_both(source.model.graph, again.graph, fitted)
    evidence = {
        "type": "circuits evidence",
        "version": VERSION,
        "model": {"file": source.model_name, "sha256": source.model.sha256},
        "data": {"file": source.data_name, "sha256": source.data_sha256},
        "replaced": {"sha256": again.sha256},
        "layer": wiring.number,
        "units": [unit + 1 for unit in units],
        "loss": fitted.loss,
        "before": str(replacement.before),
        "after": str(after),
        "outputs": _compare_outputs(fitted, table),
        "changes": _list_changes(fitted, wiring, replacement.changes),
        "runs": [
            {"engine": engine, "before": str(old), "after": str(new)}
            for engine, old, new in runs
        ],
        "trust": "rigorous",
    }
    return Kept(data, hashlib.sha256(data).hexdigest(), evidence, runs)


def render_evidence(evidence: dict[str, Any]) -> str:
    """The evidence as the text of its file."""
    return json.dumps(evidence, indent=1, ensure_ascii=True, allow_nan=False) + "\n"


def _list_changes(
    fitted: Fitted, wiring: Wiring, changes: Sequence[Change]
) -> list[dict[str, Any]]:
    """Every parameter of the units, those that stay the same too."""
    found = []
    for change in changes:
        layer = fitted.network.layers[change.layer]
        if not isinstance(layer, Affine):
            raise ValueError(f"layer {change.layer} has no numbers")
        numbers = layer.bias if change.matrix is None else layer.matrices[change.matrix]
        place = (change.row,) if change.matrix is None else (change.row, change.column)
        role = "incoming" if change.layer == wiring.sums else "outgoing"
        found.append(
            {
                "role": "bias" if change.matrix is None else role,
                "row": change.row + 1,
                "column": change.column + 1,
                "before": write_number(Fraction(float(numbers.floats[place]))),
                "after": write_number(change.value),
            }
        )
    return found


def _compare_outputs(fitted: Fitted, after: Table) -> list[dict[str, str]]:
    """The loss before and after, output by output, of class labels class by class."""
    old = find_parts(fitted.loss, fitted.outputs, fitted.targets)
    new = find_parts(fitted.loss, after, fitted.targets)
    return [
        {"output": str(k), "before": str(a), "after": str(b)}
        for k, (a, b) in enumerate(zip(old, new, strict=True))
    ]


def find_parts(loss: str, outputs: Table, targets: Targets) -> list[Fraction]:
    """The loss of each output alone; for counted class labels of each class alone."""
    count = len(targets.values[0])
    if loss == "zero_one" and targets.labels is not None:
        wrong = [0] * count
        for row, label in zip(outputs.rows, targets.labels, strict=True):
            wrong[label] += is_wrong(row, label)
        return list(map(Fraction, wrong))
    return [
        find_loss(
            loss,
            Table(tuple((row[k],) for row in outputs.rows), outputs.denominator),
            Targets(tuple((row[k],) for row in targets.values)),
        )
        for k in range(count)
    ]


def _run_both(
    before: Graph, after: Graph, fitted: Fitted
) -> tuple[tuple[str, Fraction, Fraction], ...]:
    """onnxruntime's losses; none where it is missing or an output is not finite."""
    found = []
    try:
        for optimised in (False, True):
            losses = []
            for graph in (before, after):
                session = make_session(graph, optimised=optimised)
                losses.append(_measure(run(session, fitted.near), fitted))
                name = f"{session.version}, {'' if optimised else 'not '}optimised"
            if losses[0] is None or losses[1] is None:
                return ()
            found.append((name, losses[0], losses[1]))
    except ReplayError:
        return ()
    return tuple(found)


def _measure(outputs: Floats, fitted: Fitted) -> Fraction | None:
    """The exact loss of outputs that an engine returned."""
    if not np.isfinite(outputs).all():
        return None
    rows = [[Fraction(float(value)) for value in row] for row in outputs]
    return find_loss(fitted.loss, make_table(rows), fitted.targets)
