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
from verify.language import applications, expansion, limits, members, sugar
from verify.language.applications import Values
from verify.language.combining import apply_builtin, combine
from verify.language.document import Span
from verify.language.errors import ClaimError
from verify.language.limits import Meter
from verify.language.local import Bound, Local, Point
from verify.language.measures import MEASURES, read_measure, read_member
from verify.language.names import Scope
from verify.language.positions import Source
from verify.language.sorts import SortChecker
from verify.language.subjects import Subject, apply_drawn
from verify.language.syntax import Binder, Expression
from verify.language.theory import check_hidden, means_theory
from verify.language.things import Data, Network, Region
from verify.language.trampoline import run

Request: TypeAlias = tuple[Expression, Local]
Value: TypeAlias = Term | Values
Step: TypeAlias = Generator[Request, Value, Value]
Domain: TypeAlias = Sort | Data | Region
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
        try:
            return self._one(run(self._begin, (node, local)), node)
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
        """A value that must be one term; ClaimError when it is a point."""
        if isinstance(value, Values):
            raise applications.misused(self.source, node.span, value)
        return value

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
            raise self.source.error(head.span, message, "write * for a product")
        if name in local.names:
            return self._coordinate(node, local)
        if name == "silent" and means_theory(name, self.scope, local.names):
            return self._silent(node, local)
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
            parts = value.terms if isinstance(value, Values) else (value,)
            out += [(part, arg) for part in parts]
        return out

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

    def _silent(self, node: Expression, local: Local) -> Term:
        """`silent(C, R)`: every unit of C is 0 everywhere in a region or data set."""
        if len(node.args) != 3:
            message = f"silent takes a circuit and a place, got {len(node.args) - 1}"
            raise self.source.error(node.span, message, "write silent(C, R)")
        circuit = applications.read_circuit(self.source, self.scope, node.args[1])
        where = node.args[2]
        place = self.scope.read.get(where.text) if where.op == "name" else None
        network = self.scope.read.get(circuit.network)
        if not isinstance(place, Data | Region):
            message = f"{self.source.quote(where.span)} is no data set and no region"
            raise self.source.error(where.span, message, "declare it above")
        if not isinstance(network, Network) or network.inputs != place.dimension:
            message = (
                f"the points of {place.name} have {place.dimension} numbers, and the "
                f"network of {circuit.name} takes others"
            )
            raise self.source.error(where.span, message, "name a place of its inputs")
        self.spoken[circuit.name] = self.spoken[circuit.network] = None
        body = members.make_silent(circuit, network, place.dimension)
        return self._close(node, "forall", ("x", place), body)

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
            return read_member(self, node, local)
        values = []
        for arg in node.args[:1] if node.op == "power" else node.args:
            values.append((yield from self._term(arg, local)))
        return combine(self.check, node, values, self.places)

    def _domain(self, node: Expression, binder: Binder) -> Domain:
        """What a binder ranges over: a type, or a data set or region."""
        thing = self.scope.read.get(binder.sort.text)
        over_data = node.op == "sum" and isinstance(thing, Data)
        if isinstance(thing, Data | Region) and (binder.member or over_data):
            if node.op == "sum" and isinstance(thing, Region):
                message = f"`{thing.name}` is a region, and has no finite sum"
                fix = "sum over a data set or a finite type"
                raise self.source.error(binder.sort.span, message, fix)
            return thing
        if binder.member:
            message = f"`{binder.sort.text}` is no data set and no region"
            fix = f"write {node.op} x: T. ... for a type T"
            raise self.source.error(binder.sort.span, message, fix)
        sort = self.scope.find_sort(self.source, binder.sort)
        if node.op == "sum":
            self.check.finite(sort, binder.sort)
        return sort

    def _quantified(self, node: Expression, local: Local) -> Step:
        bound: list[tuple[str, Domain]] = []
        for binder in node.binders:
            domain = self._domain(node, binder)
            for word in binder.names:
                count = 1 if isinstance(domain, Sort) else domain.dimension
                self.check.bindable(word, local.depth + count - 1)
                local = (
                    local.bind(word.text, domain)
                    if isinstance(domain, Sort)
                    else local.bind_point(word.text, count)
                )
                bound.append((word.text, domain))
        body = yield from self._term(node.args[0], local)
        if node.op == "sum":
            self.check.number(body, node.args[0], "sum")
        else:
            self.check.formula(body, node.args[0])
        for pair in reversed(bound):
            body = self._close(node, node.op, pair, body)
        return body

    def _close(
        self, node: Expression, op: str, bound: tuple[str, Domain], body: Term
    ) -> Term:
        """A quantifier or sum over one variable or point, loose in `body`."""
        name, domain = bound
        if isinstance(domain, Region):
            definition = domain.definition
            self.used.update(dict.fromkeys((*definition.uses, domain.name)))
            self.spoken.update(dict.fromkeys((*definition.speaks, domain.name)))
            self.spend(node, definition.body.size)
            return members.close_region(op, name, domain, body)
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
