"""No loss is negative: the bound that every optimum has, for networks of any depth.

A loss is a sum of squares, or of `if`s of which no branch is negative where it is taken. At
parameters about which nothing is known that is shown branch by branch.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction

from verify.kernel import terms
from verify.kernel.normal import normal
from verify.kernel.polynomials import read_polynomial
from verify.kernel.quantities import Extremum
from verify.kernel.terms import REAL, Term, instantiate
from verify.networks.statements.following import NotFollowing, contradict, follow
from verify.networks.statements.grounds import GroundProof, Unsettled
from verify.solvers.prooflog import ProofLog

ZERO = terms.make_number(0, REAL)


def prove_floor(extremum: Extremum, proof: GroundProof) -> int:
    """A step with the clause that 0 is a lower bound. Raises Unsettled."""
    log = proof.log
    asked = instantiate(extremum.formula, ZERO)
    body, _, opened, _ = log.open(asked)
    shown = [*opened]
    while body.op in ("implies", "or"):
        shown.append(log.step("define", formula=log.text(body))[0])
        body = body.args[1 if body.op == "implies" else 0]
    try:
        shown += _show(log, body.args[1])
        return follow(log, asked, shown)
    except NotFollowing:
        raise Unsettled("incomplete", "the loss has another shape") from None


def _show(log: ProofLog, term: Term) -> Iterator[int]:
    """Steps from which `0 <= term` follows."""
    if term.op == "+":
        squares = [part for part in term.args if _root(part) is not None]
        if squares and len(squares) == len(term.args):
            yield _square(log, term, squares)
            return
        for part in term.args:
            yield from _show(log, part)
        parts = [terms.make_at_most(ZERO, part) for part in term.args]
        yield contradict(log, [*parts, _deny(term)])
    elif _root(term) is not None:
        yield _square(log, term, [term])
    elif term.op == "if":
        condition, *branches = term.args
        yield log.step("if", term=log.text(term))[0]
        sides = (condition, terms.make_not(condition))
        for given, branch in zip(sides, branches, strict=True):
            try:
                yield contradict(log, [given, _deny(branch)])
            except NotFollowing:
                yield from _show(log, branch)
            known = [terms.make_equal(term, branch), terms.make_at_most(ZERO, branch)]
            yield contradict(log, [*known, _deny(term)])
    elif not isinstance(term.value, Fraction) or term.value < 0:
        raise NotFollowing


def _deny(term: Term) -> Term:
    return terms.make_less(term, ZERO)


def _root(term: Term) -> Term | None:
    """The term of which this is the square."""
    if term.op != "*" or len(term.args) % 2:
        return None
    half = len(term.args) // 2
    first, second = term.args[:half], term.args[half:]
    return terms.make_product(*first) if first == second else None


def _square(log: ProofLog, whole: Term, squares: Sequence[Term]) -> int:
    """A step that says that a sum of squares is not negative."""
    denied = normal(_deny(whole))
    if denied.op == "false":
        return log.step("cases", formula="true", values=[])[0]
    written = read_polynomial(denied.args[0].args[1])
    plain = read_polynomial(normal(whole))
    monomial = next(iter(plain))
    scale = written[monomial] / plain[monomial]
    items = [{"multiplier": "1", "factors": [0], "square": ""}]
    for square in squares:
        root = _root(square)
        if root is not None:
            text = log.text(normal(root))
            items.append({"multiplier": str(scale), "factors": [], "square": text})
    literals = [log.text(denied)]
    return log.step("product", literals=literals, products=items, equations=[])[0]
