"""Networks as documents declare them: their declarations for the kernel.

A formula speaks of a network by symbols: its outputs, its units, and what is left of it
without a circuit. The kernel knows each of these families by one declaration, always the
whole one, so that every lemma about a network means the same by its name.
"""

from __future__ import annotations

from collections.abc import Iterable

from verify.kernel.networks import Network as Declaration
from verify.kernel.terms import Symbol, Term, subterms
from verify.language.document import Document
from verify.language.functions import Function, network_of, read_function
from verify.language.things import Circuit, Network


class Missing(Exception):
    """A network that no problem can state; a sentence that says why."""


def find_declarations(document: Document, formula: Term) -> tuple[Declaration, ...]:
    """The declarations of every network that a formula speaks of, by name.

    Raises Missing where a file is not what it was, or a network too large to state.
    """
    wanted: dict[tuple[str, tuple[str, ...]], None] = {}
    for symbol in symbols_of(formula):
        if isinstance(document.thing(network_of(symbol.name)), Network):
            function = read_function(symbol.name) or Function(symbol.name)
            wanted[function.network, function.without] = None
    return tuple(_declare(document, *key) for key in sorted(wanted))


def symbols_of(formula: Term) -> frozenset[Symbol]:
    """The symbols that occur in a formula."""
    parts = subterms(formula)
    return frozenset(part.value for part in parts if isinstance(part.value, Symbol))


def _declare(document: Document, name: str, without: tuple[str, ...]) -> Declaration:
    network = document.thing(name)
    if not isinstance(network, Network):
        raise Missing(f"no network is called {name}")
    whole = network.units or _read_declaration(network)
    if not without:
        return whole
    units: list[tuple[int, int]] = []
    for circuit in map(document.thing, without):
        if not isinstance(circuit, Circuit) or circuit.network != name:
            raise Missing(f"{', '.join(without)} are not circuits of {name}")
        units += circuit.units
    return leave_out(whole, name, without, units)


def _read_declaration(network: Network) -> Declaration:
    from verify.networks.statements.files import Changed, declare_file  # NumPy

    try:
        return declare_file(network.file, network.outline.sha, network.name)
    except Changed as error:
        raise Missing(str(error)) from None


def leave_out(
    network: Declaration,
    name: str,
    without: tuple[str, ...],
    units: Iterable[tuple[int, int]],
) -> Declaration:
    """The network with the outgoing weights of these units dropped.

    Its functions are named after the circuits left out; the units themselves stay.
    """
    variables = dict(network.outputs)
    gone = {variables[Function(name, (), unit).name] for unit in units}
    kept = tuple(
        unit._replace(weights=tuple(w for w in unit.weights if w[0] not in gone))
        for unit in network.units
    )
    named = tuple(
        (Function(name, without, _part(old)).name, variable)
        for old, variable in network.outputs
    )
    return Declaration(network.inputs, kept, named)


def _part(name: str) -> tuple[int, ...]:
    function = read_function(name)
    return function.part if function else ()
