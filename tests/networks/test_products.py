"""A product of networks is its parts side by side, on inputs that may be shared."""

from __future__ import annotations

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from tests.networks.samples import make_network, tent
from verify.networks.network import Activation
from verify.networks.properties.products import Wire, combine
from verify.networks.values.exact import evaluate

THIRD = Fraction(1, 3)
TWO_TO_TWO = make_network(
    ([[1.0, -1.0], [0.5, 2.0]], [0.0, -1.0]), ([[1.0, 1.0], [0.0, -3.0]], [0.25, 0.0])
)
numbers = st.fractions(-4, 4, max_denominator=12)


def own(start: int, count: int) -> list[Wire]:
    return [Wire({start + k: Fraction(1)}, Fraction(0)) for k in range(count)]


def test_a_single_network_on_its_own_inputs_is_itself() -> None:
    assert combine([TWO_TO_TWO], 2, own(0, 2)) is TWO_TO_TWO
    assert combine([TWO_TO_TWO], 2, own(0, 2)[::-1]) is not TWO_TO_TWO


@given(st.lists(numbers, min_size=3, max_size=3))
def test_parts_on_separate_inputs(point: list[Fraction]) -> None:
    product = combine([TWO_TO_TWO, tent()], 3, own(0, 3))
    assert (product.inputs, product.outputs) == (3, 3)
    wanted = (*evaluate(TWO_TO_TWO, point[:2]), *evaluate(tent(), point[2:]))
    assert evaluate(product, point) == wanted


@given(st.lists(numbers, min_size=2, max_size=2))
def test_parts_on_affine_functions_of_shared_inputs(point: list[Fraction]) -> None:
    shifted = Wire({0: THIRD, 1: Fraction(-2)}, Fraction(1, 7))
    product = combine([TWO_TO_TWO, tent()], 2, [*own(0, 2), shifted])
    third = THIRD * point[0] - 2 * point[1] + Fraction(1, 7)
    wanted = (*evaluate(TWO_TO_TWO, point), *evaluate(tent(), [third]))
    assert evaluate(product, point) == wanted


def test_names_and_units_of_the_parts_are_kept() -> None:
    product = combine([TWO_TO_TWO, tent()], 3, own(0, 3))
    assert len(product.names) == len(product.layers)
    assert product.names[2] == "network 1, layer 1"
    assert [product.layers[unit].size for unit in product.units] == [2, 3]
    assert all(isinstance(product.layers[unit], Activation) for unit in product.units)
