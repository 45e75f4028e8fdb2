"""Short ways to read claim text in tests: a document, its mistake, one formula."""

from __future__ import annotations

import pytest

from verify.kernel.terms import Term
from verify.language.document import Document, Statement
from verify.language.elaborate import Model, Reading, parse_formula, read_items
from verify.language.errors import ClaimError
from verify.language.limits import Meter
from verify.language.markdown import read_markdown, read_plain
from verify.language.names import scope_of

# What most tests speak about; `read` and `mistake` put it before their text.
PRELUDE = """\
type Model
type Case = {a, b, c}
const x, y, z: Real
const K: Nat
const i, j: Int
const p, q, r: Bool
const M_d: Model
func loss(Model): Real     reads "the training loss of {1}"
func size(Model): Nat
func seq(Nat): Real
func w(Case): Real
def  good(M: Model) := loss(M) <= 1
premise P1: x > 0
premise E: exists M: Model. exists N: Model. loss(M) < loss(N)
premise A: forall M: Model, k: Nat. loss(M) <= seq(k)
"""
LINES = PRELUDE.count("\n")


def read(text: str, prelude: str = PRELUDE) -> Document:
    """The document of a claim text that uses no other."""
    whole = prelude + text
    return answered(read_items(read_plain("d.claim", whole), whole, Meter()))


def answered(reading: Reading) -> Document:
    """The document of a reading whose models nobody looks at."""
    try:
        request = next(reading)
        while request.kind is Model:
            request = reading.send(Model(request.path, None))
    except StopIteration as done:
        document: Document = done.value
        return document
    raise ValueError("this text uses other documents")


def read_fences(text: str) -> Document:
    """The document of a Markdown text that uses no other."""
    return answered(read_items(read_markdown("d.md", text), text, Meter()))


def last(text: str, prelude: str = PRELUDE) -> Statement:
    """The last statement of a claim text after the prelude."""
    return read(text, prelude).statements[-1]


def formula(text: str) -> Term:
    """The term of a formula over the prelude."""
    return parse_formula(text, scope_of(read("")))


def mistake(text: str, prelude: str = PRELUDE) -> ClaimError:
    """The mistake in a claim text, its lines counted after the prelude."""
    with pytest.raises(ClaimError) as caught:
        read(text, prelude)
    caught.value.line -= prelude.count("\n")
    return caught.value
