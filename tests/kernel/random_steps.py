"""Random steps of every rule, most of which it accepts: the candidates of the law that
whatever a rule yields is true. How they are found does not matter; that the clauses are
true is judged by `tests.worlds`, which shares nothing with the kernel.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from itertools import pairwise
from random import Random
from typing import Any

from tests.strategies import RICH_WORDS, TermMaker, read_rich
from verify.kernel import terms
from verify.kernel.normal import normal
from verify.kernel.polynomials import (
    CONSTANT,
    Polynomial,
    add,
    is_integral,
    multiply,
    read_polynomial,
    write_polynomial,
)
from verify.kernel.rejections import Rejected
from verify.kernel.terms import BOOL, INT, NAT, REAL, Binder, Term
from verify.kernel.text import write_term

Fields = dict[str, Any]
ONE = Fraction(1)


def maker(random: Random, *, quantify: bool = True) -> TermMaker:
    return TermMaker(random, RICH_WORDS, binders=None if quantify else ())


def plain(random: Random, sort: terms.Sort, depth: int = 2) -> str:
    return write_term(maker(random, quantify=False).term(sort, depth))


def make_define(random: Random) -> Fields:
    parts = [maker(random).formula(2) for _ in range(random.randint(2, 4))]
    op = random.choice(("and", "or", "implies", "iff"))
    if op in ("implies", "iff"):
        parts = parts[:2]
    return {"formula": write_term(terms.make(op, *parts))}


def make_quantified(random: Random) -> Term:
    """A closed formula with one or two leading quantifiers of one kind."""
    build = maker(random)
    op = random.choice(("forall", "exists"))
    scope = [random.choice(build.binders) for _ in range(random.choice((1, 1, 2)))]
    formula = build.formula(2, tuple(scope))
    make = terms.make_forall if op == "forall" else terms.make_exists
    for sort in reversed(scope):
        formula = make("v", sort, formula)
    return formula


def make_instance(random: Random) -> Fields:
    formula = body = make_quantified(random)
    texts = []
    while isinstance(body.value, Binder) and body.op == formula.op:
        sort = body.value.sort
        if sort == NAT and random.random() < 0.5:
            sort = INT
        texts.append(plain(random, sort))
        body = body.args[0]
        if random.random() < 0.2:
            break
    return {"formula": write_term(formula), "terms": texts}


def make_witness(random: Random) -> Fields:
    return {"formula": write_term(make_quantified(random))}


def make_witnesses(random: Random) -> Fields:
    formula = body = make_quantified(random)
    count = 0
    while isinstance(body.value, Binder) and body.op == formula.op:
        count += 1
        body = body.args[0]
    if random.random() < 0.3:
        count += random.choice((-1, 1))
    return {"formula": write_term(formula), "count": count}


def make_congruence(random: Random) -> Fields:
    build = maker(random)
    symbol = random.choice(RICH_WORDS.symbols)
    if random.random() < 0.2:
        sides = [
            terms.make_quotient(*[build.term(REAL, 2) for _ in "ab"]) for _ in "lr"
        ]
    else:
        sides = [build.application(symbol, 2) for _ in "lr"]
    return {"left": write_term(sides[0]), "right": write_term(sides[1])}


def make_trichotomy(random: Random) -> Fields:
    sort = random.choice((INT, NAT, REAL))
    return {side: plain(random, sort, 3) for side in ("left", "right")}


def make_natural(random: Random) -> Fields:
    return {"term": plain(random, NAT, 3)}


def make_element(random: Random) -> Fields:
    return {"term": plain(random, RICH_WORDS.sorts[1], 3)}


def make_if(random: Random) -> Fields:
    build, sort = (
        maker(random),
        random.choice((BOOL, INT, NAT, REAL, *RICH_WORDS.sorts)),
    )
    pair = [build.term(sort, 2) for _ in range(2)]
    return {"term": write_term(terms.make_if(build.formula(2), *pair))}


def make_divide(random: Random) -> Fields:
    build = maker(random)
    pair = [build.term(REAL, 2) for _ in range(2)]
    return {"term": write_term(terms.make_quotient(*pair))}


def make_induction(random: Random) -> Fields:
    body = maker(random).formula(2, (NAT,))
    return {"formula": write_term(terms.make_forall("n", NAT, body))}


def reading(literal: Term) -> tuple[str, Polynomial] | None:
    """How docs/certificates.md says that a literal is read."""
    form = normal(literal)
    atom = form.args[0] if form.op == "not" else form
    if form.op == "=" and terms.is_numeric(form.args[0].sort):
        return "=", read_polynomial(form.args[0])
    if atom.op != "<=":
        return None
    poly = read_polynomial(atom.args[1])
    if form.op == "<=":
        return ">=", poly
    if is_integral(poly):
        return ">=", add([(-ONE, poly), (-ONE, {CONSTANT: ONE})])
    return ">", add([(-ONE, poly)])


def make_literals(random: Random) -> list[tuple[Term, str, Polynomial]]:
    build = maker(random, quantify=False)
    out = []
    for _ in range(random.randint(1, 3)):
        literal = build.comparison(2)
        if random.random() < 0.3:
            literal = terms.make_not(literal)
        read = reading(literal)
        if read:
            out.append((literal, *read))
    return out


def closing(random: Random, total: Polynomial) -> tuple[Term, Fraction] | None:
    """A literal -total + c >= 0 (or > 0, or = 0) and its multiplier."""
    slack = Fraction(random.choice((-2, -1, 0, 0, 0, 1)), random.choice((1, 2)))
    negated = add([(-ONE, total), (ONE, {CONSTANT: slack})])
    zero = terms.make_number(0, REAL)
    op = random.choice(("<", "<=", "<=", "="))
    try:
        literal = terms.make(op, zero, write_polynomial(negated, REAL))
    except Rejected:
        return None
    read = reading(literal)
    if read is None or not read[1]:
        return None
    shared = next(iter(set(negated) & set(read[1]) - {CONSTANT}), None)
    return (literal, negated[shared] / read[1][shared]) if shared else None


def nudged(random: Random, value: Fraction) -> str:
    """Mostly the value; sometimes another."""
    if random.random() < 0.9:
        return str(value)
    return str(random.choice((-value, value + 1, value / 2, Fraction(0))))


def make_combination(random: Random) -> Fields:
    literals = make_literals(random)
    ratios = [Fraction(random.randint(0, 3), random.randint(1, 2)) for _ in literals]
    ratios = [
        -q if kind == "=" and random.random() < 0.5 else q
        for q, (_, kind, _) in zip(ratios, literals, strict=True)
    ]
    texts = [write_term(literal) for literal, _, _ in literals]
    values = [nudged(random, q) for q in ratios]
    total = add((q, p) for q, (_, _, p) in zip(ratios, literals, strict=True))
    last = closing(random, total)
    if last:
        texts.append(write_term(last[0]))
        values.append(nudged(random, last[1]))
    return {"literals": texts, "multipliers": values}


def make_equations(random: Random) -> Fields:
    """Equations between terms of any sort, for `combine`."""
    build = maker(random, quantify=False)
    sort = random.choice((*RICH_WORDS.sorts, INT, REAL))
    sides = [build.term(sort, 1) for _ in range(3)]
    texts = [write_term(terms.make_equal(a, b)) for a, b in pairwise(sides)]
    return {
        "literals": texts,
        "multipliers": [random.choice(("1", "-1", "2", "1/2")) for _ in texts],
    }


def make_product(random: Random) -> Fields:
    literals = make_literals(random)
    places = [i for i, (_, kind, _) in enumerate(literals) if kind != "="]
    total: Polynomial = {}
    products, equations = [], []
    for _ in range(random.randint(1, 2)):
        ratio = Fraction(random.randint(0, 2))
        factors = [
            random.choice(places) for _ in range(random.randint(0, 2) if places else 0)
        ]
        square = plain(random, REAL, 1) if random.random() < 0.5 else ""
        part: Polynomial = {CONSTANT: ONE}
        for place in factors:
            part = multiply(part, literals[place][2])
        if square:
            root = read_polynomial(read_rich(square))
            part = multiply(part, multiply(root, root))
        total = add([(ONE, total), (ratio, part)])
        products.append(
            {"multiplier": nudged(random, ratio), "factors": factors, "square": square}
        )
    for place, (_, kind, poly) in enumerate(literals):
        if kind == "=":
            factor = plain(random, REAL, 1)
            total = add(
                [
                    (ONE, total),
                    (ONE, multiply(poly, read_polynomial(read_rich(factor)))),
                ]
            )
            equations.append({"literal": place, "factor": factor})
    texts = [write_term(literal) for literal, _, _ in literals]
    last = closing(random, total)
    if last and reading(last[0])[0] != "=":
        products.append(
            {
                "multiplier": nudged(random, last[1]),
                "factors": [len(texts)],
                "square": "",
            }
        )
        texts.append(write_term(last[0]))
    return {"literals": texts, "products": products, "equations": equations}


STEPS: dict[str, list[Callable[[Random], Fields]]] = {
    "define": [make_define],
    "instance": [make_instance],
    "witness": [make_witness],
    "witnesses": [make_witnesses],
    "congruence": [make_congruence],
    "trichotomy": [make_trichotomy],
    "natural": [make_natural],
    "element": [make_element],
    "if": [make_if],
    "divide": [make_divide],
    "induction": [make_induction],
    "farkas": [make_combination],
    "combine": [make_combination, make_equations],
    "product": [make_product],
}


def make_fields(random: Random, rule: str) -> Fields:
    return random.choice(STEPS[rule])(random)
