"""Nothing but `check` makes an `Accepted`, and nothing changes one afterwards.

Python has no real locks. The one way known to forge a value is written down here, next
to the test of what makes it worthless: evidence is read again, by another process.
"""

from __future__ import annotations

import copy
import dataclasses
import json
import pickle
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.proofs import certify, rejects, step
from verify.kernel import terms
from verify.kernel.check import Accepted, check
from verify.kernel.terms import BOOL, TRUE, Symbol, Term, constant

ROOT = Path(__file__).resolve().parents[2]
TEXT = "(problem 1)\n(symbol p () Bool)\n(premise P1 p)\n(goal p)\n"
PROOF = certify(
    TEXT, "proved", step(1, "premise", name="P1"), step(2, "goal"),
    step(3, "clause", literals=[], hints=[1, 2]),
)  # fmt: skip
FALSE = TEXT.replace("(goal p)", "(goal (not p))")
FORGED = certify(FALSE, "proved", *map(json.loads, PROOF.splitlines()[2:]))

VALUES: dict[str, Callable[[], object]] = {
    "Accepted": lambda: check(TEXT, PROOF),
    "Term": lambda: constant(Symbol("p", (), BOOL)),
}
values = pytest.mark.parametrize("name", VALUES)


@values
def test_no_call(name: str) -> None:
    kind = type(VALUES[name]())
    for arguments in ((), ("proved",), (TRUE,)):
        with pytest.raises(TypeError, match=f"a {name} is made by the kernel only"):
            kind(*arguments)
    with pytest.raises(TypeError, match="made by the kernel only"):
        kind(claim="proved", op="true")


@values
def test_no_subclass(name: str) -> None:
    kind = type(VALUES[name]())
    with pytest.raises(TypeError, match="values of the kernel cannot be subclassed"):
        type("Forged", (kind,), {})
    with pytest.raises(TypeError, match="values of the kernel cannot be subclassed"):
        type("Forged", (terms.Locked,), {})


@values
def test_no_change(name: str) -> None:
    value = VALUES[name]()
    for slot in (*type(value).__slots__, "new", "__class__"):  # type: ignore[attr-defined]
        with pytest.raises(AttributeError, match=f"values of the kernel .*: {slot}"):
            setattr(value, slot, "proved")
        with pytest.raises(AttributeError, match=f"values of the kernel .*: {slot}"):
            delattr(value, slot)
    assert not hasattr(value, "__dict__")


@values
def test_no_replacement(name: str) -> None:
    value = VALUES[name]()
    with pytest.raises(TypeError):
        dataclasses.replace(value, claim="proved")  # type: ignore[type-var]
    assert not hasattr(value, "_replace")
    assert not hasattr(value, "__replace__")


@values
def test_no_pickle(name: str) -> None:
    value = VALUES[name]()
    for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
        with pytest.raises(TypeError, match="written as text, never pickled"):
            pickle.dumps(value, protocol)
    with pytest.raises(TypeError, match="never pickled"):
        value.__reduce__()
    with pytest.raises(TypeError, match="never pickled"):
        value.__reduce_ex__(4)


@values
def test_a_copy_is_the_value_itself(name: str) -> None:
    value = VALUES[name]()
    assert copy.copy(value) is value
    assert copy.deepcopy(value) is value
    assert copy.deepcopy([value])[0] is value


def test_the_known_hole() -> None:
    """`object.__new__` and `object.__setattr__` forge anything, a theorem included."""
    forged = object.__new__(Accepted)
    for slot, content in (("claim", "proved"), ("sha", "0" * 64)):
        object.__setattr__(forged, slot, content)
    assert (type(forged), forged.claim) == (Accepted, "proved")
    term = object.__new__(Term)
    object.__setattr__(term, "key", TRUE.key)
    assert term == TRUE


def test_what_covers_the_hole() -> None:
    """A forged value has no evidence that a fresh process would accept."""
    assert replay(TEXT, PROOF) == "proved p"
    assert replay(FALSE, FORGED).startswith(
        "Rejected step 3 (clause): expected a conflict"
    )
    with rejects("a conflict by unit propagation", rule="clause", step=3):
        check(FALSE, FORGED)


REPLAY = """
import json, sys
from verify.kernel.check import check
from verify.kernel.rejections import Rejected
problem, evidence = json.load(sys.stdin)
try:
    accepted = check(problem, evidence)
    print(accepted.claim, accepted.statement)
except Rejected as rejected:
    print("Rejected", rejected)
"""


def replay(problem: str, evidence: str, *options: str) -> str:
    """What a fresh interpreter makes of the two texts, with nothing else installed."""
    script = f"import sys; sys.path.insert(0, {str(ROOT)!r})\n{REPLAY}"
    done = subprocess.run(
        [sys.executable, "-I", "-S", *options, "-c", script],
        input=json.dumps([problem, evidence]), capture_output=True, text=True,
        check=True, timeout=60,
    )  # fmt: skip
    return done.stdout.strip()


@pytest.mark.parametrize("option", ["-O", "-OO"])
def test_nothing_rests_on_assertions(option: str) -> None:
    assert replay(TEXT, PROOF, option) == "proved p"
    assert replay(FALSE, FORGED, option).startswith("Rejected step 3 (clause)")
    assert replay(TEXT, FORGED, option).startswith(
        "Rejected expected a certificate for"
    )


SMALL_SET = (
    "test_rules.py", "test_check.py", "test_certificate.py", "test_evaluate.py",
)  # fmt: skip
RUN_OPTIMISED = """
import sys
assert False, "assertions are off"
import pytest
sys.exit(pytest.main(["-q", "-p", "no:cacheprovider", *sys.argv[1:]]))
"""


def test_the_kernel_tests_pass_without_assertions() -> None:
    """pytest rewrites the assertions of the tests, so these still count under -O."""
    files = [str(ROOT / "tests" / "kernel" / name) for name in SMALL_SET]
    done = subprocess.run(
        [sys.executable, "-O", "-c", RUN_OPTIMISED, *files],
        capture_output=True, text=True, timeout=300, cwd=ROOT, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-2_000:] + done.stderr[-2_000:]
    assert " passed" in done.stdout
