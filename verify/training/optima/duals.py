"""What a dual vector proves: the bound it gives, loss by loss, exactly.

For any vector r, one number a point, of the box that belongs to the loss, the loss of
outputs g is at least kappa(r) less <r, what the network adds to the offsets>: for l1 as
|t| >= r*t where |r| <= 1, for linf as max |t| >= <r, t> where sum |r| <= 1, for hinge as
max(0, 1 - t) >= a*(1 - t) where 0 <= a <= 1. Where sum r = 0 a constant adds nothing, and
where r is good for the cells of the units, their part is not positive.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from verify.training.optima.fits import Fit


def bound_of(fit: Fit, dual: Sequence[Fraction]) -> Fraction | None:
    """kappa(dual): no network whose cells the dual is good for has a loss below it. None
    when the dual breaks a rule of the loss, or does not sum to 0 and there is a constant.

    Raises ValueError for a loss whose duals are not of this kind (zero_one).
    """
    if len(dual) != len(fit.points):
        return None
    if fit.constant and sum(dual, Fraction(0)):
        return None
    gaps = [y - o for y, o in zip(fit.targets, fit.offsets, strict=True)]
    reach = sum((r * gap for r, gap in zip(dual, gaps, strict=True)), Fraction(0))
    match fit.loss:
        case "l1":
            return reach if all(abs(r) <= 1 for r in dual) else None
        case "linf":
            return reach if sum(map(abs, dual)) <= 1 else None
        case "squared":
            return reach - sum((r * r for r in dual), Fraction(0)) / 4
        case "hinge":
            return _hinge_bound(fit, dual)
        case _:
            raise ValueError(f"no duals of this kind for the loss {fit.loss!r}")


def _hinge_bound(fit: Fit, dual: Sequence[Fraction]) -> Fraction | None:
    total = Fraction(0)
    for r, y, o in zip(dual, fit.targets, fit.offsets, strict=True):
        if not 0 <= r * y <= 1:
            return None
        total += r * y * (1 - y * o)
    return total
