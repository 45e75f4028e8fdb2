"""Evaluating formulas exactly in a model: rewriting by its definitions to true or false.

A model gives each uninterpreted sort a number of elements (`Model!0`, `Model!1`, ...) and
defines each symbol by a term over its parameters, the elements and the operators: a table
is a chain of `if`, a function of a number may be any polynomial. Quantifiers over sorts
with finitely many elements are enumerated. Over Nat and Int the body is evaluated for all
large n first: there each polynomial atom has the sign of its leading coefficient, from
Cauchy's bound on roots on; the finitely many n before that are tried one by one. Over
Real, the roots of atoms linear in the variable cut the line into cells on which they keep
their sign. A formula that does not come down to true or false is Rejected, never guessed.
"""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from math import ceil
from typing import Any, Final, NamedTuple

from verify.kernel import terms
from verify.kernel.certificate import fields, strings
from verify.kernel.normal import canonical, normal_node
from verify.kernel.polynomials import CONSTANT, read_polynomial
from verify.kernel.problem import Problem, scope_of
from verify.kernel.rejections import Rejected, require
from verify.kernel.terms import FALSE, INT, NAT, REAL, TRUE, Binder, Sort, Symbol, Term
from verify.kernel.text import Tree, make_term, read_tree

MAX_ELEMENTS: Final = 100
MAX_CASES: Final = 2_000
MAX_WORK: Final = 300_000
MAX_NESTING: Final = 50
Cell = tuple[Fraction | None, Fraction | None]  # an open interval; None is infinite


class Model(NamedTuple):
    """Elements by sort, definitions by symbol, and [steps taken so far, nesting now]."""

    elements: dict[Sort, tuple[Term, ...]]
    definitions: dict[Symbol, Term]  # forall parameters: symbol(parameters) = body
    work: list[int]


class _Split(Exception):
    """An atom changes sign inside the current cell of the real line, here."""

    def __init__(self, point: Fraction) -> None:
        self.point = point


def check_model(
    problem: Problem, lines: tuple[dict[str, Any], ...], *, refuting: bool
) -> None:
    """Require that the model makes every fact true and, if `refuting`, the goal false."""
    model = read_model(problem, lines)
    wanted = [(fact.name, fact.formula, TRUE) for fact in problem.facts]
    wanted += [("the goal", problem.goal, FALSE)] if refuting else []
    for name, formula, value in wanted:
        found = Evaluation(model).value(formula)
        got = found.op if found in (TRUE, FALSE) else "a formula left undecided"
        require(
            found == value, f"{name} to be {value.op} in the model", got, rule="model"
        )


def read_model(problem: Problem, lines: tuple[dict[str, Any], ...]) -> Model:
    """The model of a certificate's lines; Rejected when a symbol is defined by others."""
    sorts, _ = scope_of(problem)
    # a network's functions are what the problem says they are, not what a model says
    symbols = {symbol.name: symbol for symbol in problem.symbols}
    model = Model({terms.BOOL: (TRUE, FALSE)}, {}, [0, 0])
    for sort in problem.sorts:
        if sort.elements:
            model.elements[sort] = _elements(sort, sort.elements)
    sized = [line for line in lines if "sort" in line]
    for line in sized:
        fields(line, {"sort": str, "size": int})
        sort = sorts.get(line["sort"], terms.BOOL)
        fresh = sort not in model.elements and not terms.is_numeric(sort)
        require(fresh, "an uninterpreted sort, once", line["sort"], rule="model")
        small = 1 <= line["size"] <= MAX_ELEMENTS
        require(small, f"a size from 1 to {MAX_ELEMENTS}", line["size"], rule="model")
        names = (f"{sort.name}!{i}" for i in range(line["size"]))
        model.elements[sort] = _elements(sort, names)
    scope = {
        element.value.name: element.value
        for elements in model.elements.values()
        for element in elements
        if isinstance(element.value, Symbol)
    }
    for line in lines[len(sized) :]:
        fields(line, {"symbol": str, "parameters": list, "value": str})
        symbol = symbols.get(line["symbol"])
        if symbol is None or symbol in model.definitions or symbol.name in scope:
            raise Rejected(
                "a declared symbol, once, after the sorts", line, rule="model"
            )
        model.definitions[symbol] = _read_definition(symbol, line, sorts, scope)
    return model


