"""The one record of what is known about a statement; every report renders this.

Statuses, reasons and levels of trust are closed lists. A record is made in `arguments/`
(later also in the other rooms) and never changed; `dataclasses.asdict` of it is the JSON.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

Status = Literal[
    "proved", "refuted", "undecided", "vacuous", "admitted", "blocked", "error"
]
Reason = Literal[
    "", "timeout", "memory", "incomplete", "unsupported", "no_certificate", "crash"
]
Trust = Literal["", "certified", "rigorous", "agreed", "solver"]

TRUST_ORDER = ("", "solver", "agreed", "rigorous", "certified")


@dataclass(frozen=True, kw_only=True, slots=True)
class Table:
    """A finite function or the list of constants, ready to print: header and rows of text."""

    title: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Counterexample:
    """An exactly evaluated world in the author's words.

    `genuine` is False when a premise had to be truncated to find it; `truncated` names
    those. `certificate` is the evidence text that the kernel accepted ("" if potential).
    """

    constants: tuple[tuple[str, str], ...] = ()
    tables: tuple[Table, ...] = ()
    genuine: bool = True
    truncated: tuple[str, ...] = ()
    certificate: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Suggestion:
    """A premise that, added, makes the statement follow; proved sufficient and consistent."""

    formula: str
    kind: str  # "elimination", "existential", "converse", "abduction", ...
    trust: Trust = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Ablation:
    """What becomes of a statement when one cited fact is dropped."""

    without: str
    status: Status
    counterexample: Counterexample | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Certificate:
    """Where the evidence of a verdict lies: the hash of the problem, and the file."""

    sha: str
    path: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Verdict:
    """One statement's verdict; see design of records in docs/verdicts.md."""

    type: str = "verdict"
    document: str
    line: int
    name: str
    kind: str
    label: str
    statement: str
    status: Status
    overall: Status  # with everything underneath taken into account
    reason: Reason = ""
    message: str = ""  # one sentence for a person, "" when the status says it all
    diagnosis: str = (
        ""  # closed list of arguments/diagnoses.py, "" when nothing is wrong
    )
    trust: Trust = ""
    semantics: str = "real"
    scope: str = "unbounded"
    expected: str = "proved"
    as_expected: bool = True
    uses: tuple[str, ...] = ()
    unused: tuple[str, ...] = ()
    rests_on: tuple[str, ...] = ()
    counterexample: Counterexample | None = None
    suggestions: tuple[Suggestion, ...] = ()
    breaks: tuple[Ablation, ...] = ()
    table: Table | None = None  # lattice, cuts
    data: dict[str, object] = field(default_factory=dict)  # lattice, cuts: as data
    seconds: float = 0.0
    search_seconds: float = 0.0
    kernel_seconds: float = 0.0
    certificate: Certificate | None = None
    versions: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class Audit:
    """A finding about a document that changes no status (or explains a vacuous one)."""

    type: str = "audit"
    document: str
    line: int
    name: str  # the statement or premise it is about
    check: str  # consistency, unused, begs_the_question, never_applies, ...
    result: str  # e.g. consistent / inconsistent / not established
    message: str
    culprits: tuple[
        str, ...
    ] = ()  # consistency: the premises that contradict each other
    counterexample: Counterexample | None = None  # consistency: the stored witness


@dataclass(frozen=True, kw_only=True, slots=True)
class Run:
    """The closing record: counts by status, and whether everything selected was run."""

    type: str = "run"
    counts: dict[str, int] = field(default_factory=dict)
    unexpected: int = 0
    complete: bool = False
    seconds: float = 0.0
    versions: dict[str, str] = field(default_factory=dict)
