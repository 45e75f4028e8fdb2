"""What is wrong with a question about a shift: one sentence, and what to do about it."""

from __future__ import annotations


class ShiftError(ValueError):
    """A question that has no meaning as asked; `fix` is the next thing to try."""

    def __init__(self, message: str, fix: str = "") -> None:
        self.message, self.fix = message, fix
        super().__init__(f"{message}; {fix}" if fix else message)


class EmptyRegion(ShiftError):
    """No point lies in the region: whatever is said of all its points is vacuous."""
