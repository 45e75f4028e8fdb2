"""What the kernel is asked about one data point: moved by d, the loss gains at most rate * d.

    box(X) and distance rows -> not (a piece of the loss at f(X) exceeds
                                     value + rate * (sum of U))

of constants X and U that are otherwise free. For the l1 distance U has one number an
input, |X_j - x_j| <= U_j; for linf one number in all. So the distance costs no unit of the
network and every multiplier is exact. Problem, program and row numbers are made here, from
the question alone: whoever checks evidence makes them again and compares.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from math import gcd, lcm
from typing import Final, NamedTuple

from verify.kernel import terms
from verify.kernel.networks import Network as Declaration
from verify.kernel.networks import Program, Row, Unit, read_program
from verify.kernel.problem import Problem
from verify.kernel.terms import REAL, Symbol, Term
from verify.networks.certificates.certify import read_hypothesis
from verify.networks.certificates.levels import Levels, make_levels
from verify.networks.certificates.problems import declare
from verify.networks.network import Network
from verify.shift.losses import Linear, Piece
from verify.shift.mistakes import ShiftError
from verify.shift.regions import Point, Region, intersect, make_box

GROUNDS: Final = ("l1", "linf")
ZERO: Final = Fraction(0)

Form = tuple[Fraction, dict[int, Fraction]]  # constant and weights by variable


class Frame(NamedTuple):
    """A network over a region, with the numbers of a distance beside its inputs.

    Variables of `units` are the inputs, then `extra` numbers of the distance, then the
    units; `outputs` are the variables of the network's outputs.
    """

    declaration: Declaration
    region: Region
    ground: str
    extra: int
    units: tuple[Unit, ...]
    outputs: tuple[int, ...]
    levels: Levels

    @property
    def inputs(self) -> int:
        return self.declaration.inputs


class Lemma(NamedTuple):
    """For all z in the region: every piece at f(z) is at most value + rate * |z - point|.

    With `within`, only for z of which no input is farther than that from the point's.
    """

    point: Point
    pieces: tuple[Piece, ...]
    rate: Fraction
    value: Fraction
    within: Fraction | None = None


def make_frame(network: Network, region: Region, ground: str) -> Frame:
    """The frame for all lemmas about one network, region and distance.

    Raises ShiftError for a distance that is not known, TooLarge and TooWide as the
    networks room does.
    """
    if region.size != network.inputs:
        raise ShiftError(
            f"the region has {region.size} inputs, the network {network.inputs}"
        )
    return frame_declared(declare(network, "f"), region, ground)


def frame_declared(declaration: Declaration, region: Region, ground: str) -> Frame:
    """The frame for lemmas about a network that is declared already, with the network's
    outputs as its only functions. Raises as `make_frame` does."""
    if ground not in GROUNDS:
        raise ShiftError(f"no distance is called {ground!r}", "use l1 or linf")
    extra = declaration.inputs if ground == "l1" else 1
    point = [terms.constant(one) for one in name_numbers(declaration.inputs, extra)]
    values = _apply(declaration, point)
    rows = [
        read_hypothesis(terms.make_at_most(terms.make_number(0, REAL), value), {})
        for value in values
    ]
    program = read_program(point, (declaration,), rows)
    outputs = tuple(row.weights[0][0] for row in program.rows)
    wanted = tuple(Row(ZERO, ((v, Fraction(1)),), False) for v in outputs)
    levels = make_levels(Program(program.units, wanted, program.box))
    return Frame(declaration, region, ground, extra, program.units, outputs, levels)


def narrow(frame: Frame, point: Point, within: Fraction | None) -> Frame:
    """The frame with inputs kept that near to the point's, if that is given."""
    if within is None:
        return frame
    lower, upper = (tuple(x + side * within for x in point) for side in (-1, 1))
    return frame._replace(region=intersect(frame.region, make_box(lower, upper)))


def _apply(declaration: Declaration, point: Sequence[Term]) -> list[Term]:
    taken = point[: declaration.inputs]
    return [terms.make_application(s, taken) for s, _ in declaration.functions()]


