"""The options of `verify shift`, with the help that each shows."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer


class Ball(StrEnum):
    """What `--ball` may be."""

    wasserstein = "wasserstein"
    tv = "tv"
    subpopulation = "subpopulation"
    mixture = "mixture"
    region = "region"


class Loss(StrEnum):
    """What `--loss` may be."""

    l1 = "l1"
    squared = "squared"
    hinge = "hinge"
    zero_one = "zero_one"


class Ground(StrEnum):
    """What `--ground` may be."""

    l1 = "l1"
    linf = "linf"


class Targets(StrEnum):
    """What `--targets` may be."""

    data = "data"
    own = "own"


ModelFile = Annotated[str, typer.Argument(metavar="MODEL", help="An ONNX file.")]
DataFile = Annotated[
    str,
    typer.Argument(
        metavar="DATA",
        help="A CSV file; columns y... are targets or labels, weight and group as named.",
    ),
]
BudgetOption = Annotated[
    str,
    typer.Option(
        metavar="BUDGET",
        help="How much may shift: 1/2, a list 0,1/4,1/2 or 0:1/2, which is the default; "
        "for a subpopulation its mass, by default 1/2:1.",
    ),
]
BallOption = Annotated[Ball, typer.Option(help="Which distributions are near.")]
LossOption = Annotated[Loss, typer.Option(help="Its mean is the risk.")]
RegionOption = Annotated[
    str,
    typer.Option(
        metavar="REGION",
        help="Where points may move: box (of the data), box + 1/2, 0:16, hull, free, "
        "inequalities; ; between parts that all hold, or between those of a union.",
    ),
]
WithinOption = Annotated[
    str,
    typer.Option(
        metavar="RADIUS",
        help="For --ball region: how far each point may move from where it was.",
    ),
]
GroundOption = Annotated[
    Ground, typer.Option(help="The distance of wasserstein and of --within.")
]
TargetsOption = Annotated[
    Targets,
    typer.Option(
        help="What outputs are compared with: the data's, or the network's own."
    ),
]
LabelPriceOption = Annotated[
    str,
    typer.Option(
        metavar="PRICE",
        help="For wasserstein: labels may move too, at this price each, numbers at "
        "this price a unit.",
    ),
]
StepsOption = Annotated[
    int, typer.Option(min=2, max=200, help="Budgets in a range such as 0:1/2.")
]
RowsOption = Annotated[
    int, typer.Option(min=0, help="Use the first so many data points; 0: all.")
]
LipschitzOption = Annotated[
    bool,
    typer.Option(
        "--lipschitz",
        help="Ask for Lipschitz constants instead: of the region, or --within a radius.",
    ),
]
GapOption = Annotated[
    str,
    typer.Option(
        metavar="GAP",
        help="What a bound may lie above what is attained; 0: nothing.",
    ),
]
WorstOption = Annotated[
    str,
    typer.Option(metavar="FILE", help="Write the worst distributions as CSV."),
]
PlotOption = Annotated[
    str, typer.Option(metavar="FILE", help="Write the curve as SVG.")
]
EvidenceOption = Annotated[
    str, typer.Option(metavar="DIR", help="Write the certificates and their sum.")
]
CheckOption = Annotated[
    str,
    typer.Option(
        metavar="DIR", help="Search nothing; check evidence that was written there."
    ),
]
TimeoutOption = Annotated[
    float, typer.Option(metavar="SECONDS", min=0.01, help="Stop after this long.")
]
JsonOption = Annotated[
    str,
    typer.Option(metavar="FILE", help="Write JSON lines; - for standard output."),
]
