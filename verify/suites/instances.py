"""Networks with properties as they lie in folders, and in lists of instances.

A list is an `instances.csv` as the competition of neural network verifiers has it: network,
property, seconds, and here a fourth column if something else than `proved` is expected.
Without a list, a property belongs to the only network of its folder, else to the network
with whose name its own begins; a query about several networks takes those of its folder
that are called as it calls them. Names in a list are paths from its folder, and a file
may be gzipped though the list does not say so.
"""

from __future__ import annotations

import csv
import io
import math
import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Final, NamedTuple, get_args

from verify.language.verdicts import Status
from verify.suites.store import read_text

LIST: Final = "instances.csv"
PROPERTIES: Final = (".vnnlib", ".vnnlib.gz")
NETWORKS: Final = (".onnx", ".onnx.gz")
SECONDS: Final = 60.0  # where no list says otherwise
FIELDS: Final = 3
EXPECTED: Final = {"unsat": "proved", "sat": "refuted", "": "proved"}


class Instance(NamedTuple):
    """A property of networks: where it is stated, its files, its limit.

    `networks` are files by declared name, "" for the only one. `problem` says why there is
    nothing to decide; then the files mean nothing.
    """

    document: Path
    line: int
    name: str
    networks: Mapping[str, str]
    stated: str
    seconds: float = SECONDS
    expected: str = "proved"
    problem: str = ""


def is_about_networks(path: Path) -> bool:
    """Whether a path names a list, a property or a network."""
    return path.name == LIST or path.name.endswith((*PROPERTIES, *NETWORKS))


def find_instances(paths: Iterable[Path]) -> Iterator[Instance]:
    """Every instance below the paths, in the order of names; no property twice."""
    seen: set[tuple[str, str, int]] = set()
    for path in paths:
        for one in _below(path):
            key = (os.path.realpath(one.document), one.name, one.line)
            if key not in seen:
                seen.add(key)
                yield one


def _below(path: Path) -> Iterator[Instance]:
    if path.is_dir():
        for here, folders, files in os.walk(path):
            folders[:] = sorted(name for name in folders if not name.startswith("."))
            if LIST in files:
                yield from read_list(Path(here) / LIST)
                folders[:] = []  # what a list does not name is not asked
            else:
                yield from _pairs(Path(here), sorted(files))
    elif path.name == LIST:
        yield from read_list(path)
    elif path.name.endswith((*PROPERTIES, *NETWORKS)):
        yield from _listed(path) or _beside(path)


def _listed(path: Path) -> list[Instance]:
    """The instances with this file in the nearest list upward."""
    real = Path(os.path.realpath(path))
    for folder in real.parents:
        if (folder / LIST).is_file():
            found = read_list(folder / LIST)
            return [
                one for one in found if str(real) in map(os.path.realpath, _files(one))
            ]
    return []


def _files(one: Instance) -> tuple[str, ...]:
    return (one.stated, *one.networks.values())


def _beside(path: Path) -> Iterator[Instance]:
    """The property at a path, or every property of the network there."""
    if path.name.endswith(PROPERTIES):
        yield _pair(path, _networks(path.parent))
        return
    for one in _pairs(path.parent, sorted(map(str, os.listdir(path.parent)))):
        if str(path) in one.networks.values():
            yield one


def _pairs(folder: Path, files: Iterable[str]) -> Iterator[Instance]:
    """The properties of a folder that has networks, each with its own."""
    networks = _networks(folder)
    for name in files:
        if networks and name.endswith(PROPERTIES):
            yield _pair(folder / name, networks)


def _networks(folder: Path) -> dict[str, str]:
    """The networks of a folder by their names without endings."""
    found = sorted(one for one in folder.iterdir() if one.name.endswith(NETWORKS))
    return {_stem(one.name): str(one) for one in found if one.is_file()}


def _stem(name: str) -> str:
    return name.removesuffix(".gz").rpartition(".")[0]


def _pair(stated: Path, networks: Mapping[str, str]) -> Instance:
    base = Instance(stated, 0, stated.name, {}, str(stated))
    names = declared_networks(read_text(stated) or "")
    if len(names) > 1 and all(name in networks for name in names):
        return base._replace(networks={name: networks[name] for name in names})
    near = [stem for stem in networks if _stem(stated.name).startswith(stem)]
    chosen = max(near, key=len) if near else next(iter(networks), "")
    if len(names) > 1 or not networks or not (near or len(networks) == 1):
        wanted = f"{', '.join(names)}" if len(names) > 1 else "it"
        return base._replace(
            problem=f"no network beside it is called after {wanted}; name the files in "
            f"{LIST}, or begin the property's name with the network's"
        )
    return base._replace(networks={"": networks[chosen]})


def declared_networks(text: str) -> tuple[str, ...]:
    """The networks that a query of VNN-LIB 2.0 declares and that need a file each.

    Only for finding files: the query is read properly when it is decided.
    """
    found = []
    for part in text.split("(declare-network")[1:]:
        words = part.split(None, 1)
        if words and "(equal-to" not in part:
            found.append(words[0])
    return tuple(found)


def read_list(path: Path) -> Iterator[Instance]:
    """The instances of a list, one a row; a row that is none has a `problem`."""
    text = read_text(path)
    if text is None:
        yield _broken(path, 0, "the list cannot be read as UTF-8 text")
        return
    rows = csv.reader(io.StringIO(text, newline=""))
    counts: dict[str, int] = {}
    try:
        for row in rows:
            if not any(cell.strip() for cell in row) or _is_heading(row, rows.line_num):
                continue
            one = _read_row(path, rows.line_num, [cell.strip() for cell in row])
            count = counts[one.name] = counts.get(one.name, 0) + 1
            yield one if count == 1 else one._replace(name=f"{one.name} ({count})")
    except csv.Error as error:
        yield _broken(
            path, rows.line_num, f"no list of comma-separated values: {error}"
        )


def _is_heading(row: list[str], line: int) -> bool:
    return line == 1 and not row[0].strip().endswith(NETWORKS) and "=" not in row[0]


def _read_row(path: Path, line: int, row: list[str]) -> Instance:
    if len(row) not in (FIELDS, FIELDS + 1):
        return _broken(path, line, "expected network, property, seconds")
    network, stated, limit, *rest = row
    seconds = _seconds(limit)
    if seconds is None:
        return _broken(path, line, f"expected seconds above 0, got {limit[:40]!a}")
    word = rest[0] if rest else ""
    expected = EXPECTED.get(word, word)
    if expected not in get_args(Status):
        return _broken(path, line, f"expected a verdict, got {word[:40]!a}")
    named = [part.rpartition("=") for part in network.split(";")]
    files = {name: _file(path.parent, file) for name, _, file in named}
    return Instance(
        path, line, f"{network} {stated}", files, _file(path.parent, stated), seconds,
        expected,
    )  # fmt: skip


def _seconds(text: str) -> float | None:
    try:
        seconds = float(text)
    except ValueError:
        return None
    return seconds if math.isfinite(seconds) and seconds > 0 else None


def _file(folder: Path, name: str) -> str:
    """The path of a file of a list; its gzipped form where only that is there."""
    path = folder / name
    packed = path.with_name(path.name + ".gz") if path.name else path
    return str(packed if not path.exists() and packed.exists() else path)


def _broken(path: Path, line: int, problem: str) -> Instance:
    return Instance(path, line, f"row {line}", {}, "", problem=problem)
