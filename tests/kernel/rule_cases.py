"""For each rule of logic, equality and the sorts: steps that it accepts, with the clauses
they yield, and steps that it rejects, with what the rejection says.

Fields of the common kinds are written short: `F` is formula, `t` is term, `l` and `r` are
left and right. Steps of the rules of arithmetic are in `arithmetic_cases.py`.
"""

from __future__ import annotations

from typing import Any, NamedTuple

SHORT = {"F": "formula", "t": "term", "l": "left", "r": "right"}


class Accepted(NamedTuple):
    rule: str
    fields: dict[str, Any]
    clauses: list[list[str]]


class Refused(NamedTuple):
    rule: str
    fields: dict[str, Any]
    expected: str
    got: str


def whole(fields: dict[str, Any]) -> dict[str, Any]:
    return {SHORT.get(name, name): value for name, value in fields.items()}


ALL = "(forall (?a Int) (exists (?b Model) (< ?a (size ?b))))"
EVERY = "(forall (?n Nat) (forall (?k Int) (<= (f ?k) (g ?n))))"
SOME = "(exists (?a Model) (exists (?b Model) (good (best ?a ?b))))"
NAT = "(forall (?n Nat) (<= (g ?n) ?n))"
IS = "(or (= now red) (= now green))"

ACCEPTED = [
    Accepted("premise", {"name": "P1"}, [["p"]]),
    Accepted("premise", {"name": "A1"}, [["(<= i j)"]]),
    Accepted("lemma", {"name": "L1"}, [["(or p q)"]]),
    Accepted("goal", {}, [["(not (and p q))"]]),
    Accepted(
        "define", {"F": "(and p q (good M))"},
        [
            ["(not (and p q (good M)))", "p"], ["(not (and p q (good M)))", "q"],
            ["(not (and p q (good M)))", "(good M)"],
            ["(and p q (good M))", "(not p)", "(not q)", "(not (good M))"],
        ],
    ),
    Accepted(
        "define", {"F": IS},
        [
            [f"(not {IS})", "(= now red)", "(= now green)"],
            [IS, "(not (= now red))"], [IS, "(not (= now green))"],
        ],
    ),
    Accepted(
        "define", {"F": "(implies p q)"},
        [["(not (implies p q))", "(not p)", "q"], ["(implies p q)", "p"],
         ["(implies p q)", "(not q)"]],
    ),
    Accepted(
        "define", {"F": "(iff p q)"},
        [
            ["(not (iff p q))", "(not p)", "q"], ["(not (iff p q))", "p", "(not q)"],
            ["(iff p q)", "p", "q"], ["(iff p q)", "(not p)", "(not q)"],
        ],
    ),
    Accepted(
        "instance", {"F": ALL, "terms": ["(f i)"]},
        [[f"(not {ALL})", "(exists (?b Model) (< (f i) (size ?b)))"]],
    ),
    Accepted("instance", {"F": ALL, "terms": []}, [[f"(not {ALL})", ALL]]),
    Accepted(
        "instance", {"F": EVERY, "terms": ["(+ n 1)", "n"]},
        [[f"(not {EVERY})", "(<= (f n) (g (+ n 1)))"]],
    ),
    Accepted(
        "instance", {"F": EVERY, "terms": ["i"]},
        [[f"(not {EVERY})", "(< i 0)", "(forall (?k Int) (<= (f ?k) (g i)))"]],
    ),
    Accepted(
        "instance", {"F": SOME, "terms": ["M", "(best N M)"]},
        [[SOME, "(not (good (best M (best N M))))"]],
    ),
    Accepted(
        "instance", {"F": "(exists (?n Nat) (= (g ?n) 0))", "terms": ["-1"]},
        [["(exists (?n Nat) (= (g ?n) 0))", "(< -1 0)", "(not (= (g -1) 0))"]],
    ),
    Accepted(
        "witness", {"F": SOME},
        [[f"(not {SOME})", "(exists (?b Model) (good (best !1 ?b)))"]],
    ),
    Accepted("witness", {"F": NAT}, [[NAT, "(not (<= (g !1) !1))"]]),
    Accepted(
        "witnesses", {"F": SOME, "count": 2}, [[f"(not {SOME})", "(good (best !1.1 !1.2))"]]
    ),
    Accepted(
        "witnesses", {"F": SOME, "count": 1},
        [[f"(not {SOME})", "(exists (?b Model) (good (best !1.1 ?b)))"]],
    ),
    Accepted("witnesses", {"F": EVERY, "count": 2}, [[EVERY, "(not (<= (f !1.2) (g !1.1)))"]]),
    Accepted("witnesses", {"F": EVERY, "count": 0}, [[EVERY, f"(not {EVERY})"]]),
    Accepted(
        "congruence", {"l": "(best M N)", "r": "(best N N)"},
        [["(not (= M N))", "(not (= N N))", "(= (best M N) (best N N))"]],
    ),
    Accepted(
        "congruence", {"l": "(on p now)", "r": "(on q red)"},
        [
            ["(not (iff p q))", "(not (= now red))", "(not (on p now))", "(on q red)"],
            ["(not (iff p q))", "(not (= now red))", "(on p now)", "(not (on q red))"],
        ],
    ),
    Accepted(
        "congruence", {"l": "(/ x 2/1)", "r": "(/ 1/1 y)"},
        [["(not (= x 1/1))", "(not (= 2/1 y))", "(= (/ x 2/1) (/ 1/1 y))"]],
    ),
    Accepted("congruence", {"l": "M", "r": "M"}, [["true"]]),
    Accepted("congruence", {"l": "(f n)", "r": "(f i)"},
             [["(not (= n i))", "(= (f n) (f i))"]]),
    Accepted("trichotomy", {"l": "i", "r": "3"}, [["(= i 3)", "(< i 3)", "(< 3 i)"]]),
    Accepted("trichotomy", {"l": "x", "r": "(* x y)"},
             [["(= x (* x y))", "(< x (* x y))", "(< (* x y) x)"]]),
    Accepted("natural", {"t": "(size M)"}, [["(<= 0 (size M))"]]),
    Accepted("natural", {"t": "(+ n (* 2 m))"}, [["(<= 0 (+ n (* 2 m)))"]]),
    Accepted("natural", {"t": "(g i)"}, [["(<= 0 (g i))"]]),
    Accepted("element", {"t": "(next now)"},
             [["(= (next now) red)", "(= (next now) amber)", "(= (next now) green)"]]),
    Accepted("element", {"t": "red"}, [["true", "false"]]),
    Accepted("if", {"t": "(if p x y)"},
             [["(not p)", "(= (if p x y) x)"], ["p", "(= (if p x y) y)"]]),
    Accepted("if", {"t": "(if (< x y) M N)"},
             [["(not (< x y))", "(= (if (< x y) M N) M)"],
              ["(< x y)", "(= (if (< x y) M N) N)"]]),
    Accepted("if", {"t": "(if p q (good M))"},
             [["(not p)", "(iff (if p q (good M)) q)"],
              ["p", "(iff (if p q (good M)) (good M))"]]),
    Accepted("divide", {"t": "(/ x (+ y 1/1))"},
             [["(= (+ y 1/1) 0/1)", "(= (* (/ x (+ y 1/1)) (+ y 1/1)) x)"]]),
    Accepted("divide", {"t": "(/ 1/1 0/1)"}, [["true", "(= 0/1 1/1)"]]),
    Accepted(
        "induction", {"F": NAT},
        [["(not (<= (g 0) 0))",
          "(not (forall (?n Nat) (implies (<= (g ?n) ?n) (<= (g (+ ?n 1)) (+ ?n 1)))))",
          NAT]],
    ),
    Accepted(
        "induction", {"F": "(forall (?n Nat) (exists (?k Nat) (< ?n ?k)))"},
        [["(not (exists (?k Nat) (< 0 ?k)))",
          "(not (forall (?n Nat) (implies (exists (?k Nat) (< ?n ?k)) "
          "(exists (?k Nat) (< (+ ?n 1) ?k)))))",
          "(forall (?n Nat) (exists (?k Nat) (< ?n ?k)))"]],
    ),
    Accepted("clause", {"literals": ["p", "(not p)"], "hints": []}, [["p", "(not p)"]]),
    Accepted("clause", {"literals": ["true"], "hints": []}, [["true"]]),
    Accepted("clause", {"literals": ["(= red red)", "q"], "hints": []}, [["true", "q"]]),
]  # fmt: skip

