"""One statement of one document, decided: what `explain` and `export` start from."""

from __future__ import annotations

from typing import NamedTuple

from verify.arguments.settings import Options
from verify.cli.check import open_store
from verify.cli.exits import Exit
from verify.cli.ledger import Ledger, follow
from verify.cli.paths import Refusal, find_paths, quoted, suggest
from verify.cli.screen import Screen
from verify.language.document import Document, Statement
from verify.language.verdicts import Audit, Verdict
from verify.suites.documents import check_paths


class One(NamedTuple):
    """A statement with its document, its verdict, alarms, and what the run ends with."""

    document: Document
    statement: Statement
    verdict: Verdict
    alarms: tuple[Audit, ...]
    code: Exit


def decide_one(
    screen: Screen,
    path: str,
    name: str,
    *,
    timeout: float | None = None,
    store: str = "",
    quick: bool = False,
) -> One:
    """Decide the statement; raises Refusal when there is no such one to be decided."""
    (found,) = find_paths([path])
    if found.is_dir():
        raise Refusal(f"{quoted(path)} is a folder; name one document of it.")
    ledger = Ledger()
    options = Options(timeout=timeout, only=(name,), quick=quick)
    with screen.progress(f"deciding {name!a}"):
        follow(check_paths([found], options, store=open_store(store)), (), ledger)
    if ledger.interrupted:
        raise Refusal("Interrupted before there was a verdict.", Exit.INTERRUPTED)
    if not ledger.documents:
        said = [f"{v.document}:{v.line}: {v.message}" for v in ledger.verdicts]
        raise Refusal(" ".join(said) or f"{quoted(path)} cannot be read.")
    document = ledger.documents[-1]
    statement = document.statement(name)
    verdict = next((v for v in ledger.verdicts if v.name == name), None)
    if statement is None or verdict is None:
        listed = suggest(name, (other.name for other in document.statements))
        raise Refusal(f"No statement is called {quoted(name)}; {listed}.", Exit.NOTHING)
    audits = (record for record in ledger.records if isinstance(record, Audit))
    alarms = tuple(audit for audit in audits if audit.check == "soundness_alarm")
    return One(document, statement, verdict, alarms, ledger.code())
