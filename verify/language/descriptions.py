"""Quantities as plain data: what a search needs to know, without terms.

Searches run in processes of their own, which get text. A description says what a constant
is about in numbers and names; terms that stand for numbers which the language does not know,
such as what a network gives, are canonical text. What is found is checked against the
formula itself, so a description proves nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction
from typing import Any

from verify.kernel.terms import Term
from verify.kernel.text import write_term
from verify.language.document import Document
from verify.language.quantities import Ball, Fit, Quantity
from verify.language.things import Circuit, Data, ModelClass
from verify.language.worst import split_groups


def describe_quantity(document: Document, quantity: Quantity) -> dict[str, Any]:
    """A quantity of a document: its kind, term, loss and data, and what it is about.

    `class`, `circuit` or `network` with `without`; `ball` with its `groups` as shares of
    the points; `fit` where the formula is one; `values` of a total.
    """
    found: dict[str, Any] = {
        "name": quantity.name,
        "kind": quantity.kind,
        "term": quantity.term,
        "written": quantity.written,
        "loss": quantity.loss,
    }
    subject = document.thing(quantity.subject)
    data = document.thing(quantity.data)
    if isinstance(data, Data):
        found |= describe_data(data)
    if isinstance(subject, ModelClass):
        found["class"] = describe_class(subject)
    elif isinstance(subject, Circuit):
        found |= {"network": subject.network, "circuit": [*map(list, subject.units)]}
    else:
        found |= {"network": quantity.subject, "without": list(quantity.without)}
    if quantity.ball is not None and isinstance(data, Data):
        found["ball"] = _describe_ball(document, quantity.ball, data)
    if quantity.fit is not None:
        found["fit"] = _describe_fit(quantity.fit)
    if quantity.values:
        found["values"] = _numbers(quantity.values)
    return found


def describe_class(model: ModelClass) -> dict[str, Any]:
    """The shape of a class and what its parameters may be."""
    return {
        "name": model.name,
        "inputs": model.inputs,
        "layers": list(model.layers),
        "outputs": model.outputs,
        "signed": model.signed,
        "weights": _numbers(model.weights) if model.weights else None,
        "bound": None if model.bound is None else str(model.bound),
    }


def describe_data(data: Data) -> dict[str, Any]:
    """Points, targets and the probability of each point."""
    return {
        "data": data.name,
        "points": [_numbers(point) for point in data.inputs],
        "targets": [_numbers(target) for target in data.targets],
        "shares": _numbers(data.shares),
    }


def _describe_ball(document: Document, ball: Ball, data: Data) -> dict[str, Any]:
    found: dict[str, Any] = {
        "kind": ball.kind,
        "budget": str(ball.budget),
        "region": ball.region,
        "distance": ball.distance,
    }
    if ball.kind == "mixture":
        named = [document.thing(name) for name in ball.groups if name != data.name]
        others = [thing for thing in named if isinstance(thing, Data)]
        groups: Sequence[Data] = (data, *others) if ball.groups else split_groups(data)
        found["groups"] = [describe_data(group) for group in groups]
    return found


def _describe_fit(fit: Fit) -> dict[str, Any]:
    return {
        "loss": fit.loss,
        "points": [_texts(point) for point in fit.points],
        "targets": _texts(fit.targets),
        "offsets": _texts(fit.offsets),
        "hidden": fit.hidden,
        "constant": fit.constant,
    }


def _numbers(values: Iterable[Fraction]) -> list[str]:
    return [str(value) for value in values]


def _texts(terms: Iterable[Term]) -> list[str]:
    return [write_term(term) for term in terms]
