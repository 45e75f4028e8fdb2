"""Membership: parameters of a class with which it is the very network, or points that no
network of the class fits.

The network's own units are tried, and for one input also as few as there are bends. That
the network is the same everywhere is then shown piece by piece.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from verify.kernel import terms
from verify.kernel.networks import Network
from verify.kernel.problem import Problem
from verify.kernel.terms import REAL, Symbol, Term, instantiate
from verify.networks.certificates.outcomes import Stuck
from verify.networks.statements.following import follow
from verify.networks.statements.grounds import GroundProof, Grounds
from verify.networks.statements.kinks import find_kinks
from verify.networks.statements.quantities import Settled
from verify.training.statements.lines import read_line
from verify.training.statements.outsiders import deny_member
from verify.training.statements.sameness import prove_same
from verify.training.statements.things import Family, Member
from verify.training.statements.units import (
    Misfit,
    Point,
    read_forms,
    read_units,
    write_layers,
    write_signed,
)


def settle_member(problem: Problem, member: Member, deadline: float) -> Settled | Stuck:
    """Whether the network is in the class, as far as its own units or points say."""
    found = find_function(problem, member.network)
    if found is None or member.family.outputs != 1:
        return Stuck("unsupported", f"{member.network} is no network of one output")
    network, symbol = found
    output = dict(network.functions())[symbol]
    why = ""
    try:
        for point in _find_points(network, output, member.family):
            if _is_inside(problem, member, point):
                return Settled(True, partial(_write, member.formula, point))
            why = why or "its own parameters are not of the class"
    except Misfit as misfit:
        why = str(misfit)
    if member.family.signed:
        kinks = find_kinks(network) if network.inputs == 1 else []
        denied = deny_member(problem, member, symbol, kinks, deadline)
        if denied is not None:
            return denied
    return Stuck("incomplete", f"{why}, and nothing else was found")


def _find_points(network: Network, output: int, family: Family) -> Iterator[Point]:
    """Parameters that may be those of the network. Raises Misfit."""
    taken = read_forms(network, output)
    if not family.signed:
        yield write_layers(taken, family)
        return
    try:
        yield write_signed(*read_units(taken), family)
    except Misfit:
        if network.inputs > 1:
            raise
    if network.inputs == 1:
        yield write_signed(*read_line(network, output), family)


def _is_inside(problem: Problem, member: Member, point: Point) -> bool:
    """Whether parameters meet the conditions of the class, values and bounds."""
    body = _instantiate(member.formula, point)
    conditions = [part for part in _parts(body) if not _is_quantified(part)]
    grounds = Grounds(problem, {})
    return all(grounds.truth(condition) for condition in conditions)


def find_function(problem: Problem, name: str) -> tuple[Network, Symbol] | None:
    """The network that declares a function, and the function."""
    for network in problem.networks:
        for symbol, _ in network.functions():
            if symbol.name == name:
                return network, symbol
    return None


def _instantiate(formula: Term, point: Point) -> Term:
    for value in point:
        formula = instantiate(formula, terms.make_number(value, REAL))
    return formula


def _parts(body: Term) -> tuple[Term, ...]:
    return body.args if body.op == "and" else (body,)


def _is_quantified(part: Term) -> bool:
    return part.op == "forall"


def _write(formula: Term, point: Point, proof: GroundProof) -> int:
    """The statement at these parameters: its conditions, and equality everywhere."""
    log = proof.log
    body = _instantiate(formula, point)
    values = [log.text(terms.make_number(value, REAL)) for value in point]
    instance, _ = log.step("instance", formula=log.text(formula), terms=values)
    shown = [instance]
    for part in _parts(body):
        same = _is_quantified(part)
        shown.append(prove_same(proof, part) if same else proof.show(part))
    return follow(log, formula, shown)
