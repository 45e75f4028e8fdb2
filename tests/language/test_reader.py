"""Files: what may be read, what a `use` may name, and what documents in use bring along."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from verify.kernel.terms import REAL
from verify.kernel.text import write_term
from verify.language.errors import ClaimError
from verify.language.limits import MAX_FILE
from verify.language.reader import read_document

Write = Callable[[str, str], Path]

BASE = """type Model
const a: Model
const x: Real
func loss(Model): Real   reads "the loss of {1}"
def small(M: Model) := loss(M) <= 1
premise P: forall M: Model. small(M)
lemma L: loss(a) <= 1 by P(a)
"""


@pytest.fixture
def write(tmp_path: Path) -> Write:
    (tmp_path / "claims").mkdir()

    def put(name: str, text: str) -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    return put


def refusal(path: Path) -> ClaimError:
    with pytest.raises(ClaimError) as caught:
        read_document(path)
    return caught.value


def test_what_is_declared_there_is_known_here(write: Write) -> None:
    write("low/base.claim", BASE)
    path = write(
        "high/main.claim",
        'use "../low/base.claim" as base\nconst y: Real\n'
        "step s: loss(a) <= 1 + x - x by base.L, base.P(a)\nstep t: small(a) by base.P\n",
    )
    document = read_document(path)
    assert [symbol.name for symbol in document.symbols] == ["a", "x", "loss", "y"]
    assert [sort.name for sort in document.sorts] == ["Model"]
    assert document.readings == {"loss": "the loss of {1}"}
    assert [statement.name for statement in document.statements] == ["s", "t"]
    by = document.statements[0].by.citations
    assert by is not None and by[1].name == "base.P"
    assert write_term(by[1].terms[0]) == "a"
    assert document.statements[1].definitions == ("small",)
    lemma = document.statement("base.L")
    assert lemma is not None and lemma.kind == "lemma"
    assert document.imports["base"].path == os.fspath(
        path.parents[1] / "low/base.claim"
    )


def test_a_document_used_twice_is_one(write: Write) -> None:
    write("base.claim", BASE)
    write("left.claim", 'use "base.claim" as b\nstep s: x > 0 by b.L')
    write("right.claim", 'use "base.claim" as b\nstep s: x > 0 by b.L')
    path = write(
        "main.claim",
        'use "left.claim" as l\nuse "right.claim" as r\nstep s: x > 0 by l.s, r.s, l.b.L',
    )
    document = read_document(path)
    assert document.imports["l"].imports["b"] is document.imports["r"].imports["b"]
    assert [symbol.result for symbol in document.symbols if symbol.name == "x"] == [
        REAL
    ]


@pytest.mark.parametrize(
    ("first", "second", "name"),
    [
        ("const x: Real", "const x: Nat", "x"),
        ("type T", "type T = {e1}", "T"),
        ("type T = {e1}", "const e1: Real", "e1"),
        (
            'func f(Real): Real reads "one {1}"',
            'func f(Real): Real reads "two {1}"',
            "f",
        ),
        ("def d := 1 < 2", "def d := 2 < 1", "d"),
        ("def d := 1 < 2", "const d: Bool", "d"),
        ("network n(v: Real) := v", "network n(v: Real) := 2*v", "n"),
    ],
)
def test_one_name_has_one_meaning(
    write: Write, first: str, second: str, name: str
) -> None:
    write("one.claim", first)
    write("two.claim", second)
    path = write("main.claim", 'use "one.claim" as one\nuse "two.claim" as two\n')
    found = refusal(path)
    assert f"`{name}` means one thing" in found.message
    assert found.line == 2
    own = write("own.claim", f'{first}\nuse "two.claim" as two\n')
    assert f"declares `{name}` as line 1 does here" in refusal(own).message
    late = write("late.claim", f'use "two.claim" as two\n{first}\n')
    assert f"`{name}` is already declared in line 1" in refusal(late).message


@pytest.mark.parametrize(
    "declaration",
    ["const x: Real", "type T = {e1, e2}", "def d(v: Real) := v < 2",
     'func f(Real): Real reads "one {1}"'],
)  # fmt: skip
def test_the_same_declaration_in_two_documents_is_one(
    write: Write, declaration: str
) -> None:
    write("one.claim", declaration)
    write("two.claim", declaration)
    path = write("main.claim", 'use "one.claim" as one\nuse "two.claim" as two\n')
    assert len(read_document(path).lines) in (1, 3)


def test_mistakes_are_placed_in_the_file_they_are_in(write: Write) -> None:
    bad = write("base.md", "# Base\n\n```claim\nconst x: Reel\n```\n")
    path = write("main.claim", 'const y: Real\nuse "base.md" as b\n')
    found = refusal(path)
    assert (found.path, found.line, found.column) == (os.fspath(bad), 4, 10)


def test_the_first_mistake_comes_first_across_files(write: Write) -> None:
    write("base.claim", "const x: Reel\n")
    path = write("main.claim", 'const y: Reel\nuse "base.claim" as b\n')
    assert refusal(path).path == os.fspath(path)


@pytest.mark.parametrize(
    ("named", "message"),
    [
        ("missing.md", "there is no file"),
        ("../../../../../../etc/passwd", "lies outside the library"),
        ("/etc/passwd", "no relative path"),
        ("~/x.md", "no relative path"),
        ("file:x.md", "no relative path"),
        ("..\\x.md", "no relative path"),
        ("", "no relative path"),
        ("a" * 900 + ".md", "there is no file"),
        ("main.claim", "circular"),
        ("./sub/../main.claim", "circular"),
        ("notes.txt", "is no .md or .claim file"),
        ("folder.md", "there is no file"),
        ("outside.md", "lies outside the library"),
        ("pipe.md", "there is no file"),
    ],
)
def test_what_use_may_not_name(
    write: Write,
    tmp_path: Path,
    tmp_path_factory: pytest.TempPathFactory,
    named: str,
    message: str,
) -> None:
    elsewhere = tmp_path_factory.mktemp("elsewhere") / "secret.md"
    elsewhere.write_text("secret", encoding="utf-8")
    (tmp_path / "outside.md").symlink_to(elsewhere)
    (tmp_path / "folder.md").mkdir()
    (tmp_path / "sub").mkdir()
    os.mkfifo(tmp_path / "pipe.md")
    write("notes.txt", "x")
    path = write("main.claim", f'const y: Real\nuse "{named}" as b\n')
    found = refusal(path)
    assert message in found.message
    assert (found.line, found.column) == (2, 5)


def test_circles_of_documents_are_refused(write: Write) -> None:
    write("a.claim", 'use "b.claim" as b\n')
    write("b.claim", 'use "c.claim" as c\n')
    path = write("c.claim", 'use "a.claim" as a\n')
    found = refusal(path)
    assert "circular" in found.message
    assert found.path.endswith("b.claim")


def test_chains_and_numbers_of_documents_are_bounded(write: Write) -> None:
    for number in range(12):
        write(f"d{number}.claim", f'use "d{number + 1}.claim" as d\n')
    path = write("d12.claim", "const x: Real\n")
    assert read_document(path).symbols
    assert "at most 10 deep" in refusal(path.with_name("d0.claim")).message
    assert len(read_document(path.with_name("d3.claim")).imports) == 1
    for number in range(60):
        write(f"e{number}.claim", f"const x{number}: Real\n")
    uses = "".join(f'use "e{number}.claim" as e{number}\n' for number in range(60))
    assert "50 in all" in refusal(write("many.claim", uses)).message


def test_one_alias_stands_for_one_document(write: Write) -> None:
    write("a.claim", "const x: Real\n")
    path = write("main.claim", 'use "a.claim" as a\nuse "a.claim" as a\n')
    assert "already stands for another document" in refusal(path).message


def test_facts_of_a_document_in_use_are_named(write: Write) -> None:
    write("a.claim", "const x: Real\npremise bound: x > 0\n")
    path = write("main.claim", 'use "a.claim" as a\nstep s: x > 0 by a.bund\n')
    found = refusal(path)
    assert found.message.endswith("has no fact `bund`")
    assert found.fix == "did you mean bound?"
    path = write("main.claim", 'use "a.claim" as a\nstep s: x > 0 by bound\n')
    assert refusal(path).fix == "did you mean a.bound?"


def test_an_opened_witness_never_becomes_a_declared_constant(write: Write) -> None:
    write("a.claim", "const N: Real\n")
    path = write(
        "main.claim",
        "premise E: exists v: Real. v > 0\nstep s: 0 < 1 by E giving N\n"
        'use "a.claim" as a\n',
    )
    found = refusal(path)
    assert found.line == 3 and "declares `N`, which giving used above" in found.message


def test_a_definition_about_games_stays_unsupported_elsewhere(write: Write) -> None:
    write(
        "a.claim",
        "network f(v: Real) := v\ndata D := points (0; 0)\n"
        "def d := minimax_regret(rounds = 2, delay = 1) = 1\ndef e := f(1) = 1\n",
    )
    path = write("main.claim", 'use "a.claim" as a\nstep s: d\nstep t: e\n')
    document = read_document(path)
    assert "the definition d" in document.statements[0].unsupported
    assert [thing.name.text for thing in document.declarations] == ["f", "D", "d"]
    assert [thing.name for thing in document.things] == ["f", "D"]
    formula = document.statements[1].formula
    assert formula is not None and write_term(formula) == "(= (f 1/1) 1/1)"


def test_a_link_to_a_document_is_followed_once(write: Write, tmp_path: Path) -> None:
    write("claims/a.claim", "const x: Real\n")
    (tmp_path / "link.claim").symlink_to(tmp_path / "claims" / "a.claim")
    assert read_document(tmp_path / "link.claim").path == os.fspath(
        tmp_path / "link.claim"
    )


@pytest.mark.parametrize(
    "kind", ["missing", "folder", "pipe", "device", "loop", "unnamed"]
)
def test_only_plain_files_are_opened(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "doc.md"
    match kind:
        case "folder":
            path.mkdir()
        case "pipe":
            os.mkfifo(path)
        case "device":
            path = Path("/dev/zero")
        case "loop":
            path.symlink_to(path)
        case "unnamed":
            path = tmp_path / "doc"
            path.write_text("const x: Real", encoding="utf-8")
    found = refusal(path)
    assert found.message and str(found)


def test_files_are_bounded(tmp_path: Path) -> None:
    path = tmp_path / "big.claim"
    path.write_bytes(b" " * (MAX_FILE + 1))
    assert f"more than {MAX_FILE} bytes" in refusal(path).message
    path.write_bytes(b" " * MAX_FILE)
    assert not read_document(path).statements


def test_the_root_is_the_nearest_library(tmp_path: Path) -> None:
    inner = tmp_path / "inner"
    (inner / "claims").mkdir(parents=True)
    (tmp_path / "pyproject.toml").write_text("", encoding="utf-8")
    (tmp_path / "a.claim").write_text("const x: Real\n", encoding="utf-8")
    (inner / "b.claim").write_text('use "../a.claim" as a\n', encoding="utf-8")
    assert "outside the library" in refusal(inner / "b.claim").message
    (inner / "claims").rmdir()
    assert read_document(inner / "b.claim").symbols


def test_reading_is_quick() -> None:
    """Import, grammar and document together; computing time, so a busy machine may wait."""
    document = Path(__file__).parent / "examples" / "deceptive-circuit.md"
    script = (
        "import sys, time\n"
        "from verify.language.reader import read_document\n"
        "read_document(sys.argv[1])\n"
        "print(time.process_time())\n"
    )
    seconds = [
        float(
            subprocess.run(
                [sys.executable, "-c", script, os.fspath(document)],
                cwd=Path(__file__).parents[2], capture_output=True, text=True, check=True,
            ).stdout
        )
        for _ in range(5)
    ]  # fmt: skip
    assert min(seconds) < 0.5, seconds
