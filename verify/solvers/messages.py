"""What the job processes say to each other: length, header line, body.

A message is four bytes of length, one line of JSON that whoever passes it on needs to
read, and a body of JSON that only its reader parses. Nothing is ever pickled, and a
length over `MAX_MESSAGE` is refused before a byte of it is stored.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Iterator, Mapping
from typing import Any, Final, NamedTuple, Never

MAX_BODY: Final = 16 * 2**20
MAX_MESSAGE: Final = MAX_BODY + 2**16
LENGTH: Final = struct.Struct(">I")


class MessageError(ValueError):
    """A message that is too long, cut short or not JSON."""


class Message(NamedTuple):
    """`header` is parsed, `body` is still bytes; see `read_body`."""

    header: dict[str, Any]
    body: bytes


def _dumps(value: Mapping[str, Any]) -> bytes:
    try:
        return json.dumps(value, allow_nan=False, separators=(",", ":")).encode()
    except (TypeError, ValueError, RecursionError) as error:
        raise MessageError(f"not expressible in JSON: {error}") from error


def write_message(header: Mapping[str, Any], body: Mapping[str, Any] | bytes) -> bytes:
    """The bytes of a message. Raises MessageError on what is no JSON or too long."""
    content = body if isinstance(body, bytes) else _dumps(body)
    if len(content) > MAX_BODY:
        raise MessageError(f"{len(content)} bytes, more than {MAX_BODY // 2**20} MB")
    packed = _dumps(header) + b"\n" + content
    return LENGTH.pack(len(packed)) + packed


def read_body(body: bytes) -> dict[str, Any]:
    """The object a body stands for. Raises MessageError on anything else."""
    try:
        value = json.loads(body, parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        raise MessageError(f"not JSON: {error}") from error
    if not isinstance(value, dict):
        raise MessageError(f"expected a JSON object, got {type(value).__name__}")
    return value


def _refuse(constant: str) -> Never:
    raise ValueError(f"{constant} is not a number")


class Reader:
    """Cuts a stream of bytes into messages."""

    def __init__(self) -> None:
        self._buffer = bytearray()

    def feed(self, data: bytes) -> Iterator[Message]:
        """The messages that `data` completes. Raises MessageError on a bad one."""
        self._buffer += data
        while len(self._buffer) >= LENGTH.size:
            (length,) = LENGTH.unpack_from(self._buffer)
            if length > MAX_MESSAGE:
                raise MessageError(f"announces {length} bytes")
            end = LENGTH.size + length
            if len(self._buffer) < end:
                return
            packed = bytes(self._buffer[LENGTH.size : end])
            del self._buffer[:end]
            header, _, body = packed.partition(b"\n")
            yield Message(read_body(header), body)
