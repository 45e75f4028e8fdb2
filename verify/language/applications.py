"""Networks in formulas: `f(x)`, `f(x, k)`, `unit(f, layer, i)(x)`, `without(f, C)(x)`.

What stands before the parentheses is found here, and what stands between them is counted
here: a network takes as many numbers as it has inputs, one by one or as a point, and one
numeral more says which of several outputs is meant. Without that numeral the application
of such a network is a point itself, which another network may take. Everything else about
a network is a definition somewhere else: to formulas it is a family of functions.
"""

from __future__ import annotations

from collections.abc import Container, Sequence
from typing import NamedTuple

from verify.kernel.terms import REAL, Term, make_application
from verify.language import syntax
from verify.language.document import Span
from verify.language.errors import ClaimError
from verify.language.functions import Function
from verify.language.names import Scope, describe
from verify.language.positions import Source
from verify.language.sorts import SortChecker
from verify.language.syntax import Expression
from verify.language.theory import means_theory
from verify.language.things import Circuit, Network


class Applied(NamedTuple):
    """What is applied: a network, and of which function of it a formula speaks."""

    network: Network
    function: Function


class Values(NamedTuple):
    """A point in a formula: a term for each coordinate."""

    terms: tuple[Term, ...]


def find_applied(
    source: Source, scope: Scope, head: Expression, local: Container[str]
) -> Applied | None:
    """The function of a network that stands before parentheses, or None.

    Raises ClaimError where it begins like one and names a network, circuit or unit that
    is not there.
    """
    unit = _theory(head, "unit", scope, local)
    inner = head
    if unit:
        _count(source, head, 3, "unit(f, layer, i)")
        inner = head.args[1]
    circuits: list[Expression] = []
    while _theory(inner, "without", scope, local):
        _count(source, inner, 2, "without(f, C)")
        circuits.append(inner.args[2])
        inner = inner.args[1]
    network = None
    if inner.op == "name" and inner.text not in local:
        network = scope.read.get(inner.text)
    if not isinstance(network, Network):
        if unit or circuits:
            raise _no_network(source, scope, inner)
        return None
    left_out = tuple(
        _circuit(source, scope, node, network).name for node in reversed(circuits)
    )
    part: tuple[int, ...] = ()
    if unit:
        layer, number = (_index(source, node) for node in head.args[2:])
        wrong = unit_problem(network.outline.layers, layer, number)
        if wrong:
            place = head.args[2 if wrong[0] else 3]
            raise source.error(place.span, f"`{network.name}` {wrong[1]}", wrong[2])
        part = (layer, number)
    return Applied(network, Function(network.name, left_out, part))


def _theory(node: Expression, name: str, scope: Scope, local: Container[str]) -> bool:
    head = node.args[0] if node.op == "call" else node
    found = node.op == "call" and head.op == "name" and head.text == name
    return found and means_theory(name, scope, local)


def _count(source: Source, node: Expression, wanted: int, shape: str) -> None:
    got = len(node.args) - 1
    if got != wanted:
        message = f"{shape} has {wanted} parts between its parentheses, got {got}"
        raise source.error(node.span, message, f"write {shape}(x)")


def _no_network(source: Source, scope: Scope, node: Expression) -> ClaimError:
    shown = source.quote(node.span)
    if node.op == "name" and node.text not in scope.homes:
        return scope.unknown(source, node.span, node.text, ())
    return source.error(node.span, f"{shown} is no network", "name a network")


def _index(source: Source, node: Expression) -> int:
    if node.op != "number" or not node.text.isdigit() or len(node.text) > 9:
        message = f"expected a number such as 1, got {source.quote(node.span)}"
        raise source.error(node.span, message, "layers, units and outputs count from 1")
    return int(node.text)


def _circuit(
    source: Source, scope: Scope, node: Expression, network: Network
) -> Circuit:
    circuit = read_circuit(source, scope, node)
    if circuit.network != network.name:
        message = (
            f"{circuit.name} is a circuit of {circuit.network}, not {network.name}"
        )
        raise source.error(node.span, message, f"name a circuit of {network.name}")
    return circuit


def read_circuit(source: Source, scope: Scope, node: Expression) -> Circuit:
    """The circuit that an expression names; ClaimError when it names none."""
    thing = scope.read.get(node.text) if node.op == "name" else None
    if isinstance(thing, Circuit):
        return thing
    if node.op == "name" and node.text not in scope.homes:
        raise scope.unknown(source, node.span, node.text, ())
    message = f"{source.quote(node.span)} is no circuit"
    raise source.error(node.span, message, "declare one: circuit C := units(f, 1: {1})")


