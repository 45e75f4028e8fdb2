"""Theory terms: their names, what they take, and what cannot be taken further yet.

`loss`, `optimum` and their kin take things that the document declares. Here it is checked
that each argument is a thing of the right kind; what a term means is for `measures.py`. A
formula that speaks of what this version does not know, or of a model that nobody looked
at, is recognised before it is read: every name in it must mean something, and its
statement is `unsupported`, with a sentence that says of what.
"""

from __future__ import annotations

from collections.abc import Container
from typing import Final

from verify.language import syntax
from verify.language.names import Scope, describe
from verify.language.positions import Source
from verify.language.quantity_names import BALLS, LOSSES
from verify.language.sugar import BUILTIN_FUNCTIONS
from verify.language.syntax import Expression

_NETWORK, _DATA, _REGION = "a network", "a data set", "a region"
_CLASS, _CIRCUIT = "a class of networks", "a circuit"
_LOSS, _BALL, _TERM = "a loss", "a ball of distributions", "a term"
_POINT, _RADIUS = "a point", "a radius"
_PLACE = "a data set or a region"
_MARGIN, _DISTANCE, _NORM = "by = NUMBER", "l1 or linf", "the norm l1 or linf"
_LIKELIHOOD = "loss = LOSS or likelihood = TERM"

# theory term -> what its arguments are; so many of the last may be left out
TERMS: Final[dict[str, tuple[str, ...]]] = {
    "loss": (_NETWORK, _DATA, _LOSS),
    "optimum": (_CLASS, _DATA, _LOSS),
    "least": (_CIRCUIT, _DATA, _LOSS),
    "silent": (_CIRCUIT, _PLACE),
    "replaceable": (_CIRCUIT, _DATA, _LOSS, _MARGIN),
    "risk": (_NETWORK, _DATA, _LOSS, _BALL),
    "posterior": (_CLASS, _DATA, _TERM, _LIKELIHOOD),
    "tv": (_TERM,),
    "wasserstein": (_TERM, _REGION, _DISTANCE),
    "subpopulation": (_TERM,),
    "mixture": (_DATA,),
    "region": (_REGION,),
    "minimax_regret": (_TERM, _TERM),
    "unit": (_NETWORK, _TERM, _TERM),
    "without": (_NETWORK, _CIRCUIT),
    "hull": (_DATA,),
    "box": (_DATA,),
    "ball": (_POINT, _NORM, _RADIUS),
}
PLACES: Final = frozenset(
    {"hull", "box", "ball"}
)  # regions written where they are used
_OPTIONAL: Final = {"risk": 1, "replaceable": 1, "posterior": 1, "wasserstein": 1}
_NAMED: Final = {_MARGIN: ("by",), _LIKELIHOOD: ("loss", "likelihood")}
_WORDS: Final = frozenset((*LOSSES, "mixture", "rounds", "delay", "by", "likelihood"))
_WANTED: Final = {"minimax_regret": "repeated games"}
_KINDS: Final = {
    syntax.Network: _NETWORK,
    syntax.Data: _DATA,
    syntax.Region: _REGION,
    syntax.ModelClass: _CLASS,
    syntax.Circuit: _CIRCUIT,
}
_FIXES: Final = {
    _LOSS: f"write one of {', '.join(LOSSES)}",
    _BALL: "write tv(e), wasserstein(e, R), subpopulation(a), mixture or region(R)",
    _MARGIN: "write by = 1/4",
    _LIKELIHOOD: "write loss = l1, or likelihood = a term",
    _DISTANCE: "write l1 or linf",
    _NORM: "write ball(p, l1, 1/10)",
    _DATA: "declare one above, such as data D := points (0; 1) (1; 0)",
    _REGION: "declare one above, such as region R := hull(D), and name it",
}
_NOT_LINEAR: Final = "no ball of l2 is linear; put a polytope around it"


class Unsupported(Exception):
    """What is written has a meaning that this version cannot state: a sentence."""


def find_unsupported(
    source: Source,
    node: Expression,
    scope: Scope,
    local: frozenset[str] = frozenset(),
) -> str:
    """Why a formula cannot be taken further: a sentence, or nothing when it can.

    `local` are the names of parameters. Raises ClaimError when it cannot and a name in it
    has no meaning or stands for a thing of the wrong kind.
    """
    reason = ""
    stack: list[tuple[Expression, frozenset[str]]] = [(node, local)]
    seen: list[tuple[Expression, frozenset[str]]] = []
    while stack:
        part, local = stack.pop()
        seen.append((part, local))
        reason = reason or _reason(part, scope, local)
        for binder in part.binders:
            reason = reason or _unread(binder.sort.text, scope)
            local = local | {word.text for word in binder.names}
        stack.extend((arg, local) for arg in reversed(part.args))
    if reason:
        for part, local in seen:
            _check_names(source, part, scope, local)
    return reason


