"""Polynomial conflicts: from literals to a `product` step.

Products and squares of all the literals are tried first: on the steps of arguments that
takes milliseconds, far less than any engine needs to say whether it is worth while. Where
nothing is found, z3 is asked which literals matter, and those are tried for longer; a
disequality among them is a case to split on. What is returned is a step that the kernel's
rule took.
"""

from __future__ import annotations

import time
from collections.abc import Sequence

from verify.kernel import terms
from verify.kernel.polynomials import Polynomial, write_polynomial
from verify.kernel.rejections import Rejected
from verify.kernel.terms import INT, REAL, Symbol, Term
from verify.solvers.answers import Budget, Unsat
from verify.solvers.combinations import find_combination
from verify.solvers.prooflog import ProofLog
from verify.solvers.theory import Lemma, Theory

FIRST_SECONDS = 0.3
CORE_BUDGET = Budget(resources=1_000_000, seconds=1.0)
PROBE_BUDGET = Budget(resources=100_000, seconds=0.1)


def refute_polynomials(
    log: ProofLog, theory: Theory, literals: Sequence[int], seconds: float
) -> list[Lemma]:
    """A `product` step over some of the literals, if one is found.

    Disequalities among the literals that matter are returned as `trichotomy` steps, once,
    for the search to split on.
    """
    end = time.monotonic() + seconds
    found = _combine(log, theory, literals, min(FIRST_SECONDS, seconds))
    if found is not None:
        return [found]
    core = _core(log, literals, end)
    cases = theory.trichotomies(x for x in core if theory.hypothesis(x) is None)
    left_over = end - time.monotonic()
    if cases or not core or left_over <= 0:
        return cases
    found = _combine(log, theory, core, left_over)
    return [] if found is None else [found]


def _core(log: ProofLog, literals: Sequence[int], end: float) -> list[int]:
    """Literals that contradict each other, as far as z3 knows; none when it does not."""
    from verify.solvers.z3_backend import solve

    named = _opaque([(literal, log.formula(literal)) for literal in literals])
    answer = solve(named, CORE_BUDGET)
    if not isinstance(answer, Unsat):
        return []
    core = [int(name) for name in answer.core]
    for literal in list(core):
        rest = [
            item for item in named if int(item[0]) in core and int(item[0]) != literal
        ]
        if time.monotonic() < end:
            smaller = solve(rest, PROBE_BUDGET)
            if isinstance(smaller, Unsat):
                core = [int(name) for name in smaller.core]
    return core


def _combine(
    log: ProofLog, theory: Theory, literals: Sequence[int], seconds: float
) -> Lemma | None:
    """A `product` step over the literals among these that are no disequalities."""
    known = [(x, found) for x in literals if (found := theory.hypothesis(x))]
    combination = find_combination([hypothesis for _, hypothesis in known], seconds)
    if combination is None:
        return None
    used = {index for _, factors, _ in combination.products for index in factors}
    used |= {index for index, _ in combination.equations}
    place = {index: new for new, index in enumerate(sorted(used))}
    try:
        return log.step(
            "product",
            literals=log.texts(known[index][0] for index in sorted(used)),
            products=[
                {
                    "multiplier": str(multiplier),
                    "factors": [place[index] for index in factors],
                    "square": "" if square is None else _text(log, square),
                }
                for multiplier, factors, square in combination.products
            ],
            equations=[
                {"literal": place[index], "factor": _text(log, factor)}
                for index, factor in combination.equations
            ],
        )
    except Rejected:
        return None


def _text(log: ProofLog, poly: Polynomial) -> str:
    return log.text(write_polynomial(poly, REAL))


def _opaque(formulas: Sequence[tuple[int, Term]]) -> list[tuple[str, Term]]:
    """The formulas with a constant for each generator: the engine is to know no more of
    quotients and conditionals than the certificate may use."""
    constants: dict[Term, Term] = {}

    def visit(node: Term, _: int, args: tuple[Term, ...]) -> Term:
        if node.op not in ("app", "/", "if"):
            return terms.remake(node, args)
        sort = REAL if node.sort == REAL else INT
        symbol = Symbol(f"generator{len(constants)}", (), sort)
        return constants.setdefault(node, terms.constant(symbol))

    return [(str(name), terms.rewrite(formula, visit)) for name, formula in formulas]
