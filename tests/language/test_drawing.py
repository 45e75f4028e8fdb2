"""Posteriors over finite classes: counts of parameter vectors, against counting them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction
from itertools import product

import pytest

from tests.language.measuring import quantity
from tests.language.reading import last, mistake, read
from verify.kernel.quantities import Total, add_up
from verify.kernel.terms import Symbol, Term, make_application
from verify.language.document import Document

THINGS = """\
network f(v: Real) := relu(v - 1)
data D := points (0; 0) (1; 1) (2; 0)
data E := points (5; 0)
region R(v: Real) := 0 <= v
const K: Real
class S := relu_nets(inputs = 1, hidden = 1)
class T := relu_nets(inputs = 1, hidden = 1, weights = {-1, 0, 1})
class T2 := relu_nets(inputs = 1, hidden = 2, weights = {0, 1})
class M := relu_nets(inputs = 1, hidden = 1, outputs = 2, weights = {0, 1})
class huge := relu_nets(inputs = 1, hidden = 4, weights = {-1, 0, 1, 2})
"""
Vector = tuple[int, ...]
VALUES = (-1, 0, 1)


def vectors() -> Iterator[Vector]:
    """c, s, w, b of the class T."""
    for c, w, b in product(VALUES, repeat=3):
        for s in (1, -1):
            yield c, s, w, b


def give(vector: Vector, x: int) -> int:
    c, s, w, b = vector
    return c + s * max(0, w * x + b)


def loss(vector: Vector, power: int) -> int:
    return sum(abs(give(vector, x) - y) ** power for x, y in enumerate((0, 1, 0)))


def totals(document: Document) -> tuple[Term, Term]:
    """The two totals that the last statement's posterior is a quotient of."""
    formula = document.statements[-1].formula
    assert formula is not None
    ratio = formula.args[0]
    assert ratio.op == "/"
    return ratio.args[0], ratio.args[1]


def value(document: Document, constant: Term, known: dict[str, Fraction]) -> Fraction:
    """A total added up by the kernel, optima and networks being what is known."""
    assert isinstance(constant.value, Symbol)
    declaration = quantity(document, constant.value.name).declaration()
    assert isinstance(declaration, Total)
    values = {
        make_application(Symbol(name, (), constant.sort)): number
        for name, number in known.items()
    }
    return add_up(declaration, values)


@pytest.mark.parametrize(
    ("option", "name", "power"),
    [("", "squared", 2), (", loss = l1", "l1", 1), (", loss = squared", "squared", 2)],
)
def test_the_share_of_the_minimisers(option: str, name: str, power: int) -> None:
    document = read(f"{THINGS}evidence e: posterior(T, D, T(3) >= 1{option}) = 1/2", "")
    above, below = totals(document)
    least = min(loss(v, power) for v in vectors())
    best = [v for v in vectors() if loss(v, power) == least]
    known = {f"optimum.T.D.{name}": Fraction(least)}
    assert value(document, below, known) == len(best)
    assert value(document, above, known) == sum(give(v, 3) >= 1 for v in best)
    assert 0 < value(document, above, known) < len(best)
    names = [q.name for q in document.quantities]
    assert names[0] == f"optimum.T.D.{name}" and len(names) == 3
    assert document.quantities[1].values == (-1, 0, 1)
    assert (
        document.quantities[2].written == f"the networks of T that minimise {name} on D"
    )


@pytest.mark.parametrize(
    ("likelihood", "weight"),
    [
        ("1", lambda v: 1),
        (
            "if loss(T, D, l1) <= 1 then 1/2 else 0",
            lambda v: Fraction(loss(v, 1) <= 1, 2),
        ),
        (
            "4 - loss(T, E, l1) + T(1)^2",
            lambda v: 4 - abs(give(v, 5)) + give(v, 1) ** 2,
        ),
        ("risk(T, D, squared)", lambda v: Fraction(loss(v, 2), 3)),
    ],
)
def test_a_stated_likelihood(
    likelihood: str, weight: Callable[[Vector], Fraction]
) -> None:
    text = f"posterior(T, D, T(2) = T(0), likelihood = {likelihood}) = 1/2"
    document = read(f"{THINGS}evidence e: {text}", "")
    above, below = totals(document)
    assert value(document, below, {}) == sum(weight(v) for v in vectors())
    with_event = [v for v in vectors() if give(v, 2) == give(v, 0)]
    assert value(document, above, {}) == sum(weight(v) for v in with_event)


