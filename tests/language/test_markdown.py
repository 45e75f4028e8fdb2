"""Fences: what is read as claims, and that every place is a place in the file."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.language.reading import read_fences
from verify.language.errors import ClaimError
from verify.language.limits import MAX_LINES, MAX_PLAIN_LINES
from verify.language.markdown import decode, read_markdown, read_plain

STEP = "const p: Bool\nstep s: p\n"


def kept(text: str) -> str:
    """What is read of a Markdown text, blanks left out."""
    return " ".join(read_markdown("d.md", text).text.split())


@pytest.mark.parametrize(
    "text",
    [
        "```claim\nconst p: Bool\n```\n",
        "````claim\nconst p: Bool\n````\n",
        "```claim\nconst p: Bool\n`````\n",
        "~~~claim\nconst p: Bool\n~~~\n",
        "``` claim\nconst p: Bool\n```",
        "```claim title=here\nconst p: Bool\n```",
        "   ```claim\nconst p: Bool\n   ```",
        "> ```claim\n> const p: Bool\n> ```\n",
        "- text\n\n  ```claim\n  const p: Bool\n  ```\n",
        "1. > - ```claim\n   >   const p: Bool\n   >   ```\n",
        "prose\n```claim\nconst p: Bool\n```\nprose `code` <b>html</b>\n",
        "```claim\r\nconst p: Bool\r\n```\r\n",
        "prose with a lone\rreturn\n\n```claim\nconst p: Bool\n```\n",
    ],
)
def test_what_a_renderer_shows_as_a_claim_block_is_read(text: str) -> None:
    assert kept(text) == "const p: Bool"


@pytest.mark.parametrize(
    "text",
    [
        "const p: Bool",
        "    ```claim\n    const p: Bool\n    ```\n",
        "```python\nclaim\n```\n",
        "```\nclaim\n```\n",
        "````markdown\n```claim\nconst p: Bool\n```\n````\n",
        "`claim const p: Bool`",
        "a claim, in prose",
        "",
    ],
)
def test_nothing_else_is_read(text: str) -> None:
    assert kept(text) == ""


def test_positions_are_those_of_the_file() -> None:
    text = "# Title\n\nProse: 𝒫 ≤ 1.\n\n```claim\nconst p: Bool\nstep s: p and q\n```\n"
    with pytest.raises(ClaimError, match="unknown name `q`") as caught:
        read_fences(text)
    assert (caught.value.line, caught.value.column) == (7, 15)
    quoted = "intro\n\n> - ```claim\n>   const p: Bool\n>   step s: p and q\n>   ```\n"
    with pytest.raises(ClaimError) as caught:
        read_fences(quoted)
    assert (caught.value.line, caught.value.column) == (5, 19)


@settings(deadline=None)
@given(st.text(st.sampled_from("ab `~>-\t\n\r\0é\u2028#1.")), st.text(max_size=20))
def test_lines_and_columns_never_move(before: str, after: str) -> None:
    """Whatever the prose, the read text has the shape of the file."""
    text = f"{before}\n\n```claim\nconst p: Bool\n```\n{after}"
    try:
        source = read_markdown("d.md", text)
    except ClaimError:
        return
    assert len(source.text) == len(text)
    kept_places = [
        place for place, char in enumerate(source.text) if not char.isspace()
    ]
    assert all(source.text[place] == text[place] for place in kept_places)
    assert [place for place, char in enumerate(text) if char == "\n"] == [
        place for place, char in enumerate(source.text) if char == "\n"
    ]


def test_blocks_are_one_text_and_a_statement_ends_with_its_block() -> None:
    document = read_fences("```claim\nconst p: Bool\n```\n```claim\nstep s: p\n```\n")
    assert [s.name for s in document.statements] == ["s"]
    split = "```claim\nconst p: Bool\nstep s: p\n```\n\n```claim\n    by s\n```\n"
    with pytest.raises(ClaimError, match="a by-list without its statement") as caught:
        read_fences(split)
    assert caught.value.line == 7
    cut = "```claim\nconst p: Bool\nstep s: p and\n```\n\n```claim\np\n```\n"
    with pytest.raises(ClaimError, match="got the end of the block") as caught:
        read_fences(cut)
    assert caught.value.line == 4


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("prose\n\n```claim\nconst p: Bool\n", 3, "never closed"),
        ("```claim\nconst p: Bool\n``\n", 1, "never closed"),
        ("> ```claim\n> const p: Bool\n\nprose\n", 1, "never closed"),
        ("```Claim\nconst p: Bool\n```\n", 1, "`Claim` is not read"),
        ("```claims\nconst p: Bool\n```\n", 1, "`claims` is not read"),
        ("```{claim}\nconst p: Bool\n```\n", 1, "`{claim}` is not read"),
        ("- a\n\n  ```claim\n\tconst p: Bool\n  ```\n", 4, "cannot be told"),
    ],
)
def test_blocks_that_would_silently_be_lost_are_mistakes(
    text: str, line: int, message: str
) -> None:
    with pytest.raises(ClaimError, match=message) as caught:
        read_markdown("d.md", text)
    assert caught.value.line == line


def test_a_block_left_open_by_its_list_is_closed_there() -> None:
    with pytest.raises(ClaimError, match="never closed"):
        read_markdown("d.md", "- ```claim\n  const p: Bool\n\noutside\n")


def test_a_plain_file_is_all_claims() -> None:
    assert read_plain("d.claim", STEP).text == STEP


def test_the_number_of_lines_is_bounded() -> None:
    with pytest.raises(ClaimError, match=f"at most {MAX_LINES} lines") as caught:
        read_markdown("d.md", "\n" * (MAX_LINES + 1))
    assert caught.value.line == MAX_LINES + 1
    with pytest.raises(ClaimError, match=f"at most {MAX_PLAIN_LINES} lines"):
        read_plain("d.claim", "\r\n" * (MAX_PLAIN_LINES + 1))
    assert read_plain("d.claim", "\n" * MAX_PLAIN_LINES).text


def test_bytes_are_utf_8_and_a_byte_order_mark_is_dropped() -> None:
    assert decode("d.md", b"\xef\xbb\xbfconst") == "const"
    for data, place in ((b"ab\n\xc3\xa9\xffc", (2, 2)), ("a".encode("utf-16"), (1, 1))):
        with pytest.raises(ClaimError, match="not UTF-8") as caught:
            decode("d.md", data)
        assert (caught.value.line, caught.value.column) == place
