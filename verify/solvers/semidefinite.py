"""clarabel: a point as far inside the cone of semidefinite matrices as the equations let.

Floating point, and believed in nothing: the matrices come back as numbers to be rounded.
The only file that imports clarabel, and only when a certificate needs sums of squares.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, NamedTuple

from verify.solvers.grams import Entries

SIZE: Final = 1e3


class Centre(NamedTuple):
    """Values of the open unknowns, the matrices there, and their extreme eigenvalues."""

    values: dict[int, float]
    matrices: tuple[Any, ...]
    least: float
    largest: float


def find_centre(
    entries: Entries, sizes: Sequence[int], seconds: float
) -> Centre | None:
    """The point whose smallest eigenvalue over all matrices is largest, at most 1.

    None when the engine finds none.
    """
    import clarabel
    import numpy as np
    from scipy import sparse

    order = {unknown: at for at, unknown in enumerate(entries.open)}
    width = len(order) + 1
    offsets = np.cumsum([0, *(size * (size + 1) // 2 for size in sizes)])
    rows: list[int] = []
    columns: list[int] = []
    data: list[float] = []
    right = np.zeros(int(offsets[-1]) + 2)
    traced = np.zeros(width)
    for (block, i, j), (value, form) in zip(
        entries.places, entries.forms, strict=False
    ):
        row = int(offsets[block]) + j * (j + 1) // 2 + i
        scale = 1.0 if i == j else 2**0.5
        right[row] = scale * float(value)
        for unknown, weight in form.items():
            rows.append(row)
            columns.append(order[unknown])
            data.append(-scale * float(weight))
            if i == j:
                traced[order[unknown]] += float(weight)
        if i == j:
            rows.append(row)
            columns.append(width - 1)
            data.append(1.0)
    last = int(offsets[-1])
    rows += [last, *([last + 1] * width)]
    columns += [width - 1, *range(width)]
    data += [1.0, *traced]
    right[last], right[last + 1] = 1.0, SIZE
    matrix = sparse.csc_matrix((data, (rows, columns)), shape=(last + 2, width))
    cones = [clarabel.PSDTriangleConeT(size) for size in sizes]
    cones.append(clarabel.NonnegativeConeT(2))
    goal = np.zeros(width)
    goal[-1] = -1.0
    settings = clarabel.DefaultSettings()
    settings.verbose = False
    settings.max_threads = 1
    settings.time_limit = max(seconds, 0.01)
    nothing = sparse.csc_matrix((width, width))
    solver = clarabel.DefaultSolver(nothing, goal, matrix, right, cones, settings)
    solution = solver.solve()
    point = np.asarray(solution.x)
    if not np.isfinite(point).all():
        return None
    values = {unknown: float(point[at]) for unknown, at in order.items()}
    matrices = make_matrices(entries, sizes, values)
    if not all(np.isfinite(one).all() for one in matrices):
        return None
    spectra = [np.linalg.eigvalsh(one) for one in matrices]
    least = min(float(one[0]) for one in spectra)
    largest = max(float(one[-1]) for one in spectra)
    return Centre(values, matrices, least, largest)


def make_matrices(
    entries: Entries, sizes: Sequence[int], values: dict[int, float]
) -> tuple[Any, ...]:
    """The matrices, as floats, at these values of the open unknowns."""
    import numpy as np

    matrices = tuple(np.zeros((size, size)) for size in sizes)
    for (block, i, j), (value, form) in zip(
        entries.places, entries.forms, strict=False
    ):
        total = float(value) + sum(float(w) * values[at] for at, w in form.items())
        matrices[block][i, j] = matrices[block][j, i] = total
    return matrices
