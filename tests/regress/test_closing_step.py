"""The empty clause may be reached while more lemmas are still being added after it."""

from verify.kernel.check import check
from verify.kernel.problem import read_problem


def test_steps_after_the_empty_clause_are_left_out() -> None:
    from verify.solvers.refute import find_certificate

    text = (
        "(problem 1)\n(finite I a b c)\n(symbol f (I) I)\n(symbol g (I) I)\n(symbol x () I)\n"
        "(premise p (forall (?i I) (= (f (g ?i)) a)))\n(premise q (forall (?i I) (= (g ?i) ?i)))\n"
        "(premise r (not (= (f x) a)))\n(goal false)\n"
    )
    certificate = find_certificate(read_problem(text))
    assert certificate is not None
    assert check(text, certificate).claim == "proved"
