"""What z3 is asked, and what is made of its answers."""

from __future__ import annotations

import time
from fractions import Fraction

import pytest
import z3

from tests.solvers.brute import symbols_of
from tests.solvers.questions import BY_NAME, DECLARATIONS, QUESTIONS, Question
from verify.kernel import terms
from verify.kernel.problem import Problem, read_problem, scope_of
from verify.kernel.terms import INT, REAL, Symbol, Term
from verify.kernel.text import make_term, read_tree
from verify.solvers import z3_backend
from verify.solvers.answers import REASONS, Answer, Budget, Sat, Unknown, Unsat
from verify.solvers.smt_words import make_unknown
from verify.solvers.z3_backend import Encoder, Session, bindings, eliminate, solve

BUDGET = Budget(seconds=10)
SCOPE = scope_of(read_problem(DECLARATIONS + "(goal true)\n"))


def read(text: str) -> Term:
    return make_term(read_tree(text)[0], *SCOPE)


def ask(*texts: str, budget: Budget = BUDGET, logic: str = "") -> Answer:
    return solve(
        [(f"A{i}", read(text)) for i, text in enumerate(texts)], budget, logic=logic
    )


def negated(problem: Problem) -> list[tuple[str, Term]]:
    facts = [(fact.name, fact.formula) for fact in problem.facts]
    return [*facts, ("goal", terms.make_not(problem.goal))]


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: question.name)
def test_known_answers(question: Question) -> None:
    answer = solve(negated(question.problem()), BUDGET)
    assert isinstance(answer, Unsat if question.follows else Sat), answer


@pytest.mark.parametrize(
    "question", [q for q in QUESTIONS if q.follows], ids=lambda q: q.name
)
def test_cores_are_enough(question: Question) -> None:
    assertions = negated(question.problem())
    answer = solve(assertions, BUDGET)
    assert isinstance(answer, Unsat) and answer.core
    kept = [(name, formula) for name, formula in assertions if name in answer.core]
    assert isinstance(solve(kept, BUDGET), Unsat)


def test_what_is_not_needed_is_not_in_the_core() -> None:
    answer = ask("(< x y)", "p", "(< y x)", "(= i 3)")
    assert answer == Unsat(("A0", "A2"))


def test_one_name_may_stand_for_several_assertions() -> None:
    answer = solve([("A", read("p")), ("B", read("q")), ("A", read("(not p)"))], BUDGET)
    assert answer == Unsat(("A",))


def test_values_are_exact() -> None:
    answer = ask(
        "(= (* 3/1 x) 1/1)", "(= i -7)", "p", "(not q)", "(= now amber)", "(= n 2)"
    )
    assert isinstance(answer, Sat)
    expected = {"x": Fraction(1, 3), "i": Fraction(-7), "n": Fraction(2)}
    assert answer.values == {**expected, "p": True, "q": False, "now": "amber"}


def test_elements_of_a_type_are_numbered() -> None:
    answer = ask("(not (= a b))", "(= (size a) 1)")
    assert isinstance(answer, Sat)
    assert {answer.values["a"], answer.values["b"]} <= {"Model!0", "Model!1", "Model!2"}
    assert answer.values["a"] != answer.values["b"]


def test_algebraic_values_are_left_out() -> None:
    answer = ask("(= (* x x) 2/1)", "(= y 1/2)")
    assert isinstance(answer, Sat)
    assert answer.values == {"y": Fraction(1, 2)}


def test_no_float_comes_near_a_numeral() -> None:
    """0.1 as a binary32 is 13421773/134217728, and stays that."""
    weight = Fraction(13421773, 134217728)
    x = terms.constant(Symbol("x", (), REAL))
    answer = solve(
        [("w", terms.make_equal(x, terms.make_number(weight, REAL)))], BUDGET
    )
    assert answer == Sat({"x": weight})


def test_long_numerals_survive() -> None:
    huge = Fraction(3**2000, 2**3000)
    x = terms.constant(Symbol("x", (), REAL))
    answer = solve([("w", terms.make_equal(x, terms.make_number(huge, REAL)))], BUDGET)
    assert answer == Sat({"x": huge})


