from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from random import Random

import pytest
from hypothesis import given

from tests.proofs import rejects
from tests.strategies import TermMaker, make_vocabulary, seeds
from tests.worlds import World
from verify.kernel import terms
from verify.kernel.terms import (
    BOOL,
    FALSE,
    INT,
    NAT,
    REAL,
    TRUE,
    Binder,
    Sort,
    Symbol,
    Term,
    make,
    make_and,
    make_application,
    make_equal,
    make_exists,
    make_forall,
    make_if,
    make_less,
    make_not,
    make_number,
    make_or,
    make_product,
    make_real,
    make_sum,
    make_variable,
)

MODEL, COIN = Sort("Model"), Sort("Coin", ("heads", "tails"))
P, Q, R = (make_application(Symbol(name, (), BOOL)) for name in "pqr")
K, J = (make_application(Symbol(name, (), INT)) for name in "kj")
N, M = (make_application(Symbol(name, (), NAT)) for name in "nm")
X, Y = (make_application(Symbol(name, (), REAL)) for name in "xy")
A, B = (make_application(Symbol(name, (), MODEL)) for name in "ab")
C = make_application(Symbol("c", (), COIN))
SIZE = Symbol("size", (MODEL, INT), NAT)
ONE, TWO = make_number(1, INT), make_number(2, INT)


def test_sorts_print_as_their_names() -> None:
    assert str(COIN) == "Coin"


SORTS = {
    "not": (make_not(P), BOOL),
    "and": (make_and(P, Q), BOOL),
    "comparison": (make("<=", N, K), BOOL),
    "equality of elements": (make_equal(C, C), BOOL),
    "sum of naturals": (make_sum(N, M, ONE), NAT),
    "sum with an integer": (make_sum(N, K), INT),
    "sum that starts with an integer": (make_sum(K, N), INT),
    "product of naturals": (make_product(N, TWO), NAT),
    "product of reals": (make_product(X, Y), REAL),
    "quotient": (make("/", X, Y), REAL),
    "real": (make_real(N), REAL),
    "if over naturals": (make_if(P, N, M), NAT),
    "if over both": (make_if(P, N, K), INT),
    "if over both, swapped": (make_if(P, K, N), INT),
    "if over models": (make_if(P, A, B), MODEL),
    "application": (make_application(SIZE, (A, K)), NAT),
    "application to a natural": (make_application(SIZE, (A, N)), NAT),
    "quantifier": (make_forall("x", MODEL, P), BOOL),
    "negative numeral": (make_number(-1, INT), INT),
    "zero": (make_number(0, INT), NAT),
    "real numeral": (make_number(Fraction(1, 2), REAL), REAL),
    "negative as natural": (make_number(-1, NAT), INT),
    "empty sum": (make("+"), NAT),
}


@pytest.mark.parametrize("name", SORTS)
def test_makers_give_the_least_sort(name: str) -> None:
    term, sort = SORTS[name]
    assert term.sort == sort


