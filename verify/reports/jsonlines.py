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
from verify.reports.schemas import make_line_schema, write_schema

Record = Verdict | Audit | Run
RECORDS: Final = (Verdict, Audit, Run)
SCHEMA_ID: Final = "verify/records.schema.json"


def render_record(record: Record) -> str:
    """The record on one line of ASCII, newline included."""
    return json.dumps(asdict(record), ensure_ascii=True, allow_nan=False) + "\n"


def make_schema() -> dict[str, Any]:
    """The JSON schema of a line: one of the records, told apart by `type`."""
    return make_line_schema(RECORDS, SCHEMA_ID, "verify --json")


def render_schema() -> str:
    """The schema as the text of its file."""
    return write_schema(make_schema())
