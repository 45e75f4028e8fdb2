"""Bounds of reweighted data with the kernel's word: which certificates, made and checked.

Total variation, subpopulations and mixtures are bounded in closed form; here the bound of
each budget becomes a certificate, which rests on those of the blocks of data points. What
two budgets share is made once. Each certificate is checked as it is made, with those that
it cites, so the last one's premises are the definition of the ball and nothing else.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from typing import Any, Final, NamedTuple

from verify.kernel.check import Accepted, check
from verify.kernel.rejections import Rejected
from verify.networks.float32.alarms import SoundnessAlarm
from verify.shift.masses.block_lemmas import (
    Lemma,
    Scheme,
    find_lemma,
    find_parts,
    make_scheme,
    prove_lemma,
    prove_level,
)
from verify.shift.masses.blocks import is_short, sort_points
from verify.shift.masses.group_proofs import (
    find_value,
    make_runs,
    prove_mixture,
    prove_run,
)
from verify.shift.masses.linear_proofs import Certificate
from verify.shift.samples import Sample

MAX_BITS: Final = 4_000  # of a number in a certificate; the kernel reads twice as many
KINDS: Final = ("tv", "subpopulation", "mixture")


class Bound(NamedTuple):
    """A bound to certify: at a budget, by the dual with this threshold."""

    budget: Fraction
    threshold: Fraction
    value: Fraction


class Link(NamedTuple):
    """A certificate, the links by number that it cites, and the number of the bound that
    it shows, None for a lemma."""

    certificate: Certificate
    cites: tuple[int, ...]
    bound: int | None = None


def write_links(
    ball: str,
    samples: Sequence[Sample],
    losses: Sequence[Fraction],
    bounds: Sequence[Bound],
) -> Iterator[Link]:
    """The certificates for these bounds, each after those it cites; none at all where the
    numbers are too long for certificates. What a link is depends on nothing but these
    arguments, so whoever checks evidence makes it again."""
    numbers = [number for bound in bounds for number in bound]
    if not is_short([*numbers, *losses], MAX_BITS):
        return
    weights = [sample.weight for sample in samples]
    if ball == "mixture":
        names = [sample.group for sample in samples]
        yield from _write_groups(losses, weights, names, bounds)
        return
    scheme = make_scheme(sort_points(losses, weights), gains=ball == "tv")
    root = scheme.root
    if is_short((root.mass, root.excess), MAX_BITS):
        yield from _write_blocks(scheme, bounds)


def _write_blocks(scheme: Scheme, bounds: Sequence[Bound]) -> Iterator[Link]:
    made: dict[Any, tuple[int, str]] = {}
    for number, bound in enumerate(bounds):
        top = find_lemma(scheme.root, bound.threshold)
        for lemma in _walk_new(top, made):
            parts = [(part, *made[part.key]) for part in find_parts(lemma)]
            shown = [(part, sha) for part, _, sha in parts]
            certificate = prove_lemma(scheme, lemma, shown)
            made[lemma.key] = (
                len(made) + number,
                certificate.sha,
            )  # bounds take places too
            yield Link(certificate, tuple(place for _, place, _ in parts))
        place, sha = made[top.key]
        last = prove_level(scheme, top, sha, bound.budget, bound.value)
        yield Link(last, (place,), number)


def _walk_new(lemma: Lemma, made: dict[Any, tuple[int, str]]) -> Iterator[Lemma]:
    """The lemmas that one rests on and that are not made yet, and itself."""
    if lemma.key in made:
        return
    for part in find_parts(lemma):
        yield from _walk_new(part, made)
    yield lemma


def _write_groups(
    losses: Sequence[Fraction],
    weights: Sequence[Fraction],
    names: Sequence[str],
    bounds: Sequence[Bound],
) -> Iterator[Link]:
    runs = make_runs(losses, weights, names)
    if runs is None or not is_short(map(find_value, runs), MAX_BITS):
        return
    shas = []
    for number, run in enumerate(runs, 1):
        certificate = prove_run(number, run)
        shas.append(certificate.sha)
        yield Link(certificate, ())
    for number, bound in enumerate(bounds):
        last = prove_mixture(runs, shas, bound.value)
        yield Link(last, tuple(range(len(runs))), number)


def check_links(
    links: Sequence[Link], read: Callable[[int, Certificate], str]
) -> Iterator[tuple[Link, Accepted]]:
    """Each link with what the kernel accepted, given the text that `read` has for it.

    Raises Rejected where the kernel does, and where a bound rests on a lemma that is not
    among the links.
    """
    last = {number: place for place, link in enumerate(links) for number in link.cites}
    known: dict[int, Accepted] = {}
    for place, link in enumerate(links):
        cited = [known[number] for number in link.cites]
        text = read(place, link.certificate)
        accepted = check(link.certificate.problem, text, cited)
        if accepted.claim != "proved" or accepted.open:
            raise Rejected("a proof with all its lemmas", accepted.claim)
        if place in last:
            known[place] = accepted
        for number in link.cites:  # theorems are large, so none is kept for nothing
            if last[number] == place:
                del known[number]
        yield link, accepted


def certify_bounds(
    ball: str,
    samples: Sequence[Sample],
    losses: Sequence[Fraction],
    bounds: Sequence[Bound],
) -> tuple[Link, ...]:
    """The links for these bounds, accepted by the kernel; none where numbers are too long.

    Raises SoundnessAlarm when the kernel rejects one.
    """
    links = tuple(write_links(ball, samples, losses, bounds))
    try:
        for _ in check_links(links, lambda _, certificate: certificate.text):
            pass
    except Rejected as rejected:
        raise SoundnessAlarm(
            f"the kernel rejected a certificate of a bound ({rejected}); please report it"
        ) from None
    return links
