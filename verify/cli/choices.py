"""What options of the network commands may be set to."""

from __future__ import annotations

from enum import StrEnum


class Semantics(StrEnum):
    """What `--semantics` may ask for; `auto` does as the property's file says."""

    auto = "auto"
    real = "real"
    float32 = "float32"


class Format(StrEnum):
    """Formats of `--result`; `auto` follows the version of the property."""

    auto = "auto"
    vnncomp = "vnncomp"
    vnnlib = "vnnlib"
