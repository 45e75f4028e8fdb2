"""For `extremum`, `total`, `cases` and `fit`: steps accepted, and refused with their reason.

`low` is the infimum of p*p + x-free 1, `top` the supremum of net(p, 0) for p from 0 to 2,
`sum` the sum of p*q over p, q in {-1, 0, 2}.
"""

from __future__ import annotations

from typing import Any

from tests.kernel.rule_cases import Accepted, Refused

LOW = "(forall (?p Real) (<= {} (+ 1/1 (* ?p ?p))))"
TOP = "(forall (?p Real) (implies (and (<= 0/1 ?p) (<= ?p 2/1)) (<= (net ?p 0/1) {})))"
ABOVE = "(forall (?c Real) (<= {} (+ (if (<= 0/1 ?c) ?c (* -1/1 ?c)) (if (<= 0/1 (+ ?c {y})) (+ ?c {y}) (* -1/1 (+ ?c {y}))))))"
SQUARE = "(forall (?a Real) (implies (or (= ?a 1/1) (= ?a -1/1)) (= (* ?a ?a) 1/1)))"


def fit(**changes: Any) -> dict[str, Any]:
    return {
        "loss": "l1", "points": [["0/1"], ["0/1"]], "targets": ["0/1", "1/1"],
        "offsets": ["0/1", "0/1"], "hidden": 0, "constant": True, "bound": "1",
        "values": [], "duals": [["-1", "1"]], **changes,
    }  # fmt: skip


ACCEPTED: list[Accepted] = [
    Accepted("extremum", {"name": "low", "bound": "1/1", "other": "2/1"}, [
        [f"(not {LOW.format('1/1')})", LOW.format("2/1"), "(<= 1/1 low)"],
        [f"(not {LOW.format('1/1')})", LOW.format("low")],
    ]),
    Accepted("extremum", {"name": "top", "bound": "x", "other": "y"}, [
        [f"(not {TOP.format('x')})", TOP.format("y"), "(<= top x)"],
        [f"(not {TOP.format('x')})", TOP.format("top")],
    ]),
    Accepted("total", {"name": "sum", "values": []}, [["(= sum 1/1)"]]),
    Accepted("total", {"name": "sum", "values": [["x", "1/2"]]}, [
        ["(not (= x 1/2))", "(= sum 1/1)"],
    ]),
    Accepted("cases", {"formula": SQUARE, "values": []}, [[SQUARE]]),
    Accepted("cases", {"formula": "(< x 2/1)", "values": [["x", "1"]]}, [
        ["(not (= x 1/1))", "(< x 2/1)"],
    ]),
    Accepted("fit", fit(), [[ABOVE.format("1/1", y="-1/1")]]),
    Accepted("fit", fit(targets=["0/1", "y"], values=[["y", "1"]]), [
        ["(not (= y 1/1))", ABOVE.format("1/1", y="(* -1/1 y)")],
    ]),
]  # fmt: skip
REFUSED: list[Refused] = [
    Refused("extremum", {"name": "sum", "bound": "1/1", "other": "2/1"},
            "an infimum or a supremum", "a total"),
    Refused("extremum", {"name": "x", "bound": "1/1", "other": "2/1"},
            "the name of a declared quantity", "x"),
    Refused("extremum", {"name": "low", "bound": "i", "other": "2/1"},
            "sort Real for the variable v", "sort Int"),
    Refused("total", {"name": "low", "values": []}, "a total", "an infimum or a supremum"),
    Refused("total", {"name": "net", "values": []}, "the name of a declared quantity", "net"),
    Refused("cases", {"formula": SQUARE.replace("1/1)))", "2/1)))"), "values": []},
            "a formula that holds in each case", "one that does not"),
    Refused("cases", {"formula": "(< x 2/1)", "values": [["x", "2"]]},
            "a formula that holds in each case", "one that does not"),
    Refused("cases", {"formula": "(< i 2)", "values": []},
            "arithmetic over the variables bound in front", "app"),
    Refused("fit", fit(bound="3/2"), "dual vectors of value 3/2", "1"),
    Refused("fit", fit(duals=[]), "a dual vector", "none"),
    Refused("fit", fit(targets=["0/1", "y"]), "numerals, or terms with values", "another"),
    Refused("fit", fit(duals=[["-1", "0"]]), "dual vectors of sum 0", "another sum"),
]  # fmt: skip
