"""A sum over references as an affine layer: one matrix for each layer it draws on.

Weights that meet in one place are added exactly; weights of constants go to the bias.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

import numpy as np

from verify.networks.network import Affine
from verify.networks.reading.arrays import (
    Array,
    add,
    join,
    make_array,
    multiply,
    rearrange,
    scatter,
    take,
)
from verify.networks.reading.assembly import Assembly, Dense, Sparse, Sum, Term


def make_affine(assembly: Assembly, stage: Sum, place: Mapping[int, int]) -> Affine:
    """The affine layer of a sum; `place` gives the layer of a stage.

    Raises ModelError when too many weights would need fractions.
    """
    matrices: dict[int, Array] = {}
    listed: list[Sparse] = []
    for term in stage.terms:
        source = assembly.whole(term.references) if isinstance(term, Dense) else None
        if isinstance(term, Dense) and source is not None:
            _add_to(matrices, source, term.matrix)
        else:
            listed.append(_listed(term, stage.size))
    bias = stage.bias
    if listed:
        every = _joined(listed)
        sparse = _without_constants(every)
        if sparse is not every:
            bias = add(bias, _constant_part(assembly, stage.size, every))
        owners = assembly.stages_of(sparse.references)
        for owner in np.unique(owners).tolist():
            mine = owners == owner
            width = assembly.starts[owner + 1] - assembly.starts[owner]
            columns = sparse.references[mine] - assembly.starts[owner]
            places = sparse.rows[mine] * width + columns
            flat = scatter(stage.size * width, places, take(sparse.values, mine))
            shape = (stage.size, width)
            _add_to(matrices, owner, rearrange(flat, partial(np.reshape, shape=shape)))
    if not matrices:  # a constant layer still has a source
        matrices = {0: make_array(np.zeros((stage.size, assembly.starts[1])))}
    sources = sorted(matrices)
    return Affine(
        tuple(place[source] for source in sources),
        tuple(matrices[source].numbers for source in sources),
        bias.numbers,
    )


def _add_to(matrices: dict[int, Array], source: int, matrix: Array) -> None:
    known = matrices.get(source)
    matrices[source] = matrix if known is None else add(known, matrix)


def _listed(term: Term, size: int) -> Sparse:
    """The term weight by weight."""
    if isinstance(term, Sparse):
        return term
    columns = len(term.references)
    return Sparse(
        np.repeat(np.arange(size), columns),
        np.tile(term.references, size),
        rearrange(term.matrix, np.ravel),
    )


def _joined(terms: list[Sparse]) -> Sparse:
    if len(terms) == 1:
        return terms[0]
    return Sparse(
        np.concatenate([term.rows for term in terms]),
        np.concatenate([term.references for term in terms]),
        join([term.values for term in terms], axis=0),
    )


def _without_constants(term: Sparse) -> Sparse:
    free = term.references >= 0
    if free.all():
        return term
    return Sparse(term.rows[free], term.references[free], take(term.values, free))


def _constant_part(assembly: Assembly, size: int, term: Sparse) -> Array:
    """What the constants of a term add to the bias; -1 is 0 and adds nothing."""
    fixed = term.references < -1
    known = assembly.values_of(term.references[fixed])
    products = multiply(take(term.values, fixed), known)
    return scatter(size, term.rows[fixed], products)
