"""Every mistake people make is answered with its place, what was found, and the fix.

Three tables of texts that follow the prelude of reading.py: mistakes of writing, of
meaning, and in what is said about statements.
"""

from __future__ import annotations

import pytest

from tests.language.reading import mistake, read

# text, line, column, part of the message, part of the fix
WRITING = [
    ("premise Q: x == y", 1, 14, "`==` is no operator", "write ="),
    ("premise Q: x === y", 1, 14, "`===`", "write ="),
    ("premise Q: p && q", 1, 14, "`&&`", "write and"),
    ("premise Q: p & q", 1, 14, "`&`", "write and"),
    ("premise Q: p || q", 1, 14, "`||`", "write or"),
    ("premise Q: !p", 1, 12, "`!`", "write not"),
    ("premise Q: p => q", 1, 14, "`=>`", "write implies"),
    ("premise Q: p <=> q", 1, 14, "`<=>`", "write iff"),
    ("premise Q: x =< y", 1, 14, "`=<`", "write <="),
    ("premise Q: x <> y", 1, 14, "`<>`", "write !="),
    ("premise Q: x /= y", 1, 14, "`/=`", "write !="),
    ("premise Q: x ** 2 = 1", 1, 14, "`**`", "write ^"),
    ("premise Q: x // y = 1", 1, 14, "`//`", "write /"),
    ("premise Q: |x| = 1", 1, 12, "`|`", "abs(x)"),
    ("premise Q: [x] = 1", 1, 12, "`[`", "parentheses"),
    ("premise Q: 50% < x", 1, 14, "`%`", "p/100"),
    ("premise Q: x' = 1", 1, 13, "`'`", "prime"),
    ("premise Q: x @ 1", 1, 14, "`@` has no meaning", "delete it"),
    ("premise Q: x \u2208 y", 1, 14, "U+2208", "write in"),
    ("premise Q: p \u2192 q", 1, 14, "U+2192", "implies"),
    ("premise Q: x \u2212 y = 0", 1, 14, "U+2212", "hyphen"),
    ("premise Q: x = .5", 1, 16, "after `=`, got `.`", "0.5"),
    ("premise Q: x = 1.", 1, 16, "`1.` is no numeral", "point"),
    ("premise Q: x = 1.2.3", 1, 16, "`1.2.3` is no numeral", "one point"),
    ("premise Q: x = 1e10", 1, 16, "`1e10` is no numeral", "10^10"),
    ("premise Q: x = 2.5E-3", 1, 16, "`2.5E` is no numeral", "1/1000"),
    ("premise Q: x = 1_000", 1, 16, "`1_000` is no numeral", "without _"),
    ("premise Q: x = 0x1F", 1, 16, "`0x1F` is no numeral", "decimal"),
    ("premise Q: x = 2y", 1, 16, "`2y` is no numeral", "write *"),
    ('premise Q "never closed: x = y', 1, 11, "never ends", 'close it with "'),
    ("premise Q \u201clabel\u201d: x = y", 1, 11, "U+201C", "straight double quotes"),
    ("premise Q x = y", 1, 11, "expected `:` after `Q`, got `x`", "premise Q:"),
    ("premise Q the label: p", 1, 11, "expected `:` after `Q`, got `the`", '"label"'),
    ('premise Q "label" p', 1, 19, 'expected `:` after `"label"`', "write :"),
    ("premise Q := p", 1, 11, "got `:=`", "write :"),
    ("premise: p", 1, 8, "expected the name of the premise", "premise P1"),
    ('step "label": p', 1, 6, "expected the name of the step", "step P1"),
    ("premise Q: (x = y\nstep s: p", 1, 12, "`(` is never closed", "add the missing `)`"),
    ("premise Q: ((x + y) = 2 by P1", 1, 12, "`(` is never closed", "`)`"),
    ("type T = {d, e\nconst t: T", 1, 10, "`{` is never closed", "`}`"),
    ("premise Q: x = y)", 1, 17, "`)` closes nothing", "delete it"),
    ("premise Q: x = \nstep s: p", 2, 1, "after `=`, got `step`", "finish"),
    ("premise Q: x = by P1", 1, 16, "after `=`, got `by`", "finish"),
    ("premise Q: p and", 1, 17, "after `and`, got the end of the text", "finish"),
    ("premise Q: and p", 1, 12, "after `:`, got `and`", "either side"),
    ("premise Q: p and or q", 1, 18, "after `and`, got `or`", "either side"),
    ("premise Q: adn p", 1, 16, "got `p`", "operator"),
    ("premise Q: p adn q", 1, 14, "got `adn`", "did you mean and?"),
    ("step s: x = y P1", 1, 15, "`by`, an operator or the next", "by P1"),
    ("step s: x = y\n    P1, A", 2, 5, "`by`, an operator", "by P1"),
    ("step s: p by", 1, 13, "expected a name after `by`", "P1, P2"),
    ("step s: p by P1 P1", 1, 17, "got `P1`", "commas"),
    ("step s: p by P1,\nstep t: q", 2, 1, "after `,`, got `step`", "finish"),
    ("preimse Q: p", 1, 1, "`preimse` begins no statement", "did you mean premise?"),
    ("step s: p\nstpe t: p", 2, 1, "`stpe` begins no statement", "did you mean step?"),
    ("We now assume the worst.", 1, 1, "`We` begins no statement", "prose"),
    ("const v Real", 1, 9, "expected `,` or `:`, got `Real`", "const a, b: Real"),
    ("func h(Model) Real", 1, 15, "expected `:`", "func f(T): Real"),
    ("func h: Real", 1, 7, "expected `(`", "func f(T): Real"),
    ("def h = x", 1, 7, "expected `:=`, got `=`", "write :="),
    ("def h: x = y", 1, 6, "expected `:=`, got `:`", "write :="),
    ("def h(M) := p", 1, 8, "expected `,` or `:`", "def name(x: T)"),
    ("type T = {}", 1, 11, "expected a name, got `}`", "{a, b}"),
    ("premise Q: forall M. p", 1, 20, "got `.`", "forall M: T."),
    ("premise Q: forall M: Model, p(M)", 1, 30, "got `(`", "full stop"),
    ("premise Q: forall M: Model p", 1, 28, "expected `,` or `.`", "full stop"),
    ("premise Q: forall M: Model: p", 1, 27, "got `:`", "full stop"),
    ("premise Q: exists : Model. p", 1, 19, "expected a name", "exists x: T."),
    ("premise Q: forall if: Real. p", 1, 19, "`if` is a word of the language", "another"),
    ("premise Q: y = not p", 1, 16, "`not` cannot stand here", "parentheses"),
    ("premise Q: x^2^3 = 1", 1, 15, "`^` cannot stand here", "parentheses"),
    ("premise Q: x^-1 = 1", 1, 14, "an exponent is a numeral", "1/x^2"),
    ('use "other.md"', 1, 15, "expected `as`", "as name"),
    ("cuts p from q", 1, 14, "`using`", "using e1, e2"),
    ("limit s", 1, 7, "expected a numeral", "limit 20 s"),
]  # fmt: skip

