"""Losses, optima, risks and memberships in formulas: theory terms become kernel terms.

`loss(f, D, l)` and the plain risk are written out, a sum over the points. An optimum is a
constant whose meaning is a formula over the parameters of the class; `f in S` says that
some parameters give the network everywhere. What is about a circuit, a ball of
distributions or a posterior has a file of its own. Source: shared/design.md, section 5.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final, TypeAlias

from verify.kernel import terms
from verify.kernel.terms import Term
from verify.language.balls import read_ball_risk
from verify.language.drawing import read_posterior
from verify.language.expansion import bind_constants
from verify.language.families import (
    count_parameters,
    make_condition,
    make_family,
    make_outputs,
    make_parameter,
)
from verify.language.local import Local
from verify.language.optima import read_optimum
from verify.language.quantities import Membership
from verify.language.quantity_names import BALLS
from verify.language.replacing import read_least, read_replaceable
from verify.language.subjects import (
    MAX_PARAMETERS,
    Measured,
    find_class,
    find_data,
    find_subject,
    measure,
    write_out,
)
from verify.language.syntax import Expression
from verify.language.theory import Unsupported, check_term

if TYPE_CHECKING:  # formulas.py needs what is read here
    from verify.language.formulas import Reader

ReadTerm: TypeAlias = "Callable[[Reader, Expression, Local], Term]"


def read_measure(reader: Reader, node: Expression, local: Local) -> Term:
    """The term of a theory term with its arguments.

    Raises ClaimError where they make no sense, and Unsupported where what they mean is
    beyond what a formula can say.
    """
    name = node.args[0].text
    check_term(
        reader.source, node, reader.scope, reader.drawn.shown if reader.drawn else ""
    )
    if name in BALLS:
        message = f"`{name}` is a ball of distributions, and no term"
        fix = "write risk(f, D, l1, tv(1/4)) or with another ball"
        raise reader.source.error(node.span, message, fix)
    return _READERS[name](reader, node, local)


def read_measured(reader: Reader, node: Expression, local: Local) -> Measured:
    """The first three arguments of `loss` or `risk`."""
    _, subject, data, loss, *_ = node.args
    found = find_subject(reader, subject, local.names)
    return measure(reader, found, find_data(reader, data), loss.text, data)


def _read_loss(reader: Reader, node: Expression, local: Local) -> Term:
    return write_out(reader, node, read_measured(reader, node, local))


def _read_risk(reader: Reader, node: Expression, local: Local) -> Term:
    if node.args[3].text == "linf":
        message = "linf is a maximum, and a risk is a mean"
        fix = "write l1, squared, hinge or zero_one"
        raise reader.source.error(node.args[3].span, message, fix)
    measured = read_measured(reader, node, local)
    if len(node.args) > 4:
        return read_ball_risk(reader, node, local, measured)
    return write_out(reader, node, measured, mean=True)


def read_member(reader: Reader, node: Expression, local: Local) -> Term:
    """`f in S`: some parameters of the class give the network at every input."""
    place, model_node = node.args
    model = find_class(reader, model_node)
    subject = find_subject(reader, place, local.names)
    if not subject.network:
        message = (
            f"{subject.shown} stands for a drawn network here, which is in its class"
        )
        raise reader.source.error(place.span, message, "leave it out")
    for what, have, want in (
        ("input", subject.inputs, model.inputs),
        ("output", subject.outputs, model.outputs),
    ):
        if have != want:
            message = (
                f"{subject.shown} has {have} {what}{'s'[: have != 1]}, and the networks "
                f"of {model.name} have {want}"
            )
            raise reader.source.error(node.span, message, "name a class of its shape")
    if count_parameters(model) + model.inputs > MAX_PARAMETERS:
        raise Unsupported(
            f"the networks of {model.name} have {count_parameters(model)} parameters, "
            f"too many for a formula"
        )
    family = make_family(model)
    names = ["x"] if model.inputs == 1 else [f"x_{i + 1}" for i in range(model.inputs)]
    inputs = [make_parameter(name) for name in names]
    point = [terms.constant(symbol) for symbol in inputs]
    pairs = zip(subject.apply(point), make_outputs(family, point), strict=True)
    body = terms.make_and(*(terms.make_equal(left, right) for left, right in pairs))
    body = bind_constants("forall", inputs, body)
    condition = make_condition(family)
    if condition is not None:
        body = terms.make_and(condition, body)
    formula = bind_constants("exists", family.parameters, body)
    reader.spend(node, formula.size)
    reader.scope.memberships[formula] = Membership(
        formula, subject.network, subject.without, model.name
    )
    return formula


_READERS: Final[dict[str, ReadTerm]] = {
    "loss": _read_loss,
    "optimum": read_optimum,
    "least": read_least,
    "replaceable": read_replaceable,
    "risk": _read_risk,
    "posterior": read_posterior,
}
MEASURES: Final = frozenset((*_READERS, *BALLS))
