"""Property files from someone who means harm, and what each must be answered.

Run as a program it reads them all, one after the other, under a memory limit, and writes
a JSON line for each: its name, the answer, and the computing time. Texts are made when
they are needed, since some are large.
"""

from __future__ import annotations

import gzip
import json
import resource
import sys
import time
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

MEGABYTES = 512
CANARY = "canary"
ONE = "(declare-const X_0 Real)(declare-const Y_0 Real)"
BOX = "(assert (>= X_0 0))(assert (<= X_0 1))\n"
HEAD = ONE + BOX
TWO = (
    "(vnnlib-version <2.0>)(declare-network f (declare-input A real [2])"
    "(declare-output B real [1]))\n"
)
BOX2 = "(assert (and (>= A[0] 0.0) (<= A[0] 1.0) (>= A[1] 0.0) (<= A[1] 1.0)))\n"


class Case(NamedTuple):
    """Bytes and a part of the message they must be refused with; "" if accepted."""

    name: str
    make: Callable[[], bytes]
    message: str
    suffix: str = ".vnnlib"


def text(name: str, body: str | Callable[[], str], message: str) -> Case:
    """A property of version 1.0 that declares X_0 in [0, 1] and Y_0, then `body`."""

    def make() -> bytes:
        return (HEAD + (body if isinstance(body, str) else body())).encode()

    return Case(name, make, message)


def query(name: str, body: str | Callable[[], str], message: str) -> Case:
    """A query of version 2.0 with A in [0, 1]^2 and B, then `body`."""

    def make() -> bytes:
        return (TWO + BOX2 + (body if isinstance(body, str) else body())).encode()

    return Case(name, make, message)


def _commands() -> Iterator[Case]:
    commands = {
        "include": '(include "/etc/passwd")',
        "include_self": '(include "doc.vnnlib")',
        "outchan": f'(set-option :regular-output-channel "{CANARY}")(echo "x")',
        "diagnostic": f'(set-option :diagnostic-output-channel "{CANARY}")',
        "trace": f'(set-option :trace_file_name "{CANARY}")',
        "drat": f'(set-option :sat.drat.file "{CANARY}")',
        "proof_log": f'(set-option :solver.proof.log "{CANARY}")',
        "smtlib2_log": f'(set-option :solver.smtlib2_log "{CANARY}")',
        "echo": '(echo "x")',
        "reset": "(reset)",
        "reset_assertions": "(reset-assertions)",
        "push": "(push 1)",
        "pop": "(pop 1)",
        "exit": "(exit)",
        "check": "(check-sat)",
        "check_assuming": "(check-sat-assuming (false))",
        "get_model": "(get-model)",
        "eval": "(eval X_0)",
        "simplify": "(simplify X_0)",
        "minimize": "(minimize X_0)",
        "define": "(define-fun f () Real 1.0)",
        "define_rec": "(define-fun-rec f ((x Real)) Real (f x))",
        "datatypes": "(declare-datatypes () ((T a)))",
        "sort": "(declare-sort S 0)",
        "unknown": "(launch-missiles)",
        "escape": "(\x1b[2J)",
        "version": "(vnnlib-version <2.0>)",
    }
    for name, body in commands.items():
        command = body[1:].split()[0].rstrip(")")
        refused = f"the command `{command}` is not read"
        if name == "escape":
            refused = "U+001B (a control character) may not stand"
        yield text(name, body, refused)


