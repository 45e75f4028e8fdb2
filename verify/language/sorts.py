"""Whether parts fit together, and the message when they do not: both sorts and the term.

Nat stands where Int is wanted and the other way round, under an obligation; Int never
stands where Real is wanted, nor Real where Int is: the fix is `real(...)`, in words the
author can paste. Integer numerals fit either.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction

from verify.kernel.terms import (
    BOOL,
    INT,
    MAX_BITS,
    MAX_DEPTH,
    REAL,
    Sort,
    Term,
    fits,
    is_numeric,
)
from verify.language import expansion
from verify.language.errors import ClaimError
from verify.language.positions import Source
from verify.language.syntax import Expression, Word


class SortChecker:
    """The checks of one document; each returns what it was given, fitted, or raises."""

    def __init__(self, source: Source) -> None:
        self.source = source

    def formula(self, term: Term, node: Expression) -> None:
        if term.sort == BOOL:
            return
        shown = self.source.quote(node.span)
        fix = "compare it with something, such as <= or ="
        if not is_numeric(term.sort):
            fix = "apply a function to it, or compare it with ="
        raise self.source.error(
            node.span, f"expected a formula, got {shown}, which is {a(term.sort)}", fix
        )

    def fit(self, term: Term, sort: Sort, node: Expression, place: str) -> Term:
        """`term` where `sort` is wanted."""
        if fits(term.sort, sort):
            return term
        if sort == REAL and expansion.is_flexible(term):
            return expansion.as_real(term)
        shown = self.source.quote(node.span)
        message = f"{place} is {a(sort)}, and {shown} is {a(term.sort)}"
        raise self.source.error(node.span, message, self._conversion(term, sort, node))

    def _conversion(self, term: Term, sort: Sort, node: Expression) -> str:
        text = self.source.slice(node.span)
        if sort == REAL and fits(term.sort, INT) and len(text) < 60:
            inner = text[1:-1] if _is_wrapped(text) else text
            return f"write real({inner})"
        if is_numeric(sort) and term.sort == REAL:
            return (
                "a Real never becomes an integer; declare what is needed as Int or Nat"
            )
        if is_numeric(sort) and term.sort == BOOL:
            return f"write if {text} then 1 else 0" if len(text) < 60 else ""
        return f"give {a(sort)} here"

    def number(self, term: Term, node: Expression, operator: str) -> None:
        if not is_numeric(term.sort):
            shown = self.source.quote(node.span)
            message = f"`{operator}` takes numbers, and {shown} is {a(term.sort)}"
            raise self.source.error(
                node.span, message, self._conversion(term, REAL, node)
            )

    def numbers(
        self, values: Sequence[Term], nodes: Sequence[Expression], operator: str
    ) -> list[Term]:
        """Numbers of one sort: integers, or all real."""
        for value, node in zip(values, nodes, strict=True):
            self.number(value, node, operator)
        return self.alike(values, nodes, operator)

    def alike(
        self, values: Sequence[Term], nodes: Sequence[Expression], operator: str
    ) -> list[Term]:
        """Terms of one sort; flexible numerals follow the others."""
        settled = [place for place, value in enumerate(values) if value.sort == REAL]
        if not settled:
            settled = [
                place
                for place, value in enumerate(values)
                if not expansion.is_flexible(value)
            ]
        if not settled:
            return list(values)
        first = settled[0]
        sort = values[first].sort
        out = []
        for place, value in enumerate(values):
            if not fits(value.sort, sort) and not (
                sort == REAL and expansion.is_flexible(value)
            ):
                raise self._clash(first, place, values, nodes, operator)
            out.append(value if fits(value.sort, sort) else expansion.as_real(value))
        return out

    def _clash(
        self,
        first: int,
        place: int,
        values: Sequence[Term],
        nodes: Sequence[Expression],
        operator: str,
    ) -> ClaimError:
        """The error for two parts of different sorts."""
        left, right = sorted((first, place))
        what = {"if": "the branches of `if`", "=": "the sides of `=`"}.get(
            operator, f"the parts of `{operator}`"
        )
        shown = [
            f"{self.source.quote(nodes[index].span)} is {a(values[index].sort)}"
            for index in (left, right)
        ]
        fix = self._conversion(values[place], values[first].sort, nodes[place])
        if operator == "if" and nodes[right].op == "compare":
            fix = "put the whole `if` in parentheses"
        return self.source.error(
            nodes[place].span,
            f"{what} have different sorts: {shown[0]}, {shown[1]}",
            fix,
        )

    def real(self, term: Term, node: Expression) -> Term:
        """A part of a product with `/`: real."""
        self.number(term, node, "/")
        return self.fit(term, REAL, node, "a part of a product with `/`")

    def integer(self, term: Term, node: Expression) -> Term:
        """The argument of `real`."""
        if fits(term.sort, INT):
            return term
        shown = self.source.quote(node.span)
        fix = "leave out real(...)" if term.sort == REAL else "give an integer"
        message = f"real takes an Int, and {shown} is {a(term.sort)}"
        raise self.source.error(node.span, message, fix)

    def natural(self, term: Term, node: Expression, name: str) -> None:
        """An integer where `name` takes a Nat: at least not a negative numeral."""
        if term.op == "num":
            message = (
                f"{name} takes a Nat, and {self.source.quote(node.span)} is negative"
            )
            raise self.source.error(node.span, message, "a Nat is 0 or more")

    def finite(self, sort: Sort, word: Word) -> None:
        if not sort.elements:
            message = f"sum needs a finite type, and `{sort}` is not"
            fix = f"declare type {sort} = {{a, b}}, or state the sum as a func with premises"
            raise self.source.error(word.span, message, fix)

    def bindable(self, word: Word, depth: int) -> None:
        """Whether a variable of that name can be bound below `depth` others."""
        if depth >= MAX_DEPTH:
            message = (
                f"a formula binds at most {MAX_DEPTH} variables, one below the other"
            )
            raise self.source.error(word.span, message, "split the statement")

    def power_fits(self, base: Fraction, exponent: int, node: Expression) -> None:
        bits = max(base.numerator.bit_length(), base.denominator.bit_length())
        if bits * exponent > MAX_BITS:
            message = f"this power has more than {MAX_BITS} binary digits"
            raise self.source.error(
                node.span, message, "use a smaller one, or a constant"
            )

    def count(
        self,
        name: str,
        sorts: Iterable[Sort],
        node: Expression,
        args: Sequence[Expression],
    ) -> None:
        """Whether `name`, which takes `sorts`, has as many arguments."""
        takes = tuple(sorts)
        if len(args) == len(takes):
            return
        if not takes:
            message = f"`{name}` takes no arguments"
            raise self.source.error(node.span, message, f"write {name} alone")
        shape = f"{name}({', '.join(map(str, takes))})"
        plural = "" if len(takes) == 1 else "s"
        message = f"{shape} takes {len(takes)} argument{plural}, got {len(args)}"
        raise self.source.error(
            node.span, message, f"write {shape} with terms of these types"
        )

    def arity(
        self, name: str, least: int, most: int, node: Expression, got: int
    ) -> None:
        if not least <= got <= most:
            wanted = (
                f"{least} argument" if most == 1 else f"{least} to {most} arguments"
            )
            fix = f"write {name}(x)" if most == 1 else f"write {name}(x, y)"
            raise self.source.error(node.span, f"{name} takes {wanted}, got {got}", fix)


def a(sort: Sort) -> str:
    """The sort with its article."""
    return f"{'an' if sort.name[:1] in 'AEIOUaeiou' else 'a'} {sort}"


def _is_wrapped(text: str) -> bool:
    """Whether one pair of parentheses encloses the whole text."""
    if not text.startswith("("):
        return False
    depth = 0
    for place, char in enumerate(text):
        depth += (char == "(") - (char == ")")
        if not depth:
            return place == len(text) - 1
    return False
