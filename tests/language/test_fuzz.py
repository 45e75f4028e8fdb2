"""Random text: a document or a ClaimError with a place, never anything else."""

from __future__ import annotations

from pathlib import Path

from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.language.reading import PRELUDE, read, read_fences
from verify.language.document import Document
from verify.language.elaborate import parse_formula
from verify.language.errors import ClaimError
from verify.language.names import scope_of
from verify.language.printing import render_term

EXAMPLES = [
    path.read_text(encoding="utf-8")
    for path in sorted((Path(__file__).parent / "examples").glob("*.md"))
]
WORDS = (
    "type const func def use premise lemma step conclusion evidence admit expect limit "
    "scope lattice cuts network data region class circuit by from using giving on as "
    "reads points in induction cases algebra forall exists sum not and or implies iff if "
    "then else true false abs min max relu real x y K p q M_d loss size seq good Model "
    "Case Real Nat Int Bool P1 E A a b relu_nets units l1 tv proved refuted s 0 1 2 0.5 "
    "64 65 1000 -1 + - * / ^ = != < <= > >= ( ) { } , : ; . := -> <-> \u2200 \u2203 "
    "\u2227 \u2228 \u00ac \u2264 \u2265 \u2260 == && => ! "
    '"label" "{1}" # \n ```'
).split(" ")


def check(document: Document) -> None:
    """What was read is printed and read back."""
    scope = scope_of(document)
    for statement in document.statements:
        if statement.formula is not None and not statement.by.citations:
            text = render_term(statement.formula, names=scope.homes)
            assert parse_formula(text, scope) == statement.formula


def is_answered(text: str, *, fences: bool = False, prelude: str = PRELUDE) -> None:
    try:
        document = read_fences(text) if fences else read(text, prelude)
    except ClaimError as error:
        lines = (text if fences else prelude + text).split("\n")
        assert 1 <= error.line <= len(lines)
        assert 1 <= error.column <= len(lines[error.line - 1]) + 1
        assert error.message and str(error).isprintable()
    except ValueError as other:
        assert "uses other documents" in str(other)
    else:
        check(document)


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=200))
def test_any_text(text: str) -> None:
    is_answered(text, prelude="")
    is_answered(f"```claim\n{text}\n```\n", fences=True)
    is_answered(text, fences=True)


@settings(max_examples=400, deadline=None)
@given(st.lists(st.sampled_from(WORDS), max_size=40))
@example(["step", "s", ":", "p", "by", "E", "giving", "x"])
def test_soup_of_words(words: list[str]) -> None:
    is_answered(" ".join(words))


@settings(max_examples=400, deadline=None)
@given(st.lists(st.sampled_from([word for word in WORDS if word.strip()]), max_size=25))
def test_soup_in_a_formula(words: list[str]) -> None:
    is_answered("step s: " + " ".join(words))


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_mutated_examples(data: st.DataObject) -> None:
    text = data.draw(st.sampled_from(EXAMPLES))
    for _ in range(data.draw(st.integers(1, 4))):
        start = data.draw(st.integers(0, len(text)))
        end = min(len(text), start + data.draw(st.integers(0, 12)))
        new = data.draw(
            st.one_of(
                st.just(""),
                st.sampled_from(WORDS),
                st.text(max_size=3),
                st.just(text[max(0, start - 30) : start]),
            )
        )
        text = text[:start] + new + text[end:]
    is_answered(text, fences=True)


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_lines_of_examples_in_any_order(data: st.DataObject) -> None:
    lines = data.draw(st.sampled_from(EXAMPLES)).split("\n")
    shuffled = data.draw(st.permutations(lines))
    is_answered("\n".join(shuffled), fences=True)
