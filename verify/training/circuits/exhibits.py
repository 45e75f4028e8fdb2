"""A witness for a reader: exact values, what engines give, and which data point it is near.

The value of the units and the outputs with and without them are exact. At a float32 input
onnxruntime runs the file's own graph with the units' tensor as one more output, and the
graph whose outgoing weights of these units are 0. Nothing that an engine gives decides
anything; it is told beside the exact numbers.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from verify.networks.reading.graph import Graph, Port
from verify.networks.reading.onnx_reader import Model
from verify.networks.records import write_interval, write_number
from verify.networks.values import exact
from verify.networks.values.replay import ReplayError, make_session, replay
from verify.training.circuits.records import Replay, Witness
from verify.training.circuits.storing import store_changes
from verify.training.circuits.wiring import Wiring, change_network, drop_units

ENGINES: Final = (False, True)  # graph optimisation off and on


class Exhibitor(NamedTuple):
    """A model with its data: the points, their lines in the file, the inputs' names."""

    model: Model
    points: tuple[tuple[Fraction, ...], ...]
    lines: tuple[int, ...]
    columns: tuple[str, ...]


def make_witness(
    exhibitor: Exhibitor,
    layer: int,
    units: Sequence[int],
    wiring: Wiring | None,
    point: tuple[Fraction, ...],
    *,
    single: bool,
) -> Witness:
    """The record of an input that wakes units (from 0) of a layer (from 1).

    Without a wiring there are no outputs without the units.
    """
    network = exhibitor.model.network
    values = exact.enclose_layers(network, point)
    outputs = tuple(map(write_interval, values[network.output]))
    value = ""
    if len(units) == 1:
        value = write_interval(values[network.units[layer - 1]][units[0]])
    without: tuple[str, ...] = ()
    if wiring is not None:
        base = change_network(network, drop_units(network, wiring, units))
        without = tuple(map(write_interval, exact.enclose(base, point)))
    nearest, columns = _find_nearest(exhibitor, point)
    moved = tuple(
        (exhibitor.columns[k], write_number(point[k])) for k in columns.tolist()
    )
    replays: tuple[Replay, ...] = ()
    missing: tuple[str, ...] = ("the input is not made of float32 numbers",)
    if single:
        replays, missing = _replay(exhibitor.model, layer, units, wiring, point)
    return Witness(
        point=tuple(map(write_number, point)),
        float32=single,
        value=value,
        outputs=outputs,
        outputs_without=without,
        near_line=exhibitor.lines[nearest],
        moved=moved,
        replays=replays,
        missing=missing,
    )


def _find_nearest(
    exhibitor: Exhibitor, point: Sequence[Fraction]
) -> tuple[int, NDArray[np.int64]]:
    """The data point that differs in the fewest inputs, then by least, and those inputs.

    Numbers that are one float32 number are the same.
    """
    with np.errstate(over="ignore"):
        known = np.array(
            [[_float(value) for value in row] for row in exhibitor.points]
        ).astype(np.float32)
        here = np.array([_float(value) for value in point]).astype(np.float32)
    differs = known != here
    gaps = np.where(differs, np.abs(known.astype(np.float64) - here), 0).sum(1)
    nearest = int(np.lexsort((gaps, differs.sum(1)))[0])
    return nearest, np.flatnonzero(differs[nearest])


def _float(number: Fraction) -> float:
    try:
        return float(number)
    except OverflowError:
        return np.inf if number > 0 else -np.inf


def _replay(
    model: Model,
    layer: int,
    units: Sequence[int],
    wiring: Wiring | None,
    point: tuple[Fraction, ...],
) -> tuple[tuple[Replay, ...], tuple[str, ...]]:
    count = model.network.outputs
    shown = _show_units(model, layer)
    stored = None
    if wiring is not None:
        changes = drop_units(model.network, wiring, units)
        stored = store_changes(model, wiring, changes)
    found: list[Replay] = []
    try:
        for optimised in ENGINES:
            session = make_session(shown or model.graph, optimised=optimised)
            made = replay(session, point)
            name = f"{made.version}, {'' if optimised else 'not '}optimised"
            value, woken = "", False
            if shown is not None and len(units) == 1:
                number = made.outputs[count + units[0]]
                value, woken = _write(number), number is not None and number != 0
            without: tuple[str, ...] = ()
            if stored is not None:
                bare = make_session(stored.graph, optimised=optimised)
                without = tuple(map(_write, replay(bare, point).outputs))
            outputs = tuple(map(_write, made.outputs[:count]))
            differs = bool(without) and without != outputs
            found.append(
                Replay(
                    engine=name,
                    value=value,
                    outputs=outputs,
                    outputs_without=without,
                    reproduced=woken or differs,
                )
            )
    except (ReplayError, ValueError) as error:
        return tuple(found), (str(error),)
    return tuple(found), ()


def _show_units(model: Model, layer: int) -> Graph | None:
    """The graph with the tensor of a layer's units as one more output."""
    label = model.network.names[model.network.units[layer - 1]]
    nodes = [node for node in model.graph.nodes if node.label == label]
    if len(nodes) != 1 or not model.graph.outputs:
        return None
    name = nodes[0].outputs[0]
    if any(port.name == name for port in model.graph.outputs):
        return None
    port = Port(name, model.graph.inputs[0].kind, ())
    return model.graph._replace(outputs=(*model.graph.outputs, port))


def _write(number: Fraction | None) -> str:
    return "not finite" if number is None else write_number(number)
