"""Models: how they are read, what they make true, and what stays undecided."""

from __future__ import annotations

from typing import Any

import pytest

from tests.proofs import Line, certify, rejects
from verify.kernel import evaluate, terms
from verify.kernel.check import check
from verify.kernel.evaluate import Evaluation, Model

WORDS = """\
(problem 1)
(sort Model)
(finite Light red green)
(symbol M () Model)
(symbol K () Nat)
(symbol i () Int)
(symbol x () Real)
(symbol p () Bool)
(symbol now () Light)
(symbol size (Model) Nat)
(symbol best (Model Model) Model)
(symbol good (Model) Bool)
(symbol f (Int) Int)
(symbol g (Nat) Nat)
(symbol u (Nat) Real)
(symbol h (Real) Real)
(symbol near (Real Nat) Bool)
"""
SIZE = {"sort": "Model", "size": 2}


def define(symbol: str, value: str, *parameters: str) -> Line:
    return {"symbol": symbol, "parameters": list(parameters), "value": value}


MODEL = [
    SIZE,
    define("M", "Model!1"), define("K", "2"), define("i", "-3"), define("x", "1/2"),
    define("p", "false"), define("now", "green"),
    define("size", "(if (= ?m Model!0) 2 1)", "?m"),
    define("best", "(if (= ?a Model!1) ?a ?b)", "?a", "?b"),
    define("good", "(= ?m Model!1)", "?m"),
    define("f", "(+ (* ?n ?n) -2)", "?n"),
    define("g", "(if (< ?n 2) 0 ?n)", "?n"),
    define("u", "(if (= ?n 0) 1/2 (real ?n))", "?n"),
    define("h", "(if (< ?z 0/1) (* -1/1 ?z) ?z)", "?z"),
    define("near", "(< ?z (real ?n))", "?z", "?n"),
]  # fmt: skip


def consistent(formula: str, *lines: Line) -> None:
    """Check that the model makes the formula true."""
    text = f"{WORDS}(premise P1 {formula})\n(goal false)\n"
    assert (
        check(text, certify(text, "consistent", *(lines or MODEL))).claim
        == "consistent"
    )


def refuted(formula: str, *lines: Line) -> None:
    text = f"{WORDS}(goal {formula})\n"
    assert check(text, certify(text, "refuted", *(lines or MODEL))).claim == "refuted"


TRUE = [
    "true", "(not p)", "(= K 2)", "(= (size M) 1)", "(good M)", "(= (best M M) M)",
    "(= now green)", "(not (= now red))", "(= (f i) 7)", "(= (g (f i)) 7)", "(= (g 1) 0)",
    "(= (u 0) x)", "(= (h -2/3) 2/3)", "(near x 1)", "(< (/ x 2/1) 1/3)",
    "(= (/ (h -1/2) (+ x 1/2)) 1/2)", "(iff p false)", "(implies p (= x 0/1))",
    "(if p false (good M))", "(= (if (good M) i K) -3)", "(= (size (best M M)) 1)",
    "(forall (?m Model) (or (= ?m M) (= (size ?m) 2)))",
    "(exists (?m Model) (not (good ?m)))", "(forall (?b Bool) (or ?b (iff ?b p)))",
    "(forall (?m Model) (exists (?l Model) (not (= ?l ?m))))",
    "(forall (?l Light) (or (= ?l now) (= ?l red)))", "(exists (?l Light) (= ?l red))",
    "(forall (?n Nat) (<= 0 (f (+ ?n 2))))", "(exists (?n Nat) (= (f ?n) 98))",
    "(forall (?n Int) (<= -2 (f ?n)))", "(exists (?n Int) (and (< ?n 0) (= (f ?n) 7)))",
    "(forall (?n Nat) (<= (g ?n) ?n))", "(forall (?n Nat) (implies (< 7 ?n) (= (g ?n) ?n)))",
    "(forall (?n Nat) (< (u ?n) (u (+ ?n 2))))", "(exists (?n Nat) (= (u ?n) 1/2))",
    "(forall (?z Real) (<= 0/1 (h ?z)))", "(exists (?z Real) (<= (h ?z) 0/1))",
    "(forall (?z Real) (or (< ?z 1/3) (= ?z 1/3) (< 1/3 ?z)))",
    "(exists (?z Real) (and (< 1/3 ?z) (< ?z 2/5)))", "(exists (?z Real) (near ?z 1))",
    "(forall (?n Nat) (not (= (* 2 ?n) 7)))", "(forall (?n Int) (not (= (* 2 ?n) -7)))",
    "(forall (?m Model) (forall (?n Nat) (<= 0 (+ ?n (size ?m)))))",
    "(forall (?n Nat) (forall (?m Model) (<= 0 (+ ?n (size ?m)))))",
    "(forall (?n Nat) (exists (?m Model) (or (good ?m) (< ?n 3))))",
    "(forall (?n Nat) (forall (?n.1 Nat) true))",
    "(forall (?n Nat) (or (< ?n 5) (forall (?k Nat) (<= 0 ?k))))",
    "(exists (?z Real) (and (= ?z x) (exists (?n Nat) (= (u ?n) 1/2))))",
]  # fmt: skip


