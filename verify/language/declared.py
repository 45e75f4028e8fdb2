"""Networks, data sets, regions and circuits into the scope: read, checked, named.

An inline network becomes units, a region a definition, points exact numbers, and a
circuit a list of units that are there. What lies in files comes in read already; of a
network nobody read, only the name is known, and what speaks of it is unsupported.
"""

from __future__ import annotations

from fractions import Fraction

from verify.kernel.terms import REAL
from verify.language import syntax
from verify.language.applications import unit_problem
from verify.language.declarations import (
    check_numbers,
    exact,
    read_body,
    read_parameters,
)
from verify.language.document import Note
from verify.language.formulas import Reader
from verify.language.inline import is_stacked, make_units
from verify.language.names import Scope, describe
from verify.language.positions import Source
from verify.language.region_bodies import read_whole
from verify.language.syntax import Expression
from verify.language.tables import Columns
from verify.language.theory import Unsupported, find_unsupported
from verify.language.things import Circuit, Data, Network, Outline, Region, Thing


def declare_network(reader: Reader, node: syntax.Network) -> None:
    """An inline network; ClaimError where its body is none."""
    source, scope = reader.source, reader.scope
    names = _real_parameters(source, scope, node)
    if node.body is None:
        raise source.error(
            node.span, "a network without a body", "write f(x: Real) := ..."
        )
    constants = {
        name: definition.body.value
        for name, definition in scope.definitions.items()
        if isinstance(definition.body.value, Fraction)
    }
    units, layers = make_units(reader, node.name.text, names, node.body, constants)
    outline = Outline(len(names), 1, layers, "", is_stacked(units, layers))
    _keep(source, scope, node, Network(node.name.text, outline, node.span, units))


def declare_model(
    source: Source,
    scope: Scope,
    node: syntax.Network,
    file: str,
    outline: Outline | None,
) -> None:
    """A network in a file, of this shape; None when nobody looked at it."""
    thing = None
    if outline is not None:
        thing = Network(node.name.text, outline, node.span, None, file)
    _keep(source, scope, node, thing)


def declare_points(source: Source, scope: Scope, node: syntax.Data) -> None:
    """A data set written out."""
    shape = len(node.points[0].inputs), len(node.points[0].targets)
    for point in node.points:
        check_numbers(source, (*point.inputs, *point.targets))
        if (len(point.inputs), len(point.targets)) != shape:
            message = "this point has other numbers of inputs or targets than the first"
            fix = "write (inputs; targets) alike for all"
            raise source.error(point.span, message, fix)
    rows = [
        tuple(tuple(map(exact, side)) for side in (point.inputs, point.targets))
        for point in node.points
    ]
    inputs, targets = (tuple(row[side] for row in rows) for side in (0, 1))
    data = Data(node.name.text, inputs, targets, node.span)
    _keep(source, scope, node, data)
    note_contradictions(scope, data)


def declare_columns(
    source: Source, scope: Scope, node: syntax.Data, columns: Columns
) -> None:
    """A data set in a file."""
    inputs, targets, weights, groups = columns
    data = Data(node.name.text, inputs, targets, node.span, weights, groups)
    _keep(source, scope, node, data)
    note_contradictions(scope, data)


def note_contradictions(scope: Scope, data: Data) -> None:
    """Note where one input has two targets, which no network can fit."""
    seen: dict[tuple[Fraction, ...], int] = {}
    pairs = []
    for place, point in enumerate(data.inputs):
        first = seen.setdefault(point, place)
        if data.targets[first] != data.targets[place]:
            pairs.append((first + 1, place + 1))
    if not pairs:
        return
    one, other = pairs[0]
    more = f", and {len(pairs) - 1} more" if len(pairs) > 1 else ""
    message = (
        f"Points {one} and {other} of {data.name} have one input and different "
        f"targets{more}; no network fits both."
    )
    scope.notes.append(Note(data.name, data.span, message))


def declare_region(reader: Reader, node: syntax.Region) -> None:
    """A region, or a note why this version cannot read it."""
    source, scope = reader.source, reader.scope
    _real_parameters(source, scope, node)
    names = read_parameters(source, scope, node.parameters)
    reason = find_unsupported(source, node.body, scope, frozenset(names))
    region = None
    if not reason:
        try:
            read = read_body(reader, node, names) if names else read_whole(reader, node)
            region = Region(read)
        except Unsupported as unsupported:
            reason = str(unsupported)
    _keep(source, scope, node, region)
    if region is None:
        scope.unsupported[node.name.text] = f"it speaks of {describe(node)}: {reason}"


def declare_circuit(source: Source, scope: Scope, node: syntax.Circuit) -> None:
    """A circuit; ClaimError where its network has no such unit."""
    if node.maker.text != "units":
        message = f"unknown kind of circuit `{node.maker.text}`"
        raise source.error(node.maker.span, message, "write units(f, 1: {1, 2})")
    name = node.network.text
    if not isinstance(scope.things.get(name), syntax.Network):
        if name in scope.homes:
            raise source.error(
                node.network.span, f"`{name}` is no network", "name a network"
            )
        raise scope.unknown(source, node.network.span, name, ())
    for layer in node.layers:
        check_numbers(source, (layer.number, *layer.units))
    network = scope.read.get(name)
    if not isinstance(network, Network):
        _keep(source, scope, node, None)
        return
    units: list[tuple[int, int]] = []
    for layer in node.layers:
        for unit in layer.units:
            units.append(_unit(source, network, layer, unit))
            if len(set(units)) < len(units):
                message = "this unit is named twice"
                raise source.error(unit.span, message, "leave one of them out")
    _keep(source, scope, node, Circuit(node.name.text, name, tuple(units), node.span))


def _unit(
    source: Source, network: Network, layer: syntax.Layer, unit: Expression
) -> tuple[int, int]:
    places = []
    for node in (layer.number, unit):
        value = exact(node)
        if value.denominator != 1 or value < 0:
            message = f"expected a number such as 1, got {source.quote(node.span)}"
            raise source.error(node.span, message, "layers and units count from 1")
        places.append(int(value))
    wrong = unit_problem(network.outline.layers, places[0], places[1])
    if wrong:
        place = layer.number if wrong[0] else unit
        raise source.error(place.span, f"`{network.name}` {wrong[1]}", wrong[2])
    return places[0], places[1]


def _real_parameters(
    source: Source, scope: Scope, node: syntax.Network | syntax.Region
) -> tuple[str, ...]:
    """The names of the parameters, which must be real and distinct."""
    read_parameters(source, scope, node.parameters)
    for binder in node.parameters:
        if scope.find_sort(source, binder.sort) != REAL:
            message = f"inputs are Real, and `{binder.sort.text}` is not"
            raise source.error(binder.sort.span, message, "write x: Real")
    return tuple(word.text for binder in node.parameters for word in binder.names)


def _keep(
    source: Source,
    scope: Scope,
    node: syntax.Network | syntax.Data | syntax.Region | syntax.Circuit,
    thing: Thing | None,
) -> None:
    scope.claim(source, node.name)
    scope.things[node.name.text] = node
    if thing is not None:
        scope.read[node.name.text] = thing