def distance_forms(frame: Frame, point: Point) -> list[Form]:
    """Forms that are at least 0 where the extra numbers are no less than the distance."""
    found: list[Form] = []
    for j, x in enumerate(point):
        place = frame.inputs + (j if frame.ground == "l1" else 0)
        found.append((x, {j: Fraction(-1), place: Fraction(1)}))
        found.append((-x, {j: Fraction(1), place: Fraction(1)}))
    return found


def box_forms(frame: Frame, point: Point) -> list[Form]:
    """The sides of the region, and an upper side for each of the extra numbers."""
    found: list[Form] = []
    for j, (low, high) in enumerate(
        zip(frame.region.lower, frame.region.upper, strict=True)
    ):
        if low is not None:
            found.append((-low, {j: Fraction(1)}))
        if high is not None:
            found.append((high, {j: Fraction(-1)}))
    for place, most in enumerate(reaches(frame, point), frame.inputs):
        if most is not None:
            found.append((Fraction(0), {place: Fraction(1)}))
            found.append((most, {place: Fraction(-1)}))
    return found


def reaches(frame: Frame, point: Point) -> list[Fraction | None]:
    """The most that each of the extra numbers needs to be; None without a bound."""
    each: list[Fraction | None] = []
    for x, low, high in zip(point, frame.region.lower, frame.region.upper, strict=True):
        each.append(None if low is None or high is None else max(x - low, high - x))
    if frame.ground == "l1":
        return each
    known = [one for one in each if one is not None]
    return [max(known) if len(known) == len(each) else None]


def half_forms(frame: Frame) -> list[Form]:
    """The half-spaces of the region."""
    return [
        (half.constant, {j: w for j, w in enumerate(half.weights) if w})
        for half in frame.region.halves
    ]


def piece_forms(
    frame: Frame, lemma: Lemma, piece: Piece
) -> tuple[list[Form], list[Form]]:
    """The excess of a piece, which is to be above 0, and then its conditions.

    There is no excess where it is the same positive number everywhere, nor where the
    conditions are to hold nowhere.
    """
    if piece.forbidden:
        return [], [_over_variables(frame, one) for one in piece.conditions]
    constant, weights = _over_variables(frame, piece.value)
    for place in range(frame.inputs, frame.inputs + frame.extra):
        if lemma.rate:
            weights[place] = -lemma.rate
    constant -= lemma.value + lemma.rate * piece.price
    conditions = [_over_variables(frame, one) for one in piece.conditions]
    if not weights and constant > 0:
        return [], conditions
    return [(constant, weights)], conditions


def _over_variables(frame: Frame, affine: Linear) -> Form:
    weights: dict[int, Fraction] = {}
    for variable, weight in zip(frame.outputs, affine.weights, strict=True):
        if weight:
            weights[variable] = weights.get(variable, ZERO) + weight
    return affine.constant, weights


def make_rows(frame: Frame, lemma: Lemma, piece: Piece) -> tuple[Row, ...]:
    """The rows that are to have no common point, as the kernel scales them, in order:
    the excess, the conditions, half-spaces, distance, box."""
    frame = narrow(frame, lemma.point, lemma.within)
    excess, conditions = piece_forms(frame, lemma, piece)
    rows = [_scale(form, strict=True) for form in excess]
    rows += [_scale(form, strict=False) for form in conditions]
    for form in (
        *half_forms(frame),
        *distance_forms(frame, lemma.point),
        *box_forms(frame, lemma.point),
    ):
        rows.append(_scale(form, strict=False))
    return tuple(rows)


def _scale(form: Form, *, strict: bool) -> Row:
    constant, weights = form
    numbers = [constant, *weights.values()]
    scale = Fraction(lcm(*(n.denominator for n in numbers)))
    scale /= gcd(*(int(n * scale) for n in numbers)) or 1
    pairs = tuple(sorted((v, w * scale) for v, w in weights.items()))
    return Row(constant * scale, pairs, strict)


def make_program(frame: Frame, lemma: Lemma, piece: Piece) -> Program:
    """The program of a piece's `network` step."""
    rows = make_rows(frame, lemma, piece)
    near = narrow(frame, lemma.point, lemma.within)
    return Program(frame.units, rows, make_sides(near, lemma.point))


