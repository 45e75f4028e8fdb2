"""Formulas about losses, classes of networks and games: recognised, their names checked.

What networks compute is read like any formula (`applications.py`). A formula that needs
more, such as a loss or an optimum, is recognised here: every name in it must mean
something and every theory term must name things of the right kind; what it says is for
rooms that understand it. Until one does, its statement is `unsupported`, with a sentence
that says of what.
"""

from __future__ import annotations

from collections.abc import Container
from typing import Final

from verify.language import syntax
from verify.language.names import Scope, describe
from verify.language.positions import Source
from verify.language.sugar import BUILTIN_FUNCTIONS
from verify.language.syntax import Expression

_NETWORK, _DATA, _REGION = "a network", "a data set", "a region"
_CLASS, _CIRCUIT = "a class of networks", "a circuit"
_LOSS, _BALL, _TERM = "a loss", "a ball of distributions", "a term"
_PLACE = "a data set or a region"

# theory term -> what its arguments are; the last may be left out where marked
TERMS: Final[dict[str, tuple[str, ...]]] = {
    "loss": (_NETWORK, _DATA, _LOSS),
    "optimum": (_CLASS, _DATA, _LOSS),
    "silent": (_CIRCUIT, _PLACE),
    "replaceable": (_CIRCUIT, _DATA, _LOSS),
    "risk": (_NETWORK, _DATA, _LOSS, _BALL),
    "tv": (_TERM,),
    "wasserstein": (_TERM, _REGION),
    "minimax_regret": (_TERM, _TERM),
    "unit": (_NETWORK, _TERM, _TERM),
    "without": (_NETWORK, _CIRCUIT),
}
_OPTIONAL: Final = {"risk": 1}
_LOSSES: Final = frozenset({"l1", "squared", "hinge", "zero_one", "linf"})
_WORDS: Final = _LOSSES | {"mixture", "rounds", "delay"}
_WANTED: Final = {
    "loss": "losses on data",
    "optimum": "optima of classes of networks",
    "replaceable": "replacements of circuits",
    "risk": "risks",
    "minimax_regret": "repeated games",
}
_KINDS: Final = {
    syntax.Network: _NETWORK,
    syntax.Data: _DATA,
    syntax.Region: _REGION,
    syntax.ModelClass: _CLASS,
    syntax.Circuit: _CIRCUIT,
}
_NOT_YET: Final = "not available in this version"


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
    if isinstance(thing, syntax.ModelClass):
        why = f"classes of networks are {_NOT_YET}"
    else:
        why = "models and data in files are not read here"
    return f"it speaks of {describe(thing)}; {why}"


def means_theory(name: str, scope: Scope, local: Container[str]) -> bool:
    """Whether a theory term of that name is not hidden by a name of the document."""
    return name in TERMS and name not in local and name not in scope.homes


def _reason(part: Expression, scope: Scope, local: frozenset[str]) -> str:
    if part.op == "name" and part.text not in local:
        return _unread(part.text, scope)
    name = part.args[0].text if part.op == "call" else ""
    if name in _WANTED and means_theory(name, scope, local):
        return f"it speaks of {name}; {_WANTED[name]} are {_NOT_YET}"
    return ""


def _check_names(
    source: Source, part: Expression, scope: Scope, local: frozenset[str]
) -> None:
    """The names of one node; those of its parts are checked in their turn."""
    for binder in part.binders:
        thing = scope.things.get(binder.sort.text)
        if binder.member:
            if not isinstance(thing, syntax.Data | syntax.Region):
                message = f"`{binder.sort.text}` is no data set and no region"
                raise source.error(binder.sort.span, message, "declare it above")
        elif part.op != "sum" or not isinstance(thing, syntax.Data):
            scope.find_sort(source, binder.sort)
    if part.op == "call" and means_theory(part.args[0].text, scope, local):
        _check_term(source, part, scope)
    if part.op == "name" and not (
        part.text in local
        or part.text in scope.homes
        or part.text in TERMS
        or part.text in _WORDS
        or part.text in (*BUILTIN_FUNCTIONS, "true", "false")
    ):
        raise scope.unknown(source, part.span, part.text, (*local, *TERMS, *_WORDS))


def _check_term(source: Source, call: Expression, scope: Scope) -> None:
    """The arguments of a theory term: how many, and each a thing of the right kind."""
    name, args = call.args[0].text, call.args[1:]
    wanted = TERMS[name]
    if not len(wanted) - _OPTIONAL.get(name, 0) <= len(args) <= len(wanted):
        message = f"{name} takes {', '.join(wanted)}; here it has {len(args)} arguments"
        raise source.error(call.span, message, "see the list of theory terms")
    for arg, kind in zip(args, wanted, strict=False):
        if kind == _TERM:
            continue
        head = arg.args[0] if arg.op == "call" else arg
        if kind == _LOSS:
            fine = head.text in _LOSSES
        elif kind == _BALL:
            fine = head.text in ("tv", "wasserstein", "mixture")
        elif kind == _NETWORK and arg.op == "call":
            fine = head.text == "without"
        else:
            thing = scope.things.get(head.text)
            found = _KINDS.get(type(thing), "")
            fine = bool(found) and found in kind
        if not fine:
            shown = source.quote(arg.span)
            raise source.error(
                arg.span, f"{name} takes {kind} here, and {shown} is none"
            )
