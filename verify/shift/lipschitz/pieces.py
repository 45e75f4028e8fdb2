"""One linear piece of a relu network in exact numbers: its forms, its inside, its pairs.

Phases for all relus make the network affine, and every relu's input an affine form. The
piece meets the inside of a region where all forms can be strictly on their side at once;
a form that is 0 throughout takes no side and changes no gradient. The exact simplex
decides that. A point inside, and a step from it in the direction that the dual norm
names, is a pair on which the network changes by exactly the norm times the distance.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Final, NamedTuple

from verify.networks.certificates.problems import numbers_of
from verify.networks.network import Activation, Affine, Network, Numbers
from verify.networks.values.exact import evaluate, evaluate_layers
from verify.shift.pointwise.charts import Chart
from verify.shift.regions import Point
from verify.solvers.simplex import Simplex

Vector = tuple[Fraction, ...]
Form = tuple[Fraction, Vector]  # constant and weights of the inputs
Forms = tuple[Form | None, ...]  # of what relus take; None where phases leave it open

ZERO: Final = Fraction(0)
LEAST_STEP: Final = 80  # powers of 2
SHORT_STEP: Final = 16  # from a point that was rounded


class Pair(NamedTuple):
    """Two points of one piece: output `output` changes by `change`, at that distance."""

    start: Point
    end: Point
    output: int
    change: Fraction
    distance: Fraction


def _exact_row(matrix: Numbers, row: int) -> tuple[Fraction, ...] | None:
    if matrix.exact is None:
        return None
    width = matrix.floats.shape[1]
    return matrix.exact[row * width : (row + 1) * width]


class Exact:
    """A network's weights as fractions, read once."""

    def __init__(self, network: Network) -> None:
        self.network = network
        self.sums: dict[int, list[list[list[Fraction]]]] = {}
        self.biases: dict[int, list[Fraction]] = {}
        for place, layer in enumerate(network.layers):
            if isinstance(layer, Affine):
                self.biases[place] = numbers_of(layer.bias)
                self.sums[place] = [
                    [
                        numbers_of(Numbers(matrix.floats[row], _exact_row(matrix, row)))
                        for row in range(len(matrix.floats))
                    ]
                    for matrix in layer.matrices
                ]

    def read_forms(self, phases: Sequence[int]) -> Forms:
        """The forms that these phases (1, -1, or 0 for open), relu by relu, leave."""
        size = self.network.inputs
        blank: Form = ZERO, (ZERO,) * size
        layers: list[list[Form | None]] = [
            [(ZERO, tuple(Fraction(j == k) for k in range(size))) for j in range(size)]
        ]
        taken: list[Form | None] = []
        for place, layer in enumerate(self.network.layers[1:], 1):
            if isinstance(layer, Affine):
                layers.append(self._add(place, layer, layers))
            elif isinstance(layer, Activation):
                source = layers[layer.source]
                own = phases[len(taken) : len(taken) + layer.size]
                taken += source
                layers.append(
                    [
                        _keep(phase, form, blank)
                        for phase, form in zip(own, source, strict=True)
                    ]
                )
        return tuple(taken)

    def _add(
        self, place: int, layer: Affine, layers: list[list[Form | None]]
    ) -> list[Form | None]:
        found: list[Form | None] = []
        for row, bias in enumerate(self.biases[place]):
            constant, weights = bias, [ZERO] * self.network.inputs
            known = True
            for source, rows in zip(layer.sources, self.sums[place], strict=True):
                for factor, form in zip(rows[row], layers[source], strict=True):
                    if not factor:
                        continue
                    if form is None:
                        known = False
                        break
                    constant += factor * form[0]
                    for j, weight in enumerate(form[1]):
                        if weight:
                            weights[j] += factor * weight
            found.append((constant, tuple(weights)) if known else None)
        return found

    def bound_gradients(
        self, phases: Sequence[int]
    ) -> tuple[list[list[Fraction]], list[list[Fraction]]]:
        """The gradients of all outputs, from `low` to `high`, each a list an output;
        relus of phase 0 multiply by anything from 0 to 1."""
        layers = self.network.layers
        starts, units = {}, 0
        for place, layer in enumerate(layers):
            if isinstance(layer, Activation):
                starts[place] = units
                units += layer.size
        lows, highs = [], []
        for output in range(self.network.outputs):
            low = [[ZERO] * layer.size for layer in layers]
            high = [[ZERO] * layer.size for layer in layers]
            low[self.network.output][output] = Fraction(1)
            high[self.network.output][output] = Fraction(1)
            for place in range(len(layers) - 1, 0, -1):
                layer = layers[place]
                if isinstance(layer, Affine):
                    self._pass_sums(place, layer, low, high)
                elif isinstance(layer, Activation):
                    first = starts[place]
                    for k, phase in enumerate(phases[first : first + layer.size]):
                        a, b = low[place][k], high[place][k]
                        if phase == 0:
                            a, b = min(a, ZERO), max(b, ZERO)
                        if phase >= 0:
                            low[layer.source][k] += a
                            high[layer.source][k] += b
            lows.append(low[0])
            highs.append(high[0])
        return lows, highs

    def _pass_sums(
        self,
        place: int,
        layer: Affine,
        low: list[list[Fraction]],
        high: list[list[Fraction]],
    ) -> None:
        for source, rows in zip(layer.sources, self.sums[place], strict=True):
            least, most = low[source], high[source]
            for a, b, row in zip(low[place], high[place], rows, strict=True):
                if not a and not b:
                    continue
                for j, weight in enumerate(row):
                    if weight > 0:
                        least[j] += weight * a
                        most[j] += weight * b
                    elif weight:
                        least[j] += weight * b
                        most[j] += weight * a

    def read_phases(self, point: Point) -> list[int]:
        """On which side each relu is at a point, 0 on the line."""
        layers = evaluate_layers(self.network, point)
        found = []
        for layer in self.network.layers:
            if isinstance(layer, Activation):
                found += [(x > 0) - (x < 0) for x in layers[layer.source]]
        return found


