"""Claim texts from someone who means harm, and what each must be answered.

Run as a program it reads them all, one after the other, under a memory limit, and writes
a JSON line for each: its name, the answer, and the computing time. Texts are made when
they are needed, since some are large.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import NamedTuple

MEGABYTES = 512
HEAD = (
    b"type M\nconst m: M\nconst x, y: Real\nconst p, q: Bool\nconst k: Int\n"
    b"func f(Real): Real\nfunc n(Nat): Real\nfunc g(M): M\n"
)


class Case(NamedTuple):
    """A text and a part of the message it must be refused with; "" if it is accepted."""

    name: str
    make: Callable[[], bytes]
    message: str
    suffix: str = ".claim"


def premise(formula: str) -> bytes:
    return HEAD + b"premise Q: " + formula.encode()


def joined(count: int, sign: str, part: Callable[[int], str]) -> str:
    return sign.join(map(part, range(count)))


def fence(body: bytes) -> bytes:
    return b"# Title\n\n```claim\n" + body + b"\n```\n"


def _depth() -> Iterator[Case]:
    deep = "nested more than 200 deep"
    yield Case("parentheses", lambda: premise("(" * 1_000_000), deep)
    balanced = "(" * 1_000_000 + "p" + ")" * 1_000_000
    yield Case("balanced", lambda: premise(balanced), deep)
    yield Case("braces", lambda: HEAD + b"type T = " + b"{" * 1_000_000, "got `{`")
    yield Case("nots", lambda: premise("not " * 100_000 + "p"), deep)
    yield Case("minuses", lambda: premise("0 < " + "-" * 100_000 + "x"), deep)
    yield Case("implies", lambda: premise("p implies " * 60_000 + "p"), deep)
    yield Case("quantifiers", lambda: premise("forall v: Real. " * 30_000 + "p"), deep)
    yield Case(
        "ifs", lambda: premise("0 < " + "if p then x else " * 20_000 + "x"), deep
    )
    yield Case("thens", lambda: premise("0 < " + "if p then " * 20_000), deep)
    yield Case("calls", lambda: premise("0 < " + "f(" * 100_000), deep)
    yield Case("curried", lambda: premise("0 < f" + "(x)" * 60_000), deep)
    binders = joined(50_000, ", ", lambda i: f"v{i}")
    yield Case(
        "binders",
        lambda: premise(f"forall {binders}: Real. p"),
        "at most 400 variables",
    )
    yield Case("brackets", lambda: premise("[" * 1_000_000), "`[` is no operator")
    yield Case("quotes", lambda: premise('"' * 1_000_000), 'got `""`')


def _width() -> Iterator[Case]:
    words = "at most 150000 words"
    yield Case("conjuncts", lambda: premise("p and " * 600_000 + "p"), words)
    yield Case("many_conjuncts", lambda: premise("p and " * 70_000 + "p"), "")
    yield Case("many_sums", lambda: premise("0 < " + "x + " * 70_000 + "x"), "")
    yield Case("many_links", lambda: premise("x < " * 70_000 + "x"), "too large")
    one = b"premise p%d: x > 0\n"
    yield Case(
        "statements",
        lambda: HEAD + b"".join(one % i for i in range(10_001)),
        "10000 st",
    )
    yield Case(
        "same_name", lambda: HEAD + b"premise P: p\n" * 20_000, "already used in line 9"
    )
    facts = ", ".join(["P"] * 60_000)
    yield Case(
        "by_list",
        lambda: HEAD + f"premise P: p\nstep s: p by {facts}".encode(),
        "1000 en",
    )
    names = joined(60_000, ", ", lambda i: f"c{i}")
    yield Case("constants", lambda: f"const {names}: Real".encode(), "")
    yield Case(
        "elements", lambda: f"type T = {{{names}}}".encode(), "at most 1000 elements"
    )
    yield Case(
        "lattice", lambda: f"const {names}: Bool\nlattice {names}".encode(), words
    )
    yield Case("points", lambda: b"data D := points " + b"(0; 1) " * 25_000, "")
    yield Case(
        "arguments",
        lambda: premise("0 < f(" + "x, " * 60_000 + "x)"),
        "takes 1 argument",
    )
    yield Case(
        "token_64MB", lambda: premise("x" * 64_000_000), "more than 4000000 bytes"
    )
    yield Case("name_3MB", lambda: premise("x" * 3_000_000), "a name has at most 200")
    label = b'premise Q "' + b"l" * 3_000_000 + b'": p'
    yield Case("label_3MB", lambda: HEAD + label, "at most 1000 characters")
    yield Case("lines", lambda: b"\n" * 3_900_000, "at most 100000 lines")
    yield Case("blanks", lambda: b" " * 3_900_000, "")
    yield Case("crlf_lines", lambda: b"\r\n" * 90_000, "")
    yield Case("comments", lambda: b"#" * 3_900_000, "")
    yield Case(
        "prose_lines", lambda: b"> - a\n" * 600_000 + fence(HEAD), "15000 lines", ".md"
    )
    lists = b"> - > - > - a claim\n" * 10_000 + fence(HEAD)
    yield Case("prose_lists", lambda: lists, "", ".md")
    yield Case(
        "prose_line", lambda: b"claim " * 600_000 + b"\n\n" + fence(HEAD), "", ".md"
    )
    yield Case("prose_quotes", lambda: b"> " * 1_900_000, "", ".md")
    yield Case("fences", lambda: fence(b"") * 2_500, "", ".md")


def _growth() -> Iterator[Case]:
    doubled = "".join(f"def d{i + 1} := d{i} or (d{i} and p)\n" for i in range(60))
    text = HEAD + f"def d0 := p and q\n{doubled}premise Q: d60".encode()
    yield Case("doubling", lambda: text, "expand to more than")
    big = " and ".join(f"v + {i} < x" for i in range(3_000))
    uses = "".join(f"premise P{i}: d({i})\n" for i in range(5_000))
    wide = HEAD + f"def d(v: Real) := {big}\n{uses}".encode()
    yield Case("used_often", lambda: wide, "expand to more than")
    elements = joined(1_000, ", ", lambda i: f"e{i}")
    sums = (
        f"type T = {{{elements}}}\nfunc w(T, T, T): Real\n"
        "premise Q: (sum a: T, b: T, c: T. w(a, b, c)) = 0"
    )
    yield Case("sums", lambda: sums.encode(), "expand to more than")
    nested = "0 < " + "max(x, " * 100 + "y" + ")" * 100
    yield Case("maxima", lambda: premise(nested), "too large")
    yield Case("powers", lambda: premise("0 < " + "((x + y)^64)^64"), "")
    powers = "(x + y)" + "^64)" * 5
    yield Case("towers", lambda: premise("0 < " + "(" * 5 + powers), "too large")
    divisors = joined(15_000, " + ", lambda i: f"1/(x + {i})")
    yield Case(
        "divisors", lambda: premise(f"0 < {divisors}"), "more than 1000 divisors"
    )
    guarded = joined(900, " and ", lambda i: f"1/(x + {i}) > 0")
    yield Case("guards", lambda: premise(guarded), "")


def _numbers() -> Iterator[Case]:
    for name, numeral in (
        ("exp_1e999999999", "1e999999999"),
        ("exp_minus", "1e-999999999"),
        ("exp_1e400", "1e400"),
        ("exp_big", "1E5"),
        ("hexfloat", "0x1.8p3"),
        ("underscore", "1_000"),
        ("suffix", "1f"),
        ("two_points", "1.2.3"),
        ("long_exponent", "1e" + "9" * 1_000_000),
    ):
        yield Case(name, partial(premise, f"x = {numeral}"), "is no numeral")
    yield Case(
        "digits_1e6", lambda: premise("x = " + "9" * 1_000_000), "at most 1000 digits"
    )
    yield Case(
        "digits_1e7", lambda: premise("x = " + "9" * 10_000_000), "more than 4000000"
    )
    yield Case(
        "fraction", lambda: premise("x = 0." + "9" * 1_000_000), "at most 1000 digits"
    )
    yield Case(
        "power", lambda: premise("x = 10^999999999"), "an exponent is at most 400"
    )
    exponent = "9" * 1_000
    yield Case(
        "power_digits",
        lambda: premise(f"x = 10^{exponent}"),
        "an exponent is at most 400",
    )
    base = "9" * 900
    yield Case("power_bits", lambda: premise(f"x = {base}^400"), "8192 binary digits")
    yield Case("quotient", lambda: premise(f"x = 1/{base}"), "")
    quotients = "/".join(["7" * 900] * 20)
    yield Case("quotients", lambda: premise(f"x = {quotients}"), "too large")
    yield Case("zero", lambda: premise("x = 1/0"), "a division by 0")
    yield Case("zero_power", lambda: premise("x = 1/0^3"), "a division by 0")
    yield Case("nan", lambda: premise("x = NaN"), "unknown name `NaN`")
    yield Case("infinity", lambda: premise("x < inf"), "unknown name `inf`")
    yield Case("signs", lambda: premise("x = --5"), "")
    yield Case("scope", lambda: HEAD + b"scope 99999999999999999999 M", "from 1 to 100")
    yield Case(
        "limit", lambda: HEAD + b"limit " + b"9" * 900 + b" s", "at most 86400 s"
    )
    reads = b'func h(Real): Real reads "{99999999999999999999}"'
    yield Case("slots", lambda: HEAD + reads, "no argument")


def _bytes() -> Iterator[Case]:
    for name, text in (
        ("fullwidth_digit", "x = \uff11"),
        ("arabic_digit", "x = \u0661"),
        ("cyrillic", "\u0445 = 1"),
        ("greek", "\u03bf = 1"),
        ("bold", "\U0001d431 = 1"),
        ("minus_sign", "x \u2212 1 = 0"),
    ):
        yield Case(name, partial(premise, text), "expected ASCII")
    yield Case("no_break_space", lambda: premise("x\u00a0= 1"), "does not print")
    for name, char in (
        ("nul", "\0"), ("escape", "\x1b[2J"), ("bell", "\x07"), ("backspace", "\x08"),
        ("c1", "\x9b"), ("bidi", "\u202e"), ("isolate", "\u2066"), ("joiner", "\u200d"),
        ("zero_width", "\u200b"), ("mark", "\ufeff"), ("line", "\u2028"), ("return", "\r"),
        ("tag", "\U000e0041"), ("form_feed", "\x0c"),
    ):  # fmt: skip
        yield Case(f"{name}_in_formula", partial(premise, f"x {char} = 1"), "not print")
        label = HEAD + f'premise Q "a{char}b": p'.encode()
        yield Case(f"{name}_in_label", partial(bytes, label), "does not print")
        prose = f"prose {char} prose\n\n".encode() + fence(HEAD)
        yield Case(f"{name}_in_prose", partial(bytes, prose), "", ".md")
    yield Case("crlf", lambda: HEAD.replace(b"\n", b"\r\n") + b"premise Q: p\r\n", "")
    yield Case("crlf_fence", lambda: fence(HEAD).replace(b"\n", b"\r\n"), "", ".md")
    yield Case("bom", lambda: b"\xef\xbb\xbf" + premise("p"), "")
    yield Case("two_boms", lambda: b"\xef\xbb\xbf" * 2 + premise("p"), "does not print")
    yield Case("utf16", lambda: premise("p").decode().encode("utf-16"), "not UTF-8")
    yield Case(
        "utf16_plain", lambda: premise("p").decode().encode("utf-16-le"), "got `t`"
    )
    yield Case("utf32", lambda: premise("p").decode().encode("utf-32"), "not UTF-8")
    yield Case("latin1", lambda: HEAD + b'premise Q "na\xefve": p', "not UTF-8")
    yield Case("overlong", lambda: HEAD + b"premise Q: \xc0\xaf", "not UTF-8")
    yield Case("surrogate", lambda: HEAD + b"premise Q: \xed\xa0\x80", "not UTF-8")
    yield Case("cut_short", lambda: HEAD + b"premise Q: p \xe2\x89", "not UTF-8")
    yield Case(
        "prose_not_utf8", lambda: b"caf\xe9\n\n" + fence(HEAD), "not UTF-8", ".md"
    )
    yield Case("empty", lambda: b"", "")
    yield Case("empty_md", lambda: b"", "", ".md")


def _unterminated() -> Iterator[Case]:
    yield Case("quote", lambda: HEAD + b'premise Q "label: p', "never ends")
    yield Case(
        "quote_lines", lambda: HEAD + b'premise Q "label\nmore": p', "never ends"
    )
    yield Case("block", lambda: b"```claim\n" + HEAD, "never closed", ".md")
    yield Case("blocks", lambda: b"```claim\n" * 3_000, "never closed", ".md")
    yield Case("parenthesis", lambda: premise("(p and q"), "never closed")
    yield Case("statement", lambda: HEAD + b"premise Q", "expected `:`")
    yield Case(
        "commands",
        lambda: b'(set-option :regular-output-channel "x")(echo "y")',
        "got `(`",
    )
    yield Case("include", lambda: b'(include "/etc/passwd")', "expected a statement")
    yield Case("use", lambda: b'use "/etc/passwd" as secret', "no relative path")
    yield Case(
        "use_up",
        lambda: b'use "../../../../../../etc/passwd" as s',
        "outside the library",
    )
    script = HEAD + b'premise Q "<img src=x onerror=alert(1)> {{7*7}} =cmd|": p'
    yield Case("markup_in_label", lambda: script, "")
    yield Case("dunder", lambda: b"const __class__, __import__: Bool", "")


def corpus() -> Iterator[Case]:
    for part in (_depth, _width, _growth, _numbers, _bytes, _unterminated):
        yield from part()


def _answer(path: Path) -> str:
    """The message of a document, or "" when it is accepted; anything else is raised."""
    from verify.language.errors import ClaimError
    from verify.language.reader import read_document

    try:
        read_document(path)
    except ClaimError as error:
        return str(error)
    return ""


def main(folder: Path) -> None:
    warm = folder / "warm.claim"
    warm.write_bytes(HEAD)
    _answer(warm)
    limit = MEGABYTES * 1_000_000
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    for case in corpus():
        path = folder / f"doc{case.suffix}"
        path.write_bytes(case.make())
        begun = time.process_time()
        answer = _answer(path)
        seconds = time.process_time() - begun
        record = {"name": case.name, "answer": answer[:2_000], "seconds": seconds}
        sys.stdout.write(json.dumps(record) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
