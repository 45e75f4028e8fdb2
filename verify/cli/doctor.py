"""`verify doctor`: what is installed here, what is missing and what it would unlock."""

from __future__ import annotations

import os
import platform
from typing import Final

import typer

from verify.cli.exits import Exit
from verify.reports.characters import escape

REQUIRED: Final = (
    ("z3-solver", "z3", "searches for proofs and countermodels"),
    ("pysmt", "pysmt", "writes SMT-LIB, drives the second engine"),
    ("sympy", "sympy", "checks the kernel's polynomials, in the tests"),
    ("lark", "lark", "reads the claim language"),
    ("markdown-it-py", "markdown_it", "finds the claim blocks of a document"),
    ("numpy", "numpy", "bounds of networks, in floating point"),
    ("onnx", "onnx", "reads networks"),
    ("vnnlib", "vnnlib", "reads VNN-LIB 2.0 queries"),
    ("highspy", "highspy", "linear programmes that guide the search"),
    ("clarabel", "clarabel", "sums of squares: the semidefinite solver"),
)
OPTIONAL: Final = (
    ("cvc5", "cvc5", "cross", "a second opinion, and more suggestions of premises"),
    ("onnxruntime", "onnxruntime", "ort", "counterexamples replayed in float32"),
)


def doctor() -> None:
    """Show versions, limits and what is installed.

    For what is missing it says what the extra would unlock.

    \b
    Example:
      verify doctor
    """
    from verify.cli.screen import Screen

    screen = Screen()
    missing = [name for name, module, _ in REQUIRED if not is_installed(module)]
    rows = [*_versions(), *_extras(), *_machine()]
    width = max(len(name) for name, _ in rows)
    screen.say(*(f"  {name:<{width}}  {text}" for name, text in rows))
    if missing:
        screen.say(f"Missing: {', '.join(missing)}. Next: pip install --upgrade verify")
        raise typer.Exit(Exit.USAGE)


def is_installed(module: str) -> bool:
    """Whether a package can be found; it is not imported."""
    from importlib import util

    return util.find_spec(module) is not None


def version_of(distribution: str) -> str:
    """The installed version, or `not installed`."""
    from importlib import metadata  # slow to load, and every command loads this file

    try:
        return metadata.version(distribution)
    except metadata.PackageNotFoundError:
        return "not installed"


def _versions() -> list[tuple[str, str]]:
    python = f"{platform.python_version()} on {platform.system()} {platform.machine()}"
    rows = [("verify", version_of("verify")), ("python", python)]
    for name, module, use in REQUIRED:
        version = version_of(name) if is_installed(module) else "not installed"
        rows.append((name, f"{version:<14} {use}"))
    return rows


def _extras() -> list[tuple[str, str]]:
    rows = []
    for name, module, extra, use in OPTIONAL:
        if is_installed(module):
            rows.append((name, f"{version_of(name):<14} {use}"))
        else:
            rows.append((name, f"not installed; pip install 'verify[{extra}]': {use}"))
    return rows


def _machine() -> list[tuple[str, str]]:
    limits = is_installed("resource")
    memory = "enforced on every job" if limits else "not enforced on this system"
    fork = (
        "a fork for every job" if hasattr(os, "fork") else "a new process for every job"
    )
    return [
        ("cores", str(os.cpu_count() or 1)),
        ("memory limit", memory),
        ("time limit", "jobs are killed at their limit"),
        ("isolation", fork),
        ("cache", _describe_store()),
    ]


def _describe_store() -> str:
    from verify.suites.store import default_folder

    folder = default_folder()
    count = sum(1 for _ in folder.glob("certificates/*/*.jsonl"))
    return f"{escape(str(folder))}, {count} certificates"
