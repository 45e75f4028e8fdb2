"""Messages between job processes survive any cutting, and nothing else is a message."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from verify.solvers.messages import (
    LENGTH,
    MAX_BODY,
    MAX_MESSAGE,
    Message,
    MessageError,
    Reader,
    read_body,
    write_message,
)

VALUES = st.none() | st.booleans() | st.integers() | st.text() | st.lists(st.text())
OBJECTS = st.dictionaries(st.text(max_size=5), VALUES, max_size=3)


@given(st.lists(st.tuples(OBJECTS, OBJECTS), max_size=3), st.integers(1, 50))
def test_any_cutting_gives_the_messages_back(
    sent: list[tuple[dict[str, Any], dict[str, Any]]], size: int
) -> None:
    stream = b"".join(write_message(header, body) for header, body in sent)
    reader = Reader()
    got: list[Message] = []
    for start in range(0, len(stream), size):
        got += reader.feed(stream[start : start + size])
    assert [(one.header, read_body(one.body)) for one in got] == sent


def test_bytes_are_passed_on_as_they_are() -> None:
    (message,) = Reader().feed(write_message({"id": 1}, b'{"a": "\\n"}'))
    assert message == ({"id": 1}, b'{"a": "\\n"}')


def test_half_a_message_is_none() -> None:
    stream = write_message({"id": 1}, {"a": 1})
    for end in range(len(stream)):
        assert list(Reader().feed(stream[:end])) == []


def test_a_long_message_is_refused_before_it_arrives() -> None:
    with pytest.raises(MessageError, match=r"announces \d+ bytes"):
        list(Reader().feed(LENGTH.pack(MAX_MESSAGE + 1)))


def test_a_long_body_is_not_sent() -> None:
    assert len(write_message({}, b"x" * MAX_BODY)) > MAX_BODY
    with pytest.raises(MessageError, match="more than 16 MB"):
        write_message({}, b"x" * (MAX_BODY + 1))


@pytest.mark.parametrize(
    ("value", "word"),
    [
        ({"a": float("nan")}, "not JSON compliant"),
        ({"a": float("inf")}, "not JSON compliant"),
        ({"a": object()}, "not JSON serializable"),
        ({"a": b"bytes"}, "not JSON serializable"),
    ],
)
def test_what_is_no_json_is_not_sent(value: dict[str, Any], word: str) -> None:
    with pytest.raises(MessageError, match=word):
        write_message({}, value)


@pytest.mark.parametrize(
    ("body", "word"),
    [
        (b"", "not JSON"),
        (b"{", "not JSON"),
        (b'{"a": NaN}', "NaN is not a number"),
        (b'{"a": -Infinity}', "-Infinity is not a number"),
        (b"[1]", "expected a JSON object, got list"),
        (b"null", "expected a JSON object, got NoneType"),
        (b"\xff", "not JSON"),
        (b"[" * 200_000, "not JSON"),
        (b'{"a": ' + b"9" * 10_000 + b"}", "not JSON"),
    ],
)
def test_what_is_no_object_is_not_read(body: bytes, word: str) -> None:
    with pytest.raises(MessageError, match=word):
        read_body(body)


def test_a_header_that_is_no_object_is_refused() -> None:
    packed = b"[1]\n{}"
    with pytest.raises(MessageError, match="expected a JSON object"):
        list(Reader().feed(LENGTH.pack(len(packed)) + packed))


def test_headers_are_one_line() -> None:
    header = {"text": "two\nlines"}
    (message,) = Reader().feed(write_message(header, json.dumps({}).encode()))
    assert message.header == header
