"""Networks in files, looked at for documents: their shape, and their declarations.

This reads files and so needs NumPy, which documents without such networks do without.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from verify.kernel.networks import Network as Declaration
from verify.language.things import Outline, Unreadable
from verify.networks.certificates.problems import TooLarge, declare
from verify.networks.errors import ModelError
from verify.networks.network import RELU, Activation, Affine
from verify.networks.network import Network as Layers
from verify.networks.reading.onnx_reader import Model, read_network


class Changed(Exception):
    """A file that no longer gives the network it gave; a sentence that says why."""


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


@lru_cache(maxsize=16)
def declare_file(file: str, sha: str, name: str) -> Declaration:
    """The declaration of the network in a file with this hash. Raises Changed."""
    try:
        model = _model(Path(file))
        if model.sha256 != sha:
            raise Changed(
                f"the file of {name} was changed while it was read; run again"
            )
        return declare(model.network, name, units=True)
    except ModelError as error:
        raise Changed(f"the file of {name} cannot be read: {error}") from None
    except TooLarge as error:
        raise Changed(
            f"{name} is too large for a statement of a document: {error}"
        ) from None