def make_sides(
    frame: Frame, point: Point
) -> tuple[tuple[Fraction | None, Fraction | None], ...]:
    """The box of a program: sides of the inputs, then of the extra numbers."""
    box = list(zip(frame.region.lower, frame.region.upper, strict=True))
    for most in reaches(frame, point):
        box.append((None, None) if most is None else (ZERO, most))
    return tuple(box)


class Parts(NamedTuple):
    """A lemma at some point: what is assumed, and for each piece what must not hold."""

    assumed: tuple[Term, ...]
    pieces: tuple[tuple[Term, ...], ...]
    body: Term


def make_parts(frame: Frame, lemma: Lemma, point: Sequence[Term]) -> Parts:
    """The statement at a point of inputs and extra numbers, given as terms."""
    frame = narrow(frame, lemma.point, lemma.within)
    values = _apply(frame.declaration, point)
    named = dict(zip(frame.outputs, values, strict=True))
    named.update(enumerate(point))

    def write(form: Form, *, strict: bool = False) -> Term:
        return _literal(form, named, strict=strict)

    assumed = [write(form) for form in box_forms(frame, lemma.point)]
    assumed += [write(form) for form in half_forms(frame)]
    assumed += [write(form) for form in distance_forms(frame, lemma.point)]
    pieces = []
    for piece in lemma.pieces:
        excess, conditions = piece_forms(frame, lemma, piece)
        above = [write(form, strict=True) for form in excess]
        pieces.append((*above, *map(write, conditions)))
    failing = terms.make_or(*(terms.make_and(*piece) for piece in pieces))
    body = terms.make_implies(terms.make_and(*assumed), terms.make_not(failing))
    return Parts(tuple(assumed), tuple(pieces), body)


def _literal(form: Form, named: dict[int, Term], *, strict: bool) -> Term:
    """0 <= form, negative parts on the other side."""
    constant, weights = form
    right = [_times(w, named[v]) for v, w in sorted(weights.items()) if w > 0]
    left = [_times(-w, named[v]) for v, w in sorted(weights.items()) if w < 0]
    if constant > 0 or not right:
        right.append(terms.make_number(max(constant, ZERO), REAL))
    if constant < 0 or not left:
        left.append(terms.make_number(max(-constant, ZERO), REAL))
    make = terms.make_less if strict else terms.make_at_most
    return make(terms.make_sum(*left), terms.make_sum(*right))


def _times(weight: Fraction, term: Term) -> Term:
    if weight == 1:
        return term
    return terms.make_product(terms.make_number(weight, REAL), term)


def make_problem(frame: Frame, lemma: Lemma) -> Problem:
    """The problem whose goal is the lemma at constants of which nothing is known, which
    is the lemma for all points."""
    symbols = name_numbers(frame.inputs, frame.extra)
    point = [terms.constant(symbol) for symbol in symbols]
    goal = make_parts(frame, lemma, point).body
    return Problem((), symbols, (), goal, (frame.declaration,))


def name_numbers(inputs: int, extra: int) -> tuple[Symbol, ...]:
    """The constants of a lemma: X_0, X_1, ... and U_0, ..."""
    names = [f"X_{j}" for j in range(inputs)]
    names += [f"U_{j}" for j in range(extra)]
    return tuple(Symbol(name, (), REAL) for name in names)


def enclose_output(frame: Frame) -> tuple[Fraction, Fraction]:
    """Numbers below and above all that the network's first output is over the region's
    box, by exact intervals. Raises ShiftError for a box without a side."""
    if not frame.region.is_bounded:
        raise ShiftError("a region without bounds", "give every input two sides")
    ends: list[tuple[Fraction, Fraction]] = []
    for low, high in zip(frame.region.lower, frame.region.upper, strict=True):
        ends.append((low or ZERO, high or ZERO))
    for unit in frame.declaration.units:
        low = high = unit.bias
        for variable, weight in unit.weights:
            a, b = ends[variable]
            low += weight * (a if weight > 0 else b)
            high += weight * (b if weight > 0 else a)
        if unit.kind == "relu":
            low, high = max(low, ZERO), max(high, ZERO)
        elif unit.kind != "linear":
            low, high = Fraction(-1), Fraction(1)
        ends.append((low, high))
    low, high = ends[frame.declaration.outputs[0][1]]
    # so far outside that linear relaxations show it too
    width = high - low + 1
    return low - width, high + width
