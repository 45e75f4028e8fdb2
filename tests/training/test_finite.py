"""Finite classes: known counts, brute force in plain Python, and what is refused."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from fractions import Fraction
from itertools import product
from random import Random

import pytest

from verify.training.finite.counting import (
    Behaviour,
    count_functions,
    count_losses,
    count_minimisers,
    find_least,
    find_share,
)
from verify.training.finite.outputs import evaluate_all
from verify.training.finite.spaces import (
    Space,
    check_space,
    count_networks,
    explain_size,
    find_bases,
    find_parameters,
)

TERNARY = (Fraction(-1), Fraction(0), Fraction(1))


def rows(
    *points: Sequence[int | str | Fraction] | int | str,
) -> list[tuple[Fraction, ...]]:
    return [
        tuple(map(Fraction, point))
        if isinstance(point, tuple | list)
        else (Fraction(point),)  # type: ignore[arg-type]
        for point in points
    ]


def corners(inputs: int) -> list[tuple[Fraction, ...]]:
    return rows(*product((0, 1), repeat=inputs))


def function(text: str) -> Behaviour:
    """0110 is exclusive or, by rows 00, 01, 10, 11."""
    return tuple((Fraction(int(bit)),) for bit in text)


def test_functions_of_a_ternary_perceptron() -> None:
    two = count_functions(Space(2, (), 1, False, TERNARY), corners(2), signs=True)
    assert len(two) == 13
    assert (two[function("0000")], two[function("1111")]) == (12, 4)
    assert sorted(two.values()) == [1] * 11 + [4, 12]
    assert function("0110") not in two
    three = count_functions(Space(3, (), 1, False, TERNARY), corners(3), signs=True)
    assert (len(three), three[function("0" * 8)], sum(three.values())) == (47, 28, 81)


def test_functions_of_a_net_with_two_thresholds() -> None:
    space = Space(2, (2,), 1, False, TERNARY, "step")
    found = count_functions(space, corners(2), signs=True)
    assert sum(found.values()) == count_networks(space) == 19_683
    named = [found[function(text)] for text in ("0000", "1111", "1000", "0110", "1001")]
    assert named == [11_458, 5_100, 295, 10, 12]


def hat(hidden: int) -> Space:
    return Space(1, (hidden,) if hidden else (), 1, True, TERNARY)


@pytest.mark.parametrize(("hidden", "value"), [(0, 1), (1, 1), (2, 0)])
def test_plateau_of_ternary_weights(hidden: int, value: int) -> None:
    found = find_least(hat(hidden), "squared", rows(0, 1, 2), rows(0, 1, 0))
    assert found.loss == value


def test_a_minimiser_that_is_silent_in_training_and_not_elsewhere() -> None:
    """relu(-x) is a global minimiser on the hat, and 5 at -5."""
    found = count_minimisers(
        hat(1), "squared", rows(0, 1, 2), rows(0, 1, 0), rows(0, 1, 2, -5)
    )
    assert found[((0,), (0,), (0,), (5,))] == 1
    assert (
        sum(found.values())
        == find_least(hat(1), "squared", rows(0, 1, 2), rows(0, 1, 0)).networks
    )
    assert find_share(found, lambda behaviour: behaviour[3] != (0,)) == Fraction(1, 2)


@pytest.mark.parametrize("levels", [2, 3, 5])
def test_a_dead_parameter_is_mostly_malign(levels: int) -> None:
    """x2 is 0 in training: its weight is free, and only one of its levels is harmless."""
    weights = tuple(map(Fraction, range(levels)))
    found = count_minimisers(
        Space(2, (), 1, False, weights), "squared", rows((0, 0), (1, 0)), rows(0, 1),
        rows((0, 1)),
    )  # fmt: skip
    share = find_share(found, lambda behaviour: behaviour[0] != (0,))
    assert share == Fraction(levels - 1, levels)


def give(
    space: Space, parameters: Sequence[Fraction], point: Sequence[Fraction]
) -> list[Fraction]:
    """What a network gives, written down again without numpy."""

    def unit(inner: Fraction) -> Fraction:
        return Fraction(inner > 0) if space.unit == "step" else max(inner, Fraction(0))

    left = iter(parameters)
    if space.signed:
        total = next(left)
        for _ in range(sum(space.layers)):
            sign = next(left)
            inner = sum((next(left) * x for x in point), Fraction(0)) + next(left)
            total += sign * unit(inner)
        return [total]
    known = list(point)
    for number, width in enumerate((*space.layers, space.outputs)):
        inner_values = [
            sum((next(left) * x for x in known), Fraction(0)) + next(left)
            for _ in range(width)
        ]
        known = (
            list(map(unit, inner_values))
            if number < len(space.layers)
            else inner_values
        )
    return known


def cost(
    loss: str, found: list[list[Fraction]], wanted: list[tuple[Fraction, ...]]
) -> Fraction:
    pairs = [
        pair
        for g, y in zip(found, wanted, strict=True)
        for pair in zip(g, y, strict=False)
    ]
    match loss:
        case "l1":
            return sum((abs(g - y) for g, y in pairs), Fraction(0))
        case "squared":
            return sum(((g - y) ** 2 for g, y in pairs), Fraction(0))
        case "linf":
            return max(abs(g - y) for g, y in pairs)
        case "hinge":
            return sum((max(Fraction(0), 1 - g * y) for g, y in pairs), Fraction(0))
    if len(found[0]) == 1:
        return Fraction(sum(g * y <= 0 for g, y in pairs))
    return Fraction(sum(
        any(v >= g[int(y[0])] for k, v in enumerate(g) if k != y[0])
        for g, y in zip(found, wanted, strict=True)
    ))  # fmt: skip


SPACES = (
    Space(1, (1,), 1, True, TERNARY),
    Space(2, (2,), 1, True, (Fraction(-1, 2), Fraction(1))),
    Space(1, (2,), 1, True, (Fraction(-1), Fraction(3)), "step"),
    Space(1, (1, 2), 1, False, (Fraction(-1), Fraction(2, 3))),
    Space(2, (1,), 2, False, (Fraction(-1), Fraction(1))),
    Space(1, (2,), 2, False, (Fraction(1, 3), Fraction(-1)), "step"),
    Space(2, (), 2, False, TERNARY),
)


def random_case(
    random: Random,
) -> tuple[Space, str, list[tuple[Fraction, ...]], list[tuple[Fraction, ...]]]:
    space = random.choice(SPACES)
    losses = ["l1", "squared", "linf", "zero_one", *["hinge"][: space.outputs == 1]]
    loss = random.choice(losses)
    size = random.randint(1, 4)

    def number() -> Fraction:
        return Fraction(random.randrange(-4, 5), random.randint(1, 3))

    points = [tuple(number() for _ in range(space.inputs)) for _ in range(size)]
    if loss == "zero_one" and space.outputs > 1:
        targets = [(Fraction(random.randrange(space.outputs)),) for _ in range(size)]
    elif loss in ("hinge", "zero_one"):
        targets = [(Fraction(random.choice((-1, 1))),) for _ in range(size)]
    else:
        targets = [tuple(number() for _ in range(space.outputs)) for _ in range(size)]
    return space, loss, points, targets


def require_agreement(seed: int) -> None:
    space, loss, points, targets = random_case(Random(seed))
    losses: Counter[Fraction] = Counter()
    functions: Counter[Behaviour] = Counter()
    first: dict[Fraction, tuple[Fraction, ...]] = {}
    for number in range(count_networks(space)):
        parameters = find_parameters(space, number)
        found = [give(space, parameters, point) for point in points]
        value = cost(loss, found, targets)
        losses[value] += 1
        functions[tuple(map(tuple, found))] += 1
        first.setdefault(value, parameters)
    assert count_losses(space, loss, points, targets) == losses
    assert count_functions(space, points) == functions
    least = find_least(space, loss, points, targets)
    assert least == (min(losses), first[min(losses)], losses[min(losses)])


@pytest.mark.parametrize("seed", range(30))
def test_agrees_with_one_network_at_a_time(seed: int) -> None:
    require_agreement(seed)


@pytest.mark.campaign
@pytest.mark.parametrize("seed", range(1000, 1500))
def test_agrees_on_many(seed: int) -> None:
    require_agreement(seed)


@pytest.mark.parametrize("space", SPACES)
def test_long_numbers_give_the_same(space: Space) -> None:
    """Python integers instead of int64, where those could overflow."""
    points = rows(*[(1,) * space.inputs, ("7/3",) * space.inputs])
    pairs = zip(
        evaluate_all(space, points), evaluate_all(space, points, largest=0), strict=True
    )
    for fast, slow in pairs:
        assert (fast.outputs.dtype, slow.outputs.dtype) == (int, object)
        assert (fast.outputs == slow.outputs).all()


def test_numbers_that_need_python_integers() -> None:
    """10^18 squared is beyond int64."""
    big = Fraction(10**18)
    found = find_least(Space(1, (), 1, False, (big, -big)), "squared", rows(1), rows(0))
    assert found.loss == 0
    far = find_least(Space(1, (), 1, False, (big,)), "squared", rows(10**9), rows(0))
    assert far.loss == (big * (10**9 + 1)) ** 2


def test_parameters_come_in_the_order_of_documents() -> None:
    space = Space(2, (1,), 1, True, TERNARY)
    assert find_bases(space) == (3, 2, 3, 3, 3)
    assert find_parameters(space, 0) == (-1, 1, -1, -1, -1)
    assert find_parameters(space, count_networks(space) - 1) == (1, -1, 1, 1, 1)
    assert len(find_bases(Space(2, (3,), 2, False, TERNARY))) == 3 * 3 + 4 * 2


def test_what_is_too_large_is_refused_with_its_size() -> None:
    space = Space(2, (4, 4), 1, False, TERNARY)
    with pytest.raises(ValueError, match=r"has 450,283,905,890,997,363 networks"):
        check_space(space)
    assert "at most 200,000 networks" in explain_size(Space(1, (4,), 1, True, TERNARY))
    assert explain_size(Space(1, (2,), 1, True, TERNARY)) == ""


REFUSED = {
    "no weights": (Space(1, (1,), 1, True, ()), "numbers, each given once"),
    "a weight twice": (Space(1, (1,), 1, True, (Fraction(1),) * 2), "each given once"),
    "no inputs": (Space(0, (1,), 1, True, TERNARY), "at least one input"),
    "another unit": (Space(1, (1,), 1, True, TERNARY, "tanh"), "unknown unit 'tanh'"),
    "signed and deep": (Space(1, (1, 1), 1, True, TERNARY), "one hidden layer"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_classes_without_meaning_are_refused(name: str) -> None:
    space, message = REFUSED[name]
    with pytest.raises(ValueError, match=message):
        check_space(space)


TARGETS = {
    "another loss": ("cubed", rows(0), rows(0), "unknown loss 'cubed'"),
    "no points": ("l1", [], [], "0 points but 0 rows"),
    "a row too many": ("l1", rows(0), rows(0, 1), "1 points but 2 rows"),
    "two targets": ("l1", rows(0), rows((0, 1)), "point 1 has 2 targets, expected 1"),
    "a label 0": ("hinge", rows(0), rows(0), "label 0; hinge needs 1 or -1"),
    "two inputs": ("l1", rows((0, 1)), rows(0), "point 1 has 2 inputs, the networks 1"),
}


@pytest.mark.parametrize("name", TARGETS)
def test_data_that_do_not_fit_are_refused(name: str) -> None:
    loss, points, targets, message = TARGETS[name]
    with pytest.raises(ValueError, match=message):
        find_least(hat(1), loss, points, targets)


def test_labels_of_several_outputs() -> None:
    space = Space(1, (), 2, False, TERNARY)
    with pytest.raises(ValueError, match="label 2, expected 0 to 1"):
        find_least(space, "zero_one", rows(0), rows(2))
    with pytest.raises(ValueError, match="hinge is for one output"):
        find_least(space, "hinge", rows(0), rows((1, 1)))
    assert find_least(space, "zero_one", rows(-1, 1), rows(0, 1)).loss == 0
