"""A small library of networks with properties, made with onnx's own helper."""

from __future__ import annotations

from pathlib import Path

from tests.networks.onnx_making import dense

BOX = "(declare-const X_0 Real)\n(declare-const Y_0 Real)\n(assert (>= X_0 {low}))\n(assert (<= X_0 {high}))\n"
TENT = ([[1.0], [1.0], [1.0]], [0.0, -1.0, -2.0]), ([[1.0, -2.0, 1.0]], [0.0])


def make_property(low: str, high: str, condition: str) -> str:
    """A property of VNN-LIB 1.0 with one input and one output."""
    return BOX.format(low=low, high=high) + f"(assert {condition})\n"


HIGH = make_property("0", "2", "(>= Y_0 1.5)")  # never: the tent is at most 1
TALL = make_property("0", "2", "(>= Y_0 0.75)")  # it is, around 1
NONE = make_property("2", "1", "(>= Y_0 0)")  # of no input at all


def make_networks(folder: Path) -> Path:
    """A tent with three properties, listed in `instances.csv` with what is expected."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "pyproject.toml").write_text("")
    (folder / "tent.onnx").write_bytes(dense(*TENT))
    for name, text in (("high", HIGH), ("tall", TALL), ("none", NONE)):
        (folder / f"{name}.vnnlib").write_text(text)
    (folder / "instances.csv").write_text(
        "tent.onnx,high.vnnlib,20\n"
        "tent.onnx,tall.vnnlib,20,sat\n"
        "tent.onnx,none.vnnlib,20,vacuous\n"
    )
    return folder
