"""Losses on data, as terms: what they cost at a point, and what data they are for.

    l1         |f(x) - y|, summed over the outputs
    squared    (f(x) - y)^2, summed over the outputs
    linf       |f(x) - y|, the largest over the outputs and the points
    hinge      max(0, 1 - y*f(x)), for one output and labels -1 and 1
    zero_one   1 where y*f(x) <= 0, for one output and labels -1 and 1; for several outputs
               1 where that of the class is not greater than all others. The class is a
               column of labels, k for output k + 1, or has the only 1 in columns of 0s

Several outputs go with as many columns of targets, but for labels.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from typing import Final

from verify.kernel import terms
from verify.kernel.rejections import Rejected
from verify.kernel.terms import MAX_SIZE, Term
from verify.language import sugar
from verify.language.document import Span
from verify.language.families import ZERO, make_numeral
from verify.language.positions import Source
from verify.language.things import Data

ONE: Final = make_numeral(1)


def check_targets(
    source: Source, span: Span, loss: str, outputs: int, data: Data, of: str
) -> None:
    """ClaimError at `span` unless this loss is one for such targets; `of` has outputs."""
    columns = len(data.targets[0])
    if not columns:
        fix = "give it a column whose name begins with y"
        raise source.error(span, f"{data.name} has no targets", fix)
    if loss == "zero_one" and outputs > 1 and columns in (1, outputs):
        _check_classes(source, span, outputs, data)
        return
    if outputs != columns:
        message = (
            f"{of} has {_count(outputs, 'output')}, and {data.name} has "
            f"{_count(columns, 'target')} a point"
        )
        fix = "give a target for each output"
        if columns == 1:
            fix += ", or use zero_one for labels 0, 1, ..."
        raise source.error(span, message, fix)
    if loss not in ("hinge", "zero_one"):
        return
    if outputs > 1:
        fix = "use l1 or squared, or zero_one for labels"
        message = f"{loss} is for one output, and {of} has {outputs}"
        raise source.error(span, message, fix)
    for place, (label,) in enumerate(data.targets, 1):
        if label not in (-1, 1):
            message = (
                f"{loss} is for labels -1 and 1, and point {place} of {data.name} has "
                f"{label}"
            )
            raise source.error(span, message, "use l1 or squared, or other labels")


def _check_classes(source: Source, span: Span, outputs: int, data: Data) -> None:
    """ClaimError unless every target names one of several outputs."""
    for place, targets in enumerate(data.targets, 1):
        if find_class(targets) not in range(outputs):
            shown = ", ".join(map(str, targets))
            one = f"labels are whole numbers from 0 to {outputs - 1} here"
            many = "targets of zero_one are 0 but for one 1"
            message = (
                f"{one if len(targets) == 1 else many}, and point {place} of "
                f"{data.name} has {shown}"
            )
            raise source.error(span, message, "label k stands for output k + 1")


def find_class(targets: Sequence[Fraction]) -> Fraction | int:
    """The output that targets name, from 0 on: a label, or the place of the only 1.

    It is -1 where several targets are none.
    """
    if len(targets) == 1:
        return targets[0]
    plain = sorted(targets)[-2:] == [0, 1] and sum(map(abs, targets)) == 1
    return targets.index(Fraction(1)) if plain else -1


def _count(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


def make_errors(
    loss: str, outputs: Sequence[Term], targets: Sequence[Fraction]
) -> tuple[Term, ...]:
    """The losses of the outputs at one point: to be summed, for linf to be compared."""
    if loss == "zero_one" and len(outputs) > 1:
        label = int(find_class(targets))
        other = [value for place, value in enumerate(outputs) if place != label]
        wrong = (terms.make_at_most(outputs[label], value) for value in other)
        return (terms.make_if(terms.make_or(*wrong), ONE, ZERO),)
    out = []
    for value, target in zip(outputs, targets, strict=True):
        error = _subtract(value, target)
        match loss:
            case "l1" | "linf":
                out.append(sugar.make_absolute(error))
            case "squared":
                out.append(sugar.make_power(error, 2))
            case "hinge":
                slack = terms.make_sum(ONE, sugar.make_minus(_scale(value, target)))
                out.append(sugar.make_maximum(ZERO, slack))
            case "zero_one":
                wrong_side = terms.make_at_most(_scale(value, target), ZERO)
                out.append(terms.make_if(wrong_side, ONE, ZERO))
            case _:
                raise Rejected("a loss", loss)
    return tuple(out)


def _subtract(value: Term, target: Fraction) -> Term:
    return terms.make_sum(value, make_numeral(-target)) if target else value


def _scale(value: Term, target: Fraction) -> Term:
    return value if target == 1 else sugar.make_minus(value)


def make_point_loss(
    loss: str, outputs: Sequence[Term], targets: Sequence[Fraction]
) -> Term:
    """The loss at one point."""
    errors = make_errors(loss, outputs, targets)
    return make_largest(errors) if loss == "linf" else terms.make_sum(*errors)


def make_all_errors(
    loss: str, data: Data, outputs: Callable[[int], Sequence[Term]]
) -> Iterator[Term]:
    """The losses of all outputs at all points; `outputs(i)` are those at point i.

    Raises Rejected as soon as they are too many for a term.
    """
    size = 0
    for place, targets in enumerate(data.targets):
        for error in make_errors(loss, outputs(place), targets):
            size += error.size
            if size > MAX_SIZE:
                raise Rejected(f"a term of at most {MAX_SIZE} nodes", "more")
            yield error


def make_loss(loss: str, data: Data, outputs: Callable[[int], Sequence[Term]]) -> Term:
    """The loss on all of the data, a sum or for linf the largest. Raises Rejected."""
    errors = tuple(make_all_errors(loss, data, outputs))
    return make_largest(errors) if loss == "linf" else terms.make_sum(*errors)


def make_mean(loss: str, data: Data, outputs: Callable[[int], Sequence[Term]]) -> Term:
    """The mean loss, each point with its share. Raises Rejected where it is too large."""
    parts, size = [], 0
    for place, share in enumerate(data.shares):
        if not share:
            continue
        one = make_point_loss(loss, outputs(place), data.targets[place])
        parts.append(terms.make_product(make_numeral(share), one))
        size += one.size
        if size > MAX_SIZE:
            raise Rejected(f"a term of at most {MAX_SIZE} nodes", "more")
    return terms.make_sum(*parts)


def make_largest(values: Sequence[Term]) -> Term:
    """The largest of some terms: a balanced tree of maxima, quadratic in their number."""
    whole = list(values)
    while len(whole) > 1:
        pairs = [
            sugar.make_maximum(left, right)
            for left, right in zip(whole[::2], whole[1::2], strict=False)
        ]
        whole = pairs + whole[len(whole) - len(whole) % 2 :]
    return whole[0]


def make_lower_bound(
    loss: str, bound: Term, data: Data, outputs: Callable[[int], Sequence[Term]]
) -> Term:
    """That `bound` is at most the loss; for linf, at most one of the losses."""
    errors = make_all_errors(loss, data, outputs)
    if loss == "linf":
        return terms.make_or(*(terms.make_at_most(bound, error) for error in errors))
    return terms.make_at_most(bound, terms.make_sum(*errors))
