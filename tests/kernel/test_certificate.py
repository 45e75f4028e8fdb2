from __future__ import annotations

import json
from fractions import Fraction
from typing import Any

import pytest

from tests.proofs import rejects
from verify.kernel import certificate as certificates
from verify.kernel.certificate import (
    Certificate,
    fields,
    integers,
    rationals,
    read_certificate,
    strings,
)
from verify.kernel.rejections import Declined

HEAD = {
    "format": "verify certificate", "version": 1, "claim": "proved", "problem": "ab",
}  # fmt: skip


def source(*lines: Any, head: dict[str, Any] | None = None) -> str:
    first = HEAD if head is None else head
    return "".join(json.dumps(line) + "\n" for line in (first, *lines))


@pytest.mark.parametrize("claim", certificates.CLAIMS)
def test_a_certificate_is_decoded(claim: str) -> None:
    text = source(
        {"text": "T"}, {"a": [1, "x", {"b": -2}]}, head={**HEAD, "claim": claim}
    )
    expected = Certificate(claim, "ab", "T", ({"a": [1, "x", {"b": -2}]},))
    assert read_certificate(text) == expected


def test_a_certificate_may_have_no_steps() -> None:
    assert read_certificate(source({"text": ""})).lines == ()


def with_line(line: str) -> str:
    return source({"text": "T"}) + line + "\n"


BAD_LINES = {
    "empty line": ("", "one JSON object a line", "Expecting value"),
    "cut": ('{"a": 1', "one JSON object a line", "Expecting"),
    "two objects": ("{} {}", "one JSON object a line", "Extra data"),
    "a list": ("[1]", "one JSON object a line", "list"),
    "a number": ("3", "one JSON object a line", "int"),
    "null": ("null", "one JSON object a line", "NoneType"),
    "float": ('{"a": 1.5}', "integers and strings", "the number 1.5"),
    "float that is whole": ('{"a": 1.0}', "integers and strings", "the number 1.0"),
    "exponent": ('{"a": 1e3}', "integers and strings", "the number 1e3"),
    "NaN": ('{"a": NaN}', "integers and strings", "the number NaN"),
    "infinity": ('{"a": Infinity}', "integers and strings", "the number Infinity"),
    "minus infinity": ('{"a": -Infinity}', "integers and strings", "-Infinity"),
    "float inside": ('{"a": [[{"b": 0.0}]]}', "integers and strings", "0.0"),
    "key twice": ('{"a": 1, "a": 1}', "each key once", "a duplicate key"),
    "key twice inside": ('{"a": {"b": 1, "b": 2}}', "each key once", "a duplicate"),
    "key twice, escaped": ('{"a": 1, "\\u0061": 2}', "each key once", "a duplicate"),
    "control character": ('{"a": "\t"}', "one JSON object a line", "control character"),
    "single quotes": ("{'a': 1}", "one JSON object a line", "double quotes"),
    "trailing comma": ('{"a": 1,}', "one JSON object a line", ""),
    "comment": ('{"a": 1} // b', "one JSON object a line", "Extra data"),
    "leading zero": ('{"a": 01}', "one JSON object a line", "Expecting"),
    "deep": ("[" * 100_000, "one JSON object a line", "recursion"),
    "deep objects": ('{"a":' * 100_000, "one JSON object a line", "recursion"),
    "long number": ('{"a": ' + "9" * 5_000 + "}", "one JSON object a line", "digits"),
    "mark of byte order": ("\ufeff{}", "one JSON object a line", "BOM"),
}


@pytest.mark.parametrize("name", BAD_LINES)
def test_bad_lines_say_why(name: str) -> None:
    line, expected, got = BAD_LINES[name]
    with rejects(expected, got):
        read_certificate(with_line(line))


