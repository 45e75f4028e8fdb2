"""Documents from files: collected, checked, kept, and checked again from what was kept."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from verify.arguments.settings import Options
from verify.kernel.certificate import read_certificate
from verify.kernel.check import check
from verify.language.document import Document
from verify.language.errors import ClaimError
from verify.language.verdicts import Run, Verdict
from verify.solvers.jobs import JobServer
from verify.suites.documents import check_paths, collect_documents
from verify.suites.store import Store

LINKS = """# Two links

```claim
const rain, front, wet: Bool
premise one: rain implies front
premise two: front implies wet
step s: rain implies wet
    by one, two
step t: wet implies rain
    by one, two
expect t refuted
```
"""


class Silent:
    """A server whose every job times out, and which counts them."""

    def __init__(self) -> None:
        self.count = 0

    def submit(self, kind: str, payload: dict[str, Any], **_: Any) -> Any:
        self.count += 1
        return self

    def result(self) -> Mapping[str, Any]:
        return {"status": "timeout", "detail": "silent"}

    def as_completed(self, futures: Any) -> Any:
        yield from futures


@pytest.fixture
def post(tmp_path: Path) -> Path:
    path = tmp_path / "post.md"
    path.write_text(LINKS)
    return path


def final(events: Any) -> tuple[dict[str, Verdict], Run]:
    verdicts: dict[str, Verdict] = {}
    runs = []
    for kind, value in events:
        if kind == "record" and isinstance(value, Verdict):
            verdicts[value.name] = value
        elif isinstance(value, Run):
            runs.append(value)
    (run,) = runs
    return verdicts, run


def test_only_documents_are_collected_each_once_in_order(tmp_path: Path) -> None:
    (tmp_path / "b").mkdir()
    (tmp_path / ".hidden").mkdir()
    for name in ("z.md", "b/a.claim", "b/prose.md", ".hidden/x.md", "notes.txt"):
        text = "only words" if "prose" in name else LINKS
        (tmp_path / name).write_text(text)
    (tmp_path / "b" / "loop").symlink_to(tmp_path)
    (tmp_path / "b" / "again.md").symlink_to(tmp_path / "z.md")
    found = collect_documents([tmp_path, tmp_path / "z.md"])
    assert [path.relative_to(tmp_path).as_posix() for path in found] == [
        "z.md", "b/a.claim",
    ]  # fmt: skip


def test_a_path_that_does_not_exist_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ClaimError, match="no such file"):
        collect_documents([tmp_path / "nowhere.md"])


def test_a_run_over_files(post: Path, tmp_path: Path) -> None:
    broken = tmp_path / "broken.md"
    broken.write_text("```claim\npremise P: x ==\n```\n")
    events = list(check_paths([broken, post], Options(quick=True)))
    kinds = [kind for kind, _ in events]
    assert kinds[0] == "failure" and kinds[1] == "document" and kinds[-1] == "record"
    assert isinstance(events[0][1], ClaimError) and isinstance(events[1][1], Document)
    verdicts, run = final(events)
    assert (verdicts["s"].status, verdicts["t"].status) == ("proved", "refuted")
    assert run.counts == {"proved": 1, "refuted": 1}
    assert run.unexpected == 0 and not run.complete
    assert "z3" in run.versions


def test_what_was_accepted_is_kept_and_needs_no_engine_again(
    post: Path, tmp_path: Path
) -> None:
    store = Store(tmp_path / "store")
    first, _ = final(check_paths([post], Options(quick=True), store=store))
    kept = first["s"].certificate
    assert kept is not None
    evidence = Path(kept.path).read_text()
    assert check(read_certificate(evidence).text, evidence).claim == "proved"
    silent = Silent()
    again, _ = final(
        check_paths([post], Options(quick=True), store=store, server=silent)
    )
    assert silent.count == 0
    for name in ("s", "t"):
        assert (again[name].status, again[name].trust) == (
            first[name].status,
            "certified",
        )
        assert again[name].counterexample == first[name].counterexample


def test_damaged_certificates_are_misses(post: Path, tmp_path: Path) -> None:
    store = Store(tmp_path / "store")
    list(check_paths([post], Options(quick=True), store=store))
    files = list((tmp_path / "store" / "certificates").rglob("*.jsonl"))
    assert files
    for path in files:
        path.write_text(path.read_text()[:-20] + "\n")
    lost, _ = final(
        check_paths([post], Options(quick=True), store=store, server=Silent())
    )
    assert (lost["s"].status, lost["s"].reason) == ("undecided", "timeout")
    found, _ = final(check_paths([post], Options(quick=True), store=store))
    assert found["s"].status == "proved"


def test_without_the_cache_everything_is_asked_again(
    post: Path, tmp_path: Path
) -> None:
    list(check_paths([post], Options(quick=True), store=Store(tmp_path / "store")))
    silent = Silent()
    store = Store(tmp_path / "store", reading=False)
    verdicts, _ = final(
        check_paths([post], Options(quick=True), store=store, server=silent)
    )
    assert silent.count > 0 and verdicts["s"].reason == "timeout"


def test_timeouts_are_never_kept(post: Path, tmp_path: Path) -> None:
    store = Store(tmp_path / "store")
    list(check_paths([post], Options(quick=True), store=store, server=Silent()))
    assert not list((tmp_path / "store").rglob("*.jsonl"))


def test_the_index_names_every_certificate_in_order(post: Path, tmp_path: Path) -> None:
    store = Store(tmp_path / "store")
    list(check_paths([post], Options(quick=True), store=store))
    entries = store.read_index(str(post))
    assert entries is not None
    assert [entry.name for entry in entries] == ["one", "two", "s", "t"]
    for entry in entries:
        for sha, claim in entry.certificates:
            assert store.path_of(sha, claim).is_file()
    assert entries[2].certificates and entries[3].certificates[0][1] == "refuted"


def test_no_engine_is_started_for_nothing(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    events = list(check_paths([tmp_path / "empty"]))
    assert [kind for kind, _ in events] == ["record"]


def test_a_server_of_ones_own_is_used_and_left_open(post: Path) -> None:
    with JobServer(workers=1) as server:
        for _ in range(2):
            verdicts, _ = final(check_paths([post], Options(quick=True), server=server))
            assert verdicts["s"].status == "proved"
