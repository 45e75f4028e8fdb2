"""Sums of sizes of a gradient's entries, bounded together instead of one by one.

One by one, every entry may choose its own phases. But between two ends |g| lies below a
line, a*g + b, which is the entry itself where its sign is known; and a sum of a_j * g_j is
the change of the output along the direction a. That is followed forward through the network
by intervals, so each relu is on or off for all entries at once.
"""

from __future__ import annotations

import numpy as np

from verify.networks.network import Floats
from verify.shift.lipschitz.slopes import (
    DUST,
    WIDER,
    Gradients,
    Mask,
    Relus,
    Slopes,
    Sums,
)


def draw_chords(gradients: Gradients, free: Mask) -> tuple[Floats, Floats]:
    """Directions (cells, outputs, inputs) and constants (cells, outputs): the sizes of the
    free entries sum to at most the gradient along the direction plus the constant."""
    low, high = gradients.low, gradients.high
    width = np.maximum(high - low, 1e-300)
    chord = np.clip((high + low) / width, -1.0, 1.0)
    along = np.where(low >= 0.0, 1.0, np.where(high <= 0.0, -1.0, chord)) * free
    # convex in g, so the most that |g| - a*g can be is at one of the ends
    above = np.maximum(np.abs(low) - along * low, np.abs(high) - along * high)
    paid = (np.abs(low) + np.abs(high)) * 2.0**-50
    known = (low >= 0.0) | (high <= 0.0)
    rest = np.where(known | ~free, 0.0, np.maximum(above, 0.0) + paid)
    total = rest.sum(axis=2) * (1.0 + rest.shape[2] * 2.0**-50)
    return along, total + DUST


def follow(slopes: Slopes, along: Floats, on: Mask, off: Mask) -> tuple[Floats, Floats]:
    """The most by which each output (cells, outputs) can grow a step along its own
    direction (cells, outputs, inputs), and how fast each relu's input can change (cells,
    outputs, units)."""
    lows, highs = [along], [along]
    reached = np.zeros((*along.shape[:2], slopes.units))
    for layer in slopes.layers[1:]:
        if isinstance(layer, Sums):
            least, most = _add(layer, lows, highs)
            lows.append(least)
            highs.append(most)
        elif isinstance(layer, Relus):
            units = slice(layer.start, layer.stop)
            least, most = lows[layer.source], highs[layer.source]
            reached[:, :, units] = np.maximum(np.abs(least), np.abs(most))
            is_on, is_off = on[:, None, units], off[:, None, units]
            dull = np.where(is_off, 0.0, np.minimum(least, 0.0))
            keen = np.where(is_off, 0.0, np.maximum(most, 0.0))
            lows.append(np.where(is_on, least, dull))
            highs.append(np.where(is_on, most, keen))
    last = highs[slopes.output]
    own = np.arange(last.shape[1])
    return last[:, own, own], reached


def _add(layer: Sums, lows: list[Floats], highs: list[Floats]) -> tuple[Floats, Floats]:
    shape = (*lows[0].shape[:2], len(layer.bias))
    middle, radius, size = np.zeros((3, *shape))
    for source, matrix, sizes in zip(
        layer.sources, layer.matrices, layer.sizes, strict=True
    ):
        low, high = lows[source], highs[source]
        centre = low * 0.5 + high * 0.5
        wide = np.maximum(high - centre, centre - low) * WIDER + DUST
        wide = np.where(low == high, 0.0, wide)
        middle = middle + centre @ matrix.T
        radius = radius + wide @ sizes.T
        size = size + (np.abs(centre) + wide) @ sizes.T
    spread = (radius + layer.growth * size) * WIDER + np.abs(middle) * 2.0**-51 + DUST
    return middle - spread, middle + spread
