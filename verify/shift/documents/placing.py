"""What a risk says of the places of its points: region, loss and distance, as terms.

The same terms as in the formula that the risk stands for, made again from what it was made
of, so that a bound shown of any place is one that the formula's places have.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any, Final, NamedTuple

from verify.kernel import terms
from verify.kernel.networks import Network
from verify.kernel.terms import REAL, Symbol, Term
from verify.language.expansion import bind_constants
from verify.language.functions import Function
from verify.language.losses import find_class, make_point_loss
from verify.language.worst import make_steps, measure_steps
from verify.networks.statements.grounds import Grounds, Unsettled
from verify.shift.documents.stated_regions import Stated, read_stated

LEAST: Final = "use verify shift"


class Row(NamedTuple):
    """A point of the data that has a share."""

    point: tuple[Fraction, ...]
    target: tuple[Fraction, ...]
    share: Fraction


class Placed(NamedTuple):
    """A place of a point: what the region says of it, the loss there, and what going there
    costs; that is 0 where moving costs nothing."""

    inside: tuple[Term, ...]
    loss: Term
    cost: Term

    def bound(self, top: Fraction, rate: Fraction) -> Term:
        """loss <= top + rate * cost."""
        most = terms.make_number(top, REAL)
        if rate:
            price = terms.make_number(rate, REAL)
            most = terms.make_sum(most, terms.make_product(price, self.cost))
        return terms.make_at_most(self.loss, most)


class Placing(NamedTuple):
    """A risk over a ball in which points move: within a region, at a cost or none.

    `network` has the subject's outputs as its only functions.
    """

    network: Network
    loss: str
    ground: str  # of the distance
    stated: Stated
    rows: tuple[Row, ...]
    budget: Fraction | None  # None where moving costs nothing

    @property
    def size(self) -> int:
        """How many parameters of the formula a point has."""
        places = 1 if self.budget is None else 2
        return places * self.network.inputs + places - 1

    def at(self, row: int, point: Sequence[Term]) -> Placed:
        """What is said of a point's place."""
        values = [terms.make_application(s, point) for s, _ in self.network.functions()]
        loss = make_point_loss(self.loss, values, self.rows[row].target)
        cost = terms.make_number(0, REAL)
        if self.budget is not None:
            cost = terms.make_sum(*self.measure(point, self.rows[row].point))
        return Placed(self.stated.at(point), loss, cost)

    def measure(
        self, point: Sequence[Term], origin: Sequence[Fraction]
    ) -> tuple[Term, ...]:
        """The numbers that the distance from an origin is the sum of."""
        steps = make_steps(point, origin)
        if self.ground == "l1":
            return tuple(steps)
        return (measure_steps(self.ground, steps),)

    def close(self, row: int, top: Fraction, rate: Fraction) -> Term:
        """That wherever in the region it is, the point's loss is at most
        top + rate * cost."""
        symbols = [Symbol(f"?x_{j}", (), REAL) for j in range(self.network.inputs)]
        placed = self.at(row, list(map(terms.constant, symbols)))
        fact = placed.bound(top, rate)
        if placed.inside:
            fact = terms.make_implies(terms.make_and(*placed.inside), fact)
        return bind_constants("forall", symbols, fact)

    def class_of(self, row: int) -> tuple[Fraction, ...]:
        """The target as the search has it: one label for zero_one of several outputs."""
        target = self.rows[row].target
        if self.loss == "zero_one" and len(self.network.outputs) > 1:
            return (Fraction(find_class(target)),)
        return target


def make_placing(thing: Mapping[str, Any], grounds: Grounds) -> Placing:
    """The risk that a job was told about. Raises Unsettled."""
    ball, data = thing["ball"], thing["data"]
    rows = tuple(
        Row(tuple(map(Fraction, point)), tuple(map(Fraction, target)), Fraction(share))
        for point, target, share in zip(
            data["inputs"], data["targets"], data["shares"], strict=True
        )
        if Fraction(share)
    )
    budget = None if ball["kind"] == "region" else Fraction(ball["budget"])
    network = _find_network(thing, grounds)
    stated = read_stated(thing["region"])
    return Placing(network, thing["loss"], ball["distance"], stated, rows, budget)


def _find_network(thing: Mapping[str, Any], grounds: Grounds) -> Network:
    subject, without = thing["subject"], tuple(thing["without"])
    for network in grounds.problem.networks:
        declared = dict(network.outputs)
        single = Function(subject, without).name
        count = 1
        while Function(subject, without, (count,)).name in declared:
            count += 1
        parts = [(k,) for k in range(1, count)] if single not in declared else [()]
        names = [Function(subject, without, part).name for part in parts]
        if not names:
            continue
        if any(unit.kind not in ("relu", "linear") for unit in network.units):
            break
        outputs = tuple((name, declared[name]) for name in names)
        return network._replace(outputs=outputs)
    detail = "worst risks in which points move are found for networks of relu units"
    raise Unsettled("unsupported", f"{detail}; {LEAST}")
