"""Words to syntax nodes, through lark's LALR tables, one word at a time.

The loop is ours rather than lark's for three reasons. A word is a keyword only where the
parser can take that keyword (`const base: Bool` and `step data: ...` are fine); a mistake
is met with everything before it already read, so the caller can look for earlier mistakes
of meaning first; and nothing is compiled but the tables: no regular expression per state.
Lark's tables, stacks and callbacks do not recurse, so depth costs nothing.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Any, Final, NamedTuple

from lark import Lark
from lark.lexer import Lexer, Token

from verify.language import limits, mistakes, precedence
from verify.language.document import FACT_KINDS
from verify.language.errors import ClaimError
from verify.language.limits import Meter
from verify.language.positions import Source
from verify.language.syntax import Expression, Fact, Item
from verify.language.tree import TreeBuilder
from verify.language.words import read_words, too_deep

GRAMMAR: Final = Path(__file__).with_name("grammar.lark")

# Of the reserved words, these three are names to the grammar.
_NO_OPERANDS: Final = precedence.RESERVED - {"true", "false", "real"}


class Syntax(NamedTuple):
    """What could be read of a document: the items in order, up to the first mistake."""

    items: tuple[Item, ...]
    mistake: ClaimError | None


class _NoLexer(Lexer):  # type: ignore[misc]
    """Lark wants a lexer; ours is the loop below."""

    __future_interface__ = True

    def __init__(self, conf: Any) -> None:
        pass

    def lex(self, lexer_state: Any, parser_state: Any) -> Iterator[Token]:
        return iter(())


@cache
def _engine() -> Any:
    return Lark(
        GRAMMAR.read_text(encoding="utf-8"),
        parser="lalr",
        lexer=_NoLexer,
        transformer=TreeBuilder(),
        keep_all_tokens=True,
        maybe_placeholders=False,
    )


@cache
def _terminals() -> dict[str, tuple[str, ...]]:
    """What each word can be, in the order tried."""
    table: dict[str, tuple[str, ...]] = dict.fromkeys(FACT_KINDS, ("FACT",))
    for words, terminal in (
        (precedence.PREFIXES, "PREFIX"),
        (precedence.QUANTIFIERS, "QUANTIFIER"),
    ):
        table.update(dict.fromkeys(words, (terminal,)))
    for word in precedence.OPERATORS:
        table[word] = (*table.get(word, ()), "OPERATOR")
    for terminal in _engine().terminals:
        if terminal.pattern.type == "str":
            word = terminal.pattern.value
            table[word] = (terminal.name, *table.get(word, ()))
    return table


def _choose(token: Token, accepted: Container[str]) -> str:
    """The terminal a word is where the parser can go on with `accepted`."""
    if token.type not in ("NAME", "MARK"):
        return str(token.type)
    candidates = _terminals().get(str(token), ())
    for candidate in candidates:
        if candidate in accepted:
            return candidate
    starts_operand = "PREFIX" in accepted
    if token.type == "NAME" and not (starts_operand and str(token) in _NO_OPERANDS):
        return "NAME"
    return candidates[0] if candidates else str(token.type)


def _fits(state: Any, terminal: str) -> bool:
    """Whether the parser can really take a word, after the reductions it asks for."""
    states = state.parse_conf.states
    top = states[state.state_stack[-1]].get(terminal)
    if top is None or top[0].name == "Shift":
        return top is not None
    stack: list[int] = list(state.state_stack)
    while True:
        action, target = states[stack[-1]].get(terminal, (None, None))
        if action is None or action.name == "Shift":
            return action is not None
        if len(target.expansion):
            del stack[-len(target.expansion) :]
        if target.origin.name == "start":
            return True
        stack.append(states[stack[-1]][target.origin.name][1])


def _expected(state: Any) -> frozenset[str]:
    """The terminals the parser can take now."""
    return frozenset(
        name
        for name in state.parse_conf.states[state.state_stack[-1]]
        if name.isupper() and _fits(state, name)
    )


def _read(source: Source, words: Iterable[Token]) -> Syntax:
    state = _engine().parse_interactive("").parser_state
    tables = state.parse_conf.states
    history: list[Token] = []
    items: list[Item] = []
    try:
        for token in words:
            accepted = tables[state.state_stack[-1]]
            word = token
            word.type = _choose(token, accepted)
            if len(state.state_stack) > limits.MAX_STACK:
                raise too_deep(source, word.start_pos)
            if not _fits(state, word.type):
                if mistakes.misspelt_head(source, word) and _fits(state, "BREAK"):
                    state.feed_token(token.update(type="BREAK"))
                raise mistakes.explain(source, history, word, _expected(state))
            result = state.feed_token(word, word.type == "$END")
            history.append(word)
        items = result
    except ClaimError as error:
        if state.value_stack and isinstance(state.value_stack[0], list):
            items = state.value_stack[0]
        error.path = source.path
        return Syntax(tuple(items), error)
    return Syntax(tuple(items), None)


def read_syntax(source: Source, meter: Meter) -> Syntax:
    """The items of a document; a mistake is returned, not raised, with what came before."""
    return _read(source, read_words(source, meter))


def read_formula(source: Source, meter: Meter) -> Expression:
    """The one expression that the text is; raises ClaimError on anything else."""
    head = [
        Token("NAME", "premise", 0, 1, 1, 1, 1, 0),
        Token("NAME", "formula", 0, 1, 1, 1, 1, 0),
        Token("MARK", ":", 0, 1, 1, 1, 1, 0),
    ]

    def words() -> Iterator[Token]:
        yield from head
        yield from read_words(source, meter)

    syntax = _read(source, words())
    if syntax.mistake:
        raise syntax.mistake
    first, *others = syntax.items
    for other in others:
        message = "expected one formula, got more"
        raise source.error(other.span, message, "leave the rest out")
    if not isinstance(first, Fact) or first.by is not None:
        message = "expected one formula, got a by-list"
        raise source.error(first.span, message, "leave it out")
    return first.formula
