"""A judgement as the one record that every report renders.

Numbers are texts: the decimal itself where there is a short one, else the fraction.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import NamedTuple

from verify.language.verdicts import Certificate, Counterexample, Table, Verdict
from verify.networks.float32 import witnesses
from verify.networks.judging import Judgement
from verify.networks.moves.axes import Region
from verify.networks.properties.numerals import MAX_BITS, round_decimal, write_decimal
from verify.networks.values.exact import Interval

KIND = "property"
MAX_DECIMAL = 40  # characters; longer numbers are written as fractions


class Point(NamedTuple):
    """A counterexample in the file's own variables, all networks one after the other.

    `singles` is the float32 point next to it, None when its box has none. `moves` is what
    `describe_moves` says of it where its case pins some inputs, else empty.
    """

    inputs: tuple[Fraction, ...]
    outputs: tuple[Interval, ...]
    singles: tuple[Fraction, ...] | None
    moves: tuple[dict[str, str], ...] = ()


class Question(NamedTuple):
    """What was asked: the files, and what the property's file calls its variables.

    `varying` are the inputs that vary in every case, by index, where each of the others
    is pinned in every case; empty when there are none of one kind or the cases differ.
    """

    document: str
    models: tuple[str, ...]
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    cases: int
    network: Mapping[str, object]  # sizes and counts, for reports
    varying: tuple[int, ...] = ()


def make_verdict(
    question: Question,
    judgement: Judgement,
    *,
    point: Point | None,
    seconds: float,
    versions: Mapping[str, str],
    semantics: str = "real",
    certificate: str = "",
) -> Verdict:
    """The record of a judgement; `certificate` is the path of its file, if it was kept."""
    known, evidence = judgement.float32, judgement.evidence
    return Verdict(
        document=question.document,
        line=0,
        name=question.document.replace("\\", "/").rpartition("/")[2],
        kind=KIND,
        label=" ".join(question.models),
        statement="no input in question reaches what the file asserts",
        status=judgement.status,
        overall=judgement.status,
        reason=judgement.reason,
        message=judgement.detail,
        trust=judgement.trust,
        semantics=f"{semantics}, {known.phrase}" if known else semantics,
        as_expected=judgement.status == "proved",
        counterexample=_world(question, judgement, point),
        data=_data(question, judgement, point),
        seconds=seconds,
        search_seconds=judgement.seconds,
        certificate=Certificate(sha=evidence.sha, path=certificate)
        if evidence
        else None,
        versions=dict(versions),
    )


def _world(
    question: Question, judgement: Judgement, point: Point | None
) -> Counterexample | None:
    if judgement.found is None or point is None:
        return None
    single = judgement.found.single
    replays = single.replays if single else ()
    evidence = judgement.evidence
    return Counterexample(
        tables=(
            _inputs(question.inputs, point),
            _outputs(question.outputs, point.outputs, single, replays),
        ),
        certificate=evidence.text if evidence else "",
    )


def _inputs(names: Sequence[str], point: Point) -> Table:
    near = point.singles
    rows = [
        (name, write_number(value), *([write_number(near[i])] if near else []))
        for i, (name, value) in enumerate(zip(names, point.inputs, strict=True))
    ]
    header = ("input", "value", *(["float32"] if near else []))
    return Table(title="inputs", header=header, rows=tuple(rows))


def _outputs(
    names: Sequence[str],
    exact: Sequence[Interval],
    single: witnesses.FloatPoint | None,
    replays: Sequence[witnesses.Replay],
) -> Table:
    columns = [[write_interval(interval) for interval in exact]]
    header = ["output", "exact"]
    if single is not None and len(single.outputs) == len(names):
        header.append("exact at float32")
        columns.append([write_interval(interval) for interval in single.outputs])
    for replay in replays:
        header.append(replay.engine)
        shown = replay.outputs
        columns.append(
            [write_number(value) for value in shown]
            if shown is not None
            else ["not finite"] * len(names)
        )
    rows = zip(names, *columns, strict=True)
    return Table(title="outputs", header=tuple(header), rows=tuple(rows))


def write_number(value: Fraction) -> str:
    """The decimal, if the number has one that is not long, else the fraction.

    Beyond 8,192 bits it is rounded, and marked with `~`.
    """
    if max(value.numerator.bit_length(), value.denominator.bit_length()) > MAX_BITS:
        return f"~{round_decimal(value)}"
    text = write_decimal(value)
    is_exact = "e" not in text and Fraction(text) == value
    return text if is_exact and len(text) <= MAX_DECIMAL else str(value)


def write_interval(interval: Interval) -> str:
    """A number, or an enclosure as `low ... high`."""
    low, high = interval
    if low == high:
        return write_number(low)
    return f"{write_number(low)} ... {write_number(high)}"


def describe_moves(
    region: Region, names: Sequence[str], point: Sequence[Fraction]
) -> tuple[dict[str, str], ...]:
    """How far each input that varies has moved from the middle of its region.

    `part` is that as a part of its radius: -1 is the lower end, 1 the upper one.
    """
    return tuple(
        {
            "input": names[index],
            "value": write_number(point[index]),
            "moved": write_number(point[index] - region.middle[index]),
            "part": write_number(region.part(index, point[index])),
        }
        for index in region.varying
    )


def _data(
    question: Question, judgement: Judgement, point: Point | None
) -> dict[str, object]:
    data: dict[str, object] = {
        "models": list(question.models),
        "network": dict(question.network),
        "cases": question.cases,
        "cells": judgement.cells,
    }
    if question.varying:
        data["region"] = {
            "varying": [question.inputs[index] for index in question.varying],
            "pinned": len(question.inputs) - len(question.varying),
        }
    if judgement.float32 is not None:
        data["float32"] = {
            "status": judgement.float32.status,
            "detail": judgement.float32.detail,
        }
    if judgement.found is not None:
        data["case"] = judgement.found.case + 1
        data["outcome"] = judgement.found.outcome
        if point is not None and point.moves:
            pinned = len(point.inputs) - len(point.moves)
            data["moves"] = {"inputs": list(point.moves), "pinned": pinned}
    if judgement.aftermath is not None:
        data["examined"] = judgement.aftermath._asdict()
    if judgement.uncertified:
        data["no_certificate"] = judgement.uncertified
    return data