@pytest.mark.parametrize("formula", TRUE)
def test_what_the_model_makes_true(formula: str) -> None:
    consistent(formula)
    negated = f"(not {formula})" if formula != "true" else "false"
    if formula.startswith("(not "):
        negated = formula.removeprefix("(not ").removesuffix(")")
    refuted(negated)
    with rejects("P1 to be true in the model", "false", rule="model"):
        consistent(negated)
    with rejects("the goal to be false in the model", "true", rule="model"):
        refuted(formula)


UNDECIDED = [
    "(< (/ 1/1 0/1) 2/1)", "(= (/ x (+ x -1/2)) 0/1)",
    "(forall (?n Nat) (exists (?k Nat) (< ?n ?k)))",
    "(forall (?n Nat) (forall (?k Nat) (<= 0 (+ ?n ?k))))",
    "(forall (?z Real) (exists (?w Real) (< ?z ?w)))",
    "(forall (?z Real) (<= 0/1 (* ?z ?z)))", "(exists (?z Real) (= (* ?z ?z) 4/1))",
    "(forall (?z Real) (= (* ?z (/ 1/1 ?z)) 1/1))",
    "(forall (?n Nat) (or (= ?n 0) (<= (/ 1/1 (real ?n)) 1/1)))",
    "(forall (?z Real) (forall (?n Nat) (or (< ?z 0/1) (<= 0/1 (+ ?z (real ?n))))))",
]  # fmt: skip


@pytest.mark.parametrize("formula", UNDECIDED)
def test_what_is_left_undecided_is_rejected_both_ways(formula: str) -> None:
    with rejects("P1 to be true in the model", "left undecided", rule="model"):
        consistent(formula)
    with rejects("the goal to be false in the model", "left undecided", rule="model"):
        refuted(formula)


def test_undecided_parts_that_do_not_matter() -> None:
    free = "(< (/ 1/1 0/1) 2/1)"
    consistent(f"(or {free} (good M))")
    consistent(f"(implies p {free})")
    consistent(f"(implies {free} (good M))")
    consistent(f"(if p {free} (good M))")
    consistent(f"(exists (?m Model) (or (good ?m) {free}))")
    refuted(f"(and {free} p)")
    refuted(f"(forall (?m Model) (and (good ?m) {free}))")
    refuted("(forall (?n Nat) (and (< ?n 2) (exists (?k Nat) (< ?n ?k))))")
    for formula in (f"(and {free} (good M))", f"(iff {free} {free})", f"(not {free})"):
        with rejects("P1 to be true", "left undecided", rule="model"):
            consistent(formula)


def without(symbol: str) -> list[Line]:
    return [line for line in MODEL if line.get("symbol") != symbol]


def test_every_symbol_that_is_met_must_be_defined() -> None:
    for symbol, formula in {
        "K": "(= K 2)", "good": "(good M)", "f": "(forall (?n Nat) (<= -2 (f ?n)))",
    }.items():  # fmt: skip
        with rejects("P1 to be true", "a formula left undecided", rule="model"):
            consistent(formula, *without(symbol))
    consistent("(or (good M) (= K 2))", *without("K"))
    consistent("(= K 2)", define("K", "2"))


def test_a_sort_without_a_size_has_no_known_elements() -> None:
    lines = [define("K", "2")]
    for formula in ("(forall (?m Model) false)", "(exists (?m Model) true)"):
        with rejects("P1 to be true", "a formula left undecided", rule="model"):
            consistent(formula, *lines)
    consistent("(forall (?l Light) (= ?l ?l))", *lines)


def changed(symbol: str, **fields: Any) -> list[Line]:
    return [
        {**line, **fields} if line.get("symbol") == symbol else line for line in MODEL
    ]


