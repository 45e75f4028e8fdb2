"""Lists of instances and properties beside networks: found, paired, and never lost."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.networks.onnx_making import dense
from tests.suites.networks_library import HIGH, TENT, make_networks
from verify.suites.instances import declared_networks, find_instances, read_list
from verify.suites.tasks import collect_tasks


def told(path: Path) -> list[tuple[str, str, str, float, str]]:
    return [
        (
            one.name,
            Path(one.networks.get("", "")).name,
            Path(one.stated).name,
            one.seconds,
            one.expected,
        )
        for one in find_instances([path])
    ]


def test_a_list_says_network_property_seconds_and_what_is_expected(
    tmp_path: Path,
) -> None:
    folder = make_networks(tmp_path / "lib")
    expected = [
        ("tent.onnx high.vnnlib", "tent.onnx", "high.vnnlib", 20.0, "proved"),
        ("tent.onnx tall.vnnlib", "tent.onnx", "tall.vnnlib", 20.0, "refuted"),
        ("tent.onnx none.vnnlib", "tent.onnx", "none.vnnlib", 20.0, "vacuous"),
    ]
    assert told(folder) == told(folder / "instances.csv") == expected
    assert [one.line for one in find_instances([folder, folder])] == [1, 2, 3]


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        ("tent.onnx,high.vnnlib", "expected network, property, seconds"),
        ("tent.onnx,high.vnnlib,0", "expected seconds above 0, got '0'"),
        ("tent.onnx,high.vnnlib,inf", "expected seconds above 0, got 'inf'"),
        ("tent.onnx,high.vnnlib,nan", "expected seconds above 0, got 'nan'"),
        ("tent.onnx,high.vnnlib,9,good", "expected a verdict, got 'good'"),
        ("tent.onnx,high.vnnlib,9,sat,x", "expected network, property, seconds"),
    ],
)
def test_a_row_that_is_none_says_so(tmp_path: Path, row: str, problem: str) -> None:
    (tmp_path / "instances.csv").write_text(f"tent.onnx,high.vnnlib,1\n\n{row}\n")
    first, second = read_list(tmp_path / "instances.csv")
    assert first.problem == "" and (second.line, second.problem) == (3, problem)


def test_lists_that_are_no_text_are_told(tmp_path: Path) -> None:
    path = tmp_path / "instances.csv"
    path.write_bytes(b"\xff\xfe\x00")
    assert [one.problem for one in read_list(path)] == [
        "the list cannot be read as UTF-8 text"
    ]
    path.write_text('a.onnx,"b' + "x" * 200_000 + '",1\n')
    assert [one.problem.partition(":")[0] for one in read_list(path)] == [
        "no list of comma-separated values"
    ]


def test_a_heading_several_networks_and_rows_told_twice(tmp_path: Path) -> None:
    path = tmp_path / "instances.csv"
    path.write_text(
        "network,property,seconds\nf=a.onnx;g=b.onnx,q.vnnlib,5\na.onnx,q.vnnlib,5\na.onnx,q.vnnlib,9\n"
    )
    first, second, third = read_list(path)
    assert {name: Path(file).name for name, file in first.networks.items()} == {
        "f": "a.onnx",
        "g": "b.onnx",
    }
    assert (second.name, third.name) == ("a.onnx q.vnnlib", "a.onnx q.vnnlib (2)")


def test_a_file_may_be_packed_though_the_list_does_not_say_so(tmp_path: Path) -> None:
    (tmp_path / "a.onnx.gz").write_bytes(b"")
    (tmp_path / "instances.csv").write_text("a.onnx,q.vnnlib,5\n")
    (one,) = read_list(tmp_path / "instances.csv")
    assert (
        Path(one.networks[""]).name == "a.onnx.gz"
        and Path(one.stated).name == "q.vnnlib"
    )


def test_without_a_list_a_property_goes_with_the_network_beside_it(
    tmp_path: Path,
) -> None:
    for name in ("one", "one-more"):
        (tmp_path / f"{name}.onnx").write_bytes(dense(*TENT))
    for name in ("one-high", "one-more-high", "other"):
        (tmp_path / f"{name}.vnnlib").write_text(HIGH)
    found = {
        one.name: (one.networks, one.problem) for one in find_instances([tmp_path])
    }
    assert found["one-high.vnnlib"] == ({"": str(tmp_path / "one.onnx")}, "")
    assert found["one-more-high.vnnlib"] == ({"": str(tmp_path / "one-more.onnx")}, "")
    assert "called after it" in found["other.vnnlib"][1]
    (tmp_path / "one-more.onnx").unlink()
    found = {
        one.name: (one.networks, one.problem) for one in find_instances([tmp_path])
    }
    assert found["other.vnnlib"] == ({"": str(tmp_path / "one.onnx")}, "")
    alone = [one.name for one in find_instances([tmp_path / "one.onnx"])]
    assert alone == ["one-high.vnnlib", "one-more-high.vnnlib", "other.vnnlib"]
    (tmp_path / "one.onnx").unlink()
    assert list(find_instances([tmp_path])) == []
    (lonely,) = find_instances([tmp_path / "other.vnnlib"])
    assert "called after it" in lonely.problem


def test_a_query_takes_the_networks_that_are_called_as_it_calls_them(
    tmp_path: Path,
) -> None:
    text = "(vnnlib-version <2.0>)\n(declare-network f (declare-input X real []))\n(declare-network g (declare-input Z real []))"
    (tmp_path / "q.vnnlib").write_text(text)
    assert declared_networks(text) == ("f", "g")
    for name in ("f", "g", "h"):
        (tmp_path / f"{name}.onnx").write_bytes(b"")
    (one,) = find_instances([tmp_path])
    assert {name: Path(file).name for name, file in one.networks.items()} == {
        "f": "f.onnx",
        "g": "g.onnx",
    }
    (tmp_path / "g.onnx").unlink()
    (one,) = find_instances([tmp_path])
    assert "called after f, g" in one.problem


def test_what_a_list_leaves_out_is_not_asked_and_documents_go_on(
    tmp_path: Path,
) -> None:
    folder = make_networks(tmp_path / "lib")
    (folder / "deep").mkdir()
    (folder / "deep" / "tent.onnx").write_bytes(dense(*TENT))
    (folder / "deep" / "high.vnnlib").write_text(HIGH)
    (folder / "a.claim").write_text("const p: Bool\nstep s: p or not p\n")
    tasks = collect_tasks([folder, folder / "instances.csv"], folder)
    assert [(task.kind, task.name) for task in tasks] == [
        ("document", "a.claim"),
        *[
            ("instance", f"instances.csv tent.onnx {name}.vnnlib")
            for name in ("high", "tall", "none")
        ],
    ]


def test_one_file_stands_for_its_rows_in_the_list_above(tmp_path: Path) -> None:
    folder = make_networks(tmp_path / "lib")
    (folder / "deep").mkdir()
    (folder / "high.vnnlib").rename(folder / "deep" / "high.vnnlib")
    text = (folder / "instances.csv").read_text()
    (folder / "instances.csv").write_text(text.replace("high.", "deep/high."))
    (one,) = find_instances([folder / "deep" / "high.vnnlib"])
    assert (one.line, one.name) == (1, "tent.onnx deep/high.vnnlib")
    assert [one.line for one in find_instances([folder / "tent.onnx"])] == [1, 2, 3]