def unit_problem(
    layers: tuple[int, ...], layer: int, unit: int
) -> tuple[bool, str, str] | None:
    """What is wrong with naming that unit: whether it is the layer, what, and the fix."""
    if not layers:
        return True, "has no units", "name a network that has some"
    if not 1 <= layer <= len(layers):
        count = "1 layer" if len(layers) == 1 else f"{len(layers)} layers"
        return (
            True,
            f"has {count} of units, and no layer {layer}",
            "layers count from 1",
        )
    if not 1 <= unit <= layers[layer - 1]:
        count = "1 unit" if layers[layer - 1] == 1 else f"{layers[layer - 1]} units"
        message = f"has {count} in layer {layer}, and no unit {unit}"
        return False, message, "units count from 1"
    return None


class Shape(NamedTuple):
    """What is known of something applied: its name, and how many numbers it takes and
    gives; `single` where it is one unit, whose output has no number."""

    name: str
    inputs: int
    outputs: int
    single: bool = False


def apply(
    check: SortChecker,
    applied: Applied,
    node: Expression,
    values: Sequence[tuple[Term, Expression]],
) -> Term | Values:
    """The application to these numbers; a point where several outputs are meant.

    Raises ClaimError where they are too few, too many or no numbers.
    """
    network, function = applied
    count = 1 if function.part else network.outline.outputs
    parts = [(k,) for k in range(1, count + 1)] if count > 1 else [function.part]
    symbols = [function._replace(part=p).symbol(network.inputs) for p in parts]
    shape = Shape(network.name, network.inputs, count, bool(function.part))
    args, chosen = fit_arguments(check, shape, node, values)
    return choose([make_application(symbol, args) for symbol in symbols], chosen)


def fit_arguments(
    check: SortChecker,
    shape: Shape,
    node: Expression,
    values: Sequence[tuple[Term, Expression]],
) -> tuple[list[Term], int]:
    """The numbers that something is applied to, and which output is meant, 0 for all."""
    chosen = 0
    if len(values) == shape.inputs + 1 and not shape.single:
        last = values[-1][1]
        if last.op == "number":
            chosen = _index(check.source, last)
            if not 1 <= chosen <= shape.outputs:
                count = "1 output" if shape.outputs == 1 else f"{shape.outputs} outputs"
                message = f"`{shape.name}` has {count}, and no output {chosen}"
                raise check.source.error(last.span, message, "outputs count from 1")
            values = values[:-1]
    if len(values) != shape.inputs:
        raise _miscounted(check.source, shape, node, [arg for _, arg in values])
    name = check.source.quote(node.args[0].span)
    return [
        check.fit(term, REAL, arg, f"input {place} of {name}")
        for place, (term, arg) in enumerate(values, 1)
    ], chosen


def choose(outputs: Sequence[Term], chosen: int) -> Term | Values:
    """One output, or a point of all of several."""
    if chosen or len(outputs) == 1:
        return outputs[max(chosen, 1) - 1]
    return Values(tuple(outputs))


def _miscounted(
    source: Source, shape: Shape, node: Expression, given: Sequence[Expression]
) -> ClaimError:
    """The error for too few or too many numbers; `given` has where each came from."""
    name = source.quote(node.args[0].span)
    numbers = "1 number" if shape.inputs == 1 else f"{shape.inputs} numbers"
    message = f"{name} takes {numbers}, got {len(given)}"
    points = [arg for arg in dict.fromkeys(given) if given.count(arg) > 1]
    if len(points) < len(dict.fromkeys(given)) or len(points) > 1:
        for point in points[:1]:
            shown, size = source.slice(point.span), given.count(point)
            message += f": `{shown}` is a point of {size} numbers by itself"
    written = source.slice(node.args[0].span)
    fix = f"write {written}(x) for a point x, or the numbers one by one"
    if shape.outputs > 1:
        fix = f"write {written}(x, k) for output k of a point x"
    return source.error(node.span, message, fix)


def misused(source: Source, span: Span, values: Values) -> ClaimError:
    """The error for a point where a number or a formula is expected."""
    count = len(values.terms)
    message = f"{source.quote(span)} is a point of {count} numbers, and no number"
    return source.error(span, message, "say which: x(1) of a point x, f(x, 1) of f(x)")


def name_of_thing(source: Source, scope: Scope, node: Expression) -> ClaimError:
    """The error for a network, data set, region, class or circuit standing alone."""
    thing = scope.things[node.text]
    fixes = {
        syntax.Network: f"apply it: {node.text}(x)",
        syntax.Data: f"write forall x in {node.text}: ...",
        syntax.Region: f"write forall x in {node.text}: ..., or {node.text}(x)",
        syntax.Circuit: f"write silent({node.text}, D), or without(f, {node.text})(x)",
        syntax.ModelClass: f"write f in {node.text}, or optimum({node.text}, D, l1)",
    }
    message = f"`{node.text}` is {describe(thing)}, and no term"
    return source.error(node.span, message, fixes.get(type(thing), ""))
