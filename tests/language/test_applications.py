"""Formulas about networks, regions and data: what they come to mean, term by term."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest

from tests.language.reading import last, mistake, read
from verify.kernel.text import write_term
from verify.language.elaborate import parse_formula
from verify.language.errors import ClaimError
from verify.language.functions import Function, read_function
from verify.language.names import scope_of
from verify.language.printing import render_term
from verify.language.reader import read_document
from verify.language.things import Circuit, Data, Network, Outline, Region, Unreadable

THINGS = """\
network f(v: Real) := relu(v - 1)
network g(u: Real, v: Real) := relu(u) - relu(v - relu(u))
data D := points (0; 0) (1/2; 1)
data E := points (0, -1; 0) (0.25, 2; 1)
region train(v: Real) := 0 <= v <= 1
region box(u: Real, v: Real) := train(u) and train(v)
circuit C := units(f, 1: {1})
circuit B := units(g, 2: {1}, 1: {2})
"""


def term(formula: str) -> str:
    statement = last(THINGS + f"step s: {formula}")
    assert statement.formula is not None, statement.unsupported
    return write_term(statement.formula)


@pytest.mark.parametrize(
    ("formula", "text"),
    [
        ("f(1) = 0", "(= (f 1/1) 0/1)"),
        ("f(1, 1) = 0", "(= (f 1/1) 0/1)"),
        ("g(x, 1/2) = 0", "(= (g x 1/2) 0/1)"),
        ("f(f(x)) = x", "(= (f (f x)) x)"),
        ("unit(g, 1, 2)(x, y) = 0", "(= (g.1.2 x y) 0/1)"),
        ("unit(g, 2, 1)(x, y) = 0", "(= (g.2.1 x y) 0/1)"),
        ("without(f, C)(x) = 0", "(= (f.without.C x) 0/1)"),
        ("unit(without(f, C), 1, 1)(x) = 0", "(= (f.without.C.1.1 x) 0/1)"),
        (
            "forall v in train: f(v) = 0",
            "(forall (?v Real) (implies (and (<= 0/1 ?v) (<= ?v 1/1)) (= (f ?v) 0/1)))",
        ),
        (
            "exists v in train: f(v) > 0",
            "(exists (?v Real) (and (<= 0/1 ?v) (<= ?v 1/1) (< 0/1 (f ?v))))",
        ),
        (
            "forall p in box: g(p) >= p(2)",
            "(forall (?p_1 Real) (forall (?p_2 Real) (implies (and (<= 0/1 ?p_1) (<= "
            "?p_1 1/1) (<= 0/1 ?p_2) (<= ?p_2 1/1)) (<= ?p_2 (g ?p_1 ?p_2)))))",
        ),
        ("forall v in D: f(v) = 0", "(and (= (f 0/1) 0/1) (= (f 1/2) 0/1))"),
        ("exists v in D: f(v) = 0", "(or (= (f 0/1) 0/1) (= (f 1/2) 0/1))"),
        ("forall p in E: g(p) = p(1)", "(and (= (g 0/1 -1/1) 0/1) (= (g 1/4 2/1) 1/4))"),
        ("(sum v in D. f(v)) = 0", "(= (+ (f 0/1) (f 1/2)) 0/1)"),
        ("(sum v: D. f(v)) = 0", "(= (+ (f 0/1) (f 1/2)) 0/1)"),
        (
            "silent(C, train)",
            "(forall (?x Real) (implies (and (<= 0/1 ?x) (<= ?x 1/1)) (= (f.1.1 ?x) 0/1)))",
        ),
        ("silent(C, D)", "(and (= (f.1.1 0/1) 0/1) (= (f.1.1 1/2) 0/1))"),
        (
            "silent(B, E)",
            "(and (= (g.2.1 0/1 -1/1) 0/1) (= (g.1.2 0/1 -1/1) 0/1) "
            "(= (g.2.1 1/4 2/1) 0/1) (= (g.1.2 1/4 2/1) 0/1))",
        ),
        ("train(x) and box(x, y)", "(and (<= 0/1 x) (<= x 1/1) (<= 0/1 x) (<= x 1/1) "
         "(<= 0/1 y) (<= y 1/1))"),
    ],
)  # fmt: skip
def test_what_formulas_mean(formula: str, text: str) -> None:
    assert term(formula) == text


def test_what_is_read_is_printed_and_read_back() -> None:
    document = read(
        THINGS
        + "evidence a: forall p in box: unit(g, 1, 1)(p) <= without(f, C)(p(1))\n"
        "evidence b: silent(B, box)\nevidence c: exists q in E: g(q, 1) = f(q(2))\n"
    )
    scope = scope_of(document)
    for name in "abc":
        statement = document.statement(name)
        assert statement is not None and statement.formula is not None
        text = render_term(statement.formula, names=scope.homes)
        assert parse_formula(text, scope) == statement.formula


def test_things_are_typed_and_exact() -> None:
    document = read(THINGS)
    network, data = document.thing("g"), document.thing("E")
    assert isinstance(network, Network) and network.units is not None
    assert network.outline == Outline(2, 1, (2, 1), "", stacked=False)
    assert isinstance(data, Data) and data.dimension == 2
    assert data.inputs == ((Fraction(0), Fraction(-1)), (Fraction(1, 4), Fraction(2)))
    assert data.targets == ((Fraction(0),), (Fraction(1),))
    region, circuit = document.thing("box"), document.thing("B")
    assert isinstance(region, Region) and region.dimension == 2
    assert region.definition.uses == ("train",)
    assert isinstance(circuit, Circuit) and circuit.units == ((2, 1), (1, 2))
    assert document.thing("nothing") is None


def test_a_statement_says_which_regions_it_uses() -> None:
    assert last(THINGS + "evidence e: silent(C, train)").definitions == ("train",)
    used = last(THINGS + "evidence e: forall p in box: g(p) = 0").definitions
    assert used == ("train", "box")


def test_a_definition_may_speak_of_networks() -> None:
    text = THINGS + "def gap(u: Real) := f(u) - without(f, C)(u)\n"
    formula = last(text + "evidence e: gap(x) >= 0").formula
    assert formula is not None
    assert write_term(formula) == "(<= 0/1 (+ (f x) (* -1/1 (f.without.C x))))"


def test_evidence_with_constants_alone_is_none() -> None:
    assert "no network" in last("evidence e: x = x").unsupported
    assert last(THINGS + "evidence e: forall v in D: 0 <= v").formula is not None


@pytest.mark.parametrize(
    ("formula", "column", "message"),
    [
        ("forall p in box: p > 0", 18, "`p` is a point of 2 numbers, and no number"),
        ("forall p in box: p(3) > 0", 18, "`p` is a point of 2 numbers"),
        ("forall p in box: p(x) > 0", 18, "`p` is a point of 2 numbers"),
        ("forall p in box: f(p) > 0", 18, "`f` takes 1 number, got 2"),
        ("forall v in train: v(1) > 0", 20, "`v` is a variable here, and no function"),
        ("g(1) = 0", 1, "`g` takes 2 numbers, got 1"),
        ("train(1, 2)", 1, "train(Real) takes 1 argument, got 2"),
        ("silent(C, box)", 11, "the points of box have 2 numbers"),
        ("without(g, C)(1, 2) = 0", 12, "C is a circuit of f, not g"),
        ("forall p in C: f(1) = 0", 13, "`C` is no data set and no region"),
    ],
)
def test_mistakes_are_answered_where_they_are(
    formula: str, column: int, message: str
) -> None:
    found = mistake(THINGS + f"evidence e: {formula}")
    assert message in found.message
    assert found.line == THINGS.count("\n") + 1
    assert found.column == column + len("evidence e: ")


def test_names_of_functions_are_read_back() -> None:
    for function in (
        Function("f", (), (2,)),
        Function("f", (), (1, 3)),
        Function("f", ("A", "B"), ()),
        Function("f", ("A",), (2, 1)),
        Function("f", ("without",), (2,)),
    ):
        assert read_function(function.name) == function
    assert read_function("f") is None


# Networks in files


def write(folder: Path, text: str) -> Path:
    (folder / "claims").mkdir(exist_ok=True)
    (folder / "m.onnx").write_bytes(b"model")
    path = folder / "claims" / "d.claim"
    path.write_text(text)
    return path


def shape(shown: str, path: Path) -> Outline:
    """Two inputs, three outputs, layers of 2 and 4 units."""
    if path.read_bytes() != b"model":
        raise Unreadable(f"{shown} is no model", "export it again")
    return Outline(2, 3, (2, 4), "00")


FILE = 'network h := "../m.onnx"\nnetwork k(a: Real, b: Real, c: Real) := a - relu(c)\n'


@pytest.mark.parametrize(
    ("formula", "text"),
    [
        ("h(1, 2, 3) = 0", "(= (h.3 1/1 2/1) 0/1)"),
        ("unit(h, 2, 4)(1, 2) = 0", "(= (h.2.4 1/1 2/1) 0/1)"),
        (
            "k(h(1, 2)) = 0",
            "(= (k (h.1 1/1 2/1) (h.2 1/1 2/1) (h.3 1/1 2/1)) 0/1)",
        ),
    ],
)
def test_a_network_in_a_file(tmp_path: Path, formula: str, text: str) -> None:
    document = read_document(write(tmp_path, f"{FILE}evidence e: {formula}"), shape)
    found = document.statements[0].formula
    assert found is not None and write_term(found) == text
    network = document.thing("h")
    assert isinstance(network, Network) and network.units is None
    assert network.file == str(tmp_path / "m.onnx") and network.outline.sha == "00"


@pytest.mark.parametrize(
    ("formula", "message"),
    [
        ("h(1, 2) = 0", "`h(1, 2)` is a point of 3 numbers, and no number"),
        ("h(1, 2, 4) = 0", "`h` has 3 outputs, and no output 4"),
        ("h(1) = 0", "`h` takes 2 numbers, got 1"),
        ("unit(h, 3, 1)(1, 2) = 0", "`h` has 2 layers of units, and no layer 3"),
        ("h(h(1, 2)) = 0", "`h` takes 2 numbers, got 3"),
    ],
)
def test_its_shape_is_kept(tmp_path: Path, formula: str, message: str) -> None:
    with pytest.raises(ClaimError) as caught:
        read_document(write(tmp_path, f"{FILE}evidence e: {formula}"), shape)
    assert message in caught.value.message
    assert caught.value.line == 3


def test_nobody_looks_at_it_unless_told_how(tmp_path: Path) -> None:
    path = write(
        tmp_path, f"{FILE}circuit C := units(h, 1: {{9}})\nevidence e: h(1) = 0"
    )
    (statement,) = read_document(path).statements
    assert (
        "the network h; models and data in files are not read" in statement.unsupported
    )


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("../../m.onnx", "lies outside the library"),
        ("/m.onnx", "is no relative path"),
        ("../none.onnx", "there is no file"),
        ("d.claim", "is no .onnx file"),
        ("link.onnx", "lies outside the library"),
        ("bad.onnx", "bad.onnx is no model"),
    ],
)
def test_which_files_may_be_named(tmp_path: Path, name: str, message: str) -> None:
    inner = tmp_path / "library"
    inner.mkdir()
    path = write(inner, f'const c: Real\nnetwork h := "{name}"\n')
    (tmp_path / "m.onnx").write_bytes(b"model")
    (path.parent / "link.onnx").symlink_to(tmp_path / "m.onnx")
    (path.parent / "bad.onnx").write_bytes(b"other")
    with pytest.raises(ClaimError) as caught:
        read_document(path, shape)
    assert message in caught.value.message
    assert (caught.value.line, caught.value.column) == (2, 14)


def test_data_in_a_file(tmp_path: Path) -> None:
    path = write(
        tmp_path, 'data D := "p.csv"\nevidence e: forall x in D: x(1) <= x(2)\n'
    )
    (path.parent / "p.csv").write_text("x1, y, x2\n0, 1, 0.5\n\n-1e-1,2,1/3\r\n")
    document = read_document(path)
    data = document.thing("D")
    assert isinstance(data, Data)
    assert data.inputs[1] == (Fraction(-1, 10), Fraction(1, 3))
    assert data.targets == ((Fraction(1),), (Fraction(2),))
    assert document.statements[0].formula is not None
    (path.parent / "p.csv").write_text("x1,x2\n0,nan\n")
    with pytest.raises(ClaimError) as caught:
        read_document(path)
    assert "p.csv, line 2: expected a number, got 'nan'" in caught.value.message
    assert (caught.value.line, caught.value.column) == (1, 11)
