"""Decimal numerals, exactly: their size is known before a number is built.

`1e999999999` as a fraction would fill any memory, so digits and exponent are counted in the
text first. Only ASCII digits are numerals: `int` would take those of every script.
"""

from __future__ import annotations

import re
from fractions import Fraction
from typing import Final

from verify.networks.properties.property_errors import LIMIT, PropertyError

MAX_DIGITS: Final = 1_000
MAX_EXPONENT: Final = 400
MAX_BITS: Final = 8_192  # of numerator or denominator after any arithmetic
_DECIMAL: Final = re.compile(
    r"([-+]?)([0-9]*)(?:\.([0-9]*))?(?:[eE]([-+]?[0-9]+))?", re.ASCII
)


def read_decimal(text: str) -> Fraction | None:
    """The number that `-12.5e-3` stands for; None when the text is no numeral.

    Raises PropertyError for more than 1,000 digits or an exponent beyond 400.
    """
    match = _DECIMAL.fullmatch(text)
    if match is None or text.startswith("+"):
        return None
    sign, whole, part, exponent = match.groups("")
    if not whole and not part:
        return None
    if len(whole) + len(part) > MAX_DIGITS:
        raise PropertyError(
            f"a number of {len(whole) + len(part):,} digits; the limit is {MAX_DIGITS:,}",
            kind=LIMIT,
            fix="round it",
        )
    power = 0
    if exponent:
        size = exponent.lstrip("+-").lstrip("0")
        if len(size) > 3 or int(size or "0") > MAX_EXPONENT:
            raise PropertyError(
                f"an exponent of {_shown(exponent)}; the limit is {MAX_EXPONENT}",
                kind=LIMIT,
                fix="scale the number, or write 0",
            )
        power = int(exponent)
    power -= len(part)
    digits = int(whole + part)
    number = (
        Fraction(digits * 10**power) if power >= 0 else Fraction(digits, 10**-power)
    )
    return -number if sign == "-" else number


def _shown(text: str) -> str:
    return text if len(text) <= 20 else f"{text[:12]}... ({len(text):,} digits)"


def bounded(number: Fraction) -> Fraction:
    """The number itself; raises PropertyError when arithmetic has made it too long."""
    if max(number.numerator.bit_length(), number.denominator.bit_length()) > MAX_BITS:
        raise PropertyError(
            f"arithmetic on constants gives a number of more than {MAX_BITS:,} bits",
            kind=LIMIT,
            fix="write the result, rounded",
        )
    return number


def write_decimal(number: Fraction) -> str:
    """The number itself as a decimal, if it has one of up to 1,000 digits; else rounded."""
    exact = _terminating(number)
    return round_decimal(number) if exact is None else exact


def _terminating(number: Fraction) -> str | None:
    bottom, twos, fives = number.denominator, 0, 0
    while bottom % 2 == 0:
        bottom //= 2
        twos += 1
    while bottom % 5 == 0:
        bottom //= 5
        fives += 1
    places = max(twos, fives)
    if bottom != 1 or places > MAX_DIGITS or number.numerator.bit_length() > MAX_BITS:
        return None
    digits = str(abs(number.numerator) * 10**places // number.denominator)
    if len(digits) > MAX_DIGITS:
        return None
    sign = "-" if number < 0 else ""
    if not places:
        return f"{sign}{digits}.0"
    digits = digits.rjust(places + 1, "0")
    return f"{sign}{digits[:-places]}.{digits[-places:]}"


def round_decimal(number: Fraction, digits: int = 17) -> str:
    """The number to that many significant digits, half to even; plain if that is short."""
    if not number:
        return "0.0"
    size = abs(number)
    power = _magnitude(size) - digits
    scaled = round(size / Fraction(10) ** power)
    if scaled >= 10**digits:
        scaled, power = scaled // 10, power + 1
    text = str(scaled)
    sign = "-" if number < 0 else ""
    point = len(text) + power  # digits before the decimal point
    if -5 < point <= digits:
        text = text.rjust(len(text) + max(1 - point, 0), "0").ljust(point, "0")
        cut = max(point, 1)
        return f"{sign}{text[:cut]}.{text[cut:].rstrip('0') or '0'}"
    return f"{sign}{text[0]}.{text[1:].rstrip('0') or '0'}e{point - 1}"


def _magnitude(size: Fraction) -> int:
    """The p with 10^(p-1) <= size < 10^p."""
    power = round(
        (size.numerator.bit_length() - size.denominator.bit_length()) * 0.30103
    )
    while Fraction(10) ** power <= size:
        power += 1
    while Fraction(10) ** (power - 1) > size:
        power -= 1
    return power
