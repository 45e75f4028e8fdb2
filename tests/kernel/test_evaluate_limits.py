"""Where evaluation stops and where signs change: limits, cases and cells, exactly."""

from __future__ import annotations

import pytest

from tests.kernel.test_evaluate import WORDS, changed, consistent, refuted, without
from tests.proofs import certify, rejects
from verify.kernel import terms
from verify.kernel.check import check
from verify.kernel.evaluate import Evaluation, Model
from verify.kernel.problem import read_problem, scope_of
from verify.kernel.rejections import Rejected
from verify.kernel.terms import FALSE, TRUE, Term
from verify.kernel.text import make_term, read_tree

SORTS, SYMBOLS = scope_of(read_problem(f"{WORDS}(goal true)\n"))


def read(text: str) -> Term:
    return make_term(read_tree(text)[0], SORTS, SYMBOLS)


def evaluate(formula: Term, steps: int = 0, nesting: int = 0) -> tuple[Term, list[int]]:
    """The value without any definitions, and [steps, nesting] after it."""
    model = Model({terms.BOOL: (TRUE, FALSE)}, {}, [steps, nesting])
    return Evaluation(model).value(formula), model.work


LIMITS = "at most 300000 steps, nested 50 deep"


def test_the_last_step_counts() -> None:
    formula = read("(< 1 2)")
    assert evaluate(formula, steps=300_000 - 3) == (TRUE, [300_000, 0])
    with rejects(LIMITS, "more", rule="model"):
        evaluate(formula, steps=300_000 - 2)


def test_the_fiftieth_nesting_is_the_last() -> None:
    formula = read("(< 1 2)")
    assert evaluate(formula, nesting=49) == (TRUE, [3, 49])
    with rejects(LIMITS, "more", rule="model"):
        evaluate(formula, nesting=50)


def nested(count: int) -> str:
    """So many quantifiers, each evaluated inside the one before it, and a call of h."""
    names = [f"?z{i}" for i in range(count)]
    total = " ".join(f"(h {name})" for name in names)
    binders = "".join(f"(forall ({name} Real) " for name in names)
    return f"{binders}(<= 0/1 (+ {total})){')' * count}"


def test_quantifiers_may_be_nested_until_the_limit() -> None:
    """One evaluation for the formula, one for each quantifier, one for the call."""
    lines = changed("h", parameters=["?z"], value="1/1")
    consistent(nested(48), *lines)
    with rejects(LIMITS, "more", rule="model"):
        consistent(nested(49), *lines)


def test_each_case_costs_the_size_of_its_body() -> None:
    """All large numbers at once, then every number within the bounds: 7 for n - 5 and
    downward, where 5 <= -n is the negation of 0 <= n + 4, 6."""
    formula = read("(exists (?n Nat) (<= 5 ?n))")
    assert formula.size == 4
    case, beyond = read("(<= 0 (+ -5 1))").size, read("(<= 0 (+ -5 (* 1 1)))").size
    assert evaluate(formula) == (TRUE, [4 + beyond + 8 * case, 0])
    formula = read("(exists (?n Int) (<= 5 ?n))")
    assert evaluate(formula) == (TRUE, [4 + 2 * beyond + 14 * case, 0])


def test_two_thousand_cases_are_the_most() -> None:
    consistent("(exists (?n Nat) (<= 1998 ?n))")
    with rejects("at most 2000 cases", "2001", rule="model"):
        consistent("(exists (?n Nat) (<= 1999 ?n))")


def test_the_bound_is_relative_to_the_leading_coefficient() -> None:
    """2 n n + n - 3996 changes its sign before 1998 + 2, whatever its multiple."""
    consistent("(exists (?n Nat) (<= 3996 (+ (* 2 ?n ?n) ?n)))")
    with rejects("at most 2000 cases", "2001", rule="model"):
        consistent("(exists (?n Nat) (<= 3997 (+ (* 2 ?n ?n) ?n)))")


def test_cells_leave_the_nesting_as_it_was() -> None:
    """However often the line is cut, no depth is lost and no step forgotten."""
    roots = " ".join(f"(= ?z {k}/1)" for k in range(7))
    formula = read(f"(exists (?z Real) (and (= ?z 7/1) (or {roots})))")
    value, (steps, nesting) = evaluate(formula, nesting=48)
    assert (value, nesting) == (FALSE, 48)
    assert steps > 8 * formula.size


@pytest.mark.parametrize(("one", "other"), [("1/1", "2/1"), ("2/1", "1/1")])
def test_the_line_is_cut_at_every_root_in_whatever_order(one: str, other: str) -> None:
    consistent(f"(exists (?z Real) (and (< {one} ?z) (< {other} ?z)))")
    consistent(f"(exists (?z Real) (and (< ?z {one}) (< ?z {other})))")
    refuted(f"(forall (?z Real) (or (<= ?z {one}) (<= ?z {other})))")
    consistent(f"(exists (?z Real) (and (= ?z {one}) (not (= ?z {other}))))")
    refuted(f"(forall (?z Real) (or (< ?z {one}) (< {one} ?z) (= ?z {other})))")


def test_without_a_constant_the_root_is_nought() -> None:
    consistent("(exists (?z Real) (= ?z 0/1))")
    refuted("(exists (?z Real) (and (< ?z 0/1) (< 0/1 (* 3/1 ?z))))")
    refuted("(forall (?z Real) (not (= (* -2/1 ?z) 0/1)))")


@pytest.mark.parametrize("test", ["(< ?z -2/1)", "(< 2/1 ?z)", "(= ?z 3/1)"])
def test_a_natural_function_may_not_be_negative_in_a_part_of_the_line(
    test: str,
) -> None:
    lines = changed("g", value="?n")
    call = f"(g (if {test} -3 5))"
    with rejects("a value of sort Nat", "one that may be negative", rule="model"):
        consistent(f"(exists (?z Real) (= {call} -3))", *lines)
    with rejects("a value of sort Nat", "one that may be negative", rule="model"):
        consistent(f"(forall (?z Real) (<= {call} 5))", *lines)
    consistent(f"(forall (?z Real) (<= 3 (g (if {test} 3 5))))", *lines)


def test_a_natural_value_may_come_from_integers_or_stay_unknown() -> None:
    """(n - 1) (n - 1) is an Int by its form and never negative by its values."""
    lines = changed("g", value="?n")
    square = "(g (+ (* ?n ?n) (* -2 ?n) 1))"
    consistent(f"(forall (?n Nat) (<= 0 {square}))", *lines)
    consistent(f"(exists (?n Nat) (= {square} 9))", *lines)
    unknown = [line for line in lines if line.get("symbol") != "K"]
    consistent("(or (good M) (= (g K) 2))", *unknown)
    with rejects("P1 to be true", "left undecided", rule="model"):
        consistent("(= (g K) 2)", *unknown)


def test_an_inner_quantifier_waits_for_the_outer_number() -> None:
    """For large n nothing inside that speaks of n is looked into, not even what holds."""
    inner = "(exists (?k Nat) (or (< ?n ?k) (= ?k 3)))"
    with rejects("P1 to be true", "left undecided", rule="model"):
        consistent(f"(forall (?n Nat) {inner})")
    consistent(f"(forall (?n Nat) (or (< 3 ?n) {inner}))")


def test_what_is_undecided_is_called_so() -> None:
    text = f"{WORDS}(goal (= K 2))\n"
    with pytest.raises(Rejected) as caught:
        check(text, certify(text, "refuted", *without("K")))
    assert caught.value.expected == "the goal to be false in the model"
    assert caught.value.got == "a formula left undecided"
