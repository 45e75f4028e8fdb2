"""z3, the first engine: kernel terms in, answers in exact values out.

The only file that imports z3. Terms cross the border through the API, never as text
(z3's reader of SMT-LIB opens and writes files), and every call gets a context of its own,
so nothing one query leaves behind can touch the next. De Bruijn indices are z3's own
notion of a bound variable too, hence an encoding depends on nothing but the term and is
memoised by its key. z3 is believed in nothing: an `unsat` is a reason to search for a
certificate, a model is a candidate, instances and eliminations are hints.

As in the kernel `x / 0` is left unspecified. Nat is Int with a guard on each bound
variable and the facts of `background.py` about everything else.
"""

from __future__ import annotations

import operator
import time
from collections.abc import Callable, Collection, Iterable, Sequence
from fractions import Fraction
from operator import attrgetter, methodcaller
from typing import Any, Final

import z3

from verify.kernel import terms
from verify.kernel.rejections import Rejected
from verify.kernel.terms import BOOL, INT, NAT, REAL, Binder, Sort, Symbol, Term
from verify.solvers import background
from verify.solvers.answers import Answer, Budget, Sat, Unknown, Unsat
from verify.solvers.smt_words import MAKERS, make_unknown

Value = bool | Fraction | str
Assertions = Sequence[tuple[str, Term]]
Binding = tuple[Term, tuple[Term | None, ...]]

KEY, ID, CHILDREN = attrgetter("key"), methodcaller("get_id"), methodcaller("children")
MAX_MILLISECONDS: Final = 2**31 - 1
MAX_DIGITS: Final = 4_000  # of a numeral; more is no value for us
SHARES: Final = (20, 20, 4, 1)  # of the resources go to each turn


def version() -> str:
    """The version of the z3 library that is loaded."""
    return str(z3.get_version_string())


_SORTS: Final = {
    BOOL: z3.BoolSort, INT: z3.IntSort, NAT: z3.IntSort, REAL: z3.RealSort,
}  # fmt: skip
_ENCODERS: Final[dict[str, Callable[..., Any]]] = {
    "not": z3.Not, "and": z3.And, "or": z3.Or, "implies": z3.Implies, "iff": operator.eq,
    "=": operator.eq, "<=": operator.le, "<": operator.lt, "+": z3.Sum, "*": z3.Product,
    "/": operator.truediv, "if": z3.If, "real": z3.ToReal,
}  # fmt: skip


