"""The bytes of a protobuf message, walked before any library reads them.

Protobuf merges what is given twice: two models one after the other parse as one, the
second's name over the first's nodes. It keeps fields it does not know and says nothing.
So every field is visited here, with its message's description at hand, and refused
when it is unknown, is given twice though it is single, has the wrong wire type, reaches
past its message, or is text that is not UTF-8. What is left means one thing only.
"""

from __future__ import annotations

from codecs import getincrementaldecoder
from typing import Any, Final, NamedTuple

from verify.networks.errors import ModelError

MAX_FIELDS: Final = 1_000_000
MAX_DEPTH: Final = 24
BLOCK: Final = 2**20  # of text looked at in one go

VARINT: Final = 0
FIXED64: Final = 1
BYTES: Final = 2
FIXED32: Final = 5
WIDTH: Final = {FIXED64: 8, FIXED32: 4}

TYPE_STRING: Final = 9
TYPE_MESSAGE: Final = 11
# Wire types by the numbers of descriptor.proto: double, fixed64, sfixed64; float,
# fixed32, sfixed32; string, message, bytes. All others are varints.
WIRE: Final = {1: FIXED64, 6: FIXED64, 16: FIXED64, 2: FIXED32, 7: FIXED32, 15: FIXED32,
               9: BYTES, 11: BYTES, 12: BYTES}  # fmt: skip


IS_IT: Final = "an ONNX file is expected, written by a current exporter"


class Field(NamedTuple):
    """A field of a message: `slot` is its number, or the name of the choice it is of."""

    name: str
    wire: int
    is_text: bool
    is_repeated: bool
    slot: int | str
    message: Any


class Frame(NamedTuple):
    """A message being walked: its description, its end, and the slots already filled."""

    path: str
    fields: dict[int, Field]
    end: int
    filled: set[int | str]


def check_wire(data: bytes, descriptor: Any) -> None:
    """Raises ModelError unless the bytes are one message of that protobuf descriptor."""
    known: dict[str, dict[int, Field]] = {}
    stack = [Frame("model", _fields(descriptor, known), len(data), set())]
    view = memoryview(data)
    position = count = 0
    while stack:
        frame = stack[-1]
        if position == frame.end:
            stack.pop()
            continue
        count += 1
        if count > MAX_FIELDS:
            raise ModelError(
                f"the file has more than {MAX_FIELDS} fields",
                fix="store weights as raw data",
            )
        tag, position = _varint(data, position, frame)
        field = frame.fields.get(tag >> 3)
        if field is None:
            reason = f"field {tag >> 3} of {frame.path} is unknown"
            raise ModelError(reason, fix=IS_IT)
        wire = tag & 7
        packed = field.is_repeated and wire == BYTES
        if wire != field.wire and not packed:
            reason = f"{frame.path}.{field.name} has the wrong wire type"
            raise ModelError(reason, fix=IS_IT)
        if not field.is_repeated:
            if field.slot in frame.filled:
                raise ModelError(
                    f"{frame.path}.{field.name} is given twice",
                    fix="two models in one file are not one model",
                )
            frame.filled.add(field.slot)
        if wire == VARINT:
            _, position = _varint(data, position, frame)
            continue
        length = WIDTH.get(wire)
        if length is None:
            length, position = _varint(data, position, frame)
        if length > frame.end - position:
            raise ModelError(f"{frame.path}.{field.name} is longer than its message")
        end = position + length
        if field.message is not None:
            if len(stack) == MAX_DEPTH:
                raise ModelError(f"messages are nested over {MAX_DEPTH} deep")
            path = f"{frame.path}.{field.name}" if len(stack) < 6 else frame.path
            stack.append(Frame(path, _fields(field.message, known), end, set()))
            continue
        if field.is_text:
            _check_text(view[position:end], f"{frame.path}.{field.name}")
        position = end


def _check_text(text: memoryview, path: str) -> None:
    decoder = getincrementaldecoder("utf-8")()
    try:
        for start in range(0, len(text), BLOCK):
            decoder.decode(bytes(text[start : start + BLOCK]))
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        raise ModelError(f"{path} is not UTF-8 text") from None


def _varint(data: bytes, position: int, frame: Frame) -> tuple[int, int]:
    value = shift = 0
    while position < frame.end:
        byte = data[position]
        position += 1
        value |= (byte & 127) << shift
        if byte < 128:
            if value >> 64:
                break
            return value, position
        shift += 7
        if shift > 63:
            break
    else:
        raise ModelError(f"the file ends within {frame.path}")
    raise ModelError(f"{frame.path} has a number of more than 64 bits")


def _fields(descriptor: Any, known: dict[str, dict[int, Field]]) -> dict[int, Field]:
    if descriptor.full_name not in known:
        known[descriptor.full_name] = {
            field.number: Field(
                name=field.name,
                wire=WIRE.get(field.type, VARINT),
                is_text=field.type == TYPE_STRING,
                is_repeated=_is_repeated(field),
                slot=field.containing_oneof.name
                if field.containing_oneof
                else field.number,
                message=field.message_type if field.type == TYPE_MESSAGE else None,
            )
            for field in descriptor.fields
        }
    return known[descriptor.full_name]


def _is_repeated(field: Any) -> bool:
    is_repeated = getattr(field, "is_repeated", None)
    if is_repeated is None:  # protobuf before 6.31
        return bool(field.label == field.LABEL_REPEATED)
    return bool(is_repeated)
