"""What a document says, once read: declarations and statements over kernel terms.

Everything here is immutable data. Names are resolved, sorts are checked, sugar and
definitions are gone from the formulas; the author's own words stay beside them.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from verify.kernel.terms import Sort, Symbol, Term

if TYPE_CHECKING:  # syntax.py and things.py need Span
    from verify.language.quantities import Membership, Quantity
    from verify.language.syntax import Declaration
    from verify.language.things import Thing

FACT_KINDS = frozenset({"premise", "lemma", "step", "conclusion", "evidence", "admit"})
PROVABLE_KINDS = frozenset({"lemma", "step", "conclusion"})


class Span(NamedTuple):
    """A place in the file, lines and columns from 1, the end exclusive."""

    line: int
    column: int
    end_line: int
    end_column: int


class Citation(NamedTuple):
    """One entry of a by-list.

    `terms` are the arguments of an instance such as `grow(c, N)`; they may mention the
    constants that `giving` entries of the same list introduce. `giving` holds one fresh
    constant for each leading `exists` that is opened.
    """

    name: str
    terms: tuple[Term, ...] = ()
    giving: tuple[Symbol, ...] = ()


class Justification(NamedTuple):
    """How a statement is said to follow; `citations` is None when the tool is to search."""

    citations: tuple[Citation, ...] | None = None
    method: str = ""  # "", "induction", "cases" or "algebra"
    variable: str = ""  # of the induction


class Obligation(NamedTuple):
    """What must hold for a statement to have a meaning: a closed formula and its reason.

    `reason` is a sentence such as "the divisor x - y may be 0" or "k - 1 may be negative
    where x takes a Nat".
    """

    formula: Term
    reason: str
    span: Span


class Statement(NamedTuple):
    """One statement of a document, in the order written.

    `formula` is closed, and None where the statement has none (lattice, cuts) or needs a
    part of the language that is not available (`unsupported` then says which).
    """

    kind: str
    name: str
    label: str
    formula: Term | None
    source: str  # the formula as the author wrote it
    span: Span
    by: Justification = Justification()
    expected: str = "proved"
    limit: float = 10.0  # seconds
    scope: tuple[tuple[str, int], ...] = ()  # sort name, largest domain to try
    obligations: tuple[Obligation, ...] = ()
    definitions: tuple[str, ...] = ()  # the definitions used, directly or underneath
    unsupported: str = ""
    members: tuple[tuple[str, Term], ...] = ()  # lattice: name, closed formula
    target: Term | None = None  # cuts: what must become impossible
    start: Term | None = None  # cuts: what is given


class Definition(NamedTuple):
    """A `def`; `body` is a term over `parameters`, constants standing for the arguments.

    `uses` names the definitions that were unfolded in the body, all the way down, and
    `speaks` the networks, data sets, regions and circuits that it speaks of.
    """

    name: str
    parameters: tuple[Symbol, ...]
    body: Term
    source: str
    span: Span
    uses: tuple[str, ...] = ()
    speaks: tuple[str, ...] = ()


class Note(NamedTuple):
    """Something a reader would want to know of a declaration, which is no mistake."""

    name: str
    span: Span
    message: str


class Document(NamedTuple):
    """A read document.

    `readings` maps a symbol's name to its `reads` sentence, with {1}, {2}, ... for the
    arguments. `imports` maps the alias of each `use` to the document it names; statements
    of an import are cited as `alias.name`; what it declares is among `sorts`, `symbols`
    and `definitions` here. `declarations` are the networks, data sets, regions, classes
    and circuits, and the definitions that need what is not available, as syntax nodes;
    `things` are the networks, data sets, regions, classes and circuits as they were read.
    `lines` says where each name is declared in its own file. `quantities` are the
    constants with a meaning, those of imports included, each after what its own formula
    speaks of; `memberships` the formulas that put a network into a class.
    """

    path: str
    text: str
    sorts: tuple[Sort, ...]
    symbols: tuple[Symbol, ...]
    readings: Mapping[str, str]
    definitions: tuple[Definition, ...]
    statements: tuple[Statement, ...]
    imports: Mapping[str, Document]
    declarations: tuple[Declaration, ...] = ()
    lines: Mapping[str, int] = MappingProxyType({})
    things: tuple[Thing, ...] = ()
    quantities: tuple[Quantity, ...] = ()
    memberships: tuple[Membership, ...] = ()
    notes: tuple[Note, ...] = ()

    def statement(self, name: str) -> Statement | None:
        """The statement of that name, `alias.name` for an imported one."""
        alias, dot, rest = name.partition(".")
        if dot and alias in self.imports:
            return self.imports[alias].statement(rest)
        return next((s for s in self.statements if s.name == name), None)

    def thing(self, name: str) -> Thing | None:
        """The network, data set, region, class or circuit of that name, if it was read."""
        return next((thing for thing in self.things if thing.name == name), None)

    def quantity(self, name: str) -> Quantity | None:
        """What the constant of that name means, if it is one with a meaning."""
        return next((q for q in self.quantities if q.name == name), None)

    def membership(self, formula: Term) -> Membership | None:
        """The network and the class, if the formula says that the one is in the other."""
        return next((m for m in self.memberships if m.formula == formula), None)