ILL_SORTED: dict[str, tuple[Callable[[], Term], str, str]] = {
    "not of a number": (lambda: make_not(K), "sort Bool in not", "sort Int"),
    "and of a number": (lambda: make_and(P, K), "sort Bool in and", "sort Int"),
    "or that starts with a number": (
        lambda: make_or(X, P), "sort Bool in or", "sort Real",
    ),
    "implies a model": (
        lambda: make("implies", P, A), "sort Bool in implies", "sort Model",
    ),
    "iff of reals": (lambda: make("iff", X, X), "sort Bool in iff", "sort Real"),
    "integer = real": (lambda: make_equal(K, X), "sort Int beside a Int in =", "Real"),
    "real = integer": (lambda: make_equal(X, ONE), "sort Real beside a Real", "Nat"),
    "model = coin": (lambda: make_equal(A, C), "beside a Model in =", "sort Coin"),
    "formula = number": (lambda: make_equal(P, N), "beside a Bool in =", "sort Nat"),
    "model < model": (lambda: make_less(A, B), "a number in <", "sort Model"),
    "formula <= formula": (lambda: make("<=", P, Q), "a number in <=", "sort Bool"),
    "integer <= real": (lambda: make("<=", K, X), "beside a Int in <=", "sort Real"),
    "sum of models": (lambda: make_sum(A, B), "a number in +", "sort Model"),
    "sum of one model": (lambda: make_sum(A), "a number in +", "sort Model"),
    "conjunction of one number": (lambda: make_and(K), "sort Bool in and", "sort Int"),
    "natural + real": (lambda: make_sum(N, X), "beside a Nat in +", "sort Real"),
    "third summand": (lambda: make_sum(X, X, K), "beside a Real in +", "sort Int"),
    "product": (lambda: make_product(X, N), "beside a Real in *", "sort Nat"),
    "if on a number": (lambda: make_if(K, P, Q), "Bool as condition", "sort Int"),
    "if with branches": (lambda: make_if(P, K, X), "sort Int after else", "sort Real"),
    "if of model, coin": (lambda: make_if(P, A, C), "Model after else", "sort Coin"),
    "real of a real": (lambda: make_real(X), "sort Int in real", "sort Real"),
    "real of a formula": (lambda: make_real(P), "sort Int in real", "sort Bool"),
    "quotient of integers": (lambda: make("/", K, J), "sort Real in /", "sort Int"),
    "quotient by an integer": (lambda: make("/", X, N), "sort Real in /", "sort Nat"),
    "argument": (
        lambda: make_application(SIZE, (A, X)), "as argument 2 of size", "sort Real",
    ),
    "first argument": (
        lambda: make_application(SIZE, (K, A)), "as argument 1 of size", "sort Int",
    ),
    "body": (lambda: make_forall("x", INT, K), "sort Bool under forall", "sort Int"),
    "body of exists": (lambda: make_exists("x", INT, A), "under exists", "sort Model"),
}  # fmt: skip


@pytest.mark.parametrize("name", ILL_SORTED)
def test_makers_refuse_what_is_ill_sorted(name: str) -> None:
    maker, expected, got = ILL_SORTED[name]
    with rejects(expected, got):
        maker()


def test_makers_refuse_what_is_ill_shaped() -> None:
    with rejects("a known operator", "xor"):
        make("xor", P, Q)
    with rejects("a known operator", "forall"):
        make("forall", P)
    with rejects("1 arguments of not", "2"):
        make_not(P, Q)
    with rejects("3 arguments of if", "2"):
        make_if(P, Q)
    with rejects("2 arguments of <=", "1"):
        make("<=", K)
    with rejects("2 arguments of =", "0"):
        make("=")
    with rejects("2 arguments of size", "1"):
        make_application(SIZE, (A,))
    with rejects("2 arguments of size", "0"):
        make_application(SIZE)
    with rejects("a variable index from 0 on", "-1"):
        make_variable(-1, INT)


def test_numerals_are_exact_and_of_their_sort() -> None:
    assert make_number(3, INT).value == Fraction(3)
    assert make_number(Fraction(6, 2), INT) == make_number(3, NAT)
    assert make_number(3, INT) != make_number(3, REAL)
    with rejects("an int or a Fraction", "float"):
        make_number(0.5, REAL)  # type: ignore[arg-type]
    with rejects("an int or a Fraction", "bool"):
        make_number(True, INT)
    with rejects("a number of that sort", "1/2 as Int"):
        make_number(Fraction(1, 2), INT)
    with rejects("a number of that sort", "1/2 as Nat"):
        make_number(Fraction(1, 2), NAT)
    with rejects("a number of that sort", "1 as Bool"):
        make_number(1, BOOL)
    with rejects("a number of that sort", "1 as Model"):
        make_number(1, MODEL)


def test_numerals_have_a_longest() -> None:
    longest = 2**terms.MAX_BITS - 1
    assert make_number(longest, INT).value == longest
    assert make_number(Fraction(1, longest), REAL).value == Fraction(1, longest)
    for value in (longest + 1, -longest - 1, Fraction(1, longest + 1)):
        with rejects("a numeral of at most 8192 bits", "a longer one"):
            make_number(value, REAL)


