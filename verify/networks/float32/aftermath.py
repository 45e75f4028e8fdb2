"""After a proof: no point that we look at may contradict it.

A search in floating point is trusted up to its rounding envelopes; a mistake in one shows
when the midpoint, corners and a thousand random points of every box are evaluated. Nearly
all are decided by float64 with its running error, the rest in exact arithmetic, those
first that look most like a counterexample. Finding one is an alarm, never a verdict.
"""

from __future__ import annotations

from fractions import Fraction
from itertools import islice, product
from typing import Final, NamedTuple

import numpy as np

from verify.networks.boxes.rounding import round_down, round_up
from verify.networks.float32.alarms import SoundnessAlarm
from verify.networks.float32.shared_boxes import shared_boxes
from verify.networks.network import Affine, Floats, Network
from verify.networks.query import Case, Query
from verify.networks.values import exact
from verify.networks.values.running_error import Measured, evaluate, measure_rows

SAMPLES: Final = 1_000
CORNERS: Final = 64
MOST: Final = 64_000  # samples of all boxes together
FEWEST: Final = 20  # samples of a box, however many there are
EFFORT: Final = 5_000_000  # exact evaluations times weights, a case


class Aftermath(NamedTuple):
    """How many points were examined, how many of them in exact arithmetic.

    `unsettled` counts points that float64 did not decide and exact evaluation had no
    time for. No margin above `closest` holds at every point examined.
    """

    points: int
    exactly: int
    unsettled: int = 0
    closest: float = np.inf


class Sample(NamedTuple):
    """Points of a box: exact where `known` has them, otherwise the floats themselves."""

    floats: Floats
    errors: Floats
    known: tuple[tuple[Fraction, ...], ...]

    def point(self, index: int) -> tuple[Fraction, ...]:
        """The exact point."""
        if index < len(self.known):
            return self.known[index]
        return tuple(
            Fraction(float(number)) if error == 0 else self.known[0][column]
            for column, (number, error) in enumerate(
                zip(self.floats[index], self.errors[index], strict=True)
            )
        )


def examine_proof(
    query: Query, *, seed: int = 0, samples: int = SAMPLES, corners: int = CORNERS
) -> Aftermath:
    """Look for a point of a case after the query was said to have none.

    Every different box has its own points; with more than MOST / SAMPLES boxes, fewer
    each. Raises SoundnessAlarm with the point when exact evaluation finds all rows of a
    case met at tolerance 0.
    """
    points = exactly = unsettled = 0
    closest = np.inf
    boxes = shared_boxes(query)
    samples = min(samples, max(MOST // max(len(boxes), 1), FEWEST))
    allowed = max(16, EFFORT // (weights(query.network) + 1))
    for number, shared in enumerate(boxes):
        random = np.random.default_rng([seed, number])
        sample = _sample(shared.case, random, samples, corners)
        points += len(sample.floats)
        start = Measured(sample.floats, sample.errors)
        outputs = evaluate(query.network, sample.floats, sample.errors)
        for index in shared.cases:
            rows = measure_rows(query.cases[index].rows, start, outputs)
            suspects = _suspicious(rows)
            for suspect in suspects[:allowed]:
                _confirm_absence(query, index, sample.point(suspect))
            exactly += min(len(suspects), allowed)
            unsettled += max(len(suspects) - allowed, 0)
            failing = (rows.errors - rows.values).max(axis=1, initial=-np.inf)
            closest = min(closest, float(failing.min(initial=np.inf)))
    return Aftermath(points, exactly, unsettled, closest)


def _suspicious(rows: Measured) -> list[int]:
    """Points at which float64 shows no row failing, the likeliest to meet all first."""
    open_points = np.flatnonzero(~(rows.values + rows.errors < 0).any(axis=1))
    least = rows.values.min(axis=1, initial=np.inf)
    return [int(index) for index in sorted(open_points, key=lambda i: -least[i])]


def _confirm_absence(query: Query, number: int, point: tuple[Fraction, ...]) -> None:
    case = query.cases[number]
    outputs = exact.enclose(query.network, point)
    if exact.holds(case, point, outputs):
        raise SoundnessAlarm(
            f"the query was said to be empty, but exact evaluation finds a point of case "
            f"{number + 1}: the search that said so is wrong; please report it",
            point,
        )


def weights(network: Network) -> int:
    """How many numbers the network's matrices have."""
    return sum(
        matrix.floats.size
        for layer in network.layers
        if isinstance(layer, Affine)
        for matrix in layer.matrices
    )


def _sample(
    case: Case, random: np.random.Generator, samples: int, corners: int
) -> Sample:
    """Midpoint and corners exactly, then random float64 points of the box."""
    middle = tuple(
        (low + high) / 2 for low, high in zip(case.lower, case.upper, strict=True)
    )
    known = (middle, *_corners(case, random, corners))
    nearest = np.array([[float(number) for number in point] for point in known])
    off = np.array(
        [
            [0.0 if Fraction(near) == number else abs(near) * 2.0**-52 + 2.0**-1070
             for near, number in zip(row, point, strict=True)]
            for row, point in zip(nearest.tolist(), known, strict=True)
        ]
    ).reshape(nearest.shape)  # fmt: skip
    if case.lower == case.upper:
        return Sample(nearest, off, known)
    low = np.array([round_up(number) for number in case.lower])
    high = np.array([round_down(number) for number in case.upper])
    pinned = low > high  # no float64 number lies between the bounds
    drawn = low + (high - low) * random.random((samples, len(low)))
    drawn = np.where(pinned, nearest[0], np.clip(drawn, low, high))
    errors = np.where(pinned, off[0], 0.0) * np.ones((samples, 1))
    return Sample(np.vstack([nearest, drawn]), np.vstack([off, errors]), known)


def _corners(
    case: Case, random: np.random.Generator, most: int
) -> list[tuple[Fraction, ...]]:
    """All corners of the box if there are at most `most`, otherwise some, at random."""
    pairs = [
        (low,) if low == high else (low, high)
        for low, high in zip(case.lower, case.upper, strict=True)
    ]
    if sum(len(pair) > 1 for pair in pairs) <= most.bit_length() - 1:
        return list(islice(product(*pairs), most))
    picks = random.integers(0, 2, (most, len(pairs)))
    picks[0], picks[1] = 0, 1
    return [
        tuple(pair[pick % len(pair)] for pair, pick in zip(pairs, row, strict=True))
        for row in picks.tolist()
    ]
