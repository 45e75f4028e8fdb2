"""A worker that died while its protections were asked for ended the run at its start."""

from __future__ import annotations

from typing import Any

import pytest

from verify.suites import cluster as cluster_module


class Client:
    """Loses a worker the first few times that it is asked something."""

    status = "running"

    def __init__(self, losses: int) -> None:
        self.losses, self.asked = losses, 0

    def wait_for_workers(self, count: int, timeout: float) -> None:
        assert count == 1 and timeout > 0

    def run(self, function: Any) -> dict[str, tuple[str, ...]]:
        self.asked += 1
        if self.asked <= self.losses:
            raise OSError("Stream is closed")
        return {"one": ("pid", "net"), "two": ("net",)} if self.asked < 9 else {}


def ask(client: Client) -> tuple[str, ...]:
    cluster = cluster_module.Cluster.__new__(cluster_module.Cluster)
    cluster._client = client
    return cluster._ask_layers()


def test_workers_are_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster_module, "AGAIN", 0.0)
    client = Client(2)
    assert ask(client) == ("net",)
    assert client.asked == 3


def test_a_cluster_that_is_gone_is_not_asked_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(cluster_module, "AGAIN", 0.0)
    client = Client(5)
    client.status = "closed"
    with pytest.raises(OSError, match="Stream is closed"):
        ask(client)
    assert client.asked == 1
