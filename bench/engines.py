"""What is measured side by side: ours in process and as a whole, and the others.

Each engine is a function of an instance and a limit, and gives an answer (sat, unsat,
timeout, unknown, error) with wall seconds; what an engine cannot take is `unsupported`.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import NamedTuple

from verify.kernel.check import check
from verify.kernel.rejections import Rejected
from verify.kernel.terms import make_not
from verify.networks.certificates import certify, encodings
from verify.networks.certificates.problems import TooLarge, declare
from verify.networks.deciding import decide_query
from verify.networks.query import Empty, Open, Query, Witness
from verify.networks.settings import NetworkOptions
from verify.solvers import pysmt_backend, z3_backend
from verify.solvers.answers import Answer, Budget, Sat, Unknown, Unsat
from verify.solvers.linear import Infeasible, Optimal, solve_linear

ROOT = Path(__file__).parent.parent
PLENTY = 2**31 - 1  # of z3's resources: the clock decides here
MAX_UNITS = 700  # of a network handed to z3, cvc5 or HiGHS


class Instance(NamedTuple):
    """A query with its files; `expected` is a published or known answer, or empty."""

    name: str
    query: Query
    model: Path
    stated: Path
    limit: float
    expected: str


class Run(NamedTuple):
    answer: str
    seconds: float


Engine = Callable[[Instance, float], Run]


def certified(instance: Instance, limit: float) -> Run:
    """Search for a certificate and the kernel's check of it, in process."""
    begun = time.perf_counter()
    found = certify.certify_query(instance.query, time.monotonic() + limit)
    if not isinstance(found, certify.Certificate):
        return Run(found.reason, time.perf_counter() - begun)
    try:
        check(found.problem, found.text)
    except Rejected as rejected:
        print(f"{instance.name}: certificate rejected: {rejected}", file=sys.stderr)
        return Run("error", time.perf_counter() - begun)
    answer = "unsat" if found.witness is None else "sat"
    return Run(answer, time.perf_counter() - begun)


def decided(instance: Instance, limit: float) -> Run:
    """The portfolio in process: rigorous, no certificate."""
    begun = time.perf_counter()
    found = decide_query(instance.query, NetworkOptions(seconds=limit))
    seconds = time.perf_counter() - begun
    match found:
        case Witness():
            return Run("sat", seconds)
        case Empty():
            return Run("unsat", seconds)
        case Open(reason=reason):
            return Run(reason, seconds)


def whole(instance: Instance, limit: float) -> Run:
    """`verify net` as a process, start-up and reading included."""
    with tempfile.TemporaryDirectory() as folder:
        result = Path(folder) / "result.txt"
        command = [sys.executable, "-m", "verify", "net", str(instance.model)]
        command += [str(instance.stated), "--timeout", str(limit)]
        command += ["--format", "vnncomp", "--result", str(result)]
        return _process(command, result, limit + 10)


