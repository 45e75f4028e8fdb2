"""Arrays of exact numbers: floats for as long as they are exact, fractions after that."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from verify.networks.errors import ModelError
from verify.networks.reading.arrays import (
    MAX_BITS,
    Array,
    add,
    divide,
    fractions_of,
    join,
    make_array,
    make_exact,
    multiply,
    negate,
    rearrange,
    scatter,
    take,
)

F = Fraction
FLOATS = st.one_of(
    st.floats(allow_nan=False, allow_infinity=False),
    st.floats(allow_nan=False, allow_infinity=False, width=32),
    st.integers(-4, 4).map(float),
    st.sampled_from([5e-324, 2.0**-540, 2.0**480, 1.7e308, -0.0, 0.1, 1 / 3]),
)
SMALL = st.fractions(max_denominator=1000).filter(lambda x: abs(x) < 10**6)


@st.composite
def arrays(draw: st.DrawFn, size: int = 3) -> Array:
    if draw(st.booleans()):
        return make_array(draw(st.lists(FLOATS, min_size=size, max_size=size)))
    return make_exact(objects(draw(st.lists(SMALL, min_size=size, max_size=size))))


def objects(values: list[Fraction]) -> np.ndarray:
    made = np.empty(len(values), dtype=object)
    made[:] = values
    return made


def listed(array: Array) -> list[Fraction]:
    return list(fractions_of(array))


def is_consistent(array: Array) -> bool:
    """Fractions only where floats do not do, and then the floats are the nearest."""
    exact = array.exact
    if exact is None:
        return bool(np.isfinite(array.floats).all())
    nearest = [float(x) for x in exact]
    return array.floats.tolist() == nearest and any(
        F(x) != y for x, y in zip(nearest, exact, strict=True)
    )


@given(arrays(), arrays())
def test_sums_and_products_are_exact(left: Array, right: Array) -> None:
    for function, plain in ((add, F.__add__), (multiply, F.__mul__)):
        expected = list(map(plain, listed(left), listed(right)))
        if any(abs(x) > F(1.7e308) for x in expected):
            continue
        made = function(left, right)
        assert listed(made) == expected
        assert is_consistent(made)


@given(arrays(), arrays())
def test_quotients_are_exact(left: Array, right: Array) -> None:
    below = listed(right)
    if not all(below):
        with pytest.raises(ModelError, match="is a division by zero"):
            divide(left, right)
        return
    expected = [x / y for x, y in zip(listed(left), below, strict=True)]
    if all(abs(x) < F(1.7e308) for x in expected):
        assert listed(divide(left, right)) == expected


@given(arrays(), arrays())
def test_moving_is_exact(left: Array, right: Array) -> None:
    assert listed(negate(left)) == [-x for x in listed(left)]
    assert listed(join([left, right], 0)) == listed(left) + listed(right)
    assert listed(rearrange(left, lambda v: v[::-1])) == listed(left)[::-1]
    assert listed(take(left, np.array([2, 2]))) == [listed(left)[2]] * 2


@given(st.lists(st.tuples(st.integers(0, 3), SMALL | FLOATS.map(F)), max_size=80))
def test_scatter_adds_what_meets(pairs: list[tuple[int, Fraction]]) -> None:
    values = make_exact(objects([value for _, value in pairs]))
    places = np.array([place for place, _ in pairs], dtype=np.int64)
    expected = [sum((v for p, v in pairs if p == place), F(0)) for place in range(4)]
    if all(abs(x) < F(1.7e308) for x in expected) and sum(abs(v) for _, v in pairs) < F(
        1.7e308
    ):
        assert listed(scatter(4, places, values)) == expected


def test_what_float32_multiplies_stays_float() -> None:
    thirds = make_array(np.full(5, np.float32(1 / 3)))
    assert multiply(thirds, thirds).exact is None
    assert multiply(multiply(thirds, thirds), thirds).exact is not None


@pytest.mark.parametrize("values, reason", [
    ([F(1, 2 ** (MAX_BITS + 1))], "a weight has more than 4096 bits"),
    ([F(2**2_000)], "a weight is beyond the range of float64"),
])  # fmt: skip
def test_refuses(values: list[Fraction], reason: str) -> None:
    with pytest.raises(ModelError, match=reason):
        make_exact(objects(values))
