"""From the pieces of a loss to the loss itself, in a proof.

Networks are asked about pieces, which are linear in what a network gives; a document speaks
of the loss, which has absolute values, cases or a square in it. Where an `if` is settled,
the loss is one of its pieces, and the bound is linear. A square lies below its chord between
two errors: (e - low)(high - e) >= 0.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from itertools import pairwise, product
from typing import NamedTuple

from verify.kernel import terms
from verify.kernel.normal import normal
from verify.kernel.terms import REAL, Term
from verify.networks.statements.following import NotFollowing, contradict
from verify.networks.statements.grounds import GroundProof
from verify.shift.documents.stated_regions import is_largest
from verify.shift.documents.suprema import combine_products


class Chord(NamedTuple):
    """What is said of an error between two numbers: that it is at least the one, at most
    the other, and that the chord is not too large."""

    low: Term
    high: Term
    bound: Term


def show_cases(
    proof: GroundProof,
    fact: Term,
    known: Sequence[Term],
    limits: Sequence[Term] = (),
) -> list[int]:
    """Steps by which `fact`, loss <= ..., follows for a loss that is linear in its `if`s.

    It follows from `known`, or from that and `limits`, for each choice of branches; a
    choice for which it does not is left open.
    """
    loss, denied = fact.args[0], terms.make_not(fact)
    choices = [part for part in terms.subterms(loss) if part.op == "if"]
    steps = [proof.log.step("if", term=proof.log.text(one))[0] for one in choices]
    for branches in product((1, 2), repeat=len(choices)):
        chosen = [
            terms.make_equal(choice, choice.args[branch])
            for choice, branch in zip(choices, branches, strict=True)
        ]
        for more in ((), limits):
            try:
                literals = [*chosen, denied, *known, *more]
                steps.append(contradict(proof.log, literals))
                break
            except NotFollowing:
                continue
    return steps


def show_square(
    proof: GroundProof, fact: Term, chords: Sequence[Chord], known: Sequence[Term]
) -> list[int]:
    """Steps by which a bound on a squared error follows from those on its chords.

    `fact` is error^2 <= ..., and the chords stand side by side in order. Raises
    NotFollowing.
    """
    denied = terms.make_not(fact)
    steps = []
    for chord in chords:
        bound = [] if is_plain(chord.bound) else [chord.bound]
        literals = [denied, chord.low, chord.high, *bound, *known]
        steps.append(combine_products(proof, literals, [(1, 2)]))
    for below, above in pairwise(chords):
        either = [terms.make_not(below.high), terms.make_not(above.low)]
        steps.append(contradict(proof.log, either))
    return steps


def open_general(
    proof: GroundProof, general: Term
) -> tuple[list[int], tuple[Term, ...]]:
    """Steps with witnesses at which a statement about all places fails, if it fails."""
    opened = proof.log.open(general)
    return list(opened.steps), opened.names


def widen(cuts: Sequence[Fraction]) -> tuple[Fraction, ...]:
    """At least two cuts: a single one becomes a short interval around it."""
    return tuple(cuts) if len(cuts) > 1 else (cuts[0] - 1, cuts[0], cuts[0] + 1)


def is_plain(comparison: Term) -> bool:
    """Whether it is one between numbers that holds."""
    return normal(comparison).op == "true"


def make_chords(error: Term, cuts: Sequence[Fraction], most: Term) -> tuple[Chord, ...]:
    """The chords between increasing cuts, each bounded by `most`."""
    found = []
    for low, high in pairwise(cuts):
        slope = terms.make_product(number(low + high), error)
        chord = terms.make_sum(slope, number(-low * high))
        found.append(
            Chord(
                terms.make_at_most(number(low), error),
                terms.make_at_most(error, number(high)),
                terms.make_at_most(chord, most),
            )
        )
    return tuple(found)


def show_branches(
    proof: GroundProof, found: Iterable[Term]
) -> Iterator[tuple[Term, list[int]]]:
    """For each `if` in these terms that is the larger or the smaller of its branches, how
    it compares with them, with the steps that this follows from."""
    seen = {part for term in found for part in terms.subterms(term) if part.op == "if"}
    for term in sorted(seen, key=lambda one: (one.size, one.key)):
        largest = is_largest(term)
        if largest is None:
            continue
        choice, _ = proof.log.step("if", term=proof.log.text(term))
        for side in term.args[1:]:
            pair = (side, term) if largest else (term, side)
            fact = terms.make_at_most(*pair)
            steps = [choice]
            for holds, branch in zip((True, False), term.args[1:], strict=True):
                given = term.args[0] if holds else terms.make_not(term.args[0])
                equal = terms.make_equal(term, branch)
                denied = terms.make_not(fact)
                steps.append(contradict(proof.log, [given, equal, denied]))
            yield fact, steps


def show_at_most(
    proof: GroundProof, term: Term, most: Term, known: Sequence[Term]
) -> list[int]:
    """Steps by which term <= most follows from `known`, branch by branch where the term is
    an `if`. Raises NotFollowing."""
    asked = terms.make_not(terms.make_at_most(term, most))
    if term.op != "if":
        if normal(asked).op == "false":
            return []
        return [contradict(proof.log, [*known, asked])]
    steps = [proof.log.step("if", term=proof.log.text(term))[0]]
    for branch in term.args[1:]:
        steps += show_at_most(proof, branch, most, known)
        smaller = terms.make_at_most(branch, most)
        equal = terms.make_equal(term, branch)
        steps.append(contradict(proof.log, [equal, smaller, asked]))
    return steps


def number(value: Fraction) -> Term:
    """A real numeral."""
    return terms.make_number(value, REAL)
