"""Striking cases off boxes by their bounds, and cutting off where none can hold."""

from __future__ import annotations

import numpy as np

from verify.networks.boxes.batches import Batch
from verify.networks.boxes.bisecting import clip_boxes
from verify.networks.boxes.goals import Goals
from verify.networks.boxes.ranges import Form
from verify.networks.boxes.recording import Recorder
from verify.networks.boxes.rounding import Array
from verify.networks.boxes.second_look import Sight


def close_cases(
    batch: Batch, goals: Goals, form: Form, recorder: Recorder | None
) -> tuple[Array, float]:
    """The cases still open in each box, (cases, boxes), and the least margin, by the sum
    of multipliers, of those closed."""
    closed = (form.bound < 0) | ((form.bound <= 0) & goals.closes[:, None])
    live, margin = batch.live.copy(), np.inf
    for case in np.unique(goals.owner):
        mine = np.flatnonzero(goals.owner == case)
        shut = closed[mine].any(0) & batch.live[case]
        live[case] &= ~shut
        if not shut.any():
            continue
        totals = goals.totals[mine][:, None]
        margins = (-form.bound[mine].astype(np.float64) / totals).max(0)
        margin = min(margin, float(margins[shut].min()))
        if recorder is None:
            continue
        best = form.bound[mine].argmin(0)
        for place in np.flatnonzero(shut):
            weights = goals.multipliers[mine[best[place]]]
            recorder.add_closing(int(batch.node[place]), int(case), weights)
    return live, margin


def clip_batch(batch: Batch, goals: Goals, form: Form, sight: Sight) -> Batch:
    """Each box shrunk to the hull of where its open cases may hold.

    `sight` is of boxes with one open case only, and has no finite bound elsewhere. All
    arguments are of the same boxes.
    """
    rows = np.concatenate([form.form, sight.form[:, None]], axis=1).astype(np.float64)
    ends = np.concatenate([form.bound, sight.bound[None]]).astype(np.float64)
    least = np.full(batch.lower.shape, np.inf)
    most = -least
    live = batch.live.copy()
    for case in np.unique(goals.owner):
        mine = np.append(goals.owner == case, True)
        lower, upper = clip_boxes(batch.lower, batch.upper, rows[:, mine], ends[mine])
        live[case] &= (lower <= upper).all(0)
        least = np.where(live[case], np.minimum(least, lower), least)
        most = np.where(live[case], np.maximum(most, upper), most)
    unread = np.ones(len(live), bool)
    unread[goals.owner] = False
    whole = ~live.any(0) | live[unread].any(0)
    lower, upper = (
        np.where(whole, batch.lower, least),
        np.where(whole, batch.upper, most),
    )
    return batch._replace(lower=lower, upper=upper, live=live)