def _keep(phase: int, form: Form | None, blank: Form) -> Form | None:
    """What a relu gives; a constant needs no phase."""
    if form is not None and not any(form[1]):
        return max(form[0], ZERO), form[1]
    return blank if phase < 0 else form if phase > 0 else None


def find_inside(chart: Chart, forms: Forms, phases: Sequence[int]) -> Point | None:
    """Numbers of the chart strictly inside the piece, by the exact simplex; None where
    there are none. Forms are over the inputs, numbers those of the chart's region."""
    simplex, region = Simplex(), chart.region
    names = [simplex.variable() for _ in range(region.size)]
    literals: list[tuple[str, dict[int, Fraction], Fraction]] = []

    def require(constant: Fraction, weights: Sequence[Fraction]) -> None:
        """The form above 0; at least 0 where it does not vary in the region."""
        pairs = {}
        for name, w, low, high in zip(
            names, weights, region.lower, region.upper, strict=True
        ):
            if w and low is not None and low == high:
                constant += w * low
            elif w:
                pairs[name] = w
        literals.append((">" if pairs else ">=", pairs, constant))

    for name, low, high in zip(names, region.lower, region.upper, strict=True):
        kind = ">=" if low == high else ">"
        if low is not None:
            literals.append((kind, {name: Fraction(1)}, -low))
        if high is not None:
            literals.append((kind, {name: Fraction(-1)}, high))
    for half in region.halves:
        require(half.constant, half.weights)
    for form, phase in zip(forms, phases, strict=True):
        if form is not None and phase:
            constant, weights = pull_form(chart, form)
            require(phase * constant, [phase * w for w in weights])
    for number, (kind, pairs, constant) in enumerate(literals):
        if simplex.assert_literal(number, kind, pairs, constant) is not None:
            return None
    if simplex.check() is not None:
        return None
    return tuple(simplex.solution()[: region.size])


def pull_form(chart: Chart, form: Form) -> Form:
    """A form of the inputs as one of the chart's numbers."""
    if chart.matrix is None:
        return form
    constant = form[0] + sum(
        (w * b for w, b in zip(form[1], chart.offset, strict=True)), ZERO
    )
    weights = [
        sum((w * a for w, a in zip(form[1], column, strict=True) if w), ZERO)
        for column in zip(*chart.matrix, strict=True)
    ]
    return constant, tuple(weights)


def find_pair(
    exact: Exact,
    inside: Point,
    contains: Callable[[Point], bool],
    free: Sequence[bool],
    step: Vector,
    output: int,
    reach: int,
) -> Pair | None:
    """A pair in the piece and the region around a point inside both, a step apart along a
    direction of length 1, at most 2^reach long; every number of it evaluated exactly.

    None where there is none to be found. The point is first moved to short dyadic numbers,
    where those are inside too, since evaluating them is quick.
    """
    phases = exact.read_phases(inside)
    for bits in (0, 3, 6, 10, 16, 24, 40, None):
        start = inside if bits is None else _shorten(inside, free, bits)
        if not _is_beside(phases, exact.read_phases(start)) or not contains(start):
            continue
        for sign in (1, -1):
            along = tuple(sign * x for x in step)
            least = reach - (LEAST_STEP if bits is None else SHORT_STEP)
            powers = range(reach, least, -2)
            pair = _stretch(exact, phases, contains, start, along, output, powers)
            if pair is not None:
                return pair
    return None


def _is_beside(phases: Sequence[int], others: Sequence[int]) -> bool:
    """Whether no relu is on the other side: then the points lie on one closed piece."""
    return all(a * b >= 0 for a, b in zip(phases, others, strict=True))


def _stretch(
    exact: Exact,
    phases: Sequence[int],
    contains: Callable[[Point], bool],
    start: Point,
    step: Vector,
    output: int,
    powers: Sequence[int],
) -> Pair | None:
    """The first step of length 2^power that stays in the piece and the region."""
    for power in powers:
        length = Fraction(2) ** power
        end = tuple(x + length * d for x, d in zip(start, step, strict=True))
        if _is_beside(phases, exact.read_phases(end)) and contains(end):
            first = evaluate(exact.network, start)[output]
            last = evaluate(exact.network, end)[output]
            return Pair(start, end, output, abs(last - first), length)
    return None


def find_step(
    low: Sequence[Fraction], high: Sequence[Fraction], free: Sequence[bool], norm: str
) -> Vector | None:
    """A direction of length 1 in which a gradient between these ends grows by its dual
    norm; None where their rounding hides a sign that counts."""
    middle = [(a + b) / 2 if is_free else ZERO for a, b, is_free in zip(
        low, high, free, strict=True)]  # fmt: skip
    signs = [Fraction((x > 0) - (x < 0)) for x in middle]
    if norm != "l1":
        for a, b, is_free in zip(low, high, free, strict=True):
            if is_free and a < 0 < b:
                return None
        return tuple(signs) if any(signs) else None
    sizes = [abs(x) for x in middle]
    best = sizes.index(max(sizes))
    return tuple(signs[best] if j == best else ZERO for j in range(len(signs)))


def _shorten(point: Point, free: Sequence[bool], bits: int) -> Point:
    grid = 2**bits
    return tuple(
        Fraction(round(x * grid), grid) if is_free else x
        for x, is_free in zip(point, free, strict=True)
    )
