"""`replaceable(C, D, l)`: whether other weights for the units of a circuit lower the loss.

`least(C, D, l)` is the infimum of the loss over the weights that come into the units of C,
their biases and the weights that leave them, all else as it is. A unit may read all of the
layer before its own, and is read by all of the layer after. In the last hidden layer the
rest of the network is a number at each point, `without(f, C)(x)`, and what the layer before
gives are coordinates, so that the weights of the network need not be known: with one output
this is the fit of a hidden layer, an outgoing weight being its sign times what moves into
the unit. For other circuits the network's own weights are part of the formula; those of a
network in a file are no business of this room.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import TYPE_CHECKING

from verify.kernel import terms
from verify.kernel.fits import make_fit
from verify.kernel.networks import Unit
from verify.kernel.rejections import Rejected
from verify.kernel.terms import Symbol, Term
from verify.language.applications import read_circuit
from verify.language.expansion import bind_constants
from verify.language.families import make_numeral, make_parameter, make_row, make_unit
from verify.language.functions import Function
from verify.language.local import Local
from verify.language.losses import make_lower_bound
from verify.language.quantities import Fit, Quantity, make_name
from verify.language.subjects import (
    CIRCUITS,
    MAX_PARAMETERS,
    Measured,
    find_data,
    keep,
    make_subject,
    measure,
    read_closed_number,
    write_out,
)
from verify.language.sugar import make_relu
from verify.language.syntax import Expression
from verify.language.theory import Unsupported, split_named
from verify.language.things import Circuit, Network

if TYPE_CHECKING:  # formulas.py needs what is read here
    from verify.language.formulas import Reader


def read_least(reader: Reader, node: Expression, local: Local) -> Term:
    """The constant of `least(C, D, l)`."""
    return _make_least(reader, node, *_read_circuit(reader, node))


def read_replaceable(reader: Reader, node: Expression, local: Local) -> Term:
    """`replaceable(C, D, l, by = m)`: `least(C, D, l) < loss(f, D, l) - m`."""
    circuit, network, measured = _read_circuit(reader, node)
    margin = Fraction(0)
    if len(node.args) > 4:
        _, value = split_named(node.args[4])
        margin = read_closed_number(reader, value, local.names, "the margin")
        if margin < 0:
            message = f"a margin is 0 or more, got {reader.source.quote(value.span)}"
            raise reader.source.error(value.span, message, "write by = 1/4")
    least = _make_least(reader, node, circuit, network, measured)
    loss = write_out(reader, node, measured)
    if margin:
        loss = terms.make_sum(loss, make_numeral(-margin))
    return terms.make_less(least, loss)


def _read_circuit(
    reader: Reader, node: Expression
) -> tuple[Circuit, Network, Measured]:
    _, place, data_node, loss = node.args[:4]
    circuit = read_circuit(reader.source, reader.scope, place)
    network = reader.scope.read.get(circuit.network)
    if not isinstance(network, Network):
        raise Unsupported(f"the network of {circuit.name} is not read here")
    reader.spoken[circuit.name] = reader.spoken[network.name] = None
    data = find_data(reader, data_node)
    subject = make_subject(network, ())
    return circuit, network, measure(reader, subject, data, loss.text, data_node)


def _beyond(circuit: Circuit, what: str) -> Unsupported:
    return Unsupported(
        f"replacements of {circuit.name} are not stated here: {what}; {CIRCUITS}"
    )


def _make_least(
    reader: Reader,
    node: Expression,
    circuit: Circuit,
    network: Network,
    measured: Measured,
) -> Term:
    """The constant for the least loss over the weights of a circuit's units."""
    data, loss = measured.data, measured.loss
    name = make_name("least", circuit.name, data.name, loss)
    known = reader.scope.quantities.get(name)
    if known is not None:
        return known.constant
    if not network.outline.stacked:
        raise _beyond(
            circuit, f"{network.name} is not made of relu layers, each fed by the last"
        )
    fit = None
    try:
        if {layer for layer, _ in circuit.units} == {len(network.outline.layers)}:
            fit, formula = _make_last(circuit, network, measured)
        else:
            formula = _make_deeper(circuit, network, measured)
    except Rejected:
        raise _beyond(circuit, "the formula is too large") from None
    written = f"least({circuit.name}, {data.name}, {loss})"
    quantity = Quantity(
        name, "infimum", formula, "least", written, circuit.name, data.name, loss,
        fit=fit,
    )  # fmt: skip
    return keep(reader, node, quantity)


def _make_last(
    circuit: Circuit, network: Network, measured: Measured
) -> tuple[Fit | None, Term]:
    """For units of the last hidden layer: the meaning, and the fit that it is, if any."""
    _, data, loss = measured
    outputs = network.outline.outputs
    before = _size_before(network, len(network.outline.layers))
    count = len(circuit.units)
    if count * (before + 1 + outputs) > MAX_PARAMETERS:
        raise _beyond(circuit, f"its units take {before} numbers each")
    rest = make_subject(network, (circuit.name,))
    points, offsets = [], []
    for point in data.inputs:
        known = [make_numeral(x) for x in point]
        points.append(_coordinates(network, known))
        offsets.append(rest.apply(known))
    if outputs == 1:
        fit = Fit(
            loss,
            tuple(points),
            tuple(make_numeral(target) for (target,) in data.targets),
            tuple(offset for (offset,) in offsets),
            count,
            False,
        )
        return fit, make_fit(*fit[:5], constant=False)
    parameters: list[Symbol] = []
    rows: list[list[Term]] = []
    for unit in range(1, count + 1):
        names = [f"w{unit}_{i}" for i in range(1, before + 1)]
        names += [f"b{unit}", *(f"v{unit}_{k}" for k in range(1, outputs + 1))]
        symbols = [make_parameter(name) for name in names]
        parameters += symbols
        rows.append([terms.constant(symbol) for symbol in symbols])

    def give(place: int) -> Sequence[Term]:
        units = [make_unit(row[: before + 1], points[place]) for row in rows]
        return [
            terms.make_sum(
                offset,
                *(
                    terms.make_product(row[before + 1 + k], value)
                    for row, value in zip(rows, units, strict=True)
                ),
            )
            for k, offset in enumerate(offsets[place])
        ]

    bound = make_parameter("v")
    body = make_lower_bound(loss, terms.constant(bound), data, give)
    return None, bind_constants("forall", (bound, *parameters), body)


