"""What is proved of a block of points, and from what, for any masses that a ball allows.

Constants stand for what is not known: `q_7` is the mass, after the shift, of the data points
that have the loss of point 7, and `d_7` what they gained at least; `mass_B`, `gain_B` and
`risk_B` are a block's sums of mass, gain and loss * mass. Total variation says 0 <= q,
0 <= d and q <= d + p, where p is the weight in the data, and that all gains together are at
most the budget; a part of the data says 0 <= q <= p, without gains. With M the largest loss
of all, it follows

    below:  0 <= mass and risk <= high * mass
    above:  mass <= gain + P and risk <= low * mass + (M - low) * gain + excess
    cut:    risk <= t * mass + (M - t) * gain + sum of p * max(loss - t, 0)

for a block of mass P in the data whose losses are from low to high; only points with losses
above the threshold t have gains that count. `below` serves every t from high on, `above`
every t up to low, so neither depends on the budget. (Duality of Ben-Tal et al. 2013, and of
Rockafellar and Uryasev 2000, cut into blocks.)
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Final, NamedTuple

from verify.shift.masses.blocks import Block, Weighted, find_excess, make_blocks
from verify.shift.masses.linear_proofs import (
    CONSTANT,
    Certificate,
    Fact,
    Proving,
    Stated,
    make_bound,
    make_definition,
)

BELOW: Final = "below"
ABOVE: Final = "above"
CUT: Final = "cut"
ZERO: Final = Fraction(0)
ONE: Final = Fraction(1)

Parts = list[tuple[Fraction, Fact]]
Pairs = Sequence[tuple[str, Fraction]]


class Lemma(NamedTuple):
    """Which lemma about which block, at what threshold if the threshold cuts it."""

    kind: str
    block: Block
    threshold: Fraction | None = None

    @property
    def key(self) -> tuple[str, int, int, Fraction | None]:
        """What tells lemmas apart."""
        return self.kind, self.block.level, self.block.number, self.threshold


class Scheme(NamedTuple):
    """The data in blocks; `most` is the largest loss that mass may be given, and None in
    a ball without gains."""

    data: Weighted
    root: Block
    most: Fraction | None


def make_scheme(data: Weighted, *, gains: bool) -> Scheme:
    """The blocks of some data, for total variation with `gains`, else for a part."""
    return Scheme(data, make_blocks(data), data.losses[-1] if gains else None)


def find_lemma(block: Block, threshold: Fraction) -> Lemma:
    """The lemma that bounds a block's risk at a threshold."""
    if block.high <= threshold:
        return Lemma(BELOW, block)
    if block.low >= threshold:
        return Lemma(ABOVE, block)
    return Lemma(CUT, block, threshold)


def find_parts(lemma: Lemma) -> tuple[Lemma, ...]:
    """The lemmas that one about a block of blocks is added up from."""
    kind, block, threshold = lemma
    if threshold is None:
        return tuple(Lemma(kind, part) for part in block.parts)
    return tuple(find_lemma(part, threshold) for part in block.parts)


def state_lemma(scheme: Scheme, lemma: Lemma) -> tuple[Fact, ...]:
    """What a lemma says: the bound of the risk last."""
    block, name = lemma.block, lemma.block.name
    risk, mass = (f"risk_{name}", -ONE), f"mass_{name}"
    if lemma.kind == BELOW:
        return (
            make_bound([(mass, ONE)]),
            make_bound([(mass, block.high), risk]),
        )
    threshold = block.low if lemma.threshold is None else lemma.threshold
    gain: list[tuple[str, Fraction]] = []
    if scheme.most is not None:
        gain = [(f"gain_{name}", scheme.most - threshold)]
    excess = (CONSTANT, find_excess(scheme.data, block, threshold))
    bound = make_bound([(mass, threshold), *gain, excess, risk])
    if lemma.kind == CUT:
        return (bound,)
    gained = [(one, ONE) for one, _ in gain]
    whole = (CONSTANT, block.mass)
    return make_bound([*gained, whole, (mass, -ONE)]), bound


def has_gain(scheme: Scheme, lemma: Lemma) -> bool:
    """Whether a lemma speaks of gains."""
    return scheme.most is not None and lemma.kind != BELOW


def prove_lemma(
    scheme: Scheme, lemma: Lemma, shown: Sequence[tuple[Lemma, str]]
) -> Certificate:
    """The proof of a lemma: from points, or from the lemmas `shown` about its parts with
    the hashes of their problems."""
    if lemma.block.parts:
        return _prove_blocks(scheme, lemma, shown)
    return _prove_points(scheme, lemma)


class _Sums(NamedTuple):
    """The definitions of a block's sums."""

    risk: Fact
    mass: Fact
    gain: Fact | None

    def state(self) -> list[Stated]:
        found = [Stated("risk", (self.risk,)), Stated("mass", (self.mass,))]
        return found if self.gain is None else [*found, Stated("gain", (self.gain,))]

    def names(self, block: str) -> list[str]:
        """The constants of a block that these define."""
        found = [f"risk_{block}", f"mass_{block}"]
        return found if self.gain is None else [*found, f"gain_{block}"]


def _define(
    scheme: Scheme, lemma: Lemma, risk: Pairs, mass: Pairs, gain: Pairs
) -> _Sums:
    name = lemma.block.name
    return _Sums(
        make_definition(f"risk_{name}", risk),
        make_definition(f"mass_{name}", mass),
        make_definition(f"gain_{name}", gain) if has_gain(scheme, lemma) else None,
    )


