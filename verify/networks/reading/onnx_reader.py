"""Reading an ONNX file: its bytes, their structure, its graph, its network.

The file is read once; its bytes are walked before protobuf parses them, and nothing but
protobuf ever sees them: what lowers, evaluates and replays works on the graph made here.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import NamedTuple

from verify.networks.errors import ModelError
from verify.networks.files import read_bytes
from verify.networks.network import Network
from verify.networks.reading.graph import Graph
from verify.networks.reading.lowering import lower
from verify.networks.reading.onnx_graph import make_graph
from verify.networks.reading.onnx_wire import check_wire


class Model(NamedTuple):
    """A network with where it came from.

    `graph` has the names, kinds and shapes of inputs and outputs and the stored weights,
    for replays. `notes` are sentences on weights that are not exact. `sha256` is of the
    model's bytes, after unpacking.
    """

    network: Network
    graph: Graph
    notes: tuple[str, ...]
    sha256: str


def read_network(source: Path | bytes) -> Model:
    """Read an .onnx or .onnx.gz file, or its bytes.

    Raises UnsupportedLayer for operators that have no lowering and ModelError for all
    else that is not read; both say which node and tensor, why, and what to do.
    """
    data = read_bytes(source)
    if not data:
        raise ModelError("the file is empty")
    graph = _parse(data)
    network, notes = lower(graph)
    return Model(network, graph, notes, hashlib.sha256(data).hexdigest())


def _parse(data: bytes) -> Graph:
    from google.protobuf.message import DecodeError
    from onnx import ModelProto

    check_wire(data, ModelProto.DESCRIPTOR)
    model = ModelProto()
    try:
        model.ParseFromString(data)
    except DecodeError as error:
        raise ModelError(f"the file is not a protobuf message: {error}") from None
    return make_graph(model)
