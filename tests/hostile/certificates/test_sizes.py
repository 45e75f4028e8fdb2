"""Certificates made to take time or memory: each is refused within five seconds of
computing and half a gigabyte, measured in a process of its own.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
SECONDS = 5
MEGABYTES = 512

PRELUDE = """
import json, resource, sys, time
from hashlib import sha256
from verify.kernel.check import check
from verify.kernel.rejections import Rejected

WORDS = "(problem 1)\\n(sort M)\\n(symbol p () Bool)\\n(symbol x () Real)\\n" \\
    "(symbol y () Real)\\n(symbol f (Int) Real)\\n(symbol r (M M M M M) Bool)\\n" \\
    "(premise P1 p)\\n"
claim, goal, lines = "proved", "p", []

def step(number, rule, **fields):
    return json.dumps({"id": number, "rule": rule, **fields})
"""
POSTLUDE = """
text = f"{WORDS}(goal {goal})\\n"
sha = sha256(text.encode()).hexdigest()
head = {"format": "verify certificate", "version": 1, "claim": claim, "problem": sha}
lines = [json.dumps(head), json.dumps({"text": text}), *lines]
evidence = "\\n".join(lines) + "\\n"
del lines
start = time.process_time()
try:
    outcome = check(text, evidence).claim
except Rejected as rejected:
    outcome = f"{type(rejected).__name__}: {rejected}"
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
print(json.dumps([outcome, time.process_time() - start, peak]))
"""

# name -> (how it is made, what the rejection says)
REFUSED = {
    "a line of 16 MB": (
        "lines = [step(1, 'premise', name='P' * 15_900_000)]",
        "expected the name of a fact of the problem",
    ),
    "more than 16 MB": (
        "lines = ['x' * 64_000_000]", "expected at most 16000000 characters",
    ),
    "a million steps": (
        "lines = [step(n, 'goal') for n in range(1, 1_000_001)]",
        "expected at most 16000000 characters",
    ),
    "more than two hundred thousand lines": (
        "lines = ['{}' for n in range(200_001)]",
        "expected whole lines, at most 200000",
    ),
    "two hundred thousand steps that prove nothing": (
        "lines = [step(n, 'goal') for n in range(1, 199_999)]",
        "expected the empty clause last",
    ),
    "a million opening brackets": (
        "lines = ['{\"a\":' + '[' * 1_000_000]", "expected one JSON object a line",
    ),
    "a rational of a million digits": (
        "lines = [step(1, 'farkas', literals=['(< x y)'], multipliers=['9' * 1_000_000])]",
        "expected a rational p or p/q",
    ),
    "a term of four hundred thousand brackets": (
        "lines = [step(1, 'natural', term='(' * 400_000)]", "expected less nesting",
    ),
    "a term beyond four million characters": (
        "lines = [step(1, 'natural', term=' ' * 4_000_001)]",
        "expected at most 4000000 characters",
    ),
    "a power that is too high": (
        "lines = [step(1, 'trichotomy', left='(* ' + 'x ' * 65 + ')', right='x')]",
        "monomials of degree 32",
    ),
    "a product with too many terms": (
        "s = '(+ ' + ' '.join(f'(f {n})' for n in range(80)) + ')'\n"
        "lines = [step(1, 'trichotomy', left=f'(* {s} {s})', right='x')]",
        "expected at most 5000 monomials",
    ),
    "a number that doubles": (
        "n = '1' + '0' * 2_000\n"
        "lines = [step(1, 'trichotomy', left='(* ' + f'{n} ' * 60 + ')', right='0')]",
        "coefficients of at most 14000 bits",
    ),
    "ten thousand elements": (
        "claim = 'refuted'; lines = [json.dumps({'sort': 'M', 'size': 10_000})]",
        "expected a size from 1 to 100",
    ),
    "a quantifier up to a large number": (
        "claim = 'refuted'; goal = '(exists (?n Nat) (< 1000000000 ?n))'\n"
        "lines = [json.dumps({'symbol': 'p', 'parameters': [], 'value': 'true'})]",
        "expected at most 2000 cases",
    ),
}  # fmt: skip

NETWORKS = {
    "a hundred thousand cells inside each other": (
        "node = ['input', 0, '1/2', []]\n"
        "lines = [step(1, 'network', inputs=['x'], literals=['(< 0/1 x)'],\n"
        "    tree=[node] * 100_000)]",
        "expected both children of every node, got 100001 missing",
    ),
    "fifty thousand open cells of a wide network": (
        "units = ' '.join(f'(relu {i} 0 1)' for i in range(200))\n"
        "WORDS = WORDS.replace('(premise', f'(network 1 {units} (outputs (w 9)))\\n(premise')\n"
        "node = ['input', 0, '1/2', []]\n"
        "lines = [step(1, 'network', inputs=['x'], literals=['(< 0/1 (w x))'],\n"
        "    tree=[node] * 50_000)]",
        "expected a tree that opens fewer cells at once",
    ),
    "a hundred thousand units": (
        "units = ' '.join(f'(relu {i})' for i in range(100_000))\n"
        "WORDS = WORDS.replace('(premise', f'(network 1 {units} (outputs (w 9)))\\n(premise')\n"
        "lines = [step(1, 'network', inputs=['x'], literals=['(< 0/1 (w x))'], tree=[])]",
        "expected at most 20000 units",
    ),
    "weights whose common denominator is long": (
        "units = ' '.join(f'(relu 0 0 1/{10**90 + n})' for n in range(2_000))\n"
        "WORDS = WORDS.replace('(premise', f'(network 1 {units} (outputs (w 9)))\\n(premise')\n"
        "lines = [step(1, 'network', inputs=['x'], literals=['(< 0/1 (w x))'],\n"
        "    tree=[['leaf', [], [[0, 1]], [], []]])]",
        "expected a common denominator of at most",
    ),
}  # fmt: skip

P_HOLDS = "lines = [json.dumps({'symbol': 'p', 'parameters': [], 'value': 'true'})]\n"
TOO_MUCH = {
    **NETWORKS,
    "twenty million lists": (
        "lines = ['{\"id\": 1, \"rule\": \"clause\", \"literals\": [], \"hints\": ['\n"
        "    + '[],' * 20_000_000 + '[]]}']",
        "at most 16000000 characters",
    ),
    "thirty million hints": (
        "lines = [step(1, 'premise', name='P1')]\n"
        "lines.append('{\"id\": 2, \"rule\": \"clause\", \"literals\": [], \"hints\": ['\n"
        "    + '1,' * 31_000_000 + '1]}')",
        "at most 16000000 characters",
    ),
    "a term of two million constants": (
        "lines = [step(1, 'natural', term='(+ ' + 'x ' * 1_999_000 + ')')]",
        "expected at most 500000 tokens",
    ),
    "many high powers": (
        "s = '(* ' + '(+ x y 1/1) ' * 64 + ')'\n"
        "lines = [step(n, 'trichotomy', left=s, right=f'{n}/1') for n in range(1, 5)]",
        "monomials of degree 32",
    ),
    "a hundred elements five deep": (
        f"claim = 'refuted'\n{P_HOLDS}"
        "goal = ''.join(f'(forall (?a{n} M) ' for n in range(5))\n"
        "goal += '(r ' + ' '.join(f'?a{n}' for n in range(5)) + ')' * 6\n"
        "names = [f'?a{n}' for n in range(5)]\n"
        "lines.append(json.dumps({'symbol': 'r', 'parameters': names, 'value': 'true'}))\n"
        "lines.insert(0, json.dumps({'sort': 'M', 'size': 100}))",
        "expected at most",
    ),
    "two thousand cases, each with two thousand": (
        f"claim = 'refuted'\n{P_HOLDS}"
        "inner = '(forall (?b Nat) (or (< 1900 ?b) (< 0 (+ ?a ?b))))'\n"
        "goal = f'(forall (?a Nat) (or (< 1900 ?a) {inner}))'",
        "expected at most",
    ),
}  # fmt: skip


def limit() -> None:
    """A child that goes far beyond the limits is stopped by the system."""
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS + 2, SECONDS + 2))
    resource.setrlimit(resource.RLIMIT_AS, (4 << 30, 4 << 30))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def measure(recipe: str) -> tuple[str, float, int]:
    """The outcome, the seconds of computing and the peak in megabytes."""
    script = (
        f"import sys; sys.path.insert(0, {str(ROOT)!r})\n{PRELUDE}{recipe}\n{POSTLUDE}"
    )
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", script],
        capture_output=True, text=True, check=False, timeout=300, preexec_fn=limit,
    )  # fmt: skip
    assert done.returncode == 0, f"ended by {done.returncode}: {done.stderr[-500:]}"
    outcome, seconds, megabytes = json.loads(done.stdout)
    return outcome, seconds, megabytes


@pytest.mark.parametrize("name", REFUSED)
def test_refused_soon_and_in_little_memory(name: str) -> None:
    recipe, reason = REFUSED[name]
    outcome, seconds, megabytes = measure(recipe)
    assert outcome.startswith("Rejected: "), outcome
    assert reason in outcome
    assert seconds < SECONDS
    assert megabytes < MEGABYTES


@pytest.mark.parametrize("name", TOO_MUCH)
def test_refused_whatever_it_multiplies_to(name: str) -> None:
    outcome, seconds, megabytes = measure(TOO_MUCH[name][0])
    assert outcome.startswith("Rejected: "), outcome
    assert TOO_MUCH[name][1] in outcome
    assert seconds < SECONDS
    assert megabytes < MEGABYTES
