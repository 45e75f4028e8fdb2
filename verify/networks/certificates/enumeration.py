"""Small programs on regions without a box: exactly, relu by relu.

Where an input has no bound there is nothing to bound a unit with. If the rows on inputs
alone imply a bound, an input split puts it into the tree: one child is empty by those rows,
the other goes on with a box. Otherwise relus are decided one after the other in order of
evaluation, so that what each takes is affine, and the exact simplex says which halves are
empty. The number of cells is that of the linear pieces met, hence for small networks only.
"""

from __future__ import annotations

import time
from fractions import Fraction
from typing import Final

from verify.kernel.cells import Cells
from verify.kernel.networks import Program
from verify.networks.certificates import regions
from verify.networks.certificates.outcomes import Met, Node, Outcome, Stuck, Tree
from verify.networks.certificates.trees import exact_signs

MAX_NODES: Final = 20_000
LARGEST: Final = 2**24  # bounds beyond are not looked for
REFINEMENTS: Final = 6  # halvings of an implied bound


def enumerate_regions(program: Program, deadline: float) -> Outcome:
    """A tree, a point or neither, by `deadline` (monotonic)."""
    nodes: list[Node] = []
    stack: list[dict[int, int]] = [{}]
    cells = Cells(program)
    while stack:
        if time.monotonic() > deadline:
            return Stuck("timeout", f"{len(stack)} cells still open")
        if len(nodes) > MAX_NODES:
            return Stuck("incomplete", f"more than {MAX_NODES} cells without a box")
        phases = stack.pop()
        stable = exact_signs(cells, program.box, phases, ())
        found = regions.decide_region(program, program.box, phases, stable)
        if isinstance(found, regions.Refuted):
            nodes.append(["leaf", [], *([list(p) for p in part] for part in found), []])
            continue
        if regions.meets(program, found.point):
            return Met(found.point)
        unit = _next_relu(program, {**phases, **stable})
        if unit is None:
            return Stuck("incomplete", "a sigmoid or sign on a region without a box")
        nodes.append(["unit", unit, []])
        stack += [{**phases, unit: -1}, {**phases, unit: 1}]
    return Tree(tuple(nodes))


def _next_relu(program: Program, signs: dict[int, int]) -> int | None:
    """The first relu whose argument is affine and whose sign is open."""
    _, taken = regions.affine_units(program, signs)
    for number, unit in enumerate(program.units, len(program.box)):
        form = taken[number]
        if unit.kind == "relu" and form is not None and number not in signs:
            return number
    return None


def enclose(program: Program) -> tuple[Program, list[Node], list[Node]]:
    """The program with the bounds that its rows imply, and the nodes that put them into
    a tree, before and after the tree of the program returned."""
    before: list[Node] = []
    after: list[Node] = []
    for i in range(len(program.box)):
        for side in (0, 1):
            if program.box[i][side] is not None:
                continue
            found = _implied(program, i, side)
            if found is None:
                continue
            bound, leaf = found
            before.append(["input", i, str(bound), []])
            if side == 0:
                before.append(leaf)  # x <= bound comes first
            else:
                after.insert(0, leaf)
            program = _with_side(program, i, side, bound)
    return program, before, after


def _with_side(program: Program, i: int, side: int, bound: Fraction) -> Program:
    pair = list(program.box[i])
    pair[side] = bound
    box = [*program.box]
    box[i] = pair[0], pair[1]
    return program._replace(box=tuple(box))


def _implied(program: Program, i: int, side: int) -> tuple[Fraction, Node] | None:
    """A bound of input i from below (side 0) or above that rows on inputs imply, and the
    leaf that shows that nothing lies beyond."""
    inputs = len(program.box)
    rows = tuple(r for r in program.rows if all(v < inputs for v, _ in r.weights))
    places = [k for k, row in enumerate(program.rows) if row in rows]
    plain = program._replace(rows=rows, units=())
    sign = -1 if side == 0 else 1

    def beyond(bound: Fraction) -> Node | None:
        cell = _with_side(plain, i, 1 - side, bound)
        found = regions.decide_region(cell, cell.box, {})
        if isinstance(found, regions.Inside):
            return None
        return ["leaf", [], [[places[k], factor] for k, factor in found.rows], [], []]

    inside, reach = Fraction(0), Fraction(1)
    while beyond(sign * reach) is None:
        inside, reach = reach, reach * 4
        if reach > LARGEST:
            return None
    low = -reach if inside == 0 else inside
    for _ in range(REFINEMENTS):
        middle = (low + reach) / 2
        if beyond(sign * middle) is None:
            low = middle
        else:
            reach = middle
    leaf = beyond(sign * reach)
    return None if leaf is None else (sign * reach, leaf)
