"""Training data: what is read, and each refusal with the line at fault."""

from __future__ import annotations

from fractions import Fraction

import pytest

from verify.language.errors import ClaimError
from verify.language.things import Unreadable
from verify.training.circuits.examples import make_near, read_examples


def read(text: str, inputs: int = 1, outputs: int = 1, loss: str = "squared"):  # noqa: ANN201
    return read_examples(text.encode(), "d.csv", inputs, outputs, loss)


@pytest.mark.parametrize(
    "text, outputs, loss, message, fix",
    [
        ("x,y\n1\n", 1, "squared", "d.csv, line 2: expected 2 numbers", "one number"),
        ("x,y\n1,2\n3,nan\n", 1, "l1", "line 3: expected a number, got 'nan'", "write"),
        ("x,y\n1,inf\n", 1, "l1", "line 2: expected a number, got 'inf'", "write"),
        ("x,y\n1,\n", 1, "l1", "line 2: expected a number, got ''", "write"),
        ("x,y\n1,one\n", 1, "l1", "line 2: expected a number, got 'one'", "write"),
        ("x,y\n", 1, "l1", "d.csv has no points", "write one a line"),
        ("", 1, "l1", "the first line of d.csv is no header", "begin with names"),
        ("1,2\n3,4\n", 1, "l1", "the first line of d.csv is no header", "begin"),
        ("x,z,y\n1,2,3\n", 1, "l1", "2 input columns, and the network takes 1", "begins with y"),
        ("x\n1\n", 1, "l1", "d.csv has no targets", "name their columns y"),
        ("x,y1,y2\n1,2,3\n", 1, "l1", "2 target columns, and the network has 1 outputs", "one"),
        ("x,y1,y2\n1,2,3\n", 3, "l1", "2 target columns, and the network has 3 outputs", "one"),
        ("x,y\n1,1\n2,3\n", 3, "squared", "line 3: expected a class label from 0 to 2, got 3", "number the classes"),
        ("x,y\n1,1/2\n", 3, "squared", "line 2: expected a class label from 0 to 2, got 1/2", "number"),
        ("x,y\n1,1\n\n2,0\n", 1, "hinge", "line 4: the loss hinge needs the labels -1 and 1, got 0", "change"),
        ("x,y\n1,2\n", 1, "zero_one", "line 2: the loss zero_one needs the labels -1 and 1", "change"),
        ("x,y\n1,1\n", 2, "hinge", "needs a network with one output, and it has 2", "use --loss"),
        ("x,y1,y2\n1,2,3\n", 2, "zero_one", "needs class labels", "use --loss"),
        ("x,y1,y2\n1,1,0\n", 2, "hinge", "needs a network with one output", "use --loss"),
        ("x,y\n" + "".join(f"1/{10**40 + k},0\n" for k in range(1, 99, 2)), 1, "l1",
         "no short common denominator", "decimals of few digits"),
    ],
)  # fmt: skip
def test_refusals_name_the_place(
    text: str, outputs: int, loss: str, message: str, fix: str
) -> None:
    with pytest.raises(Unreadable) as caught:
        read(text, 1, outputs, loss)
    assert message in caught.value.message
    assert fix in caught.value.fix


def test_bytes_that_are_no_text() -> None:
    with pytest.raises(ClaimError, match="not UTF-8"):
        read_examples(b"x,y\n\xff,1\n", "d.csv", 1, 1, "l1")


def test_points_with_two_targets_are_allowed_and_told_with_their_lines() -> None:
    made = read("x,y\n1,2\n2,1\n\n1,3\n2,1\n")
    assert made.lines == (2, 3, 5, 6)
    (note,) = made.notes
    assert note.startswith("1 point occurs with different targets (lines 2, 5)")
    assert read("x,y\n1,2\n1,2\n").notes == ()


def test_class_labels_in_one_column_or_as_rows_of_one_one() -> None:
    one = read("x,y\n1,2\n5,0\n", outputs=3).targets
    rows = read("x,y0,y1,y2\n1,0,0,1\n5,1,0,0\n", outputs=3).targets
    assert one == rows
    assert one.labels == (2, 0)
    assert one.values[0] == (0, 0, 1)
    assert read("x,y1,y2\n1,1,1\n", outputs=2).targets.labels is None


def test_a_windows_file_with_a_byte_order_mark() -> None:
    made = read_examples(b"\xef\xbb\xbfx , y\r\n0.1, 1\r\n", "d.csv", 1, 1, "l1")
    assert made.columns == ("x",)
    assert made.points == ((Fraction(1, 10),),)


def test_floats_know_how_far_they_are_from_the_numbers() -> None:
    exact = [[Fraction(1, 10), Fraction(1, 2), Fraction(10) ** 399, Fraction(-1, 3)]]
    near = make_near(exact)
    for value, error, number in zip(
        near.values[0], near.errors[0], exact[0], strict=True
    ):
        assert error == float("inf") or abs(
            Fraction(float(value)) - number
        ) <= Fraction(float(error))
    assert near.errors[0][1] == 0
