"""A one-unit detector among 119 wines of 13 measurements: it exists, or it does not."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest

from verify.kernel import terms
from verify.kernel.check import check
from verify.language.reader import read_document
from verify.language.tables import read_columns
from verify.networks.statements.evidence import decide_evidence
from verify.suites.evidence import make_problem

WINE = Path(__file__).resolve().parents[2] / "models" / "wine"
SIZE = 13
WEIGHTS = [f"w{i}" for i in range(1, SIZE + 1)]


def read_wines(name: str) -> tuple[tuple[Fraction, ...], ...]:
    return read_columns((WINE / name).read_text(encoding="utf-8"), name).inputs


@pytest.mark.campaign
@pytest.mark.parametrize("kept_back", [True, False])
def test_a_unit_tells_a_wine_from_all_others_or_none_does(
    tmp_path: Path, kept_back: bool
) -> None:
    """A wine that was kept back lies outside the hull; the mean of three does not."""
    trained = read_wines("train.csv")
    mean = tuple(
        sum(column, Fraction(0)) / 3 for column in zip(*trained[:3], strict=True)
    )
    wine = read_wines("deploy.csv")[0] if kept_back else mean
    (tmp_path / "wine.csv").write_bytes((WINE / "train.csv").read_bytes())
    bound = ", ".join(WEIGHTS)
    at_point = " + ".join(f"{w}*p({i})" for i, w in enumerate(WEIGHTS, 1))
    at_wine = " + ".join(f"{w}*({x})" for w, x in zip(WEIGHTS, wine, strict=True))
    (tmp_path / "wine.claim").write_text(
        'data D := "wine.csv"\n'
        f"evidence e: exists {bound}, bias: Real. "
        f"(forall p in D: {at_point} + bias <= 0) and {at_wine} + bias > 0\n",
        encoding="utf-8",
    )
    document = read_document(tmp_path / "wine.claim")
    formula = document.statements[-1].formula
    assert formula is not None
    problem = make_problem(document, formula)
    ruling = decide_evidence(problem, 120)
    assert ruling.value is kept_back
    if not ruling.value:
        problem = problem._replace(goal=terms.make_not(problem.goal))
    assert check(problem.text(), ruling.certificate).claim == "proved"
