"""`verify circuits --json`: a record a line, the subject first and the run last.

The schema is generated from the records' own classes and published as
docs/schema/circuits.schema.json; a test holds the two together.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any, Final

from verify.language.verdicts import Run
from verify.reports.schemas import make_line_schema, write_schema
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
    return make_line_schema(RECORDS, SCHEMA_ID, "verify circuits --json")


def render_schema() -> str:
    """The schema as the text of its file."""
    return write_schema(make_schema())
