"""Which shapes of models to try, small ones first.

All uninterpreted sorts grow together, then each alone. Where functions of numbers or
quantifiers over numbers occur, each size is tried with a narrow window and a constant
outside it, then wider windows and polynomials of degree 1 and 2: a counting function
needs the first, a sum of one the second.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Final, NamedTuple

from verify.kernel.terms import INT, REAL, Sort, Symbol, Term, is_numeric, subterms

LARGEST: Final = 4
MAX_FRAMES: Final = 60
MAX_POINTS: Final = 12
MAX_INDICES: Final = 3
REACH: Final = 64
HALF: Final = Fraction(1, 2)


class Frame(NamedTuple):
    """One shape of model to look for.

    `sizes` of the uninterpreted sorts by name; `window` the numbers at which functions
    have cells of their own; `degree` of the polynomial outside; `samples` the numbers
    at which quantifiers over numbers are instantiated.
    """

    sizes: Mapping[str, int]
    window: tuple[Fraction, ...] = ()
    degree: int = 0
    samples: tuple[Fraction, ...] = ()


def fits(number: Fraction, sort: Sort) -> bool:
    """Whether a number is of this numeric sort."""
    return sort == REAL or (number.denominator == 1 and (sort == INT or number >= 0))


def _numbers(*values: int | Fraction) -> tuple[Fraction, ...]:
    return tuple(map(Fraction, values))


def argument_terms(formulas: Iterable[Term]) -> tuple[Term, ...]:
    """The distinct numeric arguments of functions."""
    found: dict[Term, None] = {}
    for formula in formulas:
        for term in subterms(formula):
            if term.op == "app":
                found.update((arg, None) for arg in term.args if is_numeric(arg.sort))
    return tuple(found)


def index_terms(formulas: Sequence[Term]) -> tuple[Term, ...]:
    """Sums and products of constants at which functions of numbers are asked for."""
    return tuple(
        term
        for term in argument_terms(formulas)
        if not term.loose
        and term.op in ("app", "+", "*")
        and not any(part.op == "app" and part.args for part in subterms(term))
    )[:MAX_INDICES]


def make_sizes(
    sorts: Sequence[Sort], scope: Mapping[str, int]
) -> Iterator[dict[str, int]]:
    """Sizes of the uninterpreted sorts: all together from 1 on, then each alone."""
    limits = {sort.name: max(1, scope.get(sort.name, LARGEST)) for sort in sorts}
    seen: list[dict[str, int]] = []
    top = max(limits.values(), default=1)
    for size in range(1, top + 1):
        seen.append({name: min(size, limit) for name, limit in limits.items()})
    for name, limit in limits.items():
        for size in range(2, limit + 1):
            seen.append(dict.fromkeys(limits, 1) | {name: size})
    for place, sizes in enumerate(seen):
        if sizes not in seen[:place]:
            yield sizes


def _windows(
    formulas: Sequence[Term], *, quantified: bool
) -> list[tuple[tuple[Fraction, ...], int]]:
    arguments = argument_terms(formulas)
    if not arguments:
        return [((), 0)] if not quantified else [(_numbers(0, 1, 2), 0)]
    known = [t.value for t in arguments if isinstance(t.value, Fraction)]
    needed = tuple(dict.fromkeys(known))[:MAX_POINTS]
    if not quantified:
        narrow = _numbers(*range(min(len(arguments) - len(known), LARGEST)))
        return [(narrow + needed, 0), (narrow + needed, 1)]
    broad = _numbers(0, 1, 2, 3, 4, 5, -1, -2, HALF) + needed
    windows = [
        (_numbers(0, 1) + needed, 0), (_numbers(0, 1, 2) + needed, 1), (broad, 1),
        (broad, 2),
    ]  # fmt: skip
    reach = max((n for n in _numerals(formulas) if n <= REACH), default=Fraction(0))
    if reach > max(broad):
        windows.insert(2, (_numbers(*range(int(reach) + 2)), 0))
    return windows


def _numerals(formulas: Iterable[Term]) -> set[Fraction]:
    return {
        term.value
        for formula in formulas
        for term in subterms(formula)
        if term.op == "num" and isinstance(term.value, Fraction)
    }


def make_frames(
    formulas: Sequence[Term], sorts: Sequence[Sort], scope: Mapping[str, int],
    *, quantified: bool,
) -> list[Frame]:  # fmt: skip
    """The frames to try, in order; `quantified` when numbers are quantified over."""
    frames = []
    for window, degree in _windows(formulas, quantified=quantified):
        window = tuple(dict.fromkeys(window))
        top = int(max(map(abs, window), default=Fraction(0)))
        steps = (top + 1, top + 2, top + 3, top + 11)
        samples = _numbers(*steps, *(-step for step in steps), HALF, top + HALF)
        if not quantified:
            samples = ()
        for sizes in make_sizes(sorts, scope):
            frames.append(Frame(sizes, window, degree, samples))
    return frames[:MAX_FRAMES]


def object_groups(symbols: Iterable[Symbol]) -> tuple[tuple[Symbol, ...], ...]:
    """The constants of each uninterpreted sort that has several."""
    groups: dict[Sort, list[Symbol]] = {}
    for symbol in symbols:
        sort = symbol.result
        if not (
            symbol.arguments or sort.elements or is_numeric(sort) or sort.name == "Bool"
        ):
            groups.setdefault(sort, []).append(symbol)
    return tuple(tuple(group) for group in groups.values() if len(group) > 1)


def widen(
    frame: Frame, groups: Iterable[Sequence[Symbol]], scope: Mapping[str, int]
) -> Frame | None:
    """The frame with room for the constants of each sort to differ, if it had none."""
    sizes = dict(frame.sizes)
    for group in groups:
        name = group[0].result.name
        if sizes[name] < len(group) <= scope.get(name, LARGEST):
            sizes[name] = len(group)
    return frame._replace(sizes=sizes) if sizes != frame.sizes else None


def make_spared(frames: Sequence[Frame]) -> list[Frame]:
    """The frames in which some sort has an element to spare, of the simplest window."""
    window = frames[0].window if frames else ()
    return [
        frame
        for frame in frames
        if frame.window == window and max(frame.sizes.values(), default=0) > 1
    ]
