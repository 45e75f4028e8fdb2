"""From an assembly to a network: fuse what is one layer, drop what is not used.

MatMul then Add is one affine layer, and so is any sum whose only reader scales and
shifts it whole, as long as the products stay exact in float64: a fused layer is the same
function, number for number. Layers that the output does not depend on are dropped.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from verify.networks.errors import ModelError
from verify.networks.network import Activation, Input, Layer, Network
from verify.networks.reading.arrays import (
    Array,
    add,
    multiply,
    rearrange,
    take,
)
from verify.networks.reading.assembly import (
    MAX_WEIGHTS,
    Assembly,
    Dense,
    References,
    Source,
    Sparse,
    Stage,
    Sum,
    Term,
    Units,
)
from verify.networks.reading.matrices import make_affine


def make_network(assembly: Assembly, outputs: References) -> Network:
    """The network whose output is the given variables, flat and in order.

    Raises ModelError when its matrices would not fit the caps.
    """
    output = assembly.whole(outputs)
    if output is None:
        assembly.select(outputs, "output")
        output = len(assembly.stages) - 1
    stages: list[Stage] = list(assembly.stages)
    _fuse(assembly, stages, output)
    kept = _reachable(assembly, stages, output)
    place = {stage: index for index, stage in enumerate(kept)}
    _check_weights(assembly, [stages[index] for index in kept])
    layers: list[Layer] = []
    for index in kept:
        stage = stages[index]
        match stage:
            case Source():
                layers.append(Input(stage.size))
            case Units():
                layers.append(Activation(stage.kind, place[stage.source], stage.size))
            case Sum():
                layers.append(make_affine(assembly, stage, place))
    return Network(
        tuple(layers),
        place[output],
        tuple(stages[index].name for index in kept),
        tuple(place[index] for index in assembly.units if index in place),
    )


def _check_weights(assembly: Assembly, stages: Iterable[Stage]) -> None:
    """Matrices are dense: their size is known before they are made."""
    weights = 0
    for stage in stages:
        if isinstance(stage, Sum):
            columns = sum(assembly.stages[s].size for s in _sources(assembly, stage))
            weights += stage.size * columns
        if weights > MAX_WEIGHTS:
            raise ModelError(f"the network's matrices have over {MAX_WEIGHTS} weights")


def _sources(assembly: Assembly, stage: Stage) -> set[int]:
    if isinstance(stage, Units):
        return {stage.source}
    if isinstance(stage, Source):
        return set()
    found: set[int] = set()
    for term in stage.terms:
        used = term.references[term.references >= 0]
        found |= set(np.unique(assembly.stages_of(used)).tolist())
    return found or {0}


def _reachable(assembly: Assembly, stages: list[Stage], output: int) -> list[int]:
    """The input, the output, and what is between them, in order."""
    found = {0, output}
    for index in range(output, 0, -1):
        if index in found:
            found |= _sources(assembly, stages[index])
    return sorted(found)


def _fuse(assembly: Assembly, stages: list[Stage], output: int) -> None:
    """Merge a sum into its only reader where that one scales and shifts it whole."""
    readers: dict[int, list[int]] = {}
    for index, stage in enumerate(stages):
        for source in _sources(assembly, stage):
            readers.setdefault(source, []).append(index)
    fixed = {output, *assembly.units}
    for index, stage in enumerate(stages):
        if not isinstance(stage, Sum) or len(stage.terms) != 1:
            continue
        term = stage.terms[0]
        if not isinstance(term, Sparse) or not _is_scaling(stage, term):
            continue
        whole = assembly.whole(term.references)
        if whole is None or whole in fixed or readers[whole] != [index]:
            continue
        below = stages[whole]
        if isinstance(below, Sum):
            fused = _scale_and_shift(below, term.values, stage)
            stages[index] = stage if fused is None else fused


def _is_scaling(stage: Sum, term: Sparse) -> bool:
    return np.array_equal(term.rows, np.arange(stage.size))


def _scale_and_shift(below: Sum, scale: Array, above: Sum) -> Sum | None:
    """scale * below + above's bias; None when that needs fractions it had not."""
    terms: list[Term] = []
    is_shift = scale.exact is None and bool((scale.floats == 1).all())
    for term in below.terms:
        match term:
            case _ if is_shift:
                terms.append(term)
            case Dense():
                matrix = multiply(term.matrix, rearrange(scale, lambda v: v[:, None]))
                if matrix.exact is not None and term.matrix.exact is None:
                    return None
                terms.append(Dense(term.references, matrix))
            case Sparse():
                values = multiply(term.values, take(scale, term.rows))
                if values.exact is not None and term.values.exact is None:
                    return None
                terms.append(Sparse(term.rows, term.references, values))
    bias = add(below.bias if is_shift else multiply(below.bias, scale), above.bias)
    if bias.exact is not None and below.bias.exact is None and above.bias.exact is None:
        return None
    return Sum(tuple(terms), bias, above.name)
