"""The problems behind the example documents, by hand, and what is known of them.

`make_problem` builds a problem from declarations, facts and a goal in the kernel's text.
`REFUTED` holds problems with a small countermodel: the statements that the documents
expect refuted, each proved step without one premise it needs, and the implications
between definitions that do not hold. `PROVABLE` holds those without any.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from verify.kernel.problem import Fact, Problem, read_problem, scope_of
from verify.kernel.terms import Term
from verify.kernel.text import make_term, read_tree


def make_problem(
    declarations: Sequence[str], facts: Mapping[str, str], goal: str
) -> Problem:
    """The problem with these facts by name, all formulas in any spelling."""
    lines = ("(problem 1)", *declarations, "(goal true)")
    empty = read_problem("".join(line + "\n" for line in lines))
    sorts, symbols = scope_of(empty)

    def read(text: str) -> Term:
        (tree,) = read_tree(text)
        return make_term(tree, sorts, symbols)

    stated = tuple(Fact("premise", name, read(text)) for name, text in facts.items())
    return empty._replace(facts=stated, goal=read(goal))


def without(facts: Mapping[str, str], name: str) -> dict[str, str]:
    return {other: formula for other, formula in facts.items() if other != name}


def reals(*names: str) -> list[str]:
    return [f"(symbol {name} () Real)" for name in names]


def truths(*names: str) -> list[str]:
    return [f"(symbol {name} () Bool)" for name in names]


REFUTED: dict[str, Problem] = {}
PROVABLE: dict[str, Problem] = {}

# deceptive-circuit.md
MODELS = [
    "(sort Model)", "(symbol M_d () Model)", "(symbol K () Nat)", "(symbol c () Nat)",
    "(symbol size (Model) Nat)", "(symbol loss (Model) Real)",
]  # fmt: skip
P1 = "(= (size M_d) K)"
P2 = (
    "(forall (?M Model) (implies (< (size ?M) K) (exists (?N Model) "
    "(and (= (size ?N) (+ (size ?M) 1)) (< (loss ?N) (loss ?M))))))"
)
P2_ABOVE = (
    "(forall (?M Model) (implies (= (size ?M) K) (exists (?N Model) "
    "(and (< K (size ?N)) (< (loss ?N) (loss ?M))))))"
)
P3 = "(and (< 0 c) (<= c K))"
P4 = "(exists (?N Model) (and (= (size ?N) (+ K (* -1 c))) (= (loss ?N) (loss M_d))))"
SMALLER = "(exists (?N Model) (and (< (size ?N) K) (= (loss ?N) (loss M_d))))"
BETTER = "(exists (?N Model) (and (= (size ?N) K) (< (loss ?N) (loss M_d))))"
GROW = (
    "(forall (?j Nat) (forall (?M Model) (implies "
    "(and (<= 1 ?j) (<= (+ (size ?M) ?j) K)) (exists (?N Model) "
    "(and (= (size ?N) (+ (size ?M) ?j)) (< (loss ?N) (loss ?M)))))))"
)
OPTIMUM = (
    "(and (= (size M_d) K) "
    "(forall (?N Model) (implies (= (size ?N) K) (<= (loss M_d) (loss ?N)))))"
)
S1 = make_problem(MODELS, {"P1": P1, "P3": P3}, SMALLER)
LITERAL = make_problem(
    MODELS, {"P1": P1, "P2_above": P2_ABOVE, "P3": P3, "P4": P4}, BETTER
)
REFUTED["s1"] = S1
REFUTED["literal"] = LITERAL
REFUTED["s1_again without P3"] = make_problem(MODELS, {"P4": P4}, SMALLER)
REFUTED["s1_again without P4"] = make_problem(MODELS, {"P3": P3}, SMALLER)
for _name in ("P4", "grow", "P3"):
    _facts = without({"P4": P4, "grow": GROW, "P3": P3}, _name)
    REFUTED[f"s2 without {_name}"] = make_problem(MODELS, _facts, BETTER)
REFUTED["main without s2"] = make_problem(MODELS, {}, f"(not {OPTIMUM})")
REFUTED["grow without P2"] = make_problem(MODELS, {}, GROW)
PROVABLE["s1_again"] = make_problem(MODELS, {"P3": P3, "P4": P4}, SMALLER)
PROVABLE["main"] = make_problem(MODELS, {"s2": BETTER}, f"(not {OPTIMUM})")

# online-gradient-descent.md
DESCENT = [
    *reals("D", "G", "eta", "u", "s"), "(symbol x (Nat) Real)", "(symbol g (Nat) Real)",
    "(symbol R (Nat) Real)", "(symbol T () Nat)",
]  # fmt: skip


def _distance(at: str) -> str:
    return f"(* (+ (x {at}) (* -1/1 u)) (+ (x {at}) (* -1/1 u)))"


_STEP = "(+ (x ?t) (* -1/1 eta (g ?t)) (* -1/1 u))"
INVARIANT = (
    f"(forall (?t Nat) (<= (* 2/1 eta (R ?t)) "
    f"(+ (* D D) (* -1/1 {_distance('?t')}) (* eta eta G G (real ?t)))))"
)
ROUNDS = {
    "projection": f"(forall (?t Nat) (<= {_distance('(+ ?t 1)')} (* {_STEP} {_STEP})))",
    "bounded": "(forall (?t Nat) (<= (* (g ?t) (g ?t)) (* G G)))",
    "start": f"(<= {_distance('0')} (* D D))",
    "empty": "(= (R 0) 0/1)",
    "round": (
        "(forall (?t Nat) (= (R (+ ?t 1)) (+ (R ?t) (* (g ?t) (+ (x ?t) (* -1/1 u))))))"
    ),
}
TUNED = {
    "invariant": INVARIANT,
    "positive": "(< 0/1 eta)",
    "root": "(and (<= 0/1 s) (= (* s s) (real T)))",
    "tuned": "(= (* eta G s) D)",
    "signs": "(and (< 0/1 D) (< 0/1 G))",
}
REFUTED["wrong"] = make_problem(DESCENT, TUNED, "(<= (R T) (* 1/2 D G s))")
for _name in ("invariant", "root", "tuned"):
    REFUTED[f"bound without {_name}"] = make_problem(
        DESCENT, without(TUNED, _name), "(<= (R T) (* D G s))"
    )
for _name in ROUNDS:
    REFUTED[f"invariant without {_name}"] = make_problem(
        DESCENT, without(ROUNDS, _name), INVARIANT
    )

# telescoping.md
SUMS = [
    "(symbol best (Nat) Real)", "(symbol real_ (Nat) Real)", "(symbol S (Nat) Real)",
    "(symbol T () Nat)",
]  # fmt: skip
TELESCOPING = {
    "aligned_after": "(forall (?t Nat) (= (best (+ ?t 1)) (real_ ?t)))",
    "empty": "(= (S 0) 0/1)",
    "round": (
        "(forall (?t Nat) (= (S (+ ?t 1)) (+ (S ?t) (best ?t) (* -1/1 (real_ ?t)))))"
    ),
}
TELESCOPE = "(forall (?t Nat) (= (S (+ ?t 1)) (+ (best 0) (* -1/1 (real_ ?t)))))"
AS_WRITTEN = make_problem(
    SUMS,
    {"telescope": TELESCOPE},
    "(= (S (+ T 1)) (+ (real_ T) (* -1/1 (best 0))))",
)
REFUTED["as_written"] = AS_WRITTEN
for _name in TELESCOPING:
    REFUTED[f"telescope without {_name}"] = make_problem(
        SUMS, without(TELESCOPING, _name), TELESCOPE
    )

# threat-chain.md
CHAIN = truths("deployed", "shifted", "unanticipated", "catastrophe", "bad2")
STILL_CUT = make_problem(
    CHAIN,
    {
        "link5": "(implies unanticipated shifted)",
        "bypass": "(implies bad2 (or unanticipated deployed))",
    },
    "(implies (not shifted) (not bad2))",
)
LINKS = {
    "link5": "(implies unanticipated shifted)",
    "link6": "(implies catastrophe unanticipated)",
}
CUT = "(implies (not shifted) (not catastrophe))"
SHARES = reals("p1", "p2", "p3")
Q = {
    "q1": "(and (<= 0/1 p1) (<= p1 1/1) (<= (* 1/10 p1) p2) (<= p2 (* 1/5 p1)))",
    "q2": "(and (<= (* 1/100 p2) p3) (<= p3 (* 1/2 p2)))",
}
REFUTED["still_cut"] = STILL_CUT
REFUTED["tighter"] = make_problem(SHARES, Q, "(<= p3 1/11)")
for _name in Q:
    REFUTED[f"bounded without {_name}"] = make_problem(
        SHARES, without(Q, _name), "(<= p3 1/10)"
    )
for _name in LINKS:
    REFUTED[f"cut_shift without {_name}"] = make_problem(
        CHAIN, without(LINKS, _name), CUT
    )
PROVABLE["cut_shift"] = make_problem(CHAIN, LINKS, CUT)
PROVABLE["bounded"] = make_problem(SHARES, Q, "(<= p3 1/10)")

# glossary.md
GLOSSARY = [
    "(finite Input t1 t2 d1 d2)", "(finite Output good bad)",
    "(symbol base (Input Output) Real)", "(symbol mesa (Input Output) Real)",
    "(symbol act (Input) Output)", "(symbol optimiser () Bool)",
]  # fmt: skip


def _fits(function: str) -> str:
    return f"(forall (?y Output) (<= ({function} ?x ?y) ({function} ?x (act ?x))))"


_ALL_FIT = f"(forall (?x Input) {_fits('base')})"
_TRAINED = f"(forall (?x Input) (implies (or (= ?x t1) (= ?x t2)) {_fits('base')}))"
_SAME = (
    "(forall (?x Input) (forall (?y Output) (forall (?z Output) (iff "
    "(<= (base ?x ?y) (base ?x ?z)) (<= (mesa ?x ?y) (mesa ?x ?z))))))"
)
DEFINITIONS = {
    "robust": f"(and optimiser {_ALL_FIT})",
    "pseudo": f"(and optimiser {_TRAINED} (not {_ALL_FIT}))",
    "internal": f"(and (and optimiser {_ALL_FIT}) {_SAME})",
    "perfect": f"(forall (?x Input) {_fits('mesa')})",
    "same_objective": _SAME,
    "aligned_in_training": _TRAINED,
}
HOLDING = {
    ("robust", "aligned_in_training"), ("pseudo", "aligned_in_training"),
    ("internal", "robust"), ("internal", "perfect"), ("internal", "same_objective"),
    ("internal", "aligned_in_training"),
}  # fmt: skip
for _left, _premise in DEFINITIONS.items():
    for _right, _conclusion in DEFINITIONS.items():
        if _left != _right:
            _table = PROVABLE if (_left, _right) in HOLDING else REFUTED
            _table[f"{_left} implies {_right}"] = make_problem(
                GLOSSARY, {}, f"(implies {_premise} {_conclusion})"
            )
REFUTED["right_goal"] = make_problem(
    GLOSSARY, {}, f"(implies (and optimiser {_SAME}) {DEFINITIONS['robust']})"
)

# countermodels that need a rule outside their table, or a mistake made often
COUNTER = ["(symbol x (Nat) Int)"]
REFUTED["counting"] = make_problem(
    COUNTER, {"step": "(forall (?t Nat) (= (x (+ ?t 1)) (+ (x ?t) 1)))"}, "(= (x 5) 0)"
)
REFUTED["summing"] = make_problem(
    ["(symbol x (Nat) Real)"],
    {
        "start": "(= (x 0) 0/1)",
        "step": "(forall (?t Nat) (= (x (+ ?t 1)) (+ (x ?t) (real ?t))))",
    },
    "(= (x 5) 0/1)",
)
REFUTED["decreasing"] = make_problem(
    ["(symbol f (Nat) Real)"],
    {"step": "(forall (?n Nat) (<= (f (+ ?n 1)) (f ?n)))"},
    "(<= 0/1 (f 3))",
)
REFUTED["only from 20 on"] = make_problem(
    ["(symbol f (Nat) Nat)"],
    {"early": "(forall (?n Nat) (implies (< ?n 20) (= (f ?n) 0)))"},
    "(forall (?n Nat) (= (f ?n) 0))",
)
REFUTED["affirmed consequent"] = make_problem(
    truths("p", "q"), {"a": "(implies p q)", "b": "q"}, "p"
)
REFUTED["swapped quantifiers"] = make_problem(
    ["(sort T)", "(symbol r (T T) Bool)"],
    {"a": "(forall (?x T) (exists (?y T) (r ?x ?y)))"},
    "(exists (?y T) (forall (?x T) (r ?x ?y)))",
)
REFUTED["a half"] = make_problem(reals("x"), {"a": "(= (* 2/1 x) 1/1)"}, "false")
REFUTED["between roots"] = make_problem(
    reals("x"), {"a": "(and (< 2/1 (* x x)) (< (* x x) 201/100))"}, "false"
)
REFUTED["no commutative law"] = make_problem(
    ["(sort A)", "(symbol m (A A) A)"],
    {
        "associative": (
            "(forall (?x A) (forall (?y A) (forall (?z A) "
            "(= (m (m ?x ?y) ?z) (m ?x (m ?y ?z))))))"
        )
    },
    "(forall (?x A) (forall (?y A) (= (m ?x ?y) (m ?y ?x))))",
)
REFUTED["more of one sort"] = make_problem(
    ["(sort A)", "(sort B)", "(symbol f (A) B)", "(symbol g (B) A)"],
    {"a": "(forall (?x A) (= (g (f ?x)) ?x))"},
    "(forall (?y B) (= (f (g ?y)) ?y))",
)
REFUTED["a bound of reals"] = make_problem(
    reals("a", "b"),
    {"h": "(forall (?x Real) (implies (<= ?x a) (<= ?x b)))"},
    "(<= a (+ b -1/1))",
)
PROVABLE["a half of an integer"] = make_problem(
    ["(symbol x () Int)"], {"a": "(= (* 2 x) 1)"}, "false"
)
