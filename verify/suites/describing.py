"""What a job is told about the constants of a statement, as plain data.

The counterpart of `verify.training.statements.things`, which reads it: numbers and terms
are texts, and everything else is as the document has it.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from verify.kernel.terms import Term
from verify.kernel.text import write_term
from verify.language.document import Document
from verify.language.functions import Function
from verify.language.quantities import Fit, Membership, Quantity
from verify.language.things import Data, ModelClass, Region


def describe_quantity(document: Document, quantity: Quantity) -> dict[str, Any]:
    """What a constant was made from."""
    model, data = document.thing(quantity.subject), document.thing(quantity.data)
    found: dict[str, Any] = {
        "term": quantity.term,
        "written": quantity.written,
        "subject": quantity.subject,
        "loss": quantity.loss,
        "without": list(quantity.without),
        "fit": describe_fit(quantity.fit) if quantity.fit else None,
        "class": describe_class(model) if isinstance(model, ModelClass) else None,
        "data": describe_data(data) if isinstance(data, Data) else None,
    }
    ball = quantity.ball
    if ball is not None:
        region = document.thing(ball.region)
        groups = [(name, document.thing(name)) for name in ball.groups]
        found["ball"] = {**ball._asdict(), "budget": str(ball.budget)}
        found["region"] = describe_region(region) if isinstance(region, Region) else ""
        found["mixture"] = {
            name: describe_data(data) for name, data in groups if isinstance(data, Data)
        }
    return found


def describe_member(document: Document, member: Membership) -> dict[str, Any]:
    """A statement that a network is one of a class."""
    model = document.thing(member.model)
    if not isinstance(model, ModelClass):
        raise TypeError(f"{member.model} is no class")
    return {
        "formula": write_term(member.formula),
        "network": Function(member.network, member.without).name,
        "class": describe_class(model),
    }


def describe_fit(fit: Fit) -> dict[str, Any]:
    return {
        "loss": fit.loss,
        "points": [_texts(point) for point in fit.points],
        "targets": _texts(fit.targets),
        "offsets": _texts(fit.offsets),
        "hidden": fit.hidden,
        "constant": fit.constant,
    }


def describe_class(model: ModelClass) -> dict[str, Any]:
    return {
        "name": model.name,
        "inputs": model.inputs,
        "layers": list(model.layers),
        "outputs": model.outputs,
        "signed": model.signed,
        "weights": list(map(str, model.weights)),
        "bound": None if model.bound is None else str(model.bound),
    }


def describe_data(data: Data) -> dict[str, Any]:
    return {
        "inputs": [list(map(str, row)) for row in data.inputs],
        "targets": [list(map(str, row)) for row in data.targets],
        "shares": list(map(str, data.shares)),
        "groups": list(data.groups),
    }


def describe_region(region: Region) -> dict[str, Any]:
    """The names of its variables, and a formula in which they are constants."""
    definition = region.definition
    return {
        "names": [symbol.name for symbol in definition.parameters],
        "formula": write_term(definition.body),
    }


def _texts(terms: Iterable[Term]) -> list[str]:
    return list(map(write_term, terms))
