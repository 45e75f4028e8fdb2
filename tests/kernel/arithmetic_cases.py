"""For `farkas`, `combine` and `product`: steps accepted with their clauses, and refused.

`lits` are literals, `q` multipliers; a product is written (multiplier, factors, square),
an equation (literal, factor).
"""

from __future__ import annotations

from typing import Any

from tests.kernel.rule_cases import Accepted, Refused

Products = list[tuple[str, list[int], str]]
Equations = list[tuple[int, str]]


def combination(lits: list[str], q: list[str]) -> dict[str, Any]:
    return {"literals": lits, "multipliers": q}


def products(
    lits: list[str],
    parts: Products,
    equations: Equations = [],  # noqa: B006
) -> dict[str, Any]:
    return {
        "literals": lits,
        "products": [
            {"multiplier": m, "factors": f, "square": s} for m, f, s in parts
        ],
        "equations": [{"literal": n, "factor": f} for n, f in equations],
    }  # fmt: skip


def negated(*literals: str) -> list[list[str]]:
    return [[f"(not {literal})" for literal in literals]]


def refutes(rule: str, fields: dict[str, Any]) -> Accepted:
    """An accepted step whose only clause is that not all its literals hold."""
    return Accepted(rule, fields, negated(*fields["literals"]))


CHAIN = ["(<= x y)", "(<= y (h x i))", "(< (h x i) x)"]
AMGM = ["(< (* 1/2 (+ (* x x) (* y y))) (* x y))"]

ACCEPTED = [
    refutes("farkas", combination(["(< x 0/1)", "(<= 0/1 x)"], ["1", "1"])),
    refutes("farkas", combination(CHAIN, ["1", "1", "1"])),
    refutes("farkas", combination(["(<= x 1/3)", "(<= 1/2 x)"], ["7/3", "7/2"])),
    refutes("farkas", combination(["(= x 1/1)", "(= x 2/1)"], ["-1", "1"])),
    refutes("farkas", combination(["(= x 1/1)", "(<= x 0/1)"], ["1", "1"])),
    refutes("farkas", combination(["(< i 1)", "(< 0 i)"], ["1", "1"])),
    refutes("farkas", combination(["(< (* 3 i) 3)", "(< 0 (* 3 i))"], ["1", "1"])),
    refutes("farkas", combination(["(<= x 0/1)", "(<= 1/1 x)"], ["2", "2"])),
    refutes("farkas", combination(["(< x y)", "(< y x)"], ["1", "1"])),
    refutes("farkas", combination(["(<= (* x y) 0/1)", "(<= 1/1 (* y x))"], ["1", "1"])),
    refutes("farkas", combination(["(< x 0/1)", "(<= 0/1 x)", "(<= y 5/1)"],
                                  ["1", "1", "0"])),
    Accepted("combine", combination(["(<= x y)", "(<= y 1/1)"], ["1", "1"]),
             [["(not (<= x y))", "(not (<= y 1/1))", "(<= x 1/1)"]]),
    Accepted("combine", combination(["(<= (* 2 i) (* 2 j))", "(<= (* 2 j) 3)"], ["1", "1"]),
             [["(not (<= i j))", "(not (<= (* 2 j) 3))", "(<= i 1)"]]),
    Accepted("combine", combination(["(<= (+ (* 3 i) (* -1 j)) 0)", "(<= (+ i j) 1)"],
                                    ["1/4", "1/4"]),
             [["(not (<= (* 3 i) j))", "(not (<= (+ i j) 1))", "(<= i 0)"]]),
    Accepted("combine", combination(["(= (* 2/1 x) 1/1)", "(= y 1/1)"], ["2", "-1/3"]),
             [["(not (= x 1/2))", "(not (= y 1/1))", "(= (* 12/1 x) (+ y 5/1))"]]),
    Accepted("combine", combination(["(= (* 3 i) (* 6 j))"], ["1/7"]),
             [["(not (= i (* 2 j)))", "(= i (* 2 j))"]]),
    Accepted("combine", combination(["(= x 1/1)", "(<= y x)"], ["1", "1"]),
             [["(not (= x 1/1))", "(not (<= y x))", "(<= y (+ (* 2/1 x) -1/1))"]]),
    Accepted("combine", combination(["(= x 1/1)", "(<= y x)"], ["-1", "1"]),
             [["(not (= x 1/1))", "(not (<= y x))", "(<= y 1/1)"]]),
    Accepted("combine", combination(["(< x 0/1)"], ["1"]),
             [["(not (< x 0/1))", "(<= x 0/1)"]]),
    Accepted("combine", combination([], []), [["true"]]),
    Accepted("combine", combination(["(<= x 0/1)"], ["0"]),
             [["(not (<= x 0/1))", "true"]]),
    refutes("product", products(["(< x 0/1)", "(< 0/1 x)"],
                                [("1", [0, 1], ""), ("1", [], "x")])),
    refutes("product", products(AMGM, [("1", [0], ""),
                                       ("1/4", [], "(+ (* 2/1 x) (* -2/1 y))")])),
    refutes("product", products(["(<= 1/1 x)", "(<= 1/1 y)", "(< (* x y) 1/1)"],
                                [("1", [0, 1], ""), ("1", [0], ""), ("1", [1], ""),
                                 ("1", [2], "")])),
    refutes("product", products(["(= (* x x) -1/1)"], [("1", [], "x")], [(0, "-1/1")])),
    refutes("product", products(["(= x 0/1)", "(< 0/1 (* x y))"], [("1", [1], "")],
                                [(0, "(* -1/1 y)")])),
    refutes("product", products(["(< (real n) 0/1)", "(<= 0/1 (real n))"],
                                [("1", [0], ""), ("1", [1], "")])),
    refutes("product", products(["(<= x 0/1)", "(< 0/1 x)"],
                                [("1", [0, 1, 1], ""), ("1", [1, 1, 1], "")])),
    refutes("product", products(["(<= (* x x x) -1/1)", "(<= 0/1 x)"],
                                [("1", [0], ""), ("1", [1], "x")])),
]  # fmt: skip
CANCELS = "a sum in which every term cancels"
FALSE = "a false constant"

