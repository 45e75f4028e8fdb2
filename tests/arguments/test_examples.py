"""What the argument examples of the library are there to show."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from tests.arguments.conftest import Checked
from verify.language.document import Document
from verify.language.reader import read_document

CLAIMS = Path(__file__).resolve().parents[2] / "claims"
Check = Callable[..., Checked]


def read(name: str) -> Document:
    return read_document(CLAIMS / name)


def test_the_missing_premise_of_the_wasted_circuit_is_suggested(check: Check) -> None:
    document = read("deceptive/wasted-circuit.md")
    verdicts, _ = check(document, only=("too_soon",), suggesting=60.0)
    step = verdicts["too_soon"]
    assert (step.status, step.trust, step.as_expected) == ("refuted", "certified", True)
    found = [suggestion.formula for suggestion in step.suggestions]
    assert (
        "exists A: Network. parameters(A) = budget - cost and error(A) = error(suspect)"
        in found
    )
    assert step.statement not in found
    assert {suggestion.trust for suggestion in step.suggestions} == {"certified"}


def test_its_countermodel_speaks_the_authors_words(check: Check) -> None:
    verdicts, _ = check(
        read("deceptive/wasted-circuit.md"), only=("too_soon",), quick=True
    )
    world = verdicts["too_soon"].counterexample
    assert world is not None and world.genuine
    (table,) = world.tables
    assert table.header == ("Network", "number of parameters", "training error")
    assert "suspect" in [row[0] for row in table.rows]
    assert {"budget", "cost"} <= {name for name, _ in world.constants}


def test_each_event_of_the_chain_is_a_minimal_cut(check: Check) -> None:
    document = read("threat-chain/chain.md")
    (cuts,) = (s for s in document.statements if s.kind == "cuts")
    verdicts, _ = check(document, only=(cuts.name,), quick=True)
    verdict = verdicts[cuts.name]
    assert (verdict.status, verdict.trust) == ("proved", "certified")
    events = ["mesa", "misaligned", "deployed", "shifted", "unanticipated"]
    assert [cut["events"] for cut in verdict.data["cuts"]] == [[e] for e in events]
    assert all(len(cut["needed"]) == 1 for cut in verdict.data["cuts"])


def test_the_telescope_breaks_without_any_of_its_premises(check: Check) -> None:
    document = read("low-stakes/telescoping.md")
    lemma = next(s for s in document.statements if s.by.method == "induction")
    verdicts, _ = check(document, only=(lemma.name,))
    verdict = verdicts[lemma.name]
    assert (verdict.status, verdict.trust) == ("proved", "certified")
    assert verdict.unused == ()
    assert [a.without for a in verdict.breaks] == list(verdict.uses)
    assert all(a.status == "refuted" and a.counterexample for a in verdict.breaks)