def _size() -> Iterator[Case]:
    deep = "nested more than 200 deep"
    words = "more than 500,000 words"
    cases = "more than 20,000 cases"
    million = 1_000_000
    yield text("deep", lambda: "(assert " + "(" * million, "got `(`")
    yield text("deep_top", lambda: "(" * million, "the command `(` is not read")
    yield text("deep_and", lambda: "(assert " + "(and " * million, deep)
    yield text(
        "deep_not",
        lambda: "(assert " + "(not " * million + "true" + ")" * million,
        deep,
    )
    yield text(
        "deep_sum",
        lambda: "(assert (<= " + "(+ 1 " * 300 + "1" + ")" * 300 + "1))",
        deep,
    )
    yield text("wide", lambda: f"(assert (and {'(<= X_0 1)' * million}))", words)
    yield text("long_or", lambda: f"(assert (or {'(<= Y_0 1)' * 30_000}))", cases)
    yield text("long_and", lambda: f"(assert (and {'(<= Y_0 1)' * 30_000}))", "")
    yield text("wide_sum", lambda: f"(assert (<= (+ {'Y_0 ' * 100_000}) 1))", "")
    yield text("long_chain", lambda: f"(assert (<= {'Y_0 ' * 100_000}))", "")
    yield text("asserts", lambda: "(assert true)" * million, words)
    yield text("closers", lambda: ")" * million, "got `)`")
    either = "(or (<= Y_0 0) (>= Y_0 1))"
    yield text("blow_up", f"(assert (and {either * 30}))", cases)
    yield text("blow_up_asserts", f"(assert {either})" * 30, cases)
    both = "(and (<= Y_0 0) (>= Y_0 1))"
    yield text("blow_up_not", f"(assert (not (or {both * 30})))", cases)
    nested = "(<= Y_0 0)"
    for _ in range(99):
        nested = f"(and {either} (or {nested} (<= Y_0 2)))"
    yield text("blow_up_nested", f"(assert {nested})", cases)
    yield text("many_cases", f"(assert {either})" * 12, "")
    yield text(
        "huge_word", lambda: "(" + "a" * 30_000_000 + ")", "a word of 30,000,000"
    )
    yield text("huge_digits", lambda: f"(assert (<= X_0 {'1' * 10_000_000}))", "a word")
    yield text("comments", lambda: ";\n" * 10_000_000, "")
    yield text("spaces", lambda: " " * 20_000_000, "")
    yield text(
        "string", lambda: '(set-info :a "' + 'a""' * 5_000_000 + '")', "a word of"
    )
    yield text("too_large", lambda: " " * 33_000_000, "the file is larger than")
    terms = "".join(f"(* 2 Y_{j}) " for j in range(3_000))
    many = "".join(f"(declare-const Y_{j} Real)" for j in range(1, 3_000))
    wrapped = "(* 3 " * 150 + f"(+ {terms})" + ")" * 150
    yield text("wide_and_deep", f"{many}(assert (<= {wrapped} 1))", "")
    yield text(
        "wider_and_deep",
        f"{many}(assert (<= {wrapped} 1))" * 8,
        "Y_1 is declared twice",
    )
    deepest = f"(assert (<= {wrapped} 1))" * 8
    yield text("work", many + deepest, "too many variables in terms")
    names = "".join(f"(declare-const X_{i} Real)" for i in range(1, 80_000))
    yield text("variables", names, "X_1 has no lower bound")


def _numbers() -> Iterator[Case]:
    def bound(number: str) -> str:
        return f"(assert (<= Y_0 {number}))"

    limit = "the limit is 400"
    yield text("exponent", bound("1e999999999"), limit)
    yield text("exponent_negative", bound("1e-999999999"), limit)
    yield text("exponent_401", bound("1e401"), limit)
    yield text("exponent_long", bound("1e" + "9" * 1_000), limit)
    yield text("exponent_400", bound("1e400"), "")
    yield text("exponent_padded", bound("1e-0000000400"), "")
    yield text("digits_1000", bound("1" * 1_000), "")
    yield text("digits_1001", bound("1" * 1_001), "the limit is 1,000")
    yield text("digits_split", bound("1" * 600 + "." + "1" * 600), "the limit is 1,000")
    yield text("subnormal", bound("1e-320"), "")
    yield text("minus_zero", bound("-0.0"), "")
    for name, number in {
        "hexfloat": "0x1.8p3", "hex": "#x10", "inf": "inf", "infinity": "-infinity",
        "nan": "nan", "minus_minus": "--5", "plus": "+5", "underscore": "1_000",
        "comma": "1,5", "two_points": "1.2.3", "point": ".", "minus": "-", "e": "e5",
        "no_exponent": "1e", "quoted": '"5"', "bar": "|5|", "imaginary": "5j",
    }.items():  # fmt: skip
        wanted = "may not stand" if name == "comma" else "expected a number"
        yield text(f"number_{name}", bound(number), wanted)
    yield text("fullwidth", bound("\uff11"), "U+FF11 (FULLWIDTH DIGIT ONE)")
    yield text("arabic", bound("\u0661"), "U+0661 (ARABIC-INDIC DIGIT ONE)")
    yield text("superscript", bound("1\u00b2"), "U+00B2 (SUPERSCRIPT TWO)")
    power = "1e400"
    for _ in range(100):
        power = f"(* 1e400 {power})"
    yield text("growth", bound(power), "more than 8,192 bits")
    yield text(
        "growth_flat", bound(f"(* {'1e400 ' * 100_000})"), "more than 8,192 bits"
    )
    odd = " ".join(f"(/ 1 {2**61 - n})" for n in range(1, 999, 2))
    yield text("denominators", bound(f"(+ {odd})"), "more than 8,192 bits")
    yield text("nonlinear", bound("(* X_0 X_0)"), "not linear")
    yield text("zero", bound("(/ 1 (- 1 1))"), "division by 0")
    bomb = "X_0"
    for level in range(40):
        bomb = f"(let ((v{level} (+ {bomb} {bomb}))) v{level})" if level < 8 else bomb
    yield text("let_bomb", bound(bomb), "got `let`")


