"""Where a file stores the numbers of a layer, and the file with others in their place.

A matrix of the network is looked for among the file's constants, as it is or transposed.
That it is the right one is not argued but tried: the graph with the new numbers is lowered
again, and the network that comes out must be the one intended, number for number. So a
constant that two nodes share, a convolution, or a factor on the way is never changed by
mistake; it is then said that the parameters are not stored one by one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice, product
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from verify.networks.network import Affine, Network, Numbers
from verify.networks.reading.graph import FLOAT_KINDS, Graph, Tensor, freeze
from verify.networks.reading.lowering import lower
from verify.networks.reading.onnx_reader import Model
from verify.training.circuits.wiring import Change, Wiring, change_network

MAX_TRIED: Final = 16
Key = tuple[int, int | None]  # a layer, and which of its matrices (None: its bias)


class Slot(NamedTuple):
    """A constant of the file that holds a matrix or bias, perhaps transposed."""

    name: str
    turned: bool
    kind: str


class Stored(NamedTuple):
    """The graph with other numbers, and for each constant that changed its new array."""

    graph: Graph
    arrays: tuple[tuple[str, Tensor], ...]


def find_kind(model: Model, wiring: Wiring) -> str:
    """The coarsest kind of number among the constants that the units' parameters are in.

    Raises LookupError with a sentence where some are in none.
    """
    kinds = [
        {slot.kind for slot in _find_slots(model, key)} for key in _list_keys(wiring)
    ]
    if not all(kinds):
        missing = "biases" if not kinds[1] else "weights"
        raise LookupError(f"the file does not store their {missing} one by one")
    every = set().union(*kinds)
    return "float16" if "float16" in every else "float32"


def store_changes(
    model: Model, wiring: Wiring, changes: Sequence[Change]
) -> Stored | None:
    """The file's graph with these changes; None where no constants can take them."""
    wanted = change_network(model.network, changes)
    keys = [key for key in _list_keys(wiring) if _select(changes, key)]
    choices = [_find_slots(model, key) for key in keys]
    for slots in islice(product(*choices), MAX_TRIED):
        if len({slot.name for slot in slots}) < len(slots):
            continue
        arrays = dict(
            _change_array(model.graph, slot, _select(changes, key))
            for slot, key in zip(slots, keys, strict=True)
        )
        graph = _replace(model.graph, arrays)
        if are_same(lower(graph)[0], wanted):
            return Stored(graph, tuple(arrays.items()))
    return None


def write_model(data: bytes, arrays: Sequence[tuple[str, Tensor]]) -> bytes:
    """The bytes of the model file with other numbers in these constants.

    Everything else of the file stays as it is.
    """
    from onnx import ModelProto, numpy_helper

    model = ModelProto()
    model.ParseFromString(data)
    new = dict(arrays)
    for tensor in model.graph.initializer:
        if tensor.name in new:
            tensor.CopyFrom(numpy_helper.from_array(new[tensor.name], tensor.name))
    for node in model.graph.node:
        if node.op_type == "Constant" and node.output[0] in new:
            made = numpy_helper.from_array(new[node.output[0]], node.output[0])
            for attribute in node.attribute:
                if attribute.name == "value":
                    attribute.t.CopyFrom(made)
    return bytes(model.SerializeToString())


def are_same(one: Network, other: Network) -> bool:
    """Whether two networks are the same, number for number."""
    if len(one.layers) != len(other.layers) or one.output != other.output:
        return False
    for left, right in zip(one.layers, other.layers, strict=True):
        if isinstance(left, Affine) and isinstance(right, Affine):
            numbers = zip(
                (*left.matrices, left.bias), (*right.matrices, right.bias), strict=False
            )
            if left.sources != right.sources or not all(
                _are_equal(a, b) for a, b in numbers
            ):
                return False
        elif left != right:
            return False
    return True


def _are_equal(one: Numbers, other: Numbers) -> bool:
    return one.exact == other.exact and np.array_equal(one.floats, other.floats)


def _list_keys(wiring: Wiring) -> list[Key]:
    """Incoming weights, biases, outgoing weights."""
    return [
        (wiring.sums, 0),
        (wiring.sums, None),
        *((reader.layer, reader.matrix) for reader in wiring.readers),
    ]


def _select(changes: Sequence[Change], key: Key) -> list[Change]:
    return [change for change in changes if (change.layer, change.matrix) == key]


def _list_constants(graph: Graph) -> Iterator[tuple[str, Tensor]]:
    yield from graph.constants
    for node in graph.nodes:
        value = node.attribute("value")
        if node.operator == "Constant" and isinstance(value, np.ndarray):
            yield node.outputs[0], value


def _find_slots(model: Model, key: Key) -> list[Slot]:
    layer = model.network.layers[key[0]]
    if not isinstance(layer, Affine):
        return []
    numbers = layer.bias if key[1] is None else layer.matrices[key[1]]
    if numbers.exact is not None:
        return []
    found = []
    for name, array in _list_constants(model.graph):
        if array.dtype.name not in FLOAT_KINDS or array.size != numbers.floats.size:
            continue
        for turned in (False, True):
            seen = _view(array, numbers.floats.shape, turned)
            if seen is not None and np.array_equal(seen, numbers.floats):
                found.append(Slot(name, turned, array.dtype.name))
    return found


def _view(array: Tensor, shape: tuple[int, ...], turned: bool) -> NDArray[Any] | None:
    """The array in the shape of a layer's numbers, dimensions of size 1 left out."""
    if len(shape) == 1:
        flat = max(array.shape, default=1) == array.size
        return None if turned or not flat else array.reshape(-1)
    plain = array.reshape([d for d in array.shape if d != 1] or [1])
    if array.ndim == len(shape):
        plain = array
    seen = plain.T if turned else plain
    return seen if seen.shape == shape else None


def _change_array(
    graph: Graph, slot: Slot, changes: Sequence[Change]
) -> tuple[str, Tensor]:
    array = dict(_list_constants(graph))[slot.name].copy()
    for change in changes:
        value = array.dtype.type(float(change.value))
        if change.matrix is None:
            array.reshape(-1)[change.row] = value
        elif slot.turned:
            array[change.column, change.row] = value
        else:
            array[change.row, change.column] = value
    return slot.name, freeze(array)


def _replace(graph: Graph, arrays: dict[str, Tensor]) -> Graph:
    nodes = tuple(
        node._replace(attributes=(("value", arrays[node.outputs[0]]),))
        if node.operator == "Constant" and node.outputs[0] in arrays
        else node
        for node in graph.nodes
    )
    constants = tuple(
        (name, arrays.get(name, array)) for name, array in graph.constants
    )
    return graph._replace(nodes=nodes, constants=constants)
