"""The least loss over a class of networks with one hidden layer, exactly.

`find_optimum` gives a network and dual vectors that prove no other has less loss;
`find_below` settles whether any network has a loss below a value. Exact arithmetic judges
both sides: the loss of the network by `evaluate`, the dual vectors by `bound_of` and by
their products with the rays of all cells, and a second time by the kernel's rule `fit`.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Final

from verify.training.optima.cells import make_cells
from verify.training.optima.choices import make_signed
from verify.training.optima.fits import Fit, Parameters, check_fit, evaluate
from verify.training.optima.interpolation import find_easy_optimum
from verify.training.optima.pursuit import Pursuit, make_silent
from verify.training.optima.results import Cover, Open, Optimum

ROUNDS: Final = 2
"""Fresh starts of the local search; the proof finds better networks on its way too."""

PATIENT_ROUNDS: Final = 40

TOO_MANY: Final = "the points cut the parameters of a unit into too many cells"


def find_optimum(fit: Fit, *, deadline: float, seed: int = 0) -> Optimum:
    """The least loss, from both sides; exact when `lower == upper`.

    `deadline` is a value of time.monotonic(). When it passes, `lower` is the bound that
    needs no search, if there is one. Raises ValueError for a fit without meaning.
    """
    check_fit(fit)
    if fit.loss == "squared":
        from verify.training.optima.squared import find_squared_optimum

        return find_squared_optimum(fit, deadline=deadline, seed=seed)
    if fit.loss == "zero_one":
        from verify.training.optima.zero_one import find_zero_one_optimum

        return find_zero_one_optimum(fit, deadline=deadline, seed=seed)
    easy = find_easy_optimum(fit)
    if easy is not None:
        return easy
    pursuit = _pursue(fit, seed)
    if pursuit is None:
        return _unsearched(fit)
    pursuit.search(pursuit.rounds(ROUNDS), deadline)
    reason = pursuit.prove(lambda: pursuit.upper, deadline)
    if reason:
        zero = (Fraction(0),) * len(fit.points)
        return Optimum(Fraction(0), pursuit.upper, pursuit.witness, (zero,), reason)
    return Optimum(
        pursuit.upper, pursuit.upper, pursuit.witness, tuple(pursuit.duals), ""
    )


def find_below(
    fit: Fit, value: Fraction, *, deadline: float, seed: int = 0
) -> Parameters | Cover | Open:
    """Parameters with a loss below `value`, or dual vectors that prove there are none, or
    why neither was found. Cheaper than the optimum where `value` is far from it."""
    check_fit(fit)
    if fit.loss == "squared":
        from verify.training.optima.squared import find_squared_below

        return find_squared_below(fit, value, deadline=deadline, seed=seed)
    if fit.loss == "zero_one":
        from verify.training.optima.zero_one import find_zero_one_below

        return find_zero_one_below(fit, value, deadline=deadline, seed=seed)
    easy = find_easy_optimum(fit)
    if easy is not None:
        below = easy.upper < value
        return easy.witness if below else Cover(value, easy.duals)
    pursuit = _pursue(fit, seed)
    if pursuit is None:
        return Open("incomplete", TOO_MANY)
    for _ in range(pursuit.rounds(ROUNDS)):
        if pursuit.upper < value:
            return pursuit.witness
        pursuit.search(1, deadline)
    reason = pursuit.prove(lambda: value, deadline)
    if pursuit.upper < value:
        return pursuit.witness
    if reason:
        return Open(reason, f"neither a loss below {value} nor a proof that none is")
    return Cover(value, tuple(pursuit.duals))


def find_witness(
    fit: Fit, *, deadline: float, seed: int = 0, enough: Fraction | None = None
) -> tuple[Parameters, Fraction]:
    """A network of small loss with its exact loss, by local search alone, which need not
    go below `enough`."""
    check_fit(fit)
    if fit.loss == "squared":
        from verify.training.optima.squared import find_squared_witness

        return find_squared_witness(fit, deadline=deadline, seed=seed, enough=enough)
    if fit.loss == "zero_one":
        from verify.training.optima.zero_one import find_zero_one_witness

        return find_zero_one_witness(fit, deadline=deadline, seed=seed, enough=enough)
    easy = find_easy_optimum(fit)
    if easy is not None:
        return easy.witness, easy.upper
    pursuit = _pursue(fit, seed)
    if pursuit is None:
        found = _unsearched(fit)
        return found.witness, found.upper
    for _ in range(PATIENT_ROUNDS):
        if enough is not None and pursuit.upper <= enough:
            break
        pursuit.search(1, deadline)
    return pursuit.witness, pursuit.upper


def _pursue(fit: Fit, seed: int) -> Pursuit | None:
    cells = make_cells(fit.points)
    return None if cells is None else Pursuit(fit, make_signed(cells), seed)


def _unsearched(fit: Fit) -> Optimum:
    witness = make_silent(fit)
    zero = (Fraction(0),) * len(fit.points)
    return Optimum(Fraction(0), evaluate(fit, witness), witness, (zero,), "incomplete")