def _names() -> Iterator[Case]:
    def declared(name: str) -> str:
        return f"(declare-const {name} Real)"

    yield text("twice", declared("X_0"), "X_0 is declared twice")
    for name in (
        "X_01",
        "X_-1",
        "X_",
        "X_1.0",
        "x_1",
        "Z_0",
        "X_999999999999",
        "X_1e3",
    ):
        yield text(f"name_{name}", declared(name), f"got `{name}`")
    yield text("gap", declared("X_999999"), "X_999999 is declared, but X_1 is not")
    yield text("quoted_name", declared("|X_1|"), "got `|X_1|`")
    yield text("cyrillic", declared("\u0425_1"), "U+0425 (CYRILLIC CAPITAL LETTER HA)")
    yield text("joiner", declared("X_\u200d1"), "U+200D (ZERO WIDTH JOINER)")
    yield text("override", declared("X\u202e_1"), "U+202E (RIGHT-TO-LEFT OVERRIDE)")
    yield text("override_comment", "; \u202e\n", "U+202E (RIGHT-TO-LEFT OVERRIDE)")
    yield text("output_as_bound", f"{declared('X_1')}(assert (<= X_1 Y_0))", "no lower")
    yield text("no_bound", declared("X_1"), "X_1 has no lower bound")
    yield text("crossed", "(assert (<= X_0 -1))", "")
    yield text("never_used", declared("Y_1"), "")


def _bytes() -> Iterator[Case]:
    plain = HEAD.encode()
    yield Case("crlf", lambda: plain.replace(b"\n", b"\r\n"), "")
    yield Case("bom", lambda: b"\xef\xbb\xbf" + plain, "")
    yield Case("two_boms", lambda: b"\xef\xbb\xbf" * 2 + plain, "U+FEFF")
    yield Case("utf16", lambda: HEAD.encode("utf-16"), "the file is UTF-16")
    yield Case("utf16_be", lambda: b"\xfe\xff" + HEAD.encode("utf-16-be"), "UTF-16")
    yield Case("utf16_plain", lambda: HEAD.encode("utf-16-le"), "U+0000")
    yield Case("utf32", lambda: HEAD.encode("utf-32"), "UTF-16")
    yield Case("latin1", lambda: plain + b'(set-info :a "na\xefve")', "not UTF-8")
    yield Case("overlong", lambda: plain + b"; \xc0\xaf", "not UTF-8")
    yield Case("surrogate", lambda: plain + b"; \xed\xa0\x80", "not UTF-8")
    yield Case("nul", lambda: plain + b"\0(assert false)", "U+0000")
    yield Case("nul_comment", lambda: plain + b"; \0 (assert false)\n", "U+0000")
    hidden = b"; all is well\r(assert false)\n"
    yield Case("lone_cr", lambda: plain + hidden, "U+000D (a control character)")
    yield Case("separator", lambda: plain + "; \u2028".encode(), "U+2028")
    yield Case("form_feed", lambda: plain + b"\f", "U+000C")
    yield Case("no_break_space", lambda: plain + "\u00a0".encode(), "U+00A0")
    yield Case("ansi_comment", lambda: plain + b"; \x1b[2K\rproved\n", "U+000D")
    yield Case("ansi_comment_line", lambda: plain + b"; \x1b[2Kproved\n", "")
    yield Case("empty", lambda: b"", "no input is declared")
    yield Case("words", lambda: b"proved", "expected `(` and a command")
    yield Case("random", lambda: bytes(range(256)) * 64, "not UTF-8")
    yield Case("pickle", lambda: b"\x80\x04\x95\x0c\x00", "not UTF-8")
    yield text("open_string", '(set-info :a "', "a string that never ends")
    yield text("open_bar", "(set-info :a |x", "a quoted symbol that never ends")
    yield text(
        "backslash_bar", "(set-info :a |x\\|)", "a quoted symbol that never ends"
    )
    yield text("open_assert", "(assert (<= X_0 1)", "the end of the text")
    yield text("open_comment", "; (assert false)", "")


def _bomb(gigabytes: int) -> bytes:
    """A gzip file that unpacks to so many gigabytes, made of one megabyte repeated."""
    machine = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    block = machine.compress(b" " * 2**20) + machine.flush(zlib.Z_FULL_FLUSH)
    return b"\x1f\x8b\x08" + b"\0" * 6 + b"\xff" + block * (gigabytes * 1024)


