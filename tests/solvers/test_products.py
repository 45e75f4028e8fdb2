"""Combinations of products: found for what holds, taken by the kernel, never wrong."""

from __future__ import annotations

import subprocess
import sys
import time
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.solvers.polynomial_claims import (
    Claim,
    accept,
    hypotheses_of,
    literals_of,
    read_literal,
)
from tests.solvers.polynomial_table import ARGUMENTS, CLASSICAL, FALSE
from verify.kernel.polynomials import add, multiply
from verify.kernel.rejections import Rejected
from verify.kernel.terms import REAL, Sort, Symbol, make_application, make_equal
from verify.solvers import rays
from verify.solvers.combinations import (
    Combination,
    find_combination,
    is_contradiction,
)
from verify.solvers.packed import (
    combine,
    divide,
    divides,
    make_numbering,
    product,
    root,
)
from verify.solvers.products import find_products
from verify.solvers.simplex import Conflict, Simplex
from verify.solvers.substitution import make_system

SECONDS = 20.0
TRUE = CLASSICAL | ARGUMENTS


@pytest.mark.parametrize("name", TRUE)
def test_what_holds_is_certified(name: str) -> None:
    combination = find_combination(hypotheses_of(TRUE[name]), SECONDS)
    assert combination is not None
    assert accept(literals_of(TRUE[name]), combination).claim == "proved"


@pytest.mark.parametrize("name", ARGUMENTS)
def test_steps_of_arguments_need_no_squares_by_semidefinite_programming(
    name: str,
) -> None:
    system = make_system(hypotheses_of(ARGUMENTS[name]), solve=True)
    deadline = time.monotonic() + SECONDS
    levels = range(3)
    assert any(find_products(system, level, deadline) for level in levels)


@pytest.mark.parametrize("name", FALSE)
def test_nothing_is_found_for_what_fails(name: str) -> None:
    start = time.monotonic()
    assert find_combination(hypotheses_of(FALSE[name]), 2.0) is None
    assert time.monotonic() - start < 10


def test_a_linear_conflict_takes_no_products() -> None:
    claim: Claim = (("x <= y", "y < z"), "x < z")
    combination = find_combination(hypotheses_of(claim), SECONDS)
    assert combination is not None
    assert [len(factors) for _, factors, _ in combination.products] == [1, 1, 1]


def test_equations_that_define_are_paid_for_with_factors() -> None:
    combination = find_combination(hypotheses_of(ARGUMENTS["bound"]), SECONDS)
    assert combination is not None
    assert {index for index, _ in combination.equations} == {2, 3}


def test_no_time_is_no_combination() -> None:
    assert find_combination(hypotheses_of(ARGUMENTS["bound"]), 0.0) is None


def test_equations_between_objects_take_no_part() -> None:
    thing = Sort("Thing")
    one, two = (make_application(Symbol(name, (), thing)) for name in "ab")
    equation = ("=", {(one,): Fraction(1), (two,): Fraction(-1)})
    hypotheses = [equation, *hypotheses_of(ARGUMENTS["bound"])]
    combination = find_combination(hypotheses, SECONDS)
    assert combination is not None
    assert all(index for index, _ in combination.equations)
    assert find_combination([equation], SECONDS) is None


