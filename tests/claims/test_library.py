"""The claim library: every statement ends as its document expects, and certified.

Documents are collected, never listed here, so a new one is tested as soon as it is there.
The shared examples lie beside the repository where it was laid out that way; elsewhere
their tests are skipped.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from verify.arguments.checking import check_document
from verify.arguments.settings import Options
from verify.language.reader import read_document
from verify.language.verdicts import Verdict
from verify.suites.documents import (
    collect_documents,
    decide_evidence,
    look_at_model,
)
from verify.suites.servers import Servers

ROOT = Path(__file__).resolve().parents[2]
LIBRARY = ROOT / "claims"
EXAMPLES = ROOT.parent / "shared" / "claims" / "examples"
DOCUMENTS = collect_documents([LIBRARY])
SHARED = collect_documents([EXAMPLES]) if EXAMPLES.is_dir() else []
CERTIFIED = {"proved", "refuted"}

Check = Callable[[Path], list[Verdict]]


def below_root(path: Path) -> str:
    return path.relative_to(ROOT if ROOT in path.parents else ROOT.parent).as_posix()


@pytest.fixture(scope="module")
def check() -> Iterator[Check]:
    """The verdicts of a document's statements, premises left out."""
    with Servers(workers=2) as server:

        def verdicts(path: Path) -> list[Verdict]:
            events = check_document(
                read_document(path, look_at_model), server=server,
                options=Options(quick=True), evidence=decide_evidence,
            )  # fmt: skip
            return [
                value
                for kind, value in events
                if kind == "record"
                and isinstance(value, Verdict)
                and value.kind != "premise"
            ]

        yield verdicts


def require_expected(verdicts: list[Verdict]) -> None:
    surprises = [
        f"{v.name}: {v.status} ({v.reason or v.trust}), expected {v.expected}: {v.message}"
        for v in verdicts
        if not v.as_expected or (v.status in CERTIFIED and v.trust != "certified")
    ]
    assert not surprises, "\n".join(surprises)


@pytest.mark.parametrize("path", DOCUMENTS, ids=below_root)
def test_document_ends_as_expected(path: Path, check: Check) -> None:
    verdicts = check(path)
    assert verdicts
    require_expected(verdicts)


@pytest.mark.parametrize("path", DOCUMENTS, ids=below_root)
def test_document_has_a_title_prose_and_a_false_neighbour(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.startswith("# ")
    prose = re.sub(r"```claim\n.*?```", "", text, flags=re.DOTALL)
    assert len(prose.split()) > 40
    assert any(s.expected == "refuted" for s in read_document(path).statements)


def test_index_names_every_document() -> None:
    text = (LIBRARY / "README.md").read_text(encoding="utf-8")
    named = set(re.findall(r"\]\(([\w/-]+\.md)\)", text))
    assert named == {path.relative_to(LIBRARY).as_posix() for path in DOCUMENTS}


@pytest.mark.parametrize("path", DOCUMENTS, ids=below_root)
def test_documents_it_speaks_of_exist(path: Path) -> None:
    """Links, and names in backticks such as `three-points.md`, in its own folder."""
    text = path.read_text(encoding="utf-8")
    named = re.findall(r"\]\(([\w./-]+\.md)\)|`([\w-]+\.md)`", text)
    names = [name for pair in named for name in pair if name]
    assert not [name for name in names if not (path.parent / name).is_file()]


@pytest.mark.skipif(
    not SHARED, reason="the shared examples are not beside the repository"
)
@pytest.mark.parametrize("path", SHARED or [EXAMPLES], ids=below_root)
def test_shared_example_ends_as_expected(path: Path, check: Check) -> None:
    verdicts = [v for v in check(path) if v.reason != "unsupported"]
    if not verdicts:
        pytest.skip("it speaks only of networks and data")
    require_expected(verdicts)
