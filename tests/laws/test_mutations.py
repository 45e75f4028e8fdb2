"""The mutation law: change one thing in a certificate, and it is refused or still right.

A certificate holds its problem, so an accepted mutant is about the same true problem.
Therefore the problem is changed too, mostly into a false one, the hash is bound anew, and
certificates of the true one are tried on it, as they are and with one thing changed.
What is accepted is judged by z3, or by evaluating the model with other code.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from random import Random
from typing import NamedTuple

import pytest

from tests.kernel import hat_proof
from tests.laws.examples import PROVED, REFUTED
from tests.laws.fragments import FRAGMENTS, make_problem
from tests.laws.judges import is_right, is_true
from tests.laws.mutations import MUTATIONS, Lines, change_problem, mutate
from tests.proofs import certify, lines_of, write_lines
from tests.solvers.questions import QUESTIONS
from verify.kernel.check import check
from verify.kernel.problem import read_problem
from verify.kernel.rejections import Rejected
from verify.solvers.answers import Budget
from verify.solvers.models import find_countermodel
from verify.solvers.refute import find_certificate
from verify.suites.documents import check_paths
from verify.suites.store import Entry, Store

ROOT = Path(__file__).resolve().parents[2]
BUDGET = Budget(seconds=10)


class Tally(NamedTuple):
    """What became of the mutants, and those that the judges did not confirm."""

    counts: Counter[str]
    wrong: list[str]
    unknown: list[str]


def search(text: str, hints: dict[str, object] | None = None) -> str | None:
    problem = read_problem(text)
    found = find_certificate(problem, hints or {}, BUDGET)
    return found or find_countermodel(problem, BUDGET).certificate


@cache
def certificates() -> tuple[str, ...]:
    """Of the examples, of the shared questions, and of some random problems."""
    found = [search(text, hints) for text, hints in PROVED.values()]
    found += [search(text) for text in REFUTED.values()]
    found += [search(question.problem().text()) for question in QUESTIONS]
    for fragment in FRAGMENTS:
        found += [search(make_problem(fragment, seed).text()) for seed in range(10)]
    optimum = certify(hat_proof.PROBLEM.text(), "proved", *hat_proof.steps())
    found += 5 * [optimum]
    return tuple(one for one in found if one)


def bound(lines: Lines, text: str) -> Lines:
    """The certificate with another problem in it, and that problem's hash."""
    head = {**lines[0], "problem": read_problem(text).sha()}
    return [head, {"text": text}, *lines[2:]]


def try_one(random: Random, lines: Lines, tally: Tally) -> None:
    """One mutant of one certificate: of itself, of its problem, or of both."""
    known = lines[1]["text"] if lines[0]["claim"] == "proved" else ""
    text, mode = lines[1]["text"], random.choice(("certificate", "problem", "both"))
    kind = "as it was"
    if mode != "certificate":
        text = change_problem(random, read_problem(text)).text()
        lines = bound(lines, text)
        tally.counts["problems changed"] += 1
        if random.random() < 0.02:
            tally.counts[f"sampled, true: {is_true(text, known)}"] += 1
    if mode != "problem":
        kind, lines = mutate(random, lines)
    try:
        check(text, write_lines(lines))
    except Rejected as rejected:
        tally.counts[f"{mode}: {type(rejected).__name__.lower()}"] += 1
        return
    tally.counts[f"{mode}: accepted"] += 1
    judged = is_right(text, lines, known)
    if judged is not True:
        where = tally.wrong if judged is False else tally.unknown
        where.append(f"{mode}, {kind}\n{write_lines(lines)}")


def run(corpus: tuple[str, ...], count: int, first: int = 0) -> Tally:
    tally = Tally(Counter(), [], [])
    for number in range(first, first + count):
        random = Random(number)
        try_one(random, lines_of(random.choice(corpus)), tally)
    return tally


def test_the_corpus_has_every_kind_of_evidence() -> None:
    found = certificates()
    assert len(found) > 100
    claims, rules = Counter[str](), Counter[str]()
    for certificate in found:
        head, _, *lines = lines_of(certificate)
        claims[head["claim"]] += 1
        rules.update(line["rule"] for line in lines if "rule" in line)
    assert min(claims["proved"], claims["refuted"]) > 30, claims
    needed = {"premise", "lemma", "goal", "define", "instance", "witness", "congruence",
              "farkas", "product", "trichotomy", "induction", "clause", "extremum",
              "cases", "fit"}  # fmt: skip
    assert needed <= rules.keys(), rules


def test_no_mutant_is_accepted_that_is_not_right() -> None:
    tally = run(certificates(), 800)
    assert not tally.wrong, tally.wrong[0]
    assert tally.counts["certificate: accepted"] > 5, "judges that judge nothing"
    refused = sum(n for name, n in tally.counts.items() if name.endswith("rejected"))
    assert refused > 500, tally.counts


@pytest.mark.parametrize("kind", MUTATIONS)
def test_every_kind_of_change_is_tried(kind: str) -> None:
    random = Random(kind)
    changed = 0
    for certificate in certificates():
        lines = lines_of(certificate)
        copied = lines_of(certificate)
        changed += MUTATIONS[kind](random, copied) and copied != lines
    assert changed > 10


class Memory(Store):
    """An archive that remembers what the kernel accepted and writes nothing."""

    def __init__(self) -> None:
        super().__init__(ROOT / "nowhere", reading=False)
        self.kept: dict[tuple[str, str], str] = {}

    def keep(self, sha: str, claim: str, certificate: str) -> None:
        self.kept[sha, claim] = certificate

    def write_index(self, document: str, entries: Iterable[Entry]) -> None:
        pass


@cache
def library() -> tuple[str, ...]:
    """Every certificate that a check of the claim library comes upon."""
    memory = Memory()
    for _ in check_paths([ROOT / "claims"], store=memory):
        pass
    return tuple(memory.kept.values())


@pytest.mark.campaign
@pytest.mark.parametrize("part", range(4))
def test_a_hundred_thousand_mutants(part: int) -> None:
    """The counts go into docs/evidence.md."""
    tally = run((*certificates(), *library()), 25_000, first=1_000_000 * (part + 1))
    print(f"\npart {part}: {len(library())} certificates of the library")  # noqa: T201
    for name, number in sorted(tally.counts.items()):
        print(f"{number:8} {name}")  # noqa: T201
    print(f"{len(tally.wrong):8} wrong\n{len(tally.unknown):8} not judged")  # noqa: T201
    assert not tally.wrong, tally.wrong[0]
    for mutant in tally.unknown:
        head, body, *_ = lines_of(mutant.partition("\n")[2])
        if head["claim"] == "proved":
            model = find_countermodel(read_problem(body["text"]), BUDGET).certificate
            assert model is None, mutant
