"""Problems that statements of documents become: what the mutation law starts from.

Each is true of its premises, or (in `REFUTED`) fails in a small model.
"""

from __future__ import annotations

MODELS = """\
(problem 1)
(sort Model)
(symbol M_d () Model)
(symbol K () Nat)
(symbol c () Nat)
(symbol size (Model) Nat)
(symbol loss (Model) Real)
"""
HELPS = (
    "(forall (?M Model) (implies (< (size ?M) K) (exists (?N Model) "
    "(and (= (size ?N) (+ (size ?M) 1)) (< (loss ?N) (loss ?M))))))"
)
GROWS = (
    "(forall (?j Nat) (forall (?M Model) (implies (and (<= 1 ?j) (<= (+ (size ?M) ?j) K)) "
    "(exists (?N Model) (and (= (size ?N) (+ (size ?M) ?j)) (< (loss ?N) (loss ?M)))))))"
)
SMALLER = (
    "(exists (?N Model) (and (= (size ?N) (+ K (* -1 c))) (= (loss ?N) (loss M_d))))"
)
CIRCUIT = "(premise P3 (and (< 0 c) (<= c K)))\n"
OPTIMAL = "(forall (?N Model) (<= (loss M_d) (loss ?N)))"
BETTER = "(exists (?N Model) (and (= (size ?N) K) (< (loss ?N) (loss M_d))))"
REGRET = """\
(problem 1)
(symbol best (Nat) Real)
(symbol real_ (Nat) Real)
(symbol S (Nat) Real)
(premise aligned_after (forall (?t Nat) (= (best (+ ?t 1)) (real_ ?t))))
(premise empty (= (S 0) 0/1))
(premise round (forall (?t Nat) (= (S (+ ?t 1)) (+ (S ?t) (best ?t) (* -1/1 (real_ ?t))))))
"""
CHANCES = """\
(problem 1)
(symbol p1 () Real)
(symbol p2 () Real)
(symbol p3 () Real)
(premise q1 (and (<= 0/1 p1) (<= p1 1/1) (<= (* 1/10 p1) p2) (<= p2 (* 1/5 p1))))
(premise q2 (and (<= (* 1/100 p2) p3) (<= p3 (* 1/2 p2))))
"""
CHAIN = """\
(problem 1)
(symbol base () Bool)
(symbol mesa () Bool)
(symbol misaligned () Bool)
(symbol deployed () Bool)
(symbol catastrophe () Bool)
(premise link1 (implies mesa base))
(premise link2 (implies misaligned mesa))
(premise link3 (implies deployed misaligned))
(premise link4 (implies catastrophe deployed))
"""
DESCENT = """\
(problem 1)
(symbol D () Real)
(symbol G () Real)
(symbol eta () Real)
(symbol x () Real)
(symbol g () Real)
(symbol u () Real)
(symbol y () Real)
(premise projection (<= (* (+ y (* -1/1 u)) (+ y (* -1/1 u))) \
(* (+ x (* -1/1 eta g) (* -1/1 u)) (+ x (* -1/1 eta g) (* -1/1 u)))))
(premise bounded (<= (* g g) (* G G)))
"""

