"""The import law: rooms import downward only, and each solver has one door.

Every import counts, those inside functions and under TYPE_CHECKING included, and so does
every string that names a module of ours (job tables, subprocesses).
"""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "verify"
FILES = sorted(PACKAGE.rglob("*.py"))

FLOORS = (
    {"kernel"},
    {"language"},
    {"solvers"},
    {"arguments", "networks", "training", "shift", "online"},
    {"suites", "reports"},
    {"cli"},
)
FLOOR = {room: height for height, rooms in enumerate(FLOORS) for room in rooms}
SIDEWAYS = {("shift", "networks"), ("training", "networks")}

KERNEL_MAY_IMPORT = {
    "__future__", "collections", "fractions", "functools", "hashlib", "itertools",
    "json", "math", "operator", "re", "typing", "verify",
}  # fmt: skip
ONE_DOOR = ("z3", "pysmt", "cvc5", "sympy", "highspy")
MODULE_NAME = re.compile(r"verify(\.[a-z_]+)+(:[a-z_]+)?\Z")


@cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def room_of(module: str) -> str:
    """`kernel` for verify.kernel.terms; empty for the root and its own modules."""
    parts = module.split(".")
    return parts[1] if len(parts) > 1 and parts[1] in FLOOR else ""


def module_of(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


@cache
def imports_of(path: Path) -> tuple[tuple[str, int], ...]:
    """The dotted name of everything a file imports or names, with the line."""
    return tuple(_imports(path))


def _imports(path: Path) -> Iterator[tuple[str, int]]:
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            assert not node.level, f"{path}:{node.lineno}: a relative import"
            for alias in node.names:
                inner = PACKAGE.parent.joinpath(*base.split("."), f"{alias.name}.py")
                yield (f"{base}.{alias.name}" if inner.exists() else base), node.lineno
        elif isinstance(node, ast.Constant) and MODULE_NAME.match(str(node.value)):
            yield str(node.value).partition(":")[0], node.lineno


def test_every_room_has_a_floor() -> None:
    rooms = {path.name for path in PACKAGE.iterdir() if (path / "__init__.py").exists()}
    assert rooms <= set(FLOOR), rooms - set(FLOOR)
    assert {"kernel", "language", "solvers", "arguments", "cli"} <= rooms


def may_import(importer: str, imported: str) -> bool:
    if importer == imported or (importer, imported) in SIDEWAYS:
        return True
    return FLOOR[imported] < FLOOR[importer]


@pytest.mark.parametrize("path", FILES, ids=module_of)
def test_imports_point_down(path: Path) -> None:
    importer = room_of(module_of(path))
    if not importer:
        return
    wrong = [
        f"{path.relative_to(ROOT)}:{line}: {importer} may not import {name}"
        for name, line in imports_of(path)
        if room_of(name) and not may_import(importer, room_of(name))
    ]
    assert not wrong, "\n".join(wrong)


def test_the_law_itself_refuses_upward_and_sideways() -> None:
    assert may_import("cli", "kernel") and may_import("shift", "networks")
    assert not may_import("kernel", "language")
    assert not may_import("networks", "shift")
    assert not may_import("reports", "suites")
    assert not may_import("arguments", "training")


def defined_in(path: Path) -> set[str]:
    """The names a module binds itself, at its top level."""
    names: set[str] = set()
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            names.add(node.name)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            names.add(node.id)
    return names


@pytest.mark.parametrize("path", FILES, ids=module_of)
def test_names_come_from_the_module_that_defines_them(path: Path) -> None:
    wrong = []
    for node in ast.walk(tree_of(path)):
        if not isinstance(node, ast.ImportFrom):
            continue
        base = (node.module or "").split(".")
        if base[0] != "verify":
            continue
        folder, file = ROOT.joinpath(*base), ROOT.joinpath(*base).with_suffix(".py")
        for alias in node.names:
            if (folder / f"{alias.name}.py").exists():
                continue
            if not file.exists() or alias.name not in defined_in(file):
                wrong.append(f"{node.lineno}: {alias.name} from {node.module}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("path", sorted(PACKAGE.glob("*/__init__.py")), ids=module_of)
def test_front_pages_hold_a_docstring_only(path: Path) -> None:
    body = tree_of(path).body
    assert len(body) <= 1
    assert ast.get_docstring(tree_of(path)) or not body


@pytest.mark.parametrize("package", ONE_DOOR)
def test_each_solver_is_imported_in_one_file(package: str) -> None:
    importers = {
        module_of(path)
        for path in FILES
        for name, _ in imports_of(path)
        if name.split(".")[0] == package
    }
    if package == "sympy":
        importers = {name for name in importers if room_of(name) != "language"}
    assert len(importers) <= 1, importers
    assert all(room_of(name) == "solvers" for name in importers), importers


KERNEL = [path for path in FILES if room_of(module_of(path)) == "kernel"]


@pytest.mark.parametrize("path", KERNEL, ids=module_of)
def test_the_kernel_imports_the_standard_library_only(path: Path) -> None:
    packages = {name.split(".")[0] for name, _ in imports_of(path)}
    assert packages <= KERNEL_MAY_IMPORT, packages - KERNEL_MAY_IMPORT
    assert packages - {"verify"} <= set(sys.stdlib_module_names)


@pytest.mark.parametrize("path", KERNEL, ids=module_of)
def test_the_kernel_has_no_float_no_assert_and_no_bare_exception(path: Path) -> None:
    wrong = []
    for node in ast.walk(tree_of(path)):
        match node:
            case ast.Constant(value=float() | complex()):
                wrong.append(f"{node.lineno}: the float {node.value}")
            case ast.Name(id="float" | "complex" | "eval" | "exec"):
                wrong.append(f"{node.lineno}: {node.id}")
            case ast.Call(func=ast.Name(id="open" | "print" | "input" as name)):
                wrong.append(f"{node.lineno}: {name}")
            case ast.Assert():
                wrong.append(f"{node.lineno}: assert, which python -O leaves out")
            case ast.ExceptHandler(type=None | ast.Name(id="Exception")):
                wrong.append(f"{node.lineno}: a handler that catches everything")
    assert not wrong, "\n".join(wrong)


def functions_of(path: Path) -> Iterator[tuple[str, ast.AST]]:
    """Every function with its name, `Class.name` for a method."""
    methods = {
        id(item): f"{node.name}.{item.name}"
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.ClassDef)
        for item in node.body
        if isinstance(item, ast.FunctionDef)
    }
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.FunctionDef):
            yield methods.get(id(node), node.name), node


