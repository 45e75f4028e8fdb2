"""Every float32 engine at hand, run on the same points.

onnxruntime with one thread, its graph optimisation off and on, and NumPy with three orders
of summation. Whether an output meets a property is decided with the float as the rational
it stands for, so a comparison never rounds; outputs that are not finite meet nothing.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from verify.networks.float32 import singles
from verify.networks.float32.single_orders import ORDERS, Engine, run_in_order
from verify.networks.float32.singles import Singles
from verify.networks.float32.walking import NotWalked
from verify.networks.query import Case
from verify.networks.reading.graph import Graph
from verify.networks.values import exact, replay, running_error
from verify.networks.values.replay import ReplayError
from verify.networks.values.running_error import Measured


class Execution(NamedTuple):
    """float32 outputs (n, outputs) and who computed them."""

    engine: str
    outputs: Singles


def execute(
    graph: Graph | None, points: Singles
) -> tuple[tuple[Execution, ...], tuple[str, ...]]:
    """What every engine gives at points (n, inputs), and which engines there are not."""
    if graph is None:
        return (), ("the network was not read from an ONNX file",)
    kinds = {port.kind for port in graph.inputs}
    if kinds != {"float32"}:
        return (), (f"the model computes in {', '.join(sorted(kinds))}",)
    made: list[Execution] = []
    missing: list[str] = []
    try:
        for optimised in (False, True):
            session = replay.make_session(graph, optimised=optimised)
            name = f"{session.version}, {'' if optimised else 'not '}optimised"
            made.append(Execution(name, replay.run(session, points)))
    except ReplayError as error:
        missing.append(str(error))
    try:
        for order in ORDERS:
            outputs = run_in_order(graph, points, Engine(order))
            made.append(Execution(f"NumPy, {order}", outputs))
    except NotWalked as error:
        missing.append(f"NumPy in other orders: {error}")
    return tuple(made), tuple(missing)


def meets(case: Case, points: Singles, execution: Execution) -> NDArray[np.bool_]:
    """Which points and their float32 outputs meet every row of the case, exactly.

    The points are taken to lie in the box.
    """
    finite: NDArray[np.bool_] = np.array(np.isfinite(execution.outputs).all(axis=1))
    kept = np.where(finite[:, np.newaxis], execution.outputs, np.float32(0))
    rows = running_error.measure_rows(case.rows, _known(points), _known(kept))
    met: NDArray[np.bool_] = np.array(
        finite & ~(rows.values + rows.errors < 0).any(axis=1), np.bool_
    )
    for index in np.flatnonzero(met):
        point, outputs = singles.exact(points[index]), singles.exact(kept[index])
        met[index] = exact.holds(case, point, outputs)
    return met


def _known(values: Singles) -> Measured:
    return Measured(values.astype(np.float64), np.zeros(values.shape))
