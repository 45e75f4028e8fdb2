"""`posterior(S, D, EVENT)`: how likely an event is for a network drawn from a finite class.

The prior is uniform over parameter vectors, signs included: two vectors that give the same
function count twice. Given data, all weight is on the minimisers of the training loss, or a
`likelihood` says what weight each vector has. The posterior is a quotient of two totals,
sums over all vectors: the weights of those with the event, and all weights. A total has one
set of values for all its parameters, so signs are no parameters of it: what is added up is
itself a sum over both signs of every unit. In the event and the likelihood the class's own
name stands for the drawn network. Source: shared/claims/catalogue.md, 1.5 and 4.2
(`pfm-counting`: Valle-Perez et al. 2019 on the parameter-function map).
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from typing import TYPE_CHECKING, Final, NamedTuple

from verify.kernel import terms
from verify.kernel.counting import MAX_ASSIGNMENTS
from verify.kernel.rejections import Rejected
from verify.kernel.terms import REAL, Term
from verify.language.expansion import bind_constants, numeral, replace_constants
from verify.language.families import (
    ZERO,
    Family,
    make_family,
    make_numeral,
    make_outputs,
    make_parameter,
)
from verify.language.local import Local
from verify.language.losses import make_loss
from verify.language.optima import make_optimum
from verify.language.quantities import Quantity, hash_terms, make_name
from verify.language.quantity_names import LOSSES
from verify.language.subjects import (
    Subject,
    check_closed,
    find_class,
    find_data,
    keep,
    measure,
    symbols_in,
)
from verify.language.syntax import Expression
from verify.language.theory import Unsupported, split_named
from verify.language.things import Data, ModelClass

if TYPE_CHECKING:  # formulas.py needs what is read here
    from verify.language.formulas import Reader

LOSS: Final = "squared"  # where none is named
ONE: Final = make_numeral(1)


class Draw(NamedTuple):
    """A finite class whose networks are drawn, and the data they were trained on."""

    model: ModelClass
    data: Data
    family: Family
    event: Term
    shown: str  # the event, as written


def read_posterior(reader: Reader, node: Expression, local: Local) -> Term:
    """The quotient of two totals. Raises ClaimError and Unsupported."""
    _, place, data_node, event_node, *rest = node.args
    source = reader.source
    if reader.drawn is not None:
        message = "a posterior within a posterior"
        raise source.error(node.span, message, "state them one by one")
    model, data = find_class(reader, place), find_data(reader, data_node)
    if not model.weights:
        message = f"a posterior needs a finite class, and {model.name} has no weights"
        raise source.error(place.span, message, "declare it with weights = {-1, 0, 1}")
    family = make_family(model)
    free = len(family.parameters) - len(family.signs)
    if len(model.weights) ** free * 2 ** len(family.signs) > MAX_ASSIGNMENTS:
        raise Unsupported(
            f"{model.name} has more than {MAX_ASSIGNMENTS} parameter vectors, too many "
            "to be counted; use a smaller class"
        )
    subject = Subject(
        model.name, model.inputs, model.outputs,
        lambda point: make_outputs(family, point),
    )  # fmt: skip
    option, value = split_named(rest[0]) if rest else ("loss", None)
    loss = LOSS if value is None else value.text
    reader.drawn = subject
    try:
        event = _read_drawn(reader, event_node, local, "the event")
        reader.check.formula(event, event_node)
        draw = Draw(model, data, family, event, source.slice(event_node.span))
        if option == "likelihood" and value is not None:
            term = _read_drawn(reader, value, local, "the likelihood")
            weight = reader.check.fit(term, REAL, value, "the likelihood")
            shown = source.slice(value.span)
            return _quotient(reader, node, draw, "likelihood", weight, shown)
        measured = measure(reader, subject, data, loss, data_node)
    finally:
        reader.drawn = None
    if loss not in LOSSES:
        message = f"posterior takes a loss here, and `{loss}` is none"
        raise source.error(node.args[4].span, message, "write loss = l1")
    optimum = make_optimum(reader, node, model, data, loss)
    try:
        best = terms.make_at_most(make_loss(loss, data, measured.outputs), optimum)
        weight = terms.make_if(best, ONE, ZERO)
    except Rejected:
        raise _too_large(model) from None
    return _quotient(
        reader, node, draw, loss, weight, f"minimise {loss} on {data.name}"
    )


def _read_drawn(reader: Reader, node: Expression, local: Local, what: str) -> Term:
    """A term over the drawn network's parameters. Raises ClaimError."""
    check_closed(reader, node, local.names, what)
    term = reader.read_term(node)
    for symbol in symbols_in(term):
        known = symbol.name.startswith("?") or reader.scope.network(symbol) is not None
        if not known and symbol.name not in reader.scope.quantities:
            message = f"{what} speaks of `{symbol.name}`, which is no number"
            fix = "speak of networks at points, and of numbers"
            raise reader.source.error(node.span, message, fix)
    return term


def _quotient(
    reader: Reader, node: Expression, draw: Draw, loss: str, weight: Term, weighed: str
) -> Term:
    """The weights of the vectors with the event, over all weights."""
    both = terms.make_if(draw.event, weight, ZERO)
    every = f"the networks of {draw.model.name} that {weighed}"
    if loss == "likelihood":
        every = f"the networks of {draw.model.name}, each with weight {weighed}"
    above = _total(reader, node, draw, loss, both, f"{every}, with {draw.shown}")
    below = _total(reader, node, draw, loss, weight, every)
    return terms.make_quotient(above, below)


def _total(
    reader: Reader, node: Expression, draw: Draw, loss: str, term: Term, written: str
) -> Term:
    """The sum of a term over all parameter vectors, as a constant."""
    family, model = draw.family, draw.model
    bound = make_parameter("v")
    free = [symbol for symbol in family.parameters if symbol not in family.signs]
    try:
        summed = terms.make_sum(*_with_signs(term, family))
        equation = terms.make_equal(terms.constant(bound), summed)
        formula = bind_constants("forall", (bound, *free), equation)
    except Rejected:
        raise _too_large(model) from None
    last = "likelihood" if loss == "likelihood" else loss
    name = make_name("posterior", model.name, draw.data.name, last, hash_terms(formula))
    quantity = Quantity(
        name, "total", formula, "posterior", written, model.name, draw.data.name,
        "" if loss == "likelihood" else loss, values=model.weights,
    )  # fmt: skip
    return keep(reader, node, quantity)


def _with_signs(term: Term, family: Family) -> Iterator[Term]:
    """The term for each choice of signs."""
    for choice in product((1, -1), repeat=len(family.signs)):
        numbers = map(make_numeral, choice)
        replaced = replace_constants(
            term, dict(zip(family.signs, numbers, strict=True))
        )
        yield terms.rewrite(replaced, _settle)


def _settle(node: Term, _: int, args: tuple[Term, ...]) -> Term:
    """An `if` whose condition compares two numerals is one of its branches."""
    if node.op == "if" and args[0].op == "<=":
        left, right = args[0].args
        if left.op == right.op == "num":
            return args[1] if numeral(left) <= numeral(right) else args[2]
    return terms.remake(node, args) if args != node.args else node


def _too_large(model: ModelClass) -> Unsupported:
    return Unsupported(
        f"what is counted in {model.name} is too large to be stated; use fewer points "
        "or units"
    )