SMALLER = {
    "nested and": (make_and(P, make_and(Q, R)), make_and(P, Q, R)),
    "nested or": (make_or(make_or(P, Q), R), make_or(P, Q, R)),
    "nested sum": (make_sum(make_sum(K, J), make_sum(N, M)), make_sum(K, J, N, M)),
    "nested product": (make_product(X, make_product(Y, X)), make_product(X, Y, X)),
    "one conjunct": (make_and(P), P),
    "one summand": (make_sum(X), X),
    "empty and": (make_and(), TRUE),
    "empty or": (make_or(), FALSE),
    "empty sum": (make_sum(), make_number(0, INT)),
    "empty product": (make_product(), make_number(1, INT)),
    "double negation": (make_not(make_not(P)), P),
    "not true": (make_not(TRUE), FALSE),
    "not false": (make_not(FALSE), TRUE),
    "equal formulas": (make_equal(P, Q), make("iff", P, Q)),
}


@pytest.mark.parametrize("name", SMALLER)
def test_makers_fold(name: str) -> None:
    made, expected = SMALLER[name]
    assert made == expected


def test_each_maker_makes_its_operator() -> None:
    assert terms.make_iff(P, Q).op == "iff"
    assert terms.make_at_most(K, J).op == "<="
    assert terms.make_quotient(X, Y).op == "/"
    assert terms.make_implies(P, Q).op == "implies"
    assert (make_exists("x", INT, P).op, make_forall("x", INT, P).op) == (
        "exists",
        "forall",
    )


def test_arguments_are_a_tuple_whatever_they_came_as() -> None:
    made = make_application(SIZE, iter([A, K]))
    assert made.args == (A, K)
    assert made == make_application(SIZE, [A, K])


def test_makers_do_not_fold_further() -> None:
    assert make_and(P, make_or(Q, R)).args == (P, make_or(Q, R))
    assert make_sum(X, make_product(X, Y)).op == "+"
    assert make_not(make_and(P, TRUE)).op == "not"
    assert make_and(P, P).args == (P, P)
    assert make("/", make("/", X, Y), X).args[0].op == "/"


DIFFERENT = [
    P, Q, K, make_not(P), make_and(P, Q), make_and(Q, P), make_or(P, Q), make_sum(K, J),
    make_sum(K, J, J), make_product(K, J), make_number(1, INT), make_number(1, REAL),
    make_number(-1, INT), make_variable(0, INT), make_variable(1, INT), TRUE, FALSE,
    make_variable(0, NAT), make_forall("x", INT, P), make_forall("x", NAT, P),
    make_exists("x", INT, P), make("<=", K, J), make("<", K, J), make("<=", J, K),
    make_application(Symbol("p", (), INT)), make_application(Symbol("k", (), NAT)),
    make_application(Symbol("p", (BOOL,), BOOL), (P,)),
    make_application(Symbol("p", (BOOL, BOOL), BOOL), (P, P)),
    make_application(Symbol("s", (), Sort("S"))),
    make_application(Symbol("s", (), Sort("S", ("a",)))),
    make_application(Symbol("s", (), Sort("S", ("a", "b")))),
    make_application(Symbol("t", (INT,), INT), (N,)),
    make_application(Symbol("t", (NAT,), INT), (N,)),
    make_if(P, K, J), make_if(P, J, K), make_real(K), make("/", X, Y), make("/", Y, X),
]  # fmt: skip


def test_different_terms_have_different_keys() -> None:
    assert len({term.key for term in DIFFERENT}) == len(DIFFERENT)
    for one in DIFFERENT:
        assert sum(one == other for other in DIFFERENT) == 1


def test_bound_names_are_no_part_of_a_term() -> None:
    body = make_less(make_variable(0, INT), K)
    assert make_forall("x", INT, body) == make_forall("y", INT, body)
    assert hash(make_exists("x", INT, body)) == hash(make_exists("y", INT, body))


def test_terms_compare_with_anything() -> None:
    assert P != "p"
    assert {P: 1}[make_application(Symbol("p", (), BOOL))] == 1
    assert repr(P) == f"<Term app {P.key.hex()[:8]}>"


def test_loose_counts_missing_quantifiers() -> None:
    body = make_less(make_variable(2, INT), make_variable(0, INT))
    assert body.loose == 3
    once = make_forall("x", INT, body)
    assert once.loose == 2
    closed = make_forall("z", INT, make_exists("y", INT, once))
    assert (closed.loose, closed.size, closed.depth) == (0, 6, 5)
    assert make_forall("w", INT, closed).loose == 0
    assert make_and(body, P).loose == 3


