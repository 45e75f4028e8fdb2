"""The rules. Each turns one step of a certificate into clauses that always hold.

Only `clause` has premises; every other rule states a tautology of arithmetic, equality,
quantifiers or the sorts, or an input of the problem. A rule is a function of a `Step` that
yields clauses: tuples of formulas, one of which holds. The table at the foot names them,
their fields and their sources; `verify.kernel` draws their figures.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Any, Final

from verify.kernel import terms
from verify.kernel.certificate import Record, fields, integers, rationals, strings
from verify.kernel.learned import LEARNED
from verify.kernel.normal import at_least_zero, equal_zero
from verify.kernel.polynomials import (
    CONSTANT,
    Polynomial,
    add,
    multiply,
    read_polynomial,
)
from verify.kernel.rejections import Declined, Rejected, require
from verify.kernel.steps import ONE, Clause, Rule, Step, hypotheses
from verify.kernel.terms import INT, NAT, Binder, Symbol, Term
from verify.kernel.text import read_rational


def check_input(step: Step) -> Iterator[Clause]:
    for fact in step.problem.facts:
        if fact.name == step.record["name"]:
            given = step.record["rule"]
            rule = "lemma" if fact.kind == "lemma" else "premise"
            require(given == rule, f"{rule} {fact.name}", given)
            yield (fact.formula,)
            return
    raise Rejected("the name of a fact of the problem", step.record["name"])


def check_goal(step: Step) -> Iterator[Clause]:
    yield (terms.make_not(step.problem.goal),)


def check_define(step: Step) -> Iterator[Clause]:
    formula = step.formula("and", "or", "implies", "iff")
    negated, parts = terms.make_not(formula), formula.args
    flipped = tuple(map(terms.make_not, parts))
    if formula.op == "and":
        yield from ((negated, part) for part in parts)
        yield (formula, *flipped)
    elif formula.op == "or":
        yield (negated, *parts)
        yield from ((formula, part) for part in flipped)
    elif formula.op == "implies":
        yield negated, flipped[0], parts[1]
        yield formula, parts[0]
        yield formula, flipped[1]
    else:
        yield negated, flipped[0], parts[1]
        yield negated, parts[0], flipped[1]
        yield formula, parts[0], parts[1]
        yield formula, flipped[0], flipped[1]


def check_instance(step: Step) -> Iterator[Clause]:
    formula = body = step.formula("forall", "exists")
    guards = []
    for text in strings(step.record["terms"]):
        term = step.read(text)
        if body.op != formula.op or not isinstance(body.value, Binder):
            raise Rejected(f"one term for each leading {formula.op}", "more terms")
        if body.value.sort == NAT and term.sort != NAT:
            guards.append(terms.make_less(term, terms.make_number(0, INT)))
        body = terms.instantiate(body, term)
    yield _open(formula, "forall", guards, body)


def check_witness(step: Step) -> Iterator[Clause]:
    formula = body = step.formula("forall", "exists")
    for symbol in witnesses(step):
        body = terms.instantiate(body, terms.constant(symbol))
    yield _open(formula, "exists", [], body)


def _open(formula: Term, kind: str, guards: list[Term], body: Term) -> Clause:
    """A formula of that kind has its body hold, another has it fail."""
    if formula.op == kind:
        return terms.make_not(formula), *guards, body
    return formula, *guards, terms.make_not(body)


def witnesses(step: Step) -> Iterator[Symbol]:
    """The constants a step introduces, one for `witness`, `count` for `witnesses`, each
    for a leading quantifier; no problem can declare their names."""
    formula = body = step.formula("forall", "exists")
    count = step.record.get("count", 1)
    require(count >= 0, "a count from 0 on", count)
    for place in range(1, count + 1):
        if body.op != formula.op or not isinstance(body.value, Binder):
            raise Rejected(f"{count} leading {formula.op}", str(place - 1))
        name = f"!{step.id}.{place}" if "count" in step.record else f"!{step.id}"
        yield Symbol(name, (), body.value.sort)
        body = body.args[0]


def check_congruence(step: Step) -> Iterator[Clause]:
    left, right = step.term("left"), step.term("right")
    same = left.op in ("app", "/") and (left.op, left.value) == (right.op, right.value)
    require(same, "two applications of one function", f"{left.op} and {right.op}")
    pairs = zip(left.args, right.args, strict=True)
    apart = tuple(terms.make_not(terms.make_equal(a, b)) for a, b in pairs)
    if left.sort == terms.BOOL:
        yield *apart, terms.make_not(left), right
        yield *apart, left, terms.make_not(right)
    else:
        yield *apart, terms.make_equal(left, right)


def _combine(
    step: Step, known: list[tuple[str, Polynomial]]
) -> tuple[Polynomial, bool]:
    """Multipliers times literals, and whether a strict one takes part."""
    multipliers = rationals(step.record["multipliers"])
    count = len(known)
    require(len(multipliers) == count, f"{count} multipliers", len(multipliers))
    strict = False
    for multiplier, (kind, _) in zip(multipliers, known, strict=True):
        require(multiplier >= 0 or kind == "=", "a multiplier from 0 on", multiplier)
        strict = strict or (kind == ">" and multiplier > 0)
    return add(zip(multipliers, (poly for _, poly in known), strict=True)), strict


def _require_contradiction(total: Polynomial, *, strict: bool) -> None:
    """`total` >= 0 was derived (> 0 if strict); require that it is a false constant."""
    constant = total.get(CONSTANT, Fraction(0))
    others = set(total) - {CONSTANT}
    require(not others, "a sum in which every term cancels", f"{len(total)} left")
    false = constant < 0 or (constant == 0 and strict)
    require(false, "a false constant", f"{constant} {'>' if strict else '>='} 0")


def check_farkas(step: Step) -> Iterator[Clause]:
    clause, known = hypotheses(step)
    total, strict = _combine(step, known)
    _require_contradiction(total, strict=strict)
    yield clause


def check_combine(step: Step) -> Iterator[Clause]:
    clause, known = hypotheses(step)
    total, _ = _combine(step, known)
    if any(kind != "=" for kind, _ in known):
        yield *clause, at_least_zero(total)
    elif all(terms.is_numeric(g.sort) for monomial in total for g in monomial):
        yield *clause, equal_zero(total)
    else:  # a - b = 0 between terms that are no numbers is a = b
        sides = {value: monomial for monomial, value in total.items()}
        pair = len(total) == 2 and set(sides) == {1, -1} and set(map(len, total)) == {1}
        require(pair, "an equation between two terms", f"{len(total)} terms")
        yield *clause, terms.make_equal(*sides[Fraction(1)], *sides[Fraction(-1)])


def check_product(step: Step) -> Iterator[Clause]:
    clause, known = hypotheses(step)
    parts: list[tuple[Fraction, Polynomial]] = []
    strict = False
    for item in _records(step.record["products"]):
        fields(item, {"multiplier": str, "factors": list, "square": str})
        multiplier = read_rational(item["multiplier"])
        require(multiplier >= 0, "a multiplier from 0 on", multiplier)
        product: Polynomial = dict(ONE)
        factors = [_at(known, index) for index in integers(item["factors"])]
        for kind, poly in factors:
            require(kind != "=", "inequalities as factors", "an equation")
            product = multiply(product, poly)
        if item["square"]:
            root = read_polynomial(step.read(item["square"]))
            product = multiply(product, multiply(root, root))
        elif multiplier and factors and all(kind == ">" for kind, _ in factors):
            strict = True
        parts.append((multiplier, product))
    for item in _records(step.record["equations"]):
        fields(item, {"literal": int, "factor": str})
        kind, poly = _at(known, item["literal"])
        require(kind == "=", "an equation", "an inequality")
        parts.append(
            (Fraction(1), multiply(poly, read_polynomial(step.read(item["factor"]))))
        )
    _require_contradiction(add(parts), strict=strict)
    yield clause


def _records(value: list[Any]) -> list[Record]:
    plain = all(type(item) is dict for item in value)
    require(plain, "a list of objects", "other items")
    return value


def _at(known: list[tuple[str, Polynomial]], index: int) -> tuple[str, Polynomial]:
    require(
        0 <= index < len(known), f"the index of one of {len(known)} literals", index
    )
    return known[index]


def check_trichotomy(step: Step) -> Iterator[Clause]:
    left, right = step.term("left"), step.term("right")
    less, more = terms.make_less(left, right), terms.make_less(right, left)
    yield terms.make_equal(left, right), less, more


def check_natural(step: Step) -> Iterator[Clause]:
    term = step.term("term")
    require(term.sort == NAT, "a term of sort Nat", f"sort {term.sort}")
    yield (terms.make_at_most(terms.make_number(0, INT), term),)


def check_element(step: Step) -> Iterator[Clause]:
    term = step.term("term")
    require(bool(term.sort.elements), "a term of a finite sort", f"sort {term.sort}")
    names = (Symbol(name, (), term.sort) for name in term.sort.elements)
    yield tuple(terms.make_equal(term, terms.constant(name)) for name in names)


def check_if(step: Step) -> Iterator[Clause]:
    term = step.term("term")
    require(term.op == "if", "an if", term.op)
    condition, then, otherwise = term.args
    yield terms.make_not(condition), terms.make_equal(term, then)
    yield condition, terms.make_equal(term, otherwise)


def check_divide(step: Step) -> Iterator[Clause]:
    term = step.term("term")
    require(term.op == "/", "a quotient", term.op)
    left, right = term.args
    zero = terms.make_equal(right, terms.make_number(0, terms.REAL))
    yield zero, terms.make_equal(terms.make_product(term, right), left)


def check_induction(step: Step) -> Iterator[Clause]:
    formula = step.formula("forall")
    body = formula.args[0]
    if not isinstance(formula.value, Binder) or formula.value.sort != NAT:
        raise Rejected("a formula about every Nat", "another quantifier")

    def successor(node: Term, depth: int, args: tuple[Term, ...]) -> Term:
        if node.op == "var" and node.value == depth:
            return terms.make_sum(node, terms.make_number(1, INT))
        return terms.remake(node, args)

    base = terms.instantiate(formula, terms.make_number(0, INT))
    onward = terms.make_implies(body, terms.rewrite(body, successor))
    step_case = terms.make_forall(formula.value.name, NAT, onward)
    yield terms.make_not(base), terms.make_not(step_case), formula


def check_clause(_: Step) -> Iterator[Clause]:
    raise Rejected("unit propagation, by `check`", "a rule of its own")


FORMULA: Final = {"formula": str}
PAIR: Final = {"left": str, "right": str}
LITERALS: Final = {"literals": list, "multipliers": list}
PRODUCTS: Final = {"literals": list, "products": list, "equations": list}
RULES: Final[dict[str, Rule]] = {
    "premise": Rule(check_input, {"name": str}, "assumption"),
    "lemma": Rule(check_input, {"name": str}, "cut, by hash"),
    "goal": Rule(check_goal, {}, "proof by contradiction"),
    "define": Rule(check_define, {"formula": str}, "Tseitin 1968"),
    "instance": Rule(check_instance, {**FORMULA, "terms": list}, "Alethe forall_inst"),
    "witness": Rule(check_witness, FORMULA, "Hilbert's epsilon; Alethe sko_ex"),
    "witnesses": Rule(check_witness, {**FORMULA, "count": int}, "witness, repeated"),
    "congruence": Rule(check_congruence, PAIR, "Alethe eq_congruent"),
    "farkas": Rule(check_farkas, LITERALS, "Motzkin 1936; Alethe la_generic"),
    "combine": Rule(check_combine, LITERALS, "Chvatal 1973; VIPR lin, rnd"),
    "product": Rule(check_product, PRODUCTS, "Krivine 1964, Stengle 1974"),
    "trichotomy": Rule(check_trichotomy, PAIR, "Alethe la_totality"),
    "natural": Rule(check_natural, {"term": str}, "Nat is the integers from 0 on"),
    "element": Rule(check_element, {"term": str}, "a finite sort has no others"),
    "if": Rule(check_if, {"term": str}, "Alethe ite1, ite2"),
    "divide": Rule(check_divide, {"term": str}, "definition of the quotient"),
    "induction": Rule(check_induction, {"formula": str}, "Peano 1889"),
    **LEARNED,
    "clause": Rule(check_clause, {"literals": list, "hints": list}, "RUP; LRAT"),
}


def read_rule(record: Record) -> Rule:
    """The row for a step, its fields checked; Declined when the rule is unknown."""
    name = record.get("rule")
    if type(name) is not str or name not in RULES:
        raise Declined(f"a rule among {', '.join(RULES)}", str(name)[:40])
    fields(record, {"id": int, "rule": str, **RULES[name].fields})
    return RULES[name]
