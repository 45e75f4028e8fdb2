"""What `verify circuits` finds out, as records that every report renders.

`dataclasses.asdict` of a record is a line of its JSON. Numbers are exact texts, a decimal
or a fraction; `trust` says who stands for a line: `certified` if the kernel accepted a
certificate, `rigorous` for exact arithmetic or floats with proven envelopes.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from verify.language.verdicts import Trust

Standing = Literal["silent", "acts", "open", "not asked"]
Outcome = Literal["lower", "impossible", "undecided", "not tried"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Subject:
    """The files and the question. `loss` is exact, empty where it is not rational."""

    type: str = "circuits"
    model: str
    model_sha256: str
    data: str
    data_sha256: str
    network: dict[str, object]
    points: int
    labels: bool  # class labels, not values
    loss_name: str
    loss: str
    train: str  # the regions as stated, or empty
    deploy: str
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Replay:
    """What one engine gave at a float32 input: the unit's value and the outputs.

    Of several units the value is empty. `reproduced`: other than 0, or other outputs than
    without the units.
    """

    engine: str
    value: str
    outputs: tuple[str, ...]
    outputs_without: tuple[str, ...]
    reproduced: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Witness:
    """An input that wakes units, in exact arithmetic, and what engines give there.

    `near_line` is the data point that it is nearest to (its line in the file), `moved` the
    inputs in which they differ, by name, with the value here.
    """

    point: tuple[str, ...]
    float32: bool
    value: str
    outputs: tuple[str, ...]
    outputs_without: tuple[str, ...]
    near_line: int
    moved: tuple[tuple[str, str], ...]
    replays: tuple[Replay, ...] = ()
    missing: tuple[str, ...] = ()

    @property
    def changes_outputs(self) -> bool:
        return self.outputs != self.outputs_without


@dataclass(frozen=True, kw_only=True, slots=True)
class InRegion:
    """A unit or set on the data or in a region; `certificate` is a hash, or empty."""

    standing: Standing
    trust: Trust = ""
    witness: Witness | None = None
    certificate: str = ""
    detail: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Unit:
    """One unit: on the data, on the training region, in deployment.

    `line` is that of a data point at which it acts, 0 if there is none. A detector is
    silent on all data and acts in deployment.
    """

    type: str = "unit"
    layer: int
    unit: int
    data: InRegion
    train: InRegion
    deploy: InRegion
    line: int
    detector: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Replacement:
    """New parameters for a set of units, or why there are none.

    `floor` bounds the loss from below whatever the parameters; `certificate` is the hash
    of the kernel's proof of it, or empty. `runs` are an engine's name
    and the loss of its outputs before and after.
    """

    outcome: Outcome
    trust: Trust
    before: str
    after: str
    floor: str
    detail: str = ""
    parameters: int = 0
    file: str = ""
    sha256: str = ""
    evidence: str = ""
    certificate: str = ""
    runs: tuple[tuple[str, str, str], ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class UnitSet:
    """Units of one layer that can be removed together without changing an output.

    `because` is `silent` or `cancels`: what they add to the next layer sums to 0 at every
    data point. `train` and `deploy` are about what they add together.
    """

    type: str = "set"
    layer: int
    units: tuple[int, ...]
    because: str
    trust: Trust
    train: InRegion
    deploy: InRegion
    replacement: Replacement


@dataclass(frozen=True, kw_only=True, slots=True)
class Layer:
    """A layer of units: how many, and what was looked for in it.

    `complete` is whether all minimal cancelling sets were found; `detail` says why units
    cannot be replaced, or is empty.
    """

    type: str = "layer"
    layer: int
    units: int
    silent: int
    complete: bool
    detail: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Report:
    """All records of one run, in the order of the JSON lines."""

    subject: Subject
    layers: tuple[Layer, ...]
    units: tuple[Unit, ...]
    sets: tuple[UnitSet, ...]
    complete: bool
    seconds: float
    certificates: dict[str, str] = field(default_factory=dict)  # hash -> text
