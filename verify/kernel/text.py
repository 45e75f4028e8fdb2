"""Canonical text: terms as S-expressions, written and read without recursion.

    (forall (?N Model) (implies (< (size ?N) K) (= (loss ?N) 1/3)))

Bound variables carry a leading `?`; an inner variable that would hide an outer one gets
`.1`, `.2`, ... An Int numeral has no slash (`-3`), a Real one always has (`-3/1`).
Witness constants are `!` and the number of the step that made them. The reader knows only
the sorts and symbols it is handed and builds through the makers, so what it returns is
well sorted; everything else is Rejected.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from fractions import Fraction
from typing import Final

from verify.kernel import terms
from verify.kernel.rejections import Rejected, require
from verify.kernel.terms import INT, REAL, Binder, Sort, Symbol, Term

MAX_TEXT: Final = 4_000_000
MAX_TOKENS: Final = 500_000
KEYWORDS: Final = frozenset(terms.ARITY) | {"forall", "exists"}
_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_.]{0,199}\Z")
_TOKEN: Final = re.compile(r"[()]|[^\s()]+")
_NUMERAL: Final = re.compile(r"(-?[0-9]{1,4000})(?:/([1-9][0-9]{0,3999}))?\Z")

Tree = str | list["Tree"]
Symbols = Mapping[str, Symbol]
Scope = list[tuple[str, Sort]]
Made = dict[tuple[object, ...], list[Term]]  # a term and its parts, kept alive, by them


def read_tree(text: str) -> list[Tree]:
    """The S-expressions of `text`, as nested lists of atoms."""
    require(len(text) <= MAX_TEXT, f"at most {MAX_TEXT} characters", len(text))
    require(text.isascii(), "ASCII text", "other characters")
    tokens = _TOKEN.findall(text)
    require(len(tokens) <= MAX_TOKENS, f"at most {MAX_TOKENS} tokens", len(tokens))
    stack: list[list[Tree]] = [[]]
    for token in tokens:
        if token == "(":
            stack[-1].append([])
            stack.append(stack[-1][-1])  # type: ignore[arg-type]
            require(
                len(stack) <= 2 * terms.MAX_DEPTH,
                "less nesting",
                f"{len(stack)} levels",
            )
        elif token == ")":
            require(len(stack) > 1, "balanced parentheses", "a ')' too many")
            stack.pop()
        else:
            stack[-1].append(token)
    require(len(stack) == 1, "balanced parentheses", "a '(' too many")
    return stack[0]


def read_name(tree: Tree) -> str:
    if not isinstance(tree, str) or not _NAME.match(tree):
        raise Rejected("a name", tree)
    return tree


def read_rational(text: str) -> Fraction:
    """The rational `p` or `p/q` with q > 0."""
    if not (match := _NUMERAL.match(text)):
        raise Rejected("a rational p or p/q", text)
    return Fraction(int(match[1]), int(match[2] or 1))


def make_term(tree: Tree, sorts: Mapping[str, Sort], symbols: Symbols) -> Term:
    """The term a tree stands for, over these sorts and symbols.

    What is written twice with the same parts is made once.
    """
    scope: Scope = []
    made: Made = {}
    results: list[Term] = []
    work: list[tuple[str, Tree]] = [("read", tree)]
    while work:
        task, node = work.pop()
        if task == "bind":
            scope.append(_read_binder(node, sorts))
        elif task == "close":
            name, sort = scope.pop()
            maker = terms.make_forall if node == "forall" else terms.make_exists
            results.append(maker(name.partition(".")[0][1:], sort, results.pop()))
        elif task == "apply":
            count = len(node) - 1
            args = results[len(results) - count :]
            del results[len(results) - count :]
            whole = (str(node[0]), *map(id, args))
            if whole not in made:
                made[whole] = [_apply(str(node[0]), args, symbols), *args]
            results.append(made[whole][0])
        elif isinstance(node, str):
            results.append(_read_atom(node, scope, symbols, made))
        elif node and node[0] in ("forall", "exists") and len(node) == 3:
            work += [("close", node[0]), ("read", node[2]), ("bind", node[1])]
        else:
            require(
                bool(node) and isinstance(node[0], str), "an operator after '('", node
            )
            work += [("apply", node), *(("read", arg) for arg in reversed(node[1:]))]
    return results[0]


def _read_binder(tree: Tree, sorts: Mapping[str, Sort]) -> tuple[str, Sort]:
    match tree:
        case [str(name), str(sort)] if name[:1] == "?" and sort in sorts:
            read_name(name[1:])
            return name, sorts[sort]
    raise Rejected("a binder (?name Sort) of a declared sort", tree)


def _apply(head: str, args: list[Term], symbols: Symbols) -> Term:
    if head in terms.ARITY and args:
        require(
            terms.ARITY[head] > 0 or len(args) > 1,
            f"two arguments of {head}",
            len(args),
        )
        return terms.make(head, *args)
    require(head in symbols and bool(args), "a declared function with arguments", head)
    return terms.make_application(symbols[head], args)


def _read_atom(token: str, scope: Scope, symbols: Symbols, made: Made) -> Term:
    names = [name for name, _ in reversed(scope)]
    place = names.index(token) if token in names else -1
    whole = (place, token if place < 0 else scope[-1 - place][1].name)
    if whole not in made:
        if token in ("true", "false"):
            term = terms.make(token)
        elif place >= 0:
            term = terms.make_variable(place, scope[-1 - place][1])
        elif token[0] in "-0123456789":
            sort = REAL if "/" in token else INT
            term = terms.make_number(read_rational(token), sort)
        else:
            wanted = "a declared constant or a variable in scope"
            require(token in symbols, wanted, token)
            term = terms.make_application(symbols[token])
        made[whole] = [term]
    return made[whole][0]


def write_term(term: Term) -> str:
    """The canonical text of a closed term; `make_term(read_tree(...))` gives it back."""
    out: list[str] = []
    scope: list[str] = []
    work: list[Term | str | None] = [term]
    while work:
        item = work.pop()
        if item is None:
            scope.pop()
        elif isinstance(item, str):
            out.append(item)
        elif isinstance(item.value, Binder):
            base = name = "?" + item.value.name.partition(".")[0]
            while name in scope:
                name = f"{base}.{int(name.partition('.')[2] or 0) + 1}"
            scope.append(name)
            out.append(f"({item.op} ({name} {item.value.sort}) ")
            work += [")", None, item.args[0]]
        elif not item.args:
            out.append(_write_atom(item, scope))
        else:
            out.append(
                "(" + (item.value.name if isinstance(item.value, Symbol) else item.op)
            )
            work.append(")")
            for arg in reversed(item.args):
                work += [arg, " "]
    return "".join(out)


def _write_atom(term: Term, scope: list[str]) -> str:
    match term.value:
        case Symbol(name, _, _):
            return name
        case Fraction() as value:
            return (
                f"{value.numerator}/{value.denominator}"
                if term.sort == REAL
                else str(value)
            )
        case int(index):
            require(index < len(scope), "a closed term", "a loose variable")
            return scope[-1 - index]
    return term.op
