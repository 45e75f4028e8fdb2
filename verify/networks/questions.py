"""Files of networks and properties, asked as one query, in the words of the files.

A property of VNN-LIB 1.0 is about one network, which it does not name; a query of 2.0
declares networks by name, and each name is given a file. Whoever asks says how a file is
read, because some have paths and some only bytes.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Final, NamedTuple

from verify.networks.float32.witnesses import Counterexample
from verify.networks.judging import Judgement
from verify.networks.moves.axes import find_varying, make_region
from verify.networks.network import Activation, Affine
from verify.networks.properties.properties import Property
from verify.networks.properties.property_errors import PropertyError
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
from verify.networks.reading.onnx_reader import Model
from verify.networks.records import Point, Question, describe_moves

VERSIONS: Final = ("numpy", "onnx", "onnxruntime", "highspy")


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

    @property
    def is_whole(self) -> bool:
        """Whether the query is about one model as it stands in its file."""
        return self.query.network is self.models[0].network

    @property
    def taken(self) -> tuple[str, ...]:
        """The names of the query's inputs: those of the file that no equation defines."""
        names, stated = self.question.inputs, self.stated
        if isinstance(stated, Property):
            return names
        return tuple(names[index] for index in stated.solved.kept)

    @property
    def empty(self) -> tuple[int, ...]:
        """The cases that no input meets, whatever the network."""
        stated = self.stated
        return stated.stated.empty if isinstance(stated, Parsed) else stated.empty


def ask_question(
    stated: Property | Parsed,
    path: str,
    networks: Mapping[str, str],
    read: Callable[[str], Model],
) -> Asked:
    """The query of a property about networks; `read` reads the model of a file's name.

    `networks` maps declared names to files; the empty name stands for the only network.
    Raises PropertyError when they do not fit, and whatever `read` raises.
    """
    if isinstance(stated, Property):
        return _ask_version_one(stated, path, networks, read)
    return _ask_version_two(stated, path, networks, read)


def _ask_version_one(
    stated: Property,
    path: str,
    networks: Mapping[str, str],
    read: Callable[[str], Model],
) -> Asked:
    if list(networks) != [""]:
        raise PropertyError(
            "it is a property of VNN-LIB 1.0, which names no networks",
            fix="run: verify net MODEL PROPERTY",
        )
    model = read(networks[""])
    query = stated.make_query(model.network)
    question = Question(
        document=path,
        models=(networks[""],),
        inputs=tuple(f"X_{index}" for index in range(stated.inputs)),
        outputs=tuple(f"Y_{index}" for index in range(stated.outputs)),
        cases=len(query.cases),
        network=describe([model]),
        varying=find_varying(query),
    )
    return Asked(question, query, stated, (model,))


def _ask_version_two(
    stated: Parsed, path: str, networks: Mapping[str, str], read: Callable[[str], Model]
) -> Asked:
    if "" in networks:
        alone = [net.name for net in stated.networks if not net.equal_to]
        if len(alone) != 1:
            raise PropertyError(
                f"it declares {len(alone)} networks",
                fix="run: verify vnnlib verify QUERY --network NAME=FILE ...",
            )
        networks = {alone[0]: networks[""]}
    check_files(stated.networks, networks)
    models = {name: read(file) for name, file in networks.items()}
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
        varying=() if stated.solved.definitions else find_varying(query),
    )
    return Asked(question, query, stated, tuple(models.values()))


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


def find_point(asked: Asked, judgement: Judgement) -> Point | None:
    """The counterexample in the file's variables; None without one."""
    found = judgement.found
    if found is None:
        return None
    single = found.single.point if found.single else None
    if isinstance(asked.stated, Property):
        return Point(found.point, found.outputs, single, _find_moves(asked, found))
    restore = asked.stated.restore
    return Point(
        restore(found.point),
        found.outputs,
        restore(single) if single else None,
        () if asked.stated.solved.definitions else _find_moves(asked, found),
    )


def _find_moves(asked: Asked, found: Counterexample) -> tuple[dict[str, str], ...]:
    """How the point has moved, where its case pins some inputs and others vary."""
    region = make_region(asked.query.cases[found.case])
    if len(region.varying) == len(region.radius):
        return ()
    return describe_moves(region, asked.taken, found.point)


def find_versions() -> dict[str, str]:
    """The versions of the packages that took part."""
    loaded = {name: sys.modules.get(name) for name in VERSIONS}
    return {
        name: str(getattr(module, "__version__", "unknown"))
        for name, module in loaded.items()
        if module is not None
    }
