"""The JSON schema of lines that are records, from the records' own classes."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import reduce
from operator import or_
from typing import Any


def make_line_schema(
    records: Sequence[type], identity: str, command: str
) -> dict[str, Any]:
    """A line is one of the records, told apart by `type`; every line has every field."""
    from pydantic import TypeAdapter  # costs 0.15 s, and only this needs it

    adapter: TypeAdapter[Any] = TypeAdapter(reduce(or_, records))
    definitions = adapter.json_schema(mode="serialization")["$defs"]
    for record in records:
        fields = definitions[record.__name__]["properties"]
        fields["type"] = {"const": fields["type"]["default"]}
    for definition in definitions.values():
        definition["required"] = list(definition["properties"])
        definition["additionalProperties"] = False
        for field in definition["properties"].values():
            field.pop("title", None)
            field.pop("default", None)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": identity,
        "title": f"A line of {command}",
        "oneOf": [{"$ref": f"#/$defs/{record.__name__}"} for record in records],
        "$defs": definitions,
    }


def write_schema(schema: dict[str, Any]) -> str:
    """The schema as the text of its file."""
    return json.dumps(schema, indent=2, sort_keys=True) + "\n"
