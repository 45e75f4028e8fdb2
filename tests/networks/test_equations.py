"""Equations between inputs are solved: what is left means the same."""

from __future__ import annotations

from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st

from verify.networks.properties.constraints import (
    And,
    Formula,
    Literal,
    Not,
    Or,
    Term,
    compare,
    make_constant,
    make_variable,
)
from verify.networks.properties.equations import solve

INPUTS = 4
OUTPUT = make_variable(~0)
OUTPUT_POSITIVE = compare(">", OUTPUT, make_constant(Fraction(0)))


def value(term: Term, point: list[Fraction], output: Fraction) -> Fraction:
    total = term.constant
    for variable, coefficient in term.coefficients.items():
        total += coefficient * (point[variable] if variable >= 0 else output)
    return total


def holds(formula: Formula, point: list[Fraction], output: Fraction) -> bool:
    match formula:
        case Literal(term, strict):
            known = value(term, point, output)
            return known > 0 if strict else known >= 0
        case Not(part):
            return not holds(part, point, output)
        case And(parts):
            return all(holds(part, point, output) for part in parts)
        case Or(parts):
            return any(holds(part, point, output) for part in parts)


def equation(left: int, right: int) -> Formula:
    return compare("=", make_variable(left), make_variable(right))


def test_a_copy_is_replaced_by_its_original() -> None:
    bound = compare("<=", make_variable(3), make_constant(Fraction(5)))
    solved = solve([equation(3, 1), bound], INPUTS)
    assert solved.kept == (0, 1, 2)
    assert solved.definitions == {3: make_variable(1)}
    assert solved.formulas == (
        compare("<=", make_variable(1), make_constant(Fraction(5))),
    )


def test_chains_are_followed_whatever_their_order() -> None:
    for order in ([(1, 0), (2, 1), (3, 2)], [(3, 2), (2, 1), (1, 0)]):
        solved = solve([equation(*pair) for pair in order], INPUTS)
        assert solved.kept == (0,)
        assert set(solved.definitions) == {1, 2, 3}
        for term in solved.definitions.values():
            assert term == make_variable(0)


def test_equations_joined_by_and_are_seen() -> None:
    joined = And((equation(2, 0), And((equation(3, 1), OUTPUT_POSITIVE))))
    solved = solve([joined], INPUTS)
    assert solved.kept == (0, 1) and solved.formulas == (OUTPUT_POSITIVE,)


def test_bounds_and_equations_with_outputs_stay() -> None:
    pinned = compare("=", make_variable(2), make_constant(Fraction(1)))
    output = compare("=", OUTPUT, make_variable(1))
    solved = solve([pinned, output], INPUTS)
    assert solved.kept == (0, 1, 2, 3) and solved.formulas == (pinned, output)


def test_an_equation_below_an_or_is_no_definition() -> None:
    either = Or((equation(1, 0), equation(2, 0)))
    assert solve([either], INPUTS).kept == (0, 1, 2, 3)


small = st.integers(-2, 2).map(Fraction)
terms = st.builds(
    lambda pairs, constant: Term({v: c for v, c in pairs.items() if c}, constant),
    st.dictionaries(st.integers(-1, INPUTS - 1), small, max_size=3),
    small,
)
asserted = st.one_of(
    st.builds(compare, st.sampled_from(["=", "<=", ">"]), terms, terms),
    st.builds(
        lambda a, b: Or((a, Not(b))),
        st.builds(compare, st.just("="), terms, terms),
        st.builds(compare, st.just("<"), terms, terms),
    ),
)


@given(
    st.lists(asserted, min_size=1, max_size=4),
    st.lists(small, min_size=INPUTS, max_size=INPUTS),
    small,
)
@settings(max_examples=300)
def test_what_is_left_holds_where_the_whole_held(
    formulas: list[Formula], numbers: list[Fraction], output: Fraction
) -> None:
    solved = solve(formulas, INPUTS)
    kept = [numbers[index] for index in solved.kept]
    point = [
        numbers[index]
        if index in solved.kept
        else value(solved.definitions[index], kept, output)
        for index in range(INPUTS)
    ]
    left = all(holds(formula, kept, output) for formula in solved.formulas)
    assert left is all(holds(formula, point, output) for formula in formulas)
    if all(holds(formula, numbers, output) for formula in formulas):
        assert point == numbers and left
