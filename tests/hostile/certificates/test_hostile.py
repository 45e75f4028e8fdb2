"""Certificates that must be refused, each with the reason. The kernel reads bytes that
anybody may have written; whatever they are, it ends soon and says Rejected or Declined.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.proofs import Line, certify, lines_of, rejects, step, write_lines
from verify.kernel.check import Accepted, check
from verify.kernel.rejections import Declined, Rejected

TEXT = """\
(problem 1)
(sort Model)
(symbol M () Model)
(symbol x () Real)
(symbol y () Real)
(symbol i () Int)
(symbol p () Bool)
(premise P1 (< x y))
(premise P2 (<= y 1/2))
(premise P3 (exists (?m Model) (not (= ?m M))))
(goal (< x 1/2))
"""
STEPS = [
    step(1, "premise", name="P1"),
    step(2, "premise", name="P2"),
    step(3, "goal"),
    step(4, "farkas", literals=["(< x y)", "(<= y 1/2)", "(not (< x 1/2))"],
         multipliers=["2", "1", "1"]),
    step(5, "clause", literals=[], hints=[1, 2, 3, 4]),
]  # fmt: skip
GOOD = certify(TEXT, "proved", *STEPS)
OTHER = TEXT.replace("(goal (< x 1/2))", "(goal (< x 1/3))")


def run(evidence: str, text: str = TEXT) -> Accepted:
    return check(text, evidence)


def test_the_certificate_that_is_spoilt_below_is_accepted() -> None:
    assert run(GOOD).uses == ("P1", "P2")


def with_steps(*lines: Line) -> str:
    return certify(TEXT, "proved", *lines)


def changed(place: int, **fields: Any) -> str:
    """The certificate with fields of one line changed; `None` removes a field."""
    lines = lines_of(GOOD)
    for name, value in fields.items():
        if value is None:
            del lines[place][name]
        else:
            lines[place][name] = value
    return write_lines(lines)


def raw(old: str, new: str) -> str:
    """The certificate's text with something replaced that JSON would not write."""
    assert GOOD.count(old) == 1, old
    return GOOD.replace(old, new)


Case = tuple[str, str, str, str, int | None, type[Rejected]]


def case(
    evidence: str,
    expected: str,
    got: str = "",
    rule: str = "",
    number: int | None = None,
) -> Case:
    return evidence, expected, got, rule, number, Rejected


def declined(
    evidence: str,
    expected: str,
    got: str = "",
    rule: str = "",
    number: int | None = None,
) -> Case:
    return evidence, expected, got, rule, number, Declined