def test_importing_and_a_typical_step_load_no_numerical_package() -> None:
    script = (
        "import sys\n"
        "from tests.solvers.polynomial_claims import hypotheses_of\n"
        "from tests.solvers.polynomial_table import ARGUMENTS\n"
        "from verify.solvers.combinations import find_combination\n"
        "assert find_combination(hypotheses_of(ARGUMENTS['invariant']), 5.0)\n"
        "print(*{'numpy', 'scipy', 'clarabel', 'z3'} & set(sys.modules))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == []


SQUARE: Claim = ((), "x^2 >= 0")
REJECTED: dict[str, Combination] = {
    "a multiplier below 0": Combination(((Fraction(-1), (0,), None),), ()),
    "terms left over": Combination(((Fraction(1), (0,), None),), ()),
    "nothing strict": Combination((), ()),
    "an inequality as an equation": Combination((), ((0, {(): Fraction(1)}),)),
    "0 times the strict one": Combination(((Fraction(0), (0,), None),), ()),
}


@pytest.mark.parametrize("name", REJECTED)
def test_what_the_kernel_rejects_is_no_contradiction(name: str) -> None:
    assert not is_contradiction(hypotheses_of(SQUARE), REJECTED[name])
    with pytest.raises(Rejected) as caught:
        accept(literals_of(SQUARE), REJECTED[name])
    assert caught.value.rule == "product"


def test_a_strict_product_counts_only_without_a_square() -> None:
    claim: Claim = (("x > 0",), "x <= 0")
    zero = make_numbering([poly for _, poly in hypotheses_of(claim)]).unpack({0: 0})
    empty = Combination(((Fraction(1), (0,), zero),), ())
    assert not is_contradiction(hypotheses_of(claim), empty)


numbers = st.integers(-3, 3)
columns = st.dictionaries(st.integers(0, 4), numbers.filter(bool), max_size=4)


@given(st.lists(columns, min_size=1, max_size=7), st.lists(columns, max_size=3))
def test_a_ray_is_found_exactly_when_there_is_one(
    positive: list[dict[int, int]], free: list[dict[int, int]]
) -> None:
    strict = range(0, len(positive), 2)
    ray = rays.find_ray(
        [dict(column) for column in positive],
        strict,
        [dict(column) for column in free],
        deadline=time.monotonic() + SECONDS,
        work=10**6,
    )
    simplex = Simplex()
    for _ in range(len(positive) + len(free)):
        simplex.variable()
    conflict: Conflict | None = None
    everything = positive + free
    for row in range(5):
        form = {
            at: Fraction(column[row])
            for at, column in enumerate(everything)
            if row in column
        }
        conflict = conflict or simplex.assert_literal(1, "=", form, Fraction(0))
    for at in range(len(positive)):
        unit = {at: Fraction(1)}
        conflict = conflict or simplex.assert_literal(1, ">=", unit, Fraction(0))
    total = dict.fromkeys(strict, Fraction(1))
    conflict = conflict or simplex.assert_literal(1, ">", total, Fraction(0))
    assert (ray is None) == ((conflict or simplex.check()) is not None)
    if ray is not None:
        assert all(value > 0 for value in ray.positive.values())
        assert any(at in ray.positive for at in strict)
        parts = [(value, dict(positive[at])) for at, value in ray.positive.items()]
        parts += [(value, dict(free[at])) for at, value in ray.free.items()]
        assert combine(parts) == {}


GENERATORS = [make_application(Symbol(name, (), REAL)) for name in "xyz"]
monomials = st.lists(st.sampled_from(GENERATORS), max_size=4).map(
    lambda terms: tuple(sorted(terms, key=lambda term: term.key))
)
polynomials = st.dictionaries(monomials, numbers.filter(bool).map(Fraction), max_size=5)


@given(polynomials, polynomials)
def test_packed_polynomials_multiply_as_the_kernels_do(left: dict, right: dict) -> None:
    numbering = make_numbering([left, right])
    packed = product(numbering.pack(left), numbering.pack(right))
    assert numbering.unpack(packed) == multiply(left, right)


@given(monomials, monomials)
def test_roots_and_divisors_of_packed_monomials(left: tuple, right: tuple) -> None:
    numbering = make_numbering([{left: Fraction(1)}, {right: Fraction(1)}])
    (one,), (two,) = (numbering.pack({at: Fraction(1)}) for at in (left, right))
    assert root(2 * one) == one
    assert divides(one, one + two)
    counts = [(left.count(term), right.count(term)) for term in GENERATORS]
    assert divides(one, two) == all(few <= many for few, many in counts)
    assert (root(one) is None) == any(count % 2 for count, _ in counts)


@given(polynomials, polynomials)
def test_division_by_a_generator_minus_a_value(poly: dict, value: dict) -> None:
    value = {at: c for at, c in value.items() if GENERATORS[0] not in at}
    unit = {(GENERATORS[0],): Fraction(1)}
    numbering = make_numbering([poly, value, unit])
    place = numbering.places[GENERATORS[0]]
    quotient, rest = divide(numbering.pack(poly), place, numbering.pack(value))
    divisor = add(((Fraction(1), unit), (Fraction(-1), value)))
    whole = multiply(numbering.unpack(quotient), divisor)
    back = add(((Fraction(1), whole), (Fraction(1), numbering.unpack(rest))))
    assert back == poly
    assert all(GENERATORS[0] not in at for at in numbering.unpack(rest))


def test_the_table_is_read_as_written() -> None:
    x = make_application(Symbol("x", (), REAL))
    assert read_literal("x = x") == make_equal(x, x)
