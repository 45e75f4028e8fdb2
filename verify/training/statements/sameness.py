"""A network and a formula that are the same everywhere: one small tree for each piece.

The conditions of the formula's `if`s cut the inputs into pieces, on each of which it is
linear, and a network step shows that it is the network there. Pieces that are empty by
their conditions alone are left out as soon as that is so. A condition may speak of other
`if`s, which are put in as they were chosen.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import NamedTuple

from verify.kernel import terms
from verify.kernel.networks import read_program
from verify.kernel.normal import at_least_zero, normal
from verify.kernel.polynomials import Polynomial, add, read_polynomial
from verify.kernel.terms import Term
from verify.networks.certificates.enumeration import enumerate_regions
from verify.networks.certificates.outcomes import Stuck, Tree
from verify.networks.statements.following import (
    NotFollowing,
    contradict,
    follow,
    read_hypothesis,
)
from verify.networks.statements.grounds import GroundProof, Unsettled


def prove_same(proof: GroundProof, formula: Term) -> int:
    """A step with the clause `forall x. left = right`, both sides linear but for networks
    and `if`. Raises Unsettled."""
    log = proof.log
    body, inputs, opened, _ = log.open(formula)
    shown = _Pieces(proof, normal(body), inputs).write()
    return follow(log, formula, [*opened, *shown])


class _Piece(NamedTuple):
    """The first choices made: what each `if` is, over the inputs, and by what right."""

    values: dict[Term, Polynomial]
    taken: tuple[Term, ...]  # each `if` equals one of its branches
    literals: tuple[Term, ...]  # conditions on the inputs


class _Pieces:
    """The pieces of one equation at witnesses, and the steps about each."""

    def __init__(
        self, proof: GroundProof, equation: Term, inputs: Sequence[Term]
    ) -> None:
        self.proof, self.log, self.inputs = proof, proof.log, inputs
        self.equation = equation
        self.difference = read_polynomial(equation.args[0])
        self.choices = [
            part
            for part in terms.subterms(equation)
            if part.op == "if" and not part.loose
        ]

    def write(self) -> Iterator[int]:
        """Steps of which the equation is a consequence. Raises Unsettled."""
        if self.equation.op != "=":
            return
        for choice in self.choices:
            yield self.log.step("if", term=self.log.text(choice))[0]
        zero = terms.make_number(0, terms.REAL)
        sides = self.log.text(self.equation.args[0]), self.log.text(zero)
        yield self.log.step("trichotomy", left=sides[0], right=sides[1])[0]
        waiting = [_Piece({}, (), ())]
        while waiting:
            if time.monotonic() > self.proof.deadline:
                raise Unsettled("timeout", f"{len(waiting)} pieces are still open")
            piece = waiting.pop()
            if len(piece.taken) == len(self.choices):
                yield from self._show(piece)
                continue
            choice = self.choices[len(piece.taken)]
            for holds in (False, True):
                written = normal(choice.args[0])
                written = written if holds else normal(terms.make_not(written))
                after, simple = self._choose(piece, choice, holds=holds)
                if written.op != "false" and simple.op == "true":
                    waiting.append(after)
                elif written.op != "false":
                    denied = () if simple.op == "false" else (terms.make_not(simple),)
                    if written != simple:
                        yield contradict(self.log, [written, *piece.taken, *denied])
                    if denied:
                        after = after._replace(literals=(*piece.literals, simple))
                        try:
                            yield contradict(self.log, after.literals)
                        except NotFollowing:
                            waiting.append(after)

    def _choose(
        self, piece: _Piece, choice: Term, *, holds: bool
    ) -> tuple[_Piece, Term]:
        """One branch of the next `if`, and its condition over the inputs."""
        condition = normal(choice.args[0])
        atom = condition.args[0] if condition.op == "not" else condition
        if atom.op not in ("true", "false", "<="):
            raise Unsettled("unsupported", "a condition that is no inequality")
        if atom.op == "<=":
            atom = at_least_zero(_put_in(read_polynomial(atom.args[1]), piece.values))
        simple = atom if holds == (condition.op != "not") else terms.make_not(atom)
        branch = choice.args[1 if holds else 2]
        values = _put_in(read_polynomial(branch), piece.values)
        after = piece._replace(
            values={**piece.values, choice: values},
            taken=(*piece.taken, terms.make_equal(choice, branch)),
        )
        return after, normal(simple)

    def _show(self, piece: _Piece) -> Iterator[int]:
        """Steps by which the difference is at most and at least 0 on a piece."""
        whole = _put_in(self.difference, piece.values)
        for sign in (1, -1):
            here = at_least_zero(add(((Fraction(sign), whole),)))
            if here.op != "true":
                yield self._ask([*piece.literals, normal(terms.make_not(here))])
            there = at_least_zero(add(((Fraction(sign), self.difference),)))
            known = [here, *piece.taken, terms.make_not(there)]
            yield contradict(self.log, known)

    def _ask(self, literals: list[Term]) -> int:
        """A network step that says that these literals are not all true."""
        networks = self.log.proof.problem.networks
        program = read_program(self.inputs, networks, map(read_hypothesis, literals))
        found = enumerate_regions(program, self.proof.deadline)
        if isinstance(found, Stuck):
            raise Unsettled(found.reason, found.detail)
        if not isinstance(found, Tree):
            raise Unsettled("incomplete", "the network is another function")
        return self.log.step(
            "network",
            inputs=[self.log.text(term) for term in self.inputs],
            literals=[self.log.text(literal) for literal in literals],
            tree=list(found.nodes),
        )[0]


def _put_in(poly: Polynomial, values: dict[Term, Polynomial]) -> Polynomial:
    """A linear polynomial with others in place of some of its parts."""
    return add(
        (factor, values[monomial[0]])
        if len(monomial) == 1 and monomial[0] in values
        else (Fraction(1), {monomial: factor})
        for monomial, factor in poly.items()
    )
