"""Certificates for queries: a tree for every case, or a witness, written as kernel steps.

The steps of a query's proof are the same each time: a witness for each input, definitions
down to the literals, one `network` step a case, and unit propagation. They are written
without a live proof beside them, so that the kernel sees a small network once, at the end.
What is written here counts only when `verify.kernel.check` has accepted it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

from verify.kernel import terms
from verify.kernel.networks import Network as Declaration
from verify.kernel.networks import Program, read_program
from verify.kernel.normal import normal
from verify.kernel.polynomials import Polynomial, read_polynomial
from verify.kernel.problem import Problem
from verify.kernel.terms import REAL, Symbol, Term
from verify.kernel.text import write_term
from verify.networks.certificates import regions
from verify.networks.certificates.branching import search
from verify.networks.certificates.outcomes import Met, Node, Point, Stuck
from verify.networks.certificates.pinning import pin
from verify.networks.certificates.problems import (
    MAX_INPUTS,
    Statement,
    TooLarge,
    make_problem,
    make_statement,
)
from verify.networks.query import Query, Row, Witness
from verify.solvers.prooflog import Steps, write_certificate

OPENING: Final = 2  # the step that has the inputs as witnesses


class Certificate(NamedTuple):
    """A problem's text and a proof of it for `verify.kernel.check.check`.

    It says that no case of a query has a point or, with a `witness`, that one has;
    `cells` counts the nodes of its trees.
    """

    problem: str
    text: str
    cells: int
    witness: Witness | None = None


def certify_query(query: Query, deadline: float) -> Certificate | Stuck:
    """A certificate for the query's answer, whichever it is, not yet checked.

    `deadline` is a time.monotonic() value. For networks of up to about a hundred relus.
    """
    pinned = pin(query, MAX_INPUTS)
    found = _certify(pinned.query, deadline)
    if isinstance(found, Stuck) or found.witness is None:
        return found
    return found._replace(witness=pinned.restore(found.witness))


def _certify(query: Query, deadline: float) -> Certificate | Stuck:
    try:
        problem = make_problem(query)
    except TooLarge as error:
        return Stuck("unsupported", str(error))
    names = [f"!{OPENING}.{place}" for place in range(1, query.network.inputs + 1)]
    point = [terms.constant(Symbol(name, (), REAL)) for name in names]
    statement = make_statement(query, problem.networks[0], point)
    normals: dict[bytes, Term] = {}
    closed: list[_Closed | None] = []
    for index, case in enumerate(statement.cases):
        literals = _varying([*(statement.box or ()), *case], normals)
        if literals is None:
            closed.append(None)
            continue
        rows = [read_hypothesis(literal, normals) for literal in literals]
        found = search(read_program(point, problem.networks, rows), deadline)
        if isinstance(found, Stuck):
            return found
        if isinstance(found, Met):
            return _certify_point(query, index, found.point, problem)
        closed.append(_Closed(tuple(literals), found.nodes))
    return _write_proof(problem, statement, names, closed)


class _Closed(NamedTuple):
    """The literals of a case that vary, and the tree that shows that it has no point."""

    literals: tuple[Term, ...]
    tree: tuple[Node, ...]


def read_hypothesis(
    literal: Term, normals: dict[bytes, Term]
) -> tuple[str, Polynomial]:
    """A literal over real terms as `p >= 0`, `p > 0` or `p = 0`, scaled as the kernel
    scales it; `normals` keeps normal forms met before."""
    formula = normal(literal, normals)
    if formula.op == "not":
        poly = read_polynomial(formula.args[0].args[1])
        return ">", {monomial: -value for monomial, value in poly.items()}
    place = 0 if formula.op == "=" else 1
    return ("=" if formula.op == "=" else ">="), read_polynomial(formula.args[place])


def _varying(literals: Iterable[Term], normals: dict[bytes, Term]) -> list[Term] | None:
    """The literals that are not simply true; None when one is simply false."""
    values = [(literal, normal(literal, normals).op) for literal in literals]
    if any(value == "false" for _, value in values):
        return None
    return [literal for literal, value in values if value != "true"]


def _write_proof(
    problem: Problem,
    statement: Statement,
    names: Sequence[str],
    cases: Sequence[_Closed | None],
) -> Certificate:
    """The certificate that no case has a point (None: a literal of it is simply false)."""
    steps = Steps()
    opened = [steps.add("goal")]
    goal = write_term(problem.goal)
    opened.append(steps.add("witnesses", formula=goal, count=len(names)))
    opened += steps.define(statement.body)
    if statement.box is not None:
        opened += steps.define(terms.make_and(*statement.box))
    failing = terms.make_or(*(terms.make_and(*case) for case in statement.cases))
    closed = []
    for case, shown in zip(statement.cases, cases, strict=True):
        formula = terms.make_and(*case)
        defined = steps.define(formula)
        if shown is not None:
            texts = [write_term(one) for one in shown.literals]
            fields = {"literals": texts, "tree": list(shown.tree)}
            defined.append(steps.add("network", inputs=list(names), **fields))
        literals = [write_term(terms.make_not(formula))]
        hints = [*opened, *defined]
        closed.append(steps.add("clause", literals=literals, hints=hints))
    hints = [*opened, *closed, *steps.define(failing)]
    steps.add("clause", literals=[], hints=hints)
    cells = sum(len(one.tree) for one in cases if one is not None)
    return Certificate(
        problem.text(), write_certificate(problem, "proved", steps.records), cells
    )


def certify_witness(query: Query, index: int, point: Point) -> Certificate | Stuck:
    """The certificate that a point is in a case of the query. Raises TooLarge."""
    pinned = pin(query, MAX_INPUTS)
    problem = make_problem(pinned.query)
    found = _certify_point(pinned.query, index, pinned.take(point), problem)
    if isinstance(found, Stuck) or found.witness is None:
        return found
    return found._replace(witness=pinned.restore(found.witness))


def _certify_point(
    query: Query, index: int, point: Point, stated: Problem
) -> Certificate | Stuck:
    denied = stated._replace(goal=terms.make_not(stated.goal))
    numbers = [terms.make_number(value, REAL) for value in point]
    statement = make_statement(query, stated.networks[0], numbers)
    case = statement.cases[index]
    steps = Steps()
    texts = [write_term(number) for number in numbers]
    opened = [steps.add("goal")]
    if texts:
        goal = write_term(stated.goal)
        opened.append(steps.add("instance", formula=goal, terms=texts))
    values = _values(stated.networks[0], query, point)
    shown = []
    for literal in case:
        kind = normal(literal, {}).op
        if kind in ("true", "false"):
            continue
        refuted = write_term(terms.make_not(literal))
        leaf = ["leaf", [], [[0, 1]], [], []]
        shown.append(steps.add("network", inputs=[], literals=[refuted], tree=[leaf]))
    sides = zip(query.cases[index].lower, point, query.cases[index].upper, strict=True)
    inside = all(low <= value <= high for low, value, high in sides)
    met = (_meets(row, point, values) for row in query.cases[index].rows)
    if not inside or not all(met):
        return Stuck("incomplete", "a point that is not surely in its case")
    failing = terms.make_or(*(terms.make_and(*one) for one in statement.cases))
    defined = steps.define(terms.make_and(*case))
    if len(statement.cases) > 1:
        defined += steps.define(failing)
    if statement.box is not None:
        defined += steps.define(terms.make_and(*statement.box))
    defined += steps.define(statement.body)
    steps.add("clause", literals=[], hints=[*opened, *shown, *defined])
    text = write_certificate(denied, "proved", steps.records)
    outputs = tuple(low for low, _ in values)
    return Certificate(denied.text(), text, len(shown), Witness(index, point, outputs))


def _values(
    declaration: Declaration, query: Query, point: Point
) -> list[regions.Interval]:
    """The network's outputs, from below and above; one number but for sigmoids."""
    box = tuple((value, value) for value in point)
    values = regions.evaluate(Program(declaration.units, (), box), point)
    named = declaration.outputs[: query.network.outputs]
    return [values[variable] for _, variable in named]


def _meets(row: Row, point: Point, values: list[regions.Interval]) -> bool:
    """Whether a row holds, whatever the values are between their ends."""
    total = row.constant + sum(weight * point[i] for i, weight in row.inputs)
    total += sum(weight * values[k][weight < 0] for k, weight in row.outputs)
    return total > 0 or (total == 0 and not row.strict)
