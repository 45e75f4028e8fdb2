"""A network as a family of functions: its outputs, its units, itself less some circuits.

Each is a symbol whose name says what it stands for: `f` is the only output of f, `f.2` the
second of several, `f.1.3` unit 3 of layer 1, and `f.without.C` what is left of f without
the circuit C. Everything counts from 1.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from verify.kernel.terms import REAL, Symbol

WITHOUT: Final = "without"


class Function(NamedTuple):
    """What can be applied: a network, less some circuits; an output or a unit of it.

    `part` is () for the only output, (k,) for output k of several, (l, i) for a unit.
    """

    network: str
    without: tuple[str, ...] = ()
    part: tuple[int, ...] = ()

    @property
    def name(self) -> str:
        """The name of its symbol."""
        left_out = (WITHOUT, *self.without) if self.without else ()
        return ".".join((self.network, *left_out, *map(str, self.part)))

    def symbol(self, inputs: int) -> Symbol:
        return Symbol(self.name, (REAL,) * inputs, REAL)


def read_function(name: str) -> Function | None:
    """The function that a symbol's name stands for; None for a name without dots."""
    network, *rest = name.split(".")
    if not rest:
        return None
    part = tuple(int(word) for word in rest if word.isdigit())
    return Function(network, tuple(w for w in rest[1:] if not w.isdigit()), part)


def network_of(name: str) -> str:
    """The network, or the whole name where no dot says otherwise."""
    return name.partition(".")[0]
