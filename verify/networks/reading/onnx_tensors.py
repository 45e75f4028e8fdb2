"""Tensors of an ONNX file as arrays, with nothing taken on trust.

Kinds are few: floats of 16, 32 and 64 bits as weights, whole numbers and truth values
for shapes and flags. The numbers lie either in `raw_data` or in the one field of their
kind, never both, and are exactly as many as the shape says. A weight that is not finite
is refused with its place: every comparison with NaN is false, and false reads as proved.
"""

from __future__ import annotations

from typing import Any, Final, NamedTuple

import numpy as np

from verify.networks.errors import ModelError
from verify.networks.reading.graph import Tensor, freeze, size_of

MAX_RANK: Final = 8
MAX_ELEMENTS: Final = 2**26


class Kind(NamedTuple):
    """A kind of number: NumPy's name, its layout in raw data, and its own field."""

    name: str
    raw: str
    field: str


KINDS: Final = {
    1: Kind("float32", "<f4", "float_data"),
    6: Kind("int32", "<i4", "int32_data"),
    7: Kind("int64", "<i8", "int64_data"),
    9: Kind("bool", "<u1", "int32_data"),
    10: Kind("float16", "<f2", "int32_data"),
    11: Kind("float64", "<f8", "double_data"),
}
OTHERS: Final = {
    2: "uint8", 3: "int8", 4: "uint16", 5: "int16", 8: "string", 12: "uint32",
    13: "uint64", 14: "complex64", 15: "complex128", 16: "bfloat16", 17: "float8e4m3fn",
    18: "float8e4m3fnuz", 19: "float8e5m2", 20: "float8e5m2fnuz", 21: "uint4",
    22: "int4", 23: "float4e2m1", 24: "float8e8m0", 25: "uint2", 26: "int2",
}  # fmt: skip
DATA_FIELDS: Final = (
    "float_data", "int32_data", "string_data", "int64_data", "double_data",
    "uint64_data",
)  # fmt: skip


def kind_of(number: int, name: str = "") -> Kind:
    """The kind of ONNX's data type `number`; raises ModelError for one not read."""
    if number in KINDS:
        return KINDS[number]
    kind = OTHERS.get(number, f"of unknown type {number}")
    raise ModelError(
        f"numbers are {kind}, which is not read",
        tensor=name,
        fix="export with float32 or float64 weights and int64 shapes",
    )


def check_shape(shape: tuple[int, ...], name: str = "", node: str = "") -> None:
    """Raises ModelError for negative dimensions, a rank or a size beyond the caps."""
    if len(shape) > MAX_RANK:
        raise ModelError(
            f"has {len(shape)} dimensions, more than {MAX_RANK}", tensor=name, node=node
        )
    if any(dimension < 0 for dimension in shape):
        raise ModelError(f"has a negative dimension: {shape}", tensor=name, node=node)
    if size_of(shape) > MAX_ELEMENTS or max(shape, default=0) > MAX_ELEMENTS:
        raise ModelError(
            f"has {size_of(shape)} elements, more than {MAX_ELEMENTS}",
            tensor=name,
            node=node,
        )


def read_tensor(proto: Any, name: str) -> Tensor:
    """A TensorProto as a read-only array; `name` is for messages.

    Raises ModelError for external, segmented or string data, a kind that is not read, a
    shape beyond the caps, numbers that are missing, too many or in two places, and
    floats that are not finite.
    """
    if proto.external_data or proto.data_location == 1:
        raise ModelError(
            "keeps its data in another file, which is never opened",
            tensor=name,
            fix="save the model with its weights inside",
        )
    if proto.HasField("segment"):
        raise ModelError("is a segment of a tensor", tensor=name)
    kind = kind_of(proto.data_type, name)
    shape = tuple(proto.dims)
    check_shape(shape, name)
    filled = [field for field in DATA_FIELDS if len(getattr(proto, field))]
    if proto.HasField("raw_data"):
        filled.append("raw_data")
    if len(filled) > 1:
        raise ModelError(f"has data in both {' and '.join(filled)}", tensor=name)
    if filled and filled[0] not in ("raw_data", kind.field):
        raise ModelError(f"of {kind.name} has its data in {filled[0]}", tensor=name)
    array = _from_raw(proto, kind) if filled == ["raw_data"] else _listed(proto, kind)
    if array.size != size_of(shape):
        raise ModelError(f"has {array.size} numbers for the shape {shape}", tensor=name)
    array = array.reshape(shape)
    if kind.raw[1] == "f":
        check_finite(array, name)
    return freeze(array)


def _from_raw(proto: Any, kind: Kind) -> Tensor:
    width = np.dtype(kind.raw).itemsize
    whole = len(proto.raw_data) // width
    if whole * width != len(proto.raw_data):
        raise ModelError(
            f"has {len(proto.raw_data)} bytes, no multiple of {width}",
            tensor=proto.name,
        )
    array = np.frombuffer(proto.raw_data, dtype=kind.raw)
    return _as_kind(array, kind, proto.name)


def _listed(proto: Any, kind: Kind) -> Tensor:
    values = getattr(proto, kind.field)
    if kind.name == "float16":
        bits = np.array(values, dtype=np.int64)
        if bits.size and (bits.min() < 0 or bits.max() >= 2**16):
            raise ModelError("has float16 numbers of over 16 bits", tensor=proto.name)
        return bits.astype(np.uint16).view(np.float16)
    array = np.array(values, dtype=kind.raw if kind.name != "bool" else "<i4")
    return _as_kind(array, kind, proto.name)


def _as_kind(array: Tensor, kind: Kind, name: str) -> Tensor:
    if kind.name == "bool" and array.size and not np.isin(array, (0, 1)).all():
        raise ModelError("has truth values other than 0 and 1", tensor=name)
    return array.astype(kind.name)


def check_finite(array: Tensor, name: str) -> None:
    """Raises ModelError with the place of the first number that is not finite."""
    if np.isfinite(array).all():
        return
    place = np.argwhere(~np.isfinite(array))[0].tolist()
    number = array[tuple(place)]
    raise ModelError(f"has the weight {number} at index {place}", tensor=name)
