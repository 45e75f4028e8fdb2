"""What must hold for a formula to mean something: divisors not 0, Nat arguments not negative.

One walk down the finished term, carrying the quantifiers and the conditions on the way:
what stands left in `implies` and `and`, the negation of what stands left in `or`, and the
condition of an `if`. An obligation is closed over the quantifiers it needs, and the same
one under the same or stronger conditions is made once. Working on terms, after sugar and
definitions are gone, leaves no construct behind which a divisor could hide.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple, TypeAlias

from verify.kernel.rejections import Rejected
from verify.kernel.terms import (
    INT,
    NAT,
    REAL,
    Binder,
    Symbol,
    Term,
    make_and,
    make_at_most,
    make_equal,
    make_forall,
    make_implies,
    make_not,
    make_number,
    subterms,
)
from verify.language import expansion, limits
from verify.language.document import Obligation, Span
from verify.language.limits import Meter
from verify.language.positions import Source, shorten
from verify.language.printing import render_term


class _Guards(NamedTuple):
    """Conditions under the innermost quantifier, and what lies outside it."""

    conditions: tuple[Term, ...] = ()
    binder: Binder | None = None
    outside: _Guards | None = None

    def given(self, condition: Term) -> _Guards:
        return self._replace(conditions=(*self.conditions, condition))


_Duty: TypeAlias = tuple[Term, str]


def make_obligations(
    formula: Term,
    places: Mapping[bytes, Span],
    source: Source,
    whole: Span,
    meter: Meter,
) -> tuple[Obligation, ...]:
    """The obligations of a formula in the order of the text.

    `places` says where a divisor or an argument stands in the text, by its term's key;
    where it is silent, `whole` is the place. Raises ClaimError when there are too many.
    """
    partial = _partial_parts(formula)
    if formula.key not in partial:
        return ()
    out: list[Obligation] = []
    seen: dict[tuple[bytes, int], list[frozenset[Term]]] = {}
    stack = [(formula, _Guards(), 0)]
    visited = 0
    while stack:
        term, guards, scope = stack.pop()
        visited += 1
        meter.work += 1
        if len(out) > limits.MAX_OBLIGATIONS or meter.work > limits.MAX_WORK:
            raise source.error(
                whole,
                f"this formula has more than {limits.MAX_OBLIGATIONS} divisors and indices "
                "that need a condition",
                "split it into smaller statements",
            )
        for core, reason in _duties(term, guards):
            place = places.get(_subject(core).key, whole)
            if _is_new(core, guards, scope, seen):
                try:
                    closed = _close(core, guards)
                except Rejected:
                    raise source.error(
                        place,
                        "the condition for this is too large",
                        "split the statement",
                    ) from None
                out.append(Obligation(closed, reason, place))
        for arg, inner in reversed(_parts(term, guards)):
            if arg.key in partial:
                below = visited if inner.outside is guards else scope
                stack.append((arg, inner, below))
    return tuple(sorted(out, key=lambda obligation: obligation.span))


def _partial_parts(formula: Term) -> set[bytes]:
    """The keys of the subterms that hold a divisor or a Nat argument to look at."""
    keys: set[bytes] = set()
    for part in subterms(formula):
        if _has_duty(part) or any(arg.key in keys for arg in part.args):
            keys.add(part.key)
    return keys


def _has_duty(term: Term) -> bool:
    if term.op == "/":
        divisor = term.args[1]
        return not (_is_nonzero_numeral(divisor) or _is_total(divisor))
    return isinstance(term.value, Symbol) and any(
        sort == NAT and arg.sort == INT
        for arg, sort in zip(term.args, term.value.arguments, strict=True)
    )


def _is_total(term: Term) -> bool:
    """Whether it is the number of networks that a posterior divides by.

    Some network is a minimiser; where a likelihood is 0 for all, nothing can be shown of
    the quotient, which is then any number.
    """
    name = term.value.name if isinstance(term.value, Symbol) else ""
    return name.startswith("posterior.") and not term.args


def _is_nonzero_numeral(term: Term) -> bool:
    return term.op == "num" and bool(expansion.numeral(term))


def _duties(term: Term, guards: _Guards) -> list[_Duty]:
    """What must hold for one node, with the reason, relative to the quantifiers above."""
    if not _has_duty(term):
        return []
    if term.op == "/":
        divisor = term.args[1]
        shown = _shown(divisor, guards)
        zero = make_not(make_equal(divisor, make_number(0, REAL)))
        return [(zero, f"the divisor {shown} may be 0")]
    duties = []
    if isinstance(term.value, Symbol):
        for arg, sort in zip(term.args, term.value.arguments, strict=True):
            if sort == NAT and arg.sort == INT:
                shown = _shown(arg, guards)
                reason = f"{shown} may be negative where {term.value.name} takes a Nat"
                duties.append((make_at_most(make_number(0, INT), arg), reason))
    return duties


def _subject(core: Term) -> Term:
    """The divisor or argument that an obligation is about."""
    return core.args[1] if core.op == "<=" else core.args[0].args[0]


def _shown(term: Term, guards: _Guards) -> str:
    names: list[str] = []
    layer: _Guards | None = guards
    while layer is not None:
        if layer.binder is not None:
            names.append(layer.binder.name)
        layer = layer.outside
    return shorten(render_term(term, variables=tuple(reversed(names))))


def _parts(term: Term, guards: _Guards) -> list[tuple[Term, _Guards]]:
    """The arguments of a term, each with the conditions under which it matters."""
    if isinstance(term.value, Binder):
        return [(term.args[0], _Guards((), term.value, guards))]
    if term.op == "if":
        condition, then, otherwise = term.args
        return [
            (condition, guards),
            (then, guards.given(condition)),
            (otherwise, guards.given(make_not(condition))),
        ]
    out = []
    for arg in term.args:
        out.append((arg, guards))
        if term.op in ("and", "implies"):
            guards = guards.given(arg)
        elif term.op == "or":
            guards = guards.given(make_not(arg))
    return out


def _is_new(
    core: Term,
    guards: _Guards,
    scope: int,
    seen: dict[tuple[bytes, int], list[frozenset[Term]]],
) -> bool:
    """Whether no obligation under the same quantifiers and fewer conditions is the same."""
    given = frozenset(guards.conditions)
    before = seen.setdefault((core.key, scope), [])
    if any(earlier <= given for earlier in before):
        return False
    before.append(given)
    return True


def _close(core: Term, guards: _Guards) -> Term:
    """`core` under its conditions and under those quantifiers that it needs."""
    layer: _Guards | None = guards
    while layer is not None:
        if layer.conditions:
            core = make_implies(make_and(*layer.conditions), core)
        if layer.binder is not None:
            if expansion.mentions_innermost(core):
                core = make_forall(layer.binder.name, layer.binder.sort, core)
            else:
                core = expansion.replace_innermost(core, make_number(0, INT))
        layer = layer.outside
    return core
