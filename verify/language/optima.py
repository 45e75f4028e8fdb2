"""`optimum(S, D, l)`: the least loss that a class of networks has on data.

It is a constant, and its meaning the formula that a number v is at most the loss for all
parameters of the class. For one hidden layer with free parameters that formula is the
kernel's own, `make_fit`, whose lower bounds have short certificates; for other classes it
is put together from the class's networks, with a condition on the parameters where they
have only some values.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from verify.kernel import terms
from verify.kernel.fits import make_fit
from verify.kernel.rejections import Rejected
from verify.kernel.terms import Term
from verify.language.expansion import bind_constants
from verify.language.families import (
    count_parameters,
    make_condition,
    make_family,
    make_numeral,
    make_outputs,
    make_parameter,
)
from verify.language.local import Local
from verify.language.losses import make_lower_bound
from verify.language.quantities import Fit, Quantity, make_name
from verify.language.subjects import (
    MAX_PARAMETERS,
    Measured,
    Subject,
    find_class,
    find_data,
    keep,
    measure,
)
from verify.language.syntax import Expression
from verify.language.theory import Unsupported
from verify.language.things import Data, ModelClass

if TYPE_CHECKING:  # formulas.py needs what is read here
    from verify.language.formulas import Reader

MAX_BUILT: Final = 4_000_000  # nodes built on the way to one formula, roughly


def read_optimum(reader: Reader, node: Expression, local: Local) -> Term:
    """The constant of `optimum(S, D, l)`. Raises ClaimError and Unsupported."""
    _, place, data_node, loss_node = node.args
    model, data = find_class(reader, place), find_data(reader, data_node)
    return make_optimum(reader, node, model, data, loss_node.text)


def make_optimum(
    reader: Reader, node: Expression, model: ModelClass, data: Data, loss: str
) -> Term:
    """The constant for the least loss of a class. Raises ClaimError and Unsupported."""
    family = make_family(model) if count_parameters(model) <= MAX_PARAMETERS else None
    subject = Subject(
        model.name, model.inputs, model.outputs,
        lambda point: make_outputs(family, point) if family else (),
    )  # fmt: skip
    measured = measure(reader, subject, data, loss, node.args[2])
    name = make_name("optimum", model.name, data.name, loss)
    known = reader.scope.quantities.get(name)
    if known is not None:
        return known.constant
    written = f"optimum({model.name}, {data.name}, {loss})"
    rough = len(data.inputs) * count_parameters(model) * 10
    if family is None or rough > MAX_BUILT:
        raise _too_many(written, model, data)
    fit = None
    try:
        if model.signed and model.free:
            fit = make_plain_fit(measured, sum(model.layers))
            formula = make_fit(*fit[:5], constant=fit.constant)
        else:
            bound = make_parameter("v")
            body = make_lower_bound(loss, terms.constant(bound), data, measured.outputs)
            condition = make_condition(family)
            if condition is not None:
                body = terms.make_implies(condition, body)
            formula = bind_constants("forall", (bound, *family.parameters), body)
    except Rejected:
        raise _too_many(written, model, data) from None
    quantity = Quantity(
        name, "infimum", formula, "optimum", written, model.name, data.name, loss,
        fit=fit,
    )  # fmt: skip
    return keep(reader, node, quantity)


def _too_many(written: str, model: ModelClass, data: Data) -> Unsupported:
    return Unsupported(
        f"what {written} means is too large to be stated: {count_parameters(model)} "
        f"parameters and {len(data.inputs)} points; use a smaller class or fewer points"
    )


def make_plain_fit(measured: Measured, hidden: int) -> Fit:
    """A constant and `hidden` signed units that are to fit the data by themselves."""
    data = measured.data
    return Fit(
        measured.loss,
        tuple(tuple(map(make_numeral, point)) for point in data.inputs),
        tuple(make_numeral(target) for (target,) in data.targets),
        (make_numeral(0),) * len(data.inputs),
        hidden,
        True,
    )
