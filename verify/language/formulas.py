"""From syntax to terms: names are looked up, sorts are checked, sugar and definitions go.

Each node becomes a term once its parts have. An integer numeral stays open to become real
until something beside it decides; everything else has one sort and is never converted
silently. Where a divisor or an argument of a Nat function may need a condition, its place
is kept, so that obligations.py can point at it.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable, Sequence
from fractions import Fraction
from typing import TypeAlias

from verify.kernel import terms
from verify.kernel.rejections import Rejected
from verify.kernel.terms import INT, NAT, REAL, Sort, Symbol, Term
from verify.language import (
    applications,
    domains,
    expansion,
    limits,
    members,
    regions,
    sugar,
)
from verify.language.applications import Values
from verify.language.combining import apply_builtin, combine
from verify.language.document import Span
from verify.language.domains import Domain, Value
from verify.language.errors import ClaimError
from verify.language.limits import Meter
from verify.language.local import Bound, Local, Point
from verify.language.measures import MEASURES, read_measure
from verify.language.names import Scope
from verify.language.places import Around, Ball
from verify.language.positions import Source
from verify.language.sorts import SortChecker
from verify.language.subjects import Subject, apply_drawn
from verify.language.syntax import Expression
from verify.language.theory import check_hidden, means_theory
from verify.language.things import Data, Region
from verify.language.trampoline import run

Request: TypeAlias = tuple[Expression, Local]
Step: TypeAlias = Generator[Request, Value, Value]
NOTHING_LOCAL = Local({})


class Reader:
    """Reads the expressions of one document; `used` collects the definitions unfolded,
    `spoken` the networks, data sets, regions and circuits spoken of."""

    def __init__(self, source: Source, scope: Scope, meter: Meter) -> None:
        self.source = source
        self.scope = scope
        self.meter = meter
        self.check = SortChecker(source)
        self.places: dict[bytes, Span] = {}
        self.used: dict[str, None] = {}
        self.spoken: dict[str, None] = {}
        self.defining = ""
        self.drawn: Subject | None = None  # the class's name stands for it in an event

    def read_term(self, node: Expression, local: Local = NOTHING_LOCAL) -> Term:
        """The term of an expression; ClaimError where it has no meaning."""
        return self._one(self.read_value(node, local), node)

    def read_value(self, node: Expression, local: Local = NOTHING_LOCAL) -> Value:
        """The same for what may be a point or a region as well."""
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

    def _one(self, value: Value, node: Expression) -> Term:
        """A value that must be one term; ClaimError when it is a point or a region."""
        if isinstance(value, Term):
            return value
        if isinstance(value, Values):
            raise applications.misused(self.source, node.span, value)
        raise regions.refuse_region(self, node)

    def _term(self, node: Expression, local: Local) -> Generator[Request, Value, Term]:
        return self._one((yield node, local), node)

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
            case "point":
                return self._tuple(node, local)
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
            if isinstance(found, Point):
                return local.values(found)
            return local.variable(*found) if isinstance(found, Bound) else found
        symbol = self.scope.symbol(name)
        if symbol is not None:
            if symbol.arguments:
                self.check.count(symbol.name, symbol.arguments, node, ())
            return terms.make_application(symbol)
        if self.scope.definition(name) is not None:
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
        if node.text in self.scope.things:
            return applications.name_of_thing(self.source, self.scope, node)
        return self.scope.unknown(self.source, node.span, node.text, local.names)

    def _call(self, node: Expression, local: Local) -> Step:
        head, args = node.args[0], node.args[1:]
        name = head.text
        if self.drawn and name == self.drawn.shown and name not in local.names:
            values = yield from self._values(args, local)
            return apply_drawn(self.check, self.drawn, node, values)
        applied = applications.find_applied(self.source, self.scope, head, local.names)
        if applied is not None:
            for spoken in (applied.network.name, *applied.function.without):
                self.spoken[spoken] = None
            values = yield from self._values(args, local)
            return applications.apply(self.check, applied, node, values)
        if head.op != "name":
            message = f"{self.source.quote(head.span)} is no function"
            fix = "write * for a product"
            if regions.is_place(self, head, local.names):
                fix = f"write p in {self.source.slice(head.span)}"
            raise self.source.error(head.span, message, fix)
        if name in local.names:
            return self._coordinate(node, local)
        if regions.is_place(self, node, local.names):
            return (yield from regions.read_place(self, node, local))
        if name == "silent" and means_theory(name, self.scope, local.names):
            return (yield from domains.read_silent(self, node, local))
        if name in MEASURES and means_theory(name, self.scope, local.names):
            return read_measure(self, node, local)
        symbol = self.scope.symbol(name)
        definition = self.scope.definition(name)
        check_hidden(self.source, node, self.scope, local.names)
        if symbol is not None:
            takes: Iterable[Sort] = symbol.arguments
        elif definition is not None:
            takes = [parameter.result for parameter in definition.parameters]
        elif name in sugar.BUILTIN_FUNCTIONS:
            parts = []
            for arg in args:
                parts.append((yield from self._term(arg, local)))
            return apply_builtin(self.check, node, name, parts)
        else:
            raise self._unknown(head, local)
        sorts = tuple(takes)
        given = yield from self._values(args, local)
        self.check.count(name, sorts, node, [arg for _, arg in given])
        fitted = []
        for place, ((value, arg), sort) in enumerate(zip(given, sorts, strict=True), 1):
            value = self.check.fit(value, sort, arg, f"argument {place} of {name}")
            if sort == NAT and value.sort == INT:
                self.check.natural(value, arg, name)
                self.places.setdefault(value.key, arg.span)
            fitted.append(value)
        if symbol is not None:
            return terms.make_application(symbol, fitted)
        return self._expand(node, name, fitted, args)

    def _values(
        self, args: Iterable[Expression], local: Local
    ) -> Generator[Request, Value, list[tuple[Term, Expression]]]:
        """The arguments of a call, each with its place; of a point, every coordinate."""
        out: list[tuple[Term, Expression]] = []
        for arg in args:
            value = yield arg, local
            parts = (
                value.terms if isinstance(value, Values) else (self._one(value, arg),)
            )
            out += [(part, arg) for part in parts]
        return out

    def _tuple(self, node: Expression, local: Local) -> Step:
        """`(a, b)`: a point."""
        values = yield from self._values(node.args, local)
        return Values(tuple(value for value, _ in values))

    def _coordinate(self, node: Expression, local: Local) -> Term:
        """`x(2)` for a point x: its second coordinate."""
        head, args = node.args[0], node.args[1:]
        found = local.names[head.text]
        if not isinstance(found, Point):
            message = f"`{head.text}` is a variable here, and no function"
            raise self.source.error(head.span, message, "write * for a product")
        place = args[0].text if len(args) == 1 and args[0].op == "number" else ""
        whole = place.isdigit() and len(place) < 9
        if not whole or not 1 <= int(place) <= found.size:
            message = f"`{head.text}` is a point of {found.size} numbers"
            fix = f"write {head.text}(1) to {head.text}({found.size})"
            raise self.source.error(node.span, message, fix)
        return local.values(found).terms[int(place) - 1]

    def _expand(
        self,
        node: Expression,
        name: str,
        values: Iterable[Term],
        args: Sequence[Expression],
    ) -> Term:
        definition = self.scope.definition(name)
        if definition is None:
            raise self.scope.unknown(self.source, node.span, name, ())
        if not args:
            self.check.count(
                name, [item.result for item in definition.parameters], node, ()
            )
        self.used.update(dict.fromkeys((*definition.uses, name)))
        self.spoken.update(dict.fromkeys(definition.speaks))
        if name in self.scope.read:
            self.spoken[name] = None
        self.spend(node, definition.body.size)
        replaced = dict(zip(definition.parameters, values, strict=True))
        return expansion.replace_constants(definition.body, replaced)

    def note_region(self, region: Region) -> None:
        """What a region says is used and spoken of."""
        definition = region.definition
        self.used.update(dict.fromkeys((*definition.uses, region.name)))
        self.spoken.update(dict.fromkeys((*definition.speaks, region.name)))

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
        if "in" in node.signs:
            return (yield from domains.read_in(self, node, local))
        values = []
        for arg in node.args[:1] if node.op == "power" else node.args:
            values.append((yield from self._term(arg, local)))
        return combine(self.check, node, values, self.places)

    def _quantified(self, node: Expression, local: Local) -> Step:
        bound: list[tuple[str, Domain, int]] = []
        outside = local.depth
        for binder in node.binders:
            domain = yield from domains.find_domain(self, node, binder, local)
            for word in binder.names:
                count = 1 if isinstance(domain, Sort) else domain.dimension
                self.check.bindable(word, local.depth + count - 1)
                local = (
                    local.bind(word.text, domain)
                    if isinstance(domain, Sort)
                    else local.bind_point(word.text, count)
                )
                bound.append((word.text, domain, local.depth - outside))
        body = yield from self._term(node.args[0], local)
        if node.op == "sum":
            self.check.number(body, node.args[0], "sum")
        else:
            self.check.formula(body, node.args[0])
        for name, domain, depth in reversed(bound):
            body = self.close(node, node.op, (name, domain), depth, body)
        return body

    def close(
        self,
        node: Expression,
        op: str,
        bound: tuple[str, Domain],
        depth: int,
        body: Term,
    ) -> Term:
        """A quantifier or sum over one variable or point, loose in `body`, which is below
        `depth` more quantifiers than the place where its domain was read."""
        name, domain = bound
        if isinstance(domain, Ball):
            domain = domain.raised(depth)
        if isinstance(domain, Region | Around | Ball):
            if isinstance(domain, Region):
                self.note_region(domain)
            whole = members.close_region(op, name, domain, body)
            self.spend(node, whole.size - body.size)
            return whole
        if isinstance(domain, Data):
            self.spoken[domain.name] = None
            self.spend(node, body.size * len(domain.inputs))
            return members.close_data(op, domain, body)
        if op != "sum":
            make = terms.make_forall if op == "forall" else terms.make_exists
            return make(name, domain, body)
        self.spend(node, body.size * len(domain.elements))
        parts = [
            expansion.replace_innermost(
                body, terms.make_application(Symbol(element, (), domain))
            )
            for element in domain.elements
        ]
        return terms.make_sum(*parts)
