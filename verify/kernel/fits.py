"""How well a hidden layer can fit data: the formula, and lower bounds from dual vectors.

A network of one hidden layer gives g = offset [+ c] + sum of s_j * relu(w_j . x + b_j) at
each point, s_j a sign. For a vector r with one number a point, of sum 0 where there is a
constant c, convexity bounds each loss from below by `kappa(r)` less the sum over units of
<r, s_j relu(w_j . x + b_j)>. The points cut the parameters (w, b) into cells; on each, a
polyhedral cone, that product is linear, so where it is at most 0 on the cone's rays it is
so on the cone. A bound holds when every choice of cells for the units has a dual vector
that is good for all of them (`covers.py`). Source: Fenchel duality of the losses; Arora et
al. 2018 (training one hidden layer over all patterns of activation).
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import chain
from typing import Final, NamedTuple

from verify.kernel import terms
from verify.kernel.rejections import Rejected, require
from verify.kernel.terms import REAL, Term

LOSSES: Final = ("l1", "squared", "linf", "hinge", "zero_one")
MAX_HIDDEN: Final = 50
ZERO: Final = terms.make_number(0, REAL)
ONE: Final = terms.make_number(1, REAL)
Vector = tuple[Fraction, ...]


def negate(term: Term) -> Term:
    return terms.make_product(terms.make_number(-1, REAL), term)


def positive_part(term: Term) -> Term:
    return terms.make_if(terms.make_at_most(ZERO, term), term, ZERO)


def absolute(term: Term) -> Term:
    return terms.make_if(terms.make_at_most(ZERO, term), term, negate(term))


def times(factor: Term, term: Term) -> list[Term]:
    """Their product as a summand; none where the factor is the numeral 0."""
    if factor.value == 1:
        return [term]
    return [] if factor.value == 0 else [terms.make_product(factor, term)]


def minus(term: Term) -> list[Term]:
    """What is added to take the term off."""
    if isinstance(term.value, Fraction):
        return [terms.make_number(-term.value, REAL)] if term.value else []
    return [negate(term)]


def make_losses(loss: str, output: Term, target: Term) -> Term:
    """The loss at one point; `linf` has that of `l1`."""
    require(loss in LOSSES, f"a loss among {', '.join(LOSSES)}", loss)
    error = terms.make_sum(output, *minus(target))
    margin = terms.make_product(target, output)
    match loss:
        case "l1" | "linf":
            return absolute(error)
        case "squared":
            return terms.make_product(error, error)
        case "hinge":
            return positive_part(terms.make_sum(ONE, negate(margin)))
        case _:
            return terms.make_if(terms.make_at_most(margin, ZERO), ONE, ZERO)


def make_fit(
    loss: str,
    points: Sequence[Sequence[Term]],
    targets: Sequence[Term],
    offsets: Sequence[Term],
    hidden: int,
    *,
    constant: bool,
) -> Term:
    """`forall v. forall parameters. v <= loss`, for real parameters [c], then s, w, b of
    each unit. The terms are closed; the loss is a sum, for linf one of the losses."""
    size = len(points[0]) if points else 0
    shaped = {len(point) for point in points} == {size}
    shaped = shaped and len(points) == len(targets) == len(offsets)
    wanted = "points, inputs of one size, a target and an offset for each"
    require(bool(points) and shaped, wanted, "others")
    require(0 <= hidden <= MAX_HIDDEN, f"from 0 to {MAX_HIDDEN} units", hidden)
    nodes = len(points) * (1 + hidden * (size + 2))
    require(nodes <= terms.MAX_SIZE, f"at most {terms.MAX_SIZE} nodes", nodes)
    names = ["v", *(["c"] if constant else [])]
    for unit in range(1, hidden + 1):
        names += [f"s{unit}", *(f"w{unit}_{i}" for i in range(1, size + 1)), f"b{unit}"]
    last = len(names) - 1
    bound, *variables = (terms.make_variable(last - i, REAL) for i in range(last + 1))
    found = []
    for point, target, offset in zip(points, targets, offsets, strict=True):
        parts = [offset] if offset.value != 0 else []
        parts += variables[:1] if constant else ()
        for first in range(int(constant), last, size + 2):
            sign, *weights, bias = variables[first : first + size + 2]
            weighted = map(times, point, weights)
            inner = terms.make_sum(*chain.from_iterable(weighted), bias)
            unit_value = positive_part(inner)
            positive = terms.make_at_most(ZERO, sign)
            parts.append(terms.make_if(positive, unit_value, negate(unit_value)))
        output = terms.make_sum(*(parts or [ZERO]))
        found.append(make_losses(loss, output, target))
    if loss == "linf":
        body = terms.make_or(*(terms.make_at_most(bound, term) for term in found))
    else:
        body = terms.make_at_most(bound, terms.make_sum(*found))
    for name in reversed(names):
        body = terms.make_forall(name, REAL, body)
    return body


class Data(NamedTuple):
    """The numbers behind a fit: points, and of each its target and its offset."""

    loss: str
    points: tuple[Vector, ...]
    targets: Vector
    offsets: Vector


def check_labels(data: Data) -> None:
    """Hinge and zero_one are for labels -1 and 1."""
    fine = data.loss not in ("hinge", "zero_one") or {*data.targets} <= {-1, 1}
    require(fine, "targets -1 or 1", "others")


def kappa(data: Data, dual: Vector) -> Fraction:
    """The bound that a dual vector gives where no unit adds to it.

    Raises Rejected where it is not one of that loss.
    """
    require(len(dual) == len(data.points), "a number a point", len(dual))
    errors = [y - offset for y, offset in zip(data.targets, data.offsets, strict=True)]
    whole = sum(map(lambda r, e: r * e, dual, errors), Fraction(0))
    match data.loss:
        case "l1":
            require(all(abs(r) <= 1 for r in dual), "numbers from -1 to 1", "others")
            return whole
        case "linf":
            require(sum(map(abs, dual)) <= 1, "absolute values of sum 1", "more")
            return whole
        case "squared":
            return whole - sum((r * r for r in dual), Fraction(0)) / 4
        case "hinge":
            shares = [r * y for r, y in zip(dual, data.targets, strict=True)]
            require(all(0 <= a <= 1 for a in shares), "shares from 0 to 1", "others")
            pairs = zip(shares, data.targets, data.offsets, strict=True)
            return sum((a * (1 - y * o) for a, y, o in pairs), Fraction(0))
    raise Rejected("a convex loss", data.loss)


def support(data: Data, dual: Vector) -> int:
    """Points that cannot all be right (zero_one), as a set of bits.

    Where the sum of r * g is at most 0 and each r has the sign of the target, not every
    point of the support has g on its target's side.
    """
    require(len(dual) == len(data.points), "a number a point", len(dual))
    signed = zip(dual, data.targets, strict=True)
    require(
        all(r * y >= 0 for r, y in signed), "numbers of their targets' signs", "not"
    )
    still = sum(map(lambda r, o: r * o, dual, data.offsets), Fraction(0))
    require(any(dual) and still <= 0, "a combination that is at most 0", still)
    return sum(1 << place for place, r in enumerate(dual) if r)
