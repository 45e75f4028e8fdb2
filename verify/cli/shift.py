"""`verify shift`: how bad a network's risk can become when the data shift by so much."""

from __future__ import annotations

import typer

from verify.cli.shift_options import (
    Ball,
    BallOption,
    BudgetOption,
    CheckOption,
    DataFile,
    EvidenceOption,
    GapOption,
    Ground,
    GroundOption,
    JsonOption,
    LabelPriceOption,
    LipschitzOption,
    Loss,
    LossOption,
    ModelFile,
    PlotOption,
    RegionOption,
    RowsOption,
    StepsOption,
    Targets,
    TargetsOption,
    TimeoutOption,
    WithinOption,
    WorstOption,
)


def shift(
    model: ModelFile,
    data: DataFile,
    budget: BudgetOption = "",
    ball: BallOption = Ball.wasserstein,
    loss: LossOption = Loss.l1,
    region: RegionOption = "box",
    within: WithinOption = "",
    ground: GroundOption = Ground.l1,
    targets: TargetsOption = Targets.data,
    label_price: LabelPriceOption = "",
    steps: StepsOption = 11,
    rows: RowsOption = 0,
    lipschitz: LipschitzOption = False,
    gap: GapOption = "",
    worst: WorstOption = "",
    plot: PlotOption = "",
    evidence: EvidenceOption = "",
    check: CheckOption = "",
    timeout: TimeoutOption = 300.0,
    json: JsonOption = "",
) -> None:
    """Find the worst risk within a budget of shift, with evidence on both sides.

    What is attained comes with the distribution that attains it, evaluated exactly; what
    is bounded, with a certificate for each data point. Where they meet the value is exact.

    \b
    Example:
      verify shift model.onnx data.csv --ball wasserstein --budget 0:1/2 --plot curve.svg
    """
    import time

    begun = time.monotonic()
    from verify.cli.shift_reading import Request
    from verify.cli.shift_run import run_request

    request = Request(
        model, data, budget, ball.value, loss.value, region, ground.value, steps, rows,
        gap, worst, plot, evidence, begun + timeout, json,
        within, targets.value, lipschitz, label_price, check,
    )  # fmt: skip
    raise typer.Exit(run_request(request, begun))
