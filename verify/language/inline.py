"""Inline networks: an expression of inputs, numbers, + - *, relu, as units in order.

Each `relu(...)` as written is a unit. Its layer is one more than the deepest layer of the
units inside it, and within a layer units count in order of appearance, so that
`units(f, 1: {2})` is the second relu that holds no other. abs, min and max are made of a
relu too, but of one that nobody wrote: it is no unit to name. What comes out is the
kernel's own declaration of a network, with a symbol for the output and for every unit.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable, Mapping
from fractions import Fraction
from typing import NamedTuple, TypeAlias

from verify.kernel.networks import Network, Unit
from verify.kernel.terms import MAX_BITS
from verify.language import limits
from verify.language.errors import ClaimError
from verify.language.formulas import Reader
from verify.language.functions import Function, read_function
from verify.language.sugar import BUILTIN_FUNCTIONS
from verify.language.syntax import Expression
from verify.language.trampoline import run

MADE_OF = "its inputs, numbers, + and -, * and / by numbers, relu, abs, min and max"


class Affine(NamedTuple):
    """constant + sum of weight * variable; `layer` is the deepest of the units inside."""

    constant: Fraction
    weights: Mapping[int, Fraction]
    layer: int = 0


Step: TypeAlias = Generator[Expression, Affine, Affine]


def make_units(
    reader: Reader,
    name: str,
    parameters: Iterable[str],
    body: Expression,
    constants: Mapping[str, Fraction],
) -> tuple[Network, tuple[int, ...]]:
    """The declaration of an inline network, and how many units each layer has.

    `constants` are the names that stand for numbers. Raises ClaimError where the body is
    no such expression.
    """
    maker = _Maker(reader, tuple(parameters), constants)
    output = run(maker.begin, body)
    maker.add("linear", output, body)
    layers = tuple(
        len([unit for unit in maker.named if unit[0] == layer])
        for layer in range(1, 1 + max((layer for layer, _ in maker.named), default=0))
    )
    named = [(Function(name).name, maker.inputs + len(maker.units) - 1)]
    counts: dict[int, int] = {}
    for layer, variable in maker.named:
        counts[layer] = counts.get(layer, 0) + 1
        named.append((Function(name, (), (layer, counts[layer])).name, variable))
    return Network(maker.inputs, tuple(maker.units), tuple(named)), layers


def is_stacked(network: Network, layers: tuple[int, ...]) -> bool:
    """Whether each unit reads the layer before its own and no more, and all have names.

    What the output reads is free, but for units with no name.
    """
    places = dict.fromkeys(range(network.inputs), 0)
    for name, variable in network.outputs:
        function = read_function(name)
        if function is not None:
            places[variable] = function.part[0]
    relus = [unit for unit in network.units if unit.kind == "relu"]
    if len(relus) != sum(layers):
        return False
    return all(
        places[read] == places[variable] - 1
        for variable, unit in enumerate(network.units, network.inputs)
        if unit.kind == "relu"
        for read, _ in unit.weights
    )


class _Maker:
    """The units so far; `named` are the layer and the variable of those written."""

    def __init__(
        self,
        reader: Reader,
        parameters: tuple[str, ...],
        constants: Mapping[str, Fraction],
    ) -> None:
        self.source = reader.source
        self.scope = reader.scope
        self.inputs = len(parameters)
        self.variables = {name: place for place, name in enumerate(parameters)}
        self.constants = constants
        self.meter = reader.meter
        self.units: list[Unit] = []
        self.named: list[tuple[int, int]] = []

    def add(self, kind: str, affine: Affine, node: Expression) -> int:
        """One more unit; its variable."""
        weights = tuple(sorted((v, w) for v, w in affine.weights.items() if w))
        self._check(affine.constant, node)
        for _, weight in weights:
            self._check(weight, node)
        self.meter.work += 1 + len(weights)
        if self.meter.work > limits.MAX_WORK:
            message = "this network is too large for a document"
            raise self.source.error(node.span, message, "put it into an .onnx file")
        self.units.append(Unit(kind, affine.constant, weights))
        return self.inputs + len(self.units) - 1

    def _check(self, value: Fraction, node: Expression) -> None:
        if max(value.numerator.bit_length(), value.denominator.bit_length()) > MAX_BITS:
            message = f"a weight here has more than {MAX_BITS} binary digits"
            raise self.source.error(node.span, message, "use shorter numbers")

    def begin(self, node: Expression) -> Step:
        match node.op:
            case "number":
                return self._constant(Fraction(node.text))
            case "name":
                return self._name(node)
            case "minus":
                return self._scaled(node.args[0], Fraction(-1))
            case "add":
                return self._add(node)
            case "product":
                return self._product(node)
            case "power":
                return self._power(node)
            case "call":
                return self._call(node)
            case _:
                raise self._foreign(node)

    def _foreign(self, node: Expression) -> ClaimError:
        shown = self.source.quote(node.span)
        message = f"a network is made of {MADE_OF}; {shown} is none of these"
        return self.source.error(node.span, message, "write such an expression")

    def _constant(self, value: Fraction) -> Step:
        yield from ()
        return Affine(value, {})

    def _name(self, node: Expression) -> Step:
        yield from ()
        if node.text in self.variables:
            return Affine(Fraction(0), {self.variables[node.text]: Fraction(1)})
        if node.text in self.constants:
            return Affine(self.constants[node.text], {})
        if node.text not in (*self.scope.homes, *BUILTIN_FUNCTIONS):
            raise self.scope.unknown(self.source, node.span, node.text, self.variables)
        raise self._foreign(node)

    def _scaled(self, node: Expression, factor: Fraction) -> Step:
        return _combined([(factor, (yield node))])

    def _add(self, node: Expression) -> Step:
        parts = []
        for sign, arg in zip(("+", *node.signs), node.args, strict=True):
            parts.append((Fraction(1 if sign == "+" else -1), (yield arg)))
        return _combined(parts)

    def _product(self, node: Expression) -> Step:
        whole = yield node.args[0]
        for sign, arg in zip(node.signs, node.args[1:], strict=True):
            part = yield arg
            if sign == "/":
                factor = self._number(part, arg, "a network is divided by numbers only")
                if not factor:
                    fix = "there is no such number; leave it out"
                    raise self.source.error(arg.span, "a division by 0", fix)
                whole = _combined([(1 / factor, whole)])
            elif not any(whole.weights.values()):
                whole = _combined([(whole.constant, part)], whole.layer)
            else:
                message = "a product in a network has one factor that is no number"
                factor = self._number(part, arg, message)
                whole = _combined([(factor, whole)], part.layer)
            self._check(whole.constant, node)
        return whole

    def _number(self, part: Affine, node: Expression, message: str) -> Fraction:
        if any(part.weights.values()):
            shown = self.source.quote(node.span)
            fix = "a network is linear between its units"
            raise self.source.error(
                node.span, f"{message}, and {shown} is none or a second one", fix
            )
        return part.constant

    def _power(self, node: Expression) -> Step:
        base, exponent = node.args
        part = yield base
        whole = exponent.op == "number" and exponent.text.isdigit()
        power = int(exponent.text) if whole and len(exponent.text) < 5 else -1
        if (any(part.weights.values()) and power != 1) or power < 0:
            raise self._foreign(node)
        if power > limits.MAX_EXPONENT:
            message = f"an exponent is at most {limits.MAX_EXPONENT} here"
            raise self.source.error(exponent.span, message, "write a smaller one")
        self._check(part.constant, base)
        return part if power == 1 else Affine(part.constant**power, {}, part.layer)

    def _call(self, node: Expression) -> Step:
        head, args = node.args[0], node.args[1:]
        name = head.text if head.op == "name" else ""
        if name not in ("relu", "abs", "min", "max") or name in self.variables:
            raise self._foreign(node)
        least, most = (2, limits.MAX_PARTS) if name in ("min", "max") else (1, 1)
        if not least <= len(args) <= most:
            wanted = "1 argument" if most == 1 else f"{least} to {most} arguments"
            message = f"{name} takes {wanted}, got {len(args)}"
            raise self.source.error(node.span, message, f"write {name}(...) so")
        values = []
        for arg in args:
            values.append((yield arg))
        if name == "relu":
            layer = values[0].layer + 1
            variable = self.add("relu", values[0], node)
            self.named.append((layer, variable))
            return Affine(Fraction(0), {variable: Fraction(1)}, layer)
        whole = values[0]
        for value in values[1:] or [Affine(Fraction(0), {})]:
            whole = self._fold(name, whole, value, node)
        return whole

    def _fold(self, name: str, left: Affine, right: Affine, node: Expression) -> Affine:
        """|a| = 2 relu(a) - a, max(a, b) = a + relu(b - a), min(a, b) = a - relu(a - b)."""
        one, two = Fraction(1), Fraction(2)
        inner = left
        if name != "abs":
            sign = one if name == "max" else -one
            inner = _combined([(sign, right), (-sign, left)])
        variable = self.add("relu", inner, node)
        unit = Affine(Fraction(0), {variable: one}, inner.layer)
        if name == "abs":
            return _combined([(two, unit), (-one, left)])
        return _combined([(one, left), (one if name == "max" else -one, unit)])


def _combined(parts: Iterable[tuple[Fraction, Affine]], layer: int = 0) -> Affine:
    constant, weights = Fraction(0), dict[int, Fraction]()
    for factor, part in parts:
        constant += factor * part.constant
        layer = max(layer, part.layer)
        for variable, weight in part.weights.items():
            weights[variable] = weights.get(variable, Fraction(0)) + factor * weight
    return Affine(constant, weights, layer)
