"""Why no mixture of groups has more risk than its worst group, with the groups' risks.

A mixture gives group g the mass w_g, at least 0 and 1 in all, and spreads it over the
group's points as the data do. A block of points of one group then has the risk v * w_g, and
v is what the kernel's own arithmetic makes of losses and shares; the last certificate adds
up the blocks and compares each group with the worst.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Final, NamedTuple

from verify.shift.masses.blocks import cut_runs
from verify.shift.masses.linear_proofs import (
    CONSTANT,
    Certificate,
    Fact,
    Proving,
    Stated,
    make_bound,
    make_definition,
    make_form,
    write_number,
    write_sum,
)

RUN: Final = 400  # points of a group in a block
MAX_PARTS: Final = 4_000  # blocks and groups that one certificate adds up
ZERO: Final = Fraction(0)
ONE: Final = Fraction(1)


class Run(NamedTuple):
    """A block of points of group `group`, numbered from 1: losses, and shares of the
    group's mass."""

    group: int
    losses: tuple[Fraction, ...]
    shares: tuple[Fraction, ...]


def make_runs(
    losses: Sequence[Fraction], weights: Sequence[Fraction], names: Sequence[str]
) -> tuple[Run, ...] | None:
    """The groups in blocks, in the order of their names, groups of mass 0 left out; None
    where there are too many for one certificate."""
    places: dict[str, list[int]] = {}
    for place, name in enumerate(names):
        places.setdefault(name, []).append(place)
    found: list[Run] = []
    number = 0
    for name in sorted(places):
        own = places[name]
        mass = sum((weights[k] for k in own), ZERO)
        if not mass:
            continue
        number += 1
        values = [losses[k] for k in own]
        shares = [weights[k] / mass for k in own]
        for first, stop in cut_runs(values, shares, RUN):
            part = slice(first, stop)
            found.append(Run(number, tuple(values[part]), tuple(shares[part])))
    return tuple(found) if len(found) + number <= MAX_PARTS else None


def find_value(run: Run) -> Fraction:
    """What a block adds to the risk of its group."""
    pairs = zip(run.losses, run.shares, strict=True)
    return sum((loss * share for loss, share in pairs), ZERO)


def prove_run(number: int, run: Run) -> Certificate:
    """That block `number` has the risk v * w_g, by arithmetic."""
    name, mass = f"risk_{number}", f"w_{run.group}"
    parts = [
        f"(* {write_number(loss)} {write_number(share)} {mass})"
        for loss, share in zip(run.losses, run.shares, strict=True)
    ]
    total = f"(+ {' '.join(parts)})" if len(parts) > 1 else parts[0]
    spread = Fact(make_form([(name, ONE)]), f"(= {name} {total})", equation=True)
    goal = _worth(number, run)
    return Proving([name, mass], [Stated("spread", (spread,))]).close([goal], [])


def _worth(number: int, run: Run) -> Fact:
    return make_definition(f"risk_{number}", [(f"w_{run.group}", find_value(run))])


def prove_mixture(
    runs: Sequence[Run], shas: Sequence[str], worst: Fraction
) -> Certificate:
    """That no mixture has more than the risk `worst`, from the certificates of the blocks,
    given by the hashes of their problems."""
    count = max(run.group for run in runs)
    masses = [f"w_{group}" for group in range(1, count + 1)]
    names = [f"risk_{number}" for number in range(1, len(runs) + 1)]
    values = [ZERO] * count
    cited = []
    parts: list[tuple[Fraction, Fact]] = []
    for number, (run, sha) in enumerate(zip(runs, shas, strict=True), 1):
        worth = _worth(number, run)
        values[run.group - 1] += find_value(run)
        cited.append(Stated(f"block_{number}", (worth,), sha))
        parts.append((-ONE, worth))
    total = make_definition("risk", [(name, ONE) for name in names])
    form = make_form([(CONSTANT, -ONE), *((mass, ONE) for mass in masses)])
    pairs = [(mass, ONE) for mass in masses]
    whole = Fact(form, f"(= {write_sum(pairs)} 1/1)", equation=True)
    mixed = [make_bound([(mass, ONE)]) for mass in masses]
    parts += [(-ONE, total), (-worst, whole)]
    parts += [(worst - v, fact) for v, fact in zip(values, mixed, strict=True)]
    goal = make_bound([(CONSTANT, worst), ("risk", -ONE)])
    assumed = [*cited, Stated("risk", (total,)), Stated("mixture", (whole, *mixed))]
    return Proving(["risk", *names, *masses], assumed).prove([(goal, parts)])
