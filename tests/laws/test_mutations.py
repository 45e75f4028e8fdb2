"""One change in a certificate, and the kernel rejects it or it is still right.

Two laws. A mutant of a good certificate may be accepted only for the same problem, which
is true, and never after a change of hash, claim or problem. And no mutant whatever is
accepted for a false problem: each true problem is bent until z3 finds a counterexample,
the certificate is bound to the bent one, and mutated as well.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Iterator
from functools import cache
from hashlib import sha256
from random import Random
from typing import Any

import pytest

from tests.solvers.test_refute import FOLLOWS
from verify.kernel.check import check
from verify.kernel.problem import Problem, read_problem
from verify.kernel.rejections import Rejected
from verify.kernel.rules import RULES
from verify.kernel.terms import FALSE, make_not
from verify.solvers.answers import Budget, Sat
from verify.solvers.models import find_countermodel
from verify.solvers.refute import find_certificate
from verify.solvers.z3_backend import solve

Lines = list[dict[str, Any]]
Case = tuple[str, Lines]  # the text of a true problem (or a refuted one), and its evidence

DEFAULT = 600
CAMPAIGN = 100_000

REFUTED = (
    "(problem 1)\n(sort Model)\n(symbol size (Model) Nat)\n(symbol loss (Model) Real)\n"
    "(symbol M () Model)\n(symbol K () Nat)\n(premise P (= (size M) K))\n"
    "(goal (exists (?N Model) (and (< (size ?N) K) (= (loss ?N) (loss M)))))\n",
    "(problem 1)\n(sort U)\n(symbol r (U U) Bool)\n"
    "(premise p (forall (?x U) (exists (?y U) (r ?x ?y))))\n"
    "(goal (exists (?y U) (forall (?x U) (r ?x ?y))))\n",
    "(problem 1)\n(symbol x (Nat) Real)\n"
    "(premise P (forall (?t Nat) (= (x (+ ?t 1)) (+ (x ?t) 1/1))))\n(goal (= (x 5) 0/1))\n",
)


@cache
def proofs() -> tuple[tuple[str, str], ...]:
    """Problem texts with the certificates the search finds for them."""
    found = []
    for text, hints in FOLLOWS.values():
        certificate = find_certificate(read_problem(text), hints, Budget())
        assert certificate is not None
        found.append((text, certificate))
    return tuple(found)


@cache
def models() -> tuple[tuple[str, str], ...]:
    found = []
    for text in REFUTED:
        certificate = find_countermodel(read_problem(text), Budget()).certificate
        assert certificate is not None
        found.append((text, certificate))
    return tuple(found)


def bend(text: str) -> Iterator[str]:
    """Problems near this one: a fact less, the goal turned, another number or relation."""
    problem = read_problem(text)
    for place in range(len(problem.facts)):
        facts = problem.facts[:place] + problem.facts[place + 1 :]
        yield problem._replace(facts=facts).text()
    yield problem._replace(goal=make_not(problem.goal)).text()
    yield problem._replace(goal=FALSE).text()
    for found in re.finditer(r"(?<=[ (])(?:<=|<|and|or|forall|exists|[0-9]+)(?=[ )/])", text):
        other = {"<": "<=", "<=": "<", "and": "or", "or": "and", "forall": "exists",
                 "exists": "forall"}.get(found[0]) or str(int(found[0]) + 1)  # fmt: skip
        yield text[: found.start()] + other + text[found.end() :]


@cache
def bent() -> tuple[tuple[str, str], ...]:
    """False problems, each with the certificate of the true one it was made from."""
    found = []
    for text, certificate in proofs():
        for false in bend(text):
            try:
                problem = read_problem(false)
            except Rejected:
                continue
            if is_false(problem):
                found.append((false, rebind(certificate, false)))
    return tuple(found)


def is_false(problem: Problem) -> bool:
    facts = [(fact.name, fact.formula) for fact in problem.facts]
    question = [*facts, ("(goal)", make_not(problem.goal))]
    return isinstance(solve(question, Budget(seconds=1.0, resources=2_000_000)), Sat)


def rebind(certificate: str, text: str) -> str:
    head, _, *steps = map(json.loads, certificate.splitlines())
    head["problem"] = sha256(text.encode()).hexdigest()
    return write([head, {"text": text}, *steps])


def write(lines: Lines) -> str:
    return "".join(json.dumps(line) + "\n" for line in lines)


# -- mutations: each changes one thing, in place ------------------------------------------


def drop(lines: Lines, random: Random) -> None:
    del lines[random.randrange(2, len(lines))]


def swap(lines: Lines, random: Random) -> None:
    one, other = random.randrange(2, len(lines)), random.randrange(2, len(lines))
    lines[one], lines[other] = lines[other], lines[one]


def double(lines: Lines, random: Random) -> None:
    lines.insert(random.randrange(2, len(lines)), random.choice(lines[2:]))


def rename(lines: Lines, random: Random) -> None:
    step = random.choice(lines[2:])
    key = random.choice(["rule", "name", "id", "symbol", "sort", "size"])
    if key in step:
        others = [line[key] for line in lines[2:] if key in line]
        step[key] = random.choice([*RULES, *others] if key == "rule" else others)


def change_text(lines: Lines, random: Random) -> None:
    """Another token somewhere in a term: a number, a relation, a sign, a name."""
    places = [
        (holder, key)
        for line in lines[2:]
        for holder, key in _texts(line)
        if key not in ("rule",)
    ]
    if not places:
        return
    holder, key = random.choice(places)
    tokens = re.findall(r"[()]|[^\s()]+|\s+", holder[key])
    words = [i for i, token in enumerate(tokens) if token.strip(" ()")]
    if not words:
        return
    place = random.choice(words)
    everywhere = [t for h, k in places for t in re.findall(r"[^\s()]+", h[k])]
    token = tokens[place]
    number = re.fullmatch(r"(-?)(\d+)((?:/\d+)?)", token)
    choices = [random.choice(everywhere), {"<": "<=", "<=": "<"}.get(token, "<")]
    if number:
        sign, digits, rest = number.groups()
        choices = [f"{sign}{int(digits) + 1}{rest}", f"{'' if sign else '-'}{digits}{rest}",
                   f"0{rest}", f"{sign}{digits}0{rest}"]  # fmt: skip
    tokens[place] = random.choice(choices)
    holder[key] = "".join(tokens)


def negate(lines: Lines, random: Random) -> None:
    places = [(h, k) for line in lines[2:] for h, k in _texts(line) if k not in ("rule", "name")]
    if places:
        holder, key = random.choice(places)
        text = holder[key]
        holder[key] = text[5:-1] if text.startswith("(not ") else f"(not {text})"


def change_hints(lines: Lines, random: Random) -> None:
    clauses = [line for line in lines[2:] if line.get("hints")]
    if clauses:
        hints = random.choice(clauses)["hints"]
        place = random.randrange(len(hints))
        change = random.randrange(3)
        if change == 0:
            del hints[place]
        else:
            hints[place] = random.choice(hints) if change == 1 else random.randrange(60)


def change_numbers(lines: Lines, random: Random) -> None:
    lists = [line["multipliers"] for line in lines[2:] if line.get("multipliers")]
    lists += [line["literals"] for line in lines[2:] if line.get("literals")]
    if lists:
        chosen = random.choice(lists)
        place = random.randrange(len(chosen))
        if chosen[place].lstrip("-").replace("/", "").isdigit():
            sign = chosen[place][1:] if chosen[place][0] == "-" else "-" + chosen[place]
            chosen[place] = random.choice(["0", "1", "2", "1/2", sign])
        elif random.random() < 0.5:
            del chosen[place]
        else:
            chosen[place] = random.choice(random.choice(lists))


def _texts(line: dict[str, Any]) -> Iterator[tuple[Any, Any]]:
    """Every string in a line, as (what holds it, where)."""
    stack: list[Any] = [line]
    while stack:
        holder = stack.pop()
        items = holder.items() if isinstance(holder, dict) else enumerate(holder)
        for key, value in items:
            if isinstance(value, str):
                yield holder, key
            elif isinstance(value, (dict, list)):
                stack.append(value)


MUTATIONS: tuple[Callable[[Lines, Random], None], ...] = (
    drop, swap, double, rename, change_text, change_text, negate, change_hints,
    change_numbers,
)  # fmt: skip


def mutate(certificate: str, random: Random) -> str:
    lines = [json.loads(line) for line in certificate.splitlines()]
    random.choice(MUTATIONS)(lines, random)
    return write(lines)


def outcome(text: str, certificate: str) -> str:
    """`rejected`, or the claim that was accepted; any other exception is an error."""
    try:
        return check(text, certificate).claim
    except Rejected:
        return "rejected"


def run(count: int, seed: int) -> Counter[str]:
    """Mutate `count` times: true proofs, models, and proofs bound to false problems."""
    random = Random(seed)
    seen: Counter[str] = Counter()
    for _ in range(count):
        text, certificate = random.choice(proofs())
        seen["true: " + outcome(text, mutate(certificate, random))] += 1
        text, certificate = random.choice(models())
        seen["model: " + outcome(text, mutate(certificate, random))] += 1
        text, certificate = random.choice(bent())
        if random.random() < 0.7:
            certificate = mutate(certificate, random)
        seen["false: " + outcome(text, certificate)] += 1
    return seen


def require_sound(seen: Counter[str]) -> None:
    assert seen["false: proved"] == seen["false: refuted"] == seen["false: consistent"] == 0
    assert seen["true: refuted"] == seen["true: consistent"] == 0
    assert seen["model: proved"] == 0
    assert seen["true: rejected"] > seen["true: proved"]  # most changes are noticed


def test_no_mutant_proves_what_is_false() -> None:
    assert len(bent()) > 30
    seen = run(DEFAULT, seed=1)
    require_sound(seen)


@pytest.mark.campaign
def test_a_hundred_thousand_mutants() -> None:
    seen = run(CAMPAIGN // 3 + 1, seed=2)
    print(dict(seen))
    require_sound(seen)


@pytest.mark.parametrize("kind", ["proof", "model"])
def test_a_change_of_hash_claim_or_problem_is_rejected(kind: str) -> None:
    for text, certificate in proofs() if kind == "proof" else models():
        head, body, *steps = map(json.loads, certificate.splitlines())
        sha = head["problem"]
        for place in range(0, 64, 7):
            other = format(int(sha[place], 16) ^ 1, "x")
            changed = {**head, "problem": sha[:place] + other + sha[place + 1 :]}
            assert outcome(text, write([changed, body, *steps])) == "rejected"
        claim = {"proved": "refuted", "refuted": "proved"}[head["claim"]]
        assert outcome(text, write([{**head, "claim": claim}, body, *steps])) == "rejected"
        for near in bend(text):
            assert near == text or outcome(text, write([head, {"text": near}, *steps])) == (
                "rejected"
            )
            if near != text:
                assert outcome(near, certificate) == "rejected"
