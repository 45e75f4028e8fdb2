"""A job server without processes or engines, and documents without text.

What it answers is a function of the kind and the payload, so a test can play an engine
that is right, wrong, silent or lying.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from verify.kernel.problem import Problem, read_problem
from verify.kernel.terms import BUILTIN, Sort, Symbol, Term
from verify.kernel.text import make_term, read_tree
from verify.language.document import Citation, Document, Justification, Span, Statement

Answer = Callable[[str, dict[str, Any]], Mapping[str, Any]]
DONE = {"status": "done"}


class Future:
    def __init__(self, value: Mapping[str, Any]) -> None:
        self.value = value

    def result(self) -> Mapping[str, Any]:
        return self.value


class Scripted:
    """Answers every job at once, and remembers what was asked."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer
        self.asked: list[tuple[str, dict[str, Any]]] = []

    def submit(
        self, kind: str, payload: dict[str, Any], *, seconds: float, megabytes: int = 0
    ) -> Future:
        self.asked.append((kind, payload))
        return Future(self.answer(kind, payload))

    def as_completed(self, futures: Sequence[Future]) -> Iterator[Future]:
        yield from reversed(futures)


def certificate(problem: Problem | str, claim: str, *lines: Mapping[str, Any]) -> str:
    """The text of a certificate with these lines."""
    stated = read_problem(problem) if isinstance(problem, str) else problem
    head = {
        "format": "verify certificate", "version": 1, "claim": claim,
        "problem": stated.sha(),
    }  # fmt: skip
    whole = [head, {"text": stated.text()}, *lines]
    return "".join(json.dumps(line) + "\n" for line in whole)


def proof_from(problem: str, *names: str) -> str:
    """A proof that takes these facts and the goal, and finds them contradictory."""
    steps = [{"id": i, "rule": "premise", "name": n} for i, n in enumerate(names, 1)]
    goal = len(steps) + 1
    steps.append({"id": goal, "rule": "goal"})
    hints = list(range(1, goal + 1))
    steps.append({"id": goal + 1, "rule": "clause", "literals": [], "hints": hints})
    return certificate(problem, "proved", *steps)


def world(problem: str, claim: str = "refuted", **values: str) -> str:
    """A model that gives these values to constants."""
    lines = [
        {"symbol": name, "parameters": [], "value": value}
        for name, value in values.items()
    ]
    return certificate(problem, claim, *lines)


class Maker:
    """Builds a document statement by statement, formulas in the kernel's own text."""

    def __init__(self, *declared: Symbol, sorts: tuple[Sort, ...] = ()) -> None:
        self.symbols = declared
        self.sorts = sorts
        self.statements: list[Statement] = []

    def term(self, text: str, extra: Sequence[Symbol] = ()) -> Term:
        (tree,) = read_tree(text)
        sorts = BUILTIN | {sort.name: sort for sort in self.sorts}
        symbols = {symbol.name: symbol for symbol in (*self.symbols, *extra)}
        for sort in self.sorts:
            symbols |= {name: Symbol(name, (), sort) for name in sort.elements}
        return make_term(tree, sorts, symbols)

    def add(
        self,
        kind: str,
        name: str,
        text: str = "",
        by: Sequence[str | Citation] | None = (),
        **rest: Any,
    ) -> Statement:
        """One more statement; `by` lists names and citations, None for no by-list."""
        line = len(self.statements) + 1
        citations = None
        if by is not None:
            citations = tuple(Citation(c) if isinstance(c, str) else c for c in by)
        rest.setdefault("by", Justification(citations))
        statement = Statement(
            kind, name, "", self.term(text) if text else None, text,
            Span(line, 1, line, 2), **rest,
        )  # fmt: skip
        self.statements.append(statement)
        return statement

    def document(self, path: str = "post.md", **imports: Document) -> Document:
        return Document(
            path, "", self.sorts, self.symbols, {}, (), tuple(self.statements), imports
        )
