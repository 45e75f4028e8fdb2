"""All that `verify circuits` asks, in order, as one report.

Silent units first, since everything rests on them; then what they do on the regions; then
the sets that can be removed, and what could stand in their place. Each part has its share
of the time, and what is not reached by the deadline is reported as open, never left out.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from hashlib import sha256
from typing import Final, NamedTuple

from verify.language.verdicts import Trust
from verify.networks.network import Network
from verify.networks.query import Query
from verify.networks.records import write_number
from verify.training.circuits import records
from verify.training.circuits.acting import (
    MAX_CERTIFIED,
    Standing,
    decide_standing,
    find_silent,
)
from verify.training.circuits.asking import make_joint_query, make_query
from verify.training.circuits.cancelling import Cancelling, find_cancelling
from verify.training.circuits.evidence import Kept, Source, make_evidence
from verify.training.circuits.examples import Examples, NearPoints, make_near
from verify.training.circuits.exhibits import Exhibitor, make_witness
from verify.training.circuits.regions import Region, make_points
from verify.training.circuits.replacing import (
    Fitted,
    Replacement,
    check_removable,
    find_replacement,
    fit_network,
)
from verify.training.circuits.silence import (
    OnData,
    Place,
    find_silence,
    is_smooth,
)
from verify.training.circuits.storing import find_kind
from verify.training.circuits.tables import Table, make_table
from verify.training.circuits.wiring import Wiring, find_wiring

Listener = Callable[[str], None]  # is told what is being done, in a few words
SHARE: Final = 0.4  # of the time that is left, for the regions
MOST: Final = 20.0  # seconds for one unit and region
NOT_ASKED: Final = records.InRegion(standing="not asked")


class Asked(NamedTuple):
    """The files, the loss and the regions; `deadline` is a time.monotonic() value.

    `sizes` describe the network for reports.
    """

    source: Source
    examples: Examples
    sizes: Mapping[str, object]
    loss: str
    train: Region | None
    deploy: Region | None
    deadline: float


class Found(NamedTuple):
    """The report, and the files of each replacement by its place among the sets."""

    report: records.Report
    kept: Mapping[int, Kept]


def analyse(asked: Asked, tell: Listener) -> Found:
    """Everything; raises SoundnessAlarm when two ways to look contradict each other."""
    return _Analysis(asked, tell).run()


class _Set(NamedTuple):
    layer: int
    units: tuple[int, ...]  # from 0
    because: str


class _Analysis:
    def __init__(self, asked: Asked, tell: Listener) -> None:
        self.asked, self.tell = asked, tell
        self.begun = time.monotonic()
        self.network: Network = asked.source.model.network
        examples = asked.examples
        self.exhibitor = Exhibitor(
            asked.source.model, examples.points, examples.lines, examples.columns
        )
        self.certificates: dict[str, str] = {}
        self.inputs: Table = make_table(examples.points)
        self.near: NearPoints = make_near(examples.points)
        self.wirings: dict[int, Wiring | str] = {
            number: find_wiring(self.network, number)
            for number in range(1, len(self.network.units) + 1)
        }
        self.fitted: Fitted | None = None
        self.kept: dict[int, Kept] = {}
        self.open = False

    def run(self) -> Found:
        self.tell("looking for silent units")
        known = find_silence(
            self.network, self.asked.examples.points, self.inputs, self.near
        )
        if not is_smooth(self.network):
            self.fitted = fit_network(
                self.network, self.asked.loss, self.asked.examples.targets,
                self.inputs, self.near.values,
            )  # fmt: skip
        silent = [one.place for one in known if one.silent]
        self.tell("looking for units that cancel")
        cancelling = self._find_cancelling(known)
        sets = [*_group(silent)]
        for number, found in cancelling.items():
            sets += [_Set(number, units, "cancels") for units in found.sets]
        self.regions_until = self._share(SHARE)
        self.waiting = len(silent) + sum(s.because == "cancels" for s in sets)
        standing = {place: self._ask_unit(place) for place in silent}
        units = tuple(self._make_unit(one, standing) for one in known)
        made = []
        for place, one in enumerate(sets):
            made.append(self._make_set(place, one, len(sets) - place))
        layers = tuple(
            self._make_layer(number, silent, cancelling) for number in self.wirings
        )
        report = records.Report(
            subject=self._make_subject(),
            layers=layers,
            units=units,
            sets=tuple(made),
            complete=not self.open,
            seconds=time.monotonic() - self.begun,
            certificates=self.certificates,
        )
        return Found(report, self.kept)

    def _share(self, share: float) -> float:
        now = time.monotonic()
        return now + share * max(self.asked.deadline - now, 0.0)

    def _find_cancelling(self, known: Sequence[OnData]) -> dict[int, Cancelling]:
        found = {}
        for number, wiring in self.wirings.items():
            if isinstance(wiring, Wiring) and self.fitted is not None:
                table = self.fitted.known[wiring.units]
                acting = [
                    one.place.unit - 1
                    for one in known
                    if one.place.layer == number and one.silent is False
                ]
                found[number] = find_cancelling(self.network, wiring, table, acting)
        return found

    def _ask_unit(self, place: Place) -> tuple[records.InRegion, ...]:
        """A unit that is silent on the data: there, in training, in deployment."""
        self.waiting -= 1
        whole = make_points(self.asked.examples.points)
        on_data = records.InRegion(standing="silent", trust="rigorous")
        if len(whole.cases) <= MAX_CERTIFIED:
            query = make_query(self.network, place, whole)
            found = decide_standing(
                query, self.near.values, self._until(), bounded=True
            )
            on_data = self._record(found, place.layer, (place.unit - 1,))
        made = [on_data]
        for name, region in self._regions():
            if region is None:
                made.append(NOT_ASKED)
                continue
            self.tell(f"unit {place} in {name}")
            query = make_query(self.network, place, region)
            bounded = bool(find_silent(self.network, (place,), region))
            made.append(self._decide(query, place.layer, (place.unit - 1,), bounded))
        return tuple(made)

    def _regions(self) -> tuple[tuple[str, Region | None], ...]:
        return ("training", self.asked.train), ("deployment", self.asked.deploy)

    def _until(self) -> float:
        now = time.monotonic()
        left = max(self.regions_until - now, 0.0) / (2 * self.waiting + 2)
        return now + min(max(left, 0.5), MOST)

    def _decide(
        self, query: Query, layer: int, units: tuple[int, ...], bounded: bool = False
    ) -> records.InRegion:
        found = decide_standing(query, self.near.values, self._until(), bounded=bounded)
        return self._record(found, layer, units)

    def _record(
        self, found: Standing, layer: int, units: tuple[int, ...]
    ) -> records.InRegion:
        self.open |= found.status == "open"
        certificate = self._keep_certificate(found.certificate)
        witness = None
        if found.point is not None:
            wiring = self.wirings[layer]
            witness = make_witness(
                self.exhibitor, layer, units,
                wiring if isinstance(wiring, Wiring) else None,
                found.point, single=found.single,
            )  # fmt: skip
        return records.InRegion(
            standing=found.status,
            trust=_trust(found.trust),
            witness=witness,
            certificate=certificate,
            detail=found.detail,
        )

    def _keep_certificate(self, text: str) -> str:
        """The hash under which the text is kept; empty for none."""
        if not text:
            return ""
        sha = sha256(text.encode("ascii")).hexdigest()
        self.certificates[sha] = text
        return sha

    def _make_unit(
        self, one: OnData, standing: Mapping[Place, tuple[records.InRegion, ...]]
    ) -> records.Unit:
        if one.silent:
            on_data, train, deploy = standing[one.place]
        else:
            status: records.Standing = "open" if one.silent is None else "acts"
            self.open |= one.silent is None
            trust: Trust = "" if one.silent is None else "rigorous"
            on_data = records.InRegion(standing=status, trust=trust)
            train = deploy = NOT_ASKED
        return records.Unit(
            layer=one.place.layer,
            unit=one.place.unit,
            data=on_data,
            train=train,
            deploy=deploy,
            line=0 if one.point is None else self.exhibitor.lines[one.point],
            detector=bool(one.silent) and deploy.standing == "acts",
        )

    def _make_set(self, place: int, one: _Set, left: int) -> records.UnitSet:
        wiring = self.wirings[one.layer]
        train = deploy = NOT_ASKED
        if one.because == "cancels" and isinstance(wiring, Wiring):
            self.waiting -= 1
            answers = []
            for name, region in self._regions():
                if region is None:
                    answers.append(NOT_ASKED)
                    continue
                self.tell(f"{_name(one)} in {name}")
                query = make_joint_query(self.network, wiring, one.units, region)
                answers.append(self._decide(query, one.layer, one.units))
            train, deploy = answers
        self.tell(f"a replacement for {_name(one)}")
        return records.UnitSet(
            layer=one.layer,
            units=tuple(unit + 1 for unit in one.units),
            because=one.because,
            trust="rigorous",
            train=train,
            deploy=deploy,
            replacement=self._replace(place, one, wiring, left),
        )

    def _replace(
        self, place: int, one: _Set, wiring: Wiring | str, left: int
    ) -> records.Replacement:
        if self.fitted is None:
            detail = (
                "the network has sigmoid or tanh units, so its loss is not rational"
            )
            return _not_tried(detail)
        before = write_number(self.fitted.value)
        if isinstance(wiring, str):
            return _not_tried(f"layer {one.layer}: {wiring}", before)
        try:
            kind = find_kind(self.asked.source.model, wiring)
        except LookupError as error:
            check_removable(self.fitted, wiring, one.units)
            return _not_tried(str(error.args[0]), before)
        now = time.monotonic()
        until = now + max(self.asked.deadline - now, 0.0) / left
        found = find_replacement(self.fitted, wiring, one.units, kind, until)
        return self._keep(place, one, wiring, found)

    def _keep(
        self, place: int, one: _Set, wiring: Wiring, found: Replacement
    ) -> records.Replacement:
        fitted, kept = self.fitted, None
        if found.status == "lower" and fitted is not None:
            self.tell(f"writing the replacement for {_name(one)}")
            source = self.asked.source
            kept = make_evidence(source, fitted, wiring, one.units, found)
            if kept is None:
                return _not_tried("no constants of the file hold these parameters")
            self.kept[place] = kept
        self.open |= found.status == "undecided"
        return records.Replacement(
            outcome=found.status,
            trust="" if found.status == "undecided" else "rigorous",
            before=write_number(found.before),
            after="" if found.after is None else write_number(found.after),
            floor=write_number(found.floor),
            detail=found.detail,
            parameters=len(found.changes),
            sha256=kept.sha256 if kept else "",
            certificate=self._keep_certificate(found.certificate),
            runs=tuple(
                (engine, write_number(old), write_number(new))
                for engine, old, new in (kept.runs if kept else ())
            ),
        )

    def _make_layer(
        self,
        number: int,
        silent: Sequence[Place],
        cancelling: Mapping[int, Cancelling],
    ) -> records.Layer:
        wiring = self.wirings[number]
        found = cancelling.get(number)
        return records.Layer(
            layer=number,
            units=self.network.layers[self.network.units[number - 1]].size,
            silent=sum(place.layer == number for place in silent),
            complete=found is not None and found.complete,
            detail=wiring if isinstance(wiring, str) else "",
        )

    def _make_subject(self) -> records.Subject:
        asked = self.asked
        source, examples = asked.source, asked.examples
        return records.Subject(
            model=source.model_name,
            model_sha256=source.model.sha256,
            data=source.data_name,
            data_sha256=source.data_sha256,
            network=dict(asked.sizes),
            points=len(examples.points),
            labels=examples.targets.labels is not None,
            loss_name=asked.loss,
            loss="" if self.fitted is None else write_number(self.fitted.value),
            train=asked.train.text if asked.train else "",
            deploy=asked.deploy.text if asked.deploy else "",
            notes=(*examples.notes, *source.model.notes),
        )


def _group(silent: Sequence[Place]) -> list[_Set]:
    """The silent units of each layer as one set."""
    layers: dict[int, list[int]] = {}
    for place in silent:
        layers.setdefault(place.layer, []).append(place.unit - 1)
    return [_Set(layer, tuple(units), "silent") for layer, units in layers.items()]


def _name(one: _Set) -> str:
    units = ", ".join(str(unit + 1) for unit in one.units)
    return f"{one.layer}: {{{units}}}"


def _trust(trust: str) -> Trust:
    match trust:
        case "certified" | "rigorous":
            return trust
        case _:
            return ""


def _not_tried(detail: str, before: str = "") -> records.Replacement:
    return records.Replacement(
        outcome="not tried", trust="", before=before, after="", floor="", detail=detail
    )
