"""Names and logics that every reader of SMT-LIB agrees on.

A script has one space of names where we have three (sorts, symbols, statements), and
words that are taken. A name that cannot stay gets `!` at its end, which no name of ours
has. The logic is the narrowest common one for quantifier-free arithmetic and functions,
and ALL beyond.
"""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from typing import Final

from verify.kernel.terms import BUILTIN, INT, NAT, REAL, Binder, Sort, Term, subterms

TAKEN: Final = frozenset(
    """
    as assert associative bag bags bvadd bvand bvnot bvor bvsub bvxor cond const default
    Bag BitVec Bool Float16 Float32 Float64 Float128 FloatingPoint Int List Option Pair
    Real RegEx RegLan Relation RoundingMode Seq Set String Table Tuple UnicodeString Unit
    abs and apply bv2int bv2nat choice comp concat declare define difference distinct div
    divisible emp eqrange euler exists exit exp extract false fmf forall fp get iand if
    iff implies int2bv inter int_to_bv intersect is is_int ite lambda let map match mod
    nil not option or par pi piand pop pow2 push re real rem repeat root sat select
    sep seq set sign_extend sqrt store str subset subtract to_int to_real true tuple
    ubv_to_int sbv_to_int union unsat unknown update witness xor zero_extend sin cos tan
    asin acos atan sec csc cot arcsin arccos arctan arcsec arccsc arccot sinh cosh tanh
    asinh acosh atanh member insert singleton card complement transpose tclosure join
    product iden project rotate_left rotate_right repeat bvult bvule bvslt bvsle
    DECIMAL NUMERAL STRING BINARY HEXADECIMAL
    """.split()
)


class Names:
    """Hands out names of a script, each once; the same for the same `space` and `name`."""

    def __init__(self) -> None:
        self._given: dict[tuple[str, str], str] = {}
        self._used: set[str] = set()

    def of(self, space: str, name: str) -> str:
        """The name in the script for `name`, a word of `space` (sort, symbol, ...)."""
        if (space, name) not in self._given:
            self._given[space, name] = self.fresh(name)
            self._used.add(self._given[space, name])
        return self._given[space, name]

    def fresh(self, name: str, other: Iterable[str] = ()) -> str:
        """`name`, or the next like it that is not in use and not in `other`."""
        taken = self._used.union(TAKEN, other)
        while name in taken:
            name += "!"
        return name


def logic_of(formulas: Iterable[Term]) -> str:
    """The logic that the formulas are in, as SMT-LIB calls it."""
    functions = curved = False
    numbers: set[str] = set()
    for formula in formulas:
        for term in subterms(formula):
            bound = isinstance(term.value, Binder)
            if bound or term.sort.elements or term.op == "real":
                return "ALL"
            if term.sort in (INT, NAT):
                numbers.add("I")
            elif term.sort == REAL:
                numbers.add("R")
            if term.op == "app":
                functions = functions or bool(term.args) or not _is_builtin(term.sort)
            curved = curved or _is_curved(term)
    if len(numbers) > 1:
        return "ALL"
    if not numbers:
        return "QF_UF"
    kind = "N" if curved else "L"
    return f"QF_{'UF' if functions else ''}{kind}{''.join(numbers)}A"


def _is_builtin(sort: Sort) -> bool:
    return BUILTIN.get(sort.name) == sort


def _is_curved(term: Term) -> bool:
    if term.op == "/":
        return True
    factors = [arg for arg in term.args if not isinstance(arg.value, Fraction)]
    return term.op == "*" and len(factors) > 1
