"""Files of networks and properties, asked as one query: what `net` and `vnnlib` share."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from verify.cli.paths import Refusal, find_paths, quoted
from verify.networks.errors import ModelError
from verify.networks.network import Activation, Affine
from verify.networks.properties.properties import Property
from verify.networks.properties.property_errors import PropertyError
from verify.networks.properties.property_files import read_property_file
from verify.networks.properties.tensors import (
    FLOAT32,
    REAL,
    check_files,
    check_ports,
    element_names,
)
from verify.networks.properties.vnnlib2 import Parsed
from verify.networks.query import Query
from verify.networks.reading.graph import FLOAT_KINDS
from verify.networks.reading.onnx_reader import Model, read_network
from verify.networks.records import Question


class Asked(NamedTuple):
    """A query with everything that reports need to speak about it in the user's words.

    `stated` is the property (1.0) or query (2.0) as read.
    """

    question: Question
    query: Query
    stated: Property | Parsed
    models: tuple[Model, ...]

    @property
    def needs_float32(self) -> bool:
        """Whether the file itself asks about floats, not about real numbers."""
        return isinstance(self.stated, Parsed) and self.stated.elements != (REAL,)

    @property
    def only_float32(self) -> bool:
        """Whether every tensor of the file is a float32."""
        return isinstance(self.stated, Parsed) and self.stated.elements == (FLOAT32,)


def read_asked(property_path: str, networks: Mapping[str, str]) -> Asked:
    """Read everything; `networks` maps declared names to files.

    The empty name stands for the only network of a property. Raises Refusal.
    """
    (path,) = find_paths([property_path])
    try:
        stated = read_property_file(path)
        if isinstance(stated, Property):
            return _ask_version_one(stated, property_path, networks)
        return _ask_version_two(stated, property_path, networks)
    except PropertyError as error:
        raise Refusal(f"{quoted(property_path)}: {error}.") from None


def _ask_version_one(stated: Property, path: str, networks: Mapping[str, str]) -> Asked:
    if list(networks) != [""]:
        raise PropertyError(
            "it is a property of VNN-LIB 1.0, which names no networks",
            fix="run: verify net MODEL PROPERTY",
        )
    model = read_model(networks[""])
    query = stated.make_query(model.network)
    question = Question(
        document=path,
        models=(networks[""],),
        inputs=tuple(f"X_{index}" for index in range(stated.inputs)),
        outputs=tuple(f"Y_{index}" for index in range(stated.outputs)),
        cases=len(query.cases),
        network=describe([model]),
    )
    return Asked(question, query, stated, (model,))


def _ask_version_two(stated: Parsed, path: str, networks: Mapping[str, str]) -> Asked:
    if "" in networks:
        alone = [net.name for net in stated.networks if not net.equal_to]
        if len(alone) != 1:
            raise PropertyError(
                f"it declares {len(alone)} networks",
                fix="run: verify vnnlib verify QUERY --network NAME=FILE ...",
            )
        networks = {alone[0]: networks[""]}
    check_files(stated.networks, networks)
    models = {name: read_model(file) for name, file in networks.items()}
    for net in stated.networks:
        check_ports(net, models[net.equal_to or net.name].graph)
    query = stated.make_query({name: model.network for name, model in models.items()})
    taken = [tensor for net in stated.networks for tensor in net.inputs]
    given = [tensor for net in stated.networks for tensor in net.outputs]
    question = Question(
        document=path,
        models=tuple(networks[name] for name in models),
        inputs=tuple(name for tensor in taken for name in element_names(tensor)),
        outputs=tuple(name for tensor in given for name in element_names(tensor)),
        cases=len(query.cases),
        network=describe(list(models.values())),
    )
    return Asked(question, query, stated, tuple(models.values()))


def read_model(path: str) -> Model:
    """The model in a file; raises Refusal."""
    (found,) = find_paths([path])
    try:
        return read_network(found)
    except ModelError as error:
        raise Refusal(f"{quoted(path)}: {error}.") from None


def describe(models: Sequence[Model]) -> dict[str, object]:
    """Sizes of the models together, for reports."""
    layers = [layer for model in models for layer in model.network.layers]
    units: Counter[str] = Counter()
    for layer in layers:
        if isinstance(layer, Activation):
            units[layer.kind] += layer.size
    constants = [array for m in models for _, array in m.graph.constants]
    return {
        "inputs": sum(model.network.inputs for model in models),
        "outputs": sum(model.network.outputs for model in models),
        "layers": sum(isinstance(layer, Affine) for layer in layers),
        "units": dict(units),
        "parameters": sum(a.size for a in constants if a.dtype.name in FLOAT_KINDS),
        "sha256": [model.sha256 for model in models],
        "notes": [note for model in models for note in model.notes],
    }
