"""Evaluation agrees with `tests.worlds`: on finite models always, on quantifiers over
numbers whenever it decides."""

from __future__ import annotations

import itertools
from collections import Counter
from fractions import Fraction
from random import Random

import pytest
from hypothesis import given, settings

from tests.proofs import Line, certify
from tests.strategies import TermMaker, Vocabulary, seeds
from tests.worlds import Value, World
from verify.kernel import terms
from verify.kernel.check import check
from verify.kernel.problem import Fact, Problem
from verify.kernel.rejections import Rejected
from verify.kernel.terms import BOOL, INT, NAT, REAL, TRUE, Sort, Symbol, Term
from verify.kernel.text import write_term

MODEL, LIGHT = Sort("Model"), Sort("Light", ("red", "green"))
FINITE = Vocabulary(
    (MODEL, LIGHT),
    (
        Symbol("M", (), MODEL), Symbol("now", (), LIGHT), Symbol("p", (), BOOL),
        Symbol("i", (), INT), Symbol("n", (), NAT), Symbol("x", (), REAL),
        Symbol("size", (MODEL,), NAT), Symbol("gain", (MODEL, LIGHT), INT),
        Symbol("loss", (LIGHT, BOOL), REAL), Symbol("good", (MODEL,), BOOL),
        Symbol("next", (LIGHT,), LIGHT), Symbol("best", (MODEL, MODEL), MODEL),
    ),
)  # fmt: skip
NUMBERS = Vocabulary(
    (),
    (
        Symbol("p", (), BOOL), Symbol("i", (), INT), Symbol("n", (), NAT),
        Symbol("x", (), REAL), Symbol("f", (INT,), INT), Symbol("g", (NAT,), NAT),
        Symbol("h", (REAL,), REAL), Symbol("u", (NAT,), REAL),
    ),
)  # fmt: skip


def write_value(value: Value, sort: Sort) -> str:
    if sort == BOOL:
        return "true" if value else "false"
    if terms.is_numeric(sort):
        return write_term(terms.make_number(value, REAL if sort == REAL else INT))
    return str(value)


def define(symbol: Symbol, world: World) -> Line:
    """A table as a chain of `if`s, its values those of the world."""
    parameters = [f"?a{i}" for i in range(len(symbol.arguments))]
    value = ""
    for point in itertools.product(*map(world.domain, symbol.arguments)):
        written = write_value(world.apply(symbol, point), symbol.result)
        tests = [
            f"(= {name} {write_value(one, sort)})"
            for name, one, sort in zip(parameters, point, symbol.arguments, strict=True)
        ]
        test = tests[0] if len(tests) == 1 else f"(and {' '.join(tests)})"
        value = f"(if {test} {written} {value})" if value else written
    return {"symbol": symbol.name, "parameters": parameters, "value": value}


def verdict(vocabulary: Vocabulary, formula: Term, lines: list[Line]) -> bool | None:
    """What the kernel makes of the formula in the model; None when it does not say."""
    answers = {}
    for claim, wanted in (("refuted", False), ("consistent", True)):
        facts = (Fact("premise", "P1", formula),) if wanted else ()
        text = Problem(*vocabulary, facts, TRUE if wanted else formula).text()
        try:
            check(text, certify(text, claim, *lines))
        except Rejected as rejected:
            assert rejected.rule == "model", rejected
            answers[wanted] = {"true": True, "false": False}.get(rejected.got)
        else:
            answers[wanted] = wanted
    assert answers[True] == answers[False]
    return answers[True]


@given(seeds())
@settings(max_examples=80)
def test_finite_models_are_evaluated_as_they_are(random: Random) -> None:
    count = random.randint(1, 3)
    world = World(random.randint(0, 99), sizes={"Model": count})
    lines: list[Line] = [{"sort": "Model", "size": count}]
    lines += [define(symbol, world) for symbol in FINITE.symbols]
    maker = TermMaker(random, FINITE, binders=(BOOL, MODEL, LIGHT), division=False)
    formula = maker.formula(5)
    assert verdict(FINITE, formula, lines) is world.value(formula)


