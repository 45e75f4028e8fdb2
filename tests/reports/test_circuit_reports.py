"""The report of circuits: its schema, its picture, and names that mean harm."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import jsonschema
import numpy as np
import pytest

from tests.reports.hostile import HOSTILE
from tests.training.circuit_making import read_layers
from verify.networks.questions import describe
from verify.reports.circuits import render_report, render_subject, round_number
from verify.reports.circuits_lines import make_schema, render_lines, render_schema
from verify.reports.circuits_picture import ROOM, render_picture
from verify.reports.lines import Look, plain
from verify.training.circuits.records import (
    InRegion,
    Layer,
    Replacement,
    Report,
    Subject,
    Unit,
    UnitSet,
    Witness,
)

SCHEMA = Path(__file__).resolve().parents[2] / "docs/schema/circuits.schema.json"
SVG = "{http://www.w3.org/2000/svg}"
NOWHERE = InRegion(standing="not asked")


def make_report(units: int, names: str = "m") -> tuple[Report, object]:
    """A report on a layer of so many units: the first a detector, the second silent."""
    weights = np.ones((units, 3)).tolist()
    model, _ = read_layers(
        [(weights, [0.0] * units), (np.ones((2, units)).tolist(), [0.0, 0.0])]
    )
    witness = Witness(
        point=("1.0", "2.0", "1/3"), float32=False, value="1/3", outputs=("1.0", "2.0"),
        outputs_without=("0.0", "2.0"), near_line=2, moved=((names, "1/3"),),
        missing=("the input is not made of float32 numbers",),
    )  # fmt: skip
    silent = InRegion(standing="silent", trust="rigorous")
    acts = InRegion(standing="acts", trust="rigorous", witness=witness)
    listed = tuple(
        Unit(
            layer=1, unit=k + 1, data=silent if k < 2 else InRegion(standing="acts", trust="rigorous"),
            train=NOWHERE, deploy=acts if k == 0 else NOWHERE, line=0 if k < 2 else 2,
            detector=k == 0,
        )
        for k in range(units)
    )  # fmt: skip
    made = Replacement(
        outcome="lower", trust="rigorous", before="2.0", after="5/3", floor="0.0",
        file=names, evidence=names, runs=((names, "2.0", "1.75"),),
    )  # fmt: skip
    sets = (
        UnitSet(layer=1, units=(1, 2), because="silent", trust="rigorous", train=NOWHERE,
                deploy=NOWHERE, replacement=made),
        UnitSet(layer=1, units=(3,), because="cancels", trust="rigorous", train=silent,
                deploy=acts, replacement=replace(made, outcome="impossible", after="")),
    )  # fmt: skip
    subject = Subject(
        model=names, model_sha256="0", data=names, data_sha256="0", network=describe([model]),
        points=3, labels=False, loss_name="squared", loss="2.0", train="", deploy=names or "box",
        notes=(names,),
    )  # fmt: skip
    layers = (Layer(layer=1, units=units, silent=2, complete=False, detail=names),)
    report = Report(
        subject=subject,
        layers=layers,
        units=listed,
        sets=sets,
        complete=True,
        seconds=1.0,
    )
    return report, model


def test_the_published_schema_is_up_to_date_and_lines_conform() -> None:
    assert SCHEMA.read_text(encoding="utf-8") == render_schema(), (
        "write it again: python -c 'from verify.reports.circuits_lines import "
        'render_schema; print(render_schema(), end="")\' > docs/schema/circuits.schema.json'
    )
    report, _ = make_report(4)
    lines = render_lines(report, {"numpy": "2"}).splitlines()
    assert len(lines) == 1 + 1 + 4 + 2 + 1
    for text in lines:
        jsonschema.validate(json.loads(text), make_schema())
    broken = {**json.loads(lines[2]), "data": {"standing": "dead"}}
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(broken, make_schema())


def test_trust_stands_beside_every_finding() -> None:
    report, _ = make_report(4)
    text = "\n".join(map(plain, render_report(report, Look())))
    for said in (
        "silent (rigorous)", "acts (rigorous)", "candidate detector", "cancels (rigorous)",
        "lower by ~0.3333333 (rigorous)", "nothing lower exists (rigorous)",
        "2 of 4 units act on the data (rigorous)",
        "1: {3} cancel in all of training (rigorous)",
    ):  # fmt: skip
        assert said in text, said


@pytest.mark.parametrize("units", [3, ROOM, ROOM + 1, 500])
def test_the_picture_has_a_mark_for_each_finding(units: int) -> None:
    report, model = make_report(units)
    shown = ElementTree.fromstring(render_picture(model.network, report))
    texts = [text.text for text in shown.iter(f"{SVG}text")]
    assert {
        "1:1",
        "1:2",
        "1:3 A",
        "inputs: 3",
        f"layer 1: {units}",
        "outputs: 2",
    } <= set(texts)
    assert len(list(shown.iter(f"{SVG}circle"))) < 2 * ROOM + 20
    if units > ROOM:
        assert f"{units - 3:,} more" in texts
    names = {element.tag.removeprefix(SVG) for element in shown.iter()}
    assert names <= {"svg", "rect", "g", "line", "circle", "text"}


@pytest.mark.parametrize("name", HOSTILE)
def test_names_are_shown_and_not_obeyed(name: str) -> None:
    report, model = make_report(4, name)
    shown = ElementTree.fromstring(render_picture(model.network, report))
    assert {element.tag for element in shown.iter()} <= {
        SVG + tag for tag in ("svg", "rect", "g", "line", "circle", "text")
    }
    lines = (*render_subject(report.subject), *render_report(report, Look()))
    for line in lines:
        text = plain(line)
        assert not text.lstrip().startswith(("::", "##["))
        assert all(char.isprintable() for char in text), repr(text)
    render_lines(report, {}).encode("ascii")


@pytest.mark.parametrize(
    "text, said",
    [("1.0", "1"), ("0.25", "0.25"), ("1/3", "~0.3333333"), ("1234567.5", "1234567.5"), ("12345.678912", "~12345.68"),
     ("-2.0", "-2"), ("100.0", "100")],
)  # fmt: skip
def test_numbers_are_short_and_say_when_they_are_not_all(text: str, said: str) -> None:
    assert round_number(text) == said
