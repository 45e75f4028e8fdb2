"""Families with known truth, through reader, exact evaluation and replay."""

from __future__ import annotations

import pytest

from tests.networks import importers
from tests.networks.families import FAMILIES, instances, make_query
from verify.networks.errors import ModelError
from verify.networks.float32.settling import settle
from verify.networks.query import Empty, Witness
from verify.networks.reading.onnx_reader import read_network
from verify.networks.values import exact


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("family", FAMILIES)
def test_the_known_truth_passes_every_check(family: str, seed: int) -> None:
    """The generators themselves: their points are points, their tags what replay says."""
    for instance in instances(family, seed):
        query, model = make_query(instance)
        truth = Empty("rigorous") if instance.point is None else (
            Witness(0, instance.point, ())
        )  # fmt: skip
        known = settle(query, truth, model.graph).float32
        assert known is not None and known.status in instance.float32, (
            instance.name,
            known,
        )


@pytest.mark.parametrize(
    "file", [*importers.refused(), *importers.not_finite()], ids=lambda file: file.name
)
def test_files_with_two_meanings_are_refused(file: importers.Refused) -> None:
    with pytest.raises(ModelError, match=file.pattern):
        read_network(file.data)


@pytest.mark.parametrize("file", [*importers.meant()], ids=lambda file: file.name)
def test_defaults_are_those_of_the_standard(file: importers.Meant) -> None:
    network = read_network(file.data).network
    assert exact.evaluate(network, file.point) == file.outputs
