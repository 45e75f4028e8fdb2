"""Networks in problems: declared as units in order, put together for the rows of a step.

    (network 2 (relu 1/2 0 3 1 -1/4) (linear 0 2 1) (outputs (f 3) (f.1.1 2)))

The first number counts the inputs. Variables are the inputs 0, 1, ... and then the units
in order; a unit is a kind, a bias, and pairs of an earlier variable and its weight. Each
name under `outputs` is a function of the inputs with the value of that variable, so
formulas speak of networks as of any function, and a declaration is their definition.

A step speaks of ground terms: networks at arguments that are linear over some inputs,
which are witness constants as a rule. Each application is a copy of the units, equal units
being one, so that together they form one straight-line program over the inputs.
`verify.kernel.trees` shows that rows over such a program cannot hold at once.
"""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from hashlib import sha256
from itertools import chain, pairwise
from typing import Final, NamedTuple

from verify.kernel.polynomials import Polynomial, read_polynomial
from verify.kernel.rejections import Rejected, require
from verify.kernel.terms import REAL, Symbol, Term, is_numeric, subterms
from verify.kernel.text import Tree, read_name, read_rational

KINDS: Final = ("relu", "linear", "sigmoid", "sign")
MAX_UNITS: Final = 20_000

Weights = tuple[tuple[int, Fraction], ...]  # variables increasing, no weight zero


class Unit(NamedTuple):
    """`kind` of bias + sum of weight * variable, over earlier variables."""

    kind: str
    bias: Fraction
    weights: Weights


class Meaning(NamedTuple):
    """What a network's function is, by the hash of its declaration."""

    name: str
    sha: str


class Network(NamedTuple):
    """A declared network; `outputs` names variables as functions of the inputs."""

    inputs: int
    units: tuple[Unit, ...]
    outputs: tuple[tuple[str, int], ...]

    def functions(self) -> tuple[tuple[Symbol, int], ...]:
        """The functions declared, and the variable each is."""
        takes = (REAL,) * self.inputs
        return tuple((Symbol(name, takes, REAL), v) for name, v in self.outputs)

    def meanings(self) -> tuple[Meaning, ...]:
        sha = sha256(self.text().encode()).hexdigest()
        return tuple(Meaning(name, sha) for name, _ in self.outputs)

    def text(self) -> str:
        """The canonical declaration."""
        units = [f"({' '.join(_spell(unit))})" for unit in self.units]
        named = [f"({name} {variable})" for name, variable in self.outputs]
        return f"(network {' '.join([str(self.inputs), *units])} (outputs {' '.join(named)}))"


def _spell(unit: Unit) -> Iterable[str]:
    pairs = chain.from_iterable(unit.weights)
    return map(str, (unit.kind, unit.bias, *pairs))


def read_network(
    inputs: Tree, units: Iterable[Tree], outputs: Iterable[Tree]
) -> Network:
    """The network of a declaration's parts. Raises Rejected on anything ill-formed."""
    count = known = _read_index(inputs, MAX_UNITS)
    read: list[Unit] = []
    for form in units:
        match form:
            case [str(kind), str(bias), *pairs] if (
                kind in KINDS and len(pairs) % 2 == 0
            ):
                variables = [_read_index(variable, known) for variable in pairs[::2]]
                weights = [read_rational(str(weight)) for weight in pairs[1::2]]
                increasing = all(a < b for a, b in pairwise(variables))
                require(
                    increasing and all(weights),
                    "increasing variables, no weight 0",
                    form,
                )
                row = tuple(zip(variables, weights, strict=True))
                read.append(Unit(kind, read_rational(bias), row))
                known += 1
            case _:
                raise Rejected(
                    f"a unit ({'|'.join(KINDS)} bias variable weight ...)", form
                )
    named: list[tuple[str, int]] = []
    for form in outputs:
        match form:
            case [name, variable]:
                named.append((read_name(name), _read_index(variable, known)))
            case _:
                raise Rejected("an output (name variable)", form)
    return Network(count, tuple(read), tuple(named))


def _read_index(tree: Tree, below: int) -> int:
    value = read_rational(tree) if isinstance(tree, str) else Fraction(-1)
    if value.denominator != 1 or not 0 <= value < below:
        raise Rejected(f"an integer from 0 to {below - 1}", tree)
    return int(value)


class Row(NamedTuple):
    """constant + sum of weight * variable >= 0, or > 0 if `strict`."""

    constant: Fraction
    weights: Weights
    strict: bool