# name -> (text, hints)
PROVED: dict[str, tuple[str, dict[str, object]]] = {
    "better model": (
        MODELS + CIRCUIT + f"(premise P4 {SMALLER})\n"
        f"(lemma grow {'0' * 64} {GROWS})\n(goal {BETTER})\n",
        {"witnesses": [["P4", ["N"]]], "instances": [["grow", ["c", "N"]]]},
    ),
    "not optimal": (
        MODELS + f"(premise better {BETTER})\n(goal (not {OPTIMAL}))\n", {},
    ),
    "smaller exists": (
        MODELS + CIRCUIT + f"(premise P4 {SMALLER})\n"
        "(goal (exists (?N Model) (and (< (size ?N) K) (= (loss ?N) (loss M_d)))))\n", {},
    ),
    "growth": (
        MODELS + f"(premise P2 {HELPS})\n(goal {GROWS})\n", {"method": "induction"},
    ),
    "telescope": (
        REGRET + "(goal (forall (?t Nat) (= (S (+ ?t 1)) "
        "(+ (best 0) (* -1/1 (real_ ?t))))))\n",
        {"method": "induction"},
    ),
    "chances": (CHANCES + "(goal (<= p3 1/10))\n", {}),
    "chances below": (CHANCES + "(goal (<= (* 1/1000 p1) p3))\n", {}),
    "chain": (CHAIN + "(premise none (not base))\n(goal (not catastrophe))\n", {}),
    "descent": (
        DESCENT + "(goal (<= (* 2/1 eta g (+ x (* -1/1 u))) (+ (* (+ x (* -1/1 u)) "
        "(+ x (* -1/1 u))) (* -1/1 (+ y (* -1/1 u)) (+ y (* -1/1 u))) "
        "(* eta eta G G))))\n",
        {},
    ),
    "means": (
        "(problem 1)\n(symbol x () Real)\n(symbol y () Real)\n"
        "(goal (<= (* 2/1 x y) (+ (* x x) (* y y))))\n", {},
    ),
    "two readings": (
        "(problem 1)\n(sort Agent)\n(symbol good (Agent) Bool)\n"
        "(symbol seen (Agent) Bool)\n(symbol A () Agent)\n"
        "(premise P1 (forall (?a Agent) (iff (good ?a) (not (seen ?a)))))\n"
        "(premise P2 (or (seen A) (exists (?b Agent) (seen ?b))))\n"
        "(goal (exists (?c Agent) (not (good ?c))))\n",
        {},
    ),
    "three lights": (
        "(problem 1)\n(finite Light red amber green)\n(symbol next (Light) Light)\n"
        "(premise P1 (forall (?l Light) (not (= (next ?l) ?l))))\n"
        "(premise P2 (= (next red) (next green)))\n(goal (= (next red) amber))\n", {},
    ),
    "rounding": (
        "(problem 1)\n(symbol i () Int)\n(symbol j () Int)\n(symbol n () Nat)\n"
        "(premise P1 (= (* 2 i) (+ (* 4 j) 3 (* -1 n))))\n(premise P2 (<= n 2))\n"
        "(goal (= n 1))\n",
        {},
    ),
    "quotients": (
        "(problem 1)\n(symbol x () Real)\n(symbol y () Real)\n"
        "(premise P1 (not (= y 0/1)))\n(premise P2 (= (/ x y) 2/1))\n"
        "(goal (= x (* 2/1 y)))\n",
        {},
    ),
    "conditional": (
        "(problem 1)\n(symbol x () Real)\n(symbol f (Real) Real)\n"
        "(premise P1 (= (f (if (< x 0/1) (* -1/1 x) x)) 1/1))\n(premise P2 (<= x 0/1))\n"
        "(goal (= (f (* -1/1 x)) 1/1))\n",
        {},
    ),
}  # fmt: skip

REFUTED = {
    "as written": REGRET.replace("(premise empty", "(premise nothing")
    + "(goal (forall (?t Nat) (= (S (+ ?t 1)) (best 0))))\n",
    "no lower bound": CHANCES + "(goal (<= 1/1000 p3))\n",
    "affirmed consequent": CHAIN + "(premise some base)\n(goal catastrophe)\n",
    "swapped": "(problem 1)\n(sort Model)\n(symbol loss (Model) Real)\n"
    "(premise P1 (forall (?M Model) (exists (?N Model) (<= (loss ?N) (loss ?M)))))\n"
    "(goal (exists (?N Model) (forall (?M Model) (< (loss ?N) (loss ?M)))))\n",
    "negative index": "(problem 1)\n(symbol f (Nat) Real)\n"
    "(premise P1 (forall (?n Nat) (= (f ?n) 0/1)))\n(goal (= (f -1) 0/1))\n",
    "square": "(problem 1)\n(symbol x () Real)\n(goal (< 0/1 (* x x)))\n",
    "lights": "(problem 1)\n(finite Light red amber green)\n(symbol next (Light) Light)\n"
    "(premise P1 (forall (?l Light) (not (= (next ?l) ?l))))\n"
    "(goal (exists (?l Light) (= (next (next ?l)) ?l)))\n",
}
