"""Nodes of an ONNX graph and their attributes, each of one type and one value."""

from __future__ import annotations

import math
from typing import Any, Final

from verify.networks.errors import ModelError, show
from verify.networks.reading.graph import Attribute, Node
from verify.networks.reading.onnx_tensors import read_tensor

MAX_NAME: Final = 1_000
DOMAINS: Final = ("", "ai.onnx")

# AttributeProto: type number -> the field that holds the value.
VALUE_FIELDS: Final = {1: "f", 2: "i", 3: "s", 4: "t", 6: "floats", 7: "ints",
                       8: "strings"}  # fmt: skip
OTHER_TYPES: Final = {5: "a sub-graph", 9: "tensors", 10: "sub-graphs",
                      11: "a sparse tensor", 12: "sparse tensors", 13: "a type",
                      14: "types"}  # fmt: skip
ALL_FIELDS: Final = (*VALUE_FIELDS.values(), "g", "tensors", "graphs", "sparse_tensor",
                     "sparse_tensors", "tp", "type_protos")  # fmt: skip
REPEATED: Final = ("floats", "ints", "strings", "tensors", "graphs", "sparse_tensors",
                   "type_protos")  # fmt: skip


def read_node(proto: Any, opset: int) -> Node:
    """A NodeProto as a node; raises ModelError for what a node here cannot have."""
    for name in (proto.name, proto.op_type, *proto.input, *proto.output):
        if len(name) > MAX_NAME:
            raise ModelError(f"a name has {len(name)} characters", node=name)
    title = proto.name or next(iter(proto.output), "")
    if proto.domain not in DOMAINS or proto.overload:
        raise ModelError(
            f"is the operator {show(proto.op_type)} of the domain {show(proto.domain)}",
            node=title,
            fix="export with standard operators only",
        )
    _check_schema(proto, opset, title)
    attributes: dict[str, Attribute] = {}
    for attribute in proto.attribute:
        if attribute.name in attributes:
            raise ModelError(
                f"has the attribute {show(attribute.name)} twice", node=title
            )
        attributes[attribute.name] = _read_attribute(attribute, title)
    return Node(
        proto.name,
        proto.op_type,
        tuple(proto.input),
        tuple(proto.output),
        tuple(attributes.items()),
    )


def _check_schema(proto: Any, opset: int, node: str) -> None:
    """The node is one of its operator in that opset, where onnx knows the operator.

    Operators changed attributes into inputs over time. A reader that looks for the one
    while the file has the other computes another function.
    """
    from onnx import defs

    operator = proto.op_type
    if not defs.has(operator, domain=""):
        return
    try:
        schema = defs.get_schema(operator, opset, "")
    except defs.SchemaError:
        raise ModelError(f"{operator} is not in opset {opset}", node=node) from None
    said = f"{operator} of opset {opset}"
    for attribute in proto.attribute:
        known = schema.attributes.get(attribute.name)
        if known is None:
            reason = f"has the attribute {show(attribute.name)}, unknown to {said}"
            raise ModelError(reason, node=node)
        if attribute.type != known.type.value:
            reason = (
                f"has an attribute {show(attribute.name)} of a type unknown to {said}"
            )
            raise ModelError(reason, node=node)
    given = {attribute.name for attribute in proto.attribute}
    for name, known in schema.attributes.items():
        if known.required and name not in given:
            raise ModelError(f"lacks the attribute {name} of {said}", node=node)
    for what, names, least, most in (
        ("inputs", proto.input, schema.min_input, schema.max_input),
        ("outputs", proto.output, schema.min_output, schema.max_output),
    ):
        if not least <= len(names) <= most:
            reason = f"has {len(names)} {what}; {said} has {least} to {most}"
            raise ModelError(reason, node=node)


def _read_attribute(proto: Any, node: str) -> Attribute:
    name = show(proto.name)
    if proto.ref_attr_name:
        raise ModelError(f"attribute {name} refers to a function's", node=node)
    if proto.type not in VALUE_FIELDS:
        kind = OTHER_TYPES.get(proto.type, f"of unknown type {proto.type}")
        raise ModelError(f"attribute {name} is {kind}, which is not read", node=node)
    field = VALUE_FIELDS[proto.type]
    filled = [
        other
        for other in ALL_FIELDS
        if (len(getattr(proto, other)) if other in REPEATED else proto.HasField(other))
    ]
    if any(other != field for other in filled):
        raise ModelError(f"attribute {name} has values of two types", node=node)
    value = getattr(proto, field)
    match field:
        case "t":
            return read_tensor(value, value.name or node)
        case "s":
            return _text(value, name, node)
        case "strings":
            return tuple(_text(text, name, node) for text in value)
        case "ints":
            return tuple(value)
        case "i":
            return int(value)
        case _:
            numbers = tuple(value) if field == "floats" else (float(value),)
            if not all(math.isfinite(number) for number in numbers):
                raise ModelError(f"attribute {name} is not finite", node=node)
            return numbers if field == "floats" else numbers[0]


def _text(value: bytes, name: str, node: str) -> str:
    try:
        return value.decode("ascii")
    except UnicodeDecodeError:
        raise ModelError(f"attribute {name} is not ASCII text", node=node) from None
