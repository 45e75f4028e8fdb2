"""The kernel's proof of a lemma, from one tree a piece.

The steps are the same each time: the negated goal, definitions down to the literals, one
`network` step a piece, and unit propagation.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from verify.kernel import terms
from verify.kernel.check import check
from verify.kernel.rejections import Declined
from verify.kernel.text import write_term
from verify.networks.certificates.outcomes import Node
from verify.shift.transport.lemmas import Frame, Lemma, make_parts, make_problem
from verify.solvers.prooflog import Steps, write_certificate


class Proof(NamedTuple):
    """A lemma's certificate, as the kernel accepted it, and the hash of its problem."""

    lemma: Lemma
    text: str
    sha: str


def prove_lemma(
    frame: Frame, lemma: Lemma, trees: Sequence[tuple[Node, ...]]
) -> Proof | None:
    """The checked proof of a lemma, one tree a piece; None where the kernel declines it
    for its size. Raises Rejected when the kernel rejects it."""
    problem = make_problem(frame, lemma)
    point = [terms.constant(symbol) for symbol in problem.symbols]
    names = [symbol.name for symbol in problem.symbols]
    parts = make_parts(frame, lemma, point)
    steps = Steps()
    opened = [steps.add("goal")]
    opened += steps.define(parts.body)
    opened += steps.define(terms.make_and(*parts.assumed))
    assumed = [write_term(one) for one in parts.assumed]
    halves = len(frame.region.halves)
    distance = 2 * frame.inputs
    box, rest = assumed[: -halves - distance], assumed[-halves - distance :]
    closed = []
    for piece, tree in zip(parts.pieces, trees, strict=True):
        formula = terms.make_and(*piece)
        defined = steps.define(formula)
        texts = [*map(write_term, piece), *rest, *box]
        defined.append(
            steps.add("network", inputs=names, literals=texts, tree=list(tree))
        )
        literals = [write_term(terms.make_not(formula))]
        closed.append(steps.add("clause", literals=literals, hints=[*opened, *defined]))
    failing = terms.make_or(*(terms.make_and(*piece) for piece in parts.pieces))
    hints = [*opened, *closed, *steps.define(failing)]
    steps.add("clause", literals=[], hints=hints)
    text = write_certificate(problem, "proved", steps.records)
    return _accept(lemma, problem.text(), text)


def _accept(lemma: Lemma, problem: str, text: str) -> Proof | None:
    try:
        accepted = check(problem, text)
    except Declined:
        return None
    return Proof(lemma, text, accepted.sha)
