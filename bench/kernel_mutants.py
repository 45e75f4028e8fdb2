"""Mutation testing of the kernel: does any test notice when one thing in it is changed?

    python bench/kernel_mutants.py [--file terms] [--every 1] [--out mutants.jsonl]

Each mutant differs from the kernel in one place: a comparison, an operation, a constant,
a condition, a statement. First every test is run once, to see which lines it reaches and
how long it takes. A process that has already loaded pytest then forks a child for each
mutant; the child imports the changed module in place of the real one, runs the tests that
reach its line, the quickest first, until one fails, and is stopped after a while. What is
still alive at the end has survived, and docs/kernel-mutants.md explains it. Results are
appended to a file, a line a mutant; those already there are not run again.
"""

from __future__ import annotations

import argparse
import ast
import copy
import importlib.abc
import importlib.machinery
import importlib.util
import json
import os
import resource
import signal
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any, Final, NamedTuple

ROOT = Path(__file__).resolve().parent.parent
KERNEL = ROOT / "verify" / "kernel"
TESTS = ROOT / "tests" / "kernel"
SECONDS = 40
MEGABYTES = 3_000

FILES = (
    "rejections", "terms", "text", "problem", "certificate", "polynomials", "normal",
    "networks", "cells", "trees", "exponential", "rules", "steps", "check", "evaluate",
    "quantities", "counting", "fits", "covers", "learned",
)  # fmt: skip
EVERY: Final = 0  # in place of a line: tests for whichever line
Reach = dict[str, dict[int, list[str]]]  # file -> line -> tests, the quickest first
OPTIONS = ["-q", "-p", "no:cacheprovider", "-p", "no:xdist", "--no-header", "--tb=no"]
SKIPPED = "test_the_kernel_tests_pass_without_assertions"


class Mutant(NamedTuple):
    """Which change of which node of a file, and in words."""

    file: str
    line: int
    last: int
    change: str
    node: int
    variant: int

    @property
    def name(self) -> str:
        return f"{self.file}:{self.line}: {self.change}"


COMPARISONS: dict[type[ast.cmpop], list[type[ast.cmpop]]] = {
    ast.Lt: [ast.LtE, ast.GtE], ast.LtE: [ast.Lt, ast.Gt], ast.Gt: [ast.GtE, ast.LtE],
    ast.GtE: [ast.Gt, ast.Lt], ast.Eq: [ast.NotEq], ast.NotEq: [ast.Eq],
    ast.In: [ast.NotIn], ast.NotIn: [ast.In], ast.Is: [ast.IsNot], ast.IsNot: [ast.Is],
}  # fmt: skip
OPERATIONS: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Add, ast.Div: ast.Mult,
    ast.BitOr: ast.BitAnd, ast.BitAnd: ast.BitOr, ast.Pow: ast.Mult,
}  # fmt: skip


def is_message(node: ast.AST, parents: dict[ast.AST, ast.AST]) -> bool:
    """Whether a string is part of what a rejection says, or the source of a rule."""
    while node in parents:
        child, node = node, parents[node]
        match node:
            case ast.Raise() | ast.AnnAssign(value=None) | ast.JoinedStr():
                return True
            case ast.Call(func=ast.Name(id="require" | "_require" | "Rejected")):
                return True
            case ast.Call(func=ast.Name(id="Rule"), args=[*_, source]):
                return child is source
            case ast.stmt():
                return False
    return False


