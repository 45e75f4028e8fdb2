"""What `verify shift` is asked: its arguments, its files, and where points may go."""

from __future__ import annotations

from fractions import Fraction
from typing import NamedTuple

from verify.cli.paths import Refusal, find_paths, quoted
from verify.cli.shift_data import OWN, own_targets, read_names, read_samples
from verify.cli.shift_regions import read_parts
from verify.language.tables import read_columns, read_number
from verify.language.things import Unreadable
from verify.networks.errors import ModelError
from verify.networks.files import read_bytes
from verify.networks.network import SIGMOID, SIGN, Activation, Network
from verify.networks.reading.onnx_reader import read_network
from verify.shift.mistakes import ShiftError
from verify.shift.pointwise.worst import Around
from verify.shift.questions import Question
from verify.shift.regions import Part


class Request(NamedTuple):
    """The arguments of `verify shift`; `deadline` is a time.monotonic() value."""

    model: str
    data: str
    budget: str
    ball: str
    loss: str
    region: str
    ground: str
    steps: int
    rows: int
    gap: str
    worst: str
    plot: str
    evidence: str
    deadline: float
    json: str
    within: str = ""
    targets: str = "data"
    lipschitz: bool = False
    label_price: str = ""
    check: str = ""


def read_question(request: Request) -> tuple[Question, tuple[Part, ...]]:
    """The question, about the first part of the region, and all its parts.

    Raises Refusal for files that cannot be read, ShiftError for what has no meaning.
    """
    (model_path,) = find_paths([request.model])
    (data_path,) = find_paths([request.data])
    try:
        network = read_network(read_bytes(model_path)).network
    except ModelError as error:
        raise Refusal(f"{quoted(request.model)}: {error}.") from None
    _check_kinds(request, network)
    try:
        text = read_bytes(data_path).decode("utf-8")
        columns = read_columns(text, request.data)
    except Unreadable as error:
        fix = f"; {error.fix}" if error.fix else ""
        raise Refusal(f"{error.message}{fix}.") from None
    except ModelError as error:
        raise Refusal(f"{quoted(request.data)}: {error}.") from None
    except UnicodeDecodeError:
        raise Refusal(f"{quoted(request.data)} is no CSV text in UTF-8.") from None
    samples = read_samples(columns, network, request.loss, request.rows)
    if request.targets == OWN:
        samples = own_targets(network, samples, request.loss)
    points = [sample.point for sample in samples]
    parts = read_parts(request.region, read_names(text), points)
    region = parts[0].region
    price = _read_price(request)
    question = Question(network, samples, request.loss, region, request.ground, price)
    return question, parts


def _read_price(request: Request) -> Fraction | None:
    """What moving a label costs; None where labels stay."""
    if not request.label_price:
        return None
    if request.ball != "wasserstein":
        raise ShiftError(
            f"--label-price with --ball {request.ball}", "labels move under wasserstein"
        )
    price = read_number(request.label_price)
    if price is None:
        raise ShiftError(
            f"the price {request.label_price!a} is no number", "write --label-price 1"
        )
    return price


def _check_kinds(request: Request, network: Network) -> None:
    """Raise Refusal for units with which the ball has no exact answer."""
    kinds = {layer.kind for layer in network.layers if isinstance(layer, Activation)}
    name = quoted(request.model)
    if SIGMOID in kinds:
        raise Refusal(
            f"{name} has sigmoid or tanh units, whose values are no fractions, so no risk "
            "of it is exact; use a network of relu units, such as one trained in its place."
        )
    if SIGN in kinds and request.ball in ("wasserstein", "region"):
        raise Refusal(
            f"{name} has sign units; where points move, networks of relu only are "
            "answered for. Use --ball tv, subpopulation or mixture, which ask for its "
            "values at the data points alone."
        )


def read_around(request: Request, parts: tuple[Part, ...]) -> Around | None:
    """Where each point may go, for hulls, unions and balls; None for a single polytope.

    Raises ShiftError where the question is not about single points.
    """
    plain = len(parts) == 1 and not parts[0].hull
    if request.within:
        if request.ball != "region" and not request.lipschitz:
            raise ShiftError(
                f"--within says how far each point may move, and --ball {request.ball} "
                "something else",
                "use --within with --ball region or --lipschitz",
            )
        radius = read_number(request.within)
        if radius is None or radius < 0:
            raise ShiftError(
                f"the radius {request.within!a} is no number from 0 on",
                "write --within 1/10",
            )
        return Around(parts, radius, request.ground)
    if request.lipschitz:
        return Around(parts, None, request.ground)
    if plain or request.ball not in ("region", "wasserstein"):
        return None
    if request.ball == "wasserstein":
        raise ShiftError(
            "under wasserstein a region is one box or polytope, not a union, nor a hull of "
            "more than two inputs",
            "use --ball region, or one box or polytope",
        )
    return Around(parts, None, request.ground)
