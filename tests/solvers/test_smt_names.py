"""Names that every reader of SMT-LIB takes for ours."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.solvers.questions import DECLARATIONS
from verify.kernel.problem import read_problem, scope_of
from verify.kernel.text import make_term, read_tree
from verify.solvers.smt_names import TAKEN, Names, logic_of

WORDS = st.sampled_from(["x", "abs", "Int", "P1", "select", "x!", "let"])


@given(st.lists(st.tuples(st.sampled_from(["sort", "symbol", "fact"]), WORDS)))
def test_every_name_is_given_once_and_stays(asked: list[tuple[str, str]]) -> None:
    names = Names()
    given_out = {one: names.of(*one) for one in asked}
    assert len(set(given_out.values())) == len(given_out)
    assert TAKEN.isdisjoint(given_out.values())
    assert all(names.of(*one) == name for one, name in given_out.items())
    assert all(
        name.rstrip("!") == one[1].rstrip("!") for one, name in given_out.items()
    )


def test_a_name_that_is_free_stays_as_it_is() -> None:
    assert Names().of("symbol", "size") == "size"


@pytest.mark.parametrize(
    ("name", "fresh"), [("k", "k"), ("k1", "k1!"), ("abs", "abs!")]
)
def test_a_fresh_name_is_only_looked_for(name: str, fresh: str) -> None:
    names = Names()
    assert names.fresh(name, ["k1"]) == fresh == names.fresh(name, ["k1"])


@pytest.mark.parametrize(
    ("text", "logic"),
    [
        ("(implies p q)", "QF_UF"),
        ("(good a)", "QF_UF"),
        ("(< (* 2/1 x) (* y 1/3))", "QF_LRA"),
        ("(< (* x y) 1/1)", "QF_NRA"),
        ("(< (* i j) 1)", "QF_NIA"),
        ("(< (size a) 3)", "QF_UFLIA"),
        ("(and (= a b) (< i 3))", "QF_UFLIA"),
        ("(< (/ x y) (abs x))", "QF_UFNRA"),
        ("(and (< x y) (< i j))", "ALL"),
        ("(on p red)", "ALL"),
        ("(forall (?k Int) (< ?k i))", "ALL"),
    ],
)
def test_the_logic_is_the_narrowest_common_one(text: str, logic: str) -> None:
    scope = scope_of(read_problem(DECLARATIONS + "(goal true)\n"))
    assert logic_of([make_term(read_tree(text)[0], *scope)]) == logic
