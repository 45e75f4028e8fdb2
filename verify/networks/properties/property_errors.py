"""What is said about a property that cannot be taken as it stands: where, what, the fix."""

from __future__ import annotations

from typing import Final

SYNTAX: Final = "syntax"  # no text of the format
UNSUPPORTED: Final = "unsupported"  # text of the format that is declined by name
LIMIT: Final = "limit"  # larger than a cap


class PropertyError(ValueError):
    """A property that cannot be read, or does not fit its network.

    `line` counts from 1 in the text, 0 where no line is to blame; `kind` is syntax,
    unsupported or limit; `fix` is the next thing to try, or empty.
    """

    def __init__(
        self, message: str, *, line: int = 0, kind: str = SYNTAX, fix: str = ""
    ) -> None:
        self.message = message
        self.line = line
        self.kind = kind
        self.fix = fix
        super().__init__(message, line, kind, fix)

    def __str__(self) -> str:
        place = f"line {self.line}: " if self.line else ""
        fix = f"; {self.fix}" if self.fix else ""
        return f"{place}{self.message}{fix}"