def _unread(name: str, scope: Scope) -> str:
    """Why a declared thing cannot be spoken of, if it cannot."""
    thing = scope.things.get(name)
    if thing is None or name in scope.read or name in scope.unsupported:
        return scope.unsupported.get(name, "")
    why = "models and data in files are not read here"
    return f"it speaks of {describe(thing)}; {why}"


def means_theory(name: str, scope: Scope, local: Container[str]) -> bool:
    """Whether a theory term of that name is not hidden by a name of the document."""
    return name in TERMS and name not in local and name not in scope.homes


def check_hidden(
    source: Source, call: Expression, scope: Scope, local: Container[str]
) -> None:
    """ClaimError where a name of the document hides a theory term that was meant."""
    head = call.args[0]
    if head.text not in TERMS or head.text not in scope.homes:
        return
    if any(arg.text in scope.things and arg.text not in local for arg in call.args[1:]):
        line = scope.homes[head.text].line
        message = f"`{head.text}` is declared in line {line}, which hides the theory's"
        raise source.error(head.span, message, "rename what is declared there")


def _reason(part: Expression, scope: Scope, local: frozenset[str]) -> str:
    if part.op == "name" and part.text not in local:
        return _unread(part.text, scope)
    name = part.args[0].text if part.op == "call" else ""
    if name in _WANTED and means_theory(name, scope, local):
        return f"it speaks of {name}; {_WANTED[name]} are not available in this version"
    return ""


def _check_names(
    source: Source, part: Expression, scope: Scope, local: frozenset[str]
) -> None:
    """The names of one node; those of its parts are checked in their turn."""
    for binder in part.binders:
        thing = scope.things.get(binder.sort.text)
        if binder.member and part.args[1:]:
            continue  # a hull, a box or a ball, which is a part of its own
        if binder.member:
            if not isinstance(thing, syntax.Data | syntax.Region):
                message = f"`{binder.sort.text}` is no data set and no region"
                raise source.error(binder.sort.span, message, "declare it above")
        elif part.op != "sum" or not isinstance(thing, syntax.Data):
            scope.find_sort(source, binder.sort)
    if part.op == "call" and means_theory(part.args[0].text, scope, local):
        check_term(source, part, scope)
    if part.op == "name" and not (
        part.text in local
        or part.text in scope.homes
        or part.text in TERMS
        or part.text in _WORDS
        or part.text in (*BUILTIN_FUNCTIONS, "true", "false")
    ):
        raise scope.unknown(source, part.span, part.text, (*local, *TERMS, *_WORDS))


def check_term(source: Source, call: Expression, scope: Scope, drawn: str = "") -> None:
    """The arguments of a theory term: how many, and each a thing of the right kind.

    `drawn` is the class whose name stands for a network here, if any. Raises ClaimError.
    """
    name, args = call.args[0].text, call.args[1:]
    wanted = TERMS[name]
    if name == "mixture":
        wanted = wanted * len(args)
    if not len(wanted) - _OPTIONAL.get(name, 0) <= len(args) <= len(wanted):
        count = "1 argument" if len(args) == 1 else f"{len(args)} arguments"
        message = f"{name} takes {', '.join(wanted)}; here it has {count}"
        fix = "see the list of theory terms"
        if name == "ball":
            fix = "write ball((1, 2), l1, 1/10), or ball(1, l1, 1/10) on the line"
        raise source.error(call.span, message, fix)
    for arg, kind in zip(args, wanted[: len(args)], strict=True):
        if not (kind in (_TERM, _POINT, _RADIUS) or _fits(arg, kind, scope, drawn)):
            shown = source.quote(arg.span)
            message = f"{name} takes {kind} here, and {shown} is none"
            fix = _FIXES.get(kind, "")
            if kind == _NORM and arg.text == "l2":
                fix = _NOT_LINEAR
            raise source.error(arg.span, message, fix)


def _fits(arg: Expression, kind: str, scope: Scope, drawn: str) -> bool:
    """Whether an argument is of a kind."""
    head = arg.args[0] if arg.op == "call" else arg
    if kind in _NAMED:
        return split_named(arg)[0] in _NAMED[kind]
    if kind == _LOSS:
        return arg.op == "name" and arg.text in LOSSES
    if kind in (_DISTANCE, _NORM):
        return arg.op == "name" and arg.text in ("l1", "linf")
    if kind == _BALL:
        return head.text in BALLS and (arg.op == "call" or head.text == "mixture")
    if kind == _NETWORK and arg.op == "call":
        return head.text == "without"
    if kind == _PLACE and arg.op == "call":
        return head.text in PLACES
    if kind == _NETWORK and drawn and arg.text == drawn:
        return True
    found = _KINDS.get(type(scope.things.get(arg.text)), "")
    return arg.op == "name" and bool(found) and found in kind


def split_named(arg: Expression) -> tuple[str, Expression]:
    """The name and the value of `name = value`; an empty name where it is none."""
    if arg.op == "compare" and arg.signs == ("=",) and arg.args[0].op == "name":
        return arg.args[0].text, arg.args[1]
    return "", arg
