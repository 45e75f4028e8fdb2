"""Problems: what is claimed, in canonical text, bound by its SHA-256.

    (problem 1)
    (sort Model)
    (finite Input a b)
    (symbol size (Model) Nat)
    (network 1 (relu -1 0 1) (outputs (f 1)))
    (extremum best (forall (?v Real) (forall (?p Real) (<= ?v (* ?p ?p)))))
    (premise P1 (= (size M_d) K))
    (lemma grow 5f0c...e1 (forall (?j Nat) ...))
    (admitted taste ...)
    (goal (not (= (size M_d) 0)))

One form a line, in this order. A fact is a premise, an admitted statement, or a lemma,
cited with the hash of the problem that proves it. Declarations that no fact and no goal
mentions do no harm. A certificate is about exactly one such text.
"""

from __future__ import annotations

from hashlib import sha256
from typing import Final, NamedTuple

from verify.kernel.networks import Network, read_network
from verify.kernel.quantities import Quantity, read_quantity, symbol_of
from verify.kernel.rejections import Declined, Rejected, require
from verify.kernel.terms import BOOL, BUILTIN, Sort, Symbol, Term
from verify.kernel.text import (
    KEYWORDS,
    Tree,
    make_term,
    read_name,
    read_tree,
    write_term,
)

VERSION: Final = 1
MAX_FACTS: Final = 10_000


class Fact(NamedTuple):
    """A named formula a proof may start from; `proof` is a lemma's problem hash."""

    kind: str  # premise, lemma or admitted
    name: str
    formula: Term
    proof: str = ""


class Problem(NamedTuple):
    """Facts that are to entail the goal, over what is declared before them."""

    sorts: tuple[Sort, ...]
    symbols: tuple[Symbol, ...]
    facts: tuple[Fact, ...]
    goal: Term
    networks: tuple[Network, ...] = ()
    quantities: tuple[Quantity, ...] = ()

    def text(self) -> str:
        """The canonical text; equal texts are equal problems."""
        lines = [f"(problem {VERSION})"]
        for sort in self.sorts:
            finite = f"(finite {sort.name} {' '.join(sort.elements)})"
            lines.append(finite if sort.elements else f"(sort {sort.name})")
        for symbol in self.symbols:
            takes = " ".join(sort.name for sort in symbol.arguments)
            lines.append(f"(symbol {symbol.name} ({takes}) {symbol.result})")
        lines += [declared.text() for declared in (*self.networks, *self.quantities)]
        for fact in self.facts:
            named = " ".join(filter(None, (fact.kind, fact.name, fact.proof)))
            lines.append(f"({named} {write_term(fact.formula)})")
        return "\n".join([*lines, f"(goal {write_term(self.goal)})", ""])

    def sha(self) -> str:
        return sha256(self.text().encode()).hexdigest()


def scope_of(problem: Problem) -> tuple[dict[str, Sort], dict[str, Symbol]]:
    """The sorts and symbols, by name, that terms about the problem may use."""
    sorts = {**BUILTIN, **{sort.name: sort for sort in problem.sorts}}
    symbols = {symbol.name: symbol for symbol in problem.symbols}
    for network in problem.networks:
        symbols.update((symbol.name, symbol) for symbol, _ in network.functions())
    for quantity in problem.quantities:
        symbols[quantity.name] = symbol_of(quantity)
    for sort in problem.sorts:
        symbols.update((name, Symbol(name, (), sort)) for name in sort.elements)
    return sorts, symbols


def read_problem(source: str) -> Problem:
    """The problem of a canonical text.

    Raises Rejected on text that is not exactly what `Problem.text` writes, Declined on
    another version.
    """
    forms = read_tree(source)
    match forms[:1]:
        case [["problem", str(version)]] if version != str(VERSION):
            raise Declined(f"problem version {VERSION}", version)
    sorts, names = dict(BUILTIN), dict[str, Symbol]()
    symbols: list[Symbol] = []
    networks: list[Network] = []
    functions: dict[str, Symbol] = {}
    quantities: list[Quantity] = []
    facts: list[Fact] = []
    goal: list[Term] = []
    for form in forms[1:]:
        match form:
            case ["sort", name]:
                _add(sorts, Sort(read_name(name)))
            case ["finite", name, *elements]:
                require(len(elements) > 0, "a finite sort with elements", "none")
                sort = Sort(read_name(name), tuple(map(read_name, elements)))
                _add(sorts, sort)
                for element in sort.elements:
                    _add(names, Symbol(element, (), sort))
            case ["symbol", name, [*takes], gives]:
                arguments = tuple(_sort(item, sorts) for item in takes)
                symbols.append(Symbol(read_name(name), arguments, _sort(gives, sorts)))
                _add(names, symbols[-1])
            case ["network", inputs, *units, ["outputs", *outputs]]:
                networks.append(read_network(inputs, units, outputs))
                for symbol, _ in networks[-1].functions():
                    _add(names, symbol)
                    functions[symbol.name] = symbol
            case [("extremum" | "total") as kind, name, *values, tree]:
                formula = make_term(tree, BUILTIN, functions)
                quantity = read_quantity(kind == "total", name, values, formula)
                quantities.append(quantity)
                _add(names, symbol_of(quantity))
                functions[quantity.name] = symbol_of(quantity)
            case ["lemma", name, str(proof), tree]:
                whole = len(proof) == 64 and set(proof) <= set("0123456789abcdef")
                require(whole, "a SHA-256 in hexadecimal", proof)
                formula = make_term(tree, sorts, names)
                facts.append(Fact("lemma", read_name(name), formula, proof))
            case [("premise" | "admitted") as kind, name, tree]:
                facts.append(
                    Fact(str(kind), read_name(name), make_term(tree, sorts, names))
                )
            case ["goal", tree]:
                goal.append(make_term(tree, sorts, names))
            case _:
                raise Rejected("a declaration, a fact or the goal", form)
    require(len(goal) == 1, "one goal", len(goal))
    for formula in (*(fact.formula for fact in facts), *goal):
        require(formula.sort == BOOL, "a formula", f"a term of sort {formula.sort}")
    distinct = len({fact.name for fact in facts}) == len(facts) <= MAX_FACTS
    require(distinct, f"at most {MAX_FACTS} facts with distinct names", len(facts))
    declared = tuple(sort for name, sort in sorts.items() if name not in BUILTIN)
    known = declared, tuple(symbols), tuple(facts), goal[0], tuple(networks)
    problem = Problem(*known, tuple(quantities))
    require(
        problem.text() == source,
        "the canonical text of the problem",
        "another spelling",
    )
    return problem


def _add(known: dict[str, Sort] | dict[str, Symbol], new: Sort | Symbol) -> None:
    fresh = new.name not in known and new.name not in KEYWORDS
    require(fresh, "a new name", new.name)
    known[new.name] = new  # type: ignore[assignment]


def _sort(tree: Tree, known: dict[str, Sort]) -> Sort:
    if not isinstance(tree, str) or tree not in known:
        raise Rejected("a declared sort", tree)
    return known[tree]
