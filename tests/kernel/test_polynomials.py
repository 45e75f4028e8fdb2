"""SymPy is the oracle: it shares no code with the kernel's polynomials."""

from __future__ import annotations

from fractions import Fraction
from random import Random

import pytest
import sympy
from hypothesis import given, settings

from tests.proofs import rejects
from tests.strategies import RICH_WORDS, TermMaker, read_rich, seeds
from tests.worlds import World
from verify.kernel import polynomials, terms
from verify.kernel.polynomials import (
    CONSTANT,
    Polynomial,
    add,
    is_integral,
    multiply,
    ordered,
    read_polynomial,
    write_polynomial,
)
from verify.kernel.terms import INT, NAT, REAL, Term, make_number, make_real
from verify.kernel.text import write_term


def poly(source: str) -> Polynomial:
    return read_polynomial(read_rich(source))


X, Y, ONE = read_rich("x"), read_rich("y"), Fraction(1)


def to_sympy(term: Term) -> sympy.Expr:
    """The expression that a term is, generators named by their text."""
    match term.op:
        case "num":
            return sympy.Rational(term.value.numerator, term.value.denominator)
        case "+":
            return sympy.Add(*map(to_sympy, term.args))
        case "*":
            return sympy.Mul(*map(to_sympy, term.args))
        case "real":
            return to_sympy(term.args[0])
    return sympy.Symbol(write_term(term))


def as_sympy(found: Polynomial) -> sympy.Expr:
    parts = [
        sympy.Rational(value.numerator, value.denominator)
        * sympy.Mul(*map(to_sympy, monomial))
        for monomial, value in found.items()
    ]
    return sympy.Add(*parts)


@given(seeds())
@settings(max_examples=60)
def test_reading_agrees_with_sympy(random: Random) -> None:
    sort = random.choice((INT, NAT, REAL))
    term = TermMaker(random, RICH_WORDS).term(sort, 4)
    found = read_polynomial(term)
    assert sympy.expand(to_sympy(term) - as_sympy(found)) == 0
    assert all(found.values()), "a zero coefficient"
    for monomial in found:
        assert [g.key for g in monomial] == sorted(g.key for g in monomial)
        assert all(g.op not in ("num", "+", "*", "real") for g in monomial)


@given(seeds())
@settings(max_examples=40)
def test_adding_and_multiplying_agree_with_sympy(random: Random) -> None:
    maker = TermMaker(random, RICH_WORDS)
    one, other = (read_polynomial(maker.term(REAL, 3)) for _ in range(2))
    a, b = maker.number(REAL).value, maker.number(REAL).value
    assert isinstance(a, Fraction) and isinstance(b, Fraction)
    ratios = [sympy.Rational(v.numerator, v.denominator) for v in (a, b)]
    total = ratios[0] * as_sympy(one) + ratios[1] * as_sympy(other)
    assert sympy.expand(as_sympy(add([(a, one), (b, other)])) - total) == 0
    product = as_sympy(one) * as_sympy(other)
    assert sympy.expand(as_sympy(multiply(one, other)) - product) == 0


@given(seeds())
def test_writing_gives_the_polynomial_back(random: Random) -> None:
    maker = TermMaker(random, RICH_WORDS)
    sort = random.choice((INT, REAL))
    term = maker.term(sort, 3)
    found = read_polynomial(term)
    written = write_polynomial(found, sort)
    assert terms.fits(written.sort, sort)
    assert read_polynomial(written) == found
    assert write_polynomial(read_polynomial(written), sort) == written
    world = World(1)
    assert world.value(written) == world.value(term)


def test_an_integer_and_its_real_are_one_generator() -> None:
    assert poly("(+ (real n) (* -1/1 (real (+ n 1))))") == {CONSTANT: -ONE}
    assert poly("(real n)") == poly("n")


GENERATORS = ["x", "(/ x y)", "(if p x y)", "(h x i)", "(size M)", "(real (f i))"]


@pytest.mark.parametrize("source", GENERATORS)
def test_generators(source: str) -> None:
    term = read_rich(source)
    generator = term.args[0] if term.op == "real" else term
    assert read_polynomial(term) == {(generator,): ONE}


def test_constants_and_cancellation() -> None:
    assert poly("0") == {}
    assert poly("-3/2") == {CONSTANT: Fraction(-3, 2)}
    assert poly("(+ x (* -1/1 x))") == {}
    assert poly("(* 0/1 x y)") == {}
    assert poly("(+ (* x y) (* y x))") == {tuple(sorted((X, Y), key=by_key)): 2 * ONE}
    assert add([]) == {}
    assert multiply({}, poly("x")) == {}


