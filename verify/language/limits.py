"""How large a document may be: every cap of this room, and the meter of one reading.

A claim from a stranger is data, so sizes are bounded before anything is built. The caps
that add up over a document and all it uses (words, expansions, files) are counted in one
`Meter`, handed down; the others are checked where the thing is met.
"""

from __future__ import annotations

from typing import Final

MAX_FILE: Final = 4_000_000  # bytes of one file
MAX_LINES: Final = 15_000  # of a Markdown file
MAX_PLAIN_LINES: Final = 100_000  # of a .claim file
MAX_WORDS: Final = 150_000  # words of a document and everything it uses
MAX_STATEMENTS: Final = 10_000
MAX_NESTING: Final = 200  # of a formula, and of parentheses
MAX_STACK: Final = 4_000  # of the parser, which nesting within the cap never fills
MAX_ENTRIES: Final = 1_000  # of a by-list
MAX_DIGITS: Final = 1_000  # of one numeral
MAX_EXPONENT: Final = 400  # of a power of a numeral
MAX_POWER: Final = 64  # of any other power: it becomes a product
MAX_NAME: Final = 200  # characters
MAX_LABEL: Final = 1_000  # characters between quotation marks
MAX_ELEMENTS: Final = 1_000  # of a finite type
MAX_PARTS: Final = 8  # arguments of min and max: the term doubles with each
MAX_OBLIGATIONS: Final = 1_000  # of one statement
MAX_USE_DEPTH: Final = 10
MAX_USES: Final = 50  # files below one document
MAX_WORK: Final = 200_000  # words, and nodes made by expanding definitions and sums
MAX_QUANTITIES: Final = 1_000_000  # nodes of the formulas that constants stand for


class Meter:
    """What one reading has used so far; shared by a document and those it uses.

    `work` counts the words as well, so that the two together stay bounded.
    """

    def __init__(self) -> None:
        self.words = 0
        self.work = 0
        self.files = 0
        self.quantities = 0
