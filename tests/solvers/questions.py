"""Small questions with known answers, one for each thing the encodings must get right.

`follows` says whether the goal follows from the facts. Everything is written in the
kernel's text; the declarations are shared, so that a question is a few lines.
"""

from __future__ import annotations

from typing import NamedTuple

from verify.kernel.problem import Problem, read_problem

DECLARATIONS = """\
(problem 1)
(sort Model)
(finite Light red amber green)
(symbol p () Bool)
(symbol q () Bool)
(symbol r () Bool)
(symbol i () Int)
(symbol j () Int)
(symbol n () Nat)
(symbol m () Nat)
(symbol x () Real)
(symbol y () Real)
(symbol a () Model)
(symbol b () Model)
(symbol now () Light)
(symbol next (Light) Light)
(symbol size (Model) Nat)
(symbol loss (Model) Real)
(symbol good (Model) Bool)
(symbol f (Int) Int)
(symbol g (Nat) Nat)
(symbol abs (Real) Real)
(symbol on (Bool Light) Bool)
"""


class Question(NamedTuple):
    """Facts, a goal, and whether it follows."""

    name: str
    facts: tuple[str, ...]
    goal: str
    follows: bool

    def problem(self) -> Problem:
        lines = [f"(premise P{i} {fact})\n" for i, fact in enumerate(self.facts, 1)]
        return read_problem(DECLARATIONS + "".join(lines) + f"(goal {self.goal})\n")


QUESTIONS = (
    Question("modus ponens", ("(implies p q)", "p"), "q", True),
    Question("affirmed consequent", ("(implies p q)", "q"), "p", False),
    Question("iff and or", ("(iff p (or q r))", "(not p)"), "(not (and q r))", True),
    Question("linear reals", ("(<= x y)", "(< y 1/3)"), "(< x 1/3)", True),
    Question("strictness", ("(<= x y)", "(<= y 1/3)"), "(< x 1/3)", False),
    Question("fractions", ("(= (* 3/1 x) 1/1)",), "(= x 1/3)", True),
    Question("integers have gaps", ("(< (* 2 i) 3)", "(< 0 i)"), "(= i 1)", True),
    Question("halves are no integers", ("(= (* 2 i) 1)",), "false", True),
    Question("a half is a real", ("(= (* 2/1 x) 1/1)",), "false", False),
    Question(
        "real() keeps integers", ("(< (real i) 1/2)", "(< -1/2 (real i))"), "(= i 0)", True
    ),
    Question("naturals start at 0", ("(<= n 0)",), "(= n 0)", True),
    Question("integers do not", ("(<= i 0)",), "(= i 0)", False),
    Question("sizes are natural", ("(< (size a) 1)",), "(= (size a) 0)", True),
    Question("all sizes are natural", (), "(forall (?M Model) (<= 0 (size ?M)))", True),
    Question("for every natural", ("(forall (?k Nat) (<= (f ?k) 7))",), "(<= (f 3) 7)", True),
    Question(
        "not for every integer", ("(forall (?k Nat) (<= (f ?k) 7))",), "(<= (f -1) 7)", False
    ),
    Question("some natural", ("(exists (?k Nat) (= i ?k))",), "(<= 0 i)", True),
    Question("functions agree", ("(= i j)",), "(= (f (+ i 1)) (f (+ j 1)))", True),
    Question("functions need not differ", ("(not (= i j))",), "(not (= (f i) (f j)))", False),
    Question("models are compared", ("(= a b)", "(good a)"), "(good b)", True),
    Question("a type may have one element", (), "(exists (?M Model) (not (= ?M a)))", False),
    Question(
        "every and some",
        ("(forall (?M Model) (exists (?N Model) (< (loss ?N) (loss ?M))))",),
        "(exists (?N Model) (< (loss ?N) (loss a)))", True,
    ),
    Question(
        "some is not every",
        ("(forall (?M Model) (exists (?N Model) (<= (loss ?N) (loss ?M))))",),
        "(exists (?N Model) (forall (?M Model) (< (loss ?N) (loss ?M))))", False,
    ),
    Question(
        "three lights are all", ("(not (= now red))", "(not (= now amber))"),
        "(= now green)", True,
    ),
    Question("lights are distinct", ("(= now red)",), "(not (= now green))", True),
    Question(
        "a light is left", ("(not (= now red))",), "(= now green)", False
    ),
    Question(
        "for every light",
        ("(forall (?l Light) (not (= (next ?l) ?l)))", "(= (next red) (next green))"),
        "(= (next red) amber)", True,
    ),
    Question(
        "pigeons on lights",
        ("(forall (?M Model) (exists (?l Light) (on (good ?M) ?l)))",),
        "(or (on (good a) red) (on (good a) amber) (on (good a) green))", True,
    ),
    Question("if picks a branch", ("(= x (if p 1/1 2/1))", "(not p)"), "(= x 2/1)", True),
    Question("if may be either", ("(= i (if p 1 2))",), "(= i 2)", False),
    Question("if between formulas", ("(if p q r)", "p"), "q", True),
    Question("products", ("(< 0/1 x)", "(< 0/1 y)"), "(< 0/1 (* x y))", True),
    Question("a square may be small", (), "(< 0/1 (* x x))", False),
    Question("quotients", ("(= (/ x y) 2/1)", "(not (= y 0/1))"), "(= x (* 2/1 y))", True),
    Question("division by 0 is free", ("(= y 0/1)",), "(not (= (/ x y) 5/1))", False),
    Question("division is a function", ("(= x y)",), "(= (/ 1/1 x) (/ 1/1 y))", True),
    Question("a name that is taken", ("(= (abs x) -1/1)",), "(< (abs x) 0/1)", True),
    Question("our abs is anything", (), "(<= 0/1 (abs x))", False),
    Question("functions of naturals", ("(= (+ (g n) (g m)) 0)",), "(= (g n) 0)", True),
    Question("bound functions of naturals", (), "(exists (?k Nat) (<= 0 (g ?k)))", True),
    Question(
        "formulas as arguments", ("(on (and p q) red)", "p", "q"), "(on true red)", True
    ),
    Question(
        "truth values are two", ("(forall (?t Bool) (on ?t red))",), "(on (or p q) red)", True
    ),
)  # fmt: skip

BY_NAME = {question.name: question for question in QUESTIONS}
