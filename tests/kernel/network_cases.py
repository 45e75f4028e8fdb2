"""For `network`: steps accepted, and refused with their reason.

`net(x, y)` is 1/2 + relu(x - 1) - 2*relu(x - y), and `net.1(x, y)` is relu(x - 1).
"""

from __future__ import annotations

from typing import Any

from tests.kernel.arithmetic_cases import refutes
from tests.kernel.rule_cases import Accepted, Refused

Tree = list[Any]


def fields(inputs: list[str], literals: list[str], *tree: Tree) -> dict[str, Any]:
    return {"inputs": inputs, "literals": literals, "tree": list(tree)}


def leaf(*rows: int, phases: Any = (), slopes: Any = (), first: Any = ()) -> Tree:
    """A leaf with these rows, each once."""
    return ["leaf", [*first], [[k, 1] for k in rows], [*phases], [*slopes]]


XY = ["x", "y"]
BOX = ["(<= 0/1 x)", "(<= x 2/1)", "(<= 0/1 y)", "(<= y 2/1)"]
ACCEPTED: list[Accepted] = [
    refutes("network", fields([], ["(< (net 3/1 1/1) -3/2)"], leaf(0))),
    refutes("network", fields([], ["(= (net.1 3/1 1/1) 1/1)"], leaf(1))),
    refutes("network", fields(["x"], ["(<= x 0/1)", "(<= 1/1 x)"], leaf())),
    refutes("network", fields(["x"], ["(< x 0/1)", "(<= 0/1 x)"], leaf(0, 1))),
    refutes("network", fields(XY, [*BOX, "(< 3/2 (net x y))"], leaf(4, slopes=[[3, 0]]))),
    refutes("network", fields(XY, ["(< (net.1 x y) 0/1)"], leaf(0, slopes=[[2, 0]]))),
    refutes("network", fields(XY, ["(<= x y)", *BOX, "(< (net x y) 1/2)"],
            ["unit", 3, []], leaf(5, slopes=[[2, 0]], first=[[3, 1, [[0, 65536]], [], []]]),
            leaf(5, slopes=[[2, 0]]))),
    refutes("network", fields(XY, [*BOX, "(< 1/1 (net.1 x y))"],
            ["input", 0, "1", []], leaf(4), leaf(4))),
    refutes("network", fields(XY, [*BOX, "(<= (net.1 x y) (+ -3/2 x))"],
            leaf(4, slopes=[[2, 65536]]))),
    refutes("network", fields(XY, ["(<= x y)", "(< y 1/1)", "(< 0/1 (net.1 x y))"],
            ["unit", 2, []], leaf(0, 1, phases=[[2, 1]]), leaf(2))),
    refutes("network", fields(["i"], ["(<= i 3)", "(<= 4 i)"], leaf())),
    refutes("network", fields(
        ["x"], ["(<= x 1/1)", "(< 0/1 (net.1 (net.1 x 0/1) x))"], leaf(1))),
]  # fmt: skip


def refused(expected: str, got: str, *arguments: Any) -> Refused:
    return Refused("network", fields(*arguments), expected, got)


