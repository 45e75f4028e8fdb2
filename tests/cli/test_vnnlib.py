"""`verify vnnlib`: the command line of the VNN-LIB 2.0 standard, line by line."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.commands import ROOT, Ran, run
from verify.cli.vnnlib import CAPABILITIES
from verify.networks.reading.operators import OPERATORS

TENT = Path("models/tent/tent.onnx")
SHIFT = Path("models/tent/shift.vnnlib")


def ask(*arguments: str | Path) -> Ran:
    return run("vnnlib", *arguments, OPENBLAS_NUM_THREADS="1")


def test_name_and_version() -> None:
    assert ask("--name").out == "verify\n"
    ran = ask("--version")
    assert ran.code == 0 and ran.out.count("\n") == 1


SUPPORTED = {
    "onnx-element-types": ["real"],
    "onnx-operators": sorted(OPERATORS),
    "vnnlib-versions": ["2.0", "2.0"],
    "hidden-node-theories": ["NH"],
    "multiple-input-output-theories": ["SIO", "MIO"],
    "multiple-network-theories": ["SNET", "MENET", "MINET", "MNET"],
    "multiple-node-comparison-theories": ["SNC", "MNC"],
    "arithmetic-complexity-theories": ["BND", "OUTC", "LIN"],
    "optimised-disjunctive-reasoning": ["false"],
    "serialise-assignments": ["false"],
}


@pytest.mark.parametrize("capability", sorted(SUPPORTED))
def test_capabilities(capability: str) -> None:
    ran = ask("supports", f"--{capability}")
    assert ran.code == 0 and ran.err == ""
    assert ran.out.splitlines() == SUPPORTED[capability]


def test_opset_versions_are_a_pair_of_numbers() -> None:
    least, most = map(int, ask("supports", "--onnx-opset-versions").out.split())
    assert least < 13 < most


def test_every_capability_of_the_standard_can_be_asked() -> None:
    known = {name.replace("_", "-") for name in CAPABILITIES}
    assert known == {*SUPPORTED, "onnx-opset-versions"}
    ran = ask("supports")
    assert ran.code == 2 and "--vnnlib-versions" in ran.err


def test_unsat_is_one_line() -> None:
    ran = ask("verify", SHIFT, "--network", f"f={TENT}", "--timeout", "20")
    assert (ran.code, ran.out) == (0, "unsat\n"), ran


def test_sat_is_followed_by_every_variable_in_order(tmp_path: Path) -> None:
    query = tmp_path / "q.vnnlib"
    text = (ROOT / SHIFT).read_text()
    query.write_text(text.replace("(- Y[0,0] V[0,0]) 0.25", "(- Y[0,0] V[0,0]) 0.125"))
    ran = ask("verify", query, "--network", f"f={TENT}")
    assert ran.code == 0, ran
    lines = ran.out.splitlines()
    assert lines[0] == "sat"
    assert lines[1::2] == [f"{name} real [1,1]" for name in "XYUV"]
    x, y, u, v = map(float, lines[2::2])
    assert u == x + 0.25 and y - v > 0.125


@pytest.mark.parametrize(
    "networks, sentence",
    [
        ([], "no file is given for the network f"),
        ([f"g={TENT}"], "no file is given for the network f"),
        ([f"f={TENT}", f"g={TENT}"], "a file is given for `g`"),
        ([f"f={TENT}", f"f={TENT}"], "Two files are given for the network `f`"),
        (["f"], "Expected --network NAME=FILE, got `f`"),
    ],
)
def test_files_must_be_those_of_the_query(networks: list[str], sentence: str) -> None:
    options = [part for network in networks for part in ("--network", network)]
    ran = ask("verify", SHIFT, *options)
    assert (ran.code, ran.out) == (2, "")
    assert sentence in ran.err


def test_an_element_type_must_be_that_of_the_file(tmp_path: Path) -> None:
    query = tmp_path / "q.vnnlib"
    query.write_text(
        "(vnnlib-version <2.0>)(declare-network f (declare-input X float64 [1,1])"
        "(declare-output Y float64 [1,1]))(assert (and (>= X[0,0] 0.0) (<= X[0,0] 1.0)))"
    )
    ran = ask("verify", query, "--network", f"f={TENT}")
    assert (ran.code, ran.out) == (2, "")
    assert "declared as float64, and the file's input is float32" in ran.err


def test_a_property_of_version_one_is_refused() -> None:
    ran = ask("verify", TENT.with_name("high.vnnlib"), "--network", f"f={TENT}")
    assert ran.code == 2 and "verify net MODEL PROPERTY" in ran.err
