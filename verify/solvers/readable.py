"""Which of the many models a person would rather read.

An engine's first model is often silly: sizes of 0, fractions with long denominators, two
names for one object where nothing asks for it. So the numbers of a model are first
required to be tiny natural numbers, then step by step larger, negative and fractional,
until one exists; the constants of a sort are required to name different elements as long
as that is possible; and in the model found, number after number is pulled down to 0 or 1.
Fractions with small denominators also find rational points of formulas whose other
solutions are irrational.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from fractions import Fraction
from typing import Final, NamedTuple

from verify.kernel.terms import (
    INT,
    REAL,
    TRUE,
    Symbol,
    Term,
    make_application,
    make_real,
)
from verify.solvers import ground
from verify.solvers.answers import Answer, Budget, Sat, Unknown, Unsat
from verify.solvers.cells import Cells
from verify.solvers.ground import Value
from verify.solvers.z3_backend import Session, solve

LISTED: Final = 5
PATIENCE: Final = 2
PULLS: Final = 14


class Lost(Exception):
    """The engine does not know whether there is a model."""


class Level(NamedTuple):
    """Numbers from `low` to `high` that are multiples of 1/`divisor`."""

    low: int
    high: int
    divisor: int = 1


LEVELS: Final = (
    Level(0, 1), Level(0, 2), Level(-1, 1), Level(0, 4), Level(-2, 2), Level(0, 10),
    Level(-4, 4), Level(-10, 10), Level(0, 4, 2), Level(-4, 4, 4), Level(0, 10, 10),
    Level(-10, 10, 12), Level(0, 100), Level(-100, 100, 10),
)  # fmt: skip
WIDE: Final = (Level(-10, 10), Level(-100, 100, 10))


class Pull(NamedTuple):
    """Formulas that would make these constants plainer, the plainest first."""

    numbers: tuple[Term, ...]
    alternatives: tuple[Term, ...]


class Wishes(NamedTuple):
    """What is to be readable: the numbers of a model, the groups of objects that should
    differ, what to pull the model towards. `question` repeats what the session was
    told, for a solver of its own under `budget`; `without` names what the session was
    told for other questions."""

    numbers: Sequence[Term]
    question: Sequence[tuple[str, Term]]
    budget: Budget
    objects: Sequence[Sequence[Value]] = ()
    pulls: Sequence[Pull] = ()
    without: Collection[str] = ()
    levels: Sequence[Level] = LEVELS


def make_pulls(cells: Cells) -> tuple[Pull, ...]:
    """What to ask for so that rules are short, tables too, and numbers 0 or 1."""
    pulls: list[Pull] = []
    rows: list[Pull] = []
    for tail in cells.tails.values():
        pulls += [Pull((one,), _settings(one)) for one in _open(reversed(tail))]
    for symbol, table in cells.cells.items():
        if symbol not in cells.tails:
            rows += [Pull((one,), _settings(one)) for one in _open(table.values())]
            continue
        same: dict[Term, Term] = {}
        for args, value in table.items():
            for one in _open((value,)):
                same[one] = ground.as_formula(cells.vanishing(symbol, args))
        together = ground.as_formula(ground.conjoin(same.values()))
        pulls.append(Pull(tuple(same), (together,)))
        rows += [Pull((one,), (same[one], *_settings(one))) for one in same]
    return (*pulls, *rows)


def _open(values: Iterable[Value]) -> list[Term]:
    """The numbers among the values that are left to the engine."""
    return [one for one in values if isinstance(one, Term) and one.sort in (INT, REAL)]


def _settings(number: Term) -> tuple[Term, ...]:
    values = (ground.equate(number, Fraction(n), number.sort) for n in (0, 1))
    return tuple(map(ground.as_formula, values))


def _name(number: Term) -> str:
    return number.value.name if isinstance(number.value, Symbol) else ""


def encode_level(level: Level, numbers: Iterable[Term]) -> Term:
    """The formula that keeps the constants `numbers` within a level."""
    parts: list[Value] = []
    for number in numbers:
        sort = number.sort
        divisor = level.divisor if sort == REAL else 1
        count = (level.high - level.low) * divisor + 1
        if sort == REAL and count <= LISTED:
            choices = (Fraction(level.low * divisor + i, divisor) for i in range(count))
            parts.append(
                ground.disjoin(ground.equate(number, c, sort) for c in choices)
            )
            continue
        parts.append(ground.compare("<=", Fraction(level.low), number, sort))
        parts.append(ground.compare("<=", number, Fraction(level.high), sort))
        if sort == REAL:
            whole = make_application(Symbol(f"{_name(number)} whole", (), INT))
            scaled = ground.multiply((Fraction(divisor), number), REAL)
            parts.append(ground.equate(scaled, make_real(whole), REAL))
    return ground.as_formula(ground.conjoin(parts))


def encode_distinct(objects: Iterable[Sequence[Value]]) -> Term:
    """The formula that elements listed together differ, where there are enough of them."""
    parts: list[Value] = []
    for group in objects:
        known = [one for one in group if isinstance(one, tuple)]
        if not known or len(known) > len(known[0]):
            continue
        for place, one in enumerate(known):
            for other in known[:place]:
                same = [ground.conjoin(pair) for pair in zip(one, other, strict=True)]
                parts.append(ground.negate(ground.disjoin(same)))
    return ground.as_formula(ground.conjoin(parts))


def read_models(session: Session, wishes: Wishes) -> Iterator[Sat]:
    """Models of the session's assertions, the most readable first.

    Ends without a model as soon as the assertions alone are found contradictory. Models
    with an irrational number are left out. Raises Lost where the engine does not know.
    """
    distinct = encode_distinct(wishes.objects)
    wanted = [] if distinct == TRUE else [("distinct", distinct)]
    plain: Answer | None = None
    patience = PATIENCE
    for level in wishes.levels if wishes.numbers else ():
        small = [("small", encode_level(level, wishes.numbers)), *wanted]
        answer = session.check(small, without=wishes.without)
        if isinstance(answer, Unsat) and "distinct" in answer.core:
            wanted = [] if "small" not in answer.core else wanted
            small = small[:1]
            answer = session.check(small, without=wishes.without)
        if isinstance(answer, Sat):
            yield _pulled(session, wishes, small, answer)
        elif isinstance(answer, Unsat) and "small" not in answer.core:
            return
        elif isinstance(answer, Unknown):
            if plain is None:
                plain = solve(wishes.question, wishes.budget)
            if isinstance(plain, Unsat):
                return
            patience -= 1
            if not patience:
                break
    if plain is None:
        plain = session.check(wanted, without=wishes.without)
        if wanted and not isinstance(plain, Sat):
            plain = session.check(without=wishes.without)
    if isinstance(plain, Unknown):
        raise Lost(plain.reason)
    if isinstance(plain, Sat) and all(
        _name(one) in plain.values for one in wishes.numbers
    ):
        yield plain


def _pulled(
    session: Session, wishes: Wishes, kept: list[tuple[str, Term]], answer: Sat
) -> Sat:
    """A model that grants more of the pulls, as long as that takes few questions."""
    best: Sat = answer
    granted: set[Term] = set()
    asked = 0
    for pull in wishes.pulls:
        if granted.issuperset(pull.numbers):
            continue
        for wish in pull.alternatives:
            holds = _holds(wish, best)
            if not holds:
                if asked >= PULLS:
                    break
                asked += 1
                found = session.check([*kept, ("pull", wish)], without=wishes.without)
                holds = isinstance(found, Sat)
                best = found if isinstance(found, Sat) else best
            if holds:
                kept = [*kept, ("pull", wish)]
                granted.update(pull.numbers)
                break
    return best


def _holds(wish: Term, model: Sat) -> bool:
    """Whether a wish `constant = numeral` holds already."""
    if wish.op != "=" or not isinstance(wish.args[1].value, Fraction):
        return False
    return model.values.get(_name(wish.args[0])) == wish.args[1].value
