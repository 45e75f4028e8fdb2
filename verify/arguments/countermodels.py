"""A countermodel in the author's words: constants, then a table for each kind of thing.

The kernel's model names elements `Model!0` and lists functions one by one. A person wants
the things themselves, under the names the document gave them, and beside each what every
function says of it, headed by the author's own `reads` sentence: "training loss", not
`loss`. Only what occurs in the problem is shown.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from itertools import product
from typing import Any, Final, NamedTuple

from verify.kernel.certificate import read_certificate
from verify.kernel.problem import Problem
from verify.kernel.terms import BOOL, INT, NAT, REAL, Sort, Symbol
from verify.language.document import Document
from verify.language.verdicts import Counterexample, Table
from verify.solvers.definitions import read_definition

MAX_ROWS: Final = 40
NUMBERS: Final = {NAT: "n", INT: "i", REAL: "x"}
_LINKS: Final = (
    "of at for in by from to on with after before under given over when if and is"
)
_LINK: Final = rf"\s+(?:{_LINKS.replace(' ', '|')})"
_UNIT: Final = r"(?:rounds?|models?|inputs?|steps?|times?|points?|days?|years?)"
_PHRASE: Final = re.compile(
    rf"(?:{_LINK}\s+the\s+\w+)?{_LINK}(?:\s+the)?(?:\s+{_UNIT})?"
    rf"\s+\{{\d+\}}(?:\s+{_UNIT})?(?=\s|,|$)"
)
_ARTICLE: Final = re.compile(r"^(?:the|a|an)\s+", re.IGNORECASE)


class _World(NamedTuple):
    """A model's lines by name, and how its elements are called."""

    lines: Mapping[str, Mapping[str, Any]]
    sizes: Mapping[str, int]
    names: Mapping[str, str]


def tell(
    document: Document,
    problem: Problem,
    certificate: str,
    truncated: Sequence[str] = (),
    *,
    genuine: bool = True,
) -> Counterexample:
    """The model of a certificate about `problem`, told in the document's words.

    One that the kernel did not accept is not `genuine`: the premises named in `truncated`
    were cut to find it.
    """
    lines = read_certificate(certificate).lines
    sizes = {line["sort"]: line["size"] for line in lines if "sort" in line}
    declared = {symbol.name for symbol in problem.symbols}
    defined = [line for line in lines if line.get("symbol") in declared]
    world = _World(
        {line["symbol"]: _unfolded(problem, sizes, line) for line in defined}, sizes, {}
    )
    world = world._replace(names=_name_elements(problem, world))
    shown = [symbol for symbol in problem.symbols if symbol.name in world.lines]
    groups: dict[tuple[Sort, ...], list[Symbol]] = {}
    for symbol in shown:
        if symbol.arguments:
            groups.setdefault(symbol.arguments, []).append(symbol)
    return Counterexample(
        constants=tuple(_constants(document, shown, world)),
        tables=tuple(
            _table(document, arguments, symbols, world)
            for arguments, symbols in groups.items()
        ),
        genuine=genuine,
        truncated=tuple(truncated),
        certificate=certificate if genuine else "",
    )


def _unfolded(
    problem: Problem, sizes: Mapping[str, int], line: Mapping[str, Any]
) -> Mapping[str, Any]:
    """A definition as a value, or as a table with what holds elsewhere."""
    rows = read_definition(problem, sizes, line)
    if not line["parameters"]:
        return {"value": rows.default or str((rows.tail or (0,))[0])}
    table = [[list(key), value] for key, value in rows.table]
    if rows.tail is not None:
        return {"table": table, "tail": [str(value) for value in rows.tail]}
    return {"table": table, "default": rows.default}


def _name_elements(problem: Problem, world: _World) -> dict[str, str]:
    """Every element under its first constant's name, else m1, m2, ... for a Model."""
    names: dict[str, str] = {}
    for symbol in problem.symbols:
        if (
            not symbol.arguments
            and symbol.name in world.lines
            and is_thing(symbol.result)
        ):
            names.setdefault(str(world.lines[symbol.name]["value"]), symbol.name)
    taken = {symbol.name for symbol in problem.symbols}
    initials = [sort.name[0].lower() for sort in problem.sorts if not sort.elements]
    for sort in problem.sorts:
        if sort.elements:
            continue
        initial = sort.name[0].lower()
        stem = initial if initials.count(initial) == 1 else sort.name.lower()
        count = 0
        for place in range(world.sizes.get(sort.name, 0)):
            if f"{sort.name}!{place}" in names:
                continue
            count += 1
            while f"{stem}{count}" in taken:
                count += 1
            names[f"{sort.name}!{place}"] = f"{stem}{count}"
    return names


def is_thing(sort: Sort) -> bool:
    """Whether a sort is uninterpreted: its elements have no names of their own."""
    return sort not in (BOOL, INT, NAT, REAL) and not sort.elements


