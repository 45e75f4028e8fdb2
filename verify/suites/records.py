"""Records to JSON and back, field by field, as `dataclasses.asdict` has them.

What stands in a store or in a baseline was written by somebody, so it is built by the
dataclasses' own constructors from exactly their fields, closed lists are checked, and
anything else is refused. A record read back is a record of the past, never a verdict of
this run.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import MISSING, fields
from functools import cache
from typing import Any, Final, TypeVar, get_args

from verify.language import verdicts
from verify.language.verdicts import (
    Ablation,
    Audit,
    Certificate,
    Counterexample,
    Run,
    Suggestion,
    Table,
    Verdict,
)

Told = Verdict | Audit
Record = Verdict | Audit | Run
Made = TypeVar("Made")
MAX_LINE: Final = 16_000_000


class NotARecord(ValueError):
    """Text that is no record; the message says what is wrong with it."""


def write_record(record: Record) -> str:
    """The record as JSON on one line; `asdict` copies everything and takes longer."""
    return json.dumps(record, default=_fields_of, ensure_ascii=True, allow_nan=False)


def _fields_of(value: Any) -> dict[str, Any]:
    kind: Any = type(value)
    return {name: getattr(value, name) for name in _known(kind)}


@cache
def _known(kind: Any) -> Mapping[str, tuple[str, bool]]:
    """The fields of a dataclass, with annotation and whether it must be given."""
    return {
        field.name: (
            str(field.type),
            field.default is MISSING and field.default_factory is MISSING,
        )
        for field in fields(kind)
    }


def read_record(text: str) -> Told:
    """The verdict or audit that this JSON stands for. Raises NotARecord."""
    record = read_any(text)
    if isinstance(record, Run):
        raise NotARecord("a run's own record where a verdict or audit belongs")
    return record


def read_any(text: str) -> Record:
    """The record that a line of JSON stands for. Raises NotARecord."""
    if len(text) > MAX_LINE:
        raise NotARecord(f"{len(text)} characters")
    try:
        value = json.loads(text, object_pairs_hook=_object, parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        raise NotARecord(f"no JSON: {error}") from None
    return make_record(value)


def make_record(value: Any) -> Record:
    """The record of these fields. Raises NotARecord."""
    if not isinstance(value, Mapping):
        raise NotARecord("an object with the fields of a record was expected")
    match value.get("type"):
        case "verdict":
            return _verdict(value)
        case "audit":
            return _make(Audit, value, counterexample=_optional(_world))
        case "run":
            return _make(Run, value)
        case other:
            raise NotARecord(f"no type of record: {other!r:.40}")


def _verdict(value: Any) -> Verdict:
    return _make(
        Verdict, value,
        counterexample=_optional(_world), table=_optional(_table),
        suggestions=_many(lambda one: _make(Suggestion, one)),
        breaks=_many(
            lambda one: _make(Ablation, one, counterexample=_optional(_world))
        ),
        certificate=_optional(lambda one: _make(Certificate, one)),
    )  # fmt: skip


def _world(value: Any) -> Counterexample:
    return _make(Counterexample, value, tables=_many(_table))


def _table(value: Any) -> Table:
    return _make(Table, value)


def _make(kind: type[Made], value: Any, **inner: Callable[[Any], Any]) -> Made:
    """An instance from exactly its fields; `inner` makes those that are records."""
    if not isinstance(value, Mapping):
        raise NotARecord(f"{kind.__name__}: an object was expected")
    known: Mapping[str, tuple[str, bool]] = _known(kind)  # type: ignore[arg-type]
    unknown = [name for name in value if name not in known]
    if unknown:
        raise NotARecord(f"{kind.__name__} has no field {unknown[0]!r:.40}")
    made: dict[str, Any] = {}
    for name, (annotation, is_required) in known.items():
        if name not in value:
            if is_required:
                raise NotARecord(f"{kind.__name__} without {name}")
            continue
        item = value[name]
        made[name] = inner[name](item) if name in inner else _plain(annotation, item)
        if name in CLOSED and made[name] not in CLOSED[name]:
            raise NotARecord(f"{name} cannot be {made[name]!r:.40}")
    return kind(**made)


CLOSED: Final[dict[str, tuple[str, ...]]] = {
    "status": get_args(verdicts.Status),
    "overall": get_args(verdicts.Status),
    "reason": get_args(verdicts.Reason),
    "trust": get_args(verdicts.Trust),
}


def _plain(word: str, value: Any) -> Any:
    """A field that is text, a number, or made of those, as its annotation says."""
    match value:
        case bool() if word == "bool":
            return value
        case str() if word in ("str", "Status", "Reason", "Trust"):
            return value
        case int() if word == "int" and not isinstance(value, bool):
            return value
        case int() | float() if word == "float" and not isinstance(value, bool):
            return float(value)
        case list() if word.startswith("tuple["):
            return _frozen(value)
        case dict() if word.startswith("dict["):
            return value
        case _:
            raise NotARecord(f"{value!r:.40} where {word} belongs")


def _frozen(value: Any) -> Any:
    """Lists as tuples, whose leaves must be text."""
    if isinstance(value, list):
        return tuple(_frozen(item) for item in value)
    if isinstance(value, str):
        return value
    raise NotARecord(f"{value!r:.40} where text belongs")


def _optional(make: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return lambda value: None if value is None else make(value)


def _many(make: Callable[[Any], Any]) -> Callable[[Any], Any]:
    def make_all(value: Any) -> tuple[Any, ...]:
        if not isinstance(value, list):
            raise NotARecord("a list was expected")
        return tuple(make(item) for item in value)

    return make_all


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        raise ValueError("a field is given twice")
    return made


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is not a number")
