"""VNN-LIB 2.0: queries over typed tensors of one or several networks.

The standard's own package `vnnlib` parses and checks types. It meets only text whose
alphabet, nesting and size were checked here and whose comments were taken out: by itself it
stops reading at a zero byte, believes an index of -1, and crashes on deep nesting. Numbers
are taken from their text, because the package's own are floating point.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Final, NamedTuple

from verify.networks.network import Network
from verify.networks.properties.constraints import MAX_NESTING
from verify.networks.properties.equations import Solved, solve
from verify.networks.properties.products import Wire, combine
from verify.networks.properties.properties import Property, make_property
from verify.networks.properties.property_errors import LIMIT, PropertyError
from verify.networks.properties.smtlib import Words, shown
from verify.networks.properties.tensors import Declaration, check_files, check_sizes
from verify.networks.properties.vnnlib2_tree import Reader, read_declaration
from verify.networks.query import Query

VERSIONS: Final = ("2.0", "2.1")
_WORD: Final = re.compile(
    r"(?:[ \t\n\r]+|;[^\n]*)*+"
    r"([()]|[A-Za-z0-9_\-+*<>=!.,\[\]]++"
    r'|"(?:[^"\\\n]|\\["\\nt])*+"|)',
    re.ASCII,
)
_SYNTAX: Final = re.compile(r"syntax error at line ([0-9]{1,9}), column [0-9]+: '(.*)'")
_FIRST: Final = re.compile(r"(?:\s+|;[^\n]*)*+\(\s*vnnlib-version\b", re.ASCII)
_COMMENT: Final = re.compile(r'"(?:[^"\\\n]|\\["\\nt])*+"|;[^\n]*+')


class Parsed(NamedTuple):
    """A query as written: what it declares and what it asserts.

    `stated` speaks about the inputs that equations leave over (`solved.kept`).
    """

    networks: tuple[Declaration, ...]
    stated: Property
    solved: Solved

    @property
    def elements(self) -> tuple[str, ...]:
        """The element types of its tensors, each once."""
        tensors = [t for net in self.networks for t in (*net.inputs, *net.outputs)]
        return tuple(dict.fromkeys(tensor.element for tensor in tensors))

    def make_query(self, networks: Mapping[str, Network]) -> Query:
        """The query over the product of `networks`, by declared name.

        Raises PropertyError when one is missing, unnecessary, or of another size.
        """
        check_files(self.networks, networks)
        parts = [networks[net.equal_to or net.name] for net in self.networks]
        for net, part in zip(self.networks, parts, strict=True):
            check_sizes(net, part)
        total = sum(part.inputs for part in parts)
        product = combine(parts, len(self.solved.kept), self._wires(total))
        return self.stated.make_query(product)

    def _wires(self, inputs: int) -> list[Wire]:
        places = {old: new for new, old in enumerate(self.solved.kept)}
        wires = []
        for index in range(inputs):
            if index in places:
                wires.append(Wire({places[index]: Fraction(1)}, Fraction(0)))
            else:
                term = self.solved.definitions[index]
                wires.append(Wire(term.coefficients, term.constant))
        return wires

    def restore(self, point: Sequence[Fraction]) -> tuple[Fraction, ...]:
        """All inputs of all networks, from the point of a query."""
        inputs = len(self.solved.kept) + len(self.solved.definitions)
        return tuple(
            sum((c * point[v] for v, c in wire.coefficients.items()), wire.constant)
            for wire in self._wires(inputs)
        )


def is_version_two(text: str) -> bool:
    """Whether a text begins as a query of VNN-LIB 2.0."""
    return _FIRST.match(text) is not None


def read_query(text: str) -> Parsed:
    """The query that a text says; raises PropertyError with the line and the reason."""
    from vnnlib import VNNLibException, parse_query_string  # lazy: only for 2.0

    clean = _strip(text)
    try:
        parsed = parse_query_string(clean)
    except VNNLibException as error:
        raise _explain(str(error)) from None
    except IndexError:  # how the package meets numbers beyond its own
        raise PropertyError(
            "a number, an index or a dimension is too long", kind=LIMIT
        ) from None
    networks = tuple(read_declaration(net) for net in parsed.networks)
    reader = Reader(networks)
    formulas = tuple(reader.formula(a.expr) for a in parsed.assertions)
    solved = solve(formulas, len(reader.input_names))
    names = tuple(reader.input_names[index] for index in solved.kept)
    stated = make_property(len(names), reader.outputs, solved.formulas, names)
    return Parsed(networks, stated, solved)


def _strip(text: str) -> str:
    """The text without comments; raises PropertyError for what the package must not see."""
    words = Words(text, _WORD)
    depth = 0
    while word := words.next():
        depth += (word == "(") - (word == ")")
        if depth > MAX_NESTING:
            words.fail(f"nested more than {MAX_NESTING} deep", kind=LIMIT)
    return _COMMENT.sub(lambda found: found[0] if found[0][0] == '"' else "", text)


def _explain(answer: str) -> PropertyError:
    """The package's first complaint: JSON about types, or a sentence about syntax."""
    try:
        first = json.loads(answer)["errors"][0]
        line, reason = int(first["line"]), str(first["message"])
        symbol, hint = str(first["offendingSymbol"]), str(first["hint"])
    except (ValueError, KeyError, IndexError, TypeError, RecursionError):
        return _explain_syntax(answer)
    return PropertyError(
        f"{reason} {shown(symbol)}", line=line, fix=hint.rstrip(".")[:200]
    )


def _explain_syntax(answer: str) -> PropertyError:
    match = _SYNTAX.search(answer)
    if match is None:
        return PropertyError(f"it is no query of VNN-LIB 2.0 ({shown(answer)})")
    where = f"at {shown(match[2])}" if match[2] else "at the end of the text"
    return PropertyError(
        f"a syntax error {where}",
        line=int(match[1]),
        fix="see the grammar of VNN-LIB 2.0",
    )
