"""Elements of a finite sort are distinct also where nothing else of the sort occurs."""

from __future__ import annotations

import pytest

from verify.kernel.problem import read_problem
from verify.solvers.answers import Budget, Unsat
from verify.solvers.background import element_facts
from verify.solvers.pysmt_backend import second_opinion

TEXT = "(problem 1)\n(finite Light red green)\n(goal (not (= green red)))\n"


def test_the_facts_are_stated() -> None:
    assert len(element_facts([read_problem(TEXT).goal])) == 1


def test_the_second_engine_knows() -> None:
    pytest.importorskip("cvc5", reason="the extra `cross` is not installed")
    assert isinstance(second_opinion(read_problem(TEXT), Budget()), Unsat)
