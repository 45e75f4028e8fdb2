"""Files of networks and properties, asked as one query: what `net` and `vnnlib` share."""

from __future__ import annotations

from collections.abc import Mapping

from verify.cli.paths import Refusal, find_paths, quoted
from verify.networks.errors import ModelError
from verify.networks.properties.property_errors import PropertyError
from verify.networks.properties.property_files import read_property_file
from verify.networks.questions import Asked, ask_question
from verify.networks.reading.onnx_reader import Model, read_network


def read_asked(property_path: str, networks: Mapping[str, str]) -> Asked:
    """Read everything; `networks` maps declared names to files.

    The empty name stands for the only network of a property. Raises Refusal.
    """
    (path,) = find_paths([property_path])
    try:
        stated = read_property_file(path)
        return ask_question(stated, property_path, networks, read_model)
    except PropertyError as error:
        raise Refusal(f"{quoted(property_path)}: {error}.") from None


def read_model(path: str) -> Model:
    """The model in a file; raises Refusal."""
    (found,) = find_paths([path])
    try:
        return read_network(found)
    except ModelError as error:
        raise Refusal(f"{quoted(path)}: {error}.") from None
