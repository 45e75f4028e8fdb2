"""Programs as layers: the same numbers, the same rows, whatever the units take."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from verify.kernel.networks import Program, Row, Unit
from verify.networks.certificates import regions
from verify.networks.statements.layering import Unbounded, make_query
from verify.networks.values import exact

numbers = st.fractions(-3, 3, max_denominator=7)


@st.composite
def programs(draw: st.DrawFn) -> Program:
    """A program of relu, linear and sign units over two inputs, and some rows."""
    units: list[Unit] = []
    for number in range(2, 2 + draw(st.integers(1, 6))):
        taken = draw(st.lists(st.integers(0, number - 1), unique=True, max_size=3))
        weights = [(v, draw(numbers.filter(bool))) for v in sorted(taken)]
        kind = draw(st.sampled_from(("relu", "relu", "linear", "sign")))
        units.append(Unit(kind, draw(numbers), tuple(weights)))
    last = 2 + len(units)
    rows = []
    for _ in range(draw(st.integers(1, 3))):
        taken = draw(st.lists(st.integers(0, last - 1), unique=True, max_size=3))
        weights = [(v, draw(numbers.filter(bool))) for v in sorted(taken)]
        rows.append(Row(draw(numbers), tuple(weights), draw(st.booleans())))
    one = Fraction(1)
    return Program(tuple(units), tuple(rows), ((-one, one), (-one, 2 * one)))


@settings(max_examples=80, deadline=None)
@given(programs(), st.tuples(numbers, numbers))
def test_layers_give_what_units_give(
    program: Program, point: tuple[Fraction, Fraction]
) -> None:
    query = make_query(program)
    (case,) = query.cases
    values = regions.evaluate(program, point)
    spoken = sorted({v for row in program.rows for v, _ in row.weights if v >= 2})
    outputs = exact.evaluate(query.network, point)
    assert outputs == tuple(values[variable][0] for variable in spoken)
    for row, written in zip(program.rows, case.rows, strict=True):
        total = row.constant + sum(w * values[v][0] for v, w in row.weights)
        again = written.constant + sum(w * point[i] for i, w in written.inputs)
        again += sum(w * outputs[k] for k, w in written.outputs)
        assert (again, written.strict) == (total, row.strict)
    assert (case.lower, case.upper) == ((-1, -1), (1, 2))


def test_a_missing_side_is_said_so() -> None:
    program = Program((), (), ((None, Fraction(1)),))
    with pytest.raises(Unbounded):
        make_query(program)
