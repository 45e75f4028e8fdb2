"""What a certificate shows of constants with a meaning, in the author's words.

The bounds of a constant stand in its certificate as steps of one literal, and the network
or the distribution that meets one as an instance of what the constant means. Both are read
from there, so that what is told is what was checked.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fractions import Fraction
from itertools import count
from math import gcd, lcm
from typing import Any

from verify.kernel import terms
from verify.kernel.certificate import read_certificate
from verify.kernel.fits import positive_part
from verify.kernel.normal import normal
from verify.kernel.polynomials import CONSTANT, read_polynomial
from verify.kernel.problem import Problem, scope_of
from verify.kernel.rejections import Rejected
from verify.kernel.terms import REAL, Binder, Symbol, Term, instantiate
from verify.kernel.text import make_term, read_tree
from verify.language.document import Document
from verify.language.printing import render_term
from verify.language.quantities import Quantity, select_quantities
from verify.language.things import Circuit, ModelClass, Network

Pairs = Iterator[tuple[str, str]]
Point = tuple[Fraction, ...]


def show_constants(document: Document, problem: Problem, certificate: str) -> Pairs:
    """The bounds of each constant that the statement speaks of, and what meets one."""
    lines = read_certificate(certificate).lines
    scope = scope_of(problem)

    def read(text: str) -> Term | None:
        try:
            return make_term(read_tree(text)[0], *scope)
        except Rejected:  # it speaks of a witness, and not of what is asked
            return None

    spoken = {part.value for part in terms.subterms(problem.goal)}
    for quantity in select_quantities(document.quantities, problem.goal):
        if quantity.symbol not in spoken:
            continue
        found = _say_bounds(quantity, lines, read)
        if found:
            yield quantity.written, found
        point = _find_point(quantity, lines, read)
        if point:
            yield from _say_point(document, quantity, point)


def _say_bounds(quantity: Quantity, lines: Iterable[dict[str, Any]], read: Any) -> str:
    """The bounds that single literals give a constant; empty where none does."""
    lows: list[Fraction] = []
    highs: list[Fraction] = []
    own = (quantity.constant,)
    for record in lines:
        if record["rule"] != "clause" or len(record["literals"]) != 1:
            continue
        literal = read(record["literals"][0])
        atom = normal(literal) if literal is not None else terms.TRUE
        if atom.op not in ("<=", "="):
            continue
        poly = read_polynomial(atom.args[atom.op == "<="])
        if set(poly) - {CONSTANT} == {own}:
            value = -poly.get(CONSTANT, Fraction(0)) / poly[own]
            if atom.op == "=" or poly[own] > 0:
                lows.append(value)
            if atom.op == "=" or poly[own] < 0:
                highs.append(value)
    if not lows or not highs:
        less = f"{min(highs)} or less" if highs else ""
        return f"{max(lows)} or more" if lows else less
    low, high = max(lows), min(highs)
    return str(low) if low == high else f"from {low} to {high}"


def _find_point(
    quantity: Quantity, lines: Iterable[dict[str, Any]], read: Any
) -> Point:
    """The parameters at which the constant's own formula was used."""
    if quantity.kind == "total":
        return ()
    meant = instantiate(quantity.formula, quantity.constant)
    for record in lines:
        if record["rule"] == "instance" and read(record["formula"]) == meant:
            return tuple(Fraction(text) for text in record["terms"])
    return ()


def _say_point(document: Document, quantity: Quantity, point: Point) -> Pairs:
    """The parameters as a network where they are those of one hidden layer."""
    subject = document.thing(quantity.subject)
    if isinstance(subject, ModelClass) and subject.signed:
        inputs = subject.inputs
        name = _fresh(document, "g")
    elif isinstance(subject, Circuit) and quantity.fit is not None:
        inputs = len(quantity.fit.points[0])
        name = quantity.subject
        network = document.thing(subject.network)
        first = all(layer == 1 for layer, _ in subject.units)
        if not isinstance(network, Network) or not first:
            inputs = 0
    else:
        inputs = 0
    if not inputs:
        yield from _say_parameters(quantity, point)
        return
    constant = isinstance(subject, ModelClass)
    names = ["x"] if inputs == 1 else [f"x{i}" for i in range(1, inputs + 1)]
    found = make_network(point, names, constant=constant)
    plain = isinstance(found.value, Fraction)
    text = str(found.value) if plain else render_term(found)
    yield f"{name}({', '.join(names)})", text


def make_network(point: Point, names: list[str], *, constant: bool) -> Term:
    """[c] + sum of s * relu(w . x + b), without what is 0; names are constants in it.

    Each unit is written over coprime integers, with its factor in front; what is taken
    away comes last.
    """
    inputs = [terms.constant(Symbol(name, (), REAL)) for name in names]
    total = point[0] if constant else Fraction(0)
    units: dict[Point, Fraction] = {}
    width = len(names) + 2
    for first in range(int(constant), len(point), width):
        sign, *row = point[first : first + width]
        turn = 1 if sign >= 0 else -1
        if not any(row[:-1]):
            total += turn * max(row[-1], Fraction(0))
            continue
        scale = _content(row)
        ray = tuple(value / scale for value in row)
        units[ray] = units.get(ray, Fraction(0)) + turn * scale
    parts = [_number(total)] if total or not any(units.values()) else []
    for ray, factor in sorted(units.items(), key=lambda pair: pair[1] < 0):
        if factor:
            parts.append(_scale(factor, positive_part(_sum(ray, inputs))))
    return terms.make_sum(*parts)


def _sum(row: Point, inputs: list[Term]) -> Term:
    pairs = zip(row[:-1], inputs, strict=True)
    parts = [(weight, _scale(weight, variable)) for weight, variable in pairs if weight]
    parts += [(row[-1], _number(row[-1]))] if row[-1] else []
    ordered = sorted(parts, key=lambda pair: pair[0] < 0)
    return terms.make_sum(*(term for _, term in ordered))


def _scale(factor: Fraction, term: Term) -> Term:
    """A multiple, a negative one so that it prints as something taken away."""
    signs = [_number(-1)] if factor < 0 else []
    sizes = [_number(abs(factor))] if abs(factor) != 1 else []
    return terms.make_product(*signs, *sizes, term)


def _content(row: list[Fraction]) -> Fraction:
    """The largest number of which all are multiples by integers."""
    below = lcm(*(value.denominator for value in row))
    return Fraction(gcd(*(int(value * below) for value in row)), below)


def _say_parameters(quantity: Quantity, point: Point) -> Pairs:
    formula = quantity.formula.args[0]  # after v
    for value in point:
        if isinstance(formula.value, Binder):
            yield formula.value.name, str(value)
            formula = formula.args[0]


def _fresh(document: Document, name: str) -> str:
    taken = {thing.name for thing in document.things}
    names = (f"{name}{number or ''}" for number in count())
    return next(one for one in names if one not in taken)


def _number(value: Fraction | int) -> Term:
    return terms.make_number(Fraction(value), REAL)
