"""Networks in SMT-LIB: every unit a defined function of the inputs.

A unit calls the units it takes, so a script is as long as the network is large. There is
no exponential function in SMT-LIB, and so no sigmoid.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from fractions import Fraction

from verify.kernel.networks import Network, Unit
from verify.kernel.rejections import Declined
from verify.kernel.terms import Symbol
from verify.solvers.smt_names import Names


def define_network(
    network: Network, wanted: Collection[Symbol], names: Names
) -> Iterator[str]:
    """The definitions of the functions in `wanted` and of the units they need.

    Raises Declined on a unit that SMT-LIB has no words for.
    """
    functions = [(s, v) for s, v in network.functions() if s in wanted]
    if not functions:
        return
    inputs = [names.of("input", f"in.{i}") for i in range(1, network.inputs + 1)]
    taken = " ".join(f"({name} Real)" for name in inputs)
    point = "".join(f" {name}" for name in inputs)
    values = [*inputs]
    base = network.outputs[0][0]
    needed = _needed(network, {variable for _, variable in functions})
    for variable, unit in enumerate(network.units, network.inputs):
        name = names.of("unit", f"{base}.unit.{variable}")
        values.append(f"({name}{point})" if point else name)
        if variable in needed:
            yield f"(define-fun {name} ({taken}) Real {_unit(unit, values)})"
    for symbol, variable in functions:
        name = names.of("symbol", symbol.name)
        yield f"(define-fun {name} ({taken}) Real {values[variable]})"


def _needed(network: Network, wanted: set[int]) -> set[int]:
    """The variables that these depend on, themselves included."""
    needed = set(wanted)
    first = network.inputs
    for variable in range(first + len(network.units) - 1, first - 1, -1):
        if variable in needed:
            needed.update(v for v, _ in network.units[variable - first].weights)
    return needed


def _unit(unit: Unit, values: list[str]) -> str:
    parts = [_number(unit.bias)] if unit.bias or not unit.weights else []
    for variable, weight in unit.weights:
        value = values[variable]
        parts.append(value if weight == 1 else f"(* {_number(weight)} {value})")
    total = parts[0] if len(parts) == 1 else f"(+ {' '.join(parts)})"
    match unit.kind:
        case "linear":
            return total
        case "relu":
            return f"(let ((z {total})) (ite (<= 0.0 z) z 0.0))"
        case "sign":
            return (
                f"(let ((z {total})) (ite (< 0.0 z) 1.0 (ite (< z 0.0) (- 1.0) 0.0)))"
            )
        case kind:
            raise Declined("relu, linear or sign units", kind)


def _number(value: Fraction) -> str:
    size = abs(value)
    text = f"{size.numerator}.0"
    if size.denominator != 1:
        text = f"(/ {text} {size.denominator}.0)"
    return f"(- {text})" if value < 0 else text