class Encoder:
    """Terms to z3 expressions of one context, and ground expressions back to terms.

    z3 knows the quantifiers as `q<place in blocks>`, their variables as `v<place>`.
    """

    def __init__(self, context: z3.Context) -> None:
        self.context = context
        self.blocks: list[Term] = []
        self.constants: dict[str, Any] = {}
        self._done: dict[bytes, Any] = {}
        self._sorts: dict[str, Any] = {}
        self._declared: dict[Symbol, Any] = {}
        self._symbols: dict[int, Symbol] = {}

    def sort(self, sort: Sort) -> Any:
        """The z3 sort; finite sorts become enumerations."""
        if sort.name not in self._sorts:
            if sort in _SORTS:
                made = _SORTS[sort](self.context)
            elif sort.elements:
                made, values = z3.EnumSort(sort.name, sort.elements, self.context)
                for name, value in zip(sort.elements, values, strict=True):
                    self._bind(Symbol(name, (), sort), value.decl())
            else:
                made = z3.DeclareSort(sort.name, self.context)
            self._sorts[sort.name] = made
        return self._sorts[sort.name]

    def _bind(self, symbol: Symbol, declaration: Any) -> Any:
        self._declared[symbol] = declaration
        self._symbols[declaration.get_id()] = symbol
        return declaration

    def _declaration(self, symbol: Symbol) -> Any:
        result = self.sort(
            symbol.result
        )  # which declares the elements of a finite sort
        if symbol not in self._declared:
            takes = [self.sort(sort) for sort in symbol.arguments]
            made = self._bind(symbol, z3.Function(symbol.name, *takes, result))
            if not takes:
                self.constants[symbol.name] = made()
        return self._declared[symbol]

    def encode(self, term: Term) -> Any:
        """The z3 expression of a term."""
        done = self._done
        for node, parts in background.missing(term, done, KEY, background.parts_of):
            done[node.key] = self._encode(node, [done[key] for key in parts])
        return done[term.key]

    def _encode(self, node: Term, args: list[Any]) -> Any:
        match node.value:
            case Symbol() as symbol:
                return self._declaration(symbol)(*args)
            case Binder():
                return self._quantify(node, args[0])
            case Fraction() as value:
                make = z3.RealVal if node.sort == REAL else z3.IntVal
                return make(str(value), self.context)
            case int(index):
                return z3.Var(index, self.sort(node.sort))
        if node.op in ("true", "false"):
            return z3.BoolVal(node.op == "true", self.context)
        if node.op in _ENCODERS:
            return _ENCODERS[node.op](*args)
        raise Rejected("an operator z3 knows", node.op)

    def _quantify(self, node: Term, body: Any) -> Any:
        variables, _ = background.block_of(node)
        count, nat = len(variables), self.sort(NAT)
        places = [place for place, one in enumerate(variables) if one.sort == NAT]
        guard = [z3.Var(count - 1 - place, nat) >= 0 for place in places]
        if guard and node.op == "forall":
            body = z3.Implies(z3.And(*guard), body)
        elif guard:
            body = z3.And(*guard, body)
        reference = self.context.ref()
        sorts = (z3.Sort * count)(*[self.sort(one.sort).ast for one in variables])
        words = [f"q{len(self.blocks)}", *(f"v{place}" for place in range(count))]
        name, *names = [z3.Z3_mk_string_symbol(reference, word) for word in words]
        self.blocks.append(node)
        made = z3.Z3_mk_quantifier_ex(
            reference, node.op == "forall", 1, name, name, 0, (z3.Pattern * 0)(),
            0, (z3.Ast * 0)(), count, sorts, (z3.Symbol * count)(*names), body.as_ast(),
        )  # fmt: skip
        return z3.QuantifierRef(made, self.context)

    def decode(self, expression: Any) -> Term | None:
        """The closed term of a ground expression, None where we have no words for it."""
        done: dict[int, Term] = {}
        try:
            for node, parts in background.missing(expression, done, ID, CHILDREN):
                args = [done[part] for part in parts]
                done[node.get_id()] = self._decode(node, args)
        except Rejected:
            return None
        return done[expression.get_id()]

    def _decode(self, node: Any, args: list[Term]) -> Term:
        if (number := _exact(node)) is not None:
            whole = node.sort().kind() == z3.Z3_INT_SORT
            return terms.make_number(number, INT if whole else REAL)
        if z3.is_app(node):
            declaration = node.decl()
            if (symbol := self._symbols.get(declaration.get_id())) is not None:
                return terms.make_application(symbol, args)
            name = str(declaration.name())
            if declaration.kind() != z3.Z3_OP_UNINTERPRETED and name in MAKERS:
                return MAKERS[name](*args)
        raise Rejected("an expression we have words for", str(node.sexpr())[:60])


def _exact(expression: Any) -> Fraction | None:
    context, node = expression.ctx_ref(), expression.as_ast()
    if z3.Z3_get_ast_kind(context, node) != z3.Z3_NUMERAL_AST:
        return None
    text = z3.Z3_get_numeral_string(context, node)
    return Fraction(text) if len(text) <= MAX_DIGITS else None


def _value(model: Any, expression: Any) -> Value | None:
    found = model.eval(expression, model_completion=True)
    if z3.is_true(found) or z3.is_false(found):
        return bool(z3.is_true(found))
    if (number := _exact(found)) is not None or not z3.is_app(found):
        return number
    if found.decl().kind() == z3.Z3_OP_DT_CONSTRUCTOR:
        return str(found.decl().name())
    if found.sort().kind() != z3.Z3_UNINTERPRETED_SORT:
        return None
    universe = model.get_universe(found.sort()) or ()
    place = next((i for i, one in enumerate(universe) if one.eq(found)), None)
    return None if place is None else f"{found.sort().name()}!{place}"


