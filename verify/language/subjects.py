"""What a measure is about: a network or a drawn one, data, a loss, and numbers beside them.

Every theory term about losses begins alike: it names something that gives outputs, a data
set and a loss. They are found and held against each other here, so that `loss`, `risk`
and the rest refuse the same mistakes in the same words.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Final, NamedTuple

from verify.kernel.normal import normal
from verify.kernel.quantities import read_quantity
from verify.kernel.rejections import Rejected
from verify.kernel.terms import REAL, Symbol, Term, make_application, subterms
from verify.language import expansion, limits
from verify.language.applications import (
    Shape,
    Values,
    choose,
    find_applied,
    fit_arguments,
)
from verify.language.errors import ClaimError
from verify.language.families import make_numeral
from verify.language.functions import Function
from verify.language.losses import check_targets, make_loss, make_mean
from verify.language.quantities import Quantity
from verify.language.sorts import SortChecker
from verify.language.syntax import Expression
from verify.language.theory import Unsupported
from verify.language.things import Data, ModelClass, Network, Region

if TYPE_CHECKING:  # formulas.py needs what is read here
    from verify.language.formulas import Reader

MAX_PARAMETERS: Final = 180  # variables of one formula, below the kernel's nesting
CIRCUITS: Final = "ask `verify circuits`, which works on the files"
SHIFT: Final = "ask `verify shift`, which works on the files"


class Subject(NamedTuple):
    """Something with outputs; `apply` gives them at a point, `shown` is its text."""

    shown: str
    inputs: int
    outputs: int
    apply: Callable[[Sequence[Term]], Sequence[Term]]
    network: str = ""
    without: tuple[str, ...] = ()


class Measured(NamedTuple):
    """A subject on data under a loss."""

    subject: Subject
    data: Data
    loss: str

    def outputs(self, place: int) -> Sequence[Term]:
        """What the subject gives at a point of the data."""
        return self.subject.apply([make_numeral(x) for x in self.data.inputs[place]])


def make_subject(network: Network, without: tuple[str, ...]) -> Subject:
    """A network, less some circuits."""
    count = network.outline.outputs
    parts = [(k,) for k in range(1, count + 1)] if count > 1 else [()]
    symbols = [
        Function(network.name, without, part).symbol(network.inputs) for part in parts
    ]

    def apply(point: Sequence[Term]) -> Sequence[Term]:
        return [make_application(symbol, point) for symbol in symbols]

    shown = Function(network.name, without).name if without else network.name
    return Subject(shown, network.inputs, count, apply, network.name, without)


def find_subject(reader: Reader, node: Expression, local: Container[str]) -> Subject:
    """The network that an expression names, or the drawn one."""
    drawn = reader.drawn
    if drawn and node.text == drawn.shown and node.text not in local:
        return drawn
    applied = find_applied(reader.source, reader.scope, node, local)
    if applied is None or applied.function.part:
        raise _missing(reader, node, "network")
    network, function = applied
    for name in (network.name, *function.without):
        reader.spoken[name] = None
    subject = make_subject(network, function.without)
    return subject._replace(shown=reader.source.slice(node.span))


def apply_drawn(
    check: SortChecker,
    drawn: Subject,
    node: Expression,
    values: Sequence[tuple[Term, Expression]],
) -> Term | Values:
    """What the drawn network gives for these numbers; ClaimError where they do not fit."""
    shape = Shape(drawn.shown, drawn.inputs, drawn.outputs)
    args, chosen = fit_arguments(check, shape, node, values)
    return choose(drawn.apply(args), chosen)


def find_data(reader: Reader, node: Expression) -> Data:
    """The data set that an expression names."""
    thing = reader.scope.read.get(node.text)
    if not isinstance(thing, Data):
        raise _missing(reader, node, "data set")
    reader.spoken[thing.name] = None
    return thing


def find_class(reader: Reader, node: Expression) -> ModelClass:
    """The class of networks that an expression names."""
    thing = reader.scope.read.get(node.text)
    if not isinstance(thing, ModelClass):
        raise _missing(reader, node, "class of networks")
    reader.spoken[thing.name] = None
    return thing


def find_region(reader: Reader, node: Expression) -> Region:
    """The region that an expression names; what it says is used and spoken of."""
    thing = reader.scope.read.get(node.text)
    if not isinstance(thing, Region):
        raise _missing(reader, node, "region")
    reader.note_region(thing)
    return thing


def _missing(reader: Reader, node: Expression, what: str) -> ClaimError:
    """The error for an expression that names no such thing."""
    if node.op == "name" and node.text not in reader.scope.homes:
        return reader.scope.unknown(reader.source, node.span, node.text, ())
    message = f"{reader.source.quote(node.span)} is no {what}"
    return reader.source.error(node.span, message, "declare one above, and name it")


def measure(
    reader: Reader, subject: Subject, data: Data, loss: str, node: Expression
) -> Measured:
    """A subject, data and a loss that go together; `node` names the data.

    Raises ClaimError where the points are for other networks, or the targets for other
    losses.
    """
    if data.dimension != subject.inputs:
        points = _numbers(data.dimension)
        message = (
            f"the points of {data.name} have {points}, and {subject.shown} takes "
            f"{_numbers(subject.inputs)}"
        )
        raise reader.source.error(node.span, message, "name data of its inputs")
    check_targets(reader.source, node.span, loss, subject.outputs, data, subject.shown)
    return Measured(subject, data, loss)


def write_out(
    reader: Reader, node: Expression, measured: Measured, *, mean: bool = False
) -> Term:
    """The loss, or the mean loss, as a term, its size counted.

    Raises Unsupported where there is no room for it.
    """
    data = measured.data
    make = make_mean if mean else make_loss
    what = (
        f"the {'risk' if mean else 'loss'} of {measured.subject.shown} on {data.name}"
    )
    try:
        term = make(measured.loss, data, measured.outputs)
        if reader.meter.work + term.size > limits.MAX_WORK:
            raise Rejected(f"at most {limits.MAX_WORK} nodes in a document", "more")
    except Rejected:
        count = len(data.inputs)
        raise Unsupported(
            f"{what} is too large to be written out for {count} points; {CIRCUITS}"
        ) from None
    reader.spend(node, term.size)
    return term


def _numbers(count: int) -> str:
    return "1 number" if count == 1 else f"{count} numbers"


def read_closed_number(
    reader: Reader, node: Expression, local: Container[str], what: str
) -> Fraction:
    """The number that a term without variables comes to; `what` is it in a message."""
    check_closed(reader, node, local, what)
    term = reader.check.fit(reader.read_term(node), REAL, node, what)
    try:
        value = normal(term)
    except Rejected as refusal:
        raise _no_number(reader, node, what) from refusal
    if value.op != "num":
        raise _no_number(reader, node, what)
    return expansion.numeral(value)


def _no_number(reader: Reader, node: Expression, what: str) -> ClaimError:
    message = f"{what} is a number, and {reader.source.quote(node.span)} is none"
    return reader.source.error(node.span, message, "write one such as 1/4")


def check_closed(
    reader: Reader, node: Expression, local: Container[str], what: str
) -> None:
    """ClaimError where an expression speaks of a variable bound outside of it."""
    stack: list[tuple[Expression, frozenset[str]]] = [(node, frozenset())]
    while stack:
        part, bound = stack.pop()
        bound |= {word.text for binder in part.binders for word in binder.names}
        if part.op == "name" and part.text in local and part.text not in bound:
            message = f"{what} speaks of `{part.text}`, which is bound outside of it"
            fix = "a constant of the theory has one value; write numbers"
            raise reader.source.error(part.span, message, fix)
        stack.extend((arg, bound) for arg in part.args)


def keep(reader: Reader, node: Expression, quantity: Quantity) -> Term:
    """The constant of a quantity, which the document keeps from now on.

    Raises Unsupported where the kernel could not be told of it, ClaimError where its name
    has another meaning, or the document has too much of them.
    """
    known = reader.scope.quantities
    if quantity.name in known:
        if known[quantity.name][:3] != quantity[:3]:
            message = f"`{quantity.name}` already has another meaning"
            raise reader.source.error(node.span, message, "rename one of the things")
        return quantity.constant
    try:
        read_quantity(
            quantity.kind == "total", quantity.name, map(str, quantity.values),
            quantity.formula,
        )  # fmt: skip
    except Rejected as refusal:
        raise Unsupported(
            f"what {quantity.written} means cannot be stated: expected "
            f"{refusal.expected}, got {refusal.got}"
        ) from None
    reader.meter.quantities += quantity.formula.size
    if reader.meter.quantities > limits.MAX_QUANTITIES:
        raise Unsupported(
            f"{quantity.written} is too large beside the others of this document; put it "
            "into a document of its own"
        )
    known[quantity.name] = quantity
    return quantity.constant


def symbols_in(formula: Term) -> list[Symbol]:
    """The symbols that occur in a term, by name."""
    parts = subterms(formula)
    found = {part.value for part in parts if isinstance(part.value, Symbol)}
    return sorted(found, key=lambda symbol: symbol.name)
