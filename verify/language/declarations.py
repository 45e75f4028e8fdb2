"""Declarations into the scope: types, constants, functions, definitions, and the rest.

A definition is read once, with constants in place of its parameters, and unfolded where
it is used. Networks, data and what goes with them keep their syntax; here their names are
taken and the names they mention are known.
"""

from __future__ import annotations

import re
from typing import Final

from verify.kernel.terms import Sort, Symbol, make_application
from verify.language import syntax
from verify.language.document import Definition, Span
from verify.language.formulas import Local, Reader
from verify.language.names import Scope, describe, read_elements
from verify.language.positions import Source
from verify.language.syntax import Expression, Word
from verify.language.theory import find_unsupported

_SLOT: Final = re.compile(r"\{([0-9]+)\}")


def declare_type(source: Source, scope: Scope, node: syntax.TypeDeclaration) -> None:
    elements = read_elements(source, node)
    scope.claim(source, node.name)
    sort = Sort(node.name.text, elements)
    for word in node.elements:
        scope.claim(source, word)
        scope.elements[word.text] = Symbol(word.text, (), sort)
    scope.sorts[node.name.text] = sort


def declare_symbols(
    source: Source, scope: Scope, node: syntax.SymbolDeclaration
) -> None:
    for name in node.names:
        scope.claim(source, name)
    arguments = tuple(scope.find_sort(source, word) for word in node.arguments)
    result = scope.find_sort(source, node.result)
    if node.reading:
        _check_reading(source, node.reading, len(arguments))
    for name in node.names:
        scope.symbols[name.text] = Symbol(name.text, arguments, result)
        if node.reading:
            scope.readings[name.text] = node.reading.text


def _check_reading(source: Source, reading: Word, arguments: int) -> None:
    for slot in _SLOT.findall(reading.text):
        if len(slot) > 4 or not 1 <= int(slot) <= arguments:
            message = f"no argument {{{slot}}}: there are {arguments} of them"
            fix = "{1} is the first argument" if arguments else "leave out {...}"
            raise source.error(reading.span, message, fix)


def declare_definition(reader: Reader, node: syntax.DefinitionDeclaration) -> None:
    """Read a definition, or note why this version cannot."""
    source, scope = reader.source, reader.scope
    names: dict[str, Symbol] = {}
    for binder in node.parameters:
        sort = scope.find_sort(source, binder.sort)
        for word in binder.names:
            _check_parameter(source, word, names)
            names[word.text] = Symbol(_fresh(word.text, scope), (), sort)
    if reason := find_unsupported(source, node.body, scope, frozenset(names)):
        scope.claim(source, node.name)
        scope.things[node.name.text] = node
        scope.unsupported[node.name.text] = f"it uses {describe(node)}: {reason}"
        return
    local = Local({name: make_application(symbol) for name, symbol in names.items()})
    reader.used, reader.defining = {}, node.name.text
    body = reader.read_term(node.body, local)
    uses, reader.used, reader.defining = tuple(reader.used), {}, ""
    scope.claim(source, node.name)
    scope.definitions[node.name.text] = Definition(
        node.name.text,
        tuple(names.values()),
        body,
        source.slice(node.body.span),
        node.span,
        uses,
    )


def _check_parameter(source: Source, word: Word, names: dict[str, Symbol]) -> None:
    if word.text in names:
        message = f"two parameters are called `{word.text}`"
        raise source.error(word.span, message, "rename one of them")


def _fresh(name: str, scope: Scope) -> str:
    """A name for a parameter's constant that no constant of the document has."""
    fresh, count = name, 0
    while scope.symbol(fresh) is not None:
        count += 1
        fresh = f"{name}_{count}"
    return fresh


def declare_thing(
    source: Source,
    scope: Scope,
    node: syntax.Network
    | syntax.Data
    | syntax.Region
    | syntax.ModelClass
    | syntax.Circuit,
) -> None:
    """Take the name of a network, data set, region, class or circuit."""
    match node:
        case syntax.Network() | syntax.Region():
            local = _variables(source, scope, node.parameters)
            if node.body is not None:
                find_unsupported(source, node.body, scope, local, force=True)
        case syntax.Data():
            for point in node.points:
                _check_numbers(source, (*point.inputs, *point.targets))
            _check_shape(source, node)
        case syntax.ModelClass():
            if node.family.text != "relu_nets":
                message = f"unknown class of networks `{node.family.text}`"
                raise source.error(node.family.span, message, "write relu_nets(...)")
            for option in node.options:
                _check_numbers(source, option.values)
        case syntax.Circuit():
            _check_circuit(source, scope, node)
    scope.claim(source, node.name)
    scope.things[node.name.text] = node


def _variables(
    source: Source, scope: Scope, binders: tuple[syntax.Binder, ...]
) -> frozenset[str]:
    names: dict[str, Symbol] = {}
    for binder in binders:
        sort = scope.find_sort(source, binder.sort)
        for word in binder.names:
            _check_parameter(source, word, names)
            names[word.text] = Symbol(word.text, (), sort)
    return frozenset(names)


def _check_numbers(source: Source, nodes: tuple[Expression, ...]) -> None:
    """Each must be a numeral, a negated one or a fraction of two."""
    for node in nodes:
        parts = node.args if node.op == "product" and node.signs == ("/",) else (node,)
        for part in parts:
            inner = part.args[0] if part.op == "minus" else part
            if inner.op != "number":
                message = f"expected a number, got {source.quote(node.span)}"
                raise source.error(node.span, message, "write 2, -2, 0.5 or 1/2")


def _check_shape(source: Source, node: syntax.Data) -> None:
    shapes = [(len(point.inputs), len(point.targets)) for point in node.points]
    for point, shape in zip(node.points, shapes, strict=True):
        if shape != shapes[0]:
            message = "this point has other numbers of inputs or targets than the first"
            raise source.error(
                point.span, message, "write (inputs; targets) alike for all"
            )


def _check_circuit(source: Source, scope: Scope, node: syntax.Circuit) -> None:
    if node.maker.text != "units":
        message = f"unknown kind of circuit `{node.maker.text}`"
        raise source.error(node.maker.span, message, "write units(f, 1: {1, 2})")
    name = node.network.text
    if not isinstance(scope.things.get(name), syntax.Network):
        span: Span = node.network.span
        if name in scope.homes:
            raise source.error(span, f"`{name}` is no network", "name a network")
        raise scope.unknown(source, span, name, ())
    for layer in node.layers:
        _check_numbers(source, (layer.number, *layer.units))
