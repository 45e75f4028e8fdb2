"""The words engines answer in, and what they mean here.

What an engine writes back (an elimination, an instance) is in SMT-LIB's operators; these
are the ones with a maker of ours. Anything else, integer division for one, has no
meaning here, and the reader of the answer gives up on it. Why an engine does not know is
free text; `make_unknown` finds the closed reason in it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from verify.kernel import terms
from verify.kernel.terms import INT, REAL, Term
from verify.solvers.answers import Unknown

REASONS: Final = (
    ("memory", "memory"),
    ("timeout", "timeout"),
    ("canceled", "timeout"),
    ("interrupted", "timeout"),
    ("resource", "timeout"),
    ("unsupported", "unsupported"),
)


def make_unknown(detail: str) -> Unknown:
    """The answer for an engine's own explanation; `incomplete` where it says no more."""
    lower = detail.lower()
    word = next((word for part, word in REASONS if part in lower), "incomplete")
    return Unknown(word, detail)


def _minus(first: Term, *rest: Term) -> Term:
    unit = terms.make_number(-1, REAL if first.sort == REAL else INT)
    if not rest:
        return terms.make_product(unit, first)
    return terms.make_sum(first, *(terms.make_product(unit, part) for part in rest))


def _distinct(*args: Term) -> Term:
    pairs = ((a, b) for place, a in enumerate(args) for b in args[place + 1 :])
    return terms.make_and(*(terms.make_not(terms.make_equal(a, b)) for a, b in pairs))


MAKERS: Final[dict[str, Callable[..., Term]]] = {
    "true": lambda: terms.TRUE,
    "false": lambda: terms.FALSE,
    "not": terms.make_not,
    "and": terms.make_and,
    "or": terms.make_or,
    "=>": terms.make_implies,
    "xor": lambda left, right: terms.make_not(terms.make_iff(left, right)),
    "=": terms.make_equal,
    "distinct": _distinct,
    "<=": terms.make_at_most,
    "<": terms.make_less,
    ">=": lambda left, right: terms.make_at_most(right, left),
    ">": lambda left, right: terms.make_less(right, left),
    "+": terms.make_sum,
    "-": _minus,
    "*": terms.make_product,
    "/": terms.make_quotient,
    "if": terms.make_if,
    "ite": terms.make_if,
    "to_real": terms.make_real,
}
