"""From syntax to terms: names are looked up, sorts are checked, sugar and definitions go.

Each node becomes a term once its parts have. An integer numeral stays open to become real
until something beside it decides; everything else has one sort and is never converted
silently. Where a divisor or an argument of a Nat function may need a condition, its place
is kept, so that obligations.py can point at it.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable, Mapping
from fractions import Fraction
from typing import NamedTuple, TypeAlias

from verify.kernel import terms
from verify.kernel.rejections import Rejected
from verify.kernel.terms import INT, NAT, REAL, Sort, Symbol, Term
from verify.language import expansion, limits, sugar
from verify.language.combining import apply_builtin, combine
from verify.language.document import Span
from verify.language.errors import ClaimError
from verify.language.limits import Meter
from verify.language.names import Scope
from verify.language.positions import Source
from verify.language.sorts import SortChecker
from verify.language.syntax import Expression
from verify.language.trampoline import run


class Bound(NamedTuple):
    """A quantified variable: how many quantifiers were open when it was bound."""

    level: int
    sort: Sort


class Local(NamedTuple):
    """The names a place adds to the document's: variables, parameters, opened witnesses."""

    names: Mapping[str, Bound | Term]
    depth: int = 0

    def bind(self, name: str, sort: Sort) -> Local:
        return Local({**self.names, name: Bound(self.depth, sort)}, self.depth + 1)


Request: TypeAlias = tuple[Expression, Local]
Step: TypeAlias = Generator[Request, Term, Term]
NOTHING_LOCAL = Local({})


