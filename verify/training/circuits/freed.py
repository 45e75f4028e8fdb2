"""A network as a function of the parameters that freed units bring, in float64.

Everything the freed units do not reach is computed once. What is left is a small function
of their incoming weights, biases and outgoing weights, with its gradient by the chain rule.
Parameters are about inputs of the units with mean 0 and spread 1; `restore` takes them back.
What is the same at all points gets no weight, so that nothing is left to chance there.
Floats only search here; what they find is rounded and then evaluated exactly elsewhere.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from verify.networks.network import RELU, SIGN, Activation, Affine, Floats, Network
from verify.networks.values import floats
from verify.training.circuits.wiring import Wiring


class Parameters(NamedTuple):
    """Of k freed units: incoming (k, below), biases (k,), outgoing (rows, k) a reader."""

    incoming: Floats
    biases: Floats
    outgoing: tuple[Floats, ...]


class Run(NamedTuple):
    """Outputs with what the gradient needs: the units' values and affected layers'."""

    outputs: Floats
    hidden: Floats
    layers: dict[int, Floats]


class Freed:
    """The network without the freed units' contributions, at all points."""

    def __init__(
        self, network: Network, wiring: Wiring, count: int, points: Floats
    ) -> None:
        """`network` has the units' outgoing weights at 0; there are `count` of them."""
        self.network = network
        self.wiring = wiring
        self.count = count
        with np.errstate(all="ignore"):
            self.base = floats.evaluate_layers(network, points)
        raw = self.base[wiring.below]
        spread = raw.std(0)
        self._middle = raw.mean(0)
        self._scale = np.divide(
            1.0, spread, out=np.zeros_like(spread), where=spread > 0
        )
        self.below = (raw - self._middle) * self._scale
        self.affected = _list_affected(network, wiring)
        self.rows = tuple(network.layers[r.layer].size for r in wiring.readers)
        self.readers: dict[int, list[int]] = {}
        for place, reader in enumerate(wiring.readers):
            self.readers.setdefault(reader.layer, []).append(place)
        self._fixed = {
            index: self._sum(index, affected=False) for index in self.affected
        }

    @property
    def is_last(self) -> bool:
        """Whether the units' contributions are simply added to the outputs."""
        return self.affected == [self.network.output]

    def _sum(self, index: int, *, affected: bool) -> Floats:
        """What an affine layer adds up from layers that are (not) affected, at the base."""
        layer = self.network.layers[index]
        total = np.zeros((len(self.below), layer.size))
        if isinstance(layer, Affine):
            if not affected:
                total = total + layer.bias.floats
            for source, matrix in zip(layer.sources, layer.matrices, strict=True):
                if (source in self.affected) == affected:
                    total = total + self.base[source] @ matrix.floats.T
        return total

    def run(self, parameters: Parameters) -> Run:
        """The network at all points."""
        pre = self.below @ parameters.incoming.T + parameters.biases
        hidden = np.maximum(pre, 0.0)
        made: dict[int, Floats] = {}
        for index in self.affected:
            layer = self.network.layers[index]
            if isinstance(layer, Activation):
                made[index] = floats.activate(layer.kind, made[layer.source])
                continue
            total = self._fixed[index]
            for place in self.readers.get(index, ()):
                total = total + hidden @ parameters.outgoing[place].T
            if isinstance(layer, Affine):
                for source, matrix in zip(layer.sources, layer.matrices, strict=True):
                    if source in made:
                        total = total + made[source] @ matrix.floats.T
            made[index] = total
        return Run(made[self.network.output], hidden, made)

    def slopes_at_readers(self, run: Run, slope: Floats) -> tuple[Floats, ...]:
        """The gradient on what each reader sums, from that on the outputs (n, outputs)."""
        pending: dict[int, Floats] = {self.network.output: slope}
        found: dict[int, Floats] = {}
        for index in reversed(self.affected):
            given = pending.pop(index, None)
            if given is None:
                given = np.zeros((len(self.below), self.network.layers[index].size))
            layer = self.network.layers[index]
            if isinstance(layer, Affine):
                found[index] = given
                for source, matrix in zip(layer.sources, layer.matrices, strict=True):
                    if source in run.layers:
                        pending[source] = (
                            pending.get(source, 0.0) + given @ matrix.floats
                        )
            elif isinstance(layer, Activation):
                value = run.layers[index]
                if layer.kind == RELU:
                    given = given * (value > 0)
                elif layer.kind == SIGN:
                    given = np.zeros_like(given)
                else:
                    given = given * value * (1 - value)
                pending[layer.source] = pending.get(layer.source, 0.0) + given
        return tuple(found[reader.layer] for reader in self.wiring.readers)

    def gradient(self, parameters: Parameters, run: Run, slope: Floats) -> Parameters:
        """The gradient on the parameters."""
        at_readers = self.slopes_at_readers(run, slope)
        back = sum(
            (
                given @ out
                for given, out in zip(at_readers, parameters.outgoing, strict=True)
            ),
            np.zeros_like(run.hidden),
        ) * (run.hidden > 0)
        return Parameters(
            back.T @ self.below,
            back.sum(0),
            tuple(given.T @ run.hidden for given in at_readers),
        )

    def restore(self, parameters: Parameters) -> Parameters:
        """The same units over the numbers that the layer below really has."""
        incoming = parameters.incoming * self._scale
        return parameters._replace(
            incoming=incoming, biases=parameters.biases - incoming @ self._middle
        )

    def adapt(self, parameters: Parameters) -> Parameters:
        """What `restore` takes back to these; weights on what never varies are dropped."""
        spread = np.divide(
            1.0, self._scale, out=np.zeros_like(self._scale), where=self._scale > 0
        )
        biases = parameters.biases + parameters.incoming @ self._middle
        return parameters._replace(incoming=parameters.incoming * spread, biases=biases)

    def nothing(self) -> Parameters:
        """Units that are dead and add nothing."""
        return Parameters(
            np.zeros((self.count, self.below.shape[1])),
            np.full(self.count, -1.0),
            tuple(np.zeros((rows, self.count)) for rows in self.rows),
        )


def _list_affected(network: Network, wiring: Wiring) -> list[int]:
    """Layers after the units that depend on them, in order."""
    found: list[int] = []
    for index, layer in enumerate(network.layers):
        if index <= wiring.units:
            continue
        sources: Sequence[int] = ()
        if isinstance(layer, Affine):
            sources = layer.sources
        elif isinstance(layer, Activation):
            sources = (layer.source,)
        if any(source in (wiring.units, *found) for source in sources):
            found.append(index)
    return found
