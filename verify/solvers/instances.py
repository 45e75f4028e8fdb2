"""Choosing instances of quantified facts: those that the current model violates.

A universally quantified fact that holds in the search is tried on ground terms of the
right sorts: terms that make an application in its body meet one already there (`f(k + 1)`
meets `f(T)` at k = T - 1), else every ground term of the sort, small ones first. Each
candidate is evaluated in the current model; the false ones are returned first, those of
unknown value after them, and the true ones never (model-based instantiation; Ge and de
Moura, 2009).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from fractions import Fraction
from functools import partial
from itertools import combinations, islice, product
from typing import Final

from verify.kernel import terms
from verify.kernel.normal import canonical, normal
from verify.kernel.polynomials import (
    CONSTANT,
    Polynomial,
    add,
    is_integral,
    read_polynomial,
    write_polynomial,
)
from verify.kernel.terms import INT, NAT, REAL, Binder, Sort, Symbol, Term

MAX_CANDIDATES: Final = 400
MAX_POOL: Final = 40


def prefix(formula: Term) -> tuple[list[Binder], Term]:
    """The leading quantifiers of one kind, and what is under them."""
    binders = []
    body = formula
    while body.op == formula.op and isinstance(body.value, Binder):
        binders.append(body.value)
        body = body.args[0]
    return binders, body


def apply(formula: Term, arguments: Iterable[Term]) -> Term:
    """The formula with its leading quantifiers opened at these terms."""
    for argument in arguments:
        formula = terms.instantiate(formula, argument)
    return formula


def candidates(formula: Term, ground: Mapping[Term, int]) -> list[tuple[Term, ...]]:
    """Arguments worth trying for a quantified formula, the likeliest first.

    `ground` gives the generation of each term: how many rounds of instances it took.
    """
    known = list(ground)
    binders, body = prefix(formula)
    matched: list[list[Term]] = [[] for _ in binders]
    for pattern in terms.subterms(body):
        if pattern.op == "app" and pattern.args and pattern.loose:
            for term in known:
                if term.op == "app" and term.value == pattern.value:
                    _match(pattern, term, matched)
    pools = []
    for place, binder in enumerate(binders):
        found = matched[len(binders) - 1 - place]
        pool = [term for term in found if terms.fits(term.sort, binder.sort)]
        if terms.is_numeric(binder.sort):
            pool += _turning_points(body, len(binders) - 1 - place, binder.sort)
        pool += _of_sort(binder.sort, known)
        pools.append(
            sorted(dict.fromkeys(pool), key=partial(_rank, binder, ground))[:MAX_POOL]
        )
    return list(islice(_diagonal(pools), MAX_CANDIDATES))


def _turning_points(body: Term, index: int, sort: Sort) -> list[Term]:
    """Where the arithmetic atoms of `body` change with this variable alone, between those
    places, and beside them: what solves an equation or fits between two bounds."""
    roots: list[Polynomial] = []
    stack = [body]
    while stack:
        node = stack.pop()
        if node.op in ("and", "or", "not", "implies", "iff"):
            stack += node.args
        elif (
            node.op in ("<=", "=")
            and node.loose
            and terms.is_numeric(node.args[0].sort)
        ):
            poly = read_polynomial(node.args[1] if node.op == "<=" else node.args[0])
            variable = next(
                (m for m in poly if len(m) == 1 and m[0].value == index), None
            )
            rest = {m: c for m, c in poly.items() if m != variable}
            if variable is not None and not any(g.loose for m in rest for g in m):
                roots.append({m: -c / poly[variable] for m, c in rest.items()})
    half, one = Fraction(1, 2), Fraction(1)
    pairs = combinations(roots, 2)
    points = [*roots, *(add(((half, a), (half, b))) for a, b in pairs)]
    unit = {CONSTANT: one}
    points += [
        add(((one, root), (step, unit))) for root in roots for step in (one, -one)
    ]
    found = (_solve(point, {}, one, sort) for point in points)
    return [term for term in found if term is not None]


def _rank(binder: Binder, ground: Mapping[Term, int], term: Term) -> tuple[int, ...]:
    """What needs no guard first, then what was there early, then what speaks of a
    witness, then what is small."""
    guarded = binder.sort == NAT and term.sort != NAT
    parts = terms.subterms(term)
    generation = max(ground.get(part, 0) for part in parts)
    return guarded, generation, not any(map(_is_witness, parts)), term.size


def _is_witness(term: Term) -> bool:
    return isinstance(term.value, Symbol) and term.value.name[0] == "!"


def _match(pattern: Term, term: Term, matched: list[list[Term]]) -> None:
    """Note what each variable must be for an argument of `pattern` to be that of `term`."""
    for inner, outer in zip(pattern.args, term.args, strict=True):
        if (
            inner.op == "var"
            and isinstance(inner.value, int)
            and inner.value < len(matched)
        ):
            matched[inner.value].append(outer)
        elif inner.loose and terms.is_numeric(inner.sort):
            poly = read_polynomial(inner)
            variables = [m for m in poly if len(m) == 1 and m[0].op == "var"]
            rest = {m: c for m, c in poly.items() if m not in variables}
            if len(variables) == 1 and not any(g.loose for m in rest for g in m):
                (variable,) = variables
                index, coefficient = variable[0].value, poly[variable]
                solved = _solve(read_polynomial(outer), rest, coefficient, inner.sort)
                if (
                    solved is not None
                    and isinstance(index, int)
                    and index < len(matched)
                ):
                    matched[index].append(solved)


def _solve(
    value: Polynomial, rest: Polynomial, factor: Fraction, sort: Sort
) -> Term | None:
    total = dict(value)
    for monomial, coefficient in rest.items():
        total[monomial] = total.get(monomial, Fraction(0)) - coefficient
    total = {m: c / factor for m, c in total.items() if c}
    if sort == REAL:
        return write_polynomial(total, REAL)
    if is_integral(total) and all(c.denominator == 1 for c in total.values()):
        return write_polynomial(total, INT)
    return None


def _of_sort(sort: Sort, known: Iterable[Term]) -> Iterator[Term]:
    if sort == terms.BOOL:
        yield from (terms.TRUE, terms.FALSE)
    if sort.elements:
        yield from (terms.constant(Symbol(name, (), sort)) for name in sort.elements)
    elif terms.is_numeric(sort):
        yield terms.make_number(0, sort)
    for term in known:
        if term.op in ("app", "+", "if") and terms.fits(term.sort, sort):
            yield canonical(term)


def _diagonal(pools: list[list[Term]]) -> Iterator[tuple[Term, ...]]:
    """Tuples from the pools, those with small indices first."""
    if not all(pools):
        return
    if len(pools) == 1:
        yield from ((term,) for term in pools[0])
        return
    indices = product(*(range(len(pool)) for pool in pools))
    for choice in sorted(islice(indices, 20_000), key=lambda c: (sum(c), c)):
        yield tuple(pool[i] for pool, i in zip(pools, choice, strict=True))


def truth(
    formula: Term,
    literal_truth: Callable[[Term], bool | None],
    number: Callable[[Polynomial], Fraction | None],
    same: Callable[[Term, Term], bool | None],
) -> bool | None:
    """The value of a closed formula in the current model; None where it has none."""
    value: dict[Term, bool | None] = {}
    root = normal(formula)
    for node in terms.subterms(root):
        if node.sort != terms.BOOL or node.loose:
            continue
        args = [value.get(arg) for arg in node.args]
        match node.op:
            case "true" | "false":
                value[node] = node.op == "true"
            case "not":
                value[node] = None if args[0] is None else not args[0]
            case "and" | "or":
                settled = node.op == "or"
                value[node] = (
                    settled
                    if settled in args
                    else None
                    if None in args
                    else not settled
                )
            case "implies":
                holds = args[0] is False or args[1] is True
                value[node] = True if holds else None if None in args else False
            case "iff":
                value[node] = None if None in args else args[0] == args[1]
            case _:
                value[node] = _atom_truth(node, literal_truth, number, same)
    return value[root]


def _atom_truth(
    atom: Term,
    literal_truth: Callable[[Term], bool | None],
    number: Callable[[Polynomial], Fraction | None],
    same: Callable[[Term, Term], bool | None],
) -> bool | None:
    known = literal_truth(atom)
    if known is not None or atom.op not in ("<=", "="):
        return known
    if not terms.is_numeric(atom.args[0].sort):
        return same(*atom.args)
    side = atom.args[1] if atom.op == "<=" else atom.args[0]
    found = number({m: c for m, c in read_polynomial(side).items() if m != CONSTANT})
    if found is None:
        return None
    found += read_polynomial(side).get(CONSTANT, Fraction(0))
    return found >= 0 if atom.op == "<=" else found == 0
