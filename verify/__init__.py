"""Proofs about learned systems, in a sandbox: what Python may call.

    verify.run("claims")                 a library as a suite; returns its records
    verify.assert_proved("post.md")      inside an ordinary test
    verify.make_frame(report)            the verdicts as a pandas frame

Everything is imported on first use, so that the command starts at once and a replay
loads the kernel only.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from verify.cli.calling import assert_proved, make_frame, run

__all__ = ["assert_proved", "make_frame", "run"]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module 'verify' has no attribute {name!r}")
    from verify.cli import calling

    return getattr(calling, name)