def _prove_points(scheme: Scheme, lemma: Lemma) -> Certificate:
    block, name, most = lemma.block, lemma.block.name, scheme.most
    threshold = _threshold(lemma)
    names, risk, mass, gain = list[str](), [], [], []
    facts: list[Fact] = []
    amounts: Parts = []  # that make mass at least 0, or at most gain and weight
    bounds: Parts = []
    for place in range(block.first, block.stop):
        row, loss = scheme.data.rows[place], scheme.data.losses[place]
        weight = scheme.data.weights[place]
        q, d = f"q_{row}", f"d_{row}"
        names.append(q)
        risk.append((q, loss))
        mass.append((q, ONE))
        if lemma.kind == BELOW or (lemma.kind == CUT and loss <= threshold):
            fact = make_bound([(q, ONE)])
            facts.append(fact)
            amounts.append((ONE, fact))
            bounds.append((threshold - loss, fact))
            continue
        pairs = [(CONSTANT, weight), (q, -ONE)]
        if most is not None:
            names.append(d)
            gain.append((d, ONE))
            gained = make_bound([(d, ONE)])
            facts.append(gained)
            bounds.append((most - loss, gained))
            pairs.insert(0, (d, ONE))
        fact = make_bound(pairs)
        facts.append(fact)
        amounts.append((ONE, fact))
        bounds.append((loss - threshold, fact))
    sums = _define(scheme, lemma, risk, mass, gain)
    cited = Stated("points", tuple(facts))
    proving = Proving([*sums.names(name), *names], [cited, *sums.state()])
    return _prove(proving, scheme, lemma, sums, amounts, bounds)


def _prove_blocks(
    scheme: Scheme, lemma: Lemma, shown: Sequence[tuple[Lemma, str]]
) -> Certificate:
    name, threshold = lemma.block.name, _threshold(lemma)
    names, risk, mass, gain = list[str](), [], [], []
    amounts: Parts = []
    bounds: Parts = []
    cited = []
    for number, (part, sha) in enumerate(shown, 1):
        facts = state_lemma(scheme, part)
        cited.append(Stated(f"part_{number}", facts, sha))
        own = part.block.name
        names += [f"risk_{own}", f"mass_{own}"]
        risk.append((f"risk_{own}", ONE))
        mass.append((f"mass_{own}", ONE))
        if has_gain(scheme, part):
            names.append(f"gain_{own}")
            gain.append((f"gain_{own}", ONE))
        bounds.append((ONE, facts[-1]))
        if part.kind == CUT:
            continue
        amounts.append((ONE, facts[0]))
        far = threshold - part.block.high
        if part.kind == ABOVE:
            far = part.block.low - threshold
        bounds.append((far, facts[0]))
    sums = _define(scheme, lemma, risk, mass, gain)
    proving = Proving([*sums.names(name), *names], [*cited, *sums.state()])
    return _prove(proving, scheme, lemma, sums, amounts, bounds)


def _threshold(lemma: Lemma) -> Fraction:
    if lemma.threshold is not None:
        return lemma.threshold
    return lemma.block.high if lemma.kind == BELOW else lemma.block.low


def _prove(
    proving: Proving,
    scheme: Scheme,
    lemma: Lemma,
    sums: _Sums,
    amounts: Parts,
    bounds: Parts,
) -> Certificate:
    """Add up: with each definition as often as its constant stands in the goal."""
    goal = state_lemma(scheme, lemma)
    wanted = [(fact, _defined(fact, sums, lemma.block.name)) for fact in goal]
    parts = [amounts, bounds] if len(goal) > 1 else [bounds]
    return proving.prove(
        [
            (fact, [*own, *defined])
            for (fact, defined), own in zip(wanted, parts, strict=True)
        ]
    )


def _defined(fact: Fact, sums: _Sums, name: str) -> Parts:
    found = []
    for word, definition in zip(("risk", "mass", "gain"), sums, strict=True):
        weight = fact.form.get(f"{word}_{name}", ZERO)
        if weight and definition is not None:
            found.append((weight, definition))
    return found


def prove_level(
    scheme: Scheme,
    lemma: Lemma,
    sha: str,
    budget: Fraction,
    bound: Fraction,
) -> Certificate:
    """That the risk within a budget is at most a number, from the lemma about all points.

    With gains the masses sum to 1 and the gains to at most the budget; without, the masses
    sum to the budget, and the risk is their mean loss.
    """
    name = scheme.root.name
    risk, mass, gain = f"risk_{name}", f"mass_{name}", f"gain_{name}"
    threshold = _threshold(lemma)
    facts = state_lemma(scheme, lemma)
    names = [risk, mass]
    parts: Parts = [(ONE, facts[-1])]
    if scheme.most is not None:
        total = make_definition(mass, [(CONSTANT, ONE)])
        ball = [total]
        if has_gain(scheme, lemma):
            names.append(gain)
            most = make_bound([(CONSTANT, budget), (gain, -ONE)])
            ball.append(most)
            parts.append((scheme.most - threshold, most))
        goal = make_bound([(CONSTANT, bound), (risk, -ONE)])
        parts.append((-threshold, total))
    else:
        total = make_definition(mass, [(CONSTANT, budget)])
        mean = make_definition(risk, [("mean", budget)])
        ball = [total, mean]
        names.append("mean")
        goal = make_bound([(CONSTANT, bound), ("mean", -ONE)])
        parts = [(multiplier / budget, fact) for multiplier, fact in parts]
        parts += [(-threshold / budget, total), (1 / budget, mean)]
    assumed = [Stated("blocks", facts, sha), Stated("ball", tuple(ball))]
    return Proving(names, assumed).prove([(goal, parts)])
