"""A network in float64, many points at once: quick, and not what a verdict rests on."""

from __future__ import annotations

import numpy as np

from verify.networks.network import (
    RELU,
    SIGMOID,
    SIGN,
    Activation,
    Affine,
    Floats,
    Input,
    Network,
)


def evaluate(network: Network, points: Floats) -> Floats:
    """The outputs (n, outputs) at points (n, inputs).

    Raises ValueError for points of another shape.
    """
    return evaluate_layers(network, points)[network.output]


def evaluate_layers(network: Network, points: Floats) -> tuple[Floats, ...]:
    """Every layer's numbers, each (n, size)."""
    given = np.asarray(points, dtype=np.float64)
    if given.ndim != 2 or given.shape[1] != network.inputs:
        raise ValueError(
            f"expected points of shape (n, {network.inputs}), got {given.shape}"
        )
    layers: list[Floats] = []
    for layer in network.layers:
        match layer:
            case Input():
                layers.append(given)
            case Affine(sources, matrices, bias):
                total = np.broadcast_to(bias.floats, (len(given), layer.size))
                for source, matrix in zip(sources, matrices, strict=True):
                    total = total + layers[source] @ matrix.floats.T
                layers.append(total)
            case Activation(kind, source, _):
                layers.append(activate(kind, layers[source]))
    return tuple(layers)


def activate(kind: str, values: Floats) -> Floats:
    """relu, sigmoid or sign of each number; raises ValueError for another kind."""
    match kind:
        case "relu":
            return np.maximum(values, 0.0)
        case "sigmoid":
            small = np.exp(-np.abs(values))
            return np.where(values >= 0, 1.0, small) / (1.0 + small)
        case "sign":
            return np.sign(values)
        case _:
            raise ValueError(f"expected {RELU}, {SIGMOID} or {SIGN}, got {kind!r}")
