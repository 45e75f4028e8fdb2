"""What an engine must be told beside the formulas: Nat is Int from 0 on, finite is finite.

Engines know neither Nat nor our finite sorts. Both gaps are closed here, over kernel
terms and so once for every engine: a constant or application of sort Nat gets its own
`0 <= t`, and a quantifier over a finite sort is written out while that stays small.
Guards of bound Nat variables are added by the encoders, which see the binders. Engines
therefore share this file; what they agree on is still only a hint until the kernel has
accepted a certificate.
"""

from __future__ import annotations

from collections.abc import (
    Callable,
    Container,
    Hashable,
    Iterable,
    Iterator,
    Mapping,
    Sequence,
)
from typing import Final, NamedTuple, TypeVar

from verify.kernel.terms import (
    BOOL,
    FALSE,
    INT,
    NAT,
    TRUE,
    Binder,
    Sort,
    Symbol,
    Term,
    constant,
    instantiate,
    make_and,
    make_application,
    make_at_most,
    make_equal,
    make_forall,
    make_not,
    make_number,
    make_or,
    make_variable,
    remake,
    rewrite,
    subterms,
)

Node = TypeVar("Node")
Key = TypeVar("Key", bound=Hashable)

MAX_EXPANDED: Final = 4_000
ZERO: Final = make_number(0, INT)


class NatFacts(NamedTuple):
    """`ground` facts, and `general` ones about every argument of a function.

    An engine that is unsure about quantifiers loses its way in the general ones, so they
    are kept apart: what is contradictory without them is contradictory, but a model must
    satisfy both.
    """

    ground: tuple[Term, ...] = ()
    general: tuple[Term, ...] = ()


def nat_facts(formulas: Iterable[Term]) -> NatFacts:
    """`0 <= t` for what is of sort Nat in the formulas, each once.

    A ground application gets a ground fact; a function applied to bound variables gets
    one fact about all arguments.
    """
    ground: dict[Term, None] = {}
    general: dict[Term, None] = {}
    for formula in formulas:
        for term in subterms(formula):
            if (
                term.op != "app"
                or term.sort != NAT
                or not isinstance(term.value, Symbol)
            ):
                continue
            if term.loose:
                general[_always(term.value)] = None
            else:
                ground[make_at_most(ZERO, term)] = None
    return NatFacts(tuple(ground), tuple(general))


def _always(symbol: Symbol) -> Term:
    count = len(symbol.arguments)
    sorts = [INT if sort == NAT else sort for sort in symbol.arguments]
    variables = (make_variable(count - 1 - i, sort) for i, sort in enumerate(sorts))
    fact = make_at_most(ZERO, make_application(symbol, variables))
    for place in reversed(range(count)):
        fact = make_forall(f"a{place + 1}", sorts[place], fact)
    return expand_finite(fact)


def element_facts(formulas: Iterable[Term]) -> tuple[Term, ...]:
    """For engines without enumerations: the elements of a finite sort are distinct, and
    all there is."""
    facts: dict[Term, None] = {}
    for formula in formulas:
        for term in subterms(formula):
            elements = elements_of(term.sort)
            for place, one in enumerate(elements):
                for other in elements[:place]:
                    facts[make_not(make_equal(other, one))] = None
            if not elements or term in elements:
                continue
            free = make_variable(0, term.sort) if term.loose else term
            fact = make_or(*(make_equal(free, one) for one in elements))
            facts[make_forall("x", term.sort, fact) if term.loose else fact] = None
    return tuple(facts)


def elements_of(sort: Sort) -> tuple[Term, ...]:
    """The elements of a finite sort, as terms."""
    return tuple(constant(Symbol(name, (), sort)) for name in sort.elements)


def expand_finite(formula: Term) -> Term:
    """The formula with quantifiers over finite sorts and Bool written out, while small."""

    def visit(node: Term, depth: int, args: tuple[Term, ...]) -> Term:
        same = all(new is old for new, old in zip(args, node.args, strict=True))
        new = node if same else remake(node, args)
        if not isinstance(new.value, Binder):
            return new
        sort = new.value.sort
        elements = (TRUE, FALSE) if sort == BOOL else elements_of(sort)
        if not elements or new.size * len(elements) > MAX_EXPANDED:
            return new
        cases = (instantiate(new, element) for element in elements)
        return make_and(*cases) if new.op == "forall" else make_or(*cases)

    return rewrite(formula, visit)


def block_of(quantified: Term) -> tuple[tuple[Binder, ...], Term]:
    """The variables of the leading quantifiers of one kind, outermost first, and the body."""
    variables: list[Binder] = []
    body = quantified
    while body.op == quantified.op and isinstance(body.value, Binder):
        variables.append(body.value)
        body = body.args[0]
    return tuple(variables), body


def replace_applications(formula: Term) -> tuple[Term, dict[Term, Term]]:
    """The formula with a fresh constant for each outermost closed application of a
    function, and which application each stands for."""
    fresh: dict[Term, Term] = {}
    seen: set[Term] = set()
    stack = [formula]
    while stack:
        node = stack.pop()
        if node in seen:
            continue
        seen.add(node)
        if node.op == "app" and node.args and not node.loose:
            fresh[node] = constant(Symbol(f"!kept{len(fresh)}", (), node.sort))
        else:
            stack.extend(node.args)
    return replace(formula, fresh), {new: old for old, new in fresh.items()}


def replace(formula: Term, changes: Mapping[Term, Term]) -> Term:
    """The formula with closed terms exchanged for others, wherever they stand."""

    def visit(node: Term, depth: int, args: tuple[Term, ...]) -> Term:
        return changes[node] if node in changes else remake(node, args)

    return rewrite(formula, visit)


def parts_of(node: Term) -> Sequence[Term]:
    """The parts of a term as an engine sees them: a block of quantifiers has its body."""
    return (block_of(node)[1],) if isinstance(node.value, Binder) else node.args


def missing(
    root: Node,
    done: Container[Key],
    key: Callable[[Node], Key],
    parts: Callable[[Node], Sequence[Node]],
) -> Iterator[tuple[Node, list[Key]]]:
    """Nodes under `root` whose key is not in `done`, parts first, with their parts' keys.

    The caller enters each key into `done` before it asks for the next.
    """
    stack = [(root, False)]
    while stack:
        node, ready = stack.pop()
        if key(node) in done:
            continue
        if ready or not parts(node):
            yield node, [key(part) for part in parts(node)]
        else:
            stack.append((node, True))
            stack.extend((part, False) for part in parts(node))