def _elements(sort: Sort, names: Iterable[str]) -> tuple[Term, ...]:
    return tuple(terms.constant(Symbol(name, (), sort)) for name in names)


def _read_definition(
    symbol: Symbol,
    line: dict[str, Any],
    sorts: dict[str, Sort],
    scope: dict[str, Symbol],
) -> Term:
    """`forall parameters: symbol(parameters) = value`, the value free of symbols."""
    names, count = strings(line["parameters"]), len(symbol.arguments)
    distinct = len({*names}) == len(names) == count
    require(distinct, f"{count} distinct parameters", ", ".join(names), rule="model")
    value = read_tree(line["value"])
    tree: Tree = ["=", [symbol.name, *names] if names else symbol.name, *value]
    for name, sort in reversed([*zip(names, symbol.arguments, strict=True)]):
        tree = ["forall", [name, sort.name], tree]
    definition = equation = make_term(tree, sorts, {**scope, symbol.name: symbol})
    while equation.op == "forall":
        equation = equation.args[0]
    right = equation.args[-1]
    free = all(part.value != symbol for part in terms.subterms(right))
    require(
        free, f"a value of {symbol.name} not by itself", line["value"], rule="model"
    )
    natural = symbol.result != NAT or right.sort == NAT
    require(natural, f"a value of sort Nat for {symbol.name}", right.sort, rule="model")
    return definition


