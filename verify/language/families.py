"""The networks of a class as terms over their parameters.

Parameters are constants with a `?` before their names, which no document can declare, so
that formulas over them can be put together freely before a quantifier takes them. For a
signed class they are c, then s1, w1_1, ..., b1 of each unit, and the unit adds
`if 0 <= s then relu(w . x + b) else -relu(w . x + b)`: by positive homogeneity, every
outgoing weight can be moved into w and b up to its sign. For others they are the rows of
each layer, w1_k_1, ..., b1_k for unit k, then v_k_1, ..., c_k for output k.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise
from typing import Final, NamedTuple

from verify.kernel import terms
from verify.kernel.terms import REAL, Symbol, Term
from verify.language import sugar
from verify.language.things import ModelClass

ZERO: Final = terms.make_number(0, REAL)


class Family(NamedTuple):
    """The parameters of a class in order; `signs` are those of them that are signs."""

    model: ModelClass
    parameters: tuple[Symbol, ...]
    signs: tuple[Symbol, ...]


def make_parameter(name: str) -> Symbol:
    return Symbol(f"?{name}", (), REAL)


def make_numeral(value: Fraction | int) -> Term:
    return terms.make_number(value, REAL)


def count_parameters(model: ModelClass) -> int:
    """How many parameters there are, signs included."""
    if model.signed:
        return 1 + sum(model.layers) * (model.inputs + 2)
    if not model.layers:
        return model.outputs
    sizes = (model.inputs, *model.layers, model.outputs)
    return sum((below + 1) * above for below, above in pairwise(sizes))


def make_family(model: ModelClass) -> Family:
    """The parameters of a class."""
    if not model.signed:
        names = []
        sizes = (model.inputs, *model.layers)
        for layer, size in enumerate(model.layers, 1):
            for unit in range(1, size + 1):
                names += [
                    f"w{layer}_{unit}_{i}" for i in range(1, sizes[layer - 1] + 1)
                ]
                names.append(f"b{layer}_{unit}")
        for output in range(1, model.outputs + 1):
            names += [f"v{output}_{i}" for i in range(1, sizes[-1] + 1) if model.layers]
            names.append(f"c{output}")
        return Family(model, tuple(map(make_parameter, names)), ())
    names, signs = ["c"], []
    for unit in range(1, sum(model.layers) + 1):
        signs.append(make_parameter(f"s{unit}"))
        weights = [f"w{unit}_{i}" for i in range(1, model.inputs + 1)]
        names += [f"s{unit}", *weights, f"b{unit}"]
    return Family(model, tuple(map(make_parameter, names)), tuple(signs))


def make_outputs(family: Family, point: Sequence[Term]) -> tuple[Term, ...]:
    """What the network with these parameters gives at a point, for each output."""
    values = [terms.constant(symbol) for symbol in family.parameters]
    model = family.model
    if model.signed:
        parts = [values[0]]
        step = model.inputs + 2
        for first in range(1, len(values), step):
            sign, *row = values[first : first + step]
            parts.append(make_signed(sign, make_unit(row, point)))
        return (terms.make_sum(*parts),)
    below = tuple(point)
    place = 0
    for size in model.layers:
        step = len(below) + 1
        rows = [values[place + k * step : place + (k + 1) * step] for k in range(size)]
        place += size * step
        below = tuple(make_unit(row, below) for row in rows)
    if not model.layers:
        return tuple(values)
    step = len(below) + 1
    rows = [
        values[place + k * step : place + (k + 1) * step] for k in range(model.outputs)
    ]
    return tuple(make_row(row, below) for row in rows)


def make_row(row: Sequence[Term], point: Sequence[Term]) -> Term:
    """weights . point + bias, where `row` has the weights and then the bias."""
    parts = [
        part
        for weight, value in zip(row, point, strict=False)
        if (part := _multiply(weight, value)) != ZERO
    ]
    return terms.make_sum(*parts, row[-1])


def _multiply(weight: Term, value: Term) -> Term:
    """A product without a factor 1, or 0."""
    if ZERO in (weight, value):
        return ZERO
    one = make_numeral(1)
    if one in (weight, value):
        return value if weight == one else weight
    return terms.make_product(weight, value)


def make_unit(row: Sequence[Term], point: Sequence[Term]) -> Term:
    return sugar.make_relu(make_row(row, point))


def make_signed(sign: Term, value: Term) -> Term:
    """The value of a unit with its sign."""
    positive = terms.make_at_most(ZERO, sign)
    return terms.make_if(positive, value, sugar.make_minus(value))


def make_condition(family: Family) -> Term | None:
    """What a class says of its parameters, one part for each in order; None: nothing."""
    model = family.model
    if model.free:
        return None
    parts: list[Term] = []
    for symbol in family.parameters:
        value = terms.constant(symbol)
        if model.weights:
            choices = (-1, 1) if symbol in family.signs else model.weights
            equations = (terms.make_equal(value, make_numeral(a)) for a in choices)
            parts.append(terms.make_or(*equations))
        elif symbol not in family.signs and model.bound is not None:
            parts.append(terms.make_at_most(make_numeral(-model.bound), value))
            parts.append(terms.make_at_most(value, make_numeral(model.bound)))
    return terms.make_and(*parts)