def variants(node: ast.AST) -> Iterator[tuple[str, ast.AST]]:
    """Expressions to put in place of `node`, with a word on each."""
    match node:
        case ast.Compare(ops=[op], left=left, comparators=[right]):
            for other in COMPARISONS[type(op)]:
                words = f"{type(op).__name__} to {other.__name__}"
                yield words, ast.Compare(left, [other()], [right])
        case ast.Compare(ops=ops):
            for place, op in enumerate(ops):
                for other in COMPARISONS[type(op)]:
                    changed = copy.deepcopy(node)
                    changed.ops[place] = other()
                    yield f"{type(op).__name__} {place} to {other.__name__}", changed
        case ast.BinOp(op=op, left=left, right=right) if type(op) in OPERATIONS:
            other_op = OPERATIONS[type(op)]
            words = f"{type(op).__name__} to {other_op.__name__}"
            yield words, ast.BinOp(left, other_op(), right)
        case ast.BoolOp(op=op, values=values):
            other_word = ast.Or() if isinstance(op, ast.And) else ast.And()
            yield f"{type(op).__name__} swapped", ast.BoolOp(other_word, values)
            for place in range(len(values)):
                rest = values[:place] + values[place + 1 :]
                kept = rest[0] if len(rest) == 1 else ast.BoolOp(op, rest)
                yield f"operand {place} dropped", kept
        case ast.UnaryOp(op=ast.Not() | ast.USub(), operand=operand):
            yield "negation dropped", operand
        case ast.Constant(value=bool() as value):
            yield f"{value} to {not value}", ast.Constant(not value)
        case ast.Constant(value=int() as value):
            for changed_value in (value + 1, value - 1):
                yield f"{value} to {changed_value}", ast.Constant(changed_value)
        case ast.Constant(value=str() as value):
            yield f"{value[:20]!r} changed", ast.Constant(value + "#")
        case ast.IfExp(body=body, orelse=orelse):
            yield "always the first branch", body
            yield "always the second branch", orelse
        case ast.Call(args=[first, *_], func=ast.Name(id="sorted" | "tuple" | "floor")):
            yield f"{ast.unparse(node.func)} dropped", first


def statements(node: ast.stmt) -> Iterator[tuple[str, list[ast.stmt]]]:
    """Statements to put in place of a statement."""
    empty: list[ast.stmt] = [ast.Pass()]
    match node:
        case ast.Expr(value=ast.Constant()):
            return
        case ast.Expr() | ast.AugAssign() | ast.Raise() | ast.Delete():
            yield "statement deleted", empty
        case ast.Return(value=value) if value is not None:
            yield "statement deleted", empty
        case ast.Continue():
            yield "statement deleted", empty
        case ast.Assign(targets=[ast.Subscript()]):
            yield "statement deleted", empty
        case ast.If(test=test):
            for value in (True, False):
                if not (isinstance(test, ast.Constant) and test.value is value):
                    changed = copy.deepcopy(node)
                    changed.test = ast.Constant(value)
                    yield f"condition {value}", [changed]


def places(tree: ast.Module) -> Iterator[tuple[ast.AST, str, int | None, ast.AST]]:
    """Every node with its parent, the field it stands in and the place there."""
    for parent in ast.walk(tree):
        for field, value in ast.iter_fields(parent):
            if isinstance(parent, ast.keyword) and parent.arg == "strict":
                continue
            if field in ("annotation", "returns", "decorator_list", "bases"):
                continue
            if isinstance(value, list):
                for place, item in enumerate(value):
                    if isinstance(item, ast.AST):
                        yield parent, field, place, item
            elif isinstance(value, ast.AST):
                yield parent, field, None, value


