"""Queries as problems of the kernel: a network's declaration, and a closed statement.

The statement of a query is that no point is in any of its cases,

    (forall (?X_0 Real) ... (not (or (and box rows) ...)))

with the network's outputs as functions of the point; `(implies box (not ...))` when all
cases share one box. A query's witness proves the opposite, by an instance.

A layer of sums that only a relu takes is folded into the relu's units; further sums are put
into those that take them, and kept as linear units where that would cost more weights.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from fractions import Fraction
from typing import Final, NamedTuple

from verify.kernel import terms
from verify.kernel.networks import Network as Declaration
from verify.kernel.networks import Unit
from verify.kernel.problem import Problem
from verify.kernel.terms import REAL, Term
from verify.kernel.text import MAX_TEXT, MAX_TOKENS
from verify.networks.certificates.pinning import pin
from verify.networks.network import Activation, Affine, Input, Network, Numbers
from verify.networks.query import Case, Query, Row

MAX_INPUTS: Final = (
    300  # each is a quantifier, and terms nest no deeper than the kernel lets them
)
MAX_WEIGHTS: Final = 400_000
LONG: Final = 20_000  # weights up to which nobody asks how long the problem is
TOO_LONG: Final = (
    f"its problem is longer than {MAX_TEXT:,} characters or {MAX_TOKENS:,} words"
)


class TooLarge(ValueError):
    """The network is beyond what a problem of the kernel can state."""


class _Form(NamedTuple):
    """bias + sum of weights over the declaration's variables, not yet a unit."""

    bias: Fraction
    weights: dict[int, Fraction]


def declare(network: Network, name: str, *, units: bool = False) -> Declaration:
    """The kernel's declaration: outputs `name`, or `name.1`, `name.2`, ... if several.

    With `units`, `name.L.U` is unit U of layer L of `network.units`, both from 1. Raises
    TooLarge beyond what the kernel reads.
    """
    declaring = _Declaring(network.inputs)
    takers = _takers(network)
    layers: list[list[_Form]] = []
    shown = set(network.units) if units else set()
    for index, layer in enumerate(network.layers):
        if isinstance(layer, Input):
            forms = [_variable(i) for i in range(layer.size)]
        elif isinstance(layer, Affine):
            forms = _sum_layers(layer, layers)
            named = index in shown
            if named or declaring.costs(forms, takers[index]):
                forms = [_variable(declaring.add("linear", form)) for form in forms]
        else:
            source = layers[layer.source]
            forms = [_variable(declaring.add(layer.kind, form)) for form in source]
        layers.append(forms)
    last = [declaring.add("linear", form) for form in layers[network.output]]
    outputs = [
        (name if len(last) == 1 else f"{name}.{k}", v) for k, v in enumerate(last, 1)
    ]
    if units:
        for place, index in enumerate(network.units, 1):
            for k, form in enumerate(layers[index], 1):
                (variable,) = form.weights
                outputs.append((f"{name}.{place}.{k}", variable))
    return Declaration(network.inputs, tuple(declaring.units), tuple(outputs))


def _variable(number: int) -> _Form:
    return _Form(Fraction(0), {number: Fraction(1)})


def _takers(network: Network) -> list[list[int]]:
    """For each layer, how many weights each affine layer puts on its numbers; activations
    count as one."""
    found: list[list[int]] = [[] for _ in network.layers]
    for layer in network.layers:
        if isinstance(layer, Affine):
            for source, matrix in zip(layer.sources, layer.matrices, strict=True):
                found[source].append(int((matrix.floats != 0).sum()))
        elif isinstance(layer, Activation):
            found[layer.source].append(1)
    return found


class _Declaring:
    def __init__(self, inputs: int) -> None:
        self.inputs = inputs
        self.units: list[Unit] = []
        self.weights = 0

    def add(self, kind: str, form: _Form) -> int:
        """A new unit; its variable."""
        self.weights += len(form.weights) + 1
        if self.weights > MAX_WEIGHTS:
            raise TooLarge(f"more than {MAX_WEIGHTS} weights")
        self.units.append(Unit(kind, form.bias, tuple(sorted(form.weights.items()))))
        return self.inputs + len(self.units) - 1

    def costs(self, forms: list[_Form], takers: list[int]) -> bool:
        """Whether putting these sums into what takes them needs more weights than units
        of their own would."""
        own = sum(len(form.weights) for form in forms)
        if takers == [1]:
            return False
        each = own / max(len(forms), 1)
        put_in = sum(own if taker == 1 else taker * each for taker in takers)
        return put_in > own + sum(takers) + len(forms)


