"""Which versions of the packages we build on are installed, without importing them.

A table rather than a search: what is listed here is what `verify doctor` shows, with what
each package is for and the extra that installs it where it is optional.
"""

from __future__ import annotations

from importlib import metadata
from typing import Final, NamedTuple


class Package(NamedTuple):
    """A row: the distribution's name, its use, and the extra it comes with ("": always)."""

    name: str
    purpose: str
    extra: str = ""


PACKAGES: Final = (
    Package("z3-solver", "first engine: answers, models, instances, elimination"),
    Package("cvc5", "second engine: second opinions, abduction", "cross"),
    Package("PySMT", "drives the second engine, writes SMT-LIB"),
    Package("sympy", "an independent oracle for polynomials, in the tests"),
    Package("clarabel", "semidefinite programs for sums of squares"),
    Package("numpy", "floating-point search"),
    Package("scipy", "floating-point search"),
    Package("lark", "grammar of the claim language"),
    Package("markdown-it-py", "the Markdown around claims"),
    Package("pydantic", "schemas of records"),
    Package("typer", "command line"),
    Package("rich", "terminal output"),
)


def read_versions() -> dict[str, str]:
    """Name and version of every package of the table; "" where it is not installed."""
    return {package.name: _version(package.name) for package in PACKAGES}


def _version(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return ""