def callees(name: str, function: ast.AST) -> set[str]:
    """What a function calls by plain name, and on `self` in its own class."""
    owner = name.partition(".")[0]
    names = set()
    for node in ast.walk(function):
        match node:
            case ast.Call(func=ast.Name(id=callee)):
                names.add(callee)
            case ast.Call(func=ast.Attribute(value=ast.Name(id="self"), attr=callee)):
                names.add(f"{owner}.{callee}")
    return names


ITERATIVE = [
    path
    for path in FILES
    if room_of(module_of(path)) in ("kernel", "language", "solvers")
]


BOUNDED = {
    "Theory._variable": "one level: the factors of a product are no products",
    "ClauseSearch._resolve": "a learned clause is unit where it is added",
}


@pytest.mark.parametrize("path", ITERATIVE, ids=module_of)
def test_no_function_reaches_itself(path: Path) -> None:
    """Input depth must not become stack depth: no recursion, direct or in a circle.

    `BOUNDED` names the functions that may, each with what bounds it.
    """
    calls: dict[str, set[str]] = {}
    for name, function in functions_of(path):
        if name in BOUNDED:
            continue
        calls.setdefault(name, set()).update(callees(name, function))
    circles = []
    for start, first in calls.items():
        reached, queue = set(), [name for name in first if name in calls]
        while queue:
            name = queue.pop()
            if name not in reached:
                reached.add(name)
                queue += [inner for inner in calls[name] if inner in calls]
        if start in reached:
            circles.append(start)
    assert not circles, f"{path.relative_to(ROOT)}: {', '.join(circles)}"


def test_importing_the_kernel_loads_nothing_else() -> None:
    """In a fresh interpreter without site-packages, as `verify replay` does it."""
    names = ", ".join(f"verify.kernel.{path.stem}" for path in KERNEL)
    script = (
        f"import sys; sys.path.insert(0, {str(ROOT)!r})\n"
        f"import {names.replace('.__init__', '')}\n"
        "print(*sorted({name.split('.')[0] for name in sys.modules}))\n"
        "print(*sorted(name for name in sys.modules if name.startswith('verify.')))"
    )
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", script],
        capture_output=True, text=True, check=True, timeout=60,
    )  # fmt: skip
    packages, ours = done.stdout.splitlines()
    foreign = set(packages.split()) - set(sys.stdlib_module_names) - {"verify"}
    assert foreign <= {"__main__"}, foreign
    assert all(name.startswith("verify.kernel") for name in ours.split()), ours
