"""The names of quantities, taken apart: `optimum.S.D.l1` is written `optimum(S, D, l1)`.

A name has what an author wrote, word by word, joined by dots; a fraction 1/3 is the word
`1_3`. Circuits left out stand after the word `without` and their number. What a name has
no room for is a hash, and cannot be written back.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Final

LOSSES: Final = ("l1", "squared", "hinge", "zero_one", "linf")
BALLS: Final = ("tv", "wasserstein", "subpopulation", "mixture", "region")
TERMS: Final = ("optimum", "least", "risk", "posterior")
WORDS: Final = frozenset((*TERMS, *LOSSES, *BALLS, "without"))


def write_number(value: Fraction | str) -> str:
    """A number, or a name, as a word of a name."""
    return str(value).replace("/", "_")


def write_network(network: str, without: tuple[str, ...]) -> str:
    """A network, less some circuits, as an author writes it."""
    for circuit in without:
        network = f"without({network}, {circuit})"
    return network


def spell_network(network: str, without: tuple[str, ...]) -> tuple[str, ...]:
    """The same as the words of a name."""
    if not without:
        return (network,)
    return (network, "without", str(len(without)), *without)


def read_quantity_name(name: str) -> str:
    """The name as an author writes it; empty where it is none, or has a hash."""
    term, *words = name.split(".")
    if term in ("optimum", "least") and len(words) == 3:
        return f"{term}({', '.join(words)})"
    if term != "risk" or len(words) < 4:
        return ""
    network, rest = words[0], words[1:]
    if len(rest) > 1 and rest[0] == "without" and rest[1].isdigit():
        end = 2 + int(rest[1])
        network, rest = write_network(network, tuple(rest[2:end])), rest[end:]
    if len(rest) < 3 or rest[2] not in BALLS:
        return ""
    data, loss, kind, *others = rest
    shown = [word.replace("_", "/") if word[0].isdigit() else word for word in others]
    ball = f"{kind}({', '.join(shown)})" if shown else kind
    return f"risk({network}, {data}, {loss}, {ball})"
