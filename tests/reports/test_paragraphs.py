"""The paragraph of a problem: the world in a table, the premise to paste, the command."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from tests.reports import samples
from verify.language.verdicts import Counterexample, Table
from verify.reports.grids import render_constants, render_table
from verify.reports.lines import Line, Look, cells, plain
from verify.reports.paragraphs import (
    in_order,
    quote,
    render_audit,
    render_problem,
    render_world,
)

LOOK = Look(width=88)


def text(lines: Iterable[Line]) -> str:
    return "".join(plain(line) + "\n" for line in lines)


def test_the_paragraphs_as_they_are_seen(golden: Callable[[str, str], None]) -> None:
    paragraphs = [text(render_problem(v, LOOK)) for v in in_order(samples.ALL)]
    paragraphs.append(text(render_audit(samples.PREMISE_UNUSED, LOOK)))
    golden("paragraphs.txt", "\n".join(paragraphs))


def test_unexpected_problems_come_first_and_proved_ones_not_at_all() -> None:
    names = [v.name for v in in_order(samples.ALL)]
    assert names == ["s2", "cubes", "anything", "literal", "lattice"]


def test_an_expected_refutation_is_shorter_but_keeps_its_world() -> None:
    expected = text(render_problem(samples.EXPECTED, LOOK))
    unexpected = text(render_problem(samples.REFUTED, LOOK))
    assert "K = 2" in expected and "K = 2" in unexpected
    assert "Next:" in unexpected and "Next:" not in expected
    assert unexpected.count("premise missing_") == 2


def test_a_potential_world_is_called_one_and_says_what_was_cut() -> None:
    world = Counterexample(genuine=False, truncated=("P2",))
    said = text(render_world(world, LOOK, "P1"))
    assert "potential" in said.lower() and "P2" in said
    assert "evaluated exactly" not in said


def test_wide_tables_are_split_under_their_first_column() -> None:
    header = tuple(f"column {i}" for i in range(12))
    table = Table(title="t", header=header, rows=(tuple("0" * 12), tuple("1" * 12)))
    lines = render_table(table, Look(width=60))
    assert all(cells(line) <= 60 for line in lines)
    assert text(lines).count("column 0") > 1
    assert all(f"column {i}" in text(lines) for i in range(12))


def test_many_constants_take_several_lines() -> None:
    constants = [(f"constant_{i}", str(i)) for i in range(20)]
    lines = render_constants(constants, Look(width=60))
    assert len(lines) > 1 and all(cells(line) <= 60 for line in lines)
    assert all(f"constant_{i} = {i}" in text(lines) for i in range(20))


def test_hostile_values_are_spelt_out_everywhere() -> None:
    evil = "\x1b[2K\r\u2713"
    world = Counterexample(
        constants=((evil, evil),),
        tables=(Table(title=evil, header=(evil,), rows=((evil,),)),),
        genuine=False,
        truncated=(evil,),
    )
    verdict = samples.verdict(
        name=evil, document=evil, status="refuted", as_expected=False,
        message=evil, uses=(evil,), counterexample=world,
    )  # fmt: skip
    said = text(render_problem(verdict, LOOK))
    assert "\x1b" not in said and "\r" not in said


def test_a_suggested_command_cannot_carry_another_one() -> None:
    assert quote("claims/a.md") == "claims/a.md"
    assert quote("a; rm -rf ~") == "'a; rm -rf ~'"
    assert quote("it's") == "'it'\\''s'"
    assert quote("$(x)\n") == "'$(x)\\n'"
    assert quote("") == "''"
