"""Branch and bound, checked: a tree of cells that shows that rows cannot hold at once.

A tree is a list of nodes in preorder, each visited with the cell that is left to it:

    ["input", i, "m", tightenings]                 x_i <= m, then x_i >= m
    ["unit", j, tightenings]                       z_j >= 0, then z_j <= 0
    ["leaf", tightenings, rows, phases, slopes]    no children

Here z_j is what relu unit j takes. At each node the bounds of all units are computed
forward from those of the inputs, never wider than the parent's. A tightening [j, side,
rows, phases, slopes] improves the upper (side 1) or lower (-1) bound of z_j by the backward
pass of `verify.kernel.cells`, and a leaf must end in a contradiction by one. What is passed
backward is

    side * 2^16 * z_j  +  sum of multiplier * row  +  sum of multiplier * (+-z_k)

(a leaf: without the first part), where the rows are the program's and the phases those taken
on the way here, so that both are at least 0. A leaf is closed when the sum is at most less
than 0, or at most 0 with a strict row in it, or when the bounds of its units contradict.
"""

from __future__ import annotations

from typing import Any, Final

from verify.kernel.cells import ONE, Cell, Cells, Scaled, least, most
from verify.kernel.certificate import integers
from verify.kernel.networks import Program
from verify.kernel.rejections import Rejected, require
from verify.kernel.text import read_rational

MAX_OPEN: Final = 1_000_000  # bounds held at once, in cells still to be visited


def check_tree(program: Program, tree: list[Any]) -> None:
    """Require that the tree shows that the rows of the program cannot hold at once."""
    cells = Cells(program)
    waiting = [cells.root()]
    for node in tree:
        require(bool(waiting), "a tree that ends with its last leaf", "more nodes")
        waiting += _visit(cells, waiting.pop(), node)
        small = len(waiting) * cells.count <= MAX_OPEN
        require(small, "a tree that opens fewer cells at once", len(waiting))
    require(not waiting, "both children of every node", f"{len(waiting)} missing")


def _visit(cells: Cells, cell: Cell, node: object) -> tuple[Cell, ...]:
    """The cells of the node's children, the first one last."""
    match node:
        case ["input", i, str(at), list(tightenings)]:
            i = _index(i, 0, cells.inputs, "the number of an input")
            _bound(cells, cell, tightenings)
            point = read_rational(at) * cells.bound
            second = cell.copy()
            floor = point.numerator // point.denominator
            second.low[i] = most(second.low[i], floor)
            cell.high[i] = least(cell.high[i], floor + (floor != point))
            return second, cell
        case ["unit", j, list(tightenings)]:
            j = _index(j, cells.inputs, cells.count, "the number of a unit")
            _bound(cells, cell, tightenings)
            kind = cells.kinds[j - cells.inputs]
            free = kind == "relu" and j not in cell.phases
            require(free, "a relu unit not decided above", j)
            second = cell.copy()
            cell.phases[j], second.phases[j] = 1, -1
            return second, cell
        case ["leaf", list(tightenings), list(rows), list(phases), list(slopes)]:
            _bound(cells, cell, tightenings)
            if cells.forward(cell):
                given = _given(cells, cell, rows, phases)
                total = cells.backward(cell, given, _slopes(slopes))
                strict = any(factor and cells.strict[k] for k, factor in _pairs(rows))
                closed = total is not None and (total < 0 or (total == 0 and strict))
                got = {None: "no bound", 0: "0 and no strict row"}.get(total, "more")
                require(closed, "a sum that is below 0 in the cell", got)
            return ()
    raise Rejected("an input, unit or leaf node", node)


def _bound(cells: Cells, cell: Cell, tightenings: list[Any]) -> None:
    """Bound the units of the cell; what is tightened is passed on when it is next."""
    if tightenings:
        cells.forward(cell)
    for item in tightenings:
        match item:
            case [j, int(side), list(rows), list(phases), list(slopes)]:
                j = _index(j, cells.inputs, cells.count, "the number of a unit")
                require(type(side) is int and abs(side) == 1, "side 1 or -1", side)
                given = [cells.taken(j, side * ONE), *_given(cells, cell, rows, phases)]
                cells.tighten(cell, j, side, given, _slopes(slopes))
            case _:
                raise Rejected("a tightening [unit, side, rows, phases, slopes]", item)


def _given(
    cells: Cells, cell: Cell, rows: list[Any], phases: list[Any]
) -> list[tuple[Scaled, int]]:
    """The rows and phases, each at least 0 in the cell, with their multipliers."""
    found = []
    for k, factor in _pairs(rows):
        _index(k, 0, len(cells.rows), "the index of a row")
        found.append((cells.rows[k], factor))
    for j, factor in _pairs(phases):
        require(j in cell.phases, "a unit decided above", j)
        found.append(cells.taken(j, cell.phases[j] * factor))
    return found


def _slopes(value: list[Any]) -> dict[int, int]:
    slopes = dict(_pairs(value))
    require(all(a <= ONE for a in slopes.values()), f"slopes from 0 to {ONE}", "more")
    return slopes


def _pairs(value: list[Any]) -> list[tuple[int, int]]:
    """`value` as pairs of integers from 0 on, no first one twice."""
    pairs = []
    for item in value:
        require(type(item) is list and len(item) == 2, "pairs of integers", item)
        key, number = integers(item)
        pairs.append((key, number))
    require(len(dict(pairs)) == len(pairs), "each index once", "one twice")
    return pairs


def _index(value: object, start: int, stop: int, what: str) -> int:
    if type(value) is not int or not start <= value < stop:
        raise Rejected(f"{what}, from {start} to {stop - 1}", value)
    return value