def skipped(node: ast.AST, parents: dict[ast.AST, ast.AST]) -> bool:
    """Docstrings, messages, annotations and patterns are no behaviour of their own."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        if isinstance(parents.get(node), ast.Expr | ast.MatchValue):
            return True
        return is_message(node, parents)
    while node in parents:
        above = parents[node]
        if isinstance(above, ast.arg) or (
            isinstance(above, ast.AnnAssign) and above.annotation is node
        ):
            return True
        if isinstance(above, ast.FunctionDef) and above.returns is node:
            return True
        if isinstance(above, ast.pattern):
            return True
        node = above
    return False


def parse(file: str) -> ast.Module:
    return ast.parse((KERNEL / f"{file}.py").read_text(encoding="utf-8"))


def changes_of(node: ast.AST) -> list[tuple[str, ast.AST | list[ast.stmt]]]:
    changes: list[tuple[str, ast.AST | list[ast.stmt]]] = list(variants(node))
    return [*changes, *statements(node)] if isinstance(node, ast.stmt) else changes


def mutants_of(file: str) -> Iterator[Mutant]:
    """Every mutant of a file."""
    found = list(places(parse(file)))
    parents = {item: parent for parent, _, _, item in found}
    for index, (_, _, _, node) in enumerate(found):
        if skipped(node, parents):
            continue
        for variant, (words, _) in enumerate(changes_of(node)):
            change = f"{words} in `{excerpt(node)}`"
            first, last = getattr(node, "lineno", 0), getattr(node, "end_lineno", 0)
            yield Mutant(file, first, last, change, index, variant)


def build(mutant: Mutant) -> CodeType:
    """The code of the changed file."""
    tree = parse(mutant.file)
    parent, field, place, node = list(places(tree))[mutant.node]
    new = changes_of(node)[mutant.variant][1]
    if place is None:
        setattr(parent, field, new)
    else:
        getattr(parent, field)[place : place + 1] = (
            new if isinstance(new, list) else [new]
        )
    ast.fix_missing_locations(tree)
    return compile(tree, str(KERNEL / f"{mutant.file}.py"), "exec")


def excerpt(node: ast.AST) -> str:
    return " ".join(ast.unparse(node).split())[:60]


class Changed(importlib.abc.Loader, importlib.abc.MetaPathFinder):
    """Imports one module from a changed tree, all others as usual."""

    def __init__(self, name: str, code: CodeType) -> None:
        self.name = name
        self.code = code

    def find_spec(
        self, name: str, path: object = None, target: object = None
    ) -> importlib.machinery.ModuleSpec | None:
        if name != self.name:
            return None
        return importlib.util.spec_from_loader(name, self)

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> None:
        return None

    def exec_module(self, module: ModuleType) -> None:
        exec(self.code, module.__dict__)  # noqa: S102


class Clock:
    """A pytest plugin that adds up how long each test function takes."""

    def __init__(self) -> None:
        self.seconds: Counter[str] = Counter()

    def pytest_runtest_logreport(self, report: Any) -> None:
        self.seconds[report.nodeid.partition("[")[0]] += report.duration


def measure() -> Reach:
    """Which test functions reach each line of the kernel, by one run under coverage."""
    import coverage
    import pytest

    clock = Clock()
    watch = coverage.Coverage(data_file=None, source=["verify.kernel"])
    watch.set_option("run:dynamic_context", "test_function")
    watch.start()
    pytest.main([*OPTIONS, "-k", f"not {SKIPPED}", str(TESTS)], plugins=[clock])
    watch.stop()
    named: dict[str, list[str]] = {}
    for node in sorted(clock.seconds, key=clock.seconds.__getitem__):
        named.setdefault(node.rpartition("::")[2], []).append(node)
    reach: Reach = {}
    seen: set[str] = set()
    for file in FILES:
        lines = watch.get_data().contexts_by_lineno(str(KERNEL / f"{file}.py"))
        reach[file] = {}
        for line, found in lines.items():
            tests = {
                n for name in found for n in named.get(name.rpartition(".")[2], ())
            }
            seen |= tests
            if tests:
                reach[file][line] = sorted(tests, key=clock.seconds.__getitem__)
    # tests that draw examples hide behind what draws them: they are run for every mutant
    hidden = sorted({*clock.seconds} - seen, key=clock.seconds.__getitem__)
    for file in FILES:
        reach[file][EVERY] = hidden
    return reach


def read_reach() -> Reach:
    """What `measure` finds, in a process that has then imported the real kernel."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        silent = os.open(os.devnull, os.O_WRONLY)
        os.dup2(silent, 1)
        with open(writing, "w", encoding="utf-8") as out:
            json.dump(measure(), out)
            out.flush()
            os._exit(0)
    os.close(writing)
    with open(reading, encoding="utf-8") as found:
        known = json.load(found)
    os.waitpid(child, 0)
    return {
        file: {int(line): tests for line, tests in lines.items()}
        for file, lines in known.items()
    }


