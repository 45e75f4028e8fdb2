"""Documents about optima: cited by steps, kept, told when open, exported, mistaken."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.commands import run
from verify.arguments.problems import Unavailable
from verify.arguments.settings import Options
from verify.language.reader import read_document
from verify.language.verdicts import Verdict
from verify.suites.documents import check_paths
from verify.suites.exporting import write_script
from verify.suites.servers import Servers
from verify.suites.store import Store

DOCUMENT = """\
data D := points (0; 0) (1; 1) (2; 0)
class S1 := relu_nets(inputs = 1, hidden = 1)
class L1 := relu_nets(inputs = 1, layers = (1, 1))
network f(x: Real) := 100*relu(x - 2)
evidence best: optimum(S1, D, l1) = 1
evidence paid: loss(f, D, l1) = 1
evidence low: optimum(S1, D, squared) < 1/2
expect low refuted
evidence open: optimum(L1, D, squared) = 1/2
expect open undecided
step minimal: loss(f, D, l1) <= optimum(S1, D, l1) by best, paid
step more: optimum(S1, D, l1) < 1 by best
expect more refuted
step blocked: optimum(S1, D, squared) < 1 by low
"""

Verdicts = dict[str, Verdict]


@pytest.fixture(scope="module")
def server() -> Iterator[Servers]:
    with Servers(workers=2) as started:
        yield started


def check(path: Path, store: Store, server: object) -> Verdicts:
    events = check_paths([path], Options(quick=True), store=store, server=server)  # type: ignore[arg-type]
    return {v.name: v for _, v in events if isinstance(v, Verdict)}


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("claims") / "d.claim"
    path.write_text(DOCUMENT, encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def found(
    path: Path, server: Servers, tmp_path_factory: pytest.TempPathFactory
) -> Verdicts:
    return check(path, Store(tmp_path_factory.mktemp("store")), server)


def test_steps_cite_optima(found: Verdicts) -> None:
    surprising = [name for name, verdict in found.items() if not verdict.as_expected]
    assert not surprising
    assert (found["minimal"].overall, found["minimal"].trust) == ("proved", "certified")
    assert found["minimal"].uses == ("best", "paid")
    assert found["blocked"].overall == "blocked"


def test_a_world_names_the_optimum_as_it_is_written(found: Verdicts) -> None:
    world = found["more"].counterexample
    assert world is not None
    assert ("optimum(S1, D, l1)", "1") in world.constants


def test_a_refuted_optimum_shows_the_network(found: Verdicts) -> None:
    shown = found["low"].counterexample
    assert shown is not None
    assert shown.constants[0] == ("optimum(S1, D, squared)", "1/2")
    assert shown.constants[1][0] == "g(x)" and "relu" in shown.constants[1][1]


def test_an_open_optimum_says_between_what(found: Verdicts) -> None:
    message = found["open"].message
    assert message.startswith("The search ended without an answer: optimum(L1, D, ")
    assert "is between 0 and 1/2" in message


def test_certificates_are_found_again(
    path: Path, tmp_path: Path, server: Servers
) -> None:
    class Closed(Servers):
        """Takes no job about networks."""

        def submit(self, kind: str, *given: object, **more: object) -> object:  # type: ignore[override]
            if kind == "evidence":
                raise AssertionError("a job was asked for")
            return server.submit(kind, *given, **more)  # type: ignore[arg-type]

    store = Store(tmp_path / "store")
    text = "\n".join(line for line in DOCUMENT.splitlines() if "open" not in line)
    own = tmp_path / "d.claim"
    own.write_text(text, encoding="utf-8")
    first = check(own, store, server)
    again = check(own, store, Closed())
    assert {n: v.status for n, v in first.items()} == {
        n: v.status for n, v in again.items()
    }


def test_scripts_have_no_words_for_optima(path: Path, found: Verdicts) -> None:
    document = read_document(path)
    statement = document.statement("best")
    assert statement is not None
    with pytest.raises(Unavailable, match="SMT-LIB has no words"):
        write_script(document, statement, found["best"])


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "data D := points (0; 2)\nclass S := relu_nets(inputs = 1, hidden = 1)\n"
            "evidence e: optimum(S, D, hinge) = 0",
            "hinge",
        ),
        (
            "data D := points (0, 1; 2)\nclass S := relu_nets(inputs = 1, hidden = 1)\n"
            "evidence e: optimum(S, D, l1) = 0",
            "input",
        ),
        (
            "network f(x: Real) := relu(x)\nclass S := relu_nets(inputs = 2, hidden = 1)\n"
            "evidence e: f in S",
            "input",
        ),
    ],
)
def test_mistakes_end_in_a_sentence(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "d.claim"
    path.write_text(text, encoding="utf-8")
    done = run("check", path, XDG_CACHE_HOME=str(tmp_path))
    assert done.code == 2 and "Traceback" not in done.out + done.err
    assert message in done.out + done.err and "d.claim:3" in done.out + done.err
