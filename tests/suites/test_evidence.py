"""Evidence statements in documents: decided, kept, cited, exported, replayed, refused."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import z3

from verify.arguments.settings import Options
from verify.cli.replaying import replay
from verify.language.errors import ClaimError
from verify.language.reader import read_document
from verify.language.verdicts import Audit, Run, Verdict
from verify.suites.documents import check_paths, look_at_model
from verify.suites.exporting import write_script
from verify.suites.servers import Servers
from verify.suites.store import Store

DOCUMENT = """\
network f(x: Real) := relu(x - 1) - relu(x - 2)
circuit C := units(f, 1: {2})
region train(x: Real) := 0 <= x <= 1
region empty(x: Real) := x < 0 and x > 1
const K: Real
premise large: K >= 1
evidence top "never above 1": forall x: Real. f(x) <= 1
evidence low: forall x in train: f(x) = 0
evidence high: forall x: Real. f(x) <= 1/2
expect high refuted
evidence off: silent(C, train)
evidence vain: forall x in empty: f(x) = 7
expect vain vacuous
evidence foreign: f(1) <= K
expect foreign undecided
evidence curved: forall x in train: f(x)*x <= 1
expect curved undecided
step bounded: forall x: Real. f(x) <= K by top, large
step found: f(9) <= K
step blocked: f(2) <= 1/2 by high
step loose: f(9) = 1 by top
expect loose refuted
"""

Verdicts = dict[str, Verdict]


@pytest.fixture(scope="module")
def server() -> Iterator[Servers]:
    with Servers(workers=2) as started:
        yield started


@pytest.fixture
def write(tmp_path: Path) -> Callable[[str], Path]:
    def put(text: str) -> Path:
        path = tmp_path / "claims" / "d.claim"
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    return put


def check(path: Path, store: Store, server: Servers, **options: object) -> Verdicts:
    chosen = Options(quick=True, **options)  # type: ignore[arg-type]
    events = check_paths([path], chosen, store=store, server=server)
    found = [value for kind, value in events if kind == "record"]
    return {value.name: value for value in found if isinstance(value, Verdict)}


def test_a_document_from_end_to_end(
    write: Callable[[str], Path], tmp_path: Path, server: Servers
) -> None:
    path, store = write(DOCUMENT), Store(tmp_path / "store")
    found = check(path, store, server)
    told = {name: (v.status, v.trust, v.overall) for name, v in found.items()}
    certified = ("proved", "certified", "proved")
    assert {name: told[name] for name in ("top", "low", "off", "bounded", "found")} == (
        dict.fromkeys(("top", "low", "off", "bounded", "found"), certified)
    )
    assert told["high"][:2] == told["loose"][:2] == ("refuted", "certified")
    assert told["blocked"] == ("proved", "certified", "blocked")
    assert told["vain"][0] == "vacuous"
    assert all(v.as_expected for name, v in found.items() if name != "blocked")
    top, high = found["top"], found["high"]
    assert (top.kind, top.semantics, top.scope) == ("evidence", "real", "unbounded")
    assert top.label == "never above 1" and top.uses == top.rests_on == ()
    assert found["low"].rests_on == ("def train",)
    assert found["bounded"].uses == ("top", "large")
    world = high.counterexample
    assert world is not None and world.constants == (("x", "2"), ("f(x)", "1"))
    for name, words in (
        ("vain", "The region empty, line 4, has no points"),
        ("foreign", "it speaks of K, of which only premises say anything"),
        ("curved", "linear but for the networks"),
    ):
        assert words in found[name].message
    for verdict in (top, high, found["bounded"]):
        assert (
            verdict.certificate is not None and Path(verdict.certificate.path).exists()
        )


def test_a_second_run_checks_what_the_first_one_kept(
    write: Callable[[str], Path], tmp_path: Path, server: Servers
) -> None:
    path, store = write(DOCUMENT), Store(tmp_path / "store")
    first = check(path, store, server)

    class NoEvidence(Servers):
        """Runs everything but evidence."""

        def submit(self, kind: str, *args: object, **more: object) -> object:  # type: ignore[override]
            if kind == "evidence":
                raise AssertionError("looked for again")
            return server.submit(kind, *args, **more)  # type: ignore[arg-type]

    kept = [name for name in first if name not in ("foreign", "curved")]
    text = "\n".join(line for line in DOCUMENT.splitlines() if "curved" not in line)
    path.write_text(text, encoding="utf-8")
    second = check(path, store, NoEvidence())
    for name in kept:
        assert second[name].status == first[name].status
        assert second[name].counterexample == first[name].counterexample


def test_certificates_are_replayed_by_the_kernel_alone(
    write: Callable[[str], Path], tmp_path: Path, server: Servers
) -> None:
    path, store = write(DOCUMENT), Store(tmp_path / "store")
    check(path, store, server)
    answers = list(replay(map(str, (tmp_path / "store").rglob("*.jsonl"))))
    assert answers and {answer["outcome"] for answer in answers} == {"accepted"}
    said = {answer["statement"]: answer for answer in answers}
    step = said["forall x: Real. f(x) <= K"]
    assert step["open"] == [] and step["premises"] == [["large", "1 <= K"]]
    assert [lemma["given"] for lemma in step["lemmas"]] == [True]
    assert "not forall x: Real. f(x) <= 1/2" in said


def test_two_lemmas_cannot_mean_two_networks_by_one_name(
    write: Callable[[str], Path], tmp_path: Path, server: Servers
) -> None:
    """What was proved of one f is no fact about another, though the step reads alike."""
    step = "step s: f(9) <= 2 by top\n"
    text = "network f(x: Real) := {}\nevidence top: forall x: Real. f(x) <= 1\n" + step
    certificates = []
    for body in ("relu(x - 1) - relu(x - 2)", "1 - relu(x)"):
        store = Store(tmp_path / body[:4])
        found = check(write(text.format(body)), store, server)
        assert found["s"].overall == "proved"
        certificates.append({found[name].certificate.sha for name in ("top", "s")})  # type: ignore[union-attr]
    assert not certificates[0] & certificates[1]


@pytest.mark.parametrize(
    ("name", "answer"), [("top", "unsat"), ("high", "sat"), ("off", "unsat")]
)
def test_the_obligation_is_exported_with_its_network(
    write: Callable[[str], Path],
    tmp_path: Path,
    server: Servers,
    name: str,
    answer: str,
) -> None:
    path = write(DOCUMENT)
    verdict = check(path, Store(tmp_path / "store"), server, only=(name,))[name]
    document = read_document(path, look_at_model)
    statement = document.statement(name)
    assert statement is not None
    script = write_script(document, statement, verdict)
    assert "(define-fun f.unit.1" in script or name == "off"
    assert f"(set-info :status {answer})" in script
    solver = z3.Solver()
    solver.from_string(script)
    assert str(solver.check()) == answer


def test_a_rigorous_answer_says_so_and_may_not_be_enough(
    write: Callable[[str], Path],
    tmp_path: Path,
    server: Servers,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    submit = server.submit

    class Rigorous(Servers):
        """Answers about evidence without a certificate."""

        def submit(self, kind: str, *args: object, **more: object) -> object:  # type: ignore[override]
            if kind != "evidence":
                return submit(kind, *args, **more)  # type: ignore[arg-type]
            future = submit("evidence", {"problem": "", "seconds": 1}, seconds=9)
            answer = {"value": True, "certificate": "", "reason": "", "detail": ""}
            monkeypatch.setattr(
                future, "result", lambda *_: {"status": "done", **answer}
            )
            return future

    path = write(
        DOCUMENT[: DOCUMENT.index("evidence low")] + "step s: f(9) <= 2 by top\n"
    )
    found = check(path, Store(tmp_path / "a"), Rigorous())
    assert (found["top"].status, found["top"].trust) == ("proved", "rigorous")
    assert found["top"].certificate is None
    assert (found["s"].status, found["s"].trust) == ("proved", "rigorous")
    found = check(path, Store(tmp_path / "b"), Rigorous(), minimum_trust="certified")
    assert (found["top"].status, found["top"].reason) == ("undecided", "no_certificate")
    assert "with trust rigorous" in found["top"].message
    assert found["s"].overall == "blocked"


@pytest.mark.parametrize(
    ("answer", "alarm"),
    [
        (
            {"value": True, "certificate": "{}\n", "reason": "", "detail": ""},
            "rejected",
        ),
        (
            {"value": None, "certificate": "", "reason": "alarm", "detail": "it meets"},
            "it",
        ),
    ],
)
def test_evidence_that_fails_is_an_alarm(
    write: Callable[[str], Path],
    tmp_path: Path,
    server: Servers,
    monkeypatch: pytest.MonkeyPatch,
    answer: dict[str, object],
    alarm: str,
) -> None:
    class Lying(Servers):
        """Answers about evidence what it was told to."""

        def submit(self, kind: str, *args: object, **more: object) -> object:  # type: ignore[override]
            future = server.submit("evidence", {"problem": "", "seconds": 1}, seconds=9)
            monkeypatch.setattr(
                future, "result", lambda *_: {"status": "done", **answer}
            )
            return future

    path = write(DOCUMENT[: DOCUMENT.index("evidence low")])
    store = Store(tmp_path / "store")
    events = list(check_paths([path], Options(quick=True), store=store, server=Lying()))
    verdict = next(v for _, v in events if isinstance(v, Verdict) and v.name == "top")
    assert (verdict.status, verdict.diagnosis) == ("error", "soundness_alarm")
    assert alarm in verdict.message
    audits = [v for _, v in events if isinstance(v, Audit)]
    assert [audit.check for audit in audits] == ["soundness_alarm"]


@pytest.mark.parametrize(
    ("line", "column", "text", "message"),
    [
        (1, 14, 'network f := "../bad.onnx"', "bad.onnx cannot be read"),
        (1, 14, 'network f := "../none.onnx"', "there is no file `../none.onnx`"),
        (
            2,
            18,
            'network f := "../x.onnx"\nevidence e: 1 < f(1)',
            "`f` takes 2 numbers",
        ),
        (
            2,
            21,
            'network f := "../x.onnx"\ncircuit C := units(f, 2: {1})',
            "no layer 2",
        ),
        (2, 25, 'network f := "../x.onnx"\ncircuit C := units(f, 1: {9})', "no unit 9"),
    ],
)
def test_mistakes_about_files_are_told_where_they_are(
    write: Callable[[str], Path],
    tmp_path: Path,
    server: Servers,
    line: int,
    column: int,
    text: str,
    message: str,
) -> None:
    model = Path(__file__).resolve().parents[2] / "models" / "xor" / "xor.onnx"
    (tmp_path / "x.onnx").write_bytes(model.read_bytes())
    (tmp_path / "bad.onnx").write_bytes(b"no model")
    events = check_paths([write(text)], store=Store(tmp_path / "store"), server=server)
    (kind, error), (_, run) = events
    assert kind == "failure" and isinstance(error, ClaimError)
    assert message in error.message
    assert error.line == line and abs(error.column - column) <= 5
    assert isinstance(run, Run) and not run.complete


def test_documents_without_networks_do_not_load_them() -> None:
    import subprocess
    import sys

    script = (
        "import sys, verify.suites.documents, verify.suites.servers\n"
        "print('numpy' in sys.modules, 'verify.networks.statements.models' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == ["False", "False"]


def test_records_are_plain_json(
    write: Callable[[str], Path], tmp_path: Path, server: Servers
) -> None:
    from verify.reports.jsonlines import render_record

    found = check(write(DOCUMENT), Store(tmp_path / "store"), server, only=("high",))
    record = json.loads(render_record(found["high"]))
    assert record["kind"] == "evidence" and record["trust"] == "certified"
    assert record["counterexample"]["constants"] == [["x", "2"], ["f(x)", "1"]]


def test_imports_bring_their_evidence(
    write: Callable[[str], Path], tmp_path: Path, server: Servers
) -> None:
    path = write('use "base.claim" as base\nstep s: f(9) <= 2 by base.top\n')
    body = DOCUMENT[: DOCUMENT.index("evidence low")]
    (path.parent / "base.claim").write_text(body, encoding="utf-8")
    found = check(path, Store(tmp_path / "store"), server)
    assert (found["s"].overall, found["s"].uses) == ("proved", ("base.top",))
