"""Networks of documents: files looked at, declarations for the kernel, circuits left out."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.language.reading import read
from verify.kernel.terms import Term
from verify.language.document import Document
from verify.language.reader import read_document
from verify.language.things import Unreadable
from verify.networks.statements import files
from verify.networks.statements.files import read_outline
from verify.networks.statements.models import Missing, find_declarations

XOR = Path(__file__).resolve().parents[2] / "models" / "xor" / "xor.onnx"

INLINE = """\
network f(x: Real, y: Real) := y - 3*relu(y - relu(x))
circuit A := units(f, 1: {1})
circuit B := units(f, 2: {1})
"""


def goal(document: Document) -> Term:
    formula = document.statements[-1].formula
    if formula is None:
        raise ValueError(document.statements[-1].unsupported)
    return formula


def declared(statement: str) -> list[str]:
    document = read(f"{INLINE}evidence e: {statement}", "")
    return [network.text() for network in find_declarations(document, goal(document))]


WHOLE = (
    "(network 2 (relu 0 0 1) (relu 0 1 1 2 -1) (linear 0 1 1 3 -3) "
    "(outputs (f 4) (f.1.1 2) (f.2.1 3)))"
)


def test_a_declaration_is_always_the_whole_one() -> None:
    assert declared("f(0, 0) = 0") == [WHOLE]
    assert declared("unit(f, 1, 1)(0, 0) = 0") == [WHOLE]


def test_circuits_are_left_out_by_their_outgoing_weights() -> None:
    assert declared("without(f, A)(0, 0) = f(0, 0)") == [
        WHOLE,
        "(network 2 (relu 0 0 1) (relu 0 1 1) (linear 0 1 1 3 -3) (outputs "
        "(f.without.A 4) (f.without.A.1.1 2) (f.without.A.2.1 3)))",
    ]
    assert declared("without(without(f, A), B)(0, 0) = 0") == [
        "(network 2 (relu 0 0 1) (relu 0 1 1) (linear 0 1 1) (outputs "
        "(f.without.A.B 4) (f.without.A.B.1.1 2) (f.without.A.B.2.1 3)))",
    ]


def write(folder: Path, text: str, model: bytes) -> Path:
    (folder / "claims").mkdir(exist_ok=True)
    (folder / "m.onnx").write_bytes(model)
    path = folder / "claims" / "d.claim"
    path.write_text(f'network m := "../m.onnx"\n{text}')
    return path


def test_a_file_is_looked_at(tmp_path: Path) -> None:
    outline = read_outline("xor.onnx", XOR)
    assert outline[:3] == (2, 1, (4,)) and len(outline.sha) == 64
    path = write(tmp_path, "evidence e: m(0, 1) > 1/2", XOR.read_bytes())
    document = read_document(path, read_outline)
    (network,) = find_declarations(document, goal(document))
    assert [name for name, _ in network.outputs] == [
        "m", "m.1.1", "m.1.2", "m.1.3", "m.1.4",
    ]  # fmt: skip
    assert len(network.units) == 5


@pytest.mark.parametrize("content", [b"", b"no model", b"\x08\x07"])
def test_what_is_no_model_is_said_so(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "bad.onnx"
    path.write_bytes(content)
    with pytest.raises(Unreadable) as caught:
        read_outline("bad.onnx", path)
    assert caught.value.message.startswith("bad.onnx cannot be read: ")
    assert caught.value.message.isprintable()
    with pytest.raises(Unreadable):
        read_outline("none.onnx", tmp_path / "none.onnx")


def test_a_file_that_changed_is_not_what_was_read(tmp_path: Path) -> None:
    path = write(tmp_path, "evidence e: m(0, 1) > 1/2", XOR.read_bytes())
    document = read_document(path, read_outline)
    (tmp_path / "m.onnx").write_bytes(XOR.read_bytes() + b"\x3a\x00")
    os.utime(tmp_path / "m.onnx", (1, 1))
    with pytest.raises(Missing, match="the file of m"):
        find_declarations(document, goal(document))


def test_a_network_too_large_to_state(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("verify.networks.certificates.problems.MAX_WEIGHTS", 3)
    path = write(tmp_path, "evidence e: m(0, 1) > 2/3", XOR.read_bytes())
    document = read_document(path, read_outline)
    files.declare_file.cache_clear()
    with pytest.raises(Missing, match="m is too large for a statement"):
        find_declarations(document, goal(document))
    files.declare_file.cache_clear()


def test_circuits_must_be_of_the_network() -> None:
    document = read(f"{INLINE}evidence e: without(f, A)(0, 0) = 0", "")
    others = tuple(thing for thing in document.things if thing.name != "A")
    with pytest.raises(Missing, match="A are not circuits of f"):
        find_declarations(document._replace(things=others), goal(document))