CLOSED = ["(< (net 3/1 1/1) -3/2)"]
BELOW = "a sum that is below 0 in the cell"
BOXED = [*BOX, "(< 1/1 (net.1 x y))"]
REFUSED: list[Refused] = [
    refused(BELOW, "more", [], ["(< (net 3/1 1/1) -1/2)"], leaf(0)),
    refused(BELOW, "0 and no strict row", [], ["(<= (net 3/1 1/1) -3/2)"], leaf(0)),
    refused(BELOW, "0 and no strict row", [], CLOSED, leaf()),
    refused(BELOW, "0 and no strict row", [], CLOSED, ["leaf", [], [[0, 0]], [], []]),
    refused(BELOW, "no bound", XY, ["(< 0/1 (net.1 x y))"], leaf(0)),
    refused(BELOW, "more", XY, BOXED, ["input", 0, "1", []], leaf(4), leaf(0)),
    refused("both children of every node", "1 missing", [], CLOSED),
    refused("both children of every node", "1 missing", XY, BOXED,
            ["input", 0, "1", []], leaf(4)),
    refused("a tree that ends with its last leaf", "more nodes", [], CLOSED, leaf(0),
            leaf(0)),
    refused("an input, unit or leaf node", "node", [], CLOSED, ["node", 0, []]),
    refused("an input, unit or leaf node", "3", [], CLOSED, 3),
    refused("an input, unit or leaf node", "leaf", [], CLOSED, ["leaf", [], [], []]),
    refused("the number of an input, from 0 to 1", "2", XY, BOXED, ["input", 2, "1", []]),
    refused("the number of an input, from 0 to 1", "-1", XY, BOXED,
            ["input", -1, "1", []]),
    refused("the number of an input, from 0 to 1", "True", XY, BOXED,
            ["input", True, "1", []]),
    refused("a rational p or p/q", "1.5", XY, BOXED, ["input", 0, "1.5", []]),
    refused("an input, unit or leaf node", "1", XY, BOXED, ["input", 0, 1, []]),
    refused("the number of a unit, from 2 to 4", "5", XY, BOXED, ["unit", 5, []]),
    refused("the number of a unit, from 2 to 4", "1", XY, BOXED, ["unit", 1, []]),
    refused("a relu unit not decided above", "4", XY, BOXED, ["unit", 4, []]),
    refused("a relu unit not decided above", "2", XY, BOXED, ["unit", 2, []],
            ["unit", 2, []]),
    refused("a unit decided above", "3", XY, BOXED, ["unit", 2, []],
            leaf(4, phases=[[3, 1]])),
    refused("the index of a row, from 0 to 4", "5", XY, BOXED, leaf(5)),
    refused("a list of integers from 0 on", "-1", XY, BOXED,
            ["leaf", [], [[0, -1]], [], []]),
    refused("a list of integers from 0 on", "True", XY, BOXED,
            ["leaf", [], [[0, True]], [], []]),
    refused("pairs of integers", "[0]", XY, BOXED, ["leaf", [], [[0]], [], []]),
    refused("pairs of integers", "0", XY, BOXED, ["leaf", [], [0], [], []]),
    refused("each index once", "one twice", XY, BOXED, leaf(4, 4)),
    refused("slopes from 0 to 65536", "more", XY, BOXED, leaf(4, slopes=[[2, 65537]])),
    refused("a tightening", "2", XY, BOXED, leaf(4, first=[2])),
    refused("a tightening", "'1'", XY, BOXED, leaf(4, first=[[2, "1", [], [], []]])),
    refused("side 1 or -1", "0", XY, BOXED, leaf(4, first=[[2, 0, [], [], []]])),
    refused("side 1 or -1", "True", XY, BOXED, leaf(4, first=[[2, True, [], [], []]])),
    refused("the number of a unit", "0", XY, BOXED, leaf(4, first=[[0, 1, [], [], []]])),
    refused("inputs, and networks applied to them", "another term", ["x"],
            ["(< 0/1 (net.1 x y))"], leaf(0)),
    refused("inputs, and networks applied to them", "another term", ["x"],
            ["(< 0/1 (loss M))"], leaf(0)),
    refused("a linear term", "a product", XY, ["(< 0/1 (* x y))"], leaf(0)),
    refused("a linear term", "a product", ["x"], ["(< 0/1 (net (* x x) x))"], leaf(0)),
    refused("each input once", "one twice", ["x", "x"], ["(< 0/1 x)"], leaf(0)),
    refused("a linear literal", "app", ["x"], ["p"], leaf(0)),
    refused("numbers as inputs", "not", ["M", "N"], ["(= M N)"], leaf(0)),
    refused("a list of strings", "int", [3], ["(< 0/1 x)"], leaf(0)),
]  # fmt: skip
