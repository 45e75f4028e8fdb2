"""The bytes of a model or property file, read once, capped, and unpacked from gzip.

A size is known before it is allocated. A gzip file must be exactly one member with
nothing behind it: several members, or what follows the last, are where two readers of
one file part ways.
"""

from __future__ import annotations

import os
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from verify.networks.errors import ModelError, show

MAX_FILE: Final = 512 * 2**20
GZIP_MAGIC: Final = b"\x1f\x8b"
BLOCK: Final = 2**20


def read_bytes(source: Path | bytes, limit: int = MAX_FILE) -> bytes:
    """The content of a file, or the given bytes, unpacked if they are gzip.

    Raises ModelError when there is no such regular file, it cannot be read, or it is
    larger than `limit`, before or after unpacking.
    """
    data = source if isinstance(source, bytes) else _read_file(source, limit)
    if len(data) > limit:
        raise _too_large(limit)
    return _unpack(data, limit) if data[:2] == GZIP_MAGIC else data


def _read_file(path: Path, limit: int) -> bytes:
    try:
        if not path.exists():
            raise ModelError(f"there is no file {show(str(path))}")
        if not path.is_file():
            raise ModelError(f"{show(str(path))} is not a regular file")
        with path.open("rb") as stream:
            size = os.fstat(stream.fileno()).st_size
            if size > limit:
                raise _too_large(limit)
            data = stream.read(size + 1)
    except (OSError, ValueError) as error:
        if isinstance(error, ModelError):
            raise
        raise ModelError(f"{show(str(path))} cannot be read: {error}") from None
    if len(data) != size:
        raise ModelError(f"{show(str(path))} changed while it was read")
    return data


def _too_large(limit: int) -> ModelError:
    return ModelError(f"the file is larger than {limit >> 20} MiB")


def _unpack(data: bytes, limit: int) -> bytes:
    """Unpacked twice: once to count, so that a bomb costs no memory, once to keep."""
    size = 0
    for part in _parts(data):
        size += len(part)
        if size > limit:
            raise ModelError(f"the gzip file unpacks to more than {limit >> 20} MiB")
    return b"".join(_parts(data))


def _parts(data: bytes) -> Iterator[bytes]:
    """The blocks of the one member; raises ModelError when that is not all."""
    machine = zlib.decompressobj(wbits=31)
    rest = data
    try:
        while not machine.eof:
            part = machine.decompress(rest, BLOCK)
            rest = machine.unconsumed_tail
            if not part and not rest and not machine.eof:
                raise ModelError("the gzip file ends too early")
            yield part
    except zlib.error as error:
        raise ModelError(f"the gzip file is damaged: {error}") from None
    if machine.unused_data:
        raise ModelError(
            "the gzip file has more behind its first member",
            fix="pack the model into a file of its own",
        )
