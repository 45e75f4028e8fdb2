"""Certificates through the kernel, each after the lemmas it cites.

Imports nothing but the kernel, the printing of its terms and the standard library
(`alone.py` sees to that). A lemma is believed only when its own certificate was accepted
in the same run, so the files are taken in the order of their citations; what cites a
lemma that is not among them is accepted with that lemma listed as open.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from verify.cli.meanings import find_meanings
from verify.kernel.certificate import MAX_BYTES, read_certificate
from verify.kernel.check import Accepted, check
from verify.kernel.problem import Fact, Problem, read_problem
from verify.kernel.rejections import Declined, Rejected
from verify.kernel.text import write_term
from verify.language.printing import render_term

Answer = dict[str, Any]
Names = Mapping[tuple[str, str], tuple[str, str]]


class _Waiting(NamedTuple):
    path: str
    evidence: str
    text: str
    problem: Problem
    sha: str


def replay(paths: Iterable[str]) -> Iterator[Answer]:
    """An answer for each path, lemmas before what cites them.

    An answer has `path` and `outcome`: accepted, rejected or declined. Unless it is
    accepted, `why` says why; if it is, the other fields say what was accepted.
    """
    waiting: list[_Waiting] = []
    for path in dict.fromkeys(paths):
        try:
            evidence = read_file(path)
            certificate = read_certificate(evidence)
            problem = read_problem(certificate.text)
        except Rejected as rejected:
            yield _refusal(path, rejected)
        else:
            sha = problem.sha()
            waiting.append(_Waiting(path, evidence, certificate.text, problem, sha))
    names = _names(item.problem for item in waiting)
    theorems: dict[str, Accepted] = {}
    while waiting:
        given = {item.sha for item in waiting}
        ready = [item for item in waiting if not _cites(item, given)] or waiting
        done = {item.path for item in ready}
        waiting = [item for item in waiting if item.path not in done]
        for item in ready:
            try:
                accepted = check(item.text, item.evidence, tuple(theorems.values()))
            except Rejected as rejected:
                yield _refusal(item.path, rejected)
                continue
            if accepted.claim == "proved":
                theorems.setdefault(accepted.sha, accepted)
            yield _acceptance(item.path, accepted, theorems, names)


def read_file(path: str) -> str:
    """The text of a certificate file; raises Rejected when it is not one."""
    try:
        if not os.path.isfile(path):
            raise Rejected("a certificate file", "something else, or nothing")
        with open(path, "rb") as stream:
            return stream.read(MAX_BYTES + 1).decode("utf-8")
    except UnicodeDecodeError:
        raise Rejected("UTF-8 text", "other bytes") from None
    except OSError as error:
        raise Rejected(
            "a file that can be read", error.strerror or "an error"
        ) from None


def _cites(item: _Waiting, given: set[str]) -> bool:
    others = given - {item.sha}
    return any(fact.proof in others for fact in item.problem.facts)


def _key(fact: Fact) -> tuple[str, str]:
    return fact.kind, write_term(fact.formula)


def _names(problems: Iterable[Problem]) -> Names:
    """What the documents call the facts, and how to print them, by kind and formula."""
    facts = (fact for problem in problems for fact in problem.facts)
    return {_key(fact): (fact.name, render_term(fact.formula)) for fact in facts}


def _refusal(path: str, rejected: Rejected) -> Answer:
    outcome = "declined" if isinstance(rejected, Declined) else "rejected"
    return {"path": path, "outcome": outcome, "why": str(rejected)}


def _acceptance(
    path: str, accepted: Accepted, theorems: Mapping[str, Accepted], names: Names
) -> Answer:
    facts = accepted.problem.facts
    if accepted.claim == "proved":
        facts = tuple(fact for fact in facts if fact.name in accepted.uses)
        underneath = accepted.rests_on
    else:
        underneath = frozenset(_key(fact) for fact in facts if fact.kind != "lemma")
    return {
        "path": path,
        "outcome": "accepted",
        "claim": accepted.claim,
        "sha": accepted.sha,
        "statement": render_term(accepted.problem.goal),
        "meanings": find_meanings(accepted.problem),
        "facts": [fact.name for fact in facts],
        "lemmas": [
            {"name": fact.name, "sha": fact.proof, "given": fact.proof in theorems}
            for fact in facts
            if fact.kind == "lemma"
        ],
        "open": sorted(accepted.open),
        "premises": _underneath(underneath, "premise", names),
        "admitted": _underneath(underneath, "admitted", names),
    }


def _underneath(
    facts: Iterable[tuple[str, str]], kind: str, names: Names
) -> list[list[str]]:
    """[name, formula] of the facts of that kind, by name."""
    return sorted(
        list(names.get(fact, ("?", fact[1]))) for fact in facts if fact[0] == kind
    )
