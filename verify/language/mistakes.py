"""From a word that does not fit to a sentence that helps.

The parser knows which words could have come next; this file knows what people write
instead. The place is that of the mistake as a reader sees it, which may lie before the
word where the parser noticed: a parenthesis never closed, a statement never finished.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from typing import Final

from lark.lexer import Token

from verify.language.document import FACT_KINDS, Span
from verify.language.errors import ClaimError
from verify.language.positions import Source

HEADS: Final = (
    "type", "const", "func", "def", "use", "premise", "lemma", "step", "conclusion",
    "evidence", "admit", "expect", "limit", "scope", "lattice", "cuts", "network", "data",
    "region", "class", "circuit",
)  # fmt: skip
_HEAD_TYPES: Final = frozenset(
    "FACT" if head in FACT_KINDS else head.upper() for head in HEADS
)
_BOUNDARIES: Final = _HEAD_TYPES | {"BREAK"}
_CLOSERS: Final = frozenset({"by", "then", "else", "from", "using", "giving"})
_ENDS: Final = _HEAD_TYPES | {"BREAK", "$END", "BY", "FROM", "USING"}
_SHAPES: Final = {
    "type": "type T, or type T = {a, b}",
    "const": "const a, b: Real",
    "func": "func f(T): Real",
    "def": "def name(x: T) := formula",
    "use": 'use "file.md" as name',
    "expect": "expect NAME refuted",
    "limit": "limit 20 s",
    "scope": "scope 4 T",
    "lattice": "lattice a, b, c",
    "cuts": "cuts bad from start using e1, e2",
    "network": 'network f(x: Real) := term, or network f := "file.onnx"',
    "data": 'data D := points (0; 1) (1; 0), or data D := "file.csv"',
    "region": "region r(x: Real) := formula, or region r := hull(D)",
    "class": "class S := relu_nets(inputs = 1, hidden = 2)",
    "circuit": "circuit C := units(f, 1: {1, 2})",
}
_NAMES: Final = {
    "NAME": "a name", "NUMBER": "a numeral", "TEXT": "a text in double quotes",
    "OPERATOR": "an operator", "COLON": "`:`", "COMMA": "`,`", "DOT": "`.`",
    "LPAR": "`(`", "RPAR": "`)`", "LBRACE": "`{`", "RBRACE": "`}`", "SEMICOLON": "`;`",
    "EQUAL": "`=`", "ASSIGN": "`:=`",
}  # fmt: skip


def misspelt_head(source: Source, token: Token) -> str:
    """What a first word of a line was meant to be, if it nearly begins a statement."""
    begins = source.starts[token.line - 1]
    if token.type != "NAME" or source.text[begins : token.start_pos].strip():
        return ""
    close = get_close_matches(str(token).lower(), HEADS, 3, 0.7)
    alike = [head for head in close if head[0] == token[0].lower()]
    return next(iter(alike or close), "")


def explain(
    source: Source, history: Sequence[Token], token: Token, wanted: frozenset[str]
) -> ClaimError:
    """The error for a word that cannot follow `history`, where `wanted` could have."""
    begin = max(
        (place for place, word in enumerate(history) if word.type in _BOUNDARIES),
        default=-1,
    )
    statement = history[begin:] if begin >= 0 else []
    for explanation in (
        _unfinished, _parentheses, _heading, _binding, _beginning, _continuing
    ):  # fmt: skip
        found = explanation(source, statement, token, wanted)
        if found:
            return found
    head = str(statement[0]) if statement else ""
    fix = f"write {_SHAPES[head]}" if head in _SHAPES else ""
    return _error(source, token, f"expected {_wanted(wanted)}, got {_got(token)}", fix)


def _error(source: Source, token: Token, message: str, fix: str = "") -> ClaimError:
    place = Span(token.line, token.column, token.end_line, token.end_column)
    return source.error(place, message, fix)


def _got(token: Token) -> str:
    if token.type == "$END":
        return "the end of the text"
    if token.type == "BREAK":
        return "the end of the block"
    text = str(token)
    return f"`{text if len(text) <= 40 else text[:37] + '...'}`"


def _wanted(wanted: Iterable[str]) -> str:
    names = set(wanted) - {"BREAK", "$END"}
    words = []
    if names >= _HEAD_TYPES:
        names -= _HEAD_TYPES
        words.append("the next statement")
    known = sorted(_NAMES.get(name, f"`{name.lower()}`") for name in names)
    words = known + words
    if len(words) < 2:
        return words[0] if words else "nothing more"
    return f"{', '.join(words[:-1])} or {words[-1]}"


def _unfinished(
    source: Source, statement: Sequence[Token], token: Token, wanted: frozenset[str]
) -> ClaimError | None:
    """A keyword was read as a name because a part of a formula was still missing."""
    if len(statement) < 2 or statement[-1].type != "NAME":
        return None
    previous, before = statement[-1], statement[-2]
    heads_line = str(previous) in HEADS and previous.line > before.line
    if before.type in ("OPERATOR", "PREFIX", "COLON", "ASSIGN"):
        what = "a term or a formula"
        closes = "OPERATOR" in wanted and str(previous) in _CLOSERS
    elif before.type in ("COMMA", "BY", "FROM", "USING"):
        what, closes = "a name", False
    else:
        return None
    if not (closes or heads_line):
        return None
    message = f"expected {what} after `{before}`, got `{previous}`"
    return _error(source, previous, message, "finish what stands before it")


def _parentheses(
    source: Source, statement: Sequence[Token], token: Token, wanted: frozenset[str]
) -> ClaimError | None:
    opened: list[Token] = []
    for word in statement:
        if word.type in ("LPAR", "LBRACE"):
            opened.append(word)
        elif word.type in ("RPAR", "RBRACE"):
            opened.pop()
    if token.type in ("RPAR", "RBRACE") and not opened:
        message = f"`{token}` closes nothing"
        return _error(source, token, message, "delete it, or open it earlier")
    ends = token.type in _ENDS or misspelt_head(source, token)
    if opened and ends and ("RPAR" in wanted or "RBRACE" in wanted):
        closer = ")" if opened[-1].type == "LPAR" else "}"
        message = f"`{opened[-1]}` is never closed"
        return _error(source, opened[-1], message, f"add the missing `{closer}`")
    return None


def _heading(
    source: Source, statement: Sequence[Token], token: Token, wanted: frozenset[str]
) -> ClaimError | None:
    """Mistakes before the formula: the name, the label, the colon, `:=`."""
    got = _got(token)
    if not statement or statement[0].type == "BREAK":
        if str(token) == "by":
            message = "a by-list without its statement"
            return _error(source, token, message, "keep a statement in one block")
        near = misspelt_head(source, token)
        fix = (
            f"did you mean {near}?"
            if near
            else f"begin with {', '.join(HEADS[:9])}, ..."
        )
        return _error(source, token, f"expected a statement, got {got}", fix)
    head = statement[0]
    if head.type == "FACT" and len(statement) == 1:
        message = f"expected the name of the {head}, got {got}"
        return _error(source, token, message, f'write {head} P1 "label": formula')
    if "COLON" in wanted and head.type == "FACT" and len(statement) <= 3:
        name = statement[1]
        message = f"expected `:` after `{statement[-1]}`, got {got}"
        if token.type == "NAME" and len(statement) == 2:
            fix = f'write {head} {name}: formula, or {head} {name} "label": formula'
        else:
            fix = f"write : between the name or label and the formula of {name}"
        return _error(source, token, message, fix)
    if "ASSIGN" in wanted and token.type in ("COLON", "EQUAL", "OPERATOR"):
        return _error(source, token, f"expected `:=`, got {got}", "write :=")
    return None


def _binding(
    source: Source, statement: Sequence[Token], token: Token, wanted: frozenset[str]
) -> ClaimError | None:
    """Mistakes between a quantifier and its body."""
    begin = max(
        (place for place, word in enumerate(statement) if word.type == "QUANTIFIER"),
        default=-1,
    )
    binders = statement[begin + 1 :]
    if begin < 0 or any(
        word.type not in ("NAME", "COMMA", "COLON", "IN") for word in binders
    ):
        return None
    quantifier = statement[begin]
    names = ", ".join(str(word) for word in binders[:1])
    message = f"expected {_wanted(wanted)}, got {_got(token)}"
    if not binders:
        fix = f"name the variable: {quantifier} x: T. formula"
        return _error(source, token, message, fix)
    if "DOT" in wanted:
        fix = f"a {quantifier} ends with a full stop: {quantifier} x: T. formula"
        return _error(source, token, message, fix)
    if "COLON" in wanted and len(binders) == 1:
        fix = f"give the variable its type: {quantifier} {names}: T. formula"
        return _error(source, token, message, fix)
    fix = f"write {quantifier} x: T, y: T. formula, with a full stop at the end"
    if str(token) == "in":
        fix = (
            f"points have a quantifier of their own: {quantifier} x: T. {quantifier} p in "
            "R: formula"
        )
    return _error(source, token, message, fix)


def _beginning(
    source: Source, statement: Sequence[Token], token: Token, wanted: frozenset[str]
) -> ClaimError | None:
    """Where a term, a formula or a name has to begin, and does not."""
    written = (
        statement and statement[-1].end_pos
    )  # a lone formula has an unwritten head
    after = f" after `{statement[-1]}`" if written else ""
    if "PREFIX" in wanted:
        message = f"expected a term or a formula{after}, got {_got(token)}"
        if token.type == "OPERATOR":
            fix = f"`{token}` needs a part on either side"
        elif token.type == "DOT":
            fix = "a numeral begins with a digit: write 0.5"
        else:
            fix = "finish the formula"
        return _error(source, token, message, fix)
    if wanted == {"NAME"} and statement and statement[-1].type in ("BY", "COMMA"):
        message = f"expected a name{after}, got {_got(token)}"
        return _error(source, token, message, "write names, such as P1, P2")
    return None


def _continuing(
    source: Source, statement: Sequence[Token], token: Token, wanted: frozenset[str]
) -> ClaimError | None:
    """Mistakes after a complete part: a missing operator, a missing `by` or comma."""
    message = f"expected {_wanted(wanted)}, got {_got(token)}"
    if token.type in ("LPAR", "NUMBER") and "OPERATOR" in wanted:
        return _error(source, token, message, "write * for a product")
    if token.type != "NAME" or not wanted >= _HEAD_TYPES:
        return None
    near = misspelt_head(source, token)
    if near or token.column == 1:
        fix = f"did you mean {near}?" if near else "prose stands outside claim blocks"
        return _error(source, token, f"`{token}` begins no statement", fix)
    if "BY" in wanted:
        words = ("and", "or", "implies", "iff", "by") if len(token) > 1 else ()
        close = get_close_matches(str(token), words, 1, 0.6)
        fix = f"write by {token} to cite it, or an operator before it"
        return _error(
            source, token, message, f"did you mean {close[0]}?" if close else fix
        )
    if "FROM" in wanted:
        fix = "separate the entries of a by-list by commas"
        return _error(source, token, message, fix)
    return None
