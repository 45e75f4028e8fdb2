"""VNN-LIB 2.0 queries: tensors, several networks, exact numbers, and refusals."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.networks.formulas import Tree, evaluate
from tests.networks.samples import make_network, tent
from verify.networks.properties.property_errors import PropertyError
from verify.networks.properties.tensors import Tensor, check_ports
from verify.networks.properties.vnnlib2 import Parsed, is_version_two, read_query
from verify.networks.query import Query
from verify.networks.reading.graph import Graph, Port
from verify.networks.values import exact

HALF, ONE = Fraction(1, 2), Fraction(1)
DOUBLE = make_network(([[2.0]], [0.0]))


def declare(*networks: str) -> str:
    return "(vnnlib-version <2.0>)\n" + "\n".join(networks) + "\n"


def single(element: str = "real", shape: str = "[2]") -> str:
    return declare(
        f"(declare-network f (declare-input A {element} {shape})"
        f" (declare-output B {element} [1]))"
    )


BOX = "(assert (and (>= A[0] 0.0) (<= A[0] 1.0) (>= A[1] 0.0) (<= A[1] 1.0)))\n"
TWINS = declare(
    "(declare-network f (declare-input A real [1]) (declare-output B real [1]))",
    "(declare-network g (equal-to f)"
    " (declare-input C real [1]) (declare-output D real [1]))",
    "(declare-network h (isomorphic-to f)"
    " (declare-input E real [1]) (declare-output F real [1]))",
)
LINE = "(assert (and (>= A[0] -1.0) (<= A[0] 1.0)))\n"


def is_met(query: Query, point: Sequence[Fraction]) -> bool:
    outputs = exact.evaluate(query.network, point)
    return any(exact.holds(case, point, outputs) for case in query.cases)


def test_tensors_are_flattened_by_rows() -> None:
    text = single(shape="[2,3]") + "".join(
        f"(assert (and (>= A[{i},{j}] {3 * i + j}.0) (<= A[{i},{j}] 9.0)))\n"
        for i in range(2)
        for j in range(3)
    )
    parsed = read_query(text)
    (case,) = parsed.stated.cases
    assert case.lower == tuple(map(Fraction, range(6)))
    assert parsed.networks[0].inputs == (Tensor("A", "real", (2, 3)),)


def test_decimals_are_exact_not_floats() -> None:
    tenth = "0.1000000000000000000000000000000000000001"
    parsed = read_query(single() + BOX + f"(assert (<= A[0] {tenth}))")
    assert parsed.stated.cases[0].upper[0] == Fraction(tenth)


def test_comments_and_line_ends_change_nothing() -> None:
    plain = single() + BOX
    marked = "; \x1b[2J (assert\n" + plain.replace("\n", ' ; "quoted\r\n')
    assert read_query(marked) == read_query(plain)
    assert is_version_two(marked) and not is_version_two("(declare-const X_0 Real)")


def test_a_scalar_has_no_index() -> None:
    text = single().replace("B real [1]", "B real []") + BOX + "(assert (> B 1.0))"
    (case,) = read_query(text).stated.cases
    assert case.rows[0].outputs == ((0, ONE),)


def test_unequal_is_two_cases() -> None:
    parsed = read_query(single() + BOX + "(assert (!= B[0] 1.0))")
    assert len(parsed.stated.cases) == 2
    assert all(row.strict for case in parsed.stated.cases for row in case.rows)


def test_a_query_of_one_network_keeps_the_network() -> None:
    network = make_network(([[1.0, 2.0]], [0.0]))
    assert read_query(single() + BOX).make_query({"f": network}).network is network


def test_networks_may_share_inputs_and_files() -> None:
    parsed = read_query(
        TWINS + LINE + "(assert (and (== C[0] (* 2.0 A[0])) (== E[0] A[0])))\n"
        "(assert (> (- D[0] B[0]) F[0]))"
    )
    query = parsed.make_query({"f": tent(), "h": DOUBLE})
    assert query.network.inputs == 1
    assert exact.evaluate(query.network, [HALF]) == (HALF, 0, ONE)
    assert parsed.restore((HALF,)) == (HALF, ONE, HALF)
    assert not is_met(query, [HALF])
    assert is_met(query, [Fraction(-3, 4)])


def test_bounds_of_a_defined_input_bound_the_others() -> None:
    parsed = read_query(
        TWINS + "(assert (== C[0] (* 2.0 A[0]))) (assert (== E[0] C[0]))"
        "(assert (<= C[0] 1.0)) (assert (>= E[0] -3.0))"
    )
    (case,) = parsed.stated.cases
    assert (case.lower, case.upper) == ((Fraction(-3, 2),), (HALF,))


@pytest.mark.parametrize(
    "given, reason",
    [
        ({"f": tent()}, "no file is given for the network h"),
        ({"f": tent(), "h": tent(), "g": tent()}, "needs none for it"),
        ({"f": tent(), "h": make_network(([[1.0, 1.0]], [0.0]))}, "declares 1 input"),
    ],
)
def test_every_network_needs_its_file(given: dict[str, object], reason: str) -> None:
    equal = "(assert (and (== C[0] A[0]) (== E[0] A[0])))"
    with pytest.raises(PropertyError, match=reason):
        read_query(TWINS + LINE + equal).make_query(given)  # type: ignore[arg-type]


def graph(kind: str, shape: tuple[int, ...]) -> Graph:
    ports = ((Port("x", kind, shape),), (Port("y", kind, (-1,)),))
    return Graph(*ports, (), (), 13)


@pytest.mark.parametrize(
    "element, kind, shape, reason",
    [
        ("real", "float16", (2,), ""),
        ("float32", "float32", (2,), ""),
        (
            "float32",
            "float64",
            (2,),
            "declared as float32, and the file's input is float64",
        ),
        ("real", "float32", (1, 2), "the file's input has [1, 2]"),
        ("real", "float32", (3,), "the file's input has [3]"),
    ],
)
def test_tensors_must_be_those_of_the_file(
    element: str, kind: str, shape: tuple[int, ...], reason: str
) -> None:
    (net,) = read_query(single(element) + BOX).networks
    if not reason:
        check_ports(net, graph(kind, shape))
        return
    with pytest.raises(PropertyError) as caught:
        check_ports(net, graph(kind, shape))
    assert reason in str(caught.value)


def test_one_input_is_not_two() -> None:
    (net,) = read_query(single() + BOX).networks
    two = graph("float32", (2,))
    with pytest.raises(PropertyError, match=r"declares 1 input\(s\).*file has 2"):
        check_ports(net, two._replace(inputs=two.inputs * 2))


@pytest.mark.parametrize(
    "body, reason",
    [
        ("(assert (<= A[0] 1.0))", "A[0] has no lower bound"),
        (BOX + "(assert (<= A[-1] 1.0))", "A[-1] is outside the shape [2]"),
        (BOX + "(assert (<= (* A[0] B[0]) 1.0))", "not linear"),
        (BOX + "\n(assert (<= Q[0] 1.0))", "line 5: Undeclared variable `Q`"),
        (BOX + "(assert (<= A[0] 1e-5))", "a syntax error at `e`"),
        (BOX + "(assert (<= A[0] 1.0)", "a syntax error at the end of the text"),
        (BOX + "\0(assert (<= B[0] 1.0))", "U+0000 (a control character)"),
    ],
)
def test_refusals_say_why(body: str, reason: str) -> None:
    with pytest.raises(PropertyError) as caught:
        read_query(single() + body)
    assert reason in str(caught.value)


def test_a_network_is_equal_or_isomorphic_not_both() -> None:
    both = TWINS.replace("(equal-to f)", "(equal-to f) (isomorphic-to f)")
    with pytest.raises(PropertyError, match="equal-to and isomorphic-to"):
        read_query(both + LINE)


def test_element_types_are_listed_once() -> None:
    assert read_query(single("float32") + BOX).elements == ("float32",)


def numbers() -> st.SearchStrategy[Tree]:
    texts = st.sampled_from(["0.0", "1.0", "-1.0", "0.5", "-2.25"])
    return texts.map(lambda text: ("number", text))


def terms() -> st.SearchStrategy[Tree]:
    leaves = st.one_of(st.sampled_from([("X", 0), ("X", 1), ("Y", 0)]), numbers())

    def grow(part: st.SearchStrategy[Tree]) -> st.SearchStrategy[Tree]:
        several = st.lists(part, min_size=1, max_size=3)
        return st.one_of(
            several.map(lambda parts: ("+", *parts)),
            several.map(lambda parts: ("-", *parts)),
            st.tuples(numbers(), part).map(lambda pair: ("*", *pair)),
        )

    return st.recursive(leaves, grow, max_leaves=4)


def formulas() -> st.SearchStrategy[Tree]:
    # A comparison of numbers alone has no type in the standard, so one side is a variable.
    left = st.sampled_from([("X", 0), ("X", 1), ("Y", 0)])
    signs = st.sampled_from(["<=", "<", ">=", ">", "="])
    compared = st.tuples(signs, left, terms())

    def grow(part: st.SearchStrategy[Tree]) -> st.SearchStrategy[Tree]:
        several = st.lists(part, min_size=1, max_size=3)
        return st.one_of(
            several.map(lambda parts: ("and", *parts)),
            several.map(lambda parts: ("or", *parts)),
        )

    return st.recursive(compared, grow, max_leaves=5)


def write(tree: Tree) -> str:
    kind, *parts = tree
    if kind in ("X", "Y"):
        return f"{'A' if kind == 'X' else 'B'}[{parts[0]}]"
    if kind == "number":
        return parts[0]
    return f"({'==' if kind == '=' else kind} {' '.join(map(write, parts))})"


GRID = [Fraction(n, 4) for n in range(5)]


@given(
    st.lists(formulas(), min_size=1, max_size=2),
    st.lists(
        st.lists(st.sampled_from(GRID), min_size=3, max_size=3), min_size=6, max_size=6
    ),
)
@settings(max_examples=150)
def test_what_is_read_means_what_was_written(
    trees: list[Tree], points: list[list[Fraction]]
) -> None:
    asserted = "".join(f"(assert {write(tree)})\n" for tree in trees)
    parsed = read_query(single() + BOX + asserted)
    for values in points:
        point, out = values[:2], values[2:]
        wanted = all(evaluate(tree, point, out) for tree in trees)
        assert _is_met(parsed, point, out) is wanted


def _is_met(parsed: Parsed, point: list[Fraction], out: list[Fraction]) -> bool:
    """Whether the point is in a case, taking out inputs that equations define."""
    kept = tuple(point[index] for index in parsed.solved.kept)
    if parsed.restore(kept) != tuple(point):
        return False
    return any(exact.holds(case, kept, out) for case in parsed.stated.cases)