def by_key(term: Term) -> bytes:
    return term.key


def test_order_is_by_degree() -> None:
    found = ordered(poly("(+ (* x y x) x y 1/1 (* x x))"))
    assert found[0] == CONSTANT
    assert [len(monomial) for monomial in found] == [0, 1, 1, 2, 3]
    assert sorted(found[1:3], key=lambda m: m[0].key) == found[1:3]


def test_integral_generators() -> None:
    assert is_integral(poly("(+ (* 1/2 (real n)) (real (f i)) 1/3)"))
    assert is_integral(poly("1/2"))
    assert not is_integral(poly("(+ (real n) x)"))
    assert not is_integral(poly("(* x (real n))"))
    assert not is_integral(poly("(/ (real n) y)"))


WRITTEN = {
    ("(* 2 i)", INT): "(* 2 i)",
    ("(+ i i -1)", INT): "(+ -1 (* 2 i))",
    ("(+ (real n) 0/1)", REAL): "(real n)",
    ("(* x x)", REAL): "(* x x)",
    ("(+ 1/2 1/2)", REAL): "1/1",
    ("(* 1 i)", INT): "i",
    ("(* i 2 i)", INT): "(* 2 i i)",
    ("(+ i (* -1 i))", INT): "0",
    ("(+ x (* -1/1 x))", REAL): "0/1",
    ("n", REAL): "(real n)",
}


@pytest.mark.parametrize(("source", "sort"), WRITTEN)
def test_writing(source: str, sort: terms.Sort) -> None:
    assert write_term(write_polynomial(poly(source), sort)) == WRITTEN[source, sort]


def test_a_fraction_cannot_be_written_as_an_integer() -> None:
    with rejects("a number of that sort", "1/2 as Int"):
        write_polynomial({(read_rich("i"),): Fraction(1, 2)}, INT)
    with rejects("sort Nat beside a Nat in *", "sort Real"):
        write_polynomial({(X,): Fraction(2)}, INT)


def test_degrees_have_a_limit() -> None:
    def power(count: int) -> Term:
        return terms.make_product(*[X] * count)

    assert (
        len(*read_polynomial(power(polynomials.MAX_DEGREE))) == polynomials.MAX_DEGREE
    )
    with rejects("monomials of degree 32", "1, degree 33"):
        read_polynomial(power(polynomials.MAX_DEGREE + 1))


def wide(count: int, offset: int = 0) -> Polynomial:
    """A sum of that many different generators."""
    names = (terms.Symbol(f"g{n}", (), INT) for n in range(offset, offset + count))
    return {(terms.constant(name),): ONE for name in names}


def test_monomials_have_a_limit() -> None:
    assert len(multiply(wide(50), wide(100, 50))) == polynomials.MAX_MONOMIALS
    with rejects("at most 5000 monomials", "a larger product"):
        multiply(wide(50), wide(101, 50))
    most = wide(polynomials.MAX_MONOMIALS)
    assert add([(ONE, most)]) == most
    with rejects("at most 5000 monomials of degree 32", "5001, degree"):
        add([(ONE, most), (ONE, wide(1, polynomials.MAX_MONOMIALS))])


def test_coefficients_have_a_limit() -> None:
    half = Fraction(1 << (polynomials.MAX_BITS - 2))
    assert add([(half, {CONSTANT: ONE})]) == {CONSTANT: half}
    with rejects("coefficients of at most 14000 bits", "a longer one"):
        add([(2 * half, {CONSTANT: ONE})])
    with rejects("coefficients of at most 14000 bits", "a longer one"):
        multiply({(X,): half}, {CONSTANT: Fraction(1, 3)})


def test_a_part_that_is_met_twice_is_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    products = []

    def count(left: Polynomial, right: Polynomial) -> Polynomial:
        products.append((left, right))
        return multiply(left, right)

    monkeypatch.setattr(polynomials, "multiply", count)
    power = X
    for _ in range(5):
        power = terms.make_product(*[terms.make_sum(power, make_number(1, REAL))] * 2)
    assert len(read_polynomial(power)) == polynomials.MAX_DEGREE + 1
    assert len(products) == 5


def test_reading_does_not_recurse() -> None:
    deep = X
    for _ in range(terms.MAX_DEPTH // 2 - 1):
        deep = terms.make_sum(terms.make_product(deep, make_number(1, REAL)), X)
    assert read_polynomial(deep) == {(X,): Fraction(terms.MAX_DEPTH // 2)}
    assert make_real(read_rich("n")).sort == REAL
    assert read_rich("n").sort == NAT