class Evaluation:
    """One evaluation; with a `variable`, of what holds for all its values from `bound` on
    or, given a `cell`, for all its values in that interval."""

    def __init__(
        self, model: Model, variable: Term | None = None, cell: Cell | None = None
    ) -> None:
        self.model = model
        self.variable = variable
        self.cell = cell
        self.bound = 0

    def value(self, term: Term) -> Term:
        """The term with every definition put in: a value, if all goes well."""
        self.model.work[0] += term.size
        self.model.work[1] += 1
        small = self.model.work[0] <= MAX_WORK and self.model.work[1] <= MAX_NESTING
        expected = f"at most {MAX_WORK} steps, nested {MAX_NESTING} deep"
        require(small, expected, "more", rule="model")
        value = terms.rewrite(term, self._visit)
        self.model.work[1] -= 1
        return value

    def _visit(self, node: Term, _: int, args: tuple[Term, ...]) -> Term:
        known = [arg in (TRUE, FALSE) for arg in args]
        match node.op:
            case "and" | "or":
                absorbing = FALSE if node.op == "and" else TRUE
                rest = [
                    arg
                    for arg, constant in zip(args, known, strict=True)
                    if not constant
                ]
                return absorbing if absorbing in args else terms.make(node.op, *rest)
            case "implies" if args[0] == FALSE or args[1] == TRUE:
                return TRUE
            case "implies" if known[0]:
                return args[1]
            case "iff" | "=" if set(args) <= set(
                self.model.elements.get(args[0].sort, ())
            ):
                return TRUE if args[0] == args[1] else FALSE
            case "if" if known[0]:
                return args[1] if args[0] == TRUE else args[2]
            case "forall" | "exists":
                return self._quantifier(terms.remake(node, args))
            case "/":
                divisor = read_polynomial(args[1])
                if set(divisor) == {CONSTANT}:
                    inverse = terms.make_number(1 / divisor[CONSTANT], REAL)
                    return canonical(terms.make_product(inverse, args[0]))
        term = normal_node(node, args)
        return self._call(term) if term.op == "app" else self._decide(term)

    def _decide(self, literal: Term) -> Term:
        """A literal in which only the variable is left, by its sign; others as they are."""
        atom = literal.args[0] if literal.op == "not" else literal
        if atom.op not in ("<=", "=") or not terms.is_numeric(atom.args[0].sort):
            return literal
        sign = self._sign(atom.args[1] if atom.op == "<=" else atom.args[0])
        if sign is None:
            return literal
        holds = sign >= 0 if atom.op == "<=" else sign == 0
        return TRUE if holds == (literal.op != "not") else FALSE

    def _sign(self, term: Term) -> int | None:
        """The sign of a polynomial in the variable, for large values or in the cell."""
        poly = read_polynomial(term)
        if any(set(monomial) - {self.variable} for monomial in poly):
            return None
        degree = max(map(len, poly), default=0)
        leading = next(
            (c for monomial, c in poly.items() if len(monomial) == degree), 0
        )
        if self.cell is not None and degree:
            if degree > 1:
                return None
            (low, high), root = self.cell, -poly.get(CONSTANT, Fraction(0)) / leading
            if (low is None or low < root) and (high is None or root < high):
                raise _Split(root)
            return 1 if (leading > 0) == (low is not None and root <= low) else -1
        if degree:
            self.bound = max(
                self.bound, ceil(max(abs(c / leading) for c in poly.values())) + 2
            )
        return (leading > 0) - (leading < 0)

    def _call(self, term: Term) -> Term:
        """The value that the model defines, once the arguments are closed."""
        definition = self.model.definitions.get(term.value)  # type: ignore[arg-type]
        if definition is None or term.loose:
            return term
        for argument in term.args:
            definition = terms.instantiate(definition, argument)
        value = canonical(self.value(definition.args[-1]))
        natural = term.sort != NAT or value.sort == NAT or self._sign(value) in (0, 1)
        require(
            natural, "a value of sort Nat", "one that may be negative", rule="model"
        )
        return value

    def _quantifier(self, node: Term) -> Term:
        if not isinstance(node.value, Binder):
            raise Rejected("a quantifier", node.op)
        sort = node.value.sort
        settles, other = (TRUE, FALSE) if node.op == "exists" else (FALSE, TRUE)
        parts: list[Term] = []
        if not terms.is_numeric(sort):
            for element in self.model.elements.get(sort, ()):
                parts.append(self.value(terms.instantiate(node, element)))
                if parts[-1] == settles:
                    return settles
            rest = [part for part in parts if part != other]
            return (
                terms.make("or" if node.op == "exists" else "and", *rest)
                if parts
                else node
            )
        if not node.loose and self.variable not in terms.subterms(node):
            parts = self._line(node) if sort == REAL else self._integers(node, sort)
        if settles in parts:
            return settles
        return other if parts and set(parts) == {other} else node

    def _integers(self, node: Term, sort: Sort) -> list[Term]:
        """The values of the body for all large numbers, and one by one before that."""
        variable = terms.constant(Symbol("?n", (), NAT))
        ends, parts = [0, 0], []
        for end, sign in enumerate((1, -1) if sort == INT else (1,)):
            beyond = Evaluation(self.model, variable)
            number = terms.make_product(terms.make_number(sign, INT), variable)
            parts.append(beyond.value(terms.instantiate(node, number)))
            ends[end] = beyond.bound
        require(
            sum(ends) <= MAX_CASES,
            f"at most {MAX_CASES} cases",
            sum(ends),
            rule="model",
        )
        numbers = (terms.make_number(n, INT) for n in range(-ends[1], ends[0] + 1))
        cases = (terms.instantiate(node, number) for number in numbers)
        return [*parts, *(Evaluation(self.model).value(case) for case in cases)]

    def _line(self, node: Term) -> list[Term]:
        """The values of the body at the points where it may change, and between them."""
        variable = terms.constant(Symbol("?x", (), REAL))
        points: list[Fraction] = []
        nesting = self.model.work[1]
        while len(points) <= MAX_CASES:
            numbers = (terms.make_number(point, REAL) for point in points)
            cases = (terms.instantiate(node, number) for number in numbers)
            parts = [Evaluation(self.model).value(case) for case in cases]
            try:
                for cell in zip([None, *points], [*points, None], strict=True):
                    inside = Evaluation(self.model, variable, cell)
                    parts.append(inside.value(terms.instantiate(node, variable)))
            except _Split as split:
                self.model.work[1] = nesting
                points = sorted({*points, split.point})
            else:
                return parts
        raise Rejected(f"at most {MAX_CASES} cells", "more", rule="model")
