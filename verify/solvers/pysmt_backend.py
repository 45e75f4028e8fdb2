"""pySMT: the second engine's driver, and the writer of SMT-LIB for outsiders.

The only file that imports pysmt; cvc5 comes through it and is optional. Formulas are
built in an environment of their own. pySMT's printer writes the formulas of an export;
the script around them is ours, because its own leaves invalid declarations. Nat is Int
with guards and facts as in `background.py`, which both engines share: what they agree on
is two searches, not two encodings.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from fractions import Fraction
from io import StringIO
from typing import Any, Final

from pysmt.environment import Environment
from pysmt.exceptions import (
    PysmtException,
    SolverAPINotFound,
    SolverReturnedUnknownResultError,
)
from pysmt.logics import Logic
from pysmt.smtlib.printers import SmtPrinter
from pysmt.typing import BOOL as PYSMT_BOOL
from pysmt.typing import INT as PYSMT_INT
from pysmt.typing import REAL as PYSMT_REAL
from pysmt.utils import quote

from verify.kernel.problem import Problem, read_problem
from verify.kernel.rejections import Rejected
from verify.kernel.terms import (
    BOOL,
    INT,
    NAT,
    REAL,
    Binder,
    Sort,
    Symbol,
    Term,
    make_not,
    subterms,
)
from verify.solvers import background
from verify.solvers.answers import Answer, Budget, Sat, Unknown, Unsat
from verify.solvers.smt_names import Names, logic_of
from verify.solvers.smt_networks import define_network

Scope = tuple[Any, ...]

STATUSES: Final = ("sat", "unsat", "unknown")
GROUND_TERMS: Final = {"full-saturate-quant": "true"}
_SORTS: Final = {BOOL: PYSMT_BOOL, INT: PYSMT_INT, NAT: PYSMT_INT, REAL: PYSMT_REAL}


class Encoder:
    """Terms about one problem to pySMT formulas, with names fit for SMT-LIB."""

    def __init__(self, problem: Problem) -> None:
        self.environment = Environment()
        self.environment.enable_div_by_0 = True
        self.names = Names()
        for sort in problem.sorts:
            self.names.of("sort", sort.name)
        for name in (*(s.name for s in problem.symbols), *_element_names(problem)):
            self.names.of("symbol", name)
        for network in problem.networks:
            for symbol, _ in network.functions():
                self.names.of("symbol", symbol.name)
        for fact in problem.facts:
            self.names.of("fact", fact.name)
        make = self._make = self.environment.formula_manager
        self._done: dict[tuple[Term, Scope], Any] = {}
        self._encoders: dict[str, Callable[..., Any]] = {
            "not": make.Not, "and": make.And, "or": make.Or, "implies": make.Implies,
            "iff": make.Iff, "=": make.Equals, "<=": make.LE, "<": make.LT,
            "+": make.Plus, "*": make.Times, "/": make.Div, "if": make.Ite,
            "real": make.ToReal, "true": make.TRUE, "false": make.FALSE,
        }  # fmt: skip

    def sort(self, sort: Sort) -> Any:
        """The pySMT type; a finite sort is an uninterpreted one here."""
        if sort in _SORTS:
            return _SORTS[sort]
        return self.environment.type_manager.Type(self.names.of("sort", sort.name))

    def symbol(self, symbol: Symbol) -> Any:
        """The pySMT symbol of a constant or function."""
        kind = self.sort(symbol.result)
        if symbol.arguments:
            takes = [self.sort(sort) for sort in symbol.arguments]
            kind = self.environment.type_manager.FunctionType(kind, takes)
        return self._make.Symbol(self.names.of("symbol", symbol.name), kind)

    def encode(self, term: Term) -> Any:
        """The pySMT formula of a closed term.

        Bound variables have names in pySMT, so what a subterm becomes depends on the
        variables in scope that it mentions: these, and no others, are in the memo's key.
        """
        stack: list[tuple[Term, Scope, bool]] = [(term, (), False)]
        while stack:
            node, scope, ready = stack.pop()
            if (node, scope) in self._done:
                continue
            bound = self._variables(node, scope)
            inner = scope + bound
            parts = [(p, _seen(p, inner)) for p in background.parts_of(node)]
            if ready or not parts:
                args = [self._done[part] for part in parts]
                self._done[node, scope] = self._encode(node, args, scope, bound)
            else:
                stack.append((node, scope, True))
                stack.extend((part, seen, False) for part, seen in parts)
        return self._done[term, ()]

    def _variables(self, node: Term, scope: Scope) -> Scope:
        if not isinstance(node.value, Binder):
            return ()
        made: list[Any] = []
        for name, sort in background.block_of(node)[0]:
            kind = self.sort(sort)
            around = {one.symbol_name() for one in (*scope, *made)}
            known = self._make.symbols
            around |= {n for n, one in known.items() if one.symbol_type() != kind}
            made.append(self._make.Symbol(self.names.fresh(name, around), kind))
        return tuple(made)

    def _encode(self, node: Term, args: list[Any], scope: Scope, bound: Scope) -> Any:
        make = self._make
        match node.value:
            case Symbol() as symbol:
                head = self.symbol(symbol)
                return make.Function(head, args) if args else head
            case Binder():
                nats = [b.sort == NAT for b in background.block_of(node)[0]]
                chosen = [v for v, nat in zip(bound, nats, strict=True) if nat]
                guards = [make.LE(make.Int(0), one) for one in chosen]
                if node.op == "exists":
                    return make.Exists(bound, make.And(*guards, *args))
                body = make.Implies(make.And(*guards), args[0]) if guards else args[0]
                return make.ForAll(bound, body)
            case Fraction() as value:
                return make.Real(value) if node.sort == REAL else make.Int(int(value))
            case int():
                return scope[0]
        if node.op not in self._encoders:
            raise Rejected("an operator pySMT knows", node.op)
        return self._encoders[node.op](*args)


def _seen(part: Term, scope: Scope) -> Scope:
    """The variables of `scope` that `part` may mention, counted from the innermost."""
    return scope[len(scope) - part.loose :]


def _element_names(problem: Problem) -> Iterator[str]:
    for sort in problem.sorts:
        yield from sort.elements


def _question(problem: Problem) -> list[Term]:
    """The facts and the negated goal."""
    return [*(fact.formula for fact in problem.facts), make_not(problem.goal)]


def second_opinion(problem: Problem, budget: Budget) -> Answer:
    """cvc5's answer to whether the facts and the negated goal can hold together.

    `unsupported` where cvc5 is not installed. A Sat carries no values. Where triggers
    lead to nothing, quantifiers are tried on the ground terms there are.
    """
    end = time.monotonic() + budget.seconds
    formulas = [background.expand_finite(formula) for formula in _question(problem)]
    ground, general = background.nat_facts(formulas)
    formulas += [*ground, *general]
    formulas += background.element_facts(formulas)
    logic = logic_of(formulas)
    encoder = Encoder(problem)
    answer: Answer = Unknown("timeout", "no time for cvc5")
    attempts: Sequence[Mapping[str, str]] = ({}, GROUND_TERMS)[: 1 + (logic == "ALL")]
    for place, options in enumerate(attempts):
        seconds = (end - time.monotonic()) / (len(attempts) - place)
        if seconds > 0 and isinstance(answer, Unknown):
            part = budget._replace(seconds=seconds)
            answer = _ask(encoder, formulas, logic, part, options)
    return answer


def _ask(
    encoder: Encoder,
    formulas: Sequence[Term],
    logic: str,
    budget: Budget,
    options: Mapping[str, str],
) -> Answer:
    try:
        from pysmt.solvers.cvcfive import CVC5Solver
    except SolverAPINotFound:
        return Unknown(
            "unsupported", "cvc5 is not installed: pip install 'verify[cross]'"
        )
    begun = time.monotonic()
    try:
        solver = CVC5Solver(
            encoder.environment,
            Logic(logic, ""),
            generate_models=False,
            incremental=False,
            random_seed=budget.seed,
            solver_options={
                "tlimit-per": str(int(budget.seconds * 1000) + 1),
                **options,
            },
        )
        _remember_sorts(solver.converter)
        for formula in formulas:
            solver.add_assertion(encoder.encode(formula))
        return Sat({}) if solver.solve() else Unsat(())
    except SolverReturnedUnknownResultError:
        late = time.monotonic() - begun >= budget.seconds
        return Unknown("timeout" if late else "incomplete", "cvc5 answered unknown")
    except (PysmtException, RuntimeError) as error:
        return Unknown("unsupported", f"{type(error).__name__}: {error}"[:300])


def _remember_sorts(converter: Any) -> None:
    """Have pySMT make one cvc5 sort of an uninterpreted type, not one at each use."""
    make, made = converter._type_to_cvc5, {}

    def remember(kind: Any) -> Any:
        if not kind.is_custom_type():
            return make(kind)
        if kind not in made:
            made[kind] = make(kind)
        return made[kind]

    converter._type_to_cvc5 = remember


def second(payload: Mapping[str, Any]) -> dict[str, Any]:
    """The job "second": `answer`, and a closed `reason` with the engine's own word."""
    budget = Budget(seconds=float(payload.get("seconds", Budget().seconds)))
    match second_opinion(read_problem(payload["problem"]), budget):
        case Sat():
            return {"answer": "sat", "reason": ""}
        case Unsat():
            return {"answer": "unsat", "reason": ""}
        case Unknown(reason, detail):
            return {"answer": "unknown", "reason": f"{reason}: {detail}"}


