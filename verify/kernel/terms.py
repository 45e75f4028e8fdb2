"""Terms: the one language that statements, certificates and countermodels are written in.

A term is an operator with arguments, sorted and immutable; `make` and its kin are the only
way to build one and refuse what is ill-sorted. There are twenty operators and no sugar:
`a >= b` is born as `b <= a`, `a - b` as `a + -1*b`, `abs` and `relu` as `if`. Bound
variables are de Bruijn indices, so formulas that differ only in the names of variables are
equal; the names ride along for printing. Equality and hashing go by `key`, the SHA-256
digest of the structure: no recursion, no global table, and the trust in the hash that
certificates need anyway.

Sorts are Bool, Int, Real, Nat (the integers from 0 on, a subsort of Int), uninterpreted
non-empty sorts, and finite sorts whose elements are distinct and all there is. Functions
are total; what a function over Nat does to a negative argument is unspecified.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from fractions import Fraction
from functools import partial
from hashlib import sha256
from typing import Final, NamedTuple, Never, Self, TypeAlias

from verify.kernel.rejections import Rejected

MAX_DEPTH: Final = 400
MAX_SIZE: Final = 200_000
MAX_BITS: Final = 8_192


class Sort(NamedTuple):
    """A sort; `elements` is non-empty exactly for finite sorts."""

    name: str
    elements: tuple[str, ...] = ()

    def __str__(self) -> str:
        return self.name


BOOL: Final = Sort("Bool")
INT: Final = Sort("Int")
REAL: Final = Sort("Real")
NAT: Final = Sort("Nat")
BUILTIN: Final = {sort.name: sort for sort in (BOOL, INT, REAL, NAT)}


class Symbol(NamedTuple):
    """A declared constant or function: its name, the sorts it takes, the sort it gives."""

    name: str
    arguments: tuple[Sort, ...]
    result: Sort


class Binder(NamedTuple):
    """What a quantifier binds: a name, for printing only, and a sort."""

    name: str
    sort: Sort


Value: TypeAlias = None | Fraction | Symbol | int | Binder


class Locked:
    """A value that only its maker builds: no call, subclass, change, copy or pickle.

    Python has no real locks: `object.__new__` with `object.__setattr__` forges one. The
    real lock is replay, the evidence read again from its file in a fresh process.
    """

    __slots__ = ()

    def __new__(cls, *_: object, **__: object) -> Self:
        raise TypeError(f"a {cls.__name__} is made by the kernel only")

    def __init_subclass__(cls) -> None:
        if cls.__module__ not in ("verify.kernel.terms", "verify.kernel.check"):
            raise TypeError("values of the kernel cannot be subclassed")

    def __setattr__(self, name: str, _: object) -> Never:
        raise AttributeError(f"values of the kernel are immutable: {name}")

    def __delattr__(self, name: str) -> Never:
        raise AttributeError(f"values of the kernel are immutable: {name}")

    def __reduce__(self) -> Never:
        raise TypeError("values of the kernel are written as text, never pickled")

    def __copy__(self) -> Locked:
        return self

    def __deepcopy__(self, _: object) -> Locked:
        return self


def fill(new: Locked, /, **slots: object) -> None:
    """Set the slots of a new value; for the makers of the kernel."""
    for name, content in slots.items():
        object.__setattr__(new, name, content)


class Term(Locked):
    """An immutable, sorted term.

    `op` is its operator, `args` its subterms, `value` the payload: a Fraction for `num`, a
    Symbol for `app`, the index for `var`, a Binder for a quantifier. `loose` counts the
    quantifiers still missing around it (0: closed), `size` its nodes as a tree, `depth`
    its height.
    """

    __slots__ = ("op", "args", "value", "sort", "key", "loose", "size", "depth")
    op: str
    args: tuple[Term, ...]
    value: Value
    sort: Sort
    key: bytes
    loose: int
    size: int
    depth: int

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Term) and self.key == other.key

    def __hash__(self) -> int:
        return hash(self.key)

    def __repr__(self) -> str:
        return f"<Term {self.op} {self.key.hex()[:8]}>"


def fits(sort: Sort, expected: Sort) -> bool:
    """Whether a term of `sort` may stand where `expected` is declared (Nat and Int mix)."""
    return sort == expected or {sort, expected} == {NAT, INT}


def is_numeric(sort: Sort) -> bool:
    return sort in (INT, REAL, NAT)


def _require(term: Term, expected: Sort, place: str) -> None:
    if term.sort is not expected and not fits(term.sort, expected):
        raise Rejected(f"sort {expected} {place}", f"sort {term.sort}")


def _build(
    op: str,
    args: tuple[Term, ...],
    sort: Sort,
    value: Value = None,
    free: int | None = None,
) -> Term:
    size, depth, loose = 1, 0, 0
    for arg in args:
        size += arg.size
        depth = max(depth, arg.depth)
        loose = max(loose, arg.loose)
    if size > MAX_SIZE or depth >= MAX_DEPTH:
        expected = (
            f"a term of at most {MAX_SIZE} nodes, nested at most {MAX_DEPTH} deep"
        )
        raise Rejected(expected, f"{size} nodes, {depth + 1} deep")
    # the name of a bound variable is no part of what a term is
    named = value.sort if isinstance(value, Binder) else value
    head = f"{op} {tuple(sort)} {named!r}\n".encode()
    term = object.__new__(Term)
    fill(
        term, op=op, args=args, value=value, sort=sort, size=size, depth=depth + 1,
        key=sha256(head + b"".join([arg.key for arg in args])).digest(),
        loose=loose if free is None else free,
    )  # fmt: skip
    return term


def _sort_of(op: str, args: tuple[Term, ...]) -> Sort:
    """The sort of `op` applied to `args`; Rejected when it cannot be."""
    one, sort = args[0], args[0].sort
    if op in ("not", "and", "or", "implies", "iff"):
        for arg in args:
            _require(arg, BOOL, f"in {op}")
        return BOOL
    if op in ("=", "<=", "<", "+", "*"):
        if op != "=" and not is_numeric(sort):
            raise Rejected(f"a number in {op}", f"sort {sort}")
        for arg in args[1:]:
            _require(arg, sort, f"beside a {sort} in {op}")
        if op in ("=", "<=", "<"):
            return BOOL
        return sort if all(arg.sort == sort for arg in args) else INT
    if op == "if":
        _require(one, BOOL, "as condition")
        _require(args[2], args[1].sort, "after else")
        return args[1].sort if args[1].sort == args[2].sort else INT
    for arg in args:
        _require(arg, INT if op == "real" else REAL, f"in {op}")
    return REAL


# operator -> number of arguments; -1: two or more, flattened
ARITY: Final = {
    "true": 0, "false": 0, "not": 1, "and": -1, "or": -1, "implies": 2, "iff": 2, "=": 2,
    "<=": 2, "<": 2, "+": -1, "*": -1, "/": 2, "if": 3, "real": 1,
}  # fmt: skip


def make(op: str, *args: Term) -> Term:
    """A term with one of the operators in `ARITY`.

    Sums, products, conjunctions and disjunctions are flattened, and one of a single part
    is that part (of none: its unit); a double negation and a negated constant vanish at
    birth; `=` between formulas is `iff`. Raises Rejected on anything ill-sorted.
    """
    if op not in ARITY:
        raise Rejected("a known operator", op)
    if ARITY[op] < 0:
        args = tuple(
            part for arg in args for part in (arg.args if arg.op == op else (arg,))
        )
        if not args:
            return {"and": TRUE, "or": FALSE}.get(op) or make_number(
                int(op == "*"), INT
            )
    elif len(args) != ARITY[op]:
        raise Rejected(f"{ARITY[op]} arguments of {op}", str(len(args)))
    sort = _sort_of(op, args) if args else BOOL
    if ARITY[op] < 0 and len(args) == 1:
        return args[0]
    if op == "not" and args[0].op == "not":
        return args[0].args[0]
    if op == "not" and args[0].op in ("true", "false"):
        return FALSE if args[0].op == "true" else TRUE
    if op == "=" and args[0].sort == BOOL:
        op = "iff"
    return _build(op, args, sort)


TRUE: Final = make("true")
FALSE: Final = make("false")
make_not: Final = partial(make, "not")
make_and: Final = partial(make, "and")
make_or: Final = partial(make, "or")
make_implies: Final = partial(make, "implies")
make_iff: Final = partial(make, "iff")
make_equal: Final = partial(make, "=")
make_at_most: Final = partial(make, "<=")
make_less: Final = partial(make, "<")
make_sum: Final = partial(make, "+")
make_product: Final = partial(make, "*")
make_quotient: Final = partial(make, "/")
make_if: Final = partial(make, "if")
make_real: Final = partial(make, "real")


def make_number(value: Fraction | int, sort: Sort) -> Term:
    """An exact numeral of sort Int (Nat when not negative) or Real."""
    if type(value) not in (int, Fraction):
        raise Rejected("an int or a Fraction", type(value).__name__)
    exact = Fraction(value)
    if max(exact.numerator.bit_length(), exact.denominator.bit_length()) > MAX_BITS:
        raise Rejected(f"a numeral of at most {MAX_BITS} bits", "a longer one")
    if not is_numeric(sort) or (sort != REAL and exact.denominator != 1):
        raise Rejected("a number of that sort", f"{exact} as {sort}")
    return _build("num", (), sort if sort == REAL else INT if exact < 0 else NAT, exact)


def make_variable(index: int, sort: Sort) -> Term:
    """The variable bound by the `index`-th quantifier outward, 0 being the innermost."""
    if index < 0:
        raise Rejected("a variable index from 0 on", str(index))
    return _build("var", (), sort, index, index + 1)


def make_application(symbol: Symbol, args: Iterable[Term] = ()) -> Term:
    """A constant, or a function applied to its arguments."""
    parts = tuple(args)
    if len(parts) != len(symbol.arguments):
        raise Rejected(
            f"{len(symbol.arguments)} arguments of {symbol.name}", f"{len(parts)}"
        )
    for place, (part, sort) in enumerate(zip(parts, symbol.arguments, strict=True), 1):
        _require(part, sort, f"as argument {place} of {symbol.name}")
    return _build("app", parts, symbol.result, symbol)


constant: Final = make_application


def _quantify(op: str, name: str, sort: Sort, body: Term) -> Term:
    _require(body, BOOL, f"under {op}")
    return _build(op, (body,), BOOL, Binder(name, sort), max(body.loose - 1, 0))


# `make_forall(name, sort, body)`: variable 0 of `body` is the bound one
make_forall: Final = partial(_quantify, "forall")
make_exists: Final = partial(_quantify, "exists")


def remake(term: Term, args: tuple[Term, ...]) -> Term:
    """`term` with other arguments, through its maker, so that sorts are checked again."""
    if not args:
        return term
    if isinstance(term.value, Symbol):
        return make_application(term.value, args)
    if isinstance(term.value, Binder):
        return _quantify(term.op, *term.value, *args)
    return make(term.op, *args)


def rewrite(
    term: Term,
    visit: Callable[[Term, int, tuple[Term, ...]], Term],
    *,
    loose: bool = False,
) -> Term:
    """Bottom-up, without recursion: `visit(subterm, binders above it, new arguments)`.

    Equal subterms at equal depth are visited once; with `loose`, only the subterms that
    speak of variables bound outside `term`, the others staying as they are.
    """
    done: dict[tuple[bytes, int], Term] = {}
    stack = [(term, 0, False)]
    while stack:
        node, depth, ready = stack.pop()
        if (node.key, depth) in done:
            continue
        inner = depth + isinstance(node.value, Binder)
        if loose and node.loose <= depth:
            done[node.key, depth] = node
        elif ready or not node.args:
            args = tuple([done[arg.key, inner] for arg in node.args])
            done[node.key, depth] = visit(node, depth, args)
        else:
            stack.append((node, depth, True))
            stack.extend([(arg, inner, False) for arg in node.args])
    return done[term.key, 0]


def instantiate(quantified: Term, term: Term) -> Term:
    """The body of a quantifier with the closed `term` in place of its variable.

    Raises Rejected when `quantified` is no quantifier, the sorts differ, or `term` has
    loose variables (with closed terms nothing can be captured).
    """
    if not isinstance(quantified.value, Binder):
        raise Rejected("a quantified formula", quantified.op)
    _require(term, quantified.value.sort, f"for the variable {quantified.value.name}")
    if term.loose:
        raise Rejected("a closed term", "one with loose variables")

    def visit(node: Term, depth: int, args: tuple[Term, ...]) -> Term:
        if isinstance(node.value, int):
            return (
                term
                if node.value == depth
                else make_variable(node.value - 1, node.sort)
            )
        return remake(node, args)

    return rewrite(quantified.args[0], visit, loose=True)


def subterms(term: Term) -> list[Term]:
    """Every distinct subterm, each before the terms that contain it."""
    seen: set[bytes] = set()
    out: list[Term] = []
    stack = [(term, False)]
    while stack:
        node, ready = stack.pop()
        if ready:
            out.append(node)
        elif node.key not in seen:
            seen.add(node.key)
            stack.append((node, True))
            stack.extend((arg, False) for arg in reversed(node.args))
    return out
