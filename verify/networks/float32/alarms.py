"""The alarm: what was said to be decided contradicts exact evaluation.

It is never caught on the way to a verdict. Commands end with code 70 on it, documents get
a verdict whose diagnosis is `soundness_alarm`.
"""

from __future__ import annotations

from fractions import Fraction


class SoundnessAlarm(RuntimeError):
    """A verdict and exact evaluation disagree at `point`; the message says how."""

    def __init__(self, message: str, point: tuple[Fraction, ...] = ()) -> None:
        super().__init__(message)
        self.point = point