@pytest.mark.parametrize(
    ("texts", "satisfiable"),
    [
        (("(= y 0/1)", "(= (/ x y) 5/1)"), True),
        (("(= y 0/1)", "(= (/ x y) 5/1)", "(= (/ x y) 6/1)"), False),
        (("(= (/ x 0/1) 5/1)", "(= x y)", "(= (/ y 0/1) 6/1)"), False),
        (("(= (/ x 0/1) 5/1)", "(= (/ y 0/1) 6/1)"), True),
        (("(= (/ x y) 1/2)", "(= x 3/1)", "(not (= y 6/1))"), True),  # y = 0
        (("(= (/ x y) 1/2)", "(= x 3/1)", "(not (= y 6/1))", "(< 0/1 y)"), False),
    ],
)
def test_division_by_zero_is_some_function(
    texts: tuple[str, ...], satisfiable: bool
) -> None:
    assert isinstance(ask(*texts), Sat if satisfiable else Unsat)


def test_an_integer_is_never_taken_for_a_real() -> None:
    assert isinstance(ask("(= (* 2 i) 1)"), Unsat)
    assert isinstance(ask("(= (* 2/1 x) 1/1)"), Sat)
    assert isinstance(ask("(= (* 2/1 (real i)) 1/1)"), Unsat)
    assert isinstance(ask("(= (real i) 3/2)"), Unsat)


def test_naturals_in_every_place() -> None:
    assert isinstance(ask("(< n 0)"), Unsat)
    assert isinstance(ask("(< (g i) 0)"), Unsat)
    assert isinstance(ask("(exists (?k Nat) (< ?k 0))"), Unsat)
    assert isinstance(ask("(exists (?k Int) (< ?k 0))"), Sat)
    assert isinstance(ask("(exists (?M Model) (< (size ?M) 0))"), Unsat)
    assert isinstance(ask("(not (forall (?k Nat) (forall (?l Int) (<= 0 ?k))))"), Unsat)
    assert isinstance(ask("(not (forall (?k Nat) (forall (?l Int) (<= 0 ?l))))"), Sat)


def test_blocks_of_quantifiers_keep_their_variables_apart() -> None:
    swapped = "(forall (?k Nat) (forall (?M Model) (<= (size ?M) ?k)))"
    assert isinstance(ask(swapped, "(< 0 (size a))"), Unsat)
    nested = (
        "(forall (?i Int) (exists (?j Int) (forall (?k Int) (or (< ?i ?j) (= ?k ?j)))))"
    )
    assert isinstance(ask(nested), Sat)
    wrong = "(exists (?j Int) (forall (?i Int) (< ?i ?j)))"
    assert isinstance(ask(wrong), Unsat)


def test_large_finite_types_are_not_written_out() -> None:
    elements = " ".join(f"e{i}" for i in range(60))
    problem = read_problem(
        f"(problem 1)\n(finite E {elements})\n(symbol s (E E) Bool)\n(symbol c () E)\n"
        "(premise P (forall (?a E) (forall (?b E) "
        "(forall (?d E) (implies (s ?a ?b) (s ?b ?d))))))\n"
        "(goal (implies (s c e1) (s e1 e59)))\n"
    )
    assert isinstance(solve(negated(problem), BUDGET), Unsat)


def test_an_earlier_check_does_not_change_the_answer() -> None:
    """Once a wrong unsat (z3 7114, again in 4.15): satisfiable near a = 0.87."""
    session = Session(BUDGET)
    assert isinstance(session.check(), Sat)
    session.add("positive", read("(< 0/1 x)"))
    session.add("curve", read("(= (* -1/1 y) (* x (+ x y)))"))
    session.add("circle", read("(= 1/1 (+ (* x x) (* y y)))"))
    assert not isinstance(session.check(), Unsat)


def test_a_defined_name_does_not_change_the_answer() -> None:
    """Once a wrong unsat (z3 6130): a definition that nothing uses."""
    names = "v1 v2 v3 v5 v8 v10 v".split()
    declared = "".join(f"(symbol {name} () Real)\n" for name in names)
    first = "(+ (* v3 v8) (* v10 v2 v3) (* v2 v3 v5) (* -1/1 v3 v5) (* -1/1 v2 v3 v8))"
    second = first[:-1] + " v (* -1/1 v v8) (* -1/1 v v1 v8))"
    problem = read_problem(
        f"(problem 1)\n{declared}(symbol h () Bool)\n(premise D (iff h (= v1 0/1)))\n"
        f"(premise A (= 0/1 {first}))\n(premise B (= 0/1 {second}))\n"
        "(premise C (and (< 0/1 (* v3 v3)) (< 0/1 v2) (< 0/1 v)))\n"
        "(premise E (= v1 (+ v 1/1)))\n(goal false)\n"
    )
    assert not isinstance(solve(negated(problem), BUDGET), Unsat)