class Reader:
    """Reads the expressions of one document; `used` collects the definitions unfolded."""

    def __init__(self, source: Source, scope: Scope, meter: Meter) -> None:
        self.source = source
        self.scope = scope
        self.meter = meter
        self.check = SortChecker(source)
        self.places: dict[bytes, Span] = {}
        self.used: dict[str, None] = {}
        self.defining = ""

    def read_term(self, node: Expression, local: Local = NOTHING_LOCAL) -> Term:
        """The term of an expression; ClaimError where it has no meaning."""
        try:
            return run(self._begin, (node, local))
        except Rejected as refusal:
            raise self.source.error(
                node.span,
                f"this formula is too large: expected {refusal.expected}, got {refusal.got}",
                "state parts of it as lemmas",
            ) from None

    def read_formula(self, node: Expression, local: Local = NOTHING_LOCAL) -> Term:
        """The same for a formula: a term of sort Bool."""
        term = self.read_term(node, local)
        self.check.formula(term, node)
        return term

    def read_of_sort(
        self, node: Expression, sort: Sort, local: Local, place: str
    ) -> Term:
        """The same for a term that must have a given sort."""
        return self.check.fit(self.read_term(node, local), sort, node, place)

    def _begin(self, request: Request) -> Step:
        node, local = request
        match node.op:
            case "number":
                return self._number(node)
            case "name":
                return self._name(node, local)
            case "call":
                return self._call(node, local)
            case "forall" | "exists" | "sum":
                return self._quantified(node, local)
            case _:
                return self._combined(node, local)

    # Names and numerals

    def _number(self, node: Expression) -> Step:
        yield from ()
        exact = Fraction(node.text)
        return terms.make_number(exact, REAL if "." in node.text else INT)

    def _name(self, node: Expression, local: Local) -> Step:
        yield from ()
        name = node.text
        if name in local.names:
            found = local.names[name]
            if isinstance(found, Bound):
                return terms.make_variable(local.depth - 1 - found.level, found.sort)
            return found
        symbol = self.scope.symbol(name)
        if symbol is not None:
            if symbol.arguments:
                self.check.count(symbol.name, symbol.arguments, node, ())
            return terms.make_application(symbol)
        if name in self.scope.definitions:
            return self._expand(node, name, (), ())
        if name in ("true", "false"):
            return terms.TRUE if name == "true" else terms.FALSE
        raise self._unknown(node, local)

    def _unknown(self, node: Expression, local: Local) -> ClaimError:
        if node.text == self.defining:
            return self.source.error(
                node.span,
                f"the definition of `{node.text}` speaks of itself",
                "definitions are not recursive; declare a func and state its equations "
                "as premises",
            )
        if node.text in sugar.BUILTIN_FUNCTIONS:
            message = f"`{node.text}` is a function and needs arguments"
            return self.source.error(node.span, message, f"write {node.text}(x)")
        return self.scope.unknown(self.source, node.span, node.text, local.names)

    def _call(self, node: Expression, local: Local) -> Step:
        head, args = node.args[0], node.args[1:]
        name = head.text
        if head.op != "name":
            message = f"{self.source.quote(head.span)} is no function"
            raise self.source.error(head.span, message, "write * for a product")
        if name in local.names:
            message = f"`{name}` is a variable here, and no function"
            raise self.source.error(head.span, message, "write * for a product")
        symbol = self.scope.symbol(name)
        definition = self.scope.definitions.get(name)
        if symbol is not None:
            takes: Iterable[Sort] = symbol.arguments
        elif definition is not None:
            takes = [parameter.result for parameter in definition.parameters]
        elif name in sugar.BUILTIN_FUNCTIONS:
            values = []
            for arg in args:
                values.append((yield arg, local))
            return apply_builtin(self.check, node, name, values)
        else:
            raise self._unknown(head, local)
        sorts = tuple(takes)
        self.check.count(name, sorts, node, args)
        values = []
        for place, (arg, sort) in enumerate(zip(args, sorts, strict=True), 1):
            value = self.check.fit(
                (yield arg, local), sort, arg, f"argument {place} of {name}"
            )
            if sort == NAT and value.sort == INT:
                self.check.natural(value, arg, name)
                self.places.setdefault(value.key, arg.span)
            values.append(value)
        if symbol is not None:
            return terms.make_application(symbol, values)
        return self._expand(node, name, values, args)

    def _expand(
        self,
        node: Expression,
        name: str,
        values: Iterable[Term],
        args: Iterable[Expression],
    ) -> Term:
        definition = self.scope.definitions[name]
        if not args:
            self.check.count(
                name, [item.result for item in definition.parameters], node, ()
            )
        self.used.update(dict.fromkeys((*definition.uses, name)))
        self.spend(node, definition.body.size)
        replaced = dict(zip(definition.parameters, values, strict=True))
        return expansion.replace_constants(definition.body, replaced)

    def spend(self, node: Expression, nodes: int) -> None:
        """Count nodes that expansion makes; ClaimError past the cap."""
        self.meter.work += nodes
        if self.meter.work > limits.MAX_WORK:
            raise self.source.error(
                node.span,
                f"definitions and sums expand to more than {limits.MAX_WORK} nodes",
                "state lemmas about the parts instead of unfolding them",
            )

    def _combined(self, node: Expression, local: Local) -> Step:
        """An operator on terms: each is read, and the combination checked."""
        values = []
        for arg in node.args[:1] if node.op == "power" else node.args:
            values.append((yield arg, local))
        return combine(self.check, node, values, self.places)

    def _quantified(self, node: Expression, local: Local) -> Step:
        bound: list[tuple[str, Sort]] = []
        for binder in node.binders:
            if binder.member:
                message = f"`{binder.sort.text}` is no data set and no region"
                fix = f"write {node.op} x: T. ... for a type T"
                raise self.source.error(binder.sort.span, message, fix)
            sort = self.scope.find_sort(self.source, binder.sort)
            if node.op == "sum":
                self.check.finite(sort, binder.sort)
            for word in binder.names:
                self.check.bindable(word, local.depth)
                local = local.bind(word.text, sort)
                bound.append((word.text, sort))
        body = yield node.args[0], local
        if node.op != "sum":
            self.check.formula(body, node.args[0])
            for name, sort in reversed(bound):
                make = terms.make_forall if node.op == "forall" else terms.make_exists
                body = make(name, sort, body)
            return body
        self.check.number(body, node.args[0], "sum")
        for _, sort in reversed(bound):
            self.spend(node, body.size * len(sort.elements))
            parts = [
                expansion.replace_innermost(
                    body, terms.make_application(Symbol(name, (), sort))
                )
                for name in sort.elements
            ]
            body = terms.make_sum(*parts)
        return body
