"""Reading certificates: JSON lines, decoded strictly into plain steps before any check.

The first line names format, version, claim and problem hash, the second carries the
problem text, and each further line is one step (a proof) or one interpretation (a model).
Duplicate keys, floats, NaN, true for 1, unknown or missing fields, cut lines and deep
nesting are Rejected; an unknown version, claim or rule is Declined.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from fractions import Fraction
from typing import Any, Final, NamedTuple, Never

from verify.kernel.rejections import Declined, Rejected, require
from verify.kernel.text import read_rational

FORMAT: Final = "verify certificate"
VERSION: Final = 1
CLAIMS: Final = ("proved", "refuted", "consistent")
MAX_BYTES: Final = 16_000_000
MAX_LINES: Final = 200_000

Record = dict[str, Any]


class Certificate(NamedTuple):
    """A decoded certificate: what it claims of which problem, and its lines."""

    claim: str
    sha: str
    text: str
    lines: tuple[Record, ...]


def _pairs(pairs: list[tuple[str, Any]]) -> Record:
    record = dict(pairs)
    require(len(record) == len(pairs), "each key once", "a duplicate key")
    return record


def _refuse(token: str) -> Never:
    raise Rejected("integers and strings", f"the number {token}")


def _read_line(line: str) -> Record:
    try:
        record = json.loads(
            line, object_pairs_hook=_pairs, parse_float=_refuse, parse_constant=_refuse
        )
    except Rejected:
        raise
    except (ValueError, RecursionError) as error:
        raise Rejected("one JSON object a line", error) from None
    if not isinstance(record, dict):
        raise Rejected("one JSON object a line", type(record).__name__)
    return record


def read_certificate(source: str) -> Certificate:
    """The certificate that a file's text holds, its steps not yet looked at."""
    require(len(source) <= MAX_BYTES, f"at most {MAX_BYTES} characters", len(source))
    *lines, last = source.split("\n")
    require(
        last == "" and len(lines) <= MAX_LINES,
        f"whole lines, at most {MAX_LINES}",
        "more",
    )
    require(len(lines) >= 2, "a header, a problem and steps", f"{len(lines)} lines")
    head, problem, *steps = map(_read_line, lines)
    fields(head, {"format": str, "version": int, "claim": str, "problem": str})
    if head["format"] != FORMAT or head["version"] != VERSION:
        raise Declined(
            f"{FORMAT} version {VERSION}", f"{head['format']} {head['version']}"
        )
    if head["claim"] not in CLAIMS:
        raise Declined(f"a claim among {', '.join(CLAIMS)}", head["claim"])
    fields(problem, {"text": str})
    return Certificate(head["claim"], head["problem"], problem["text"], tuple(steps))


def fields(record: Record, types: Mapping[str, type]) -> None:
    """Require exactly these fields, each of exactly this type (true is not 1)."""
    require(
        record.keys() == types.keys(),
        f"the fields {', '.join(types)}",
        ", ".join(record),
    )
    for name, kind in types.items():
        found = type(record[name])
        require(
            found is kind, f"{name} as {kind.__name__}", f"{name} as {found.__name__}"
        )


def strings(value: list[Any]) -> list[str]:
    """`value` as a list of strings."""
    for item in value:
        require(type(item) is str, "a list of strings", f"{type(item).__name__} in it")
    return value


def integers(value: list[Any]) -> list[int]:
    """`value` as a list of integers from 0 on."""
    for item in value:
        require(type(item) is int and item >= 0, "a list of integers from 0 on", item)
    return value


def rationals(value: list[Any]) -> list[Fraction]:
    """`value` as a list of rationals, each a string p or p/q."""
    return [read_rational(item) for item in strings(value)]