WITNESS = "(exists (?m Model) (not (= ?m M)))"
CASES = {
    "empty": case("", "a header, a problem and steps", "0 lines"),
    "one line feed": case("\n", "a header, a problem and steps", "1 lines"),
    "header only": case(GOOD.split("\n")[0] + "\n", "a header, a problem", "1 lines"),
    "no steps": case(with_steps(), "the empty clause last", "step 0"),
    "for another claim": case(
        certify(OTHER, "proved", *STEPS), "a certificate for this problem", "another"
    ),
    "hash of another claim": case(
        changed(0, problem="0" * 64), "a certificate for this problem", "another"
    ),
    "text of another claim": case(
        changed(1, text=OTHER), "a certificate for this problem", "another"
    ),
    "other claim, model": case(
        changed(0, claim="refuted"), "the fields symbol, parameters, value", "id, rule"
    ),
    "another format": declined(changed(0, format="drat"), "verify certificate version 1", "drat"),
    "an old version": declined(changed(0, version=0), "verify certificate version 1", "0"),
    "a new version": declined(changed(0, version=2), "verify certificate version 1", "2"),
    "an unknown claim": declined(changed(0, claim="valid"), "a claim among", "valid"),
    "version true": case(changed(0, version=True), "version as int", "version as bool"),
    "version as text": case(changed(0, version="1"), "version as int", "version as str"),
    "version as float": case(raw('"version": 1', '"version": 1.0'), "integers and strings", "1.0"),
    "header with a note": case(changed(0, note=""), "the fields format", "note"),
    "header without claim": case(changed(0, claim=None), "the fields format", "format"),
    "negative multiplier": case(
        changed(5, multipliers=["2", "-1", "1"]), "a multiplier from 0 on", "-1", "farkas", 4
    ),
    "all multipliers zero": case(
        changed(5, multipliers=["0", "0", "0"]), "a false constant", "0 >= 0", "farkas", 4
    ),
    "strict literal with multiplier zero": case(
        changed(5, literals=["(< x y)", "(<= y x)"], multipliers=["0", "0"]),
        "a false constant", "0 >= 0", "farkas", 4,
    ),
    "strict for weak": case(
        changed(5, literals=["(< x y)", "(<= y 1/2)", "(not (<= x 1/2))"]),
        "a conflict by unit propagation", "none", "clause", 5,
    ),
    "weak for strict": case(
        changed(5, literals=["(<= x y)", "(<= y 1/2)", "(not (< x 1/2))"]),
        "a false constant", "0 >= 0", "farkas", 4,
    ),
    "missing branch": case(
        certify(
            TEXT.replace("(premise P1 (< x y))", "(premise P1 (or (< x y) p))"), "proved",
            *STEPS,
        ),
        "a certificate for this problem", "another",
    ),
    "missing literal": case(
        changed(5, literals=["(< x y)", "(<= y 1/2)"], multipliers=["2", "1"]),
        "a sum in which every term cancels", "2 left", "farkas", 4,
    ),
    "huge rational": case(
        changed(5, multipliers=["9" * 1_000_000, "1", "1"]), "a rational p or p/q", "999",
        "farkas", 4,
    ),
    "huge denominator": case(
        changed(5, multipliers=["1/" + "9" * 1_000_000, "1", "1"]), "a rational p or p/q",
        "1/999", "farkas", 4,
    ),
    "denominator nought": case(
        changed(5, multipliers=["1/0", "1", "1"]), "a rational p or p/q", "1/0", "farkas", 4
    ),
    "minus nought": case(
        changed(5, multipliers=["-0", "-0", "-0"]), "a false constant", "0 >= 0", "farkas", 4
    ),
    "exponent in a string": case(
        changed(5, multipliers=["1e3", "1", "1"]), "a rational p or p/q", "1e3", "farkas", 4
    ),
    "NaN in a string": case(
        changed(5, multipliers=["NaN", "1", "1"]), "a rational p or p/q", "NaN", "farkas", 4
    ),
    "decimal in a string": case(
        changed(5, multipliers=["2.0", "1", "1"]), "a rational p or p/q", "2.0", "farkas", 4
    ),
    "number for a string": case(
        changed(5, multipliers=[2, "1", "1"]), "a list of strings", "int in it", "farkas", 4
    ),
    "string for a number": case(changed(2, id="1"), "id as int", "id as str", "premise", 0),
    "string for a list": case(
        changed(5, multipliers="211"), "multipliers as list", "multipliers as str", "farkas", 4
    ),
    "null for a list": case(
        raw('"hints": [1, 2, 3, 4]', '"hints": null'), "hints as list", "NoneType", "clause", 5
    ),
    "float field": case(raw('"id": 1', '"id": 1.0'), "integers and strings", "1.0"),
    "float id with exponent": case(raw('"id": 1', '"id": 1e0'), "integers and strings", "1e0"),
    "NaN": case(raw('"id": 1', '"id": NaN'), "integers and strings", "NaN"),
    "true for 1": case(changed(2, id=True), "id as int", "id as bool", "premise", 0),
    "true in hints": case(
        changed(6, hints=[True, 2, 3, 4]), "integers from 0 on", "True", "clause", 5
    ),
    "minus nought for an id": case(
        raw('"id": 1', '"id": -0'), "a step number above 0", "0", "premise", 0
    ),
    "hint -1": case(changed(6, hints=[-1]), "integers from 0 on", "-1", "clause", 5),
    "hint out of range": case(
        changed(6, hints=[1, 2, 3, 99]), "the number of an earlier step", "99", "clause", 5
    ),
    "hint to itself": case(
        changed(6, hints=[5]), "the number of an earlier step", "5", "clause", 5
    ),
    "hint nought": case(changed(6, hints=[0]), "the number of an earlier step", "0", "clause", 5),
    "a hint dropped": case(changed(6, hints=[1, 2, 3]), "a conflict by", "none", "clause", 5),
    "step id repeated": case(changed(3, id=1), "a step number above 1", "1", "premise", 1),
    "step ids decreasing": case(changed(4, id=1), "a step number above 2", "1", "goal", 1),
    "huge step id": case(
        raw('"id": 5', '"id": ' + "9" * 5_000), "one JSON object a line", "digits"
    ),
    "unknown rule": declined(changed(2, rule="trust"), "a rule among", "trust", "trust", 1),
    "rule as a list": declined(
        changed(2, rule=["premise"]), "a rule among", "premise", "['premise']", 1
    ),
    "unknown field": case(
        changed(2, trusted="yes"), "the fields id, rule, name", "trusted", "premise", 1
    ),
    "missing field": case(changed(2, name=None), "the fields id, rule", "id", "premise", 1),
    "missing rule": declined(changed(2, rule=None), "a rule among", "None", "None", 1),
    "duplicate key": case(
        raw('"rule": "goal"', '"rule": "goal", "rule": "goal"'), "each key once", "duplicate"
    ),
    "duplicate claim": case(
        raw('"claim": "proved"', '"claim": "refuted", "claim": "proved"'), "each key once", ""
    ),
    "not an object": case(GOOD + "[]\n", "one JSON object a line", "list"),
    "two objects a line": case(GOOD[:-1] + "{}\n", "one JSON object a line", "Extra data"),
    "no line feed at the end": case(GOOD[:-1], "whole lines", "more"),
    "an empty line": case(GOOD + "\n", "one JSON object a line", "Expecting value"),
    "a byte order mark": case("\ufeff" + GOOD, "one JSON object a line", "BOM"),
    "a null character": case(GOOD + "\0\n", "one JSON object a line", "Expecting value"),
    "deep nesting": case(
        GOOD + '{"a":' + "[" * 100_000 + "]" * 100_000 + "}\n", "one JSON object a line",
        "recursion",
    ),
    "deep term": case(
        changed(5, literals=["(" * 100_000 + ")" * 100_000, "p", "p"]), "less nesting",
        "801 levels", "farkas", 4,
    ),
    "deep negation": case(
        changed(5, literals=["(not " * 790 + "p" + ")" * 790, "p", "p"]), "a linear literal",
        "app", "farkas", 4,
    ),
    "a term that is no term": case(
        changed(5, literals=["(< x", "p", "p"]), "balanced parentheses", "(", "farkas", 4
    ),
    "a letter that looks like x": case(
        changed(5, literals=["(< \N{CYRILLIC SMALL LETTER HA} y)", "p", "p"]), "ASCII text", "",
        "farkas", 4,
    ),
    "a wide digit": case(
        changed(5, multipliers=["\N{FULLWIDTH DIGIT TWO}", "1", "1"]), "a rational p or p/q",
        "\N{FULLWIDTH DIGIT TWO}", "farkas", 4,
    ),
    "half a surrogate": case(
        raw('"name": "P2"', '"name": "\\ud800"'), "the name of a fact", "\ud800", "premise", 2
    ),
    "an undeclared symbol": case(
        changed(5, literals=["(< z y)", "p", "p"]), "a declared constant", "z", "farkas", 4
    ),
    "ill-sorted": case(
        changed(5, literals=["(< i y)", "p", "p"]), "beside a Int in <", "Real", "farkas", 4
    ),
    "index -1": case(
        with_steps(step(1, "product", literals=["(< x y)"], equations=[],
                        products=[{"multiplier": "1", "factors": [-1], "square": ""}])),
        "integers from 0 on", "-1", "product", 1,
    ),
    "index -1 of an equation": case(
        with_steps(step(1, "product", literals=["(= x y)"], products=[],
                        equations=[{"literal": -1, "factor": "x"}])),
        "the index of one of 1 literals", "-1", "product", 1,
    ),
    "index out of range": case(
        with_steps(step(1, "product", literals=["(< x y)"], equations=[],
                        products=[{"multiplier": "1", "factors": [1], "square": ""}])),
        "the index of one of 1 literals", "1", "product", 1,
    ),
    "zero times zero": case(
        with_steps(step(1, "product", literals=["(< x y)"], equations=[],
                        products=[{"multiplier": "0", "factors": [0, 0], "square": ""}])),
        "a false constant", "0 >= 0", "product", 1,
    ),
    "a lemma of its own": case(
        with_steps(step(1, "lemma", name="goal")), "the name of a fact", "goal", "lemma", 1
    ),
    "a lemma that is a premise": case(
        with_steps(step(1, "lemma", name="P1")), "premise P1", "lemma", "lemma", 1
    ),
    "a witness before it is made": case(
        with_steps(step(1, "natural", term="!2")), "a declared constant", "!2", "natural", 1
    ),
    "a witness in its own formula": case(
        with_steps(step(1, "witness", formula="(exists (?m Model) (= ?m !1))")),
        "a declared constant", "!1", "witness", 1,
    ),
    "a witness of no quantifier": case(
        with_steps(step(1, "witness", formula="(< x y)")), "forall or exists", "not",
        "witness", 1,
    ),
    "a quantifier without body": case(
        with_steps(step(1, "witness", formula="(exists (?m Model))")), "a declared const",
        "Model", "witness", 1,
    ),
    "a quantifier over nothing known": case(
        with_steps(step(1, "witness", formula="(exists (?m Machine) p)")), "a binder", "Machine",
        "witness", 1,
    ),
    "two terms": case(
        with_steps(step(1, "instance", formula=f"{WITNESS} {WITNESS}", terms=[])), "one term",
        "2 terms", "instance", 1,
    ),
    "an instance too many": case(
        with_steps(step(1, "instance", formula=WITNESS, terms=["M", "M"])),
        "one term for each leading exists", "more", "instance", 1,
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_refused_for_the_expected_reason(name: str) -> None:
    evidence, expected, got, rule, number, kind = CASES[name]
    with rejects(expected, got, rule=rule, step=number, kind=kind):
        run(evidence)


def test_a_problem_cannot_declare_what_looks_like_a_witness() -> None:
    text = TEXT.replace(
        "(symbol p () Bool)", "(symbol p () Bool)\n(symbol !1 () Model)"
    )
    with rejects("a name", "!1"):
        check(text, certify(text, "proved", *STEPS))


def test_two_witnesses_do_not_meet() -> None:
    """P3 says of its witness what it does not say of M, or of another witness."""
    lines = [
        step(1, "premise", name="P3"),
        step(2, "witness", formula=WITNESS),
        step(3, "witness", formula=WITNESS),
        step(4, "clause", literals=["(= !2 !3)"], hints=[1, 2, 3]),
    ]
    with rejects("a conflict by unit propagation", rule="clause", step=4):
        run(with_steps(*lines))


def test_cut_at_any_byte_it_is_refused() -> None:
    content = GOOD.encode()
    for length in range(len(content)):
        with pytest.raises(Rejected) as caught:
            run(content[:length].decode())
        reasons = ("a header, a problem", "whole lines", "the empty clause last")
        assert caught.value.expected.startswith(reasons)


def flipped(content: bytes) -> list[str]:
    """Every text that differs from the content in one bit and is still UTF-8."""
    out = []
    for place in range(len(content)):
        for bit in range(8):
            spoilt = bytearray(content)
            spoilt[place] ^= 1 << bit
            try:
                out.append(spoilt.decode())
            except UnicodeDecodeError:
                continue
    return out


def same_claim(one: list[Line], other: list[Line]) -> bool:
    """The same header and problem, and the same steps but for the numbers of steps."""
    strip: Callable[[Line], Line] = lambda line: {**line, "id": 0}  # noqa: E731
    return one[:2] == other[:2] and list(map(strip, one)) == list(map(strip, other))


def test_with_any_bit_flipped_it_is_refused_or_says_the_same() -> None:
    texts = flipped(GOOD.encode())
    assert len(texts) > 4_500
    accepted = 0
    for spoilt in texts:
        try:
            run(spoilt)
        except Rejected:
            continue
        accepted += 1
        assert same_claim(lines_of(spoilt), lines_of(GOOD)), spoilt
    assert accepted < 40, "white space, and higher numbers of the last step"


MODEL_TEXT = "(problem 1)\n(sort Model)\n(symbol f (Nat) Int)\n(premise P1 (= (f 2) 3))\n" \
    "(goal (forall (?n Nat) (<= (f ?n) 3)))\n"  # fmt: skip
MODEL = certify(
    MODEL_TEXT, "refuted", {"sort": "Model", "size": 2},
    {"symbol": "f", "parameters": ["?n"], "value": "(+ ?n 1)"},
)  # fmt: skip


def test_a_model_with_any_bit_flipped() -> None:
    """f(2) = 3 and f(n) > 3 somewhere: judged here by trying values."""
    assert check(MODEL_TEXT, MODEL).claim == "refuted"
    for spoilt in flipped(MODEL.encode()):
        try:
            check(MODEL_TEXT, spoilt)
        except Rejected:
            continue
        head, problem, size, function = lines_of(spoilt)
        assert [head, problem] == lines_of(MODEL)[:2]
        assert 1 <= size["size"] <= 100
        body = function["value"].replace(function["parameters"][0], "n").strip("()")
        op, *parts = body.split()
        assert (op, sorted(parts)) == ("+", ["1", "n"]), function


def test_the_claim_cannot_be_exchanged() -> None:
    head, *rest = MODEL.splitlines(keepends=True)
    proved = json.dumps({**json.loads(head), "claim": "proved"}) + "\n"
    with rejects("a rule among", rule="None", step=0, kind=Declined):
        check(MODEL_TEXT, "".join([proved, *rest]))
    consistent = json.dumps({**json.loads(head), "claim": "consistent"}) + "\n"
    assert check(MODEL_TEXT, "".join([consistent, *rest])).claim == "consistent"