def _values(model: Any, encoder: Encoder) -> dict[str, Value]:
    found = {name: _value(model, one) for name, one in encoder.constants.items()}
    return {name: value for name, value in found.items() if value is not None}


def _milliseconds(budget: Budget) -> int:
    return min(max(int(budget.seconds * 1000), 1), MAX_MILLISECONDS)


def _solver(context: z3.Context, budget: Budget, logic: str = "") -> Any:
    made = z3.SolverFor(logic, context) if logic else z3.Solver(ctx=context)
    made.set("timeout", _milliseconds(budget))
    made.set("rlimit", budget.resources)
    made.set("random_seed", budget.seed)
    return made


def _check(solver: Any, assumptions: Sequence[Any] = ()) -> bool | Unknown:
    """Whether there is a model, if z3 knows."""
    try:
        result = solver.check(*assumptions)
        if result == z3.unknown:
            return make_unknown(solver.reason_unknown())
        return bool(result == z3.sat)
    except z3.Z3Exception as error:
        return make_unknown(str(error))


class Session:
    """One solver that stays: assertions are added, checked under assumptions, looked up.

    Every check may use the whole budget. Without `general` facts about Nat functions an
    Unsat still counts, a Sat need not.
    """

    def __init__(
        self, budget: Budget, *, general: bool = True, encoder: Encoder | None = None
    ) -> None:
        self._encoder = encoder or Encoder(z3.Context())
        self._solver = _solver(self._encoder.context, budget)
        self._general = general
        self._switches: dict[str, list[Any]] = {}
        self._told: set[Term] = set()
        self._model: Any = None

    def add(self, name: str, formula: Term) -> None:
        """Assert `formula` under `name`; what shares a name stands and falls together."""
        self._switches.setdefault(name, []).append(self._switch(formula))

    def _switch(self, formula: Term) -> Any:
        expanded = background.expand_finite(formula)
        facts = background.nat_facts([expanded])
        for fact in facts.ground + (facts.general if self._general else ()):
            if fact not in self._told:
                self._told.add(fact)
                self._solver.add(self._encoder.encode(fact))
        switch = z3.FreshBool("on", self._encoder.context)
        self._solver.add(z3.Implies(switch, self._encoder.encode(expanded)))
        return switch

    def check(
        self, assumptions: Assertions = (), *, without: Collection[str] = ()
    ) -> Answer:
        """The answer for all assertions but those named in `without`, and `assumptions`
        on top for this one check."""
        groups = [pair for pair in self._switches.items() if pair[0] not in without]
        named = [(name, one) for name, group in groups for one in group]
        named += [(name, self._switch(formula)) for name, formula in assumptions]
        self._model = None
        found = _check(self._solver, [one for _, one in named])
        if isinstance(found, Unknown):
            return found
        if found:
            self._model = self._solver.model()
            return Sat(_values(self._model, self._encoder))
        core = {one.get_id() for one in self._solver.unsat_core()}
        names = dict.fromkeys(n for n, one in named if one.get_id() in core)
        return Unsat(tuple(names))

    def value(self, term: Term) -> Value | None:
        """The exact value of a ground term in the model of the last check; None without
        a model, and for algebraic numbers."""
        if self._model is None:
            return None
        return _value(self._model, self._encoder.encode(background.expand_finite(term)))


