"""Missing premises by cvc5's abduction, from a grammar over the problem's own words.

Unlike elimination this also speaks about uninterpreted functions and objects. Without a
grammar cvc5 answers with point values; with one it enumerates comparisons of the terms
and numerals that occur in the problem, and says for each whether it is consistent with
the facts and sufficient. It can hang, so it belongs in a process that can be killed. The
only file that imports cvc5, which is optional.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from fractions import Fraction
from typing import Any, Final

from verify.kernel import terms
from verify.kernel.problem import Problem, read_problem
from verify.kernel.rejections import Rejected
from verify.kernel.terms import BOOL, INT, NAT, REAL, Binder, Sort, Symbol, Term
from verify.kernel.text import write_term
from verify.solvers.answers import Budget
from verify.solvers.background import expand_finite, nat_facts
from verify.solvers.grounding import find_leaves
from verify.solvers.plain import make_plain
from verify.solvers.triviality import Judge, is_point

try:
    import cvc5
except ImportError:
    cvc5 = None

MISSING: Final = "cvc5 is not installed; install the extra `cross` to have it propose"
PER_WANTED: Final = 4
Environment = tuple[Any, ...]


class Translation:
    """Kernel terms as cvc5 terms, and abducts back."""

    def __init__(self, manager: Any) -> None:
        self.manager = manager
        self.kinds = _kinds()
        self.leaves: dict[Any, Term] = {}
        self._sorts: dict[str, Any] = {
            "Bool": manager.getBooleanSort(), "Int": manager.getIntegerSort(),
            "Nat": manager.getIntegerSort(), "Real": manager.getRealSort(),
        }  # fmt: skip
        self._symbols: dict[Symbol, Any] = {}
        self._done: dict[tuple[bytes, Environment], Any] = {}

    def sort(self, sort: Sort) -> Any:
        if sort.name not in self._sorts:
            self._sorts[sort.name] = self.manager.mkUninterpretedSort(sort.name)
        return self._sorts[sort.name]

    def encode(self, term: Term) -> Any:
        """The cvc5 term of a closed kernel term."""
        stack: list[tuple[Term, Environment, Any]] = [(term, (), None)]
        while stack:
            node, scope, bound = stack.pop()
            scope = scope[: node.loose]
            if (node.key, scope) in self._done:
                continue
            if bound is None and isinstance(node.value, Binder):
                bound = self.manager.mkVar(self.sort(node.value.sort), node.value.name)
            inner = (bound, *scope) if isinstance(node.value, Binder) else scope
            keys = [(arg.key, inner[: arg.loose]) for arg in node.args]
            if any(key not in self._done for key in keys):
                stack.append((node, scope, bound))
                stack.extend((arg, inner, None) for arg in node.args)
            else:
                args = [self._done[key] for key in keys]
                self._done[node.key, scope] = self._encode(node, args, inner)
        return self._done[term.key, ()]

    def _encode(self, node: Term, args: list[Any], scope: Environment) -> Any:
        make = self.manager
        match node.value:
            case Symbol() as symbol:
                head = self._symbol(symbol)
                return make.mkTerm(cvc5.Kind.APPLY_UF, head, *args) if args else head
            case Fraction() as value:
                number = make.mkReal if node.sort == REAL else make.mkInteger
                return number(str(value))
            case Binder(_, sort):
                return self._quantify(node, sort, scope[0], args[0])
            case int(index):
                return scope[index]
        if node.op in ("true", "false"):
            return make.mkBoolean(node.op == "true")
        return make.mkTerm(self.kinds[node.op], *args)

    def _symbol(self, symbol: Symbol) -> Any:
        if symbol not in self._symbols:
            sort = self.sort(symbol.result)
            if symbol.arguments:
                takes = [self.sort(one) for one in symbol.arguments]
                sort = self.manager.mkFunctionSort(takes, sort)
            self._symbols[symbol] = self.manager.mkConst(sort, symbol.name)
        return self._symbols[symbol]

    def _quantify(self, node: Term, sort: Sort, variable: Any, body: Any) -> Any:
        make, kinds = self.manager, cvc5.Kind
        universal = node.op == "forall"
        if sort == NAT:
            guard = make.mkTerm(kinds.GEQ, variable, make.mkInteger(0))
            joint = kinds.IMPLIES if universal else kinds.AND
            body = make.mkTerm(joint, guard, body)
        variables = make.mkTerm(kinds.VARIABLE_LIST, variable)
        return make.mkTerm(kinds.FORALL if universal else kinds.EXISTS, variables, body)

    def decode(self, found: Any) -> Term | None:
        """The kernel term of an abduct, None where it leaves the grammar."""
        done: dict[Any, Term] = dict(self.leaves)
        back = _decoders()
        stack = [(found, False)]
        while stack:
            node, ready = stack.pop()
            if node in done:
                continue
            parts = [node[place] for place in range(node.getNumChildren())]
            if not ready and parts:
                stack.append((node, True))
                stack.extend((part, False) for part in parts)
                continue
            maker = back.get(node.getKind())
            if maker is None or any(part not in done for part in parts):
                return None
            try:
                done[node] = maker(*(done[part] for part in parts))
            except Rejected:
                return None
        return done[found]


def _kinds() -> dict[str, Any]:
    kinds = cvc5.Kind
    return {
        "not": kinds.NOT, "and": kinds.AND, "or": kinds.OR, "implies": kinds.IMPLIES,
        "iff": kinds.EQUAL, "=": kinds.EQUAL, "<=": kinds.LEQ, "<": kinds.LT,
        "+": kinds.ADD, "*": kinds.MULT, "/": kinds.DIVISION, "if": kinds.ITE,
        "real": kinds.TO_REAL,
    }  # fmt: skip


def _decoders() -> Mapping[Any, Callable[..., Term]]:
    kinds = cvc5.Kind
    return {
        kinds.NOT: terms.make_not, kinds.EQUAL: terms.make_equal,
        kinds.LEQ: terms.make_at_most, kinds.LT: terms.make_less,
        kinds.GEQ: lambda left, right: terms.make_at_most(right, left),
        kinds.GT: lambda left, right: terms.make_less(right, left),
        kinds.OR: terms.make_or, kinds.AND: terms.make_and,
    }  # fmt: skip


def propose_by_abduction(
    problem: Problem, budget: Budget | None = None, count: int = 5
) -> tuple[tuple[Term, ...], str]:
    """At most `count` premises that would make the goal follow, and why there are none.

    Stops asking when the budget's seconds are over; one question may take longer.
    """
    if cvc5 is None:
        return (), f"unsupported: {MISSING}"
    budget = budget or Budget()
    deadline = time.monotonic() + budget.seconds
    facts = [expand_finite(fact.formula) for fact in problem.facts]
    goal = expand_finite(problem.goal)
    leaves = find_leaves(problem)
    if not leaves:
        return (), "unsupported: the problem has no terms to speak about"
    solver, translation = _make_solver(budget)
    nats = nat_facts((*facts, goal))
    try:
        for fact in (*facts, *nats.ground, *nats.general):
            solver.assertFormula(translation.encode(fact))
        grammar = _make_grammar(solver, translation, leaves)
        conjecture = translation.encode(goal)
        judge = Judge(facts, goal, budget)
        found: list[Term] = []
        abduct = solver.getAbduct(conjecture, grammar)
        for _ in range(count * PER_WANTED):
            if abduct.isNull() or len(found) >= count:
                break
            formula = translation.decode(abduct)
            plain = formula and make_plain(formula)
            if plain and not is_point(plain) and judge.is_useful(plain):
                found.append(plain)
            if time.monotonic() > deadline:
                break
            abduct = solver.getAbductNext()
    except (RuntimeError, Rejected) as error:
        return (), f"incomplete: {error}"
    return judge.weakest(found), "" if found else "incomplete"


def _make_solver(budget: Budget) -> tuple[Any, Translation]:
    manager = cvc5.TermManager()
    solver = cvc5.Solver(manager)
    for name, value in (
        ("produce-abducts", "true"), ("incremental", "true"),
        ("tlimit-per", str(max(int(budget.seconds * 1000), 1))),
        ("seed", str(budget.seed)), ("verbosity", "-1"),
    ):  # fmt: skip
        solver.setOption(name, value)
    solver.setLogic("ALL")
    return solver, Translation(manager)


def _make_grammar(solver: Any, translation: Translation, leaves: Iterable[Term]) -> Any:
    """Comparisons of leaves of one sort, truth values and what one of them implies."""
    manager, kinds = translation.manager, cvc5.Kind
    groups: dict[Sort, list[Any]] = {}
    for leaf in leaves:
        encoded = translation.encode(leaf)
        translation.leaves[encoded] = leaf
        sort = INT if leaf.sort == NAT else leaf.sort
        groups.setdefault(sort, []).append(encoded)
    start = manager.mkVar(manager.getBooleanSort(), "Premise")
    holders = {
        sort: manager.mkVar(translation.sort(sort), sort.name) for sort in groups
    }
    rules: list[Any] = []
    for sort, holder in holders.items():
        if sort == BOOL:
            groups[BOOL] += [manager.mkTerm(kinds.NOT, one) for one in groups[BOOL]]
            rules += [holder, manager.mkTerm(kinds.OR, holder, holder)]
            continue
        compare = [kinds.EQUAL, kinds.LEQ, kinds.LT]
        for kind in compare if terms.is_numeric(sort) else compare[:1]:
            rules.append(manager.mkTerm(kind, holder, holder))
    grammar = solver.mkGrammar([], [start, *holders.values()])
    grammar.addRules(start, rules)
    for sort, holder in holders.items():
        grammar.addRules(holder, groups[sort])
    return grammar


def job(payload: Mapping[str, Any]) -> dict[str, Any]:
    """One search as a job: `problem` text, `seconds` and `count` in; `formulas` as texts,
    their `kind`, and a `reason` when there are none, out."""
    budget = Budget(seconds=float(payload.get("seconds", Budget().seconds)))
    count = int(payload.get("count", 5))
    found, reason = propose_by_abduction(
        read_problem(payload["problem"]), budget, count
    )
    formulas = [write_term(one) for one in found]
    return {"formulas": formulas, "kind": "abduction", "reason": reason}
