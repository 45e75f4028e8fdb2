"""Operators on terms: the parts of an expression are read, and become one term here.

What each operator wants of its parts, and the sugar that ends at birth: chains, `!=`,
differences, quotients by numerals, powers, abs, min, max, relu.
"""

from __future__ import annotations

from collections.abc import Sequence

from verify.kernel import terms
from verify.kernel.terms import Term
from verify.language import expansion, limits, sugar
from verify.language.document import Span
from verify.language.sorts import SortChecker
from verify.language.syntax import Expression


def combine(
    check: SortChecker, node: Expression, values: list[Term], places: dict[bytes, Span]
) -> Term:
    """The term of an operator node whose parts are `values`; of a power, the base.

    Divisors are noted in `places`. Raises ClaimError where the parts do not fit.
    """
    match node.op:
        case "minus":
            check.number(values[0], node.args[0], "-")
            return sugar.make_minus(values[0])
        case "compare":
            return _compare(check, node, values)
        case "add":
            return _add(check, node, values)
        case "product":
            return _multiply(check, node, values, places)
        case "power":
            return _raise_to(check, node, values[0])
        case "if":
            check.formula(values[0], node.args[0])
            branches = check.alike(values[1:], node.args[1:], "if")
            return terms.make_if(values[0], *branches)
        case _:
            for value, arg in zip(values, node.args, strict=True):
                check.formula(value, arg)
            return terms.make(node.op, *values)


def _compare(check: SortChecker, node: Expression, values: list[Term]) -> Term:
    links = []
    for place, sign in enumerate(node.signs):
        pair = slice(place, place + 2)
        join = check.alike if sign in ("=", "!=") else check.numbers
        left, right = join(values[pair], node.args[pair], sign)
        links.append(_relate(sign, left, right))
    return terms.make_and(*links)


def _relate(sign: str, left: Term, right: Term) -> Term:
    match sign:
        case "=":
            return terms.make_equal(left, right)
        case "!=":
            return terms.make_not(terms.make_equal(left, right))
        case "<":
            return terms.make_less(left, right)
        case "<=":
            return terms.make_at_most(left, right)
        case ">":
            return terms.make_less(right, left)
        case _:
            return terms.make_at_most(right, left)


def _add(check: SortChecker, node: Expression, values: list[Term]) -> Term:
    values = check.numbers(values, node.args, node.signs[0])
    parts = values[:1] + [
        value if sign == "+" else sugar.make_minus(value)
        for sign, value in zip(node.signs, values[1:], strict=True)
    ]
    return terms.make_sum(*parts)


def _multiply(
    check: SortChecker, node: Expression, values: list[Term], places: dict[bytes, Span]
) -> Term:
    if "/" not in node.signs:
        return terms.make_product(*check.numbers(values, node.args, "*"))
    factors = [check.real(values[0], node.args[0])]
    for sign, value, arg in zip(node.signs, values[1:], node.args[1:], strict=True):
        factor = check.real(value, arg)
        if sign == "*":
            factors.append(factor)
            continue
        if factor.op != "num":
            places.setdefault(factor.key, arg.span)
        elif not expansion.numeral(factor):
            fix = "there is no such number; leave it out"
            raise check.source.error(arg.span, "a division by 0", fix)
        factors = sugar.make_ratio(factors, factor)
    return terms.make_product(*factors)


def _raise_to(check: SortChecker, node: Expression, base: Term) -> Term:
    check.number(base, node.args[0], "^")
    exponent = node.args[1]
    if exponent.op != "number" or not exponent.text.isdigit():
        shown = check.source.quote(exponent.span)
        message = f"an exponent is a numeral from 0 on, and {shown} is none"
        fix = "write the product out, or declare a func and state its equations"
        raise check.source.error(exponent.span, message, fix)
    most = limits.MAX_EXPONENT if base.op == "num" else limits.MAX_POWER
    digits = exponent.text.lstrip("0") or "0"
    if len(digits) > 4 or int(digits) > most:
        message = f"an exponent is at most {most} here"
        raise check.source.error(exponent.span, message, "name a smaller power first")
    if base.op == "num":
        check.power_fits(expansion.numeral(base), int(digits), node)
    return sugar.make_power(base, int(digits))


def apply_builtin(
    check: SortChecker, node: Expression, name: str, values: Sequence[Term]
) -> Term:
    """A call of abs, min, max, relu or real; ClaimError where the arguments do not fit."""
    args = node.args[1:]
    least, most = (2, limits.MAX_PARTS) if name in ("min", "max") else (1, 1)
    check.arity(name, least, most, node, len(args))
    if name == "real":
        return terms.make_real(check.integer(values[0], args[0]))
    numbers = check.numbers(values, args, name)
    match name:
        case "abs":
            return sugar.make_absolute(numbers[0])
        case "relu":
            return sugar.make_relu(numbers[0])
        case _:
            make = sugar.make_minimum if name == "min" else sugar.make_maximum
            whole = numbers[0]
            for number in numbers[1:]:
                whole = make(whole, number)
            return whole
