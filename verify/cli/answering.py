"""From a query to a verdict record and the files that are asked for."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

from verify.cli.choices import Format, Semantics
from verify.cli.paths import Refusal, quoted
from verify.language.verdicts import Verdict
from verify.networks.float32.semantics import NOT_CHECKED, Float32, refuse_real_only
from verify.networks.judging import Judgement, judge
from verify.networks.properties import results
from verify.networks.properties.properties import Property
from verify.networks.properties.tensors import REAL, Declaration, Tensor
from verify.networks.properties.vnnlib2 import Parsed
from verify.networks.query import Finding, Query
from verify.networks.questions import Asked, find_point, find_versions
from verify.networks.records import make_verdict
from verify.networks.values.exact import Interval

Assignment = tuple[Sequence[Fraction], Sequence[Fraction]]


def find_answer(
    asked: Asked, deadline: float, semantics: Semantics, *, certify: bool
) -> Judgement:
    """Search, confirm and certify; raises SoundnessAlarm."""
    judgement = judge(
        asked.query,
        deadline,
        decide_lazily,
        graph=asked.models[0].graph if asked.is_whole else None,
        empty=asked.empty,
        certify=certify,
        floats=is_about_floats(asked, semantics),
    )
    if asked.is_whole or judgement.float32 is None:
        return judgement
    known = Float32(NOT_CHECKED, "a query over several networks is not run in float32")
    proved = judgement.status == "proved"
    return judgement._replace(
        float32=known, refusal=refuse_real_only(known, proved=proved)
    )


def decide_lazily(query: Query, deadline: float) -> Finding:
    """The search that `verify net` puts queries to, loaded when one comes to it."""
    from verify.networks.deciding import decide_query  # not for the smallest networks
    from verify.networks.settings import NetworkOptions

    seconds = max(deadline - time.monotonic(), 0.0)
    return decide_query(query, NetworkOptions(seconds=seconds))


def apply_semantics(
    asked: Asked, judgement: Judgement, semantics: Semantics
) -> Judgement:
    """The judgement, if it answers what was asked.

    Raises Refusal when a file about floats gets a verdict over the reals only, without
    `--semantics real`; with `--semantics float32` such a verdict is undecided.
    """
    decided = judgement.status in ("proved", "refuted")
    if not decided or not is_about_floats(asked, semantics):
        return judgement
    if asked.needs_float32 and not asked.only_float32:
        raise Refusal(
            "The query is about floats other than float32, of which nothing is known; "
            "use --semantics real to accept a verdict over the reals."
        )
    if judgement.refusal is None:
        return judgement
    if semantics == Semantics.float32:
        return judgement._replace(
            status="undecided", reason="incomplete", trust="", found=None,
            evidence=None, uncertified="",
            detail=f"over the reals it is {judgement.status} ({judgement.trust}); nothing "
            "follows for float32",
        )  # fmt: skip
    sentence = judgement.refusal
    raise Refusal(f"{sentence[0].upper()}{sentence[1:]}.")


def is_about_floats(asked: Asked, semantics: Semantics) -> bool:
    """Whether the verdict is to hold of float32 execution."""
    if semantics == Semantics.auto:
        return asked.needs_float32
    return semantics == Semantics.float32


def make_record(
    asked: Asked, judgement: Judgement, seconds: float, semantics: Semantics, kept: str
) -> Verdict:
    """The record of a judgement; `kept` is the certificate's file, or empty."""
    return make_verdict(
        asked.question,
        judgement,
        point=find_point(asked, judgement),
        seconds=seconds,
        versions=find_versions(),
        semantics="float32" if is_about_floats(asked, semantics) else REAL,
        certificate=kept,
    )


def render_result(
    asked: Asked, judgement: Judgement, format: Format, semantics: Semantics
) -> str:
    """The answer as other tools read it."""
    stated = asked.stated
    if format == Format.auto:
        format = Format.vnnlib if isinstance(stated, Parsed) else Format.vnncomp
    words = results.VNNCOMP if format == Format.vnncomp else results.VNNLIB2
    said = results.answer_of(judgement.status, judgement.reason, words)
    point = find_assignment(asked, judgement, floats=is_about_floats(asked, semantics))
    if format == Format.vnncomp:
        return results.render_vnncomp(said, *point)
    declared = stated.networks if isinstance(stated, Parsed) else _declare(stated)
    return results.render_vnnlib2(said, declared, *point)


def _declare(stated: Property) -> tuple[Declaration, ...]:
    """A property of version 1.0 as if it were declared in version 2.0."""
    inputs = Tensor("X", REAL, (stated.inputs,))
    outputs = Tensor("Y", REAL, (stated.outputs,))
    return (Declaration("f", "", "", (inputs,), (outputs,)),)


def find_assignment(asked: Asked, judgement: Judgement, *, floats: bool) -> Assignment:
    """The inputs and outputs to write down for `sat`.

    About floats, the float32 point and what an engine gave there; over the reals, the
    float32 point if it violates exactly, else the exact one.
    """
    found = judgement.found
    if found is None:
        return (), ()
    single = found.single
    point, outputs = found.point, _middles(found.outputs)
    if single is not None and floats:
        for replay in single.replays:
            if replay.violates and replay.outputs is not None:
                point, outputs = single.point, replay.outputs
                break
    elif single is not None and single.violates:
        point, outputs = single.point, _middles(single.outputs)
    if isinstance(asked.stated, Parsed):
        point = asked.stated.restore(point)
    return point, outputs


def _middles(intervals: Sequence[Interval]) -> tuple[Fraction, ...]:
    return tuple((low + high) / 2 for low, high in intervals)


def write_file(path: str, text: str) -> None:
    """Write a file whole or not at all; raises Refusal."""
    target = Path(path)
    try:
        if target.exists() and not target.is_file():  # a pipe, a terminal
            target.write_text(text, encoding="utf-8")
            return
        beside = target.with_name(f"{target.name}.{os.getpid()}.part")
        beside.write_text(text, encoding="utf-8")
        os.replace(beside, target)
    except OSError as error:
        why = error.strerror or type(error).__name__
        raise Refusal(f"Cannot write {quoted(path)}: {why}; choose another.") from None
