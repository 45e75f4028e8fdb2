"""The worst mean loss over a ball of distributions, bounded from above in a proof.

About parameters of which nothing is known but that they describe a distribution of the ball
it is shown that their mean loss is at most a number: a combination of what the ball says,
of products of two such inequalities where mass moves and places move, and of what losses
are. The multipliers are those of a linear programme (weak duality), solved exactly.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction
from typing import NamedTuple

from verify.kernel import terms
from verify.kernel.normal import normal
from verify.kernel.polynomials import add, multiply, read_polynomial
from verify.kernel.quantities import Extremum
from verify.kernel.rejections import Rejected
from verify.kernel.terms import REAL, Term, instantiate
from verify.networks.statements.following import (
    NotFollowing,
    find_conflict,
    follow,
    read_hypothesis,
)
from verify.networks.statements.grounds import GroundProof, Unsettled

ONE = Fraction(1)


class Parts(NamedTuple):
    """A supremum's formula at names for its parameters."""

    names: tuple[Term, ...]
    conditions: tuple[Term, ...]
    value: Term  # the mean loss
    shown: tuple[int, ...]  # steps that say that the conditions hold and the bound not


def open_supremum(proof: GroundProof, asked: Term) -> Parts:
    """The denied bound at witnesses: what the ball says of them, and a larger loss."""
    log = proof.log
    body, names, opened, _ = log.open(asked)
    shown = [*opened]
    conditions: tuple[Term, ...] = ()
    if body.op == "implies":
        shown.append(log.step("define", formula=log.text(body))[0])
        condition, body = body.args
        conditions = (condition,)
        if condition.op == "and":
            shown.append(log.step("define", formula=log.text(condition))[0])
            conditions = condition.args
    return Parts(names, conditions, body.args[0], tuple(shown))


def split_products(value: Term, names: Sequence[Term]) -> list[tuple[Term, Term]]:
    """A sum of products of a parameter and a loss, as pairs. Raises Unsettled."""
    parts = value.args if value.op == "+" else (value,)
    found = []
    for part in parts:
        name, *rest = part.args or (part,)
        if part.op != "*" or name not in names:
            raise Unsettled("unsupported", "a mean loss of another shape")
        found.append((name, terms.make_product(*rest)))
    return found


def combine_products(
    proof: GroundProof,
    literals: Sequence[Term],
    pairs: Iterable[tuple[int, int]] = (),
    values: Iterable[tuple[Term, Term, Fraction]] = (),
) -> int:
    """A step that says that these literals are not all true. Raises NotFollowing.

    Each literal may be taken any number of times, so may the product of two inequalities
    of `pairs`. `values` has names, terms and numbers: that a term is a number, times its
    name, may be used as well.
    """
    log = proof.log
    known = [normal(literal) for literal in literals]
    hypotheses = [read_hypothesis(literal) for literal in known]
    uses: list[tuple[int, ...]] = [(place,) for place in range(len(known))]
    rows = list(hypotheses)
    for one, other in pairs:
        uses.append((one, other))
        rows.append((">=", multiply(hypotheses[one][1], hypotheses[other][1])))
    factors: list[tuple[int, Term]] = []
    for name, term, number in values:
        equation = normal(terms.make_equal(term, terms.make_number(number, REAL)))
        if equation.op != "=":
            continue
        poly = read_hypothesis(equation)[1]
        factors.append((len(known), name))
        known.append(equation)
        rows.append(("=", multiply(poly, {(name,): ONE})))
    products, equations = [], []
    for row, multiplier in find_conflict(rows):
        if row >= len(uses):
            place, name = factors[row - len(uses)]
            number_term = terms.make_number(multiplier, REAL)
            factor = terms.make_product(number_term, name)
            equations.append({"literal": place, "factor": log.text(factor)})
        elif rows[row][0] == "=":
            factor = terms.make_number(multiplier, REAL)
            equations.append({"literal": uses[row][0], "factor": log.text(factor)})
        else:
            used = list(uses[row])
            item = {"multiplier": str(multiplier), "factors": used, "square": ""}
            products.append(item)
    texts = [log.text(literal) for literal in known]
    return log.step("product", literals=texts, products=products, equations=equations)[
        0
    ]


class Product(NamedTuple):
    """A positive number times inequalities, given by their places in a list."""

    multiplier: Fraction
    factors: tuple[int, ...]


def add_products(
    proof: GroundProof, literals: Sequence[Term], products: Iterable[Product]
) -> int:
    """A step that says that these comparisons are not all true: the sum of the products,
    each factor read as `larger side - smaller side`, is a false constant.

    Raises NotFollowing where it is none.
    """
    log = proof.log
    known = [normal(literal, log.proof.normals) for literal in literals]
    scales = [_scale(*pair) for pair in zip(literals, known, strict=True)]
    listed = []
    for product in products:
        multiplier = product.multiplier
        for place in product.factors:
            multiplier /= scales[place]
        listed.append(
            {
                "multiplier": str(multiplier),
                "factors": list(product.factors),
                "square": "",
            }
        )
    texts = [log.text(literal) for literal in known]
    try:
        return log.step("product", literals=texts, products=listed, equations=[])[0]
    except Rejected:
        raise NotFollowing from None


def _scale(comparison: Term, known: Term) -> Fraction:
    """By what a comparison's normal form was multiplied; 1 where nothing is left of it."""
    if known.op in ("true", "false"):
        return ONE
    smaller, larger = (read_polynomial(normal(side)) for side in comparison.args)
    whole = add(((ONE, larger), (-ONE, smaller)))
    poly = read_hypothesis(known)[1]
    monomial = next(iter(poly))
    return poly[monomial] / whole[monomial]


def close_supremum(proof: GroundProof, asked: Term, steps: Iterable[int]) -> int:
    """The step with the clause `asked`. Raises Unsettled where it does not follow."""
    try:
        return follow(proof.log, asked, steps)
    except NotFollowing:
        raise Unsettled("incomplete", "the bound does not follow") from None


def bound_at(extremum: Extremum, value: Fraction) -> Term:
    """That the supremum is at most `value`."""
    return instantiate(extremum.formula, terms.make_number(value, REAL))
