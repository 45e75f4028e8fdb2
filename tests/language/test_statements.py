"""What holds for statements: expectations, limits, scopes, names, lattices and cuts."""

from __future__ import annotations

import pytest

from tests.language.reading import mistake, read
from verify.language.limits import MAX_STATEMENTS


def test_limits_and_scopes_hold_for_the_statements_below() -> None:
    document = read(
        "type T\nstep one: p\nlimit 20 s\nscope 4 Model\nstep two: p\n"
        "limit 0.5 s\nscope 3 T\nscope 2 Model\nlattice p, q\n"
    )
    assert [(s.limit, s.scope) for s in document.statements[-3:]] == [
        (10.0, ()),
        (20.0, (("Model", 4),)),
        (0.5, (("Model", 2), ("T", 3))),
    ]


@pytest.mark.parametrize(
    "status", ["proved", "refuted", "undecided", "vacuous", "admitted"]
)
def test_expectations_come_before_or_after(status: str) -> None:
    document = read(f"expect t {status}\nstep s: p\nstep t: q\nexpect s {status}")
    assert [s.expected for s in document.statements[-2:]] == [status, status]


def test_what_is_expected_when_nothing_is_said() -> None:
    document = read('step s: p\nadmit t "so it seems": q')
    assert [s.expected for s in document.statements[-2:]] == ["proved", "admitted"]
    assert document.statements[-1].label == "so it seems"


def test_nameless_statements_get_names_of_their_own() -> None:
    text = "lattice p, q\nlattice q, r\ncuts p from q using r\nstep lattice_3: p\n"
    text += "lattice p, r"
    names = [s.name for s in read(text).statements[3:]]
    assert names == ["lattice", "lattice_2", "cuts", "lattice_3", "lattice_4"]


def test_the_number_of_statements_is_bounded() -> None:
    text = "const p: Bool\n" + "".join(
        f"step s{n}: p\n" for n in range(MAX_STATEMENTS + 1)
    )
    found = mistake(text, "")
    assert "at most 10000 statements" in found.message
    assert found.line == MAX_STATEMENTS + 2


def test_a_label_is_optional_and_kept() -> None:
    document = read('premise U "a label": p\npremise V: q')
    assert [s.label for s in document.statements[-2:]] == ["a label", ""]


def test_readings_are_kept_for_functions_and_constants() -> None:
    document = read('const cap: Nat reads "the cap"\nfunc d(Real): Real')
    assert document.readings["cap"] == "the cap"
    assert "d" not in document.readings


def test_elements_of_finite_types_are_no_symbols_of_the_document() -> None:
    document = read("type Colour = {red, blue}\nstep s: red != blue")
    assert document.sorts[-1].elements == ("red", "blue")
    assert "red" not in [symbol.name for symbol in document.symbols]
