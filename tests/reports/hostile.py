"""Names and messages as a hostile document could have them."""

from __future__ import annotations

HOSTILE = (
    "<img src=x onerror=alert(1)>",
    '"><svg/onload=alert(1)>',
    "[x](javascript:alert(1))",
    "![x](http://evil.example/x.png)",
    "https://evil.example/ @everyone #1",
    "</pre><script>alert(1)</script>",
    "{{7*7}} ${{ secrets.TOKEN }}",
    "]]>",
    "&lol9; <!ENTITY lol 'lol'>",
    "a|b|c\n| d | e |",
    "`code` **bold** <!-- comment",
    "\x1b]0;pwn\x07\x1b[2K\rPROVED",
    "\x1b]8;;http://evil.example\x1b\\x",
    "\x9b31m\x00\x08\x7f",
    "\u202etset\u202c \u2066x\u2069 \ufeff",
    "::error::all lost",
    "x\n::set-env name=PATH::/evil",
    "=HYPERLINK(1)",
    "\ud800 lone",
    "\uffff\ufffe",
    "x" * 100_000,
    "../../etc/passwd",
    "",
)