def polynomial(*coefficients: int) -> tuple[str, object]:
    """a + b*v + c*v*v, as text over ?v of sort Int and as a function."""
    a, b, c = coefficients
    return f"(+ {a} (* {b} ?v) (* {c} ?v ?v))", lambda v: a + b * v + c * v * v


def numeric_model(random: Random) -> tuple[list[Line], World]:
    """Constants, and functions of a number that are polynomials but at one place."""
    f = [random.randint(-2, 2) for _ in range(3)]
    g = [random.randint(0, 2) for _ in range(3)]
    place, odd = random.randint(0, 3), random.randint(0, 4)
    values = {
        "p": random.random() < 0.5, "i": Fraction(random.randint(-3, 3)),
        "n": Fraction(random.randint(0, 3)), "x": Fraction(random.randint(-3, 3), 2),
    }  # fmt: skip
    given = {name: lambda value=value: value for name, value in values.items()}
    lines: list[Line] = [
        {
            "symbol": s.name,
            "parameters": [],
            "value": write_value(values[s.name], s.result),
        }
        for s in NUMBERS.symbols[:4]
    ]
    for name, coefficients in (("f", f), ("g", g)):
        text, function = polynomial(*coefficients)
        value = f"(if (= ?v {place}) {odd} {text})"
        lines.append({"symbol": name, "parameters": ["?v"], "value": value})
        given[name] = lambda v, function=function: (
            Fraction(odd) if v == place else function(v)
        )
    slope = random.randint(-2, 2)
    lines.append(
        {"symbol": "h", "parameters": ["?v"],
         "value": f"(if (< ?v {place}/2) {slope}/1 (* {slope}/1 ?v))"}
    )  # fmt: skip
    given["h"] = lambda v: slope * (v if v >= Fraction(place, 2) else Fraction(1))
    lines.append(
        {
            "symbol": "u",
            "parameters": ["?v"],
            "value": f"(+ 1/2 (* {slope}/1 (real ?v)))",
        }
    )
    given["u"] = lambda v: Fraction(1, 2) + slope * v
    return lines, World(given=given)


INTEGERS = [Fraction(n) for n in range(-50, 51)]
LINE = [Fraction(k, 12) for k in range(-12 * 12, 12 * 12 + 1)]
DECIDED: Counter[tuple[str, bool | None]] = Counter()


def compare(random: Random, sort: Sort) -> None:
    """One quantifier over a number sort: brute force against the kernel.

    Coefficients are so small that every root lies within the range that is tried and,
    on the line, on or between its points.
    """
    lines, world = numeric_model(random)
    world.samples = {"Int": INTEGERS, "Nat": INTEGERS[50:], "Real": LINE}
    maker = TermMaker(
        random, NUMBERS, binders=(), largest=2, products=sort != REAL, division=False
    )
    body = maker.formula(2, (sort,))
    make = random.choice((terms.make_forall, terms.make_exists))
    formula = make("v", sort, body)
    found = verdict(NUMBERS, formula, lines)
    DECIDED[sort.name, found] += 1
    if found is not None:
        assert found is world.value(formula), (write_term(formula), lines)


@pytest.mark.parametrize("sort", [INT, NAT, REAL], ids=str)
@given(seeds())
@settings(max_examples=60)
def test_number_quantifiers_agree_with_brute_force(sort: Sort, random: Random) -> None:
    compare(random, sort)


@pytest.mark.parametrize("sort", [INT, NAT, REAL], ids=str)
def test_number_quantifiers_are_decided_often(sort: Sort) -> None:
    DECIDED.clear()
    for seed in range(60):
        compare(Random(seed), sort)
    assert DECIDED[sort.name, True] >= 15, DECIDED
    assert DECIDED[sort.name, False] >= 15, DECIDED
