"""What a reader would want to know of the data becomes an audit, and changes no verdict."""

from __future__ import annotations

from verify.arguments.checking import check_document
from verify.language.elaborate import read_items
from verify.language.limits import Meter
from verify.language.markdown import read_plain
from verify.language.verdicts import Audit, Verdict
from verify.solvers.jobs import JobServer

TEXT = """\
data D := points (0; 0) (1; 1)
data N := points (0; 0) (0; 1)
const p: Bool
premise P: p
step s: p by P
"""


def test_contradictory_targets_are_said_once(server: JobServer) -> None:
    try:
        next(read_items(read_plain("d.claim", TEXT), TEXT, Meter()))
    except StopIteration as done:
        document = done.value
    events = [value for _, value in check_document(document, server=server)]
    audits = [e for e in events if isinstance(e, Audit) and e.check == "data"]
    assert [(audit.name, audit.line) for audit in audits] == [("N", 2)]
    assert audits[0].result == "contradictory_targets"
    assert audits[0].message.startswith("Points 1 and 2 of N have one input")
    verdicts = [e for e in events if isinstance(e, Verdict) and e.name == "s"]
    assert {verdict.status for verdict in verdicts} == {"proved"}