def _gzip() -> Iterator[Case]:
    plain = HEAD.encode()
    packed = gzip.compress(plain)
    named = b"\x1f\x8b\x08\x08" + b"\0" * 4 + b"\0\xff" + b"../../evil\0" + packed[10:]
    yield Case("gz", lambda: packed, "", ".vnnlib.gz")
    yield Case("gz_name", lambda: named, "", ".vnnlib.gz")
    yield Case("gz_bomb", lambda: _bomb(10), "unpacks to more than", ".vnnlib.gz")
    yield Case("gz_members", lambda: packed * 2, "behind its first", ".vnnlib.gz")
    yield Case("gz_garbage", lambda: packed + b"x", "behind its first", ".vnnlib.gz")
    yield Case("gz_short", lambda: packed[:-9], "ends too early", ".vnnlib.gz")
    yield Case("gz_crc", lambda: packed[:-8] + b"\0" * 8, "damaged", ".vnnlib.gz")
    yield Case("gz_twice", lambda: gzip.compress(packed), "not UTF-8", ".vnnlib.gz")
    yield Case(
        "gz_query", lambda: gzip.compress((TWO + BOX2).encode()), "", ".vnnlib.gz"
    )


def _version_two() -> Iterator[Case]:
    yield query("two_plain", "(assert (>= B[0] 0.0))", "")
    yield query("two_crlf", "(assert (>= B[0] 0.0))\r\n; \r\n", "")
    yield query("two_nul", "\0(assert (>= B[0] 0.0))", "U+0000")
    yield query("two_index", "(assert (>= A[-1] 0.0))", "outside the shape [2]")
    yield query("two_index_out", "(assert (>= A[2] 0.0))", "Index out of bounds")
    yield query("two_index_long", f"(assert (>= A[{'9' * 30}] 0.0))", "too long")
    yield query(
        "two_deep",
        lambda: "(assert " + "(and " * 1_000_000,
        "nested more than 200 deep",
    )
    yield query("two_wide", lambda: "(assert (>= B[0] 0.0))" * 200_000, "500,000 words")
    either = "(or (<= B[0] 0.0) (>= B[0] 1.0))"
    yield query("two_blow_up", f"(assert {either})" * 30, "more than 20,000 cases")
    product = "(assert (>= (* A[0] A[1]) 0.0))"
    yield query("two_product", product, "not linear")
    yield query("two_digits", f"(assert (<= B[0] {'1' * 1_200}.0))", "is too long")
    yield query("two_exponent", "(assert (<= B[0] 1.0e5))", "a syntax error at `e5`")
    yield query("two_include", '(include "/etc/passwd")', "a syntax error at")
    yield query("two_cyrillic", "(assert (<= \u0412[0] 1.0))", "U+0412")
    yield query("two_string", '"', "a string that never ends")
    yield query("two_old_equal", "(assert (= B[0] 1.0))", "a syntax error at `=`")
    yield Case("two_old", lambda: b"(vnnlib-version <1.0>)", "a syntax error")
    changed = {
        "hidden": (
            "(declare-output B",
            '(declare-hidden H real [1] "h")(declare-output B',
        ),
        "huge_shape": ("real [2]", "real [9999999999]"),
        "long_shape": ("real [2]", "real [99999999999999999999999]"),
        "product_shape": ("B real [1]", "B real [100000, 100000]"),
        "negative_shape": ("real [2]", "real [-2]"),
        "integers": ("declare-input A real", "declare-input A int8"),
        "version_9": ("<2.0>", "<9.0>"),
        "no_network": ("(declare-network f", "(declare-network"),
    }
    messages = {
        "hidden": "declares the hidden node H",
        "huge_shape": "has the shape [9999999999]",
        "long_shape": "too long",
        "product_shape": "has the shape",
        "negative_shape": "Dimensions must be positive",
        "integers": "Type mismatch",
        "version_9": "Incompatible VNNLib version",
        "no_network": "a syntax error",
    }
    for name, (old, new) in changed.items():
        made = (TWO + BOX2).replace(old, new, 1).encode()
        yield Case(f"two_{name}", lambda made=made: made, messages[name])


def corpus() -> Iterator[Case]:
    for part in (_commands, _size, _numbers, _names, _bytes, _gzip, _version_two):
        yield from part()


def _answer(path: Path) -> str:
    """The message of a property, or "" when it is accepted; anything else is raised."""
    from verify.networks.properties.property_errors import PropertyError
    from verify.networks.properties.property_files import read_property_file

    try:
        read_property_file(path)
    except PropertyError as error:
        return str(error)
    return ""


def main(folder: Path) -> None:
    canary = folder / CANARY
    canary.write_text("untouched")
    warm = folder / "warm.vnnlib"
    for head in (HEAD, TWO + BOX2):
        warm.write_text(head)
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
