"""The simplex finds values that fit, or multipliers that show none do."""

from __future__ import annotations

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from verify.solvers.simplex import Conflict, Simplex

Constraint = tuple[str, dict[int, Fraction], Fraction]


def run(constraints: list[Constraint], variables: int) -> Conflict | list[Fraction]:
    simplex = Simplex()
    for _ in range(variables):
        simplex.variable()
    for literal, (kind, form, constant) in enumerate(constraints, 1):
        conflict = simplex.assert_literal(literal, kind, form, constant)
        if conflict:
            return conflict
    return simplex.check() or simplex.solution()


def holds(constraint: Constraint, values: list[Fraction]) -> bool:
    kind, form, constant = constraint
    total = constant + sum(c * values[v] for v, c in form.items())
    return {"=": total == 0, ">=": total >= 0, ">": total > 0}[kind]


def shows_conflict(constraints: list[Constraint], conflict: Conflict) -> bool:
    """Farkas: the combination is a false constant, with admissible multipliers."""
    total: dict[int, Fraction] = {}
    constant, strict = Fraction(0), False
    for literal, multiplier in conflict.multipliers:
        kind, form, value = constraints[literal - 1]
        if multiplier < 0 and kind != "=":
            return False
        strict = strict or (kind == ">" and multiplier > 0)
        constant += multiplier * value
        for v, c in form.items():
            total[v] = total.get(v, Fraction(0)) + multiplier * c
    return not any(total.values()) and (constant < 0 or (constant == 0 and strict))


numbers = st.integers(-3, 3).map(Fraction)
forms = st.dictionaries(st.integers(0, 3), numbers.filter(bool), min_size=0, max_size=4)
constraints_strategy = st.lists(
    st.tuples(st.sampled_from(["=", ">=", ">"]), forms, numbers), min_size=1, max_size=9
)


@given(constraints_strategy)
def test_values_fit_or_the_multipliers_prove_that_none_do(
    constraints: list[Constraint],
) -> None:
    found = run(constraints, 4)
    if isinstance(found, Conflict):
        assert shows_conflict(constraints, found)
    else:
        assert all(holds(constraint, found) for constraint in constraints)


@given(constraints_strategy, constraints_strategy)
def test_a_second_run_on_the_same_tableau_forgets_the_first(
    first: list[Constraint], second: list[Constraint]
) -> None:
    simplex = Simplex()
    for _ in range(4):
        simplex.variable()
    for constraints in (first, second):
        simplex.reset()
        conflict = None
        for literal, (kind, form, constant) in enumerate(constraints, 1):
            conflict = conflict or simplex.assert_literal(literal, kind, form, constant)
        conflict = conflict or simplex.check()
    assert (conflict is None) == (not isinstance(run(second, 4), Conflict))


def test_strict_bounds_that_only_touch_conflict() -> None:
    one = Fraction(1)
    found = run([(">", {0: one}, Fraction(0)), (">=", {0: -one}, Fraction(0))], 1)
    assert isinstance(found, Conflict)
    assert dict(found.multipliers) == {1: 1, 2: 1}