def test_depth_has_a_limit() -> None:
    term = X
    for _ in range(terms.MAX_DEPTH - 1):
        term = make("/", term, Y)
    assert term.depth == terms.MAX_DEPTH
    with rejects("nested at most 400 deep", "401 deep"):
        make("/", term, Y)


def test_size_has_a_limit() -> None:
    term = make("/", X, Y)
    while 2 * term.size + 1 <= terms.MAX_SIZE:
        term = make("/", term, term)
    with rejects("a term of at most 200000 nodes", "nodes"):
        make("/", term, term)
    wide = make_sum(*[X] * (terms.MAX_SIZE - 1))
    assert wide.size == terms.MAX_SIZE
    with rejects("a term of at most 200000 nodes", "200001 nodes"):
        make_sum(wide, X)


def test_remake_checks_sorts_again() -> None:
    assert terms.remake(P, ()) is P
    assert terms.remake(make_and(P, Q), (Q, R)) == make_and(Q, R)
    size = make_application(SIZE, (A, K))
    assert terms.remake(size, (B, J)) == make_application(SIZE, (B, J))
    forall = make_forall("x", INT, P)
    assert terms.remake(forall, (Q,)) == make_forall("x", INT, Q)
    with rejects("as argument 2 of size", "sort Bool"):
        terms.remake(size, (A, P))
    with rejects("sort Bool under forall", "sort Int"):
        terms.remake(forall, (K,))


def at(index: int, sort: Sort = INT) -> Term:
    return make_variable(index, sort)


INSTANCES = {
    "plain": (make_less(at(0), J), make_less(K, J)),
    "unused": (P, P),
    "under a binder": (
        make_forall("y", INT, make_less(at(1), at(0))),
        make_forall("y", INT, make_less(K, at(0))),
    ),
    "inner variable alone": (
        make_forall("y", INT, make_less(at(0), J)),
        make_forall("y", INT, make_less(at(0), J)),
    ),
    "both depths": (
        make_and(make_less(at(0), J), make_exists("y", INT, make_less(at(1), at(0)))),
        make_and(make_less(K, J), make_exists("y", INT, make_less(K, at(0)))),
    ),
    "folds again": (make_not(make_less(at(0), J)), make_not(make_less(K, J))),
}


@pytest.mark.parametrize("name", INSTANCES)
def test_instantiate(name: str) -> None:
    body, expected = INSTANCES[name]
    assert terms.instantiate(make_forall("x", INT, body), K) == expected
    assert terms.instantiate(make_exists("x", INT, body), K) == expected


def test_instantiate_lowers_outer_variables() -> None:
    inner = make_forall("x", INT, make_less(at(0), at(1)))
    outer = make_forall("y", INT, inner)
    assert terms.instantiate(inner, K) == make_less(K, at(0))
    once = terms.instantiate(outer, J)
    assert once == make_forall("x", INT, make_less(at(0), J))


def test_instantiate_mixes_naturals_and_integers() -> None:
    natural = make_forall("n", NAT, make_less(at(0, NAT), J))
    assert terms.instantiate(natural, K) == make_less(K, J)
    over_double = make_forall("n", NAT, make_less(make_sum(at(0, NAT), N), J))
    assert terms.instantiate(over_double, K).args[0].sort == INT


def test_instantiate_refuses() -> None:
    with rejects("a quantified formula", "and"):
        terms.instantiate(make_and(P, Q), P)
    with rejects("sort Int for the variable x", "sort Real"):
        terms.instantiate(make_forall("x", INT, P), X)
    with rejects("sort Model for the variable x", "sort Coin"):
        terms.instantiate(make_exists("x", MODEL, P), C)
    with rejects("a closed term", "one with loose variables"):
        terms.instantiate(make_forall("x", INT, P), at(0))


@given(seeds())
def test_an_instance_means_the_body_at_that_value(random: Random) -> None:
    vocabulary = make_vocabulary(random)
    maker = TermMaker(random, vocabulary)
    quantified = maker.quantified("forall", 3)
    assert isinstance(quantified.value, Binder)
    term = maker.term(quantified.value.sort, 2)
    instance = terms.instantiate(quantified, term)
    assert instance.loose == 0
    for seed in range(3):
        world = World(seed)
        value = world.value(term)
        assert world.value(instance) == world.value(quantified.args[0], (value,))