def test_the_same_question_has_the_same_answer() -> None:
    question = BY_NAME["some is not every"].problem()
    answers = [solve(negated(question), BUDGET) for _ in range(3)]
    assert isinstance(answers[0], Sat)
    assert answers[0] == answers[1] == answers[2]


HARD = ("(= (+ (* i i i) (* j j j) (* n n n)) 114)", "(< 100000 (* i i))")


def test_counted_work_ends_a_question() -> None:
    answer = ask(*HARD, budget=Budget(resources=20_000, seconds=30))
    assert answer == Unknown("timeout", answer.detail)  # type: ignore[union-attr]


def test_the_clock_ends_a_question() -> None:
    begun = time.monotonic()
    answer = ask(*HARD, budget=Budget(resources=2**31, seconds=0.3))
    assert isinstance(answer, Unknown) and answer.reason == "timeout"
    assert time.monotonic() - begun < 5


@pytest.mark.parametrize(
    ("detail", "reason"),
    [
        ("timeout", "timeout"),
        ("canceled", "timeout"),
        ("max. resource limit exceeded", "timeout"),
        ("max. memory exceeded", "memory"),
        ("out of memory", "memory"),
        ("(incomplete quantifiers)", "incomplete"),
        (
            "smt tactic failed to show goal to be sat/unsat (incomplete quantifiers)",
            "incomplete",
        ),
        ("unsupported array sort", "unsupported"),
        ("", "incomplete"),
        ("a word nobody has heard", "incomplete"),
    ],
)
def test_reasons_are_a_closed_list(detail: str, reason: str) -> None:
    assert make_unknown(detail) == Unknown(reason, detail)
    assert reason in REASONS


def test_a_logic_may_be_given() -> None:
    assert isinstance(ask("(< x y)", "(< y x)", logic="QF_LRA"), Unsat)


def test_a_session_looks_values_up() -> None:
    session = Session(BUDGET)
    assert session.value(read("x")) is None
    session.add("A", read("(= (loss a) 1/3)"))
    session.add("B", read("(= (f 2) 5)"))
    assert isinstance(session.check(), Sat)
    assert session.value(read("(+ (loss a) 1/3)")) == Fraction(2, 3)
    assert session.value(read("(f (+ 1 1))")) == 5
    assert session.value(read("(< (f 2) 5)")) is False
    assert session.value(read("(if (= (f 2) 5) red green)")) == "red"
    assert session.value(read("a")) == "Model!0"
    assert isinstance(session.check([("no", read("(= (f 2) 6)"))]), Unsat)
    assert session.value(read("(f 2)")) is None
    session.add("C", read("(= (* x x) 2/1)"))
    assert isinstance(session.check(), Sat)
    assert session.value(read("x")) is None


def test_a_session_forgets_what_was_only_assumed() -> None:
    session = Session(BUDGET)
    session.add("A", read("(< x y)"))
    assert session.check([("no", read("(< y x)"))]) == Unsat(("A", "no"))
    assert isinstance(session.check(), Sat)
    session.add("B", read("(< y x)"))
    assert session.check() == Unsat(("A", "B"))
    assert isinstance(session.check(without=("A",)), Sat)


@pytest.mark.parametrize(
    ("away", "formula", "expected"),
    [
        (["x"], "(implies (<= y x) (<= 0/1 x))", "(<= 0/1 y)"),
        (["x"], "(implies (<= (loss a) x) (<= 0/1 x))", "(<= 0/1 (loss a))"),
        (["i"], "(implies (<= j i) (<= 3 i))", "(<= 3 j)"),
        (["n"], "(<= j n)", "(<= j 0)"),
        (["n"], "(<= 0 (+ n j))", "(<= 0 j)"),
        (["p"], "(implies p q)", "q"),
        (["p", "x"], "(implies (and p (<= y x)) (<= 0/1 x))", "(<= 0/1 y)"),
        (["x", "y"], "(implies (<= y x) (<= 0/1 (+ x (abs 2/1))))", "false"),
        (["x"], "(<= (+ x (* -1/1 x)) y)", "(<= 0/1 y)"),
    ],
)
def test_elimination(away: list[str], formula: str, expected: str) -> None:
    variables = [SCOPE[1][name] for name in away]
    result = eliminate(variables, read(formula), BUDGET)
    assert result is not None
    assert {SCOPE[1][name] for name in away}.isdisjoint(symbols_of([result]))
    agree = terms.make_iff(result, read(expected))
    assert isinstance(solve([("no", terms.make_not(agree))], BUDGET), Unsat)


