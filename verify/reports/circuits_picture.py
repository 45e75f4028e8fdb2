"""The network as a picture: columns of inputs, units and outputs, with what was found.

Silent units are hollow and dashed, candidate detectors filled and ringed, units that
cancel share a colour and a letter; shape and text repeat what colour says. A column of
more than ROOM nodes shows those that something was found of, and says how many others
there are. Lines are weights, the strongest of each layer faint, those of marked units bold.
The picture is SVG 1.1 of our own making: no scripts, no fonts, no outside references.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple
from xml.sax.saxutils import escape as escape_xml

import numpy as np

from verify.networks.network import Activation, Affine, Network
from verify.reports.characters import escape
from verify.training.circuits.records import Report

ROOM: Final = 24  # nodes of a column that is drawn whole
SHOWN: Final = 18  # marked nodes of a column that is not
STEP, GAP, TOP, LEFT, RADIUS = 29, 210, 92, 90, 9
FAINT: Final = 120  # lines of a layer
BOLD: Final = 10  # lines of a marked unit, each way
FEW: Final = 3  # inputs of a marked unit that are shown by themselves
LETTERS: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
INK, PALE, SILENT, DETECTOR, CANCELS = (
    "#333333",
    "#c9ced6",
    "#1f6fb2",
    "#c2410c",
    "#7c3aed",
)
ACTS: Final = "#8a94a3"


class Node(NamedTuple):
    """A place in a column: which number of the layer, how it looks, what stands by it.

    `number` is -1 for the others, summed up; `look` is input, output, acts, silent,
    detector or cancels.
    """

    number: int
    look: str
    text: str


class Column(NamedTuple):
    """The nodes of a layer of the network, from top to bottom."""

    layer: int
    title: str
    nodes: tuple[Node, ...]


def render_picture(network: Network, report: Report) -> str:
    """The picture as the text of an SVG file."""
    columns = _make_columns(network, report)
    tallest = max(len(column.nodes) for column in columns)
    width = 2 * LEFT + GAP * (len(columns) - 1) + 60
    width = max(width, 680)
    height = TOP + STEP * tallest + 84
    places: dict[tuple[int, int], tuple[float, float]] = {}
    for order, column in enumerate(columns):
        start = TOP + STEP * (tallest - len(column.nodes)) / 2 + STEP / 2
        for row, node in enumerate(column.nodes):
            places[column.layer, node.number] = LEFT + GAP * order, start + STEP * row
    body = [
        *_draw_lines(network, columns, places),
        *_draw_nodes(columns, places),
        *_draw_words(report, columns, height),
    ]
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
        f'viewBox="0 0 {width} {height}" font-family="sans-serif" font-size="11">'
    )
    ground = f'<rect width="{width}" height="{height}" fill="#ffffff"/>'
    return "\n".join([head, ground, *body, "</svg>", ""])


def _make_columns(network: Network, report: Report) -> list[Column]:
    marked: dict[int, dict[int, Node]] = {}
    for unit in report.units:
        index, place = network.units[unit.layer - 1], unit.unit - 1
        if unit.data.standing == "silent":
            look = "detector" if unit.detector else "silent"
            node = Node(place, look, f"{unit.layer}:{unit.unit}")
            marked.setdefault(index, {})[place] = node
    cancelling = [one for one in report.sets if one.because == "cancels"]
    for letter, one in zip(LETTERS, cancelling, strict=False):
        index = network.units[one.layer - 1]
        for number in one.units:
            node = Node(number - 1, "cancels", f"{one.layer}:{number} {letter}")
            marked.setdefault(index, {}).setdefault(number - 1, node)
    watched = _find_watched(network, marked)
    columns = [_make_column(0, "inputs", "input", network.inputs, watched)]
    for number, index in enumerate(network.units, 1):
        size = network.layers[index].size
        found = marked.get(index, {})
        columns.append(_make_column(index, f"layer {number}", "acts", size, found))
    if network.output not in network.units:
        title = "outputs" if network.outputs > 1 else "output"
        columns.append(
            _make_column(network.output, title, "output", network.outputs, {})
        )
    return columns


def _find_watched(
    network: Network, marked: dict[int, dict[int, Node]]
) -> dict[int, Node]:
    """The inputs that marked units read, where these are few."""
    found: dict[int, Node] = {}
    for index, nodes in marked.items():
        layer = network.layers[index]
        sums = network.layers[layer.source] if isinstance(layer, Activation) else layer
        if not isinstance(sums, Affine) or sums.sources != (0,):
            continue
        for unit in nodes:
            places = np.flatnonzero(sums.matrices[0].floats[unit]).tolist()
            if len(places) <= FEW:
                found |= {k: Node(k, "input", f"input {k + 1}") for k in places}
    return found


def _make_column(
    layer: int, title: str, look: str, size: int, marked: dict[int, Node]
) -> Column:
    if size <= ROOM:
        nodes = [marked.get(k, Node(k, look, "")) for k in range(size)]
        return Column(layer, f"{title}: {size}", tuple(nodes))
    kept = [marked[k] for k in sorted(marked)]
    hidden = len(kept) - SHOWN
    if hidden > 0:
        kept = kept[:SHOWN]
    others = size - len(kept)
    rest = f"{others:,} more" if kept else f"{others:,}"
    return Column(layer, f"{title}: {size:,}", (*kept, Node(-1, look, rest)))


def _draw_lines(
    network: Network,
    columns: Sequence[Column],
    places: dict[tuple[int, int], tuple[float, float]],
) -> Iterable[str]:
    """Weights between columns, faint ones below bold ones."""
    known = {column.layer: column for column in columns}
    faint: list[str] = []
    bold: list[str] = []
    for target, sums in _list_targets(network, columns):
        layer = network.layers[sums]
        if not isinstance(layer, Affine):
            continue
        for source, matrix in zip(layer.sources, layer.matrices, strict=True):
            if source not in known or not matrix.floats.any():
                continue
            some_faint, some_bold = _pick_lines(
                np.abs(matrix.floats), known[source], known[target]
            )
            for chosen, lines in ((some_faint, faint), (some_bold, bold)):
                for row, column in chosen:
                    start = places[source, _shown(known[source], column)]
                    end = places[target, _shown(known[target], row)]
                    lines.append(
                        f'<line x1="{start[0]:g}" y1="{start[1]:g}" '
                        f'x2="{end[0]:g}" y2="{end[1]:g}"/>'
                    )
    yield f'<g stroke="{PALE}" stroke-width="0.7">'
    yield from dict.fromkeys(faint)
    yield f'</g><g stroke="{DETECTOR}" stroke-width="1.3" stroke-opacity="0.55">'
    yield from dict.fromkeys(bold)
    yield "</g>"


def _list_targets(
    network: Network, columns: Sequence[Column]
) -> Iterable[tuple[int, int]]:
    """Each column after the first, and the layer of sums that it shows."""
    for column in columns[1:]:
        layer = network.layers[column.layer]
        source = layer.source if isinstance(layer, Activation) else column.layer
        yield column.layer, source


def _shown(column: Column, number: int) -> int:
    """The node that stands for a number of the layer."""
    return number if any(node.number == number for node in column.nodes) else -1


Pairs = list[tuple[int, int]]


def _pick_lines(
    sizes: np.ndarray, source: Column, target: Column
) -> tuple[Pairs, Pairs]:
    """(row, column) of the strongest weights, and of the strongest of marked units."""
    order = np.argsort(-sizes, axis=None, kind="stable")[:FAINT]
    rows, cols = np.unravel_index(order, sizes.shape)
    faint = [
        (int(r), int(c)) for r, c in zip(rows, cols, strict=True) if sizes[r, c] > 0
    ]
    bold: Pairs = []
    for node in target.nodes:
        if node.look in ("detector", "cancels", "silent"):
            best = np.argsort(-sizes[node.number], kind="stable")[:BOLD]
            bold += [(node.number, int(c)) for c in best if sizes[node.number, c] > 0]
    for node in source.nodes:
        if node.look in ("detector", "cancels", "silent"):
            best = np.argsort(-sizes[:, node.number], kind="stable")[:BOLD]
            bold += [(int(r), node.number) for r in best if sizes[r, node.number] > 0]
    return faint, bold


def _draw_nodes(
    columns: Sequence[Column], places: dict[tuple[int, int], tuple[float, float]]
) -> Iterable[str]:
    for column in columns:
        for node in column.nodes:
            x, y = places[column.layer, node.number]
            yield from draw_node(node, x, y)


def draw_node(node: Node, x: float, y: float) -> Iterable[str]:
    """One node with the text beside it."""
    if node.number < 0:
        half = 8 + 3 * len(node.text)
        yield (
            f'<rect x="{x - half:g}" y="{y - 9:g}" width="{2 * half}" height="18" rx="4" '
            f'fill="#eef1f5" stroke="{ACTS}"/>'
        )
        yield _text(x, y + 4, node.text, size=10, anchor="middle")
        return
    circle = f'<circle cx="{x:g}" cy="{y:g}"'
    match node.look:
        case "silent":
            yield (
                f'{circle} r="{RADIUS}" fill="#ffffff" stroke="{SILENT}" '
                'stroke-width="2" stroke-dasharray="3 2"/>'
            )
        case "detector":
            yield (
                f'{circle} r="{RADIUS + 4}" fill="#ffffff" stroke="{DETECTOR}" '
                'stroke-width="1.5" stroke-dasharray="3 2"/>'
            )
            yield f'{circle} r="{RADIUS - 1}" fill="{DETECTOR}"/>'
        case "cancels":
            yield f'{circle} r="{RADIUS}" fill="{CANCELS}"/>'
        case "acts":
            yield f'{circle} r="{RADIUS - 2}" fill="{ACTS}"/>'
        case _:
            yield f'{circle} r="{RADIUS - 3}" fill="#ffffff" stroke="{INK}"/>'
    if node.look == "input" and node.text:
        yield _text(x - RADIUS - 3, y + 4, node.text, anchor="end")
    elif node.text:
        yield _text(x + RADIUS + 7, y + 4, node.text, weight="bold")


def _draw_words(
    report: Report, columns: Sequence[Column], height: float
) -> Iterable[str]:
    subject = report.subject
    yield _text(16, 22, f"{subject.model} on {subject.data}", size=13, weight="bold")
    asked = [f"training region: {subject.train}"] if subject.train else []
    asked += [f"deployment region: {subject.deploy}"] if subject.deploy else []
    yield _text(16, 40, "; ".join(asked) or "no regions were asked about")
    for order, column in enumerate(columns):
        yield _text(LEFT + GAP * order, 72, column.title, anchor="middle")
    place = 24.0
    counts = {
        "acts": sum(unit.data.standing == "acts" for unit in report.units),
        "silent": sum(
            unit.data.standing == "silent" and not unit.detector
            for unit in report.units
        ),
        "detector": sum(unit.detector for unit in report.units),
        "cancels": len(
            {
                (one.layer, unit)
                for one in report.sets
                if one.because == "cancels"
                for unit in one.units
            }
        ),
    }
    said = {
        "acts": "act on the data",
        "silent": "silent on the data",
        "detector": "silent, act in deployment",
        "cancels": "in sets that cancel",
    }
    for look, words in said.items():
        yield from draw_node(Node(0, look, ""), place, height - 26)
        text = f"{counts[look]:,} {words}"
        yield _text(place + 18, height - 22, text)
        place += 36 + 6.1 * len(text)


def _text(
    x: float,
    y: float,
    text: str,
    *,
    size: int = 11,
    weight: str = "normal",
    anchor: str = "start",
) -> str:
    shown = escape_xml(escape(text))
    return (
        f'<text x="{x:g}" y="{y:g}" font-size="{size}" font-weight="{weight}" '
        f'text-anchor="{anchor}" fill="{INK}">{shown}</text>'
    )
