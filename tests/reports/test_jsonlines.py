"""JSON lines: what is written conforms to the schema that is published."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import jsonschema
import pytest

from tests.reports import samples
from verify.reports.jsonlines import Record, make_schema, render_record, render_schema

SCHEMA = Path(__file__).resolve().parents[2] / "docs/schema/records.schema.json"
RECORDS: tuple[Record, ...] = (*samples.ALL, samples.PREMISE_UNUSED, samples.CLOSING)


def test_the_published_schema_is_up_to_date() -> None:
    assert SCHEMA.read_text(encoding="utf-8") == render_schema(), (
        "write it again: python -c 'from verify.reports.jsonlines import render_schema;"
        ' print(render_schema(), end="")\' > docs/schema/records.schema.json'
    )


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: record.type)
def test_records_conform(record: Record) -> None:
    line = render_record(record)
    assert line.endswith("\n") and line.count("\n") == 1 and line.isascii()
    jsonschema.validate(json.loads(line), make_schema())


def test_a_line_is_the_record() -> None:
    line = json.loads(render_record(samples.REFUTED))
    assert line == json.loads(json.dumps(asdict(samples.REFUTED)))
    assert line["counterexample"]["constants"][0] == ["K", "2"]
    assert line["suggestions"][0]["trust"] == "certified"


@pytest.mark.parametrize(
    "field, value",
    [
        ("status", "verified"),
        ("trust", "kernel"),
        ("reason", "bored"),
        ("type", "gossip"),
    ],
)
def test_the_schema_refuses_words_outside_the_lists(field: str, value: str) -> None:
    line = json.loads(render_record(samples.verdict())) | {field: value}
    with pytest.raises(jsonschema.ValidationError, match=value):
        jsonschema.validate(line, make_schema())


def test_the_schema_refuses_missing_and_unknown_fields() -> None:
    line = json.loads(render_record(samples.verdict()))
    for wrong in (line | {"extra": 1}, {k: v for k, v in line.items() if k != "trust"}):
        with pytest.raises(jsonschema.ValidationError, match="not valid"):
            jsonschema.validate(wrong, make_schema())


def test_not_a_number_is_refused_rather_than_written() -> None:
    with pytest.raises(ValueError, match="Out of range"):
        render_record(samples.verdict(seconds=float("nan")))