def solve(assertions: Assertions, budget: Budget, *, logic: str = "") -> Answer:
    """Whether the named formulas can hold together.

    Asked plainly, because z3 is strongest there, first with small shares of the budget:
    z3 soon finds what it finds, or gets lost and does better from another seed. Where
    general facts are needed, each time without them before. After an unsat it is asked
    again for the core; if nothing comes of that, all names are the core.
    """
    end = time.monotonic() + budget.seconds
    formulas = [background.expand_finite(formula) for _, formula in assertions]
    ground, general = background.nat_facts(formulas)
    encoder = Encoder(z3.Context())
    for turn, facts in enumerate(((), general, (), general) if general else ((), ())):
        seconds = end - time.monotonic()
        share = SHARES[turn if general else turn * 3]
        part = Budget(budget.resources // share, seconds, seed=budget.seed + turn)
        solver = _solver(encoder.context, part, logic)
        for formula in (*ground, *facts, *formulas):
            solver.add(encoder.encode(formula))
        found = _check(solver)
        if found is True and facts == general:
            return Sat(_values(solver.model(), encoder))
        if found is False:
            session = Session(part, general=bool(facts), encoder=encoder)
            for (name, _), formula in zip(assertions, formulas, strict=True):
                session.add(name, formula)
            match session.check():
                case Unsat() as unsat:
                    return unsat
                case Sat():
                    return Unknown("crash", "z3 answered unsat, then sat")
            return Unsat(tuple(dict.fromkeys(name for name, _ in assertions)))
        last = found if isinstance(found, Unknown) else make_unknown("")
    return last


def eliminate(
    variables: Sequence[Symbol], formula: Term, budget: Budget
) -> Term | None:
    """A formula without `variables` equivalent to `forall variables. formula`, by qe2.

    None when z3 cannot, or answers in operators we do not have. A hint: whoever uses it
    proves it again.
    """
    bound = [terms.constant(symbol) for symbol in variables]
    if set(bound).isdisjoint(terms.subterms(formula)):
        return formula  # qe2 on a formula without quantifiers answers true
    expanded = background.expand_finite(formula)
    abstract, originals = background.replace_applications(expanded)
    kept = {part for one in originals.values() for part in terms.subterms(one)}
    if not kept.isdisjoint(bound):
        return None
    encoder = Encoder(z3.Context())
    guard = terms.make_and(*background.nat_facts(bound).ground)
    body = encoder.encode(terms.make_implies(guard, abstract))
    closed = z3.ForAll([encoder.encode(one) for one in bound], body)
    # nothing before qe2: what a simplifier rids of its quantifier, qe2 answers with true
    steps = z3.Then("qe2", "simplify", ctx=encoder.context)
    try:
        limited = z3.TryFor(steps, _milliseconds(budget), encoder.context)
        found = encoder.decode(limited(closed).as_expr())
    except z3.Z3Exception:
        return None
    return found and background.replace(found, originals)


def bindings(
    formulas: Sequence[Term], budget: Budget, *, general: bool = True
) -> tuple[Binding, ...]:
    """The instances of quantifiers with which z3 contradicts the formulas.

    Each entry is a closed quantified formula that occurs in them and a closed term for
    each variable of its leading block (None where z3 had no use for the variable, or we
    have no words for the term). Empty unless z3 finds a contradiction, with a proof.
    """
    encoder = Encoder(z3.Context(proof=True))
    solver = _solver(encoder.context, budget)
    facts = background.nat_facts(formulas)
    general_facts = facts.general if general else ()
    for formula in (*facts.ground, *general_facts, *formulas):
        solver.add(encoder.encode(formula))
    if _check(solver) is not False:
        return ()
    blocks = {f"q{place}": block for place, block in enumerate(encoder.blocks)}
    found: dict[Binding, None] = {}
    for quantifier, values in _instances_in(solver.proof()):
        block = blocks.get(quantifier.qid())
        if block is None or block.loose or block in general_facts:
            continue
        slots: list[Term | None] = [None] * len(background.block_of(block)[0])
        for index, value in enumerate(values):
            slots[int(quantifier.var_name(index)[1:])] = encoder.decode(value)
        found[block, tuple(slots)] = None
    return tuple(found)


def _instances_in(proof: Any) -> Iterable[tuple[Any, list[Any]]]:
    seen: set[int] = set()
    stack = [proof]
    while stack:
        node = stack.pop()
        if node.get_id() in seen or not z3.is_app(node):
            continue
        seen.add(node.get_id())
        stack.extend(node.children())
        if node.decl().kind() == z3.Z3_OP_PR_QUANT_INST:
            for part in node.children()[-1].children():
                if z3.is_not(part) and z3.is_quantifier(part.children()[0]):
                    yield part.children()[0], node.decl().params()