REFUSED = [
    Refused("premise", {"name": "P2"}, "the name of a fact of the problem", "P2"),
    Refused("premise", {"name": ""}, "the name of a fact of the problem", ""),
    Refused("premise", {"name": "L1"}, "lemma L1", "premise"),
    Refused("premise", {"name": "p1"}, "the name of a fact of the problem", "p1"),
    Refused("lemma", {"name": "P1"}, "premise P1", "lemma"),
    Refused("lemma", {"name": "A1"}, "premise A1", "lemma"),
    Refused("goal", {"name": "P1"}, "the fields id, rule", "name"),
    Refused("define", {"F": "p"}, "and or or or implies or iff", "app"),
    Refused("define", {"F": "(not (and p q))"}, "and or or or implies or iff", "not"),
    Refused("define", {"F": "(< x y)"}, "and or or or implies or iff", "not"),
    Refused("define", {"F": "(if p q q)"}, "and or or or implies or iff", "if"),
    Refused("define", {"F": ALL}, "and or or or implies or iff", "forall"),
    Refused("define", {"F": "i"}, "and or or or implies or iff", "app"),
    Refused("instance", {"F": "(and p q)", "terms": []}, "forall or exists", "and"),
    Refused("instance", {"F": f"(not {ALL})", "terms": []}, "forall or exists", "not"),
    Refused("instance", {"F": ALL, "terms": ["i", "M"]},
            "one term for each leading forall", "more terms"),
    Refused("instance", {"F": SOME, "terms": ["M", "M", "M"]},
            "one term for each leading exists", "more terms"),
    Refused("instance", {"F": ALL, "terms": ["x"]}, "sort Int for the variable", "Real"),
    Refused("instance", {"F": SOME, "terms": ["now"]}, "sort Model for the var", "Light"),
    Refused("instance", {"F": ALL, "terms": [1]}, "a list of strings", "int in it"),
    Refused("instance", {"F": ALL, "terms": ["?a"]}, "a declared constant or a variable",
            "?a"),
    Refused("instance", {"F": ALL, "terms": ["i i"]}, "one term", "2 terms"),
    Refused("instance", {"F": ALL, "terms": [""]}, "one term", "0 terms"),
    Refused("instance", {"F": ALL, "terms": ["!1"]}, "a declared constant", "!1"),
    Refused("witness", {"F": "(or p q)"}, "forall or exists", "or"),
    Refused("witness", {"F": "(exists (?a Model) (= ?a !1))"}, "a declared const", "!1"),
    Refused("witness", {"F": f"(not {SOME})"}, "forall or exists", "not"),
    Refused("witnesses", {"F": SOME, "count": 3}, "3 leading exists", "2"),
    Refused("witnesses", {"F": ALL, "count": 2}, "2 leading forall", "1"),
    Refused("witnesses", {"F": SOME, "count": -1}, "a count from 0 on", "-1"),
    Refused("witnesses", {"F": SOME, "count": True}, "count as int", "count as bool"),
    Refused("witnesses", {"F": SOME, "count": 10**18}, f"{10**18} leading exists", "2"),
    Refused("witnesses", {"F": "(or p q)", "count": 1}, "forall or exists", "or"),
    Refused("witnesses", {"F": "(exists (?a Model) (= ?a !1.1))", "count": 1},
            "a declared const", "!1.1"),
    Refused("congruence", {"l": "(f i)", "r": "(g n)"},
            "two applications of one function", "app and app"),
    Refused("congruence", {"l": "(+ i j)", "r": "(+ i n)"},
            "two applications of one function", "+ and +"),
    Refused("congruence", {"l": "(/ x y)", "r": "x"},
            "two applications of one function", "/ and app"),
    Refused("congruence", {"l": "M", "r": "N"}, "two applications of one function", "app"),
    Refused("congruence", {"l": "(if p i j)", "r": "(if q i j)"},
            "two applications of one function", "if and if"),
    Refused("congruence", {"l": "(real i)", "r": "(real j)"},
            "two applications of one function", "real and real"),
    Refused("trichotomy", {"l": "M", "r": "N"}, "a number in <", "sort Model"),
    Refused("trichotomy", {"l": "p", "r": "q"}, "a number in <", "sort Bool"),
    Refused("trichotomy", {"l": "i", "r": "x"}, "sort Int beside a Int in <", "Real"),
    Refused("natural", {"t": "i"}, "a term of sort Nat", "sort Int"),
    Refused("natural", {"t": "(+ n -1)"}, "a term of sort Nat", "sort Int"),
    Refused("natural", {"t": "(real n)"}, "a term of sort Nat", "sort Real"),
    Refused("natural", {"t": "(if p n i)"}, "a term of sort Nat", "sort Int"),
    Refused("natural", {"t": "-1"}, "a term of sort Nat", "sort Int"),
    Refused("element", {"t": "M"}, "a term of a finite sort", "sort Model"),
    Refused("element", {"t": "p"}, "a term of a finite sort", "sort Bool"),
    Refused("element", {"t": "3"}, "a term of a finite sort", "sort Nat"),
    Refused("if", {"t": "x"}, "an if", "app"),
    Refused("if", {"t": "(+ x (if p x y))"}, "an if", "+"),
    Refused("if", {"t": "(implies p q)"}, "an if", "implies"),
    Refused("if", {"t": "(and p q)"}, "an if", "and"),
    Refused("divide", {"t": "(* x y)"}, "a quotient", "*"),
    Refused("divide", {"t": "1/2"}, "a quotient", "num"),
    Refused("divide", {"t": "(+ (/ x y) 1/1)"}, "a quotient", "+"),
    Refused("induction", {"F": "(forall (?k Int) (<= (f ?k) ?k))"},
            "a formula about every Nat", "another quantifier"),
    Refused("induction", {"F": "(forall (?x Real) (<= ?x ?x))"},
            "a formula about every Nat", "another quantifier"),
    Refused("induction", {"F": "(forall (?M Model) (good ?M))"},
            "a formula about every Nat", "another quantifier"),
    Refused("induction", {"F": "(exists (?n Nat) (= (g ?n) 0))"}, "forall", "exists"),
    Refused("induction", {"F": f"(not {NAT})"}, "forall", "not"),
    Refused("clause", {"literals": [], "hints": []},
            "a conflict by unit propagation", "none from these hints"),
    Refused("clause", {"literals": ["p"], "hints": []}, "a conflict by unit prop", "none"),
    Refused("clause", {"literals": ["false"], "hints": []}, "a conflict by unit", "none"),
    Refused("clause", {"literals": ["p", "q"], "hints": []}, "a conflict by unit", "none"),
    Refused("clause", {"literals": ["(= red green)"], "hints": []}, "a conflict", "none"),
    Refused("clause", {"literals": [], "hints": [1]}, "the number of an earlier step", "1"),
    Refused("clause", {"literals": [], "hints": [0]}, "the number of an earlier step", "0"),
    Refused("clause", {"literals": [], "hints": [-1]}, "integers from 0 on", "-1"),
    Refused("clause", {"literals": [], "hints": ["1"]}, "integers from 0 on", "1"),
    Refused("clause", {"literals": [], "hints": [True]}, "integers from 0 on", "True"),
    Refused("clause", {"literals": ["i"], "hints": []}, "a formula", "a term of sort Int"),
    Refused("clause", {"literals": [3], "hints": []}, "a list of strings", "int in it"),
    Refused("clause", {"literals": ["r"], "hints": []}, "a declared constant", "r"),
]  # fmt: skip
