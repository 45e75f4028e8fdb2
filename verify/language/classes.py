"""`class S := relu_nets(...)`: the options read, each mistake answered with what to write.

inputs = d             how many numbers a network takes
hidden = h             one hidden layer of h units (0: constants), or
layers = (a, b)        several of them
outputs = m            1 unless said otherwise
weights = {-1, 0, 1}   the only values of parameters, or
bounded by B           none larger than B in absolute value
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Final

from verify.language import syntax
from verify.language.declarations import check_numbers, exact
from verify.language.names import Scope, nearest
from verify.language.positions import Source
from verify.language.things import ModelClass

FAMILY: Final = "relu_nets"
MAX_SIZE: Final = 10_000  # inputs, outputs, and units of a layer
MAX_LAYERS: Final = 100
MAX_WEIGHTS: Final = 1_000
SHAPE: Final = "relu_nets(inputs = 1, hidden = 2)"
# option -> how its value is written, and an example
_FORMS: Final = {
    "inputs": ("", "inputs = 1"),
    "hidden": ("", "hidden = 2"),
    "layers": ("(", "layers = (2, 2)"),
    "outputs": ("", "outputs = 1"),
    "weights": ("{", "weights = {-1, 0, 1}"),
    "bounded": ("by", "bounded by 2"),
}


def declare_class(source: Source, scope: Scope, node: syntax.ModelClass) -> None:
    """A class of networks; ClaimError where an option makes no sense."""
    if node.family.text != FAMILY:
        message = f"unknown class of networks `{node.family.text}`"
        raise source.error(node.family.span, message, f"write {SHAPE}")
    options = _read_options(source, node)
    thing = _make_class(source, node, options)
    scope.claim(source, node.name)
    scope.things[node.name.text] = node
    scope.read[node.name.text] = thing


def _read_options(source: Source, node: syntax.ModelClass) -> dict[str, syntax.Option]:
    options: dict[str, syntax.Option] = {}
    for option in node.options:
        name = option.name.text
        if name not in _FORMS:
            message = f"unknown option `{name}` of {FAMILY}"
            fix = nearest(name, _FORMS) or f"there are {', '.join(_FORMS)}"
            raise source.error(option.name.span, message, fix)
        if name in options:
            message = f"`{name}` is given twice"
            raise source.error(option.span, message, "delete one of the two")
        form, example = _FORMS[name]
        single = name == "layers" and option.form == ""
        if option.form != form and not single:
            message = f"`{name}` is not written like this"
            raise source.error(option.span, message, f"write {example}")
        if not option.values:
            message = "no weights: there would be no network in this class"
            raise source.error(option.span, message, f"write {example}")
        check_numbers(source, option.values)
        options[name] = option
    for one, other in (("hidden", "layers"), ("weights", "bounded")):
        if one in options and other in options:
            place = max(options[one].span, options[other].span)
            message = f"both `{one}` and `{other}`, and a class has one of them"
            raise source.error(place, message, "delete one of the two")
    for needed, example in (("inputs", "inputs = 1"), ("hidden", "hidden = 2")):
        if needed not in options and not (needed == "hidden" and "layers" in options):
            what = "`hidden` or `layers`" if needed == "hidden" else "`inputs`"
            message = f"{node.name.text} lacks {what}"
            raise source.error(node.span, message, f"write {example} too")
    return options


def _make_class(
    source: Source, node: syntax.ModelClass, options: Mapping[str, syntax.Option]
) -> ModelClass:
    def count(name: str, least: int) -> tuple[int, ...]:
        """The whole numbers of an option."""
        option = options[name]
        out = []
        for value in option.values:
            number = exact(value)
            if number.denominator != 1 or not least <= number <= MAX_SIZE:
                shown = source.quote(value.span)
                message = (
                    f"`{name}` takes numbers from {least} to {MAX_SIZE}, got {shown}"
                )
                raise source.error(value.span, message, f"write {_FORMS[name][1]}")
            out.append(int(number))
        return tuple(out)

    inputs = count("inputs", 1)[0]
    outputs = count("outputs", 1)[0] if "outputs" in options else 1
    layers = count("layers", 1) if "layers" in options else count("hidden", 0)
    if len(layers) > MAX_LAYERS:
        message = f"a network has at most {MAX_LAYERS} layers here"
        raise source.error(options["layers"].span, message, "use fewer")
    if layers == (0,):
        layers = ()
    weights = _read_weights(source, options["weights"]) if "weights" in options else ()
    bound = _read_bound(source, options["bounded"]) if "bounded" in options else None
    free = not weights and bound is None
    signed = outputs == 1 and len(layers) < 2 and ("hidden" in options or free)
    return ModelClass(
        node.name.text, inputs, layers, outputs, signed, weights, bound, node.span
    )


def _read_weights(source: Source, option: syntax.Option) -> tuple[Fraction, ...]:
    if len(option.values) > MAX_WEIGHTS:
        message = f"a class has at most {MAX_WEIGHTS} weights"
        raise source.error(option.span, message, "use `bounded by`, or fewer")
    found: list[Fraction] = []
    for node in option.values:
        value = exact(node)
        if value in found:
            message = f"the weight {source.quote(node.span)} is named twice"
            raise source.error(node.span, message, "leave one of them out")
        found.append(value)
    return tuple(sorted(found))


def _read_bound(source: Source, option: syntax.Option) -> Fraction:
    value = exact(option.values[0])
    if value < 0:
        shown = source.quote(option.values[0].span)
        message = f"parameters are bounded by a number from 0 on, got {shown}"
        raise source.error(option.values[0].span, message, "write bounded by 2")
    return value
