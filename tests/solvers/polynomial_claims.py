"""Polynomial claims as text, and certificates made of the combinations found for them.

A claim is premises and a goal; its symbols are real constants, `^` is a power.
"""

from __future__ import annotations

import ast
import json
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from verify.kernel import terms
from verify.kernel.check import Accepted, check
from verify.kernel.normal import normal
from verify.kernel.polynomials import Polynomial, read_polynomial, write_polynomial
from verify.kernel.problem import Fact, Problem
from verify.kernel.terms import REAL, Symbol, Term
from verify.kernel.text import write_term
from verify.solvers.combinations import Combination

Claim = tuple[tuple[str, ...], str]

COMPARISONS: dict[type[ast.AST], Any] = {
    ast.LtE: terms.make_at_most,
    ast.Lt: terms.make_less,
    ast.GtE: lambda left, right: terms.make_at_most(right, left),
    ast.Gt: lambda left, right: terms.make_less(right, left),
    ast.Eq: terms.make_equal,
}


def number(value: Fraction | int) -> Term:
    return terms.make_number(Fraction(value), REAL)


def read_term(node: ast.AST) -> Term:
    match node:
        case ast.Constant(value=int(value)):
            return number(value)
        case ast.Name(id=name):
            return terms.make_application(Symbol(name, (), REAL))
        case ast.UnaryOp(op=ast.USub(), operand=inner):
            return terms.make_product(number(-1), read_term(inner))
        case ast.BinOp(left=base, op=ast.Pow(), right=ast.Constant(value=int(power))):
            return terms.make_product(*[read_term(base)] * power)
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            return terms.make_sum(read_term(left), read_term(right))
        case ast.BinOp(left=left, op=ast.Sub(), right=right):
            minus = terms.make_product(number(-1), read_term(right))
            return terms.make_sum(read_term(left), minus)
        case ast.BinOp(left=left, op=ast.Mult(), right=right):
            return terms.make_product(read_term(left), read_term(right))
        case ast.BinOp(left=left, op=ast.Div(), right=ast.Constant(value=int(value))):
            return terms.make_product(number(Fraction(1, value)), read_term(left))
        case _:
            raise ValueError(ast.dump(node))


def read_literal(text: str) -> Term:
    source = text.replace("^", "**").replace(" = ", " == ")
    match ast.parse(source, mode="eval").body:
        case ast.Compare(left=left, ops=[comparison], comparators=[right]):
            return COMPARISONS[type(comparison)](read_term(left), read_term(right))
        case node:
            raise ValueError(ast.dump(node))


def hypothesis_of(literal: Term) -> tuple[str, Polynomial]:
    """What a literal over reals says, from its normal form."""
    formula = normal(literal)
    if formula.op == "=":
        return "=", read_polynomial(formula.args[0])
    if formula.op == "<=":
        return ">=", read_polynomial(formula.args[1])
    positive = read_polynomial(formula.args[0].args[1])
    return ">", {monomial: -value for monomial, value in positive.items()}


def literal_of(kind: str, poly: Polynomial) -> Term:
    """`poly` compared with 0."""
    zero, term = number(0), write_polynomial(poly, REAL)
    if kind == "=":
        return terms.make_equal(term, zero)
    maker = terms.make_less if kind == ">" else terms.make_at_most
    return maker(zero, term)


def literals_of(claim: Claim) -> list[Term]:
    """The premises and the negated goal."""
    premises, goal = claim
    return [*map(read_literal, premises), terms.make_not(read_literal(goal))]


def hypotheses_of(claim: Claim) -> list[tuple[str, Polynomial]]:
    return [hypothesis_of(literal) for literal in literals_of(claim)]


def problem_of(literals: Sequence[Term]) -> Problem:
    """That all but the last of the literals entail the negation of the last."""
    formulas = (*literals[:-1], terms.make_not(literals[-1]))
    symbols = {
        term.value
        for formula in formulas
        for term in terms.subterms(formula)
        if isinstance(term.value, Symbol)
    }
    facts = tuple(
        Fact("premise", f"P{at}", formula) for at, formula in enumerate(formulas[:-1])
    )
    return Problem((), tuple(sorted(symbols)), facts, formulas[-1])


def text_of(poly: Polynomial) -> str:
    return write_term(write_polynomial(poly, REAL))


def product_step(
    literals: Sequence[Term], combination: Combination
) -> dict[str, object]:
    """The fields of a `product` step."""
    return {
        "rule": "product",
        "literals": [write_term(literal) for literal in literals],
        "products": [
            {
                "multiplier": str(multiplier),
                "factors": list(factors),
                "square": "" if square is None else text_of(square),
            }
            for multiplier, factors, square in combination.products
        ],
        "equations": [
            {"literal": index, "factor": text_of(factor)}
            for index, factor in combination.equations
        ],
    }


def accept(literals: Sequence[Term], combination: Combination) -> Accepted:
    """The kernel's acceptance that the literals contradict each other, by one `product`
    step."""
    problem = problem_of(literals)
    steps: list[dict[str, object]] = [
        {"rule": "premise", "name": fact.name} for fact in problem.facts
    ]
    steps += [{"rule": "goal"}, product_step(literals, combination)]
    hints = list(range(1, len(steps) + 1))
    steps.append({"rule": "clause", "literals": [], "hints": hints})
    head = {"format": "verify certificate", "version": 1, "claim": "proved"}
    lines: list[dict[str, object]] = [
        {**head, "problem": problem.sha()},
        {"text": problem.text()},
        *({"id": at, **step} for at, step in enumerate(steps, 1)),
    ]
    evidence = "".join(json.dumps(line) + "\n" for line in lines)
    return check(problem.text(), evidence)