BAD_HEADS: dict[str, tuple[dict[str, Any], str, str]] = {
    "field missing": (
        {k: v for k, v in HEAD.items() if k != "claim"},
        "the fields format, version, claim, problem", "format, version, problem",
    ),
    "field more": ({**HEAD, "note": "x"}, "the fields format", "problem, note"),
    "version as text": ({**HEAD, "version": "1"}, "version as int", "version as str"),
    "version as truth": ({**HEAD, "version": True}, "version as int", "version as bool"),
    "version as null": ({**HEAD, "version": None}, "version as int", "NoneType"),
    "claim as number": ({**HEAD, "claim": 1}, "claim as str", "claim as int"),
    "problem as list": ({**HEAD, "problem": ["ab"]}, "problem as str", "list"),
    "empty": ({}, "the fields format, version, claim, problem", ""),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD_HEADS)
def test_bad_headers_say_why(name: str) -> None:
    head, expected, got = BAD_HEADS[name]
    with rejects(expected, got):
        read_certificate(source({"text": "T"}, head=head))


def test_other_formats_versions_and_claims_are_declined() -> None:
    for change in (
        {"version": 2},
        {"version": 0},
        {"version": -1},
        {"format": "proof"},
    ):
        with rejects("verify certificate version 1", kind=Declined):
            read_certificate(source({"text": "T"}, head={**HEAD, **change}))
    with rejects("a claim among proved, refuted, consistent", "true", kind=Declined):
        read_certificate(source({"text": "T"}, head={**HEAD, "claim": "true"}))


def test_the_second_line_is_the_problem() -> None:
    with rejects("the fields text", "problem"):
        read_certificate(source({"problem": "T"}))
    with rejects("the fields text", "text, more"):
        read_certificate(source({"text": "T", "more": 1}))
    with rejects("text as str", "text as list"):
        read_certificate(source({"text": ["T"]}))


def test_lines_are_whole_and_at_least_two() -> None:
    text = source({"text": "T"})
    with rejects("whole lines", "more"):
        read_certificate(text[:-1])
    with rejects("whole lines", "more"):
        read_certificate("{}")
    for short in ("", "\n"):
        with rejects("a header, a problem and steps", f"{len(short)} lines"):
            read_certificate(short)
    with rejects("a header, a problem and steps", "1 lines"):
        read_certificate(source())


def test_sizes_have_limits() -> None:
    empty = source({"text": ""})
    room = 16_000_000 - len(empty)
    longest = source({"text": "x" * room})
    assert len(read_certificate(longest).text) == room
    with rejects("at most 16000000 characters", "16000001"):
        read_certificate(source({"text": "x" * (room + 1)}))
    with rejects("at most 200000", "more"):
        read_certificate("\n" * (certificates.MAX_LINES + 1))
    with rejects("one JSON object a line", "Expecting value"):
        read_certificate("\n" * certificates.MAX_LINES)


def test_fields_are_of_exactly_their_types() -> None:
    fields({}, {})
    fields({"a": 1, "b": []}, {"b": list, "a": int})
    with rejects("the fields a", "b"):
        fields({"b": 1}, {"a": int})
    with rejects("the fields a", ""):
        fields({}, {"a": int})
    with rejects("the fields a", "a, b"):
        fields({"a": 1, "b": 2}, {"a": int})
    with rejects("a as int", "a as bool"):
        fields({"a": True}, {"a": int})
    with rejects("a as list", "a as str"):
        fields({"a": "xyz"}, {"a": list})


def test_lists_hold_what_they_should() -> None:
    assert strings(["a", ""]) == ["a", ""]
    assert integers([0, 7, 7]) == [0, 7, 7]
    assert rationals(["1/2", "-3"]) == [Fraction(1, 2), Fraction(-3)]
    assert (strings([]), integers([]), rationals([])) == ([], [], [])
    for item in (1, None, ["a"], True):
        with rejects("a list of strings", f"{type(item).__name__} in it"):
            strings(["a", item])
        with rejects("a list of strings", f"{type(item).__name__} in it"):
            rationals(["1", item])
    for item in (-1, "1", True, None, [1]):
        with rejects("a list of integers from 0 on", str(item)):
            integers([1, item])
    with rejects("a rational p or p/q", "0.5"):
        rationals(["1/2", "0.5"])
