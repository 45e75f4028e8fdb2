"""HiGHS: linear and mixed-integer programmes, exact rationals in, floats inside.

The only file that imports highspy. Numbers are rounded to floats on the way in and what
comes out is the exact value of the floats HiGHS found, so an answer is a hint and nothing
more: values nearly feasible, duals nearly a proof, an `infeasible` that whoever needs it
proves again. `duals` are of the rows, positive where a lower side holds a minimum up.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any, Final, NamedTuple

from verify.solvers.answers import Budget, Unknown

Weights = tuple[tuple[int, Fraction], ...]
Side = Fraction | None  # None is infinite

BASIC: Final = "basic"
LOWER: Final = "lower"
UPPER: Final = "upper"
FREE: Final = "free"


class LinearRow(NamedTuple):
    """lower <= sum of weight * variable <= upper."""

    weights: Weights
    lower: Side = None
    upper: Side = None


class LinearProgram(NamedTuple):
    """Minimise the objective over variables with bounds; some may be whole numbers."""

    bounds: tuple[tuple[Side, Side], ...]
    rows: tuple[LinearRow, ...]
    objective: Weights = ()
    whole: frozenset[int] = frozenset()


class Optimal(NamedTuple):
    """Values of the variables; for a programme without whole numbers also duals of the
    rows and where each variable and row stands in the basis."""

    value: Fraction
    values: tuple[Fraction, ...]
    duals: tuple[Fraction, ...] = ()
    variables: tuple[str, ...] = ()
    rows: tuple[str, ...] = ()


class Infeasible(NamedTuple):
    """No values; `ray` holds multipliers of rows that say so, where HiGHS has them."""

    ray: tuple[Fraction, ...] = ()


LinearAnswer = Optimal | Infeasible | Unknown


def solve_linear(program: LinearProgram, budget: Budget) -> LinearAnswer:
    """What HiGHS says, on one thread within `budget.seconds`."""
    try:
        import highspy
    except ImportError:
        return Unknown("unsupported", "highspy is not installed")
    solver = highspy.Highs()
    for name, value in (
        ("output_flag", False),
        ("threads", 1),
        ("time_limit", max(budget.seconds, 0.0)),
        ("random_seed", budget.seed % 2**31),
        ("mip_rel_gap", 1e-9),
        ("mip_abs_gap", 1e-9),
    ):
        solver.setOptionValue(name, value)
    solver.passModel(_model(highspy, program))
    solver.run()
    status = solver.getModelStatus()
    kinds = highspy.HighsModelStatus
    if status == kinds.kOptimal:
        return _optimal(highspy, solver, program)
    if status in (kinds.kInfeasible, kinds.kUnboundedOrInfeasible):
        return Infeasible(() if program.whole else _ray(solver))
    if status == kinds.kTimeLimit:
        return Unknown("timeout", "HiGHS reached its time limit")
    return Unknown("incomplete", f"HiGHS: {solver.modelStatusToString(status)}")


def _model(highspy: Any, program: LinearProgram) -> Any:
    infinite = float(highspy.kHighsInf)
    model = highspy.HighsLp()
    model.num_col_, model.num_row_ = len(program.bounds), len(program.rows)
    costs = [0.0] * len(program.bounds)
    for variable, weight in program.objective:
        costs[variable] = float(weight)
    model.col_cost_ = costs
    model.col_lower_, model.col_upper_ = _sides(program.bounds, infinite)
    pairs = [(row.lower, row.upper) for row in program.rows]
    model.row_lower_, model.row_upper_ = _sides(pairs, infinite)
    starts, indices, values = [0], list[int](), list[float]()
    for row in program.rows:
        indices += [variable for variable, _ in row.weights]
        values += [float(weight) for _, weight in row.weights]
        starts.append(len(indices))
    matrix = model.a_matrix_
    matrix.format_ = highspy.MatrixFormat.kRowwise
    matrix.num_col_, matrix.num_row_ = len(program.bounds), len(program.rows)
    matrix.start_, matrix.index_, matrix.value_ = starts, indices, values
    if program.whole:
        kind = highspy.HighsVarType
        model.integrality_ = [
            kind.kInteger if variable in program.whole else kind.kContinuous
            for variable in range(len(program.bounds))
        ]
    return model


def _sides(
    pairs: Sequence[tuple[Side, Side]], infinite: float
) -> tuple[list[float], list[float]]:
    low = [-infinite if side is None else float(side) for side, _ in pairs]
    high = [infinite if side is None else float(side) for _, side in pairs]
    return low, high


def _optimal(highspy: Any, solver: Any, program: LinearProgram) -> Optimal:
    solution = solver.getSolution()
    values = tuple(map(Fraction, solution.col_value))
    value = Fraction(solver.getInfo().objective_function_value)
    if program.whole:
        return Optimal(value, values)
    kinds = highspy.HighsBasisStatus
    names = {kinds.kBasic: BASIC, kinds.kLower: LOWER, kinds.kUpper: UPPER}
    basis = solver.getBasis()
    variables = tuple(names.get(one, FREE) for one in basis.col_status)
    rows = tuple(names.get(one, FREE) for one in basis.row_status)
    duals = tuple(map(Fraction, solution.row_dual))
    return Optimal(value, values, duals, variables, rows)


def _ray(solver: Any) -> tuple[Fraction, ...]:
    """Multipliers of rows, from the dual ray; empty where there is none."""
    found = solver.getDualRay()
    values = found[-1] if isinstance(found, tuple) else None
    if values is None or (isinstance(found, tuple) and found[1] is False):
        return ()
    return tuple(Fraction(float(value)) for value in values)
