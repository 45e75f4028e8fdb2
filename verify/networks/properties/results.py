"""Answers as other tools read them: result files of VNN-COMP, output of VNN-LIB 2.0.

These speak about the query, not the property: `sat` means that what the file asserts can be
reached. Inputs are written as exact decimals, so that reading them back gives the very point
that was evaluated; only a number without a finite decimal is rounded. Outputs are rounded to
17 digits: they follow from the inputs, and exact ones can have hundreds.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Final

from verify.networks.properties.numerals import round_decimal, write_decimal
from verify.networks.properties.tensors import Declaration, Tensor

VNNCOMP: Final = {
    "proved": "unsat",
    "refuted": "sat",
    "vacuous": "unsat",
    "timeout": "timeout",
    "error": "error",
}
VNNLIB2: Final = {**VNNCOMP, "timeout": "timed-out", "error": "unknown"}


def answer_of(status: str, reason: str, words: dict[str, str]) -> str:
    """The word of the format for a verdict; `unknown` for every other undecided one."""
    return words.get(reason if status == "undecided" else status, "unknown")


def render_vnncomp(
    answer: str, inputs: Sequence[Fraction] = (), outputs: Sequence[Fraction] = ()
) -> str:
    """A VNN-COMP result file: the answer, and for `sat` the point in one s-expression."""
    if answer != "sat":
        return f"{answer}\n"
    pairs = [f"(X_{i} {write_decimal(value)})" for i, value in enumerate(inputs)]
    pairs += [f"(Y_{i} {round_decimal(value)})" for i, value in enumerate(outputs)]
    listed = "\n ".join(pairs)
    return f"sat\n({listed})\n"


def render_vnnlib2(
    answer: str,
    declared: Sequence[Declaration] = (),
    inputs: Sequence[Fraction] = (),
    outputs: Sequence[Fraction] = (),
) -> str:
    """The standard's output: the answer, and for `sat` every declared variable in order.

    `inputs` and `outputs` are those of all networks one after the other.
    """
    lines = [answer]
    if answer == "sat":
        start = end = 0
        for net in declared:
            for tensor in net.inputs:
                values = inputs[start : start + tensor.size]
                lines += [_header(tensor), *map(write_decimal, values)]
                start += tensor.size
            for tensor in net.outputs:
                values = outputs[end : end + tensor.size]
                lines += [_header(tensor), *map(round_decimal, values)]
                end += tensor.size
    return "\n".join(lines) + "\n"


def _header(tensor: Tensor) -> str:
    return f"{tensor.name} {tensor.element} [{','.join(map(str, tensor.shape))}]"