class _Printer(SmtPrinter):  # type: ignore[misc]
    """pySMT's printer, with reals that stay reals: 1/3 is (/ 1.0 3.0)."""

    def walk_real_constant(self, formula: Any) -> None:
        value = Fraction(formula.constant_value())
        text = f"{abs(value.numerator)}.0"
        if value.denominator != 1:
            text = f"(/ {text} {value.denominator}.0)"
        self.write(f"(- {text})" if value < 0 else text)


def _write_formula(formula: Any) -> str:
    out = StringIO()
    _Printer(out).printer(formula)
    return out.getvalue()


def write_smtlib(problem: Problem, status: str) -> str:
    """The question whether the goal follows, as an SMT-LIB 2.6 script.

    `status` is what `check-sat` is expected to say: unsat when it follows. Premises are
    named, so an unsat core says which were needed. Raises ValueError on another status.
    """
    if status not in STATUSES:
        raise ValueError(f"status {status!r}: use one of {', '.join(STATUSES)}")
    encoder = Encoder(problem)
    question = _question(problem)
    names = [encoder.names.of("fact", fact.name) for fact in problem.facts]
    names.append(encoder.names.of("goal", "negated_goal"))
    lines = [
        "(set-info :smt-lib-version 2.6)",
        f"(set-logic {logic_of(question)})",
        f"(set-info :source |verify, problem {problem.sha()}|)",
        f"(set-info :status {status})",
        *_declarations(problem, encoder),
    ]
    for fact in (one for group in background.nat_facts(question) for one in group):
        lines.append(f"(assert {_write_formula(encoder.encode(fact))})")
    for name, formula in zip(names, question, strict=True):
        text = _write_formula(encoder.encode(formula))
        lines.append(f"(assert (! {text} :named {quote(name)}))")
    return "\n".join([*lines, "(check-sat)", "(exit)", ""])