def run_tests(mutant: Mutant, reach: Reach) -> int:
    """In the child: pytest's exit code with the changed module in place.

    A line that runs when the module is imported is reached by every test of the file.
    """
    name = f"verify.kernel.{mutant.file}"
    sys.meta_path.insert(0, Changed(name, build(mutant)))
    import pytest

    lines = reach[mutant.file]
    own = range(mutant.line, mutant.last + 1)
    tests = [test for line in own for test in lines.get(line, ())]
    tests = tests or [test for found in lines.values() for test in found]
    chosen = list(dict.fromkeys([*tests, *lines[EVERY]]))
    return int(pytest.main([*OPTIONS, "-x", "-k", f"not {SKIPPED}", *chosen]))


def run_all(reach: Reach) -> int:
    """In the child: pytest's exit code of the tests for every mutant, nothing changed."""
    import pytest

    chosen = {test for lines in reach.values() for test in lines[EVERY]}
    return int(pytest.main([*OPTIONS, "-x", "-k", f"not {SKIPPED}", *sorted(chosen)]))


def outcome(mutant: Mutant | None, reach: Reach) -> str:
    """killed, survived or timeout; None is the kernel as it is, which must survive."""
    child = os.fork()
    if child == 0:
        os.setsid()
        resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
        resource.setrlimit(resource.RLIMIT_AS, (MEGABYTES << 20, MEGABYTES << 20))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        silent = os.open(os.devnull, os.O_WRONLY)
        os.dup2(silent, 1)
        os.dup2(silent, 2)
        code = 1
        try:
            code = run_tests(mutant, reach) if mutant else run_all(reach)
        finally:
            os._exit(0 if code == 0 else 1)
    end = time.monotonic() + 4 * SECONDS
    while time.monotonic() < end:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            if os.WIFSIGNALED(status):
                return "timeout"
            return "survived" if os.WEXITSTATUS(status) == 0 else "killed"
        time.sleep(0.02)
    os.killpg(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return "timeout"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--file", action="append", help="only these files of the kernel"
    )
    parser.add_argument("--every", type=int, default=1, help="only every n-th mutant")
    parser.add_argument("--out", type=Path, default=Path("kernel-mutants.jsonl"))
    parser.add_argument("--again", action="store_true", help="survivors once more")
    parser.add_argument("--list", action="store_true", help="only count the mutants")
    chosen = parser.parse_args()
    names = chosen.file or list(FILES)
    mutants = [m for name in names for m in mutants_of(name)]
    mutants = mutants[:: chosen.every]
    if chosen.list:
        print(Counter(mutant.file for mutant in mutants))
        return
    os.environ["HYPOTHESIS_PROFILE"] = "hasty"
    os.chdir(ROOT)
    sys.path.insert(0, str(ROOT))
    for package in ("pytest", "hypothesis.strategies", "hypothesis.stateful", "sympy"):
        importlib.import_module(package)
    reach = read_reach()
    if outcome(None, reach) != "survived":
        sys.exit("the kernel as it is fails its tests, so nothing would be shown")
    known = {}
    if chosen.out.exists():
        rows = map(json.loads, chosen.out.read_text(encoding="utf-8").splitlines())
        known = {row["mutant"]: row["outcome"] for row in rows}
    if chosen.again:
        known = {name: word for name, word in known.items() if word != "survived"}
    seen: Counter[str] = Counter()
    with chosen.out.open("a", encoding="utf-8") as file:
        for mutant in mutants:
            seen[mutant.name] += 1
            name = mutant.name + (f" #{seen[mutant.name]}" * (seen[mutant.name] > 1))
            if name in known:
                continue
            known[name] = outcome(mutant, reach)
            file.write(json.dumps({"mutant": name, "outcome": known[name]}) + "\n")
            file.flush()
            if known[name] == "survived":
                print(name, flush=True)
    counts = Counter(known.values())
    total = sum(counts.values())
    print(
        f"{total} mutants: {dict(counts)}; {1 - counts['survived'] / total:.1%} noticed"
    )


if __name__ == "__main__":
    main()
