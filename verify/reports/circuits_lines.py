"""`verify circuits --json`: a record a line, the subject first and the run last.

The schema is generated from the records' own classes and published as
docs/schema/circuits.schema.json; a test holds the two together.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any, Final

from verify.language.verdicts import Run
from verify.training.circuits.records import Layer, Report, Subject, Unit, UnitSet

RECORDS: Final = (Subject, Layer, Unit, UnitSet, Run)
SCHEMA_ID: Final = "verify/circuits.schema.json"
Record = Subject | Layer | Unit | UnitSet | Run


def render_lines(report: Report, versions: dict[str, str]) -> str:
    """Every record on a line of ASCII."""
    counts: dict[str, int] = {}
    for set_ in report.sets:
        outcome = set_.replacement.outcome
        counts[outcome] = counts.get(outcome, 0) + 1
    run = Run(
        counts=counts,
        complete=report.complete,
        seconds=report.seconds,
        versions=versions,
    )
    records: tuple[Record, ...] = (
        report.subject,
        *report.layers,
        *report.units,
        *report.sets,
        run,
    )
    return "".join(
        json.dumps(asdict(record), ensure_ascii=True, allow_nan=False) + "\n"
        for record in records
    )


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
        for one in definition["properties"].values():
            one.pop("title", None)
            one.pop("default", None)  # every line has every field
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": SCHEMA_ID,
        "title": "A line of verify circuits --json",
        "oneOf": [{"$ref": f"#/$defs/{record.__name__}"} for record in RECORDS],
        "$defs": definitions,
    }


def render_schema() -> str:
    """The schema as the text of its file."""
    return json.dumps(make_schema(), indent=2, sort_keys=True) + "\n"