def _process(
    command: list[str],
    result: Path,
    limit: float,
    environment: dict[str, str] | None = None,
) -> Run:
    begun = time.perf_counter()
    try:
        subprocess.run(
            command, cwd=ROOT, capture_output=True, timeout=limit, check=False,
            env={**os.environ, **(environment or {})},
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        return Run("timeout", time.perf_counter() - begun)
    seconds = time.perf_counter() - begun
    words = result.read_text(encoding="utf-8").split() if result.exists() else []
    names = {"violated": "sat", "holds": "unsat", "verified": "unsat"}
    word = words[0] if words else "error"
    return Run(names.get(word, word), seconds)


def _small(query: Query) -> bool:
    return sum(layer.size for layer in query.network.layers) <= 2 * MAX_UNITS


def plain_z3(instance: Instance, limit: float) -> Run:
    """z3 on the formulas alone, relu as if-then-else."""

    def ask(budget: Budget) -> Answer:
        problem = encodings.encode_query(instance.query)
        formulas = [(fact.name, fact.formula) for fact in problem.facts]
        formulas.append((encodings.GOAL, make_not(problem.goal)))
        return z3_backend.solve(formulas, budget, logic="QF_LRA")

    return _solver(instance, limit, ask)


def plain_cvc5(instance: Instance, limit: float) -> Run:
    """cvc5 on the same formulas."""

    def ask(budget: Budget) -> Answer:
        problem = encodings.encode_query(instance.query)
        return pysmt_backend.second_opinion(problem, budget)

    return _solver(instance, limit, ask)


def _solver(instance: Instance, limit: float, ask: Callable[[Budget], Answer]) -> Run:
    if not _small(instance.query):
        return Run("unsupported", 0.0)
    begun = time.perf_counter()
    try:
        found = ask(Budget(PLENTY, limit))
    except (encodings.Unencodable, TooLarge):
        return Run("unsupported", 0.0)
    seconds = time.perf_counter() - begun
    match found:
        case Sat():
            return Run("sat", seconds)
        case Unsat():
            return Run("unsat", seconds)
        case Unknown(reason=reason):
            return Run(reason, seconds)


def big_m(instance: Instance, limit: float) -> Run:
    """HiGHS on one mixed-integer programme a case, strict rows taken as weak."""
    if not _small(instance.query):
        return Run("unsupported", 0.0)
    begun, answer = time.perf_counter(), "unsat"
    for case in instance.query.cases:
        left = limit - (time.perf_counter() - begun)
        try:
            mixed = encodings.encode_mixed(instance.query, case)
        except (encodings.Unencodable, TooLarge):
            return Run("unsupported", 0.0)
        found = solve_linear(mixed.program, Budget(seconds=left))
        if isinstance(found, Optimal):
            return Run("sat", time.perf_counter() - begun)
        if not isinstance(found, Infeasible):
            answer = found.reason
    return Run(answer, time.perf_counter() - begun)


def make_nnenum(folder: str) -> Engine:
    """nnenum from a checkout, the whole process."""

    def run(instance: Instance, limit: float) -> Run:
        with tempfile.TemporaryDirectory() as scratch:
            result = Path(scratch) / "result.txt"
            command = [sys.executable, "-m", "nnenum.nnenum", str(instance.model)]
            command += [str(instance.stated), str(limit), str(result)]
            paths = {
                "PYTHONPATH": str(Path(folder) / "src"),
                "OPENBLAS_NUM_THREADS": "1",
            }
            return _process(command, result, limit + 20, paths)

    return run


def make_marabou(python: str) -> Engine:
    """Marabou through a Python that has maraboupy: the time of `solve` alone."""

    def run(instance: Instance, limit: float) -> Run:
        if len(instance.query.cases) != 1 or len(instance.query.cases[0].rows) != 1:
            return Run("unsupported", 0.0)
        with tempfile.TemporaryDirectory() as scratch:
            given = Path(scratch) / "query.json"
            given.write_text(
                json.dumps(_for_marabou(instance, limit)), encoding="utf-8"
            )
            command = [python, str(ROOT / "bench" / "marabou_query.py"), str(given)]
            try:
                subprocess.run(
                    command, capture_output=True, timeout=limit + 20, check=False
                )
            except subprocess.TimeoutExpired:
                return Run("timeout", limit)
            found = given.with_suffix(".out")
            if not found.exists():
                return Run("error", 0.0)
            record = json.loads(found.read_text(encoding="utf-8"))
            return Run(str(record["answer"]).lower(), float(record["seconds"]))

    return run


def _for_marabou(instance: Instance, limit: float) -> dict[str, object]:
    declared = declare(instance.query.network, "f")
    case = instance.query.cases[0]
    (row,) = case.rows

    def pairs(weights: tuple[tuple[int, Fraction], ...]) -> list[list[float]]:
        return [[variable, float(weight)] for variable, weight in weights]

    outputs = [variable for _, variable in declared.outputs]
    weights = (*row.inputs, *((outputs[k], weight) for k, weight in row.outputs))
    sides = zip(case.lower, case.upper, strict=True)
    return {
        "inputs": declared.inputs,
        "units": [[u.kind, float(u.bias), pairs(u.weights)] for u in declared.units],
        "box": [[float(low), float(high)] for low, high in sides],
        "row": [float(row.constant), pairs(weights)],
        "seconds": limit,
    }
