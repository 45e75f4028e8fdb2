"""Documents as tests, run by a pytest of their own."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

from tests.cli.commands import make_environment

POST = """# Post

```claim
const x, y: Real
premise P1: x >= y
premise P2: y >= 1
```

Words.

```claim
step good: x >= 1 by P1, P2
step bad: x >= 2 by P1, P2
expect bad refuted
step wrong: x >= 3 by P1, P2
```
"""


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("project")
    (folder / "pytest.ini").write_text("[pytest]\n")
    (folder / "pyproject.toml").write_text("")
    (folder / "claims").mkdir()
    (folder / "claims" / "post.md").write_text(POST)
    (folder / "claims" / "prose.md").write_text("only words")
    (folder / "elsewhere.md").write_text(POST)
    return folder


def pytest_in(folder: Path, *arguments: str) -> tuple[int, str]:
    plugins = [
        "-p",
        "no:verify",
        "-p",
        "verify.cli.pytest_plugin",
        "-p",
        "no:cacheprovider",
    ]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *plugins, "--verify-store", "store", *arguments],
        cwd=folder, env=make_environment(), capture_output=True, text=True, timeout=120,
        check=False,
    )  # fmt: skip
    return done.returncode, done.stdout + done.stderr


def test_statements_are_items_with_their_lines(project: Path) -> None:
    code, out = pytest_in(project, "--junit-xml", "out.xml", "-q")
    assert code == 1, out
    assert "3 failed" not in out and "1 failed, 2 passed" in out
    assert (
        "claims/post.md:15" in out
        and "Next: verify explain claims/post.md wrong" in out
    )
    assert "Traceback" not in out and "elsewhere" not in out
    cases = ElementTree.parse(project / "out.xml").getroot().iter("testcase")
    assert [case.get("name") for case in cases] == ["good", "bad", "wrong"]


@pytest.mark.parametrize(
    "arguments, said",
    [
        (("-k", "good"), "1 passed, 2 deselected"),
        (("claims/post.md::good", "claims/post.md::bad"), "2 passed"),
        (("elsewhere.md", "-k", "good"), "1 passed"),
        (("--no-verify",), "no tests ran"),
        (("-n", "2", "-k", "not wrong"), "2 passed"),
    ],
)
def test_items_are_chosen_as_any_test(
    project: Path, arguments: tuple[str, ...], said: str
) -> None:
    if "-n" in arguments:
        pytest.importorskip("xdist")
    code, out = pytest_in(project, *arguments)
    assert said in out, out
    assert code == (5 if said == "no tests ran" else 0)


def test_a_run_stops_at_the_first_failure(project: Path) -> None:
    (project / "first").mkdir(exist_ok=True)
    early = POST.replace("step good: x >= 1", "step good: x >= 4")
    (project / "first" / "post.md").write_text(early)
    code, out = pytest_in(project, "first/post.md", "-x")
    assert code == 1 and "1 failed in" in out, out


def test_a_document_that_cannot_be_read_is_an_error(project: Path) -> None:
    (project / "broken.claim").write_text("premise P: x ==\n")
    code, out = pytest_in(project, "broken.claim")
    assert code == 2 and "broken.claim:1:14" in out
    assert "Traceback" not in out
