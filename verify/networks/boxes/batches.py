"""Boxes waiting in a search: arrays whose last axis is the box, many at a time."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from verify.networks.boxes.rounding import Array, Precision, round_down, round_up
from verify.networks.query import Query


class Batch(NamedTuple):
    """Boxes in float64 (inputs, boxes), the bounds known of them (units, boxes), which
    cases are open (cases, boxes), and their numbers. `fine`: to be bounded in float64."""

    lower: Array
    upper: Array
    least: Array
    most: Array
    live: Array
    node: Array
    fine: bool

    @property
    def boxes(self) -> int:
        """How many there are."""
        return len(self.node)

    @property
    def bytes(self) -> int:
        """Memory taken."""
        return sum(array.nbytes for array in self[:6])

    def take(self, chosen: Array | slice) -> Batch:
        """Only these boxes."""
        return Batch(
            self.lower[:, chosen],
            self.upper[:, chosen],
            self.least[:, chosen],
            self.most[:, chosen],
            self.live[:, chosen],
            self.node[chosen],
            self.fine,
        )

    def refine(self) -> Batch:
        """The same boxes, to be bounded in float64."""
        least, most = self.least.astype(np.float64), self.most.astype(np.float64)
        return self._replace(least=least, most=most, fine=True)


def group_cases(query: Query) -> list[list[int]]:
    """The cases whose box is not empty, those with the same box together."""
    groups: dict[tuple[object, object], list[int]] = {}
    for index, case in enumerate(query.cases):
        if all(a <= b for a, b in zip(case.lower, case.upper, strict=True)):
            groups.setdefault((case.lower, case.upper), []).append(index)
    return list(groups.values())


def start_batch(
    query: Query, groups: list[list[int]], units: int, precision: Precision
) -> Batch:
    """The boxes of groups of cases, rounded outward, nothing known of them."""
    first = [query.cases[cases[0]] for cases in groups]
    shape = len(groups), query.network.inputs
    lower = np.array([[round_down(x) for x in case.lower] for case in first])
    upper = np.array([[round_up(x) for x in case.upper] for case in first])
    live = np.zeros((len(query.cases), len(groups)), bool)
    for place, cases in enumerate(groups):
        live[cases, place] = True
    least = np.full((units, len(groups)), -np.inf, precision.dtype)
    return Batch(
        lower.reshape(shape).T,
        upper.reshape(shape).T,
        least,
        -least,
        live,
        np.arange(len(groups)),
        precision.dtype is np.float64,
    )


def join(batches: Sequence[Batch]) -> Batch:
    """All boxes of batches of one kind."""
    if len(batches) == 1:
        return batches[0]
    return Batch(
        np.concatenate([batch.lower for batch in batches], axis=1),
        np.concatenate([batch.upper for batch in batches], axis=1),
        np.concatenate([batch.least for batch in batches], axis=1),
        np.concatenate([batch.most for batch in batches], axis=1),
        np.concatenate([batch.live for batch in batches], axis=1),
        np.concatenate([batch.node for batch in batches]),
        batches[0].fine,
    )


def pop_boxes(stack: list[Batch], most: int) -> Batch:
    """The newest boxes of one kind, `most` if there are as many; the stack has some."""
    fine, taken, room = stack[-1].fine, [], most
    while stack and room and stack[-1].fine == fine:
        batch = stack.pop()
        if batch.boxes > room:
            stack.append(batch.take(slice(0, batch.boxes - room)))
            batch = batch.take(slice(batch.boxes - room, None))
        taken.append(batch)
        room -= batch.boxes
    return join(taken[::-1])


def deal(batches: Sequence[Batch], hands: int) -> list[list[Batch]]:
    """Every hand gets every so-manieth box of each batch."""
    dealt: list[list[Batch]] = [[] for _ in range(hands)]
    for batch in batches:
        for hand in range(hands):
            share = batch.take(slice(hand, None, hands))
            if share.boxes:
                dealt[hand].append(share)
    return dealt


def write_batches(batches: Sequence[Batch]) -> bytes:
    """Batches as bytes, for another process."""
    stream = io.BytesIO()
    named: dict[str, Any] = {"count": np.array(len(batches))}
    for number, batch in enumerate(batches):
        for name, array in batch._asdict().items():
            named[f"{number}.{name}"] = np.asarray(array)
    np.savez(stream, **named)
    return stream.getvalue()


def read_batches(data: bytes) -> list[Batch]:
    """The batches that `write_batches` wrote."""
    with np.load(io.BytesIO(data), allow_pickle=False) as found:
        return [
            Batch(
                found[f"{number}.lower"],
                found[f"{number}.upper"],
                found[f"{number}.least"],
                found[f"{number}.most"],
                found[f"{number}.live"],
                found[f"{number}.node"],
                bool(found[f"{number}.fine"]),
            )
            for number in range(int(found["count"]))
        ]
