"""The units of a network as parameters of a class, in the order of the class's formula.

A class of one hidden layer has signs for outgoing weights: v*relu(u) = s*relu(|v|*u) with s
the sign of v, and a linear part is two units, t = relu(t) - relu(-t). A class of several
layers has weights and biases throughout; what a layer does not change it hands on, since
relu(t) = t where t is what a relu gives. Units that are left over do nothing.
"""

from __future__ import annotations

from fractions import Fraction
from typing import NamedTuple

from verify.kernel.networks import Network
from verify.training.statements.things import Family

Form = tuple[Fraction, dict[int, Fraction]]  # constant and weights, by variable
Unit = tuple[Fraction, tuple[Fraction, ...], Fraction]  # outgoing, incoming, bias
Point = tuple[Fraction, ...]


class Misfit(Exception):
    """A network whose units are not those of the class: a sentence."""


class Taken(NamedTuple):
    """What each relu takes and the output is, over the inputs and earlier relus."""

    relus: dict[int, Form]
    output: Form
    inputs: int


def read_forms(network: Network, output: int) -> Taken:
    """The network with its linear units put into the others. Raises Misfit."""
    inputs = network.inputs
    forms: list[Form] = [(Fraction(0), {i: Fraction(1)}) for i in range(inputs)]
    relus: dict[int, Form] = {}
    for number, unit in enumerate(network.units, inputs):
        total = _add(unit.bias, unit.weights, forms)
        if unit.kind not in ("linear", "relu"):
            raise Misfit(f"it has {unit.kind} units, the class has none")
        if unit.kind == "linear":
            forms.append(total)
        elif total[1]:
            relus[number] = total
            forms.append((Fraction(0), {number: Fraction(1)}))
        else:
            forms.append((max(total[0], Fraction(0)), {}))
    return Taken(relus, forms[output], inputs)


def read_units(taken: Taken) -> tuple[Fraction, list[Unit]]:
    """The output as a constant and weighted relus of one layer. Raises Misfit."""
    constant, weights = taken.output
    inputs = taken.inputs
    found: list[Unit] = []
    for number, weight in weights.items():
        if number in taken.relus:
            form = taken.relus[number]
            if any(variable >= inputs for variable in form[1]):
                raise Misfit("it has several layers, the class has one")
            found.append(_unit(weight, form, inputs))
    linear = {i: weight for i, weight in weights.items() if i < inputs}
    if linear:
        found.append(_unit(Fraction(1), (Fraction(0), linear), inputs))
        turned = {i: -weight for i, weight in linear.items()}
        found.append(_unit(Fraction(-1), (Fraction(0), turned), inputs))
    return constant, _merge(found)


def write_signed(constant: Fraction, layer: list[Unit], family: Family) -> Point:
    """c, then s, w, b of each unit. Raises Misfit where the class has fewer."""
    hidden = sum(family.layers)
    if len(layer) > hidden:
        raise Misfit(f"it has {len(layer)} units, the class {hidden}")
    point = [constant]
    for outgoing, weights, bias in layer:
        scale = abs(outgoing)
        point.append(Fraction(1 if outgoing > 0 else -1))
        point += [*(scale * weight for weight in weights), scale * bias]
    for _ in range(hidden - len(layer)):
        point += [Fraction(1), *[Fraction(0)] * (family.inputs + 1)]
    return tuple(point)


def write_layers(taken: Taken, family: Family) -> Point:
    """Weights and bias of each unit, layer by layer, then of the output. Raises Misfit."""
    depths: dict[int, int] = dict.fromkeys(range(taken.inputs), 0)
    for number, (_, weights) in taken.relus.items():
        depths[number] = 1 + max((depths[v] for v in weights), default=0)
    last = len(family.layers)
    needed = dict.fromkeys(depths, 0)  # the last layer that must give it
    for number, (_, weights) in (*taken.relus.items(), (-1, taken.output)):
        until = last if number < 0 else depths[number] - 1
        for variable in weights:
            needed[variable] = max(needed[variable], until)
    point: list[Fraction] = []
    before = list(range(taken.inputs))
    for layer, size in enumerate(family.layers, 1):
        here = [n for n in taken.relus if depths[n] <= layer <= needed[n]]
        if any(needed[i] >= layer for i in range(taken.inputs)):
            raise Misfit("an input goes past a layer")
        if len(here) > size:
            raise Misfit(f"it needs {len(here)} units in layer {layer}, not {size}")
        for number in here:
            form = taken.relus[number]
            if depths[number] < layer:
                form = Fraction(0), {number: Fraction(1)}
            point += _row(form, before)
        here += [-1] * (size - len(here))
        point += [Fraction(0)] * (len(before) + 1) * here.count(-1)
        before = here
    if any(depths[n] > last for n in taken.relus if needed[n]):
        raise Misfit(f"it has more than {last} layers")
    return (*point, *_row(taken.output, before))


def _row(form: Form, before: list[int]) -> list[Fraction]:
    return [*(form[1].get(n, Fraction(0)) for n in before), form[0]]


def _unit(outgoing: Fraction, form: Form, inputs: int) -> Unit:
    bias, weights = form
    row = tuple(weights.get(i, Fraction(0)) for i in range(inputs))
    return outgoing, row, bias


def _merge(units: list[Unit]) -> list[Unit]:
    """Units that are positive multiples of one another are one."""
    sums: dict[tuple[Fraction, ...], Fraction] = {}
    for outgoing, weights, bias in units:
        scale = next(abs(weight) for weight in weights if weight)
        ray = tuple(value / scale for value in (*weights, bias))
        sums[ray] = sums.get(ray, Fraction(0)) + outgoing * scale
    return [(factor, ray[:-1], ray[-1]) for ray, factor in sums.items() if factor]


def _add(
    bias: Fraction, weights: tuple[tuple[int, Fraction], ...], forms: list[Form]
) -> Form:
    constant, sums = bias, dict[int, Fraction]()
    for variable, weight in weights:
        constant += weight * forms[variable][0]
        for part, value in forms[variable][1].items():
            sums[part] = sums.get(part, Fraction(0)) + weight * value
    return constant, {part: value for part, value in sums.items() if value}
