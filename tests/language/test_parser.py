"""Words are keywords only where the parser can take them; positions are those of the file."""

from __future__ import annotations

import pytest

from tests.language.reading import PRELUDE, last, read
from verify.language import syntax
from verify.language.limits import Meter
from verify.language.parser import Syntax, read_syntax
from verify.language.positions import make_source

HEADS = (
    "type const func def use premise lemma step conclusion evidence admit expect limit "
    "scope lattice cuts network data region class circuit"
).split()
INNER = "by from using giving on as reads points in then else induction cases algebra".split()


def syntax_of(text: str) -> Syntax:
    return read_syntax(make_source("d.claim", text), Meter())


@pytest.mark.parametrize("word", [*HEADS, *INNER])
def test_keywords_name_constants_and_statements(word: str) -> None:
    text = (
        f"const {word}: Bool\n"
        f"premise {word}: {word} and not {word} or {word}\n"
        f"step s: {word} implies {word} by {word}\n"
        f"expect s refuted\nlattice {word}, q\ncuts {word} from {word} using {word}\n"
    )
    statements = read(text).statements[-4:]
    assert [s.name for s in statements[:2]] == [word, "s"]
    assert [s.kind for s in statements] == ["premise", "step", "lattice", "cuts"]
    assert len({s.name for s in statements}) == 4


@pytest.mark.parametrize("word", ["not", "forall", "if", "sum", "true", "and", "real"])
def test_any_word_names_a_statement(word: str) -> None:
    document = read(f"premise {word}: p\nstep s: p by {word}\nexpect {word}2 proved\n"
                    f"step {word}2: p by {word}")  # fmt: skip
    step = document.statement("s")
    assert step is not None and step.by.citations is not None
    assert step.by.citations[0].name == word


def test_words_run_together_are_one_word() -> None:
    """`android` is no `and` followed by `roid`."""
    document = read(
        "const android, orbit, inner: Bool\nstep s: android and orbit or inner"
    )
    assert len(document.statements) == 4


@pytest.mark.parametrize(
    ("text", "method", "variable", "names"),
    [
        ("by P1, A", "", "", ["P1", "A"]),
        ("by induction on n from P1, A", "induction", "n", ["P1", "A"]),
        ("by induction on n, P1", "induction", "n", ["P1"]),
        ("by P1, A, induction on n", "induction", "n", ["P1", "A"]),
        ("by P1, induction on n from A", "induction", "n", ["P1", "A"]),
        ("by cases from P1", "cases", "", ["P1"]),
        ("by cases, P1", "cases", "", ["P1"]),
        ("by P1, cases", "cases", "", ["P1"]),
        ("by algebra from P1, A", "algebra", "", ["P1", "A"]),
        ("by P1, A, algebra", "algebra", "", ["P1", "A"]),
        ("by algebra", "algebra", "", None),
        ("by induction on n", "induction", "n", None),
        ("", "", "", None),
    ],
)
def test_by_lists(
    text: str, method: str, variable: str, names: list[str] | None
) -> None:
    by = last(f"step s: forall n: Nat. seq(n) > 0 {text}").by
    assert (by.method, by.variable) == (method, variable)
    cited = (
        None if by.citations is None else [citation.name for citation in by.citations]
    )
    assert cited == names


def test_a_fact_called_like_a_method_is_the_fact() -> None:
    by = last("premise cases: p\nstep s: p by cases").by
    assert by.method == "" and by.citations is not None
    assert by.citations[0].name == "cases"


def test_declarations_of_networks_and_data_keep_their_syntax() -> None:
    items = syntax_of(
        'network f(x: Real) := 2*relu(x - 1)\nnetwork g := "g.onnx"\n'
        'data D := points (0, -1/2; 1) (1, 2; -0.5)\ndata T := "t.csv"\n'
        "region r(x, y: Real) := 0 <= x and y <= 1\n"
        "class S := relu_nets(inputs = 1, weights = {-1, 0, 1}, layers = (2, 2))\n"
        "circuit C := units(f, 1: {1, 2}, 2: {3})\n"
    ).items
    network, file, data, table, region, family, circuit = items
    assert isinstance(network, syntax.Network) and network.body is not None
    assert isinstance(file, syntax.Network) and file.file is not None
    assert file.file.text == "g.onnx"
    assert isinstance(data, syntax.Data)
    assert [(len(p.inputs), len(p.targets)) for p in data.points] == [(2, 1), (2, 1)]
    assert isinstance(table, syntax.Data) and table.file is not None
    assert isinstance(region, syntax.Region)
    assert [word.text for word in region.parameters[0].names] == ["x", "y"]
    assert isinstance(family, syntax.ModelClass)
    assert [(o.name.text, o.form, len(o.values)) for o in family.options] == [
        ("inputs", "", 1), ("weights", "{", 3), ("layers", "(", 2),
    ]  # fmt: skip
    assert isinstance(circuit, syntax.Circuit)
    assert [len(layer.units) for layer in circuit.layers] == [2, 1]


def test_what_stands_before_a_mistake_is_there() -> None:
    found = syntax_of("const x: Real\npremise P: x > 0\nstep s: x ==\nstep t: x > 1")
    assert len(found.items) == 2
    assert found.mistake is not None and found.mistake.line == 3


def test_nodes_know_their_places() -> None:
    (item,) = syntax_of("premise P:\n  forall M: Model.\n    (p and q)").items
    assert isinstance(item, syntax.Fact)
    assert item.span == (1, 1, 3, 14)
    assert item.formula.span == (2, 3, 3, 14)
    assert item.formula.args[0].span == (3, 5, 3, 14)


def test_nothing_is_written_beside_the_grammar() -> None:
    """No cached tables: they would be read back with pickle."""
    from verify.language.parser import GRAMMAR

    read(PRELUDE, "")
    assert not [
        p for p in GRAMMAR.parent.iterdir() if p.suffix in (".cache", ".pickle")
    ]