def _size_before(network: Network, layer: int) -> int:
    """How many numbers a unit of a layer reads."""
    return network.outline.layers[layer - 2] if layer > 1 else network.inputs


def _coordinates(network: Network, point: Sequence[Term]) -> tuple[Term, ...]:
    """What the units of the last hidden layer read at a point."""
    layer = len(network.outline.layers) - 1
    if not layer:
        return tuple(point)
    return tuple(
        terms.make_application(
            Function(network.name, (), (layer, unit)).symbol(network.inputs), point
        )
        for unit in range(1, network.outline.layers[layer - 1] + 1)
    )


def _make_deeper(circuit: Circuit, network: Network, measured: Measured) -> Term:
    """For any units of an inline network."""
    if network.units is None:
        raise _beyond(
            circuit,
            f"it is not in the last layer of units, and {network.name} is in a file",
        )
    last = {
        variable
        for name, variable in network.units.outputs
        if name.startswith(f"{network.name}.{len(network.outline.layers)}.")
    }
    if not {variable for variable, _ in network.units.units[-1].weights} <= last:
        raise _beyond(
            circuit, f"the output of {network.name} reads more than one layer"
        )
    layers = _Layers(circuit, network)
    if len(layers.parameters) > MAX_PARAMETERS:
        raise _beyond(circuit, f"there are {len(layers.parameters)} weights to choose")
    bound = make_parameter("v")
    body = make_lower_bound(
        measured.loss,
        terms.constant(bound),
        measured.data,
        lambda place: [layers.output(measured.data.inputs[place])],
    )
    return bind_constants("forall", (bound, *layers.parameters), body)


class _Layers:
    """An inline network of relu layers with parameters for some of its weights.

    `rows` has for each layer, and last for the output, the bias and the weights of each
    unit, a number where it is the network's own.
    """

    def __init__(self, circuit: Circuit, network: Network) -> None:
        self.parameters: list[Symbol] = []
        self.rows: list[list[tuple[Fraction | Term, list[Fraction | Term]]]] = []
        units = network.units
        sizes = network.outline.layers
        if units is None:
            raise Rejected("an inline network", network.name)
        named = dict(units.outputs)
        below = list(range(network.inputs))
        for layer, size in enumerate((*sizes, 1), 1):
            last = layer > len(sizes)
            parts = [() if last else (layer, unit) for unit in range(1, size + 1)]
            here = [named[Function(network.name, (), part).name] for part in parts]
            free = {u for at, u in circuit.units if at == layer - 1}
            rows = []
            for unit, variable in enumerate(here, 1):
                own = units.units[variable - units.inputs]
                chosen = (layer, unit) in circuit.units
                rows.append(self._row(own, below, (layer, unit), free, chosen))
            self.rows.append(rows)
            below = here

    def _row(
        self,
        own: Unit,
        below: Sequence[int],
        place: tuple[int, int],
        free: set[int],
        chosen: bool,
    ) -> tuple[Fraction | Term, list[Fraction | Term]]:
        """The bias and the weights of a unit; `free` are the units below that are."""
        layer, unit = place
        known = dict(own.weights)
        weights: list[Fraction | Term] = []
        for number, variable in enumerate(below, 1):
            if chosen or number in free:
                weights.append(self._new(f"w{layer}_{unit}_{number}"))
            else:
                weights.append(known.get(variable, Fraction(0)))
        return self._new(f"b{layer}_{unit}") if chosen else own.bias, weights

    def _new(self, name: str) -> Term:
        symbol = make_parameter(name)
        self.parameters.append(symbol)
        return terms.constant(symbol)

    def output(self, point: Sequence[Fraction]) -> Term:
        """What the network gives at a point."""
        values: list[Fraction | Term] = list(point)
        for rows in self.rows[:-1]:
            values = [_relu(_weigh(bias, weights, values)) for bias, weights in rows]
        bias, weights = self.rows[-1][0]
        return _as_term(_weigh(bias, weights, values))


def _weigh(
    bias: Fraction | Term,
    weights: Sequence[Fraction | Term],
    values: Sequence[Fraction | Term],
) -> Fraction | Term:
    """bias + weights . values, a number where all of them are."""
    number, parts, factors = Fraction(0), [], []
    for weight, value in zip(weights, values, strict=True):
        if isinstance(weight, Fraction) and isinstance(value, Fraction):
            number += weight * value
        elif Fraction(0) not in (weight, value):
            factors.append(_as_term(weight))
            parts.append(_as_term(value))
    if isinstance(bias, Fraction):
        number += bias
        if not parts:
            return number
    whole = bias if isinstance(bias, Term) else make_numeral(number)
    row = make_row([*factors, whole], parts)
    return (
        terms.make_sum(row, make_numeral(number)) if whole is bias and number else row
    )


def _relu(value: Fraction | Term) -> Fraction | Term:
    return max(value, Fraction(0)) if isinstance(value, Fraction) else make_relu(value)


def _as_term(value: Fraction | Term) -> Term:
    return make_numeral(value) if isinstance(value, Fraction) else value