def test_signs_are_summed_for_every_unit() -> None:
    document = read(
        f"{THINGS}evidence e: posterior(T2, D, T2(1) = 1, likelihood = 1) = 1/2", ""
    )
    above, below = totals(document)
    assert value(document, below, {}) == 4 * 2**5
    count = 0
    for c, w, b, u, a in product((0, 1), repeat=5):
        for s, t in product((1, -1), repeat=2):
            count += c + s * max(0, w + b) + t * max(0, u + a) == 1
    assert value(document, above, {}) == count


def test_several_outputs_and_other_networks() -> None:
    text = "posterior(M, E, M(1, 2) > M(1, 1), likelihood = 1) <= 1"
    document = read(f"{THINGS}evidence e: {text}", "")
    above, below = totals(document)
    assert value(document, below, {}) == 2**6
    count = 0
    for w, b, v1, c1, v2, c2 in product((0, 1), repeat=6):
        count += v2 * max(0, w + b) + c2 > v1 * max(0, w + b) + c1
    assert value(document, above, {}) == count
    points = "posterior(T, D, forall v in D: T(v) <= 1) <= 1"
    assert last(f"{THINGS}evidence e: {points}", "").formula is not None
    other = last(f"{THINGS}evidence e: posterior(T, D, f(3) = T(3)) <= 1", "")
    assert other.formula is not None


def test_equal_events_are_one_constant() -> None:
    text = "evidence e: posterior(T, D, T(3) >= 1) = 1/2 and posterior(T, D, 1 <= T(3)) < 1"
    assert len(read(THINGS + text, "").quantities) == 3


def test_no_obligation_for_a_posterior() -> None:
    assert (
        last(f"{THINGS}evidence e: posterior(T, D, T(3) >= 1) = 1/2", "").obligations
        == ()
    )


@pytest.mark.parametrize(
    ("formula", "column", "message"),
    [
        ("posterior(S, D, S(3) >= 1) = 1", 23, "needs a finite class, and S has no weights"),
        ("posterior(T, D) = 1", 13, "posterior takes a class of networks, a data set"),
        ("posterior(f, D, true) = 1", 23, "posterior takes a class of networks here"),
        ("posterior(T, D, T(3)) = 1", 29, "expected a formula, got `T(3)`"),
        ("posterior(T, D, T(1, 2, 3) = 0) = 1", 29, "`T` takes 1 number, got 3"),
        ("posterior(T, D, T(K) = 0) = 1", 29, "the event speaks of `K`, which is no number"),
        ("posterior(T, D, T(1) = 0, 1) = 1", 39, "takes loss = LOSS or likelihood = TERM"),
        ("posterior(T, D, T(1) = 0, loss = l3) = 1", 39, "`l3` is none"),
        ("posterior(T, D, T(1) = 0, loss = hinge) = 1", 26, "labels -1 and 1"),
        ("posterior(T, D, T(1) = 0, likelihood = true) = 1", 52, "the likelihood is a Real"),
        ("posterior(T, D, T(1) = 0, likelihood = K) = 1", 52, "the likelihood speaks of"),
        ("forall x: Real. posterior(T, D, T(x) = 0) = 1", 47, "of `x`, which is bound"),
        ("posterior(T, D, posterior(T, D, true) = 1) = 1", 29, "within a posterior"),
        ("posterior(T, D, T in T) = 1", 29, "T stands for a drawn network here"),
        ("posterior(T, D, risk(T, D, l1, tv(0)) = 1) = 1", 29, "a drawn network has a loss"),
        ("posterior(T, M, true) = 1", 26, "posterior takes a data set here"),
    ],
)  # fmt: skip
def test_mistakes_have_their_place(formula: str, column: int, message: str) -> None:
    found = mistake(f"{THINGS}evidence e: {formula}", "")
    assert message in found.message
    assert (found.line, found.column) == (THINGS.count("\n") + 1, column)


def test_the_name_stands_for_a_network_in_the_event_only() -> None:
    text = f"{THINGS}evidence a: posterior(T, D, T(3) >= 1) = 1/2\n"
    assert (
        "`T` is the class T, and no term"
        in mistake(text + "evidence b: T(3) = 1", "").message
    )
    bad = THINGS + "evidence b: posterior(T, D, T(z) >= 1) = 1/2"
    assert "unknown name `z`" in mistake(bad, "").message
    bound = "evidence b: posterior(T, D, forall T in D: T >= 0) = 1"
    assert last(THINGS + bound, "").formula is not None


@pytest.mark.parametrize(
    ("formula", "why"),
    [
        ("posterior(huge, D, true) = 1", "more than 200000 parameter vectors"),
        ("posterior(T, D, forall v in R: T(v) >= 0) = 1", "quantifiers in front only"),
    ],
)
def test_what_cannot_be_counted_is_unsupported(formula: str, why: str) -> None:
    assert why in last(f"{THINGS}evidence e: {formula}", "").unsupported
