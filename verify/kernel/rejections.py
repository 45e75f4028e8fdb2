"""What the kernel says when it does not accept: where, what it expected, what it got.

Inner code raises the fact; `check` adds the step. A `Rejected` is evidence that fails, a
`Declined` is evidence that this kernel does not know how to read (a newer version, a rule
it has never heard of). Neither is ever a verdict.
"""

from __future__ import annotations


class Rejected(ValueError):
    """The evidence fails. `rule` and `step` say where, `expected` and `got` say why."""

    def __init__(
        self, expected: str, got: object, *, rule: str = "", step: int | None = None
    ) -> None:
        self.expected = expected
        try:
            self.got = str(got)[:300]
        except (RecursionError, ValueError):  # nested or long beyond what Python prints
            self.got = "more than can be shown"
        self.rule = rule
        self.step = step
        super().__init__(expected, self.got, rule, step)

    def at(self, rule: str, step: int) -> Rejected:
        """The same fact with its place filled in, unless an inner place is known."""
        return (
            self
            if self.rule
            else type(self)(self.expected, self.got, rule=rule, step=step)
        )

    def __str__(self) -> str:
        where = f"step {self.step} ({self.rule}): " if self.step is not None else ""
        return f"{where}expected {self.expected}, got {self.got}"


class Declined(Rejected):
    """The kernel does not know this rule, format or version, so it has no opinion."""


def require(condition: bool, expected: str, got: object, *, rule: str = "") -> None:
    """Raise Rejected unless the condition holds; unlike an assertion, always."""
    if not condition:
        raise Rejected(expected, got, rule=rule)
