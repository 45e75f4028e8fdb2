"""Single changes to certificates and to problems.

A mutation takes a random generator and the decoded lines of a certificate and changes one
thing in a copy; None where it finds nothing to change.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Callable, Iterator
from fractions import Fraction
from random import Random
from typing import Any

from tests.proofs import Line
from verify.kernel.problem import Problem, scope_of
from verify.kernel.rejections import Rejected
from verify.kernel.rules import RULES
from verify.kernel.terms import BOOL, Term
from verify.kernel.text import make_term, read_tree, write_term

Lines = list[Line]
Place = tuple[Any, Any]  # a container and the key of a string in it
TOKEN = re.compile(r"[()]|[^\s()]+")
NUMERAL = re.compile(r"-?\d+(/\d+)?\Z")
OPERATORS = {
    "and": ["or"], "or": ["and"], "forall": ["exists"], "exists": ["forall"],
    "implies": ["iff", "and"], "iff": ["implies"], "+": ["*"], "*": ["+"],
    "=": ["<=", "<"], "<": ["="], "<=": ["="], "/": ["*"],
}  # fmt: skip
STRICTNESS = {"<": "<=", "<=": "<"}
TEXTS = (
    "formula", "left", "right", "term", "value", "square", "factor", "bound", "other",
)  # fmt: skip


def places(value: Any, names: tuple[str, ...] = TEXTS) -> Iterator[Place]:
    """Where strings of terms stand in a step."""
    stack = [(value, key) for key in value]
    while stack:
        container, key = stack.pop()
        item = container[key]
        if isinstance(item, str) and (key in names or isinstance(key, int)):
            yield container, key
        elif isinstance(item, list):
            stack += [(item, place) for place in range(len(item))]
        elif isinstance(item, dict):
            stack += [(item, name) for name in item]


def join(tokens: list[str]) -> str:
    text = " ".join(tokens)
    return text.replace("( ", "(").replace(" )", ")")


def change_number(random: Random, text: str) -> str:
    value = Fraction(text)
    changed = random.choice(
        [value + 1, value - 1, -value, value * 2, value / 2, Fraction(0)]
    )
    slash = "/" in text or changed.denominator != 1
    return f"{changed.numerator}/{changed.denominator}" if slash else str(changed)


def change_token(
    random: Random, text: str, swap: Callable[[str], str | None]
) -> str | None:
    """The text with one of the tokens exchanged for which `swap` has another."""
    tokens = TOKEN.findall(text)
    chosen = [
        (i, new) for i, old in enumerate(tokens) if (new := swap(old)) is not None
    ]
    if not chosen:
        return None
    place, new = random.choice(chosen)
    tokens[place] = new
    return join(tokens)


def change_text(random: Random, text: str, kind: str, names: list[str]) -> str | None:
    """One change of this kind to the text of a term or a number."""
    match kind:
        case "number":
            return change_token(
                random,
                text,
                lambda t: change_number(random, t) if NUMERAL.match(t) else None,
            )
        case "sign":
            return change_token(
                random, text,
                lambda t: (t[1:] if t[0] == "-" else f"-{t}") if NUMERAL.match(t) else None,
            )  # fmt: skip
        case "strictness":
            return change_token(random, text, STRICTNESS.get)
        case "operator":
            return change_token(
                random, text, lambda t: random.choice(OPERATORS.get(t, [None]))
            )
        case "name":
            return change_token(
                random, text, lambda t: random.choice(names) if t in names else None
            )
        case "negation":
            return (
                f"(not {text})"
                if random.random() < 0.7
                else negate_inside(random, text)
            )
    raise AssertionError(kind)


def negate_inside(random: Random, text: str) -> str | None:
    """A subformula negated."""
    tokens = TOKEN.findall(text)
    starts = [
        i for i, token in enumerate(tokens)
        if token == "(" and tokens[i + 1] in ("<", "<=", "=", "and", "or", "not")
    ]  # fmt: skip
    if not starts:
        return None
    start = random.choice(starts)
    level = 0
    for end in range(start, len(tokens)):
        level += {"(": 1, ")": -1}.get(tokens[end], 0)
        if not level:
            part = tokens[start : end + 1]
            return join([*tokens[:start], "(", "not", *part, ")", *tokens[end + 1 :]])
    return None


IN_TEXT = ("number", "sign", "strictness", "operator", "name", "negation")


def mutate_text(random: Random, lines: Lines, kind: str) -> bool:
    problem = lines[1]["text"]
    names = re.findall(r"\(symbol ([\w.]+)", problem)
    names += [
        n for row in re.findall(r"\(finite \w+ (.*)\)", problem) for n in row.split()
    ]
    for line in lines[2:]:
        if line.get("rule") == "witness":
            names.append(f"!{line['id']}")
        elif line.get("rule") == "witnesses":
            names += [f"!{line['id']}.{k}" for k in range(1, line["count"] + 1)]
    found = [place for line in lines[2:] for place in places(line)]
    random.shuffle(found)
    for container, key in found:
        changed = change_text(random, container[key], kind, names)
        if changed is not None and changed != container[key]:
            container[key] = changed
            return True
    return False


def steps_with(lines: Lines, field: str) -> list[Line]:
    return [line for line in lines[2:] if line.get(field)]


def mutate_hints(random: Random, lines: Lines) -> bool:
    chosen = steps_with(lines, "hints")
    if not chosen:
        return False
    hints = random.choice(chosen)["hints"]
    place = random.randrange(len(hints))
    match random.choice(("drop", "exchange", "replace", "repeat")):
        case "drop":
            del hints[place]
        case "exchange":
            other = random.randrange(len(hints))
            hints[place], hints[other] = hints[other], hints[place]
        case "replace":
            hints[place] = random.choice(lines[2:])["id"]
        case "repeat":
            hints.insert(place, hints[random.randrange(len(hints))])
    return True


def mutate_order(random: Random, lines: Lines) -> bool:
    if len(lines) < 4:
        return False
    one, other = random.sample(range(2, len(lines)), 2)
    if random.random() < 0.5 and "id" in lines[one] and "id" in lines[other]:
        ids = lines[one]["id"], lines[other]["id"]
        lines[other]["id"], lines[one]["id"] = ids
    lines[one], lines[other] = lines[other], lines[one]
    return True


def mutate_drop(random: Random, lines: Lines) -> bool:
    if len(lines) < 3:
        return False
    del lines[random.randrange(2, len(lines))]
    return True


def mutate_repeat(random: Random, lines: Lines) -> bool:
    if len(lines) < 3:
        return False
    place = random.randrange(2, len(lines))
    lines.insert(place, copy.deepcopy(lines[place]))
    return True


def mutate_list(random: Random, lines: Lines) -> bool:
    """An entry of a list dropped, doubled or exchanged for a text from elsewhere."""
    fields = ("literals", "multipliers", "terms", "products", "equations", "parameters")
    lists = [line[f] for line in lines[2:] for f in fields if line.get(f)]
    lists += [item["factors"] for f in lists for item in f if isinstance(item, dict) and
              item.get("factors")]  # fmt: skip
    if not lists:
        return False
    chosen = random.choice(lists)
    place = random.randrange(len(chosen))
    match random.choice(("drop", "double", "exchange", "swap")):
        case "drop":
            del chosen[place]
        case "double":
            chosen.append(copy.deepcopy(chosen[place]))
        case "exchange":
            chosen[place] = copy.deepcopy(random.choice(random.choice(lists)))
        case "swap":
            other = random.randrange(len(chosen))
            chosen[place], chosen[other] = chosen[other], chosen[place]
    return True


def mutate_index(random: Random, lines: Lines) -> bool:
    """A number that is no string: of a step, a factor, an equation or a size."""
    found: list[Place] = []
    stack: list[Any] = list(lines[2:])
    while stack:
        item = stack.pop()
        keys = range(len(item)) if isinstance(item, list) else list(item)
        for key in keys:
            if type(item[key]) is int:
                found.append((item, key))
            elif isinstance(item[key], (list, dict)):
                stack.append(item[key])
    if not found:
        return False
    container, key = random.choice(found)
    container[key] += random.choice((-1, 1, 2))
    return True


def mutate_fact(random: Random, lines: Lines) -> bool:
    names = re.findall(r"\((?:premise|admitted|lemma) (\w+)", lines[1]["text"])
    chosen = steps_with(lines, "name")
    if not chosen or len(names) < 2:
        return False
    random.choice(chosen)["name"] = random.choice(names)
    return True


def mutate_rule(random: Random, lines: Lines) -> bool:
    chosen = steps_with(lines, "rule")
    if not chosen:
        return False
    line = random.choice(chosen)
    fields = RULES[line["rule"]].fields
    alike = [
        n for n, rule in RULES.items() if rule.fields == fields and n != line["rule"]
    ]
    line["rule"] = random.choice(alike or list(RULES))
    return True


def mutate_head(random: Random, lines: Lines) -> bool:
    match random.choice(("hash", "claim", "version", "text")):
        case "hash":
            digits = list(lines[0]["problem"])
            place = random.randrange(len(digits))
            digits[place] = random.choice("0123456789abcdef".replace(digits[place], ""))
            lines[0]["problem"] = "".join(digits)
        case "claim":
            lines[0]["claim"] = random.choice(("proved", "refuted", "consistent"))
        case "version":
            lines[0]["version"] += 1
        case "text":
            lines[1]["text"] = lines[1]["text"].replace("(goal ", "(goal  ")
    return True


MUTATIONS: dict[str, Callable[[Random, Lines], bool]] = {
    **{
        kind: lambda random, lines, kind=kind: mutate_text(random, lines, kind)
        for kind in IN_TEXT
    },
    "hints": mutate_hints,
    "order": mutate_order,
    "step dropped": mutate_drop,
    "step repeated": mutate_repeat,
    "list": mutate_list,
    "index": mutate_index,
    "fact": mutate_fact,
    "rule": mutate_rule,
    "head": mutate_head,
}


def mutate(random: Random, lines: Lines) -> tuple[str, Lines]:
    """The kind of a change that applies, and the changed lines."""
    while True:
        kind = random.choice(list(MUTATIONS))
        changed = copy.deepcopy(lines)
        if MUTATIONS[kind](random, changed) and changed != lines:
            return kind, changed


def change_formula(random: Random, problem: Problem, formula: Term) -> Term | None:
    names = [symbol.name for symbol in problem.symbols]
    names += [name for sort in problem.sorts for name in sort.elements]
    changed = change_text(random, write_term(formula), random.choice(IN_TEXT), names)
    if changed is None:
        return None
    try:
        (tree,) = read_tree(changed)
        made = make_term(tree, *scope_of(problem))
    except Rejected:
        return None
    return made if made.sort == BOOL and made != formula else None


def change_problem(random: Random, problem: Problem) -> Problem:
    """Another problem: one change to a fact or to the goal, or a fact made trivial."""
    while True:
        place = random.randrange(len(problem.facts) + 1)
        if place == len(problem.facts):
            goal = change_formula(random, problem, problem.goal)
            if goal is not None:
                return problem._replace(goal=goal)
            continue
        fact = problem.facts[place]
        made = change_formula(random, problem, fact.formula)
        if made is not None:
            facts = [*problem.facts]
            facts[place] = fact._replace(formula=made)
            return problem._replace(facts=tuple(facts))
