"""What the kernel said to stored certificates, read back from its own terms.

The statement shown is the kernel's, not the author's label: whoever wants to know what
was really shown compares this text with the document.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any, Final

from verify.language.verdicts import Status
from verify.reports import words
from verify.reports.characters import escape, wrap
from verify.reports.lines import Line, Look, Span, line

MAX_TEXT: Final = 1_000  # characters of a formula up to which all of it is shown
CUT: Final = 300  # characters shown of a longer one
MAX_PREMISES: Final = 50  # of a certificate, that are shown
OUTCOMES: Final[dict[str, Status]] = {
    "accepted": "proved",
    "rejected": "refuted",
    "declined": "undecided",
}
CLAIMS: Final = {
    "proved": "follows",
    "refuted": "does not follow",
    "consistent": "has a world in which all its facts hold",
}


def render_answer(answer: Mapping[str, Any], look: Look) -> tuple[Line, ...]:
    """The paragraph of one certificate."""
    outcome = answer["outcome"]
    sign = words.symbol(OUTCOMES[outcome], look)
    said = Span(f"{sign} {outcome}", OUTCOMES[outcome])
    file = Span("  " + escape(answer["path"]), "notes")
    if outcome != "accepted":
        return (line(said, file), *_indented("", answer["why"], look))
    claim = answer["claim"]
    head = line(said, f"  {claim}  {answer['sha'][:12]}", file)
    out = [head]
    if claim != "consistent":
        out += _indented("", f"{answer['statement']} {CLAIMS[claim]}", look)
    else:
        out += _indented("", f"the problem {CLAIMS[claim]}", look)
    for meaning in answer["meanings"]:
        out += _indented("where ", meaning, look)
    for name, formula in answer["premises"][:MAX_PREMISES]:
        out += _indented(f"premise {name}: ", formula, look)
    if (left := len(answer["premises"]) - MAX_PREMISES) > 0:
        out += _indented("premises: ", f"{left} more, of the lemmas' own", look)
    for name, formula in answer["admitted"]:
        out += _indented(f"admitted {name}: ", formula, look)
    for lemma in answer["lemmas"]:
        state = "accepted above" if lemma["given"] else "not among these certificates"
        out += _indented(
            f"lemma {lemma['name']}: ", f"{lemma['sha'][:12]}, {state}", look
        )
    if answer["open"]:
        names = ", ".join(answer["open"])
        out += _indented("open: ", f"{names}; replay their certificates with it", look)
    return tuple(out)


def _indented(head: str, text: str, look: Look) -> Iterable[Line]:
    if len(text) > MAX_TEXT:
        text = f"{text[:CUT]} ... ({len(text)} characters, all in the file)"
    pieces = wrap(escape(head + text), look.width - 4, "    ")
    return [line("    " + piece) for piece in pieces]


def render_sum(answers: Iterable[Mapping[str, Any]], look: Look) -> Line:
    """`12 accepted · 1 rejected`, and how many lean on lemmas not given."""
    answers = tuple(answers)
    tally = Counter(answer["outcome"] for answer in answers)
    parts = [f"{tally[name]} {name}" for name in OUTCOMES if tally[name]]
    open_ones = sum(1 for answer in answers if answer.get("open"))
    if open_ones:
        parts.append(f"{open_ones} resting on a lemma that was not given")
    return line(
        f" {words.either(words.DOT, look)} ".join(parts) or "no certificate found"
    )
