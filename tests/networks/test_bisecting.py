"""Clipping loses no point where a row may hold; cuts lie strictly inside."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from verify.networks.boxes.bisecting import choose_cuts, clip_boxes

numbers = st.floats(-100, 100, width=32)


@given(
    ends=st.lists(st.tuples(numbers, numbers), min_size=2, max_size=2),
    slopes=st.lists(numbers, min_size=2, max_size=2),
    reach=st.floats(0, 50, width=32),
    shares=st.lists(st.integers(0, 16), min_size=2, max_size=2),
)
def test_clipping_keeps_every_point_that_may_hold(
    ends: list[tuple[float, float]],
    slopes: list[float],
    reach: float,
    shares: list[int],
) -> None:
    lower = np.array([[min(pair)] for pair in ends])
    upper = np.array([[max(pair)] for pair in ends])
    form = np.array(slopes)[:, None, None]
    low, high = clip_boxes(lower, upper, form, np.array([[reach]]))
    point, best = [], Fraction(reach)
    for k, share in enumerate(shares):
        a, b = Fraction(lower[k, 0]), Fraction(upper[k, 0])
        point.append(a + Fraction(share, 16) * (b - a))
        far = b if slopes[k] > 0 else a
        best -= Fraction(slopes[k]) * (far - point[k])
    if best >= 0:  # the line, at most `reach` over the box, is not negative here
        for k, x in enumerate(point):
            assert Fraction(low[k, 0]) <= x <= Fraction(high[k, 0])


def test_clipping_cuts_what_cannot_hold() -> None:
    lower, upper = np.array([[0.0], [0.0]]), np.array([[1.0], [1.0]])
    form = np.array([[[2.0]], [[0.0]]])
    low, high = clip_boxes(lower, upper, form, np.array([[1.0]]))
    assert 0.499 < low[0, 0] <= 0.5
    assert (low[1, 0], high[0, 0], high[1, 0]) == (0, 1, 1)


def test_bounds_that_are_not_finite_clip_nothing() -> None:
    lower, upper = np.array([[0.0]]), np.array([[1.0]])
    for slope, reach in ((np.nan, 1.0), (1.0, np.inf), (np.inf, 1.0), (0.0, 0.0)):
        low, high = clip_boxes(lower, upper, np.array([[[slope]]]), np.array([[reach]]))
        if not (np.isinf(slope) and reach == 1.0):
            assert (low[0, 0], high[0, 0]) == (0, 1)


def test_the_best_score_is_cut_in_the_middle() -> None:
    lower, upper = (
        np.array([[0.0, 0.0], [2.0, 2.0]]),
        np.array([[1.0, 1.0], [4.0, 4.0]]),
    )
    chosen, where = choose_cuts(lower, upper, np.array([[1.0, 5.0], [2.0, np.nan]]))
    assert chosen.tolist() == [1, 0]
    assert where.tolist() == [3.0, 0.5]


def test_boxes_no_wider_than_neighbouring_floats_are_not_cut() -> None:
    least = np.nextafter(1.0, 2.0)
    lower, upper = np.array([[1.0], [3.0]]), np.array([[least], [3.0]])
    chosen, _ = choose_cuts(lower, upper, np.ones((2, 1)))
    assert chosen.tolist() == [-1]


def test_without_scores_the_widest_input_is_cut() -> None:
    lower, upper = np.zeros((2, 1)), np.array([[1.0], [2.0]])
    chosen, where = choose_cuts(lower, upper, np.zeros((2, 1)))
    assert (chosen[0], where[0]) == (1, 1.0)
