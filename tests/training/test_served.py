"""The walk through choices of cells: none is left out, and none is met in vain."""

from __future__ import annotations

import time
from itertools import combinations_with_replacement

import numpy
import pytest

from verify.training.optima.served import Served


def serves(goods: list[list[bool]], choice: tuple[int, ...]) -> bool:
    return any(all(good[cell] for cell in choice) for good in goods)


@pytest.mark.parametrize("hidden", range(5))
@pytest.mark.parametrize("cells", [1, 2, 7, 11])
@pytest.mark.parametrize("share", [0.0, 0.3, 0.7])
def test_every_choice_is_served_in_the_end(
    hidden: int, cells: int, share: float
) -> None:
    random = numpy.random.default_rng(hidden * 100 + cells)
    served, goods = Served(cells, hidden), []
    for choice, wanted in served.walk(time.monotonic() + 60):
        assert len(choice) == hidden and list(choice) == sorted(choice)
        assert not serves(goods, choice), "a choice that was served already"
        assert wanted.shape == (cells,) and (wanted >= 0).all()
        good = random.random(cells) < share
        good[list(choice)] = True
        served.add(good)
        goods.append(good.tolist())
    assert served.complete
    every = combinations_with_replacement(range(cells), hidden)
    assert goods and all(serves(goods, choice) for choice in every)


def test_what_is_added_before_the_walk_counts() -> None:
    served = Served(5, 3)
    served.add(numpy.ones(5, dtype=bool))
    assert list(served.walk(time.monotonic() + 60)) == []
    assert served.complete


def test_a_choice_comes_again_until_it_is_served() -> None:
    served = Served(4, 2)
    walk = served.walk(time.monotonic() + 60)
    first, _ = next(walk)
    assert next(walk)[0] == first
    served.add(numpy.zeros(4, dtype=bool))
    assert next(walk)[0] == first


def test_time_that_runs_out_in_the_sweep_leaves_it_incomplete() -> None:
    """Five units and forty cells: draws see few of the million choices."""
    served = Served(40, 5)
    for left_out in range(40):
        good = numpy.ones(40, dtype=bool)
        good[left_out] = False
        served.add(good)
    assert list(served.walk(time.monotonic() - 1)) == []
    assert not served.complete
