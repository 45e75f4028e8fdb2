"""What is wrong with a network file: data first, sentence second.

Text out of a stranger's file never reaches a terminal as it is: `show` keeps letters,
digits and plain punctuation, escapes the rest and cuts what is long.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

MAX_SHOWN: Final = 60


def show(text: str) -> str:
    """The text between quotes, printable ASCII only, cut to MAX_SHOWN characters."""
    cut = text[:MAX_SHOWN]
    plain = cut.encode("unicode_escape").decode("ascii").replace("'", "\\x27")
    return f"'{plain}'" if cut == text else f"'{plain}...'"


class ModelError(ValueError):
    """A model that is not read: the node and tensor concerned, the reason, the remedy.

    `node` and `tensor` are as they stand in the file, empty when none is concerned.
    """

    def __init__(
        self, reason: str, *, node: str = "", tensor: str = "", fix: str = ""
    ) -> None:
        self.reason, self.node, self.tensor, self.fix = reason, node, tensor, fix
        where = [f"node {show(node)}"] if node else []
        where += [f"tensor {show(tensor)}"] if tensor else []
        message = (", ".join(where) + ": " if where else "") + reason
        super().__init__(f"{message}; {fix}" if fix else message)


class UnsupportedLayer(ModelError):
    """An operator, or a way of using one, that has no lowering."""

    def __init__(
        self,
        reason: str,
        *,
        operator: str,
        node: str = "",
        tensor: str = "",
        fix: str = "",
        supported: Iterable[str] = (),
    ) -> None:
        self.operator = operator
        self.supported = tuple(supported)
        if self.supported:
            reason += f" (supported: {', '.join(self.supported)})"
        super().__init__(reason, node=node, tensor=tensor, fix=fix)
