"""The losses of a network on data, exactly, from tables of whole numbers.

`loss` sums over points and outputs (`linf` is the largest), as everywhere in this project.
Class labels are vectors with a one at the label for `l1`, `squared` and `linf`; `zero_one`
counts a label whose output is not above all others, so a tie counts as wrong. For one
output `hinge` is max(0, 1 - y f(x)) and `zero_one` counts y f(x) <= 0, labels being -1 and 1.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Final, NamedTuple

from verify.training.circuits.tables import Table, make_table

LOSSES: Final = ("l1", "squared", "hinge", "zero_one", "linf")
SIGNED: Final = ("hinge", "zero_one")  # for labels -1 and 1, if there is one output


class Targets(NamedTuple):
    """What the outputs should be: a row a point; `labels` are there for class labels."""

    values: tuple[tuple[Fraction, ...], ...]
    labels: tuple[int, ...] | None = None


def find_loss(loss: str, outputs: Table, targets: Targets) -> Fraction:
    """The exact loss; raises ValueError for a loss that is not one of LOSSES."""
    if loss == "zero_one" and targets.labels is not None:
        return Fraction(sum(map(is_wrong, outputs.rows, targets.labels)))
    wanted = make_table(targets.values)
    if loss in SIGNED:
        pairs = [
            (row[0] * y[0], outputs.denominator * wanted.denominator)
            for row, y in zip(outputs.rows, wanted.rows, strict=True)
        ]
        if loss == "zero_one":
            return Fraction(sum(product <= 0 for product, _ in pairs))
        missing = sum(max(0, whole - product) for product, whole in pairs)
        return Fraction(missing, outputs.denominator * wanted.denominator)
    gaps = [
        abs(value * wanted.denominator - y * outputs.denominator)
        for row, target in zip(outputs.rows, wanted.rows, strict=True)
        for value, y in zip(row, target, strict=True)
    ]
    common = outputs.denominator * wanted.denominator
    match loss:
        case "l1":
            return Fraction(sum(gaps), common)
        case "squared":
            return Fraction(sum(gap * gap for gap in gaps), common * common)
        case "linf":
            return Fraction(max(gaps), common)
        case _:
            raise ValueError(f"expected one of {', '.join(LOSSES)}, got {loss!r}")


def is_wrong(row: Sequence[int], label: int) -> bool:
    """Whether the label's output is not above all others."""
    return any(value >= row[label] for place, value in enumerate(row) if place != label)
