"""Why a bound computed in floating point holds over the reals, and by which constants.

A search that visits ten thousand boxes a second cannot afford interval arithmetic, and
need not: one vector of charges for each layer and box pays for every rounding in it.

**Model** (Higham, *Accuracy and Stability of Numerical Algorithms*, 2nd ed., sections 2.2
and 3.1). u is the unit roundoff, η the smallest normal number. An operation without
overflow gives (x op y)(1 + δ) + ε with |δ| <= u, |ε| <= η; ε covers gradual underflow and
results flushed to zero alike. With γ(n) = n u / (1 - n u), an inner product of n terms,
summed in any order, with fused operations or without, satisfies

    |fl(xᵀy) - xᵀy| <= γ(n) |x|ᵀ|y| + 4 n η.

BLAS libraries that sum in the usual ways (no Strassen, no reduced precision) obey it.

**Theorem.** Let a be a row over the values of a layer, f(a) the largest value of the
expression a·v over a box, and `bound` what the backward pass of `bounds` returns for a.
If `bound` is finite then f(a) <= bound.

*Argument*, one step of the pass at a time. The invariant: the exact largest value is at
most that of the row of floats held now, taken as exact, plus the charges made so far.

1. *Affine layer* v = W x + b, held row c. The new row is r = fl(cW), and c·v = r·x + c·b +
   (cW - r)·x with |(cW - r)·x| <= γ(n) |c| (|W| M) + 4 n η ΣM, where M bounds |x| over the
   box and n is the number of v. Weights rounded to this precision add u |c| (|W| M). Hence
   E = g (|W| M + |b|), g a little above γ(n + 8), and the charge c·b + |c|·E. It is linear
   in c and |c|, so E costs one product per box and layer, not per row. Where rows over
   several readers of a layer are added up, 2u |r| M pays for the sum.
2. *Activation* v = act(z), held row a. The new row is c = fl(fl(a m) + fl(|a| d)): its entry
   is a s with |s - (m ± d)| <= 2.01 u (|m| + d), + for a > 0 and - for a < 0. Lines of slope
   m + d above and m - d below act, which hold for these floats taken as exact, give
   a·act(z) <= c·z + |a| t + 2.01 u |a| (|m| + d) |z| + 3η|z|, t the offset of the line used;
   the third term is charged with |z| <= M. A relu that is stable has d = 0 and m in
   {0, 1}: then c = a m exactly.
3. *Charges* a·p + |a|·q are themselves inner products: q is enlarged by γ(n + 8)(|p| + q) and
   the rounding of p and q by 8u of every magnitude in them.
4. *Inputs* in a box with midpoint p and radius q: r·x <= r·p + |r|·q, charged likewise.
5. *The sum* of D charges: D u times the sum of their magnitudes, which is kept beside it.
6. *Underflow*: every η above is multiplied by at most 1 + ΣM, and all are summed once for a
   box as `dust`.
7. *Overflow*: infinity and NaN are never compared. Infinity times zero is NaN and both
   survive every later step to the bound, which then is not finite, and counts as no bound.

The bounds l <= z <= u used in step 2 come from the same pass, so the claim follows by
induction over the layers. Q.E.D.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
SLACK: Final = 1.01  # absorbs products of two error terms while n u <= LARGEST
LARGEST: Final = 2.0**-9


class Precision(NamedTuple):
    """A binary format of IEEE 754: its dtype, unit roundoff and smallest normal number."""

    dtype: type[np.floating[Any]]
    unit: float
    smallest: float

    def growth(self, terms: int) -> float:
        """A number a little above γ(terms); ValueError when there are too many terms."""
        product = terms * self.unit
        if product > LARGEST:
            raise ValueError(f"sums of {terms} terms are too long for this precision")
        return product / (1 - product) * SLACK


SINGLE: Final = Precision(np.float32, 2.0**-24, 2.0**-126)
DOUBLE: Final = Precision(np.float64, 2.0**-53, 2.0**-1022)


def round_down(number: Fraction) -> float:
    """The largest float64 that is at most `number`; -inf below all of them."""
    try:
        value = float(number)
    except OverflowError:
        return float(np.finfo(np.float64).max) if number > 0 else -np.inf
    return value if Fraction(value) <= number else float(np.nextafter(value, -np.inf))


def round_up(number: Fraction) -> float:
    """The smallest float64 that is at least `number`; inf above all of them."""
    return -round_down(-number)
