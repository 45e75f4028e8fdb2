"""Syntax nodes: what was written, with places, before names and sorts are known.

The parser builds these and nothing else looks at tokens. An `Expression` is one node type
with an operator, so that a pass over expressions is one loop; the items of a document are
one type each. Declarations that speak of networks and data keep this form until a room
that understands them asks for it.
"""

from __future__ import annotations

from typing import NamedTuple, TypeAlias

from verify.language.document import Span


class Word(NamedTuple):
    """A name, numeral or quoted text (without its quotation marks) and its place."""

    text: str
    span: Span


class Binder(NamedTuple):
    """`x, y: T` of a quantifier or a parameter list, or `x, y in D` (`member` is true).

    Of `x in hull(D)` the sort is `hull`, and the whole is a part of the quantifier.
    """

    names: tuple[Word, ...]
    sort: Word
    member: bool = False


class Expression(NamedTuple):
    """A term or a formula.

    op        args                            text
    name      none                            the name
    number    none                            the digits
    call      function, arguments             -
    not minus one                             -
    power     base, exponent                  -
    product   parts                           `signs`: * or / before each part but the first
    add       parts                           `signs`: + or - before each part but the first
    compare   parts of the chain              `signs`: = != < <= > >= in between
    and or    parts                           -
    implies iff   left, right                 -
    forall exists sum   body, region          `binders`; a region such as hull(D)
    if        condition, then, else           -
    point     coordinates                     -
    """

    op: str
    args: tuple[Expression, ...]
    span: Span
    depth: int
    text: str = ""
    signs: tuple[str, ...] = ()
    binders: tuple[Binder, ...] = ()


class TypeDeclaration(NamedTuple):
    """`type T` or `type T = {a, b}`."""

    name: Word
    elements: tuple[Word, ...]
    span: Span


class SymbolDeclaration(NamedTuple):
    """`const a, b: T`, or `func f(T, U): V` with one name and its argument types."""

    names: tuple[Word, ...]
    arguments: tuple[Word, ...]
    result: Word
    reading: Word | None
    span: Span


class DefinitionDeclaration(NamedTuple):
    """`def name(x: T) := body`."""

    name: Word
    parameters: tuple[Binder, ...]
    body: Expression
    span: Span


class Use(NamedTuple):
    """`use "path" as alias`."""

    file: Word
    alias: Word
    span: Span


class Entry(NamedTuple):
    """One entry of a by-list: a fact or a method, as written.

    `variable` is the k of `induction on k`; `leads` says that `from` follows the entry.
    """

    name: Word
    span: Span
    arguments: tuple[Expression, ...] = ()
    giving: tuple[Word, ...] = ()
    variable: Word | None = None
    leads: bool = False


class Fact(NamedTuple):
    """A premise, lemma, step, conclusion, evidence or admitted statement."""

    kind: str
    name: Word
    label: str
    formula: Expression
    by: tuple[Entry, ...] | None
    span: Span


class Expect(NamedTuple):
    """`expect NAME STATUS`."""

    name: Word
    status: Word
    span: Span


class Limit(NamedTuple):
    """`limit 20 s`."""

    amount: Word
    unit: Word
    span: Span


class Scope(NamedTuple):
    """`scope 4 Model`."""

    size: Word
    sort: Word
    span: Span


class Lattice(NamedTuple):
    """`lattice a, b, c`."""

    names: tuple[Word, ...]
    span: Span


class Cuts(NamedTuple):
    """`cuts target from start using e1, e2`."""

    target: Expression
    start: Expression
    events: tuple[Word, ...]
    span: Span


class Network(NamedTuple):
    """`network f(x: Real) := body`, or a file in place of parameters and body."""

    name: Word
    parameters: tuple[Binder, ...]
    body: Expression | None
    file: Word | None
    span: Span


class Point(NamedTuple):
    """`(x1, x2; y1)`: inputs; targets."""

    inputs: tuple[Expression, ...]
    targets: tuple[Expression, ...]
    span: Span


class Data(NamedTuple):
    """`data D := points (0; 0) (1; 1)`, or a file."""

    name: Word
    points: tuple[Point, ...]
    file: Word | None
    span: Span


class Region(NamedTuple):
    """`region train(x: Real) := formula`, or `region train := hull(D)`."""

    name: Word
    parameters: tuple[Binder, ...]
    body: Expression
    span: Span


class Option(NamedTuple):
    """`hidden = 2`, `weights = {-1, 0, 1}`, `layers = (2, 2)`, `bounded by 2`; `form` is
    "", "{", "(" or "by"."""

    name: Word
    form: str
    values: tuple[Expression, ...]
    span: Span


class ModelClass(NamedTuple):
    """`class S := relu_nets(inputs = 1, hidden = 2)`."""

    name: Word
    family: Word
    options: tuple[Option, ...]
    span: Span


class Layer(NamedTuple):
    """`1: {1, 2}`: units of one layer."""

    number: Expression
    units: tuple[Expression, ...]
    span: Span


class Circuit(NamedTuple):
    """`circuit C := units(f, 1: {1, 2})`."""

    name: Word
    maker: Word
    network: Word
    layers: tuple[Layer, ...]
    span: Span


Declaration: TypeAlias = (
    Network | Data | Region | ModelClass | Circuit | DefinitionDeclaration
)
Own: TypeAlias = (  # what a document says itself
    TypeDeclaration | SymbolDeclaration | DefinitionDeclaration | Fact | Expect | Limit
    | Scope | Lattice | Cuts | Network | Data | Region | ModelClass | Circuit
)  # fmt: skip
Item: TypeAlias = Own | Use
