"""Records as the other rooms make them, for tests of what renders them."""

from __future__ import annotations

from typing import Any

from verify.language.verdicts import (
    Ablation,
    Audit,
    Certificate,
    Counterexample,
    Run,
    Suggestion,
    Table,
    Verdict,
)


def verdict(**changes: Any) -> Verdict:
    """A proved and certified step, with these fields changed."""
    fields: dict[str, Any] = {
        "document": "claims/post.md",
        "line": 12,
        "name": "s1",
        "kind": "step",
        "label": "a smaller model has the same loss",
        "statement": "exists N: Model. loss(N) = loss(M_d)",
        "status": "proved",
        "overall": "proved",
        "trust": "certified",
        "uses": ("P1", "P3"),
        "seconds": 0.0123,
        "certificate": Certificate(sha="0" * 64, path="00/00.cert"),
    }
    fields.update(changes)
    fields.setdefault("overall", fields["status"])
    return Verdict(**fields)


WORLD = Counterexample(
    constants=(("K", "2"), ("c", "1"), ("M_d", "Model 1")),
    tables=(
        Table(
            title="",
            header=("model", "the number of parameters", "the training loss"),
            rows=(("Model 1", "2", "-1/2"), ("Model 2", "0", "0")),
        ),
    ),
)

REFUTED = verdict(
    name="s2",
    line=20,
    status="refuted",
    overall="refuted",
    as_expected=False,
    counterexample=WORLD,
    suggestions=(
        Suggestion(
            formula="exists N: Model. size(N) = K - c and loss(N) = loss(M_d)",
            kind="existential",
            trust="certified",
        ),
        Suggestion(formula="loss(M_d) = 0", kind="abduction", trust="solver"),
    ),
    breaks=(Ablation(without="P1", status="refuted", counterexample=WORLD),),
)

EXPECTED = verdict(
    name="literal",
    line=31,
    status="refuted",
    overall="refuted",
    expected="refuted",
    counterexample=WORLD,
)

UNDECIDED = verdict(
    name="cubes",
    line=40,
    status="undecided",
    overall="undecided",
    reason="timeout",
    trust="",
    as_expected=False,
    uses=(),
    seconds=10.04,
    certificate=None,
)

VACUOUS = verdict(
    name="anything",
    line=44,
    status="vacuous",
    overall="vacuous",
    as_expected=False,
    uses=("P1", "P2"),
    message="P1 and P2 contradict each other.",
)

LATTICE = verdict(
    name="lattice",
    line=50,
    kind="lattice",
    label="",
    statement="",
    uses=(),
    table=Table(
        title="which definition implies which",
        header=("", "robust", "pseudo"),
        rows=(("robust", "", "excluded"), ("pseudo", "excluded", "")),
    ),
    data={"excluded": [["robust", "pseudo"]]},
)

PREMISE_UNUSED = Audit(
    document="claims/post.md",
    line=8,
    name="P2",
    check="unused",
    result="unused",
    message="No statement rests on it.",
)

CLOSING = Run(
    counts={"proved": 1, "refuted": 1},
    unexpected=1,
    complete=True,
    seconds=1.5,
    versions={"z3": "5.4.0"},
)

ALL = (verdict(), REFUTED, EXPECTED, UNDECIDED, VACUOUS, LATTICE)
