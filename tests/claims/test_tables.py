"""The tables of the library that other documents and the guides speak about.

Statements carry their expectation in their document; a lattice and a list of cuts do not,
so what they must come to is written here.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from verify.arguments.checking import check_document
from verify.arguments.settings import Options
from verify.language.reader import read_document
from verify.language.verdicts import Verdict
from verify.solvers.jobs import JobServer

LIBRARY = Path(__file__).resolve().parents[2] / "claims"


def data_of(document: str, kind: str) -> dict[str, Any]:
    """The data of the only statement of that kind, which must be certified."""
    with JobServer(workers=2) as server:
        events = check_document(
            read_document(LIBRARY / document),
            server=server,
            options=Options(quick=True),
        )
        found = [
            value
            for name, value in events
            if name == "record" and isinstance(value, Verdict) and value.kind == kind
        ]
    (verdict,) = found
    assert (verdict.status, verdict.trust) == ("proved", "certified")
    return verdict.data


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        ("threat-chain/chain.md", "mesa|misaligned|deployed|shifted|unanticipated"),
        (
            "threat-chain/bypasses.md",
            "released|escalates|arises,ordinary|drifts,ordinary|"
            "environment,unshifted|surprises,unshifted",
        ),
    ],
)
def test_minimal_cuts(document: str, expected: str) -> None:
    cuts = {frozenset(cut["events"]) for cut in data_of(document, "cuts")["cuts"]}
    assert cuts == {frozenset(cut.split(",")) for cut in expected.split("|")}


def test_lattice_of_alignment() -> None:
    data = data_of("glossary/lattice.md", "lattice")
    implications = {tuple(pair) for pair in data["implications"]}
    exclusions = {frozenset(pair) for pair in data["exclusions"]}
    for kind in ("deceptive", "proxy", "suboptimal"):
        assert {(kind, "pseudo"), (kind, "trained")} <= implications
        for other in ("robust", "internal", "corrigible"):
            assert frozenset((kind, other)) in exclusions
    assert {("internal", "skilled"), ("suboptimal", "proxy")} <= implications
    assert frozenset(("suboptimal", "skilled")) in exclusions
    assert frozenset(("suboptimal", "same")) in exclusions
    assert not {("robust", "internal"), ("robust", "corrigible")} & implications
    assert frozenset(("deceptive", "suboptimal")) not in exclusions
    assert frozenset(("deceptive", "skilled")) not in exclusions
    assert data["equivalences"] == []
