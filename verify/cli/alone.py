"""A process with the kernel and nothing else: what `verify replay` starts.

The process is begun with `-I -S`, so it sees no environment and no site-packages, and
before anything else it installs a finder that refuses every module outside the standard
library, `verify.kernel`, the printing of its terms and the loop around them. So whatever
is accepted here was accepted without z3, pysmt, cvc5, sympy, numpy or any part of this
project that searches. Paths of certificate files come in as one JSON list on standard
input, an answer a line goes out.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Final

LOOP: Final = ("verify.cli.replaying", "verify.cli.meanings")
PRINTING: Final = (
    "document", "errors", "expansion", "functions", "limits", "pieces", "positions",
    "precedence", "printing", "quantity_names", "sugar", "syntax", "trampoline",
)  # fmt: skip
ALLOWED: Final = (
    "verify", "verify.cli", "verify.kernel", "verify.language", *LOOP,
    *(f"verify.language.{name}" for name in PRINTING),
)  # fmt: skip


class OnlyTheKernel(MetaPathFinder):
    """Refuses, by name, every import of what is neither standard nor the kernel's."""

    def find_spec(
        self,
        fullname: str,
        path: Sequence[str] | None,
        target: ModuleType | None = None,
    ) -> ModuleSpec | None:
        if fullname.partition(".")[0] in sys.stdlib_module_names:
            return None
        if fullname in ALLOWED or fullname.startswith("verify.kernel."):
            return None
        raise ImportError(
            f"{fullname} is not available while certificates are replayed"
        )


def main() -> None:
    """Answer for the paths on standard input."""
    sys.meta_path.insert(0, OnlyTheKernel())
    from verify.cli.replaying import replay  # only now, behind the finder

    for answer in replay(json.load(sys.stdin)):
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()
