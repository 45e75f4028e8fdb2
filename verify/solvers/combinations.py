"""Polynomial certificates: products and squares that contradict each other.

Hypotheses `p = 0`, `p >= 0` and `p > 0` are contradictory when products of the
inequalities and squares, with multipliers from 0 on, and equations with any factors add
up to a negative constant, or to 0 with a strict product among them (Krivine 1964,
Stengle 1974). Cheap ways to find them come first: linear combinations, then products,
then sums of squares. Whatever is found is expanded over the hypotheses as given, with
the kernel's own polynomials, before it is returned.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from functools import partial
from typing import NamedTuple

from verify.kernel.polynomials import CONSTANT, Polynomial, add, multiply
from verify.kernel.rejections import Rejected
from verify.solvers.packed import Packed, combine, integral
from verify.solvers.products import Found, find_products
from verify.solvers.squares import find_squares
from verify.solvers.substitution import System, make_system, settle

Hypotheses = Sequence[tuple[str, Polynomial]]


class Combination(NamedTuple):
    """A contradiction. A product is a multiplier above 0, the hypotheses multiplied (an
    index may repeat) and a polynomial to be squared or None; an equation comes with the
    polynomial it is multiplied by."""

    products: tuple[tuple[Fraction, tuple[int, ...], Polynomial | None], ...]
    equations: tuple[tuple[int, Polynomial], ...]


def find_combination(hypotheses: Hypotheses, seconds: float) -> Combination | None:
    """A combination that `is_contradiction` accepts, or None when none was found in time.

    `hypotheses` are pairs of a kind (`=`, `>=` or `>`) and a polynomial.
    """
    deadline = time.monotonic() + seconds
    for system, search in _stages(hypotheses):
        left = deadline - time.monotonic()
        if left <= 0:
            return None
        found = search(system, deadline=deadline - left / 2)
        if found is not None:
            combination = settled(system, found)
            if is_contradiction(hypotheses, combination):
                return combination
    return None


def _stages(
    hypotheses: Hypotheses,
) -> Iterator[tuple[System, Callable[..., Found | None]]]:
    """What to search, cheap first; each stage gets half of the time that is left."""
    given = make_system(hypotheses, solve=False)
    yield given, partial(find_products, level=0)
    solved = make_system(hypotheses, solve=True) if given.equations else given
    if solved.solved:
        yield solved, partial(find_products, level=0)
    yield solved, partial(find_products, level=1)
    yield solved, partial(find_products, level=2)
    yield solved, partial(find_squares, extra=0)
    yield solved, partial(find_squares, extra=2)
    yield solved, partial(find_products, level=3)


def settled(system: System, found: Found) -> Combination:
    """What was found, over the hypotheses as given, with coprime integers as
    multipliers."""
    products, paid = settle(system, found.products, found.equations)
    multipliers: Packed = {at: item.multiplier for at, item in enumerate(products)}
    whole, scale = integral(multipliers)
    unpack = system.numbering.unpack
    return Combination(
        tuple(
            (Fraction(whole[at]), factors, None if square is None else unpack(square))
            for at, (_, factors, square) in enumerate(products)
        ),
        tuple(
            (index, unpack(combine(((scale, factor),))))
            for index, factor in sorted(paid.items())
        ),
    )


def is_contradiction(hypotheses: Hypotheses, combination: Combination) -> bool:
    """Whether the combination, expanded exactly, says that a false constant holds."""
    one: Polynomial = {CONSTANT: Fraction(1)}
    parts: list[tuple[Fraction, Polynomial]] = []
    strict = False
    try:
        for multiplier, factors, square in combination.products:
            total = one
            kinds = {hypotheses[index][0] for index in factors}
            for index in factors:
                total = multiply(total, hypotheses[index][1])
            if square is not None:
                total = multiply(total, multiply(square, square))
            elif kinds == {">"} and multiplier > 0:
                strict = True
            if multiplier < 0 or "=" in kinds:
                return False
            parts.append((multiplier, total))
        for index, factor in combination.equations:
            if hypotheses[index][0] != "=":
                return False
            parts.append((Fraction(1), multiply(hypotheses[index][1], factor)))
        total = add(parts)
    except Rejected:
        return False
    constant = total.pop(CONSTANT, Fraction(0))
    return not total and (constant < 0 or (constant == 0 and strict))
