"""What is known about a document while it is being checked.

One record that the two phases fill in: decisions as they arrive, each statement's
standing once everything above it is decided, and what the examination adds. Records for
reports are made from it at any time.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from verify.arguments.decisions import Decision, undecided
from verify.arguments.evidence import Bench
from verify.arguments.order import Item, key_of
from verify.arguments.plans import Plan
from verify.arguments.standing import Key, Standing, make_verdict, stand
from verify.language.document import Document, Statement
from verify.language.verdicts import Ablation, Audit, Suggestion, Verdict

# How another room decides an evidence statement.
DecideEvidence = Callable[[Bench, Document, Statement], Plan[Decision]]


def leave_evidence(_: Bench, __: Document, statement: Statement) -> Plan[Decision]:
    """No room that computes evidence is there: its statements stay undecided."""
    yield from ()
    why = statement.unsupported.rstrip(".") or "evidence is computed on models and data"
    return undecided("unsupported", f"It is not decided here: {why}.")


class Kept(NamedTuple):
    """The accepted evidence for one statement: problem hashes and claims."""

    document: str
    name: str
    certificates: tuple[tuple[str, str], ...]


@dataclass(slots=True)
class Findings:
    """Everything established so far about one document and what it imports."""

    document: Document
    bench: Bench
    items: tuple[Item, ...]
    versions: Mapping[str, str]
    evidence: DecideEvidence = leave_evidence
    proofs: dict[Key, str] = field(default_factory=dict)
    decisions: dict[Key, Decision] = field(default_factory=dict)
    known: dict[Key, tuple[Decision, Standing]] = field(default_factory=dict)
    breaks: dict[Key, tuple[Ablation, ...]] = field(default_factory=dict)
    suggestions: dict[Key, tuple[Suggestion, ...]] = field(default_factory=dict)
    audits: list[Audit] = field(default_factory=list)

    def own_items(self) -> list[Item]:
        """The items of the document itself, without those of its imports."""
        return [item for item in self.items if item[0] is self.document]

    def stand(self, item: Item) -> None:
        """Work out an item's standing; everything it cites must have one."""
        key = key_of(*item)
        decision = self.decisions[key]
        self.known[key] = decision, stand(*item, decision, self.known)

    def decided(self) -> dict[str, tuple[Decision, Standing]]:
        """Decision and standing of the document's own statements, by name."""
        return {item[1].name: self.known[key_of(*item)] for item in self.own_items()}

    def verdict(self, item: Item) -> Verdict:
        """The record of an item as it stands now."""
        key = key_of(*item)
        decision, standing = self.known[key]
        return make_verdict(
            *item, decision, standing, versions=self.versions,
            suggestions=self.suggestions.get(key, ()), breaks=self.breaks.get(key, ()),
        )  # fmt: skip

    def kept(self, item: Item) -> Kept:
        """The evidence of an item, the deciding one first."""
        path, name = key_of(*item)
        shas = dict.fromkeys(
            (outcome.problem.sha(), outcome.accepted.claim)
            for outcome in self.decisions[path, name].evidence
            if outcome.accepted is not None
        )
        return Kept(path, name, tuple(shas))
