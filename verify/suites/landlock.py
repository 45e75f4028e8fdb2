"""Landlock: a process that can change no file, whatever the user who started it may.

A limit on file sizes keeps a process from writing bytes, but not from emptying, deleting or
renaming what is there. Linux lets a process give all of that up for itself and whatever it
starts (kernel documentation, "Landlock: unprivileged access control"): a set of rules names
the kinds of access in question, and what no rule allows is refused from then on. The only
rule here is for /dev/null. Reading is not in question.
"""

from __future__ import annotations

import ctypes
import os
import struct
import sys
from typing import Any, Final

LAYER: Final = "no files changed"
CREATE_RULESET, ADD_RULE, RESTRICT_SELF = 444, 445, 446  # the same on every machine
VERSION_FLAG: Final = 1
PATH_BENEATH: Final = 1
WRITE, TRUNCATE = 1 << 1, 1 << 14
CHANGES: Final = WRITE | sum(1 << bit for bit in range(4, 13))  # remove and make
SINCE: Final = (
    (2, 1 << 13),
    (3, TRUNCATE),
)  # version of the interface, access it added
NO_NEW_PRIVILEGES: Final = 38
ALLOWED: Final = os.devnull


def _library() -> Any:
    return (
        ctypes.CDLL(None, use_errno=True) if sys.platform.startswith("linux") else None
    )


_C: Final = _library()


def version() -> int:
    """The version of the interface; 0 where there is none."""
    if _C is None:
        return 0
    return max(int(_C.syscall(CREATE_RULESET, None, 0, VERSION_FLAG)), 0)


def give_up_files() -> tuple[str, ...]:
    """Change no file from now on, nor may a child; the layers that this gives."""
    known = version()
    if not known:
        return ()
    handled = CHANGES | sum(access for since, access in SINCE if known >= since)
    attributes = ctypes.create_string_buffer(struct.pack("=Q", handled), 8)
    rules = _C.syscall(CREATE_RULESET, attributes, 8, 0)
    if rules < 0:
        return ()
    try:
        nothing = os.open(ALLOWED, os.O_RDONLY | os.O_CLOEXEC)
        try:
            allowed = (WRITE | TRUNCATE) & handled
            rule = ctypes.create_string_buffer(struct.pack("=Qi", allowed, nothing), 12)
            if _C.syscall(ADD_RULE, rules, PATH_BENEATH, rule, 0):
                return ()
        finally:
            os.close(nothing)
        _C.prctl(NO_NEW_PRIVILEGES, 1, 0, 0, 0)
        return () if _C.syscall(RESTRICT_SELF, rules, 0) else (LAYER,)
    finally:
        os.close(rules)
