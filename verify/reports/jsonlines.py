"""JSON lines: one record a line, for programs.

A line is exactly `dataclasses.asdict` of a record, so nothing is said here that the
terminal does not know. The schema is generated from the same classes and published as
docs/schema/records.schema.json; a test holds the two together. The last line of a whole
run is its `run` record: a file without it is of a run that did not end.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any, Final

from verify.language.verdicts import Audit, Run, Verdict

Record = Verdict | Audit | Run
RECORDS: Final = (Verdict, Audit, Run)
SCHEMA_ID: Final = "verify/records.schema.json"


def render_record(record: Record) -> str:
    """The record on one line of ASCII, newline included."""
    return json.dumps(asdict(record), ensure_ascii=True, allow_nan=False) + "\n"


def make_schema() -> dict[str, Any]:
    """The JSON schema of a line: one of the records, told apart by `type`."""
    from pydantic import TypeAdapter  # costs 0.15 s, and only this needs it

    adapter: TypeAdapter[Record] = TypeAdapter(Record)
    definitions = adapter.json_schema(mode="serialization")["$defs"]
    for record in RECORDS:
        fields = definitions[record.__name__]["properties"]
        fields["type"] = {"const": fields["type"]["default"]}
    for definition in definitions.values():
        definition["required"] = list(definition["properties"])
        definition["additionalProperties"] = False
        for field in definition["properties"].values():
            field.pop("title", None)
            field.pop("default", None)  # every line has every field
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": SCHEMA_ID,
        "title": "A line of verify --json",
        "oneOf": [{"$ref": f"#/$defs/{record.__name__}"} for record in RECORDS],
        "$defs": definitions,
    }


def render_schema() -> str:
    """The schema as the text of its file."""
    return json.dumps(make_schema(), indent=2, sort_keys=True) + "\n"
