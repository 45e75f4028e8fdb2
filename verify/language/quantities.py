"""Constants with a meaning: optima, replacements, worst cases and counts that claims name.

`optimum(S, D, l1)` is a number nobody writes down: the greatest v of which a formula
holds. A formula of a document has a constant in its place, whose name says what it stands
for, and the document keeps what the name means: the kernel's declaration of it, and the
things that it was made from, for rooms that look for its value.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fractions import Fraction
from hashlib import sha256
from typing import Final, NamedTuple

from verify.kernel.quantities import Extremum, Total
from verify.kernel.terms import REAL, Symbol, Term, make_application, subterms
from verify.kernel.text import write_term

MAX_NAME: Final = 200  # characters the kernel takes
SHORT: Final = 32  # of a hash that stands for what a name has no room for


class Ball(NamedTuple):
    """Distributions near that of a data set.

    kind           budget   the rest
    tv             mass     -
    wasserstein    cost     `region`, and the `distance` l1 or linf
    subpopulation  mass     -
    mixture        -        `groups`: data sets, or nothing for the column `group`
    region         -        `region`: every point lies anywhere in it
    """

    kind: str
    budget: Fraction = Fraction(0)
    region: str = ""
    distance: str = "l1"
    groups: tuple[str, ...] = ()


class Fit(NamedTuple):
    """One hidden layer that is to fit data: the arguments of the kernel's `make_fit`."""

    loss: str
    points: tuple[tuple[Term, ...], ...]
    targets: tuple[Term, ...]
    offsets: tuple[Term, ...]
    hidden: int
    constant: bool


class Quantity(NamedTuple):
    """A constant and what it means.

    `kind` is infimum, supremum or total; `term` the word of the language that it comes
    from: optimum, least, risk or posterior. `subject` is the class, circuit or network
    that it is about. `fit` is there where the formula is that of a hidden layer.
    """

    name: str
    kind: str
    formula: Term
    term: str
    written: str  # as an author writes it
    subject: str
    data: str
    loss: str = ""
    without: tuple[str, ...] = ()  # risk: the circuits left out of the network
    ball: Ball | None = None  # risk
    values: tuple[Fraction, ...] = ()  # total: what every parameter ranges over
    fit: Fit | None = None

    @property
    def symbol(self) -> Symbol:
        return Symbol(self.name, (), REAL)

    @property
    def constant(self) -> Term:
        return make_application(self.symbol)

    def declaration(self) -> Extremum | Total:
        """What the kernel is told of it."""
        if self.kind == "total":
            return Total(self.name, self.values, self.formula)
        return Extremum(self.name, self.formula)


class Membership(NamedTuple):
    """A formula that says that a network, less some circuits, is one of a class."""

    formula: Term
    network: str
    without: tuple[str, ...]
    model: str


def make_name(*words: str) -> str:
    """The words joined by dots; a hash for all but the first where that is too long."""
    whole = ".".join(words)
    if len(whole) <= MAX_NAME:
        return whole
    return f"{words[0]}.{make_hash(whole)}"


def make_hash(text: str) -> str:
    return sha256(text.encode()).hexdigest()[:SHORT]


def hash_terms(*terms: Term) -> str:
    """A hash of closed terms."""
    return make_hash("\n".join(map(write_term, terms)))


def select_quantities(
    known: Mapping[str, Quantity] | Iterable[Quantity], formula: Term
) -> tuple[Quantity, ...]:
    """The quantities that a formula needs, each after those that its own formula needs."""
    if not isinstance(known, Mapping):
        known = {quantity.name: quantity for quantity in known}
    found: dict[str, Quantity] = {}
    waiting = [formula]
    while waiting:
        for name in _names(waiting.pop()):
            if name in known:
                quantity = found.pop(name, known[name])
                found[name] = quantity
                waiting.append(quantity.formula)
    return tuple(reversed(found.values()))


def _names(formula: Term) -> list[str]:
    parts = subterms(formula)
    return sorted({p.value.name for p in parts if isinstance(p.value, Symbol)})