BAD_MODELS: dict[str, tuple[list[Line], str, str, str]] = {
    "size nought": (
        [{"sort": "Model", "size": 0}], "a size from 1 to 100", "0", "model",
    ),
    "negative size": ([{"sort": "Model", "size": -1}], "a size from 1", "-1", "model"),
    "size too large": (
        [{"sort": "Model", "size": 101}], "a size from 1 to 100", "101", "model",
    ),
    "size as text": ([{"sort": "Model", "size": "2"}], "size as int", "size as str", ""),
    "size true": ([{"sort": "Model", "size": True}], "size as int", "size as bool", ""),
    "sort twice": ([SIZE, SIZE], "an uninterpreted sort, once", "Model", "model"),
    "finite sort": (
        [{"sort": "Light", "size": 2}], "an uninterpreted sort, once", "Light", "model",
    ),
    "sort of numbers": (
        [{"sort": "Nat", "size": 2}], "an uninterpreted sort, once", "Nat", "model",
    ),
    "sort Bool": (
        [{"sort": "Bool", "size": 2}], "an uninterpreted sort, once", "Bool", "model",
    ),
    "unknown sort": (
        [{"sort": "Input", "size": 2}], "an uninterpreted sort, once", "Input", "model",
    ),
    "sort with a note": (
        [{**SIZE, "note": ""}], "the fields sort, size", "sort, size, note", "",
    ),
    "sort after a symbol": (
        [define("K", "2"), SIZE], "the fields symbol, parameters, value", "sort, size", "",
    ),
    "symbol twice": ([*MODEL, define("K", "2")], "a declared symbol, once", "K", "model"),
    "unknown symbol": ([define("k", "2")], "a declared symbol, once", "k", "model"),
    "element": ([SIZE, define("red", "green")], "a declared symbol, once", "red", "model"),
    "witness": ([define("!1", "2")], "a declared symbol, once", "!1", "model"),
    "element of a sort": (
        [SIZE, define("Model!0", "Model!1")], "a declared symbol, once", "Model!0", "model",
    ),
    "parameters missing": (
        [{"symbol": "K", "value": "2"}], "the fields symbol, parameters, value", "symbol", "",
    ),
    "a table": (
        [{"symbol": "K", "parameters": [], "table": []}], "the fields symbol", "table", "",
    ),
    "value as number": (changed("K", value=2), "value as str", "value as int", ""),
    "parameters as text": (
        changed("f", parameters="?n"), "parameters as list", "parameters as str", "",
    ),
    "parameter as number": (changed("f", parameters=[1]), "a list of strings", "int", ""),
    "parameter too many": (changed("K", parameters=["?n"]), "0 distinct", "?n", "model"),
    "parameter missing": (changed("f", parameters=[]), "1 distinct parameters", "", "model"),
    "parameter twice": (
        changed("best", parameters=["?a", "?a"]), "2 distinct parameters", "?a, ?a", "model",
    ),
    "parameter without mark": (changed("f", parameters=["n"]), "a binder", "n", ""),
    "parameter with a sort": (changed("f", parameters=["?n Int"]), "a name", "n Int", ""),
    "by itself": (
        changed("f", value="(f ?n)"), "a value of f not by itself", "(f ?n)", "model",
    ),
    "by itself, elsewhere": (
        changed("f", value="(if (= ?n 0) 1 (f (+ ?n -1)))"), "not by itself", "f", "model",
    ),
    "constant by itself": (changed("i", value="(+ i 1)"), "i not by itself", "i", "model"),
    "by another symbol": (changed("f", value="i"), "a declared constant", "i", ""),
    "by a function": (changed("f", value="(g 1)"), "a declared function", "g", ""),
    "natural, maybe negative": (
        changed("g", value="(+ ?n -1)"), "a value of sort Nat for g", "Int", "model",
    ),
    "negative natural": (
        changed("K", value="-1"), "a value of sort Nat for K", "Int", "model",
    ),
    "integer for a real": (changed("x", value="1"), "beside a Real in =", "sort Nat", ""),
    "real for an integer": (changed("i", value="1/1"), "beside a Int in =", "Real", ""),
    "number for a formula": (changed("p", value="1"), "beside a Bool in =", "Nat", ""),
    "element of another sort": (
        changed("now", value="Model!0"), "beside a Light in =", "Model", "",
    ),
    "element beyond the size": (changed("M", value="Model!2"), "a declared", "Model!2", ""),
    "no value": (changed("K", value=""), "2 arguments of =", "1", ""),
    "two values": (changed("K", value="1 2"), "2 arguments of =", "3", ""),
    "unknown variable": (changed("f", value="?k"), "a declared constant", "?k", ""),
    "unbalanced": (changed("f", value="(+ ?n 1"), "balanced parentheses", "", ""),
    "not ASCII": (changed("f", value="\N{GREEK SMALL LETTER NU}"), "ASCII text", "", ""),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD_MODELS)
def test_bad_models_say_why(name: str) -> None:
    lines, expected, got, rule = BAD_MODELS[name]
    with rejects(expected, got, rule=rule):
        consistent("(= K 2)", *lines)


def test_one_hundred_elements_are_the_most() -> None:
    consistent(
        "(exists (?m Model) (= ?m M))", {"sort": "Model", "size": 100}, *MODEL[1:]
    )


