"""Data and regions from strangers: refused with a sentence, whatever the bytes are."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from verify.language.errors import ClaimError
from verify.language.things import Unreadable
from verify.training.circuits.examples import read_examples
from verify.training.circuits.regions import read_region

POINTS = [[0, 0], [2, 1]]
PIECES = (
    "box", ";", "+", "-", "x1", "x2", "0:1", "1/0", "1e400", "1e-400", "<=", "<", "=", "and",
    "or", "not", "(", ")", "abs(", "forall k: Nat.", "*", "/", "^", "2", "if x1 then", "\x00",
    "\u202e", "sum", "real(1)", "implies", ".csv", "box /dev/null.csv", "..", "NaN", "inf",
)  # fmt: skip


@given(st.lists(st.sampled_from(PIECES), max_size=9))
def test_regions_of_random_pieces(pieces: list[str]) -> None:
    text = " ".join(pieces)
    try:
        region = read_region(text, ("x1", "x2"), POINTS)
    except Unreadable as refused:
        assert refused.message
        return
    assert region.cases
    assert all(len(case.lower) == len(case.upper) == 2 for case in region.cases)


@pytest.mark.parametrize(
    "text",
    [
        "box; " + "(" * 5_000 + "x1 <= 1" + ")" * 5_000,
        "box; " + "not " * 5_000 + "x1 <= 1",
        "box; x1 <= " + "1 + " * 20_000 + "1",
        "box; " + " and ".join(["(x1 <= 1 or x2 <= 1)"] * 40),
        "box; x1 ^ 400 <= 1",
        "box; 1e399 * x1 * 1e399 * 1e399 <= 1",
        ";".join(["box"] * 20_000),
        "box + 1e400",
        "box; x1 <= 10 ^ 10 ^ 10",
    ],
)
def test_regions_that_would_take_forever_are_refused_or_read(text: str) -> None:
    try:
        region = read_region(text, ("x1", "x2"), POINTS)
    except Unreadable as refused:
        assert refused.message
        return
    assert len(region.cases) <= 20_000


VALID = b"x1,x2,y\n1,2,3\n0.5,-1/3,1e3\n"


def test_mutated_data_files_are_read_or_refused() -> None:
    chance = random.Random(5)
    outcomes = {"read": 0, "refused": 0}
    for _ in range(2_000):
        data = bytearray(VALID)
        for _ in range(chance.randint(1, 4)):
            place = chance.randrange(len(data))
            match chance.randrange(3):
                case 0:
                    data[place] = chance.randrange(256)
                case 1:
                    del data[place]
                case _:
                    data[place:place] = chance.choice(
                        [b",", b"\n", b"9" * 50, b"e", b"\xc3"]
                    )
        try:
            made = read_examples(bytes(data), "d.csv", 2, 1, "squared")
        except (Unreadable, ClaimError) as refused:
            assert refused.message
            outcomes["refused"] += 1
            continue
        assert len(made.points) == len(made.lines) == len(made.targets.values)
        outcomes["read"] += 1
    assert min(outcomes.values()) > 100, outcomes


def test_a_region_file_is_read_as_data_and_not_followed(tmp_path) -> None:  # noqa: ANN001
    for name, content in (
        ("a.csv", "x1,x2\n" + "1,1\n" * 3), ("b.csv", "\x00" * 50), ("c.csv", ""),
        ("d.vnnlib", "(get-info :all)(exit)"), ("e.vnnlib", "(include \"/etc/passwd\")"),
    ):  # fmt: skip
        path = tmp_path / name
        path.write_text(content)
        if name == "a.csv":
            assert len(read_region(str(path), ("x1", "x2"), POINTS).cases) == 3
            continue
        with pytest.raises((Unreadable, ClaimError)):
            read_region(str(path), ("x1", "x2"), POINTS)
    (tmp_path / "folder.csv").mkdir()
    with pytest.raises(Unreadable, match="is not a regular file"):
        read_region(str(tmp_path / "folder.csv"), ("x1", "x2"), POINTS)