REFUSED = [
    Refused("farkas", combination(["(<= x 0/1)", "(<= 0/1 x)"], ["1", "1"]), FALSE, "0 >= 0"),
    Refused("farkas", combination(["(< x 0/1)", "(<= 0/1 x)"], ["0", "0"]), FALSE, "0 >= 0"),
    Refused("farkas", combination(["(< x 0/1)", "(< 0/1 y)"], ["0", "0"]), FALSE, "0 >= 0"),
    Refused("farkas", combination([], []), FALSE, "0 >= 0"),
    Refused("farkas", combination(["(<= x 1/1)", "(<= 0/1 x)"], ["1", "1"]), FALSE, "1 >= 0"),
    Refused("farkas", combination(["(< x 1/1)", "(< 0/1 x)"], ["1", "1"]), FALSE, "1 > 0"),
    Refused("farkas", combination(["(< x 0/1)", "(<= 1/1 x)"], ["1", "2"]), CANCELS,
            "2 left"),
    Refused("farkas", combination(["(< x 0/1)", "(<= 0/1 y)"], ["1", "1"]), CANCELS,
            "2 left"),
    Refused("farkas", combination(["(< x 0/1)", "(< x 1/1)"], ["1", "-1"]),
            "a multiplier from 0 on", "-1"),
    Refused("farkas", combination(["(< x 0/1)", "(<= 0/1 x)"], ["-1", "-1"]),
            "a multiplier from 0 on", "-1"),
    Refused("farkas", combination(["(< x 0/1)", "(<= 0/1 x)"], ["1"]), "2 multipliers", "1"),
    Refused("farkas", combination(["(< x 0/1)"], ["1", "1"]), "1 multipliers", "2"),
    Refused("farkas", combination(["(< x 0/1)"], ["1/0"]), "a rational p or p/q", "1/0"),
    Refused("farkas", combination(["(< x 0/1)"], ["0.5"]), "a rational p or p/q", "0.5"),
    Refused("farkas", {"literals": ["(< x 0/1)"], "multipliers": [1]}, "a list of strings",
            "int in it"),
    Refused("farkas", combination(["(not (= x 0/1))"], ["1"]), "a linear literal", "not"),
    Refused("farkas", combination(["p"], ["1"]), "a linear literal", "app"),
    Refused("farkas", combination(["(and (< x y) (< y x))"], ["1"]), "a linear literal",
            "and"),
    Refused("farkas", combination(["false"], ["1"]), "a linear literal", "false"),
    Refused("farkas", combination(["(< x x)"], ["1"]), "a linear literal", "false"),
    Refused("farkas", combination(["x"], ["1"]), "sort Bool in not", "sort Real"),
    Refused("farkas", combination(["(iff p q)"], ["1"]), "a linear literal", "iff"),
    Refused("farkas", combination(["(= M N)", "(= N M)"], ["1", "1"]), CANCELS, "2 left"),
    Refused("farkas", combination(["(= M N)", "(= N M)"], ["1", "-1"]), FALSE, "0 >= 0"),
    Refused("farkas", combination(["(= now red)", "(= now green)"], ["1", "-1"]), CANCELS,
            "2 left"),
    Refused("combine", combination(["(<= x y)"], ["-1"]), "a multiplier from 0 on", "-1"),
    Refused("combine", combination(["(= x y)", "(<= x y)"], ["1", "-1/2"]),
            "a multiplier from 0 on", "-1/2"),
    Refused("combine", combination(["(<= x y)"], []), "1 multipliers", "0"),
    Refused("combine", combination(["(<= x y)"], ["1", "1"]), "1 multipliers", "2"),
    Refused("combine", combination(["(not (= i j))"], ["1"]), "a linear literal", "not"),
    Refused("combine", combination(["(good M)"], ["1"]), "a linear literal", "app"),
    Refused("combine", combination(["(= M N)"], ["2"]), "an equation between two terms",
            "2 terms"),
    Refused("combine", combination(["(= M N)", "(= M (best M N))"], ["3", "1"]),
            "an equation between two terms", "3 terms"),
    Refused("combine", combination(["(= M N)", "(= now red)"], ["1", "1"]),
            "an equation between two terms", "4 terms"),
    Refused("combine", combination(["(= M N)", "(= x 1/1)"], ["1", "1"]),
            "an equation between two terms", "4 terms"),
    Refused("combine", combination(["(= M N)", "(<= 0/1 x)"], ["1", "1"]),
            "", "sort Model"),
    Refused("combine", combination(["(<= 0/1 x)"], ["1e3"]), "a rational p or p/q", "1e3"),
    Refused("product", products(["(<= x 0/1)", "(< 0/1 x)"],
                                [("1", [0, 1], ""), ("1", [], "x")]), FALSE, "0 >= 0"),
    Refused("product", products(["(< 0/1 x)"], [("0", [0], "")]), FALSE, "0 >= 0"),
    Refused("product", products(["(< 0/1 x)"], []), FALSE, "0 >= 0"),
    Refused("product", products([], [("1", [], "")]), FALSE, "1 >= 0"),
    Refused("product", products([], [("0", [], "")]), FALSE, "0 >= 0"),
    Refused("product", products(["(< 0/1 x)"], [("1", [0], "0/1")]), FALSE, "0 >= 0"),
    Refused("product", products(["(< 0/1 x)"], [("1", [0], "")]), CANCELS, "1 left"),
    Refused("product", products(["(= x 0/1)"], [("1", [0], "")]),
            "inequalities as factors", "an equation"),
    Refused("product", products(["(<= x 0/1)"], [], [(0, "1/1")]), "an equation",
            "an inequality"),
    Refused("product", products(["(<= x 0/1)"], [("-1", [0], "")]), "a multiplier from 0 on",
            "-1"),
    Refused("product", products(["(<= x 0/1)"], [("1", [1], "")]),
            "the index of one of 1 literals", "1"),
    Refused("product", products(["(<= x 0/1)"], [("1", [-1], "")]), "integers from 0 on",
            "-1"),
    Refused("product", products(["(= x 0/1)"], [], [(-1, "x")]),
            "the index of one of 1 literals", "-1"),
    Refused("product", products(["(= x 0/1)"], [], [(1, "x")]),
            "the index of one of 1 literals", "1"),
    Refused("product", products([], [("x", [], "")]), "a rational p or p/q", "x"),
    Refused("product", products(["p"], []), "a linear literal", "app"),
    Refused("product", {"literals": [], "products": [3], "equations": []},
            "a list of objects", "other items"),
    Refused("product", {"literals": [], "products": [], "equations": [[]]},
            "a list of objects", "other items"),
    Refused("product", {"literals": [], "products": [{"multiplier": "1", "factors": []}],
                        "equations": []}, "the fields multiplier, factors, square",
            "factors"),
    Refused("product", {"literals": ["(= x 0/1)"], "products": [],
                        "equations": [{"literal": True, "factor": "x"}]}, "literal as int",
            "literal as bool"),
    Refused("product", {"literals": [], "equations": [], "products":
                        [{"multiplier": 1, "factors": [], "square": ""}]},
            "multiplier as str", "multiplier as int"),
    Refused("product", {"literals": [], "equations": [], "products":
                        [{"multiplier": "1", "factors": ["0"], "square": ""}]},
            "a list of integers from 0 on", "0"),
    Refused("product", products([], [("1", [], "z")]), "a declared constant", "z"),
]  # fmt: skip
