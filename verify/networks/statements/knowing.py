"""The constants of one problem: found when a part of its statement speaks of them.

A part such as `N < 2` asks no more than on which side of 2 the constant lies, and a search
that is told so can be much shorter. Where the answer does not settle a later part, the
constant is looked for once more, for its value.
"""

from __future__ import annotations

import time
from typing import Final

from verify.kernel import terms
from verify.kernel.normal import normal
from verify.kernel.polynomials import read_polynomial
from verify.kernel.problem import Problem
from verify.kernel.quantities import Quantity, symbol_of
from verify.kernel.terms import Symbol, Term
from verify.language.printing import render_term
from verify.networks.statements.grounds import GroundProof, Grounds, Unsettled
from verify.networks.statements.quantities import Aim, Finder, Known, join_known

SHARE: Final = 0.6  # of the time that is left, for a constant's search


class Constants:
    """What is known so far; `deadline` is a time.monotonic() value."""

    def __init__(self, problem: Problem, finder: Finder, deadline: float) -> None:
        self.problem, self.finder, self.deadline = problem, finder, deadline
        self.known: dict[Symbol, Known] = {}
        self.aimed: set[Symbol] = set()
        self.proof: GroundProof | None = None

    def spoken_of(self, part: Term) -> tuple[Quantity, ...]:
        """The constants in a part, each after those that its meaning speaks of."""
        wanted = symbols_in(part)
        for quantity in reversed(self.problem.quantities):
            if symbol_of(quantity) in wanted:
                wanted |= symbols_in(quantity.formula)
        return tuple(q for q in self.problem.quantities if symbol_of(q) in wanted)

    def settle(self, part: Term) -> bool:
        """The truth of a part without quantifiers. Raises Unsettled where it is open."""
        spoken = self.spoken_of(part)
        missing = [q for q in spoken if symbol_of(q) not in self.known]
        for place, quantity in enumerate(missing):
            aim = self._aim(part, symbol_of(quantity))
            self._find(quantity, aim, len(missing) - place)
        value = self.grounds().truth(part)
        again = [q for q in spoken if symbol_of(q) in self.aimed]
        if value is None and again:
            for place, quantity in enumerate(again):
                self._find(quantity, None, len(again) - place)
            value = self.grounds().truth(part)
        if value is None:
            raise self._open(spoken)
        return value

    def grounds(self) -> Grounds:
        bounds = {symbol: known.bounds for symbol, known in self.known.items()}
        return Grounds(self.problem, bounds)

    def _find(self, quantity: Quantity, aim: Aim | None, left: int) -> None:
        symbol = symbol_of(quantity)
        now = time.monotonic()
        until = now + SHARE * (self.deadline - now) / left
        bounds = {symbol: known.bounds for symbol, known in self.known.items()}
        found = self.finder.find(quantity, bounds, until, aim)
        before = self.known.get(symbol)
        self.known[symbol] = found if before is None else join_known(before, found)
        self.aimed.discard(symbol)
        if aim is not None:
            self.aimed.add(symbol)

    def _aim(self, part: Term, symbol: Symbol) -> Aim | None:
        """The side of a number that a part asks about, where it is one comparison."""
        atom = normal(part)
        atom = atom.args[0] if atom.op == "not" else atom
        if atom.op not in ("<=", "="):
            return None
        own = (terms.constant(symbol),)
        poly = read_polynomial(atom.args[atom.op == "<="])
        slope = poly.pop(own, None)
        if slope is None or any(
            symbol in symbols_in(generator) for m in poly for generator in m
        ):
            return None
        try:
            low, high = self.grounds().range(poly)
        except Unsettled:
            return None
        if low is None or low != high:
            return None
        value = -low / slope
        if atom.op == "=":
            return Aim(value, "equal")
        return Aim(value, "from" if slope > 0 else "to")

    def _open(self, spoken: tuple[Quantity, ...]) -> Unsettled:
        """Why a part is open: what is known of its constants."""
        said, reason = [], "incomplete"
        for quantity in spoken:
            symbol = symbol_of(quantity)
            known = self.known[symbol]
            if known.bounds.exact:
                continue
            text = f"{render_term(terms.constant(symbol))} is {known.bounds.say()}"
            if known.stuck is not None:
                reason = known.stuck.reason
                text += f" ({known.stuck.detail})"
            said.append(text)
        return Unsettled(reason, "; ".join(said) or "its values are not exact")

    def show(self, proof: GroundProof, part: Term) -> int:
        """A step for the part or its negation, after the bounds that it needs."""
        if proof is not self.proof:
            self.proof = proof
            for symbol, known in self.known.items():
                proof.sides[symbol] = known.write(proof)
        return proof.show(part)


def symbols_in(formula: Term) -> set[Symbol]:
    """The symbols that occur in a formula."""
    parts = terms.subterms(formula)
    return {part.value for part in parts if isinstance(part.value, Symbol)}
