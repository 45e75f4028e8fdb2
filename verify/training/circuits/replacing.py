"""New parameters for units that can be removed, so that the training loss gets lower.

What a search in floats proposes is rounded to numbers that the file's kind can hold, put
into the network, and evaluated at every training point in exact arithmetic. Only that says
by how much the loss is lower. Where nothing is found, a floor under the loss may show that
there is nothing to find (`floors`); else it stays undecided.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import Final, Literal, NamedTuple

import numpy as np

from verify.networks.float32.alarms import SoundnessAlarm
from verify.networks.network import Affine, Floats, Network
from verify.training.circuits.floors import find_floor
from verify.training.circuits.freed import Freed, Parameters
from verify.training.circuits.losses import Targets, find_loss
from verify.training.circuits.searching import search_parameters
from verify.training.circuits.settling import settle
from verify.training.circuits.slopes import Goal
from verify.training.circuits.tables import Table, evaluate_points
from verify.training.circuits.wiring import Change, Wiring, change_network, drop_units

Status = Literal["lower", "impossible", "undecided"]
SHRUNK: Final = (1.0, 0.5, 2.0**-3, 2.0**-6, 2.0**-10)  # of the outgoing weights
SECONDS: Final = 12.0  # of one search at most


class Fitted(NamedTuple):
    """A network with its training data: everything that replacements are weighed by.

    `inputs` are the points exactly, `near` in float64; `known` are exact tables of the
    network's layers there, `outputs` among them.
    """

    network: Network
    loss: str
    targets: Targets
    inputs: Table
    near: Floats
    known: dict[int, Table]
    value: Fraction

    @property
    def outputs(self) -> Table:
        return self.known[self.network.output]


class Replacement(NamedTuple):
    """Whether new parameters of removable units lower the exact training loss.

    With `lower` there are the changes and the loss after them; `floor` is what no
    parameters of these units can go below; `detail` is a sentence. A `certificate` is a
    text, of the bound that makes it impossible.
    """

    status: Status
    before: Fraction
    after: Fraction | None
    floor: Fraction
    changes: tuple[Change, ...]
    detail: str
    certificate: str = ""


def fit_network(
    network: Network, loss: str, targets: Targets, inputs: Table, near: Floats
) -> Fitted:
    """The network on its data; raises ValueError where its values are not rational."""
    known = evaluate_points(network, inputs, network.output)
    value = find_loss(loss, known[network.output], targets)
    return Fitted(network, loss, targets, inputs, near, known, value)


def check_removable(fitted: Fitted, wiring: Wiring, units: Sequence[int]) -> Network:
    """The network without these units (from 0); raises SoundnessAlarm if outputs change."""
    network = change_network(fitted.network, drop_units(fitted.network, wiring, units))
    outputs = evaluate_outputs(fitted, network, wiring)
    if not _are_same(outputs, fitted.outputs):
        raise SoundnessAlarm(
            f"units of layer {wiring.number} were said to add nothing on the data, but "
            "the outputs change without them; please report it",
            (),
        )
    return network


def find_replacement(
    fitted: Fitted,
    wiring: Wiring,
    units: Sequence[int],
    kind: str,
    deadline: float,
    seed: int = 0,
) -> Replacement:
    """A replacement for these units (from 0), which must be removable.

    `kind` is the coarsest kind of float that the parameters are stored in.
    """
    base = check_removable(fitted, wiring, units)
    freed = Freed(base, wiring, len(units), fitted.near)
    floor = find_floor(fitted.loss, fitted.targets, _list_keys(fitted, wiring, freed))
    before = fitted.value
    if before == floor:
        detail = (
            "the loss is 0 already"
            if not floor
            else "the loss is already the least that answers can have which are the same "
            "wherever the units see the same"
        )
        return Replacement("impossible", before, None, floor, (), detail)
    until = min(deadline, time.monotonic() + SECONDS)
    proposals = search_parameters(freed, Goal(fitted.loss, fitted.targets), until, seed)
    weigh = _Weigher(fitted, wiring, units, kind)
    for proposal in proposals:
        weigh.try_parameters(proposal.parameters)
    if weigh.best is None and freed.is_last and fitted.network.outputs == 1:
        return _settle(fitted, wiring, len(units), floor, base, weigh, deadline)
    if weigh.best is None:
        detail = (
            "no parameters with a lower loss were found"
            if not proposals
            else "what lowers the loss in floats does not once it is rounded"
        )
        return Replacement("undecided", before, None, floor, (), detail)
    return Replacement("lower", before, weigh.best[0], floor, weigh.best[1], "")


class _Weigher:
    """Rounds parameters and keeps those with the lowest exact loss, if that is lower."""

    def __init__(
        self, fitted: Fitted, wiring: Wiring, units: Sequence[int], kind: str
    ) -> None:
        self.fitted, self.wiring, self.units, self.kind = fitted, wiring, units, kind
        self.best: tuple[Fraction, tuple[Change, ...]] | None = None

    def try_parameters(self, parameters: Parameters) -> None:
        """Try them as they are, then with smaller outgoing weights until the loss sinks."""
        for shrunk in SHRUNK:
            rounded = _round(_shrink(parameters, shrunk), self.kind)
            if rounded is None:
                continue
            changes = list_changes(self.wiring, self.units, rounded)
            loss = evaluate_changes(self.fitted, self.wiring, changes)
            if loss < self.fitted.value:
                if self.best is None or loss < self.best[0]:
                    self.best = loss, changes
                return


def _settle(
    fitted: Fitted,
    wiring: Wiring,
    count: int,
    floor: Fraction,
    base: Network,
    weigh: _Weigher,
    deadline: float,
) -> Replacement:
    """The question decided, where it is small enough and there is time."""
    before = fitted.value
    found = settle(
        fitted.loss,
        fitted.targets,
        fitted.known[wiring.below],
        evaluate_outputs(fitted, base, wiring),
        count,
        before,
        min(deadline, time.monotonic() + SECONDS),
    )
    if found.certificate:
        detail = (
            "whatever the parameters; the kernel accepted a certificate of that bound"
        )
        return Replacement(
            "impossible", before, None, before, (), detail, found.certificate
        )
    if found.parameters is not None:
        weigh.try_parameters(found.parameters)
        if weigh.best is not None:
            return Replacement("lower", before, weigh.best[0], floor, weigh.best[1], "")
    detail = (
        found.reason or "parameters that lower the loss do not once they are rounded"
    )
    return Replacement("undecided", before, None, floor, (), detail)


def evaluate_changes(
    fitted: Fitted, wiring: Wiring, changes: Sequence[Change]
) -> Fraction:
    """The exact loss of the network with these changes."""
    network = change_network(fitted.network, changes)
    outputs = evaluate_outputs(fitted, network, wiring)
    return find_loss(fitted.loss, outputs, fitted.targets)


def evaluate_outputs(fitted: Fitted, network: Network, wiring: Wiring) -> Table:
    """Outputs of a network that differs only from the units of the wiring upward."""
    kept = {k: t for k, t in fitted.known.items() if k < wiring.sums}
    return evaluate_points(network, fitted.inputs, network.output, kept)[network.output]


def list_changes(
    wiring: Wiring, units: Sequence[int], parameters: Parameters
) -> tuple[Change, ...]:
    """Every parameter of the units, as changes of the network they are in."""
    found = []
    for place, unit in enumerate(units):
        for column, value in enumerate(parameters.incoming[place].tolist()):
            found.append(Change(wiring.sums, 0, unit, column, Fraction(value)))
        bias = Fraction(float(parameters.biases[place]))
        found.append(Change(wiring.sums, None, unit, 0, bias))
        for reader, outgoing in zip(wiring.readers, parameters.outgoing, strict=True):
            for row, value in enumerate(outgoing[:, place].tolist()):
                weight = Fraction(value)
                found.append(Change(reader.layer, reader.matrix, row, unit, weight))
    return tuple(found)


def _list_keys(
    fitted: Fitted, wiring: Wiring, freed: Freed
) -> Sequence[tuple[int, ...]]:
    """What the outputs depend on, whatever the units' parameters: a key a point."""
    for index in freed.affected:
        layer = fitted.network.layers[index]
        if isinstance(layer, Affine) and not set(layer.sources) <= {
            wiring.units,
            *freed.affected,
        }:
            return fitted.inputs.rows
    return fitted.known[wiring.below].rows


def _are_same(one: Table, other: Table) -> bool:
    return all(
        a * other.denominator == b * one.denominator
        for left, right in zip(one.rows, other.rows, strict=True)
        for a, b in zip(left, right, strict=True)
    )


def _shrink(parameters: Parameters, share: float) -> Parameters:
    outgoing = tuple(share * part for part in parameters.outgoing)
    return parameters._replace(outgoing=outgoing)


def _round(parameters: Parameters, kind: str) -> Parameters | None:
    """The nearest numbers of the kind; None if one is beyond it. None is negative zero."""
    parts = list(_round_parts(parameters, kind))
    if not all(np.isfinite(part).all() for part in parts):
        return None
    return Parameters(parts[0], parts[1], tuple(parts[2:]))


def _round_parts(parameters: Parameters, kind: str) -> Iterator[Floats]:
    with np.errstate(all="ignore"):
        for part in (parameters.incoming, parameters.biases, *parameters.outgoing):
            yield part.astype(kind).astype(np.float64) + 0.0
