"""Networks as documents declare them: files looked at, and declarations for the kernel.

A formula speaks of a network by symbols: its outputs, its units, and what is left of it
without a circuit. The kernel knows each of these families by one declaration, always the
whole one, so that every lemma about a network means the same by its name.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path

from verify.kernel.networks import Network as Declaration
from verify.kernel.terms import Symbol, Term, subterms
from verify.language.document import Document
from verify.language.functions import Function, network_of, read_function
from verify.language.things import Circuit, Network, Outline, Unreadable
from verify.networks.certificates.problems import TooLarge, declare
from verify.networks.errors import ModelError
from verify.networks.network import RELU, Activation, Affine
from verify.networks.network import Network as Layers
from verify.networks.reading.onnx_reader import Model, read_network


class Missing(Exception):
    """A network that no problem can state; a sentence that says why."""


@lru_cache(maxsize=16)
def _read(path: Path, changed: int, size: int) -> Model:
    """The model in a file; read again once the file was written again."""
    return read_network(path)


def _model(path: Path) -> Model:
    try:
        state = path.stat()
    except OSError as error:
        reason = error.strerror or "the file is gone"
        raise ModelError(reason) from None
    return _read(path, state.st_mtime_ns, state.st_size)


def read_outline(shown: str, path: Path) -> Outline:
    """The shape of the network in an .onnx file. Raises Unreadable."""
    try:
        model = _model(path)
    except ModelError as error:
        raise Unreadable(f"{shown} cannot be read: {error}", error.fix) from None
    network = model.network
    layers = tuple(network.layers[index].size for index in network.units)
    stacked = _is_stacked(network)
    return Outline(network.inputs, network.outputs, layers, model.sha256, stacked)


def _is_stacked(network: Layers) -> bool:
    """Whether its activations are relu layers, each fed by the one before and no more."""
    before = 0
    for index, layer in enumerate(network.layers):
        if isinstance(layer, Activation):
            own = index in network.units and layer.kind == RELU
            if not own or _sources(network, layer.source) != {before}:
                return False
            before = index
    return True


def _sources(network: Layers, index: int) -> set[int]:
    """The layers that a sum is made of, sums of sums followed."""
    found: set[int] = set()
    waiting = [index]
    while waiting:
        layer = network.layers[place := waiting.pop()]
        if isinstance(layer, Affine):
            waiting += layer.sources
        else:
            found.add(place)
    return found


def find_declarations(document: Document, formula: Term) -> tuple[Declaration, ...]:
    """The declarations of every network that a formula speaks of, by name.

    Raises Missing where a file is not what it was, or a network too large to state.
    """
    wanted: dict[tuple[str, tuple[str, ...]], None] = {}
    for symbol in symbols_of(formula):
        if isinstance(document.thing(network_of(symbol.name)), Network):
            function = read_function(symbol.name) or Function(symbol.name)
            wanted[function.network, function.without] = None
    return tuple(_declare(document, *key) for key in sorted(wanted))


def symbols_of(formula: Term) -> frozenset[Symbol]:
    """The symbols that occur in a formula."""
    parts = subterms(formula)
    return frozenset(part.value for part in parts if isinstance(part.value, Symbol))


def _declare(document: Document, name: str, without: tuple[str, ...]) -> Declaration:
    network = document.thing(name)
    if not isinstance(network, Network):
        raise Missing(f"no network is called {name}")
    whole = network.units or _declare_file(network.file, network.outline.sha, name)
    if not without:
        return whole
    units: list[tuple[int, int]] = []
    for circuit in map(document.thing, without):
        if not isinstance(circuit, Circuit) or circuit.network != name:
            raise Missing(f"{', '.join(without)} are not circuits of {name}")
        units += circuit.units
    return leave_out(whole, name, without, units)


@lru_cache(maxsize=16)
def _declare_file(file: str, sha: str, name: str) -> Declaration:
    try:
        model = _model(Path(file))
        if model.sha256 != sha:
            raise Missing(
                f"the file of {name} was changed while it was read; run again"
            )
        return declare(model.network, name, units=True)
    except ModelError as error:
        raise Missing(f"the file of {name} cannot be read: {error}") from None
    except TooLarge as error:
        raise Missing(
            f"{name} is too large for a statement of a document: {error}"
        ) from None


def leave_out(
    network: Declaration,
    name: str,
    without: tuple[str, ...],
    units: Iterable[tuple[int, int]],
) -> Declaration:
    """The network with the outgoing weights of these units dropped.

    Its functions are named after the circuits left out; the units themselves stay.
    """
    variables = dict(network.outputs)
    gone = {variables[Function(name, (), unit).name] for unit in units}
    kept = tuple(
        unit._replace(weights=tuple(w for w in unit.weights if w[0] not in gone))
        for unit in network.units
    )
    named = tuple(
        (Function(name, without, _part(old)).name, variable)
        for old, variable in network.outputs
    )
    return Declaration(network.inputs, kept, named)


def _part(name: str) -> tuple[int, ...]:
    function = read_function(name)
    return function.part if function else ()
