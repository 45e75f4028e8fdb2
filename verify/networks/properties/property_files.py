"""Property files of either version: the first words say which.

A query of VNN-LIB 2.0 begins with `(vnnlib-version ...)`; anything else is read as 1.0.
"""

from __future__ import annotations

from pathlib import Path

from verify.networks.properties.properties import Property
from verify.networks.properties.smtlib import read_text
from verify.networks.properties.vnnlib1 import read_property
from verify.networks.properties.vnnlib2 import Parsed, is_version_two, read_query


def read_property_file(source: Path | bytes) -> Property | Parsed:
    """A property (1.0) or a query (2.0), perhaps gzipped; raises PropertyError."""
    text = read_text(source)
    return read_query(text) if is_version_two(text) else read_property(text)