MEANING = [
    ("premise Q: los(M_d) > 0", 1, 12, "unknown name `los`", "did you mean loss?"),
    ("premise Q: Loss(M_d) > 0", 1, 12, "unknown name `Loss`", "case counts"),
    ("premise Q: loss(M) > 0", 1, 17, "unknown name `M`", "const M"),
    ("premise Q: x > NaN", 1, 16, "unknown name `NaN`", "finite"),
    ("premise Q: v = 1\nconst v: Real", 1, 12, "unknown name `v`", "move that above"),
    ("premise Q: Model = 1", 1, 12, "`Model` is a type", "quantify over Model"),
    ("premise Q: loss(M_d, M_d) > 0", 1, 12, "takes 1 argument, got 2", "loss(Model)"),
    ("premise Q: loss > 0", 1, 12, "takes 1 argument, got 0", "loss(Model)"),
    ("premise Q: seq(1, 2) > 0", 1, 12, "seq(Nat) takes 1 argument, got 2", "seq(Nat)"),
    ("premise Q: good", 1, 12, "good(Model) takes 1 argument, got 0", "good(Model)"),
    ("premise Q: K(x) > 0", 1, 12, "`K` takes no arguments", "K alone"),
    ("premise Q: forall v: Real. v(x) > 0", 1, 28, "`v` is a variable", "write *"),
    ("premise Q: (x + y)(z) > 0", 1, 19, "got `(`", "write *"),
    ("premise Q: seq(1)(2) > 0", 1, 12, "`seq(1)` is no function", "write *"),
    ("premise Q: abs > 0", 1, 12, "`abs` is a function", "abs(x)"),
    ("premise Q: abs(x, y) = 1", 1, 12, "abs takes 1 argument, got 2", "abs(x)"),
    ("premise Q: min(x) = 1", 1, 12, "min takes 2 to 8 arguments, got 1", "min(x, y)"),
    ("premise Q: real(x) = 1", 1, 17, "real takes an Int", "leave out real"),
    ("premise Q: size(M_d) = loss(M_d)", 1, 12, "`loss(M_d)` is a Real", "real(size"),
    ("premise Q: x + K > 0", 1, 16, "`x` is a Real, `K` is a Nat", "real(K)"),
    ("premise Q: x*(i + 1) > 0", 1, 14, "`(i + 1)` is an Int", "real(i + 1)"),
    ("premise Q: K/2 = x", 1, 12, "`K` is a Nat", "real(K)"),
    ("premise Q: i > 0.5", 1, 12, "`i` is an Int, `0.5` is a Real", "real(i)"),
    ("premise Q: i = x", 1, 12, "`i` is an Int, `x` is a Real", "real(i)"),
    ("premise Q: loss(x) > 0", 1, 17, "is a Model, and `x` is a Real", "Model"),
    ("premise Q: seq(x) > 0", 1, 16, "argument 1 of seq is a Nat", "never becomes"),
    ("premise Q: seq(-1) > 0", 1, 16, "seq takes a Nat, and `-1` is negative", "0 or more"),
    ("premise Q: x", 1, 12, "expected a formula, got `x`", "compare it"),
    ("premise Q: p and x", 1, 18, "expected a formula, got `x`", "compare it"),
    ("premise Q: M_d", 1, 12, "which is a Model", "apply a function"),
    ("premise Q: p + 1 = 2", 1, 12, "`+` takes numbers", "if p then 1 else 0"),
    ("premise Q: M_d < M_d", 1, 12, "`<` takes numbers", ""),
    ("premise Q: x = p", 1, 16, "`x` is a Real, `p` is a Bool", "if p"),
    ("premise Q: a = M_d", 1, 16, "`a` is a Case, `M_d` is a Model", "Case"),
    ("premise Q: if x then p else q", 1, 15, "expected a formula, got `x`", "compare"),
    ("premise Q: if p then x else y <= 3", 1, 29, "branches of `if`", "in parentheses"),
    ("premise Q: x/0 = 1", 1, 14, "division by 0", "no such number"),
    ("premise Q: x^y = 1", 1, 14, "an exponent is a numeral", "func"),
    ("premise Q: x^0.5 = 1", 1, 14, "an exponent is a numeral", "func"),
    ("premise Q: x^65 = 1", 1, 14, "at most 64", "smaller"),
    ("premise Q: x = 10^401", 1, 19, "at most 400", "smaller"),
    ("premise Q: (sum M: Model. loss(M)) = 1", 1, 20, "sum needs a finite type", "{a, b}"),
    ("premise Q: forall v: Reel. p", 1, 22, "unknown type `Reel`", "did you mean Real?"),
    ("premise Q: forall v: x. p", 1, 22, "`x` is declared, but it is no type", "type"),
    ("premise Q: exists v in D: p", 1, 24, "`D` is no data set", "exists x: T."),
    ("premise Q: x in M_d", 1, 17, "`M_d` is no class of networks", "declare one"),
    ("const v: model", 1, 10, "unknown type `model`", "did you mean Model? case counts"),
    ("const x: Real", 1, 7, "`x` is already declared in line 3", "one meaning"),
    ("type Case2 = {a}", 1, 15, "`a` is already declared in line 2", "one meaning"),
    ("func size(Model): Real", 1, 6, "`size` is already declared in line 9", "one meaning"),
    ("def good := p", 1, 5, "`good` is already declared in line 12", "one meaning"),
    ("const real: Real", 1, 7, "`real` is a word of the language", "real_1"),
    ("type Nat", 1, 6, "`Nat` is a word of the language", "Nat_1"),
    ("def h(M: Model) := h(M)", 1, 20, "the definition of `h` speaks of itself", "func"),
    ("def h(v: Real, v: Real) := v", 1, 16, "two parameters are called `v`", "rename"),
    ('func h(Model): Real reads "the {2}"', 1, 27, "no argument {2}", "{1}"),
]  # fmt: skip

