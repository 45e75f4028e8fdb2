"""Unbounded risks: rays, the kernel's word for how the loss grows, and evidence."""

from __future__ import annotations

import json
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.shift.tiny_shifts import hat, make_network, numbers
from verify.kernel.rejections import Rejected
from verify.networks.network import Activation, Affine, Input, Layer, Network
from verify.networks.values.exact import evaluate
from verify.shift.archive import check_shift, write_shift
from verify.shift.curves import Shift
from verify.shift.losses import Linear, loss_at
from verify.shift.mistakes import ShiftError
from verify.shift.questions import Question
from verify.shift.rays.finding import Ray, find_ray
from verify.shift.rays.proving import prove_ray, stays_inside
from verify.shift.regions import Half, Region, make_box
from verify.shift.samples import make_samples

F = Fraction
FREE = make_box((None,), (None,))


def ask(loss: str = "l1", region: Region = FREE, label: int = -1) -> Question:
    return Question(hat(), make_samples([(F(1),)], [(F(label),)]), loss, region)


def make_deep(seed: int, sizes: tuple[int, ...]) -> Network:
    source = np.random.default_rng(seed)
    layers: list[Layer] = [Input(sizes[0])]
    for k, (a, b) in enumerate(pairwise(sizes)):
        weights = np.round(source.normal(size=(b, a)) * 8) / 8
        layers.append(
            Affine((len(layers) - 1,), (numbers(weights),), numbers([1 / 8] * b))
        )
        if k < len(sizes) - 2:
            layers.append(Activation("relu", len(layers) - 1, b))
    return Network(tuple(layers), len(layers) - 1)


@settings(max_examples=25)
@given(
    st.integers(0, 10**6), st.sampled_from([(1, 3, 1), (2, 4, 4, 1), (3, 5, 5, 5, 2)])
)
def test_what_grows_is_proved_to_grow(seed: int, sizes: tuple[int, ...]) -> None:
    network = make_deep(seed, sizes)
    source = np.random.default_rng(seed)
    start, way = (
        tuple(F(int(v), 4) for v in source.integers(-8, 9, sizes[0])) for _ in range(2)
    )
    growing = Linear(F(1, 3), (F(1),) * sizes[-1])
    course = prove_ray(network, start, way, growing)

    def value(step: int) -> Fraction:
        point = [x + step * d for x, d in zip(start, way, strict=True)]
        return growing.value(evaluate(network, point))

    far = 10**9
    grows = value(2 * far) > value(far) + far * F(1, 10**6)
    assert (course is not None) == grows
    if course is not None:
        for step in (int(course.begin), int(course.begin) + 7, far):
            assert value(step) == course.constant + course.slope * step


@pytest.mark.parametrize("loss", ["l1", "squared", "hinge"])
def test_a_point_that_may_go_anywhere_has_any_loss(loss: str, tmp_path: Path) -> None:
    question = ask(loss, label=1 if loss == "hinge" else -1)
    ray = find_ray(question, "region", [F(0)])
    assert ray is not None and ray.course is not None
    end = [x + 1000 * d for x, d in zip(ray.start, ray.direction, strict=True)]
    target = question.samples[0].target
    assert loss_at(loss, evaluate(question.network, end), target) > 900
    assert write_shift(tmp_path, question, "region", Shift(F(0), ()), ray) == 1
    assert check_shift(tmp_path, question, "region") == ray.course


def test_under_transport_only_squared_losses_are_unbounded() -> None:
    assert find_ray(ask("squared"), "wasserstein", [F(1)]) is not None
    assert find_ray(ask("squared"), "wasserstein", [F(0)]) is None
    assert find_ray(ask("l1"), "wasserstein", [F(1)]) is None


def test_a_ray_stays_inside_half_spaces() -> None:
    network = make_network([[1, 0], [0, 1]], [0, 0], [[1, 1]], [0])
    half = Half(F(2), (F(-1), F(0)))  # x1 <= 2
    region = Region((None, None), (None, None), (half,))
    samples = make_samples([(F(1), F(1))], [(F(0),)])
    found = find_ray(Question(network, samples, "l1", region), "region", [F(0)])
    assert found is not None and found.direction[0] <= 0 < found.direction[1]
    assert stays_inside(region, found.start, found.direction)
    assert not stays_inside(region, found.start, (F(1), F(0)))


def write_page(folder: Path) -> tuple[Question, Ray]:
    question = ask()
    ray = find_ray(question, "region", [F(0)])
    assert ray is not None
    write_shift(folder, question, "region", Shift(F(0), ()), ray)
    return question, ray


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"slope": "5"}, "proves something else"),
        ({"begin": "0"}, "proves something else"),
        ({"direction": ["0"]}, "proves something else"),
        ({"sign": 0}, "where there is no mass"),
    ],
)
def test_forged_rays_are_refused(
    change: dict[str, object], reason: str, tmp_path: Path
) -> None:
    question, _ = write_page(tmp_path)
    page = json.loads((tmp_path / "risk.json").read_text(encoding="utf-8"))
    page["unbounded"].update(change)
    (tmp_path / "risk.json").write_text(json.dumps(page), encoding="utf-8")
    with pytest.raises((ShiftError, Rejected), match=reason):
        check_shift(tmp_path, question, "region")


def test_a_ray_out_of_another_region_is_refused(tmp_path: Path) -> None:
    question, ray = write_page(tmp_path)
    side = F(50)
    box = (make_box((None,), (side,)), make_box((-side,), (None,)))[
        ray.direction[0] < 0
    ]
    with pytest.raises(ShiftError, match="the ray leaves the region"):
        check_shift(tmp_path, question._replace(region=box), "region")
    with pytest.raises(ShiftError, match="another ball or loss"):
        check_shift(tmp_path, question, "wasserstein")
