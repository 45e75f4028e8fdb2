"""A point's bound in the document's own proof, from the trees that the search found.

A lemma of the search bounds the pieces of a loss over the region at a price for distance,
with a tree for each piece. Here the same trees become `network` steps about the place that
a document speaks of: the numbers that the distance is the sum of are its absolute values,
the rows that the trees rely on follow from the region's formula, and the pieces make up the
loss. Lemmas at two rates are combined last.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise
from typing import Any

from verify.kernel import terms
from verify.kernel.normal import normal
from verify.kernel.terms import Term
from verify.networks.statements.following import NotFollowing, contradict, follow
from verify.networks.statements.grounds import GroundProof, Unsettled
from verify.shift.documents.loss_steps import (
    is_plain,
    make_chords,
    number,
    open_general,
    show_at_most,
    show_branches,
    show_cases,
    show_square,
)
from verify.shift.documents.moving_proofs import Ceiling
from verify.shift.documents.placing import Placed, Placing
from verify.shift.losses import SQUARED, Piece
from verify.shift.transport.frontiers import Cut
from verify.shift.transport.lemmas import Frame, Lemma, make_parts
from verify.shift.transport.proofs import Proof

ZERO = Fraction(0)


class Lemmas:
    """What the search showed of each point; `cuts` has a point's by row."""

    def __init__(
        self,
        frame: Frame,
        placing: Placing,
        ceiling: Ceiling,
        cuts: Sequence[tuple[Cut, ...]],
    ) -> None:
        self.frame, self.placing = frame, placing
        self.ceiling, self.cuts = ceiling, cuts

    def show(self, proof: GroundProof, row: int, general: Term) -> int:
        """A step with the clause of a point's fact. Raises Unsettled."""
        try:
            return _Writing(self, proof, row, general).write()
        except NotFollowing:
            detail = f"the bound of point {row + 1} does not follow"
            raise Unsettled("incomplete", detail) from None


class _Writing:
    """The steps for one point, about witnesses of which nothing is known."""

    def __init__(
        self, lemmas: Lemmas, proof: GroundProof, row: int, general: Term
    ) -> None:
        self.lemmas, self.proof, self.log = lemmas, proof, proof.log
        self.row, self.general = row, general
        self.steps, names = open_general(proof, general)
        self.placed: Placed = lemmas.placing.at(row, names)
        self.names = names
        self.known = list(self.placed.inside)
        self.normals = set(map(self._normal, self.known))
        self.fact = self.placed.bound(lemmas.ceiling.tops[row], lemmas.ceiling.rate)

    def write(self) -> int:
        """All steps, and then the one that follows from them."""
        self._compare([*self.known, self.placed.cost])
        bounds = [self._bound(cut) for cut in self.lemmas.cuts[self.row]]
        if self._normal(self.fact) not in map(self._normal, bounds):
            asked = terms.make_not(self.fact)
            self.steps.append(contradict(self.log, [*bounds, *self.known, asked]))
        return follow(self.log, self.general, self.steps)

    def _normal(self, term: Term) -> Term:
        return normal(term, self.log.proof.normals)

    def _compare(self, found: Sequence[Term]) -> None:
        """Learn how maxima and distances compare with what they are the largest of."""
        for fact, steps in show_branches(self.proof, found):
            self._learn(fact, steps)

    def _learn(self, fact: Term, steps: Sequence[int]) -> None:
        self.steps += steps
        self.known.append(fact)
        self.normals.add(self._normal(fact))

    def _bound(self, cut: Cut) -> Term:
        """loss <= value + rate * cost, shown."""
        bound = self.placed.bound(cut.value, cut.rate)
        limits: list[Term] = []
        if cut.proof is not None:
            lemma = cut.proof.lemma
            point = self._extend(lemma)
            parts = make_parts(self.lemmas.frame, lemma, point)
            for literal in parts.assumed:
                self._assume(literal)
            for formulas, tree in zip(parts.pieces, read_trees(cut.proof), strict=True):
                self._take(point, formulas, parts.assumed, tree)
            if self.lemmas.placing.loss == SQUARED:
                self._square(bound, lemma)
                return bound
            for piece, formulas in zip(lemma.pieces, parts.pieces, strict=True):
                if len(formulas) > len(piece.conditions):
                    limits.append(terms.make_not(formulas[0]))
        self.steps += show_cases(self.proof, bound, self.known, limits)
        return bound

    def _extend(self, lemma: Lemma) -> list[Term]:
        """The place, and the distances from where the lemma measures them."""
        distances = self.lemmas.placing.measure(self.names, lemma.point)
        self._compare(distances)
        return [*self.names, *distances]

    def _assume(self, literal: Term) -> None:
        """Show a row that the trees rely on, where the region does not say it already."""
        found = self._normal(literal)
        if found in self.normals or found.op == "true":
            return
        try:
            asked = terms.make_not(literal)
            steps = [contradict(self.log, [*self.known, asked])]
        except NotFollowing:
            term, most = literal.args
            steps = show_at_most(self.proof, term, most, self.known)
        self._learn(literal, steps)

    def _take(
        self,
        point: Sequence[Term],
        piece: Sequence[Term],
        assumed: Sequence[Term],
        tree: list[Any],
    ) -> None:
        """The tree about this place; its rows stand in the order of the lemma's."""
        frame = self.lemmas.frame
        rest = len(frame.region.halves) + 2 * frame.inputs
        literals = [*piece, *assumed[-rest:], *assumed[:-rest]]
        inputs = [self.log.text(self._normal(one)) for one in point]
        texts = [self.log.text(literal) for literal in literals]
        step, _ = self.log.step("network", inputs=inputs, literals=texts, tree=tree)
        self.steps.append(step)

    def _square(self, bound: Term, lemma: Lemma) -> None:
        """The square from its chords, and that there are no errors beyond them."""
        ((symbol, _),) = self.lemmas.placing.network.functions()
        (target,) = self.lemmas.placing.rows[self.row].target
        value = terms.make_application(symbol, self.names)
        error = terms.make_sum(value, number(-target))
        most = self.placed.bound(lemma.value, lemma.rate).args[1]
        cuts = sorted({cut for piece in lemma.pieces for cut in _ends(piece, target)})
        chords = make_chords(error, cuts, most)
        shown = {_ends(piece, target) for piece in lemma.pieces}
        for ends, chord in zip(pairwise(cuts), chords, strict=True):
            if ends not in shown and not is_plain(chord.bound):
                # it is level, and low enough
                asked = terms.make_not(chord.bound)
                self.steps.append(contradict(self.log, [asked, *self.known]))
        beyond = (
            (terms.make_at_most(error, number(cuts[0])), chords[0].low),
            (terms.make_at_most(number(cuts[-1]), error), chords[-1].high),
        )
        for pair in beyond:
            either = map(terms.make_not, pair)
            self.steps.append(contradict(self.log, either))
        self.steps += show_square(self.proof, bound, chords, self.known)


def _ends(piece: Piece, target: Fraction) -> tuple[Fraction, ...]:
    """The errors at which a piece of the squared loss begins and ends."""
    return tuple(
        (-constant / weights[0]) - target for constant, weights in piece.conditions
    )


def read_trees(proof: Proof) -> list[list[Any]]:
    """The trees of a lemma's proof, one a piece."""
    records = [json.loads(line) for line in proof.text.splitlines()[2:]]
    return [record["tree"] for record in records if record["rule"] == "network"]