ABOUT = [
    ("premise P1: p", 1, 9, "`P1` is already used in line 13", "name of its own"),
    ("step s: p by s", 1, 14, "circular: `s` cites itself", "above"),
    ("step s: p by t\nstep t: p by s", 1, 14, "circular: `t` is stated later", "above"),
    ("step s: p by P2", 1, 14, "unknown fact `P2`", "there are P1, E, A"),
    ("step s: p by p1", 1, 14, "unknown fact `p1`", "did you mean P1?"),
    ("step s: p by good", 1, 14, "`good` is a definition", "leave it out"),
    ("step s: p by ogd.bound", 1, 14, "no document is in use as `ogd`", "use"),
    ("step s: p by A(M_d, K, K)", 1, 24, "A has 2 leading foralls, got 3 terms", "one term"),
    ("step s: p by P1(x)", 1, 17, "P1 has no leading forall, got 1 term", "one term"),
    ("step s: p by A(x)", 1, 16, "M of A is a Model, and `x` is a Real", "Model"),
    ("step s: p by A(M_d, -1)", 1, 21, "A takes a Nat, and `-1` is negative", "0 or more"),
    ("step s: p by E giving M, N, O", 1, 29, "unknown fact `O`", ""),
    ("step s: p by E giving (M, N, O)", 1, 30, "E has 2 leading exists", "giving"),
    ("step s: p by E giving K", 1, 23, "`K` is declared in line 4", "new name"),
    ("step s: p by E giving N\nconst N: Real", 1, 23, "`N` is declared in line 17", "new"),
    ("step s: p by E giving real", 1, 23, "`real` is a word", "new name"),
    ("step s: p by E giving M, E giving M", 1, 35, "`M` already names", "of its own"),
    ("step s: p by P1 giving N", 1, 24, "P1 has no leading exists", "exists"),
    ("step s: p by A giving N", 1, 14, "A begins with forall", "A(...)"),
    ("step s: p by induction", 1, 14, "induction needs its variable", "induction on k"),
    ("step s: p by induction on k", 1, 27, "which no leading forall binds", "forall k: Nat."),
    ("step s: forall t: Real. t < 1 by induction on t", 1, 47, "`t` is a Real", "Nat"),
    ("step s: forall t: Int. t < 1 by induction on t", 1, 46, "`t` is an Int", "Nat"),
    ("step s: p by cases, algebra", 1, 21, "a second method", "keep one"),
    ("step s: p by P1 from A", 1, 14, "`from` follows a method", "comma"),
    ("premise Q: p by P1", 1, 17, "a premise is assumed", "step"),
    ("evidence Q: p by P1", 1, 18, "evidence is computed", "step"),
    ("admit Q: p by P1", 1, 15, "an admitted statement is not shown", "step"),
    ("expect P3 refuted", 1, 8, "unknown statement `P3`", "P1"),
    ("step s: p\nexpect s provd", 2, 10, "unknown status `provd`", "did you mean proved?"),
    ("step s: p\nexpect s proved\nexpect s refuted", 3, 8, "line 17 already says", "delete"),
    ("expect P1 refuted", 1, 8, "`P1` is a premise", "step"),
    ("limit 20 ms", 1, 10, "limits are in seconds", "limit 20 s"),
    ("limit 0 s", 1, 7, "more than 0 s", "limit 20 s"),
    ("scope 4 Case", 1, 9, "`Case` has the elements it has", "leave"),
    ("scope 4 Modell", 1, 9, "unknown type `Modell`", "did you mean Model?"),
    ("scope 0 Model", 1, 7, "a whole number from 1 to 100", "scope 4 Model"),
    ("scope 2.5 Model", 1, 7, "a whole number from 1 to 100", "scope 4 Model"),
    ("lattice p", 1, 1, "at least two", "lattice a, b, c"),
    ("lattice p, p", 1, 12, "`p` is named twice", "delete"),
    ("lattice p, good", 1, 12, "`good` has parameters", "def d"),
    ("lattice p, x", 1, 12, "expected a formula, got `x`", ""),
    ("cuts p from q using x", 1, 21, "expected a formula, got `x`", ""),
]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "line", "column", "message", "fix"),
    [*WRITING, *MEANING, *ABOUT],
    ids=lambda value: value if isinstance(value, str) and "\n" not in value else None,
)
def test_a_mistake_has_its_place_and_its_fix(
    text: str, line: int, column: int, message: str, fix: str
) -> None:
    found = mistake(text)
    assert (found.line, found.column) == (line, column), str(found)
    assert message in found.message
    assert fix in found.fix
    assert found.path == "d.claim"


