"""The files of a question about networks, as bytes that can be sent to where it is decided.

A job may run on another machine, so it is given what the files hold and never a path. The
checker that asks and the job that searches read the same bytes with the same reader.
"""

from __future__ import annotations

import base64
import binascii
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, NamedTuple

from verify.networks.errors import ModelError, UnsupportedLayer
from verify.networks.files import read_bytes
from verify.networks.properties.property_errors import PropertyError
from verify.networks.properties.property_files import read_property_file
from verify.networks.questions import Asked, ask_question
from verify.networks.reading.onnx_reader import Model, read_network

MAX_SENT: Final = 15_000_000  # characters of all files of a question, packed
MAX_UNPACKED: Final = 512 * 2**20


class NoQuestion(ValueError):
    """Files that are no question: a sentence, and whether they are only not supported."""

    def __init__(self, sentence: str, *, unsupported: bool = False) -> None:
        super().__init__(sentence)
        self.unsupported = unsupported


class Files(NamedTuple):
    """A property and its networks by declared name: what they are called, what they hold."""

    stated: str
    networks: Mapping[str, str]
    contents: Mapping[str, bytes]

    def send(self) -> dict[str, Any]:
        """As part of a job's payload. Raises NoQuestion when it is too much."""
        packed = {
            name: base64.b85encode(zlib.compress(data, 1)).decode()
            for name, data in self.contents.items()
        }
        if sum(map(len, packed.values())) > MAX_SENT:
            raise NoQuestion(
                f"its files, packed, are larger than {MAX_SENT // 10**6} MB; ask it by "
                "itself with verify net",
                unsupported=True,
            )
        return {"stated": self.stated, "networks": self.networks, "contents": packed}


def read_files(stated: str, networks: Mapping[str, str]) -> Files:
    """What the files hold now. Raises NoQuestion."""
    contents = {}
    for name in (stated, *networks.values()):
        if not Path(name).exists():
            raise NoQuestion(f"there is no file {_last(name)!a} where it is said to be")
        try:
            contents[name] = read_bytes(Path(name))
        except ModelError as error:
            raise NoQuestion(f"{_last(name)!a}: {error}") from None
    return Files(stated, dict(networks), contents)


def receive_files(payload: Mapping[str, Any]) -> Files:
    """The files that `send` packed. Raises NoQuestion on anything else."""
    try:
        contents = {
            name: _unpack(base64.b85decode(text))
            for name, text in payload["contents"].items()
        }
    except (ValueError, binascii.Error, zlib.error) as error:
        raise NoQuestion(f"its files did not arrive whole: {error}") from None
    return Files(payload["stated"], payload["networks"], contents)


def _unpack(packed: bytes) -> bytes:
    machine = zlib.decompressobj()
    data = machine.decompress(packed, MAX_UNPACKED)
    if not machine.eof:
        raise ValueError("a file is cut short, or too large")
    return data


def ask(files: Files) -> Asked:
    """The query that the files are. Raises NoQuestion."""

    def read(name: str) -> Model:
        try:
            return read_network(files.contents[name])
        except ModelError as error:
            declined = isinstance(error, UnsupportedLayer)
            sentence = f"{_last(name)!a}: {error}"
            raise NoQuestion(sentence, unsupported=declined) from None

    try:
        stated = read_property_file(files.contents[files.stated])
        return ask_question(stated, files.stated, files.networks, read)
    except PropertyError as error:
        raise NoQuestion(
            f"{_last(files.stated)!a}: {error}", unsupported=error.kind == "unsupported"
        ) from None


def _last(name: str) -> str:
    return name.rpartition("/")[2]
