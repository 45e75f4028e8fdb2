"""Random small problems, as text over fixed declarations, for hypothesis."""

from __future__ import annotations

from hypothesis import strategies as st

from tests.solvers.argument_problems import make_problem, truths
from verify.kernel.problem import Problem

CONNECTIVES = ("and", "or", "implies", "iff")
FINITE = [
    "(finite Two a b)", "(symbol f (Two) Two)", "(symbol r (Two) Bool)",
    "(symbol k () Two)", "(symbol p () Bool)",
]  # fmt: skip
OBJECTS = [
    "(sort T)",
    "(symbol q (T) Bool)",
    "(symbol r (T T) Bool)",
    "(symbol k () T)",
]
LINEAR = [
    "(symbol x () Real)", "(symbol y () Real)", "(symbol n () Nat)", "(symbol m () Nat)"
]  # fmt: skip


def _combined(atoms: st.SearchStrategy[str], leaves: int) -> st.SearchStrategy[str]:
    def extend(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
        joined = st.tuples(st.sampled_from(CONNECTIVES), inner, inner)
        return joined.map(lambda t: f"({t[0]} {t[1]} {t[2]})") | inner.map(
            lambda text: f"(not {text})"
        )

    return st.recursive(atoms, extend, max_leaves=leaves)


def _quantified(matrix: st.SearchStrategy[str], sort: str) -> st.SearchStrategy[str]:
    kinds = st.sampled_from(("forall", "exists"))
    return st.tuples(kinds, kinds, matrix).map(
        lambda t: f"({t[0]} (?x {sort}) ({t[1]} (?y {sort}) {t[2]}))"
    )


def _problems(
    declarations: list[str], formulas: st.SearchStrategy[str]
) -> st.SearchStrategy[Problem]:
    facts = st.lists(formulas, max_size=3)
    return st.tuples(facts, formulas).map(
        lambda t: make_problem(
            declarations, {f"P{i}": text for i, text in enumerate(t[0])}, t[1]
        )
    )


_points = st.sampled_from(("?x", "?y", "k", "a", "(f ?x)", "(f (f ?y))", "(f b)"))
_finite_atoms = (
    st.just("p")
    | st.tuples(_points, _points).map(lambda t: f"(= {t[0]} {t[1]})")
    | _points.map(lambda one: f"(r {one})")
)
_objects = st.sampled_from(("?x", "?y", "k"))
_object_atoms = (
    _objects.map(lambda one: f"(q {one})")
    | st.tuples(_objects, _objects).map(lambda t: f"(= {t[0]} {t[1]})")
    | st.tuples(_objects, _objects).map(lambda t: f"(r {t[0]} {t[1]})")
)
_real_terms = st.tuples(
    st.integers(-3, 3), st.integers(-3, 3), st.integers(-4, 4), st.integers(1, 3)
).map(lambda t: f"(+ (* {t[0]}/1 x) (* {t[1]}/1 y) {t[2]}/{t[3]})")
_nat_terms = st.tuples(st.integers(-3, 3), st.integers(-3, 3), st.integers(-4, 4)).map(
    lambda t: f"(+ (* {t[0]} n) (* {t[1]} m) {t[2]})"
)
_orders = st.sampled_from(("<", "<=", "="))
_linear_atoms = st.tuples(_orders, _real_terms).map(
    lambda t: f"({t[0]} 0/1 {t[1]})"
) | st.tuples(_orders, _nat_terms).map(lambda t: f"({t[0]} 0 {t[1]})")

propositional = _problems(
    truths("p", "q", "r"), _combined(st.sampled_from(("p", "q", "r")), 5)
)
finite = _problems(FINITE, _quantified(_combined(_finite_atoms, 4), "Two"))
objects = _problems(OBJECTS, _quantified(_combined(_object_atoms, 4), "T"))
linear = _problems(LINEAR, _combined(_linear_atoms, 3))
real_formulas = _combined(
    st.tuples(_orders, _real_terms).map(lambda t: f"({t[0]} 0/1 {t[1]})"), 4
)
