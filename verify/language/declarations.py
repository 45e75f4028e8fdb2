"""Declarations into the scope: types, constants, functions, definitions.

A definition is read once, with constants in place of its parameters, and unfolded where
it is used.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from fractions import Fraction
from typing import Final

from verify.kernel.terms import Sort, Symbol, make_application
from verify.language import syntax
from verify.language.document import Definition
from verify.language.formulas import Reader
from verify.language.local import Local
from verify.language.names import Scope, describe, read_elements
from verify.language.positions import Source
from verify.language.syntax import Expression, Word
from verify.language.theory import Unsupported, find_unsupported

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
    names = read_parameters(source, scope, node.parameters)
    reason = find_unsupported(source, node.body, scope, frozenset(names))
    definition = None
    if not reason:
        try:
            definition = read_body(reader, node, names)
        except Unsupported as unsupported:
            reason = str(unsupported)
    scope.claim(source, node.name)
    if definition is not None:
        scope.definitions[node.name.text] = definition
        return
    scope.things[node.name.text] = node
    scope.unsupported[node.name.text] = f"it uses {describe(node)}: {reason}"


def read_parameters(
    source: Source, scope: Scope, binders: tuple[syntax.Binder, ...]
) -> dict[str, Symbol]:
    """Constants in place of parameters, by name."""
    names: dict[str, Symbol] = {}
    for binder in binders:
        sort = scope.find_sort(source, binder.sort)
        for word in binder.names:
            _check_parameter(source, word, names)
            names[word.text] = Symbol(make_fresh(word.text, scope), (), sort)
    return names


def read_body(
    reader: Reader,
    node: syntax.DefinitionDeclaration | syntax.Region,
    names: Mapping[str, Symbol],
) -> Definition:
    """The definition that a declaration makes, its body read with these parameters."""
    local = Local({name: make_application(symbol) for name, symbol in names.items()})
    reader.used, reader.spoken, reader.defining = {}, {}, node.name.text
    try:
        body = reader.read_term(node.body, local)
        uses, speaks = tuple(reader.used), tuple(reader.spoken)
    finally:
        reader.used, reader.spoken, reader.defining = {}, {}, ""
    if isinstance(node, syntax.Region):
        reader.check.formula(body, node.body)
    return Definition(
        node.name.text, tuple(names.values()), body, reader.source.slice(node.body.span),
        node.span, uses, speaks,
    )  # fmt: skip


def _check_parameter(source: Source, word: Word, names: dict[str, Symbol]) -> None:
    if word.text in names:
        message = f"two parameters are called `{word.text}`"
        raise source.error(word.span, message, "rename one of them")


def make_fresh(name: str, scope: Scope) -> str:
    """A name for a parameter's constant that no constant of the document has."""
    fresh, count = name, 0
    while scope.symbol(fresh) is not None:
        count += 1
        fresh = f"{name}_{count}"
    return fresh


def check_numbers(source: Source, nodes: tuple[Expression, ...]) -> None:
    """Each must be a numeral, a negated one or a fraction of two."""
    for node in nodes:
        parts = node.args if node.op == "product" and node.signs == ("/",) else (node,)
        for part in parts:
            inner = part.args[0] if part.op == "minus" else part
            if inner.op != "number":
                message = f"expected a number, got {source.quote(node.span)}"
                raise source.error(node.span, message, "write 2, -2, 0.5 or 1/2")
            if part is not parts[0] and not Fraction(inner.text):
                fix = "there is no such number; leave it out"
                raise source.error(part.span, "a division by 0", fix)


def exact(node: Expression) -> Fraction:
    """The value of a numeral, a negated one or a quotient, which was checked to be one."""
    above, *below = node.args if node.op == "product" else (node,)
    sign = 1
    value = Fraction(1)
    for part, power in ((above, 1), *((part, -1) for part in below)):
        inner = part.args[0] if part.op == "minus" else part
        sign = -sign if part.op == "minus" else sign
        value *= Fraction(inner.text) ** power
    return sign * value
