from __future__ import annotations

from fractions import Fraction
from typing import Any

from tests.arguments.scripted import Maker, certificate
from verify.arguments.countermodels import heading, tell
from verify.arguments.problems import make_dossier
from verify.kernel.check import check
from verify.kernel.terms import BOOL, NAT, REAL, Sort, Symbol
from verify.language.verdicts import Counterexample
from verify.solvers.definitions import Rows, write_definition

MODEL = Sort("Model")
SIZE, LOSS = Symbol("size", (MODEL,), NAT), Symbol("loss", (MODEL,), REAL)
BASE, LONG = Symbol("base", (MODEL, NAT), REAL), Symbol("long", (), BOOL)
M_D, BEST = Symbol("M_d", (), MODEL), Symbol("best", (), MODEL)
X, K = Symbol("x", (NAT,), REAL), Symbol("K", (), NAT)
DECLARED = (M_D, BEST, K, LONG, SIZE, LOSS, BASE, X)
READS = {
    "size": "the number of parameters of {1}",
    "loss": "the training loss of {1}",
    "base": "the base objective at {1} for {2}",
    "x": "the iterate of round {1}",
}


def told(goal: str, *lines: dict[str, Any], claim: str = "refuted") -> Counterexample:
    """The world with these lines, in which the kernel accepts that the goal is false."""
    maker = Maker(*DECLARED, sorts=(MODEL,))
    step = maker.add("step", "s", goal)
    document = maker.document()._replace(readings=READS)
    problem = make_dossier(document, step, {}).full
    evidence = certificate(problem, claim, *lines)
    check(problem.text(), evidence)
    return tell(document, problem, evidence)


def gives(symbol: Symbol, *rows: tuple[str, ...], **rest: Any) -> dict[str, Any]:
    """The line of a function with these rows: arguments, then the value."""
    table = tuple((row[:-1], row[-1]) for row in rows)
    return write_definition(symbol, Rows(table, **rest))


def being(symbol: Symbol, value: str) -> dict[str, Any]:
    return write_definition(symbol, Rows((), value))


def test_elements_have_the_names_of_the_constants_that_denote_them() -> None:
    world = told(
        "(implies (= (loss M_d) (loss best)) (= M_d best))",
        {"sort": "Model", "size": 3},
        being(M_D, "Model!1"),
        being(BEST, "Model!0"),
        gives(LOSS, ("Model!0", "1/2"), ("Model!1", "1/2"), ("Model!2", "0")),
    )
    (table,) = world.tables
    assert table.header == ("Model", "training loss")
    assert table.rows == (("best", "1/2"), ("M_d", "1/2"), ("m1", "0"))
    assert world.constants == ()
    assert world.genuine and world.certificate


def test_functions_of_one_thing_stand_side_by_side() -> None:
    world = told(
        "(forall (?M Model) (and (= (size ?M) K) (<= (loss ?M) 0/1)))",
        {"sort": "Model", "size": 2},
        being(K, "2"),
        gives(SIZE, ("Model!0", "2"), ("Model!1", "1")),
        gives(LOSS, ("Model!0", "0"), ("Model!1", "-1/4")),
    )
    (table,) = world.tables
    assert table.header == ("Model", "number of parameters", "training loss")
    assert table.rows == (("m1", "2", "0"), ("m2", "1", "-1/4"))
    assert world.constants == (("K", "2"),)


def test_a_second_name_of_an_element_is_told() -> None:
    world = told(
        "(not (= M_d best))",
        {"sort": "Model", "size": 1},
        being(M_D, "Model!0"),
        being(BEST, "Model!0"),
    )
    assert world.constants == (("best", "M_d"),)


def test_a_tail_is_told_as_a_polynomial() -> None:
    world = told(
        "(<= (x 5) 0/1)",
        gives(
            X,
            ("0", "7"),
            ("2", "1/2"),
            tail=(Fraction(1, 2), Fraction(-1), Fraction(2)),
        ),
    )
    (table,) = world.tables
    assert table.header == ("n", "iterate")
    assert table.rows == (("0", "7"), ("2", "1/2"), ("other", "1/2 - n + 2*n^2"))


def test_points_of_different_functions_are_filled_from_the_tails() -> None:
    world = told(
        "(and (<= (x 1) 0/1) (= K 0))",
        gives(X, ("10", "0"), ("9", "1"), tail=(Fraction(0), Fraction(1))),
        being(K, "1"),
    )
    (table,) = world.tables
    assert [row[0] for row in table.rows] == ["9", "10", "other"]
    assert table.rows[-1] == ("other", "n")


def test_functions_of_several_arguments() -> None:
    world = told(
        "(<= (base M_d 3) 0/1)",
        {"sort": "Model", "size": 1},
        being(M_D, "Model!0"),
        gives(BASE, ("Model!0", "3", "2"), default="0"),
    )
    (table,) = world.tables
    assert table.header == ("Model", "n", "base objective")
    assert table.rows == (("M_d", "3", "2"), ("other", "other", "0"))


def test_headings_without_a_sentence_are_names() -> None:
    document = Maker(*DECLARED, sorts=(MODEL,)).document()
    assert heading(document, SIZE, ("Model",)) == "size"


def test_placeholders_in_the_middle_of_a_sentence_become_variables() -> None:
    document = (
        Maker(X).document()._replace(readings={"x": "U[{1}], the utility at {1}"})
    )
    assert heading(document, X, ("n",)) == "U[n], the utility"
