"""Evidence on disk for tv, subpopulation and mixture: certificates, and a page of budgets.

The folder holds `lemma-0001.jsonl`, ..., each after those it cites, and `risk.json`: for each
budget the threshold of its bound, the file that shows it, and the masses that attain it
where they differ from the data's. Reading it back makes every problem again from the data
and the budgets, has the kernel check the files against them, and evaluates the masses.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any, Final, NamedTuple

from verify.kernel.rejections import Rejected
from verify.shift.masses.certifying import Bound, Link, check_links, write_links
from verify.shift.masses.linear_proofs import Certificate
from verify.shift.mistakes import ShiftError
from verify.shift.samples import Sample

PAGE: Final = "risk.json"
FORMAT: Final = "verify shift evidence"
ZERO: Final = Fraction(0)
ONE: Final = Fraction(1)


class Attained(NamedTuple):
    """A risk that is attained: `masses` of data points by number from 0, the others 0."""

    risk: Fraction
    masses: tuple[tuple[int, Fraction], ...]


class Reweighting(NamedTuple):
    """What evidence is about: the ball, the data with their losses, by name of the loss."""

    ball: str
    loss: str
    samples: tuple[Sample, ...]
    losses: tuple[Fraction, ...]


def write_masses(
    folder: Path,
    asked: Reweighting,
    bounds: Sequence[Bound],
    attained: Sequence[Attained],
    links: Sequence[Link],
) -> int:
    """Write the certificates and the page; how many certificates. Raises OSError."""
    folder.mkdir(parents=True, exist_ok=True)
    files: dict[int, str] = {}
    for place, link in enumerate(links):
        name = _name(place)
        (folder / name).write_text(link.certificate.text, encoding="utf-8")
        if link.bound is not None:
            files[link.bound] = name
    page = {
        "format": FORMAT,
        "version": 1,
        "ball": asked.ball,
        "loss": asked.loss,
        "points": len(asked.samples),
        "lemmas": [
            {
                "file": _name(place),
                "problem": link.certificate.sha,
                "cites": [_name(number) for number in link.cites],
            }
            for place, link in enumerate(links)
        ],
        "budgets": [
            {
                "budget": str(bound.budget),
                "lower": str(one.risk),
                "upper": str(bound.value),
                "rate": str(bound.threshold),
                "file": files.get(number, ""),
                "masses": _changes(asked.samples, one),
            }
            for number, (bound, one) in enumerate(zip(bounds, attained, strict=True))
        ],
    }
    text = json.dumps(page, indent=1) + "\n"
    (folder / PAGE).write_text(text, encoding="utf-8")
    return len(links)


def _name(place: int) -> str:
    return f"lemma-{place + 1:04d}.jsonl"


def _changes(samples: Sequence[Sample], attained: Attained) -> str:
    """The masses that are not the data's, as `row:mass` with rows from 1."""
    masses = dict(attained.masses)
    rows = ((k, masses.get(k, ZERO)) for k in range(len(samples)))
    return " ".join(f"{k + 1}:{mass}" for k, mass in rows if mass != samples[k].weight)


def check_masses(folder: Path, asked: Reweighting) -> list[tuple[Fraction, Fraction]]:
    """The lower and upper bound of each budget, from the folder and the question alone.

    Raises ShiftError where the page does not show what it says, Rejected where the kernel
    does not accept a certificate, OSError and ValueError for what cannot be read.
    """
    page = json.loads((folder / PAGE).read_text(encoding="utf-8"))
    about = page["ball"], page["loss"], page["points"]
    if about != (asked.ball, asked.loss, len(asked.samples)):
        raise ShiftError("the evidence is about another ball, loss or number of points")
    budgets = page["budgets"]
    bounds = [
        Bound(*(Fraction(one[name]) for name in ("budget", "rate", "upper")))
        for one in budgets
    ]
    files = [folder / Path(one["file"]).name for one in page["lemmas"]]

    def read(place: int, _: Certificate) -> str:
        if place >= len(files):
            raise ShiftError("the page leaves out a certificate")
        return files[place].read_text(encoding="utf-8")

    shown: set[int] = set()
    links = tuple(write_links(asked.ball, asked.samples, asked.losses, bounds))
    for link, accepted in check_links(links, read):
        if link.bound is not None:
            if any(kind != "premise" for kind, _ in accepted.rests_on):
                raise Rejected("premises alone", "a statement that was admitted")
            shown.add(link.bound)
    if shown != set(range(len(bounds))):
        raise ShiftError("a budget without a certificate")
    return [
        (_check_attained(one, bound, asked), bound.value)
        for one, bound in zip(budgets, bounds, strict=True)
    ]


def _check_attained(
    entry: dict[str, Any], bound: Bound, asked: Reweighting
) -> Fraction:
    """The risk of the masses on the page, which lie in the ball."""
    weights = [sample.weight for sample in asked.samples]
    masses = list(weights)
    for pair in entry["masses"].split():
        row, _, mass = pair.partition(":")
        place = int(row) - 1
        if not 0 <= place < len(masses):
            raise ShiftError(f"there is no data point {row}")
        masses[place] = Fraction(mass)
    pairs = list(zip(masses, weights, strict=True))
    inside = min(masses) >= 0 and sum(masses, ZERO) == 1
    match asked.ball:
        case "tv":
            gains = sum((max(q - p, ZERO) for q, p in pairs), ZERO)
            inside = inside and gains <= bound.budget
        case "subpopulation":
            inside = inside and all(q * bound.budget <= p for q, p in pairs)
        case _:
            inside = inside and _is_mixed(pairs, [s.group for s in asked.samples])
    if not inside:
        raise ShiftError("the masses are not in the ball")
    losses = zip(masses, asked.losses, strict=True)
    return sum((mass * loss for mass, loss in losses if mass), ZERO)


def _is_mixed(
    pairs: Sequence[tuple[Fraction, Fraction]], groups: Sequence[str]
) -> bool:
    """Whether masses are, in each group, in the proportions of the weights."""
    sums: dict[str, list[Fraction]] = {}
    for (mass, weight), group in zip(pairs, groups, strict=True):
        both = sums.setdefault(group, [ZERO, ZERO])
        both[0] += mass
        both[1] += weight
    return all(
        (weight > 0 or mass == 0) and mass * sums[group][1] == weight * sums[group][0]
        for (mass, weight), group in zip(pairs, groups, strict=True)
    )