@pytest.mark.parametrize("text", [row[0] for row in (*WRITING, *MEANING, *ABOUT)])
def test_messages_show_no_control_characters(text: str) -> None:
    assert str(mistake(text)).isprintable()


def test_the_first_mistake_in_the_file_is_reported() -> None:
    meaning_then_writing = "premise Q: unknown > 0\nstep s: p\nstep t: x == y"
    assert "unknown name" in mistake(meaning_then_writing).message
    writing_then_meaning = "step t: x == y\npremise Q: unknown > 0"
    assert "`==`" in mistake(writing_then_meaning).message
    misspelt_after = "premise Q: unknown > 0\npremisse R: p"
    assert "unknown name" in mistake(misspelt_after).message


def test_what_is_not_yet_read_is_not_called_unknown() -> None:
    """The statement after a mistake of writing may well be the one expected."""
    found = mistake("expect later refuted\nstep s: x == y\nstep later: p")
    assert "`==`" in found.message


def test_the_prelude_has_no_mistake() -> None:
    assert len(read("").statements) == 3


def test_names_before_in_are_points_and_no_coordinates() -> None:
    text = (
        "network f(t: Real, s: Real) := relu(s - t)\n"
        "region room(t: Real, s: Real) := 0 <= t and t <= s and s <= 1\n"
        "evidence few: forall t, s in room: f(t, s) <= 1\n"
    )
    error = mistake(text)
    assert error.line == 3
    assert (
        error.message
        == "`f` takes 2 numbers, got 4: `t` is a point of 2 numbers by itself"
    )
    assert error.fix == "write f(x) for a point x, or the numbers one by one"


def test_points_and_numbers_are_not_bound_together() -> None:
    error = mistake(
        "region room(t: Real) := t <= 1\nstep s: forall x: Real, p in room: p = x"
    )
    assert error.line == 2
    assert "forall x: T. forall p in R: formula" in error.fix
