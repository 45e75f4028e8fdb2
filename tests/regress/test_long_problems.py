"""A network whose problem is longer than the kernel reads was taken for an alarm.

The kernel rejects a text of more than 4,000,000 characters without reading it. A network of
so many weights is within what is declared, so `--certificate` on it ended in code 70.
"""

from __future__ import annotations

import time

import pytest

from tests.networks.small_queries import at_least, box_query, dense
from verify.kernel.text import MAX_TEXT, MAX_TOKENS, read_tree
from verify.networks.certificates import certify, certifying, problems


@pytest.mark.parametrize(
    "problem", [" " * (MAX_TEXT + 1), "(" * (MAX_TOKENS - 5) + " 1)" * 3]
)
def test_a_problem_that_is_too_long_has_no_certificate(
    problem: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = certify.Certificate(problem, "", 1)
    monkeypatch.setattr(certify, "certify_query", lambda query, deadline: made)
    query = box_query(dense(([[1]], [0])), at_least(5), -1, 1)
    found = certifying.find_evidence(query, time.monotonic() + 5)
    assert isinstance(found, certifying.NoCertificate)
    assert "its problem is longer than 4,000,000 characters" in found.detail


def test_words_are_counted_as_the_kernel_counts_them() -> None:
    text = "(assert (<= 0 x))(assert\n(not y) )"
    words = 0

    def count(tree: object) -> None:
        nonlocal words
        words += 2 if isinstance(tree, list) else 1
        for part in tree if isinstance(tree, list) else ():
            count(part)

    for tree in read_tree(text):
        count(tree)
    assert problems.count_words(text) == words