def _sum_layers(layer: Affine, layers: list[list[_Form]]) -> list[_Form]:
    sums = [_Form(bias, {}) for bias in numbers_of(layer.bias)]
    for source, matrix in zip(layer.sources, layer.matrices, strict=True):
        forms, width = layers[source], matrix.floats.shape[1]
        exact = matrix.exact
        for row, cells in enumerate(matrix.floats):
            bias, weights = sums[row]
            for column in cells.nonzero()[0].tolist():
                value = (
                    Fraction(float(cells[column]))
                    if exact is None
                    else exact[row * width + column]
                )
                part = forms[column]
                bias += value * part.bias
                for variable, weight in part.weights.items():
                    weights[variable] = (
                        weights.get(variable, Fraction(0)) + value * weight
                    )
            sums[row] = _Form(bias, weights)
    return [
        _Form(bias, {v: w for v, w in weights.items() if w}) for bias, weights in sums
    ]


def numbers_of(numbers: Numbers) -> list[Fraction]:
    """The exact numbers of an array, flat."""
    if numbers.exact is not None:
        return list(numbers.exact)
    return [Fraction(value) for value in numbers.floats.ravel().tolist()]


class Statement(NamedTuple):
    """The parts of `(implies box (not (or cases)))` at some point; each case's own box is
    in its literals where the cases do not share one, and `box` is then None."""

    body: Term
    box: tuple[Term, ...] | None
    cases: tuple[tuple[Term, ...], ...]


def make_problem(query: Query, name: str = "f") -> Problem:
    """The problem whose goal says that no case of the query has a point.

    Of more inputs than it can have, those that are pinned are put in. Raises TooLarge.
    """
    query = pin(query, MAX_INPUTS).query
    declaration = declare(query.network, name)
    problem = Problem((), (), (), make_goal(query, declaration), (declaration,))
    weights = sum(len(unit.weights) for unit in declaration.units)
    if weights > LONG and is_too_long(problem.text()):
        raise TooLarge(TOO_LONG)
    return problem


def is_too_long(text: str) -> bool:
    """Whether the kernel would not read a problem's text."""
    return len(text) > MAX_TEXT or count_words(text) > MAX_TOKENS


def count_words(text: str) -> int:
    """The words of a problem as the kernel counts them, brackets included."""
    brackets = text.count("(") + text.count(")")
    return brackets + len(text.replace("(", " ").replace(")", " ").split())


def make_goal(query: Query, declaration: Declaration) -> Term:
    """forall X_0, X_1, ... : not (one of the cases), about a declared network."""
    count = query.network.inputs
    if count > MAX_INPUTS:
        raise TooLarge(f"{count} inputs, more than {MAX_INPUTS}")
    point = [terms.make_variable(count - 1 - i, REAL) for i in range(count)]
    body = make_statement(query, declaration, point).body
    for i in reversed(range(count)):
        body = terms.make_forall(f"X_{i}", REAL, body)
    return body


def make_statement(
    query: Query, declaration: Declaration, point: Sequence[Term]
) -> Statement:
    """What the goal says of one point, given as terms of sort Real."""
    functions = declaration.functions()[: query.network.outputs]
    values = [terms.make_application(symbol, point) for symbol, _ in functions]
    shared = len({(case.lower, case.upper) for case in query.cases}) == 1
    cases = [
        (
            *(() if shared else _box(case, point)),
            *(_row(row, point, values) for row in case.rows),
        )
        for case in query.cases
    ]
    failing = terms.make_not(terms.make_or(*map(_conjunction, cases)))
    if not shared:
        return Statement(failing, None, tuple(cases))
    box = tuple(_box(query.cases[0], point))
    body = terms.make_implies(_conjunction(box), failing)
    return Statement(body, box, tuple(cases))


def make_rows_at(
    case: Case, point: Sequence[Term], values: Sequence[Term]
) -> list[Term]:
    """The box and the rows of a case, of a point and the outputs there."""
    return [*_box(case, point), *(_row(row, point, values) for row in case.rows)]


def _conjunction(parts: Iterable[Term]) -> Term:
    return terms.make_and(*parts)


def _box(case: Case, point: Sequence[Term]) -> list[Term]:
    found = []
    for variable, low, high in zip(point, case.lower, case.upper, strict=True):
        found.append(terms.make_at_most(_number(low), variable))
        found.append(terms.make_at_most(variable, _number(high)))
    return found


def _row(row: Row, point: Sequence[Term], values: Sequence[Term]) -> Term:
    """0 <= constant + inputs + outputs, its negative parts on the other side."""
    parts = [(weight, point[i]) for i, weight in row.inputs]
    parts += [(weight, values[k]) for k, weight in row.outputs]
    right = [_times(weight, term) for weight, term in parts if weight > 0]
    left = [_times(-weight, term) for weight, term in parts if weight < 0]
    if row.constant > 0 or not right:
        right.append(_number(max(row.constant, Fraction(0))))
    if row.constant < 0 or not left:
        left.append(_number(max(-row.constant, Fraction(0))))
    make: Callable[[Term, Term], Term] = (
        terms.make_less if row.strict else terms.make_at_most
    )
    return make(terms.make_sum(*left), terms.make_sum(*right))


def _times(weight: Fraction, term: Term) -> Term:
    return term if weight == 1 else terms.make_product(_number(weight), term)


def _number(value: Fraction) -> Term:
    return terms.make_number(Fraction(value), REAL)
