"""What the language says about a document it cannot read: the place, the fact, the fix."""

from __future__ import annotations


class ClaimError(ValueError):
    """A document that cannot be read as written.

    `line` and `column` count from 1 in the file itself, prose included. `message` says
    what was found and what was expected; `fix` is the next thing to try, or empty.
    """

    def __init__(
        self,
        message: str,
        *,
        path: str = "",
        line: int = 0,
        column: int = 0,
        fix: str = "",
    ) -> None:
        self.message = message
        self.path = path
        self.line = line
        self.column = column
        self.fix = fix
        super().__init__(message, path, line, column, fix)

    def __str__(self) -> str:
        place = (
            f"{self.path}:{self.line}:{self.column}: "
            if self.line
            else f"{self.path}: "
        )
        fix = f" ({self.fix})" if self.fix else ""
        return f"{place if self.path else ''}{self.message}{fix}"