def test_elimination_of_nothing_is_the_formula() -> None:
    """qe2 on a formula without quantifiers answers true."""
    formula = read("(implies (<= y x) (<= 0/1 x))")
    assert eliminate([], formula, BUDGET) == formula
    assert eliminate([SCOPE[1]["i"]], formula, BUDGET) == formula


def test_elimination_gives_up_on_what_it_cannot_say() -> None:
    x, i = SCOPE[1]["x"], SCOPE[1]["i"]
    assert eliminate([x], read("(<= 0/1 (abs x))"), BUDGET) is None
    even = eliminate([i], read("(not (= (* 2 i) j))"), BUDGET)
    assert even is None  # j is odd: there is no such operator


def test_instances_of_a_contradiction() -> None:
    formulas = [
        read("(forall (?k Nat) (implies (< ?k n) (< (f ?k) (f (+ ?k 1)))))"),
        read("(not (exists (?M Model) (< (size ?M) (f 2))))"),
        read("(and (= n 2) (< (size a) (f 0)))"),
    ]
    found = bindings(formulas, BUDGET)
    quantified = dict(found)
    inner = terms.make_not(formulas[1])
    assert set(quantified) <= {formulas[0], inner}
    assert quantified[inner] == (read("a"),)
    assert (formulas[0], (read("1"),)) in found


def test_no_instances_without_a_contradiction() -> None:
    assert bindings([read("(forall (?k Int) (<= 0 (f ?k)))")], BUDGET) == ()


def test_decoding_gives_up_on_what_has_no_words() -> None:
    encoder = Encoder(z3.Context())
    i = encoder.encode(read("i"))
    other = z3.Int("other", encoder.context)
    for expression in (
        i / 2,
        i % 2,
        z3.ToInt(z3.ToReal(i)),
        other,
        z3.ForAll([i], i > 0),
    ):
        assert encoder.decode(expression) is None
    negative = encoder.decode(-i - i)
    assert negative is not None and negative.sort == INT
    assert encoder.decode(z3.Distinct(i, i + 1, i + 2)) is not None


def test_deep_terms_need_no_stack() -> None:
    formula = read("p")
    for _ in range(150):
        formula = terms.make_implies(terms.make_not(formula), read("q"))
    assert isinstance(solve([("deep", formula)], BUDGET), Sat)
    encoder = Encoder(z3.Context())
    assert encoder.decode(encoder.encode(formula)) == formula


def test_the_version_is_the_library_s() -> None:
    assert z3_backend.version() == z3.get_version_string()


@pytest.mark.parametrize(
    ("second", "expected"),
    [
        (Unsat(("A1",)), Unsat(("A1",))),
        (Unknown("timeout"), Unsat(("A0", "A1"))),
        (Sat({}), Unknown("crash", "z3 answered unsat, then sat")),
    ],
)
def test_the_second_question_is_only_for_the_core(
    monkeypatch: pytest.MonkeyPatch, second: Answer, expected: Answer
) -> None:
    monkeypatch.setattr(Session, "check", lambda self: second)
    assert ask("(< x y)", "(< y x)") == expected


@pytest.mark.parametrize(
    ("message", "reason"),
    [
        ("out of memory", "memory"),
        ("canceled", "timeout"),
        ("a surprise", "incomplete"),
    ],
)
def test_what_z3_throws_is_no_answer(
    monkeypatch: pytest.MonkeyPatch, message: str, reason: str
) -> None:
    def throw(*_: object) -> None:
        raise z3.Z3Exception(message)

    monkeypatch.setattr(z3.Solver, "check", throw)
    assert ask("p") == Unknown(reason, message)
    assert bindings([read("false")], BUDGET) == ()
