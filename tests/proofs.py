"""Certificates written by hand, and what a rejection must say."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from typing import Any

import pytest

from verify.kernel.rejections import Rejected

Line = dict[str, Any]


def certify(text: str, claim: str, *lines: Line) -> str:
    """A certificate for the problem text with these steps or model lines."""
    head = {
        "format": "verify certificate", "version": 1, "claim": claim,
        "problem": sha256(text.encode()).hexdigest(),
    }  # fmt: skip
    return "".join(json.dumps(line) + "\n" for line in (head, {"text": text}, *lines))


def lines_of(certificate: str) -> list[Line]:
    """The decoded lines of a certificate, its header and problem first."""
    return [json.loads(line) for line in certificate.splitlines()]


def write_lines(lines: list[Line]) -> str:
    return "".join(json.dumps(line) + "\n" for line in lines)


def step(number: int, rule: str, **fields: Any) -> Line:
    return {"id": number, "rule": rule, **fields}


@contextmanager
def rejects(
    expected: str,
    got: str = "",
    *,
    rule: str = "",
    step: int | None = None,
    kind: type[Rejected] = Rejected,
) -> Iterator[None]:
    """The block must raise `kind` exactly, with these fragments and at this place."""
    with pytest.raises(Rejected) as caught:
        yield
    found = caught.value
    assert type(found) is kind, found
    assert expected in found.expected, found
    assert got in found.got, found
    assert (found.rule, found.step) == (rule, step), found
