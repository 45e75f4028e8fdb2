"""z3 through our encoding against trying everything, on random formulas."""

from __future__ import annotations

from fractions import Fraction

import z3
from hypothesis import event, given, settings
from hypothesis import strategies as st

from tests.solvers.brute import (
    formulas,
    is_satisfiable,
    limits,
    models,
    symbols_of,
    value,
)
from verify.kernel import terms
from verify.kernel.terms import Sort, Symbol, Term
from verify.solvers.answers import Budget, Sat, Unsat
from verify.solvers.background import expand_finite
from verify.solvers.z3_backend import Encoder, Session, eliminate, solve

BUDGET = Budget(seconds=20)
QUESTIONS = st.lists(formulas(), min_size=1, max_size=3)


def few(question: list[Term]) -> bool:
    """Whether trying everything is quick."""
    space = 1
    for symbol in symbols_of(question):
        space *= {0: 3, 1: 9, 2: 16}[len(symbol.arguments)]
    return space <= 3_000


@settings(max_examples=150, deadline=None)
@given(QUESTIONS.filter(few))
def test_answers_agree_with_trying_everything(question: list[Term]) -> None:
    assertions = [(f"F{i}", formula) for i, formula in enumerate(question)]
    assertions += [(f"L{i}", one) for i, one in enumerate(limits(question))]
    everything = [formula for _, formula in assertions]
    expected = is_satisfiable(everything)
    event(f"satisfiable: {expected}")
    match solve(assertions, BUDGET):
        case Sat(values):
            assert expected
            assert all(type(one) in (bool, Fraction, str) for one in values.values())
            assert is_satisfiable(everything, values)
        case Unsat(core):
            assert not expected
            kept = [formula for name, formula in assertions if name in core]
            assert not is_satisfiable(kept + limits(kept))
        case unknown:
            raise AssertionError(unknown)


@settings(max_examples=100, deadline=None)
@given(QUESTIONS.filter(few), st.data())
def test_a_session_answers_for_any_selection(
    question: list[Term], data: st.DataObject
) -> None:
    session = Session(BUDGET)
    for i, formula in enumerate(question):
        session.add(f"F{i}", formula)
    session.add("limits", terms.make_and(*limits(question)))
    for _ in range(2):
        dropped = data.draw(st.sets(st.sampled_from(range(len(question)))))
        kept = [one for i, one in enumerate(question) if i not in dropped]
        extra = data.draw(st.sampled_from(question))
        answer = session.check([("extra", extra)], without={f"F{i}" for i in dropped})
        held = [*kept, extra]
        assert isinstance(answer, Sat) == is_satisfiable([*held, *limits(question)])
        if isinstance(answer, Sat):
            assert all(session.value(formula) is True for formula in held)
            continue
        assert isinstance(answer, Unsat)
        assert not {f"F{i}" for i in dropped} & set(answer.core)


@settings(max_examples=150, deadline=None)
@given(formulas().filter(lambda formula: few([formula])))
def test_decoding_undoes_encoding(formula: Term) -> None:
    encoder = Encoder(z3.Context())
    ground = expand_finite(formula)
    back = encoder.decode(encoder.encode(ground))
    assert back is not None
    for model in models(symbols_of([formula])):
        assert value(back, model) == value(formula, model)


@settings(max_examples=100, deadline=None)
@given(formulas().filter(lambda formula: few([formula])))
def test_writing_quantifiers_out_changes_nothing(formula: Term) -> None:
    ground = expand_finite(formula)
    for model in models(symbols_of([formula])):
        assert value(ground, model) == value(formula, model)


def linear(sort: Sort) -> st.SearchStrategy[Term]:
    """Formulas over u, v, w with small coefficients and a truth value t."""
    names = [terms.constant(Symbol(name, (), sort)) for name in "uvw"]
    small = st.integers(-2, 2).map(lambda n: terms.make_number(n, sort))

    def side(factors: list[Term]) -> Term:
        parts = [
            terms.make_product(c, one) for c, one in zip(factors, names, strict=True)
        ]
        return terms.make_sum(*parts)

    sides = st.lists(small, min_size=3, max_size=3).map(side)
    atoms = st.builds(terms.make, st.sampled_from(("<=", "<", "=")), sides, small)
    atoms |= st.just(terms.constant(Symbol("t", (), terms.BOOL)))
    return st.recursive(
        atoms,
        lambda inner: (
            st.builds(
                terms.make,
                st.sampled_from(("and", "or", "implies", "iff")),
                inner,
                inner,
            )
            | inner.map(terms.make_not)
        ),
        max_leaves=4,
    )


def quantify(symbol: Symbol, formula: Term) -> Term:
    """`forall symbol. formula`, the constant become a variable."""

    def visit(node: Term, depth: int, args: tuple[Term, ...]) -> Term:
        if node.value == symbol:
            return terms.make_variable(depth, node.sort)
        if node.op == "var" and node.value >= depth:
            return terms.make_variable(node.value + 1, node.sort)
        return terms.remake(node, args)

    return terms.make_forall(symbol.name, symbol.result, terms.rewrite(formula, visit))


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from((terms.REAL, terms.INT)).flatmap(linear),
    st.sets(st.sampled_from("ut")),
)
def test_elimination_is_an_equivalence(formula: Term, names: set[str]) -> None:
    away = [one for one in symbols_of([formula]) if one.name in names]
    result = eliminate(away, formula, BUDGET)
    if result is None:
        return  # a divisibility, for which there is no operator
    assert set(away).isdisjoint(symbols_of([result]))
    universal = formula
    for one in away:
        universal = quantify(one, universal)
    differ = terms.make_not(terms.make_iff(universal, result))
    assert isinstance(solve([("differ", differ)], BUDGET), Unsat)