def _declarations(problem: Problem, encoder: Encoder) -> Iterator[str]:
    """What the question mentions: a narrow logic may not even declare more."""
    parts = {part for formula in _question(problem) for part in subterms(formula)}
    symbols = {part.value for part in parts if part.op == "app"}
    sorts = {part.sort for part in parts}
    sorts |= {part.value.sort for part in parts if isinstance(part.value, Binder)}

    def words(given: Sequence[Sort]) -> str:
        return " ".join(encoder.sort(sort).as_smtlib(False) for sort in given)

    for sort in problem.sorts:
        if sort not in sorts:
            continue
        if sort.elements:
            elements = [encoder.names.of("symbol", name) for name in sort.elements]
            cases = " ".join(f"({quote(name)})" for name in elements)
            yield f"(declare-datatypes (({words([sort])} 0)) (({cases})))"
        else:
            yield f"(declare-sort {words([sort])} 0)"
    for symbol in problem.symbols:
        if symbol in symbols:
            name = quote(encoder.names.of("symbol", symbol.name))
            gives = words([symbol.result])
            yield f"(declare-fun {name} ({words(symbol.arguments)}) {gives})"
    wanted = {symbol for symbol in symbols if isinstance(symbol, Symbol)}
    for network in problem.networks:
        yield from define_network(network, wanted, encoder.names)