class Program(NamedTuple):
    """Units over inputs and earlier units, and rows to hold at once; `box` is what the
    rows on one input alone say of each input."""

    units: tuple[Unit, ...]
    rows: tuple[Row, ...]
    box: tuple[tuple[Fraction | None, Fraction | None], ...]


class _Linear(NamedTuple):
    constant: Fraction
    weights: Weights


def _variable(index: int) -> _Linear:
    return _Linear(Fraction(0), ((index, Fraction(1)),))


def _add(parts: Iterable[tuple[Fraction, _Linear]]) -> _Linear:
    constant, weights = Fraction(0), dict[int, Fraction]()
    for factor, linear in parts:
        constant += factor * linear.constant
        for variable, weight in linear.weights:
            weights[variable] = weights.get(variable, Fraction(0)) + factor * weight
    return _Linear(constant, tuple(sorted((v, w) for v, w in weights.items() if w)))


def read_program(
    inputs: Iterable[Term],
    networks: Iterable[Network],
    hypotheses: Iterable[tuple[str, Polynomial]],
) -> Program:
    """The program whose rows are these hypotheses, `p >= 0`, `p > 0` or `p = 0` (two rows).

    `inputs` are its variables, any numeric terms. Raises Rejected unless each p is linear
    over them and over networks applied to what is linear over them.
    """
    reader = _Reader(inputs, networks)
    rows: list[Row] = []
    for kind, poly in hypotheses:
        linear = reader.read(poly)
        rows.append(Row(*linear, kind == ">"))
        if kind == "=":
            rows.append(Row(*_add(((Fraction(-1), linear),)), False))
    return Program(tuple(reader.units), tuple(rows), reader.box(rows))


class _Reader:
    """The units met so far; those that are equal are one."""

    def __init__(self, inputs: Iterable[Term], networks: Iterable[Network]) -> None:
        terms_read = tuple(inputs)
        self.inputs = len(terms_read)
        self.values = {term: _variable(i) for i, term in enumerate(terms_read)}
        require(len(self.values) == self.inputs, "each input once", "one twice")
        require(all(is_numeric(t.sort) for t in terms_read), "numbers as inputs", "not")
        self.units: dict[Unit, int] = {}
        self.copies: dict[tuple[int, tuple[_Linear, ...]], tuple[_Linear, ...]] = {}
        self.functions = {
            symbol: (network, variable)
            for network in networks
            for symbol, variable in network.functions()
        }

    def read(self, poly: Polynomial) -> _Linear:
        """A polynomial as a linear term over inputs and units."""
        for monomial in poly:
            for generator in monomial:
                for term in subterms(generator):
                    if term not in self.values and term.value in self.functions:
                        self.values[term] = self._apply(term)
        return self._read(poly)

    def _read(self, poly: Polynomial) -> _Linear:
        parts = []
        for monomial, factor in poly.items():
            known = all(generator in self.values for generator in monomial)
            require(known, "inputs, and networks applied to them", "another term")
            require(len(monomial) <= 1, "a linear term", "a product")
            one = _Linear(Fraction(1), ())
            parts.append((factor, self.values[monomial[0]] if monomial else one))
        return _add(parts)

    def _apply(self, term: Term) -> _Linear:
        """The variable of a network's output at these arguments."""
        network, variable = self.functions[term.value]  # type: ignore[index]
        arguments = tuple(self._read(read_polynomial(arg)) for arg in term.args)
        place = id(network), arguments
        if place not in self.copies:
            values = [*arguments]
            for unit in network.units:
                row = _add((weight, values[v]) for v, weight in unit.weights)
                made = Unit(unit.kind, unit.bias + row.constant, row.weights)
                number = self.units.setdefault(made, self.inputs + len(self.units))
                values.append(_variable(number))
            small = len(self.units) <= MAX_UNITS
            require(small, f"at most {MAX_UNITS} units", len(self.units))
            self.copies[place] = tuple(values)
        return self.copies[place][variable]

    def box(
        self, rows: Iterable[Row]
    ) -> tuple[tuple[Fraction | None, Fraction | None], ...]:
        sides: dict[tuple[int, bool], list[Fraction]] = {}
        for row in rows:
            for variable, weight in row.weights[:1] if len(row.weights) == 1 else ():
                found = sides.setdefault((variable, weight > 0), [])
                found.append(-row.constant / weight)
        return tuple(
            (max(sides.get((i, True), [None])), min(sides.get((i, False), [None])))  # type: ignore[type-var]
            for i in range(self.inputs)
        )