def test_a_natural_function_may_not_become_negative() -> None:
    """g is ?n from 2 on, but its argument may be any integer."""
    lines = changed("g", value="?n")
    consistent("(= (g 5) 5)", *lines)
    expected = "a value of sort Nat"
    with rejects(expected, "one that may be negative", rule="model"):
        consistent("(= (g i) -3)", *lines)
    with rejects(expected, "one that may be negative", rule="model"):
        consistent("(exists (?n Int) (= (g ?n) -3))", *lines)
    with rejects(expected, "one that may be negative", rule="model"):
        consistent("(forall (?n Int) (<= 0 (+ 1 (g (+ ?n 1)))))", *lines)
    consistent("(forall (?n Nat) (<= 0 (g ?n)))", *lines)
    consistent("(forall (?n Int) (<= 0 (g (* ?n ?n))))", *lines)


def test_all_facts_count_and_the_goal_only_when_refuting() -> None:
    text = f"{WORDS}(premise P1 (= K 2))\n(admitted A1 p)\n(goal p)\n"
    for claim in ("consistent", "refuted"):
        with rejects("A1 to be true in the model", "false", rule="model"):
            check(text, certify(text, claim, *MODEL))
    text = text.replace("A1 p", "A1 (not p)")
    for claim in ("consistent", "refuted"):
        assert check(text, certify(text, claim, *MODEL)).claim == claim
    text = text.replace("(goal p)", "(goal (= K 2))")
    assert check(text, certify(text, "consistent", *MODEL)).claim == "consistent"
    with rejects("the goal to be false", "true", rule="model"):
        check(text, certify(text, "refuted", *MODEL))


def test_cases_have_a_limit() -> None:
    consistent("(exists (?n Nat) (< 1900 ?n))")
    with rejects("at most 2000 cases", "2003", rule="model"):
        consistent("(exists (?n Nat) (< 2000 ?n))")
    with rejects("at most 2000 cases", "3005", rule="model"):
        consistent("(exists (?n Int) (< 1500 ?n))")


def test_cells_have_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(evaluate, "MAX_CASES", 3)
    many = " ".join(f"(= ?z {k}/1)" for k in range(3))
    consistent(f"(exists (?z Real) (or {many}))")
    with rejects("at most 3 cells", "more", rule="model"):
        consistent(f"(exists (?z Real) (or {many} (= ?z 3/1)))")


def test_work_has_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(evaluate, "MAX_WORK", 50)
    consistent("(= K 2)")
    with rejects("at most 50 steps", "more", rule="model"):
        consistent("(exists (?n Nat) (< 20 ?n))")


def test_the_bound_reaches_beyond_the_last_root() -> None:
    """n = 7, 8, 9: the interesting values of (n - 7)(n - 9) lie at its roots."""
    between = "(< (* (+ ?n -7) (+ ?n -9)) 0)"
    consistent(f"(exists (?n Nat) {between})")
    consistent(f"(forall (?n Nat) (implies {between} (= ?n 8)))")
    consistent(f"(exists (?n Int) (and (< ?n 0) {between.replace('-', '')}))")
    refuted("(forall (?n Nat) (<= (* ?n ?n ?n) (+ (* 30 ?n ?n) 29)))")


def test_only_quantifiers_are_evaluated_as_such() -> None:
    """Never otherwise in a formula that was read; the evaluation does not rely on it."""
    evaluation = Evaluation(Model({}, {}, [0, 0]))
    with rejects("a quantifier", "true"):
        evaluation._quantifier(terms.TRUE)


def test_points_and_intervals_of_the_line_are_both_tried() -> None:
    consistent("(exists (?z Real) (and (<= 1/3 ?z) (<= ?z 1/3)))")
    refuted("(exists (?z Real) (and (< 1/3 ?z) (<= ?z 1/3)))")
    refuted("(forall (?z Real) (not (= ?z 1/3)))")
    refuted("(forall (?z Real) (or (<= ?z 1/3) (<= 1/2 ?z)))")
    consistent("(forall (?z Real) (or (<= ?z 1/2) (<= 1/3 ?z)))")
    consistent("(exists (?z Real) (< ?z -1000000/1))")
    consistent("(exists (?z Real) (< 1000000/1 ?z))")
    refuted("(forall (?z Real) (= (* 0/1 ?z) 1/1))")


def test_a_model_cannot_redefine_a_network() -> None:
    text = "(problem 1)\n(network 1 (relu 0 0 1) (outputs (f 1)))\n(goal (= (f 1/1) 1/1))\n"
    other = {"symbol": "f", "parameters": ["?x"], "value": "0/1"}
    with rejects("a declared symbol", "f", rule="model"):
        check(text, certify(text, "refuted", other))
    with rejects("the goal to be false", "left undecided", rule="model"):
        check(text, certify(text, "refuted"))