def _constants(
    document: Document, symbols: Iterable[Symbol], world: _World
) -> Iterable[tuple[str, str]]:
    for symbol in symbols:
        if not symbol.arguments:
            value = _say(str(world.lines[symbol.name]["value"]), world)
            if value != symbol.name:
                quantity = document.quantity(symbol.name)
                yield quantity.written if quantity else symbol.name, value


def _say(value: str, world: _World) -> str:
    return world.names.get(value, value)


def _table(
    document: Document,
    arguments: tuple[Sort, ...],
    symbols: Sequence[Symbol],
    world: _World,
) -> Table:
    variables = _variables(arguments)
    maps = [_rows(world.lines[symbol.name]) for symbol in symbols]
    keys = _keys(arguments, maps, world)
    rows = [
        (
            *(_say(part, world) for part in key),
            *(
                _say(_value(world.lines[symbol.name], rows, key), world)
                for symbol, rows in zip(symbols, maps, strict=True)
            ),
        )
        for key in keys[:MAX_ROWS]
    ]
    if any(sort in NUMBERS for sort in arguments):
        rest = [
            _elsewhere(world.lines[symbol.name], variables[0]) for symbol in symbols
        ]
        if any(rest):
            blank = tuple("other" for _ in arguments)
            rows.append((*blank, *(_say(text, world) for text in rest)))
    elif len(keys) > MAX_ROWS:
        rows.append(tuple("..." for _ in range(len(arguments) + len(symbols))))
    headings = tuple(heading(document, symbol, variables) for symbol in symbols)
    title = ", ".join(sort.name for sort in arguments)
    return Table(title=title, header=(*variables, *headings), rows=tuple(rows))


def _variables(arguments: Sequence[Sort]) -> tuple[str, ...]:
    """The headings of the argument columns, distinct."""
    names = [NUMBERS.get(sort, sort.name) for sort in arguments]
    return tuple(
        name if names.count(name) == 1 else f"{name} {names[: place + 1].count(name)}"
        for place, name in enumerate(names)
    )


def _rows(line: Mapping[str, Any]) -> dict[tuple[str, ...], str]:
    return {tuple(key): str(value) for key, value in line.get("table", ())}


def _keys(
    arguments: Sequence[Sort],
    maps: Iterable[Mapping[tuple[str, ...], str]],
    world: _World,
) -> list[tuple[str, ...]]:
    """All arguments where they are finitely many, else those that some table lists."""
    if not any(sort in NUMBERS for sort in arguments):
        return list(product(*(_elements(sort, world) for sort in arguments)))
    listed = {key for rows in maps for key in rows}
    order = {name: place for place, name in enumerate(world.names)}

    def place(key: tuple[str, ...]) -> tuple[object, ...]:
        return tuple(
            (Fraction(part), "") if sort in NUMBERS else (order.get(part, 0), part)
            for part, sort in zip(key, arguments, strict=True)
        )

    return sorted(listed, key=place)


def _elements(sort: Sort, world: _World) -> tuple[str, ...]:
    if sort == BOOL:
        return ("false", "true")
    if sort.elements:
        return sort.elements
    return tuple(f"{sort.name}!{i}" for i in range(world.sizes.get(sort.name, 0)))


def _value(
    line: Mapping[str, Any], rows: Mapping[tuple[str, ...], str], key: tuple[str, ...]
) -> str:
    if key in rows:
        return rows[key]
    if "tail" in line:
        return _at(line["tail"], key[0])
    return str(line.get("default", ""))


def _at(tail: Sequence[str], point: str) -> str:
    """The tail's polynomial at a point."""
    total = Fraction(0)
    for coefficient in reversed(tail):
        total = total * Fraction(point) + Fraction(coefficient)
    return str(total)


def _elsewhere(line: Mapping[str, Any], variable: str) -> str:
    """What a function gives where its table has no row: a value, or `1/2 + n`."""
    if "tail" not in line:
        return str(line.get("default", ""))
    parts = []
    for power, coefficient in enumerate(line["tail"]):
        if coefficient == "0":
            continue
        letter = "" if not power else variable if power == 1 else f"{variable}^{power}"
        if not letter:
            parts.append(coefficient)
        elif coefficient in ("1", "-1"):
            parts.append(coefficient.rstrip("1") + letter)
        else:
            parts.append(f"{coefficient}*{letter}")
    return " + ".join(parts).replace("+ -", "- ") or "0"


def heading(document: Document, symbol: Symbol, variables: Sequence[str]) -> str:
    """A function's column heading: its `reads` sentence without the arguments."""
    sentence = document.readings.get(symbol.name, "")
    if not sentence:
        return symbol.name
    text = _ARTICLE.sub("", _PHRASE.sub("", sentence).strip())
    for place, variable in enumerate(variables, 1):
        text = text.replace(f"{{{place}}}", variable)
    return text or symbol.name
