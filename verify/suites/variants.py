"""The same question asked in other words: seeds, renamings, shuffles.

Nothing here changes what is true. Facts and declarations come in another order; sorts,
symbols and facts have other names; a network's units are numbered in another order that
is one of evaluation; the cases of a property change places; engines get another seed. An
engine's answer may depend on any of that, a verdict may not.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

import numpy as np

from verify.kernel.networks import Network as Declaration
from verify.kernel.networks import Unit
from verify.kernel.problem import read_problem
from verify.kernel.rejections import Declined, Rejected
from verify.networks.network import Activation, Affine, Layer, Network, Numbers
from verify.networks.query import Query

TOKEN: Final = re.compile(r"[^\s()]+")
FACTS: Final = ("premise", "lemma", "admitted")
NAMED: Final = ("sort", "symbol", "extremum", "total", *FACTS)
KEPT: Final = ("method", "variable")  # hints whose texts are no names of the problem
SEEDS: Final = 2**31

Rename = Callable[[str], str]


def vary_payload(payload: Mapping[str, Any], number: int) -> dict[str, Any]:
    """The payload of a job that asks the same; number 0 is the payload itself.

    Jobs about files of networks are told to shuffle what they read.
    """
    if number == 0:
        return dict(payload)
    chosen = random.Random(number)
    varied = {**payload, "seed": chosen.randrange(SEEDS)}
    if "contents" in payload:
        return {**varied, "shuffle": number}
    problem, rename = vary_problem(str(payload["problem"]), chosen)
    varied["problem"] = problem
    if "hints" in payload:
        varied["hints"] = _rename_hints(payload["hints"], rename)
    if "scope" in payload:
        varied["scope"] = {rename(k): v for k, v in payload["scope"].items()}
    return varied


def vary_problem(text: str, chosen: random.Random) -> tuple[str, Rename]:
    """A problem's text with other names and in another order, and how it was renamed.

    Where the kernel does not read the renamed text, names stay as they are.
    """
    networks = iter(read_problem(text).networks)
    lines = [
        shuffle_units(next(networks), chosen).text() if _head(one) == "network" else one
        for one in text.splitlines()
    ]
    lines = _shuffle_lines(lines, chosen)
    names = list(_declared(lines))
    numbers = chosen.sample(range(len(names)), len(names))
    table = {name: f"v{number}x" for name, number in zip(names, numbers, strict=True)}

    def rename(said: str) -> str:
        return TOKEN.sub(lambda token: table.get(token[0], token[0]), said)

    renamed = "\n".join([*map(rename, lines), ""])
    try:
        read_problem(renamed)
    except (Rejected, Declined):
        return "\n".join([*lines, ""]), str
    return renamed, rename


def _shuffle_lines(lines: list[str], chosen: random.Random) -> list[str]:
    """Symbols and facts in another order among themselves."""
    out = list(lines)
    for heads in (("symbol",), FACTS):
        places = [place for place, one in enumerate(out) if _head(one) in heads]
        moved = chosen.sample(places, len(places))
        kept = [out[place] for place in moved]
        for place, one in zip(places, kept, strict=True):
            out[place] = one
    return out


def _head(line: str) -> str:
    return line[1:].split(" ", 1)[0].rstrip(")")


def _declared(lines: Iterable[str]) -> Iterable[str]:
    """Every name that the lines declare."""
    for one in lines:
        head = _head(one)
        if head in NAMED:
            yield one.split(" ", 2)[1].rstrip(")")
        elif head == "finite":
            yield from one.rstrip(")").split()[1:]
        elif head == "network":
            outputs = one.rpartition("(outputs ")[2]
            yield from (part.split()[0] for part in outputs.split("(") if part.split())


def shuffle_units(network: Declaration, chosen: random.Random) -> Declaration:
    """A declared network with its units in another order of evaluation."""
    first = network.inputs
    places = {variable: variable for variable in range(first)}
    waiting = dict(enumerate(network.units, first))
    written: list[Unit] = []
    while waiting:
        ready = [
            variable
            for variable, unit in waiting.items()
            if all(source in places for source, _ in unit.weights)
        ]
        variable = chosen.choice(ready)
        unit = waiting.pop(variable)
        places[variable] = first + len(written)
        weights = sorted((places[source], weight) for source, weight in unit.weights)
        written.append(unit._replace(weights=tuple(weights)))
    outputs = tuple((name, places[variable]) for name, variable in network.outputs)
    return Declaration(first, tuple(written), outputs)


def _rename_hints(hints: Any, rename: Rename) -> Any:
    match hints:
        case str():
            return rename(hints)
        case Mapping():
            return {
                key: value if key in KEPT else _rename_hints(value, rename)
                for key, value in hints.items()
            }
        case list() | tuple():
            return [_rename_hints(item, rename) for item in hints]
        case _:
            return hints


def shuffle_query(query: Query, number: int) -> tuple[Query, tuple[int, ...]]:
    """The query with cases and hidden units in another order; which case each was."""
    chosen = random.Random(number)
    places = chosen.sample(range(len(query.cases)), len(query.cases))
    network = shuffle_network(query.network, chosen)
    cases = tuple(query.cases[place] for place in places)
    return Query(network, cases), tuple(places)


def shuffle_network(network: Network, chosen: random.Random) -> Network:
    """The same function: the units of every hidden layer in another order."""
    kept = _kept_layers(network)
    orders: list[list[int]] = []
    layers: list[Layer] = []
    for index, layer in enumerate(network.layers):
        order = list(range(layer.size))
        match layer:
            case Affine(sources, matrices, bias):
                if index not in kept:
                    chosen.shuffle(order)
                moved = tuple(
                    _take(matrix, order, orders[source])
                    for source, matrix in zip(sources, matrices, strict=True)
                )
                layers.append(Affine(sources, moved, _take_vector(bias, order)))
            case Activation(_, source, _):
                order = orders[source]
                layers.append(layer)
            case _:
                layers.append(layer)
        orders.append(order)
    return network._replace(layers=tuple(layers))


def _kept_layers(network: Network) -> set[int]:
    """The layers whose numbers are outputs, and those that activations take them from."""
    kept, index = {network.output}, network.output
    while isinstance(layer := network.layers[index], Activation):
        index = layer.source
        kept.add(index)
    return kept


def _take(matrix: Numbers, rows: list[int], columns: list[int]) -> Numbers:
    width = matrix.floats.shape[1]
    exact = matrix.exact
    moved = None
    if exact is not None:
        moved = tuple(exact[row * width + column] for row in rows for column in columns)
    return Numbers(np.ascontiguousarray(matrix.floats[np.ix_(rows, columns)]), moved)


def _take_vector(bias: Numbers, rows: list[int]) -> Numbers:
    exact = bias.exact
    moved = None if exact is None else tuple(exact[row] for row in rows)
    return Numbers(np.ascontiguousarray(bias.floats[rows]), moved)
