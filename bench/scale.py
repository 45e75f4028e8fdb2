"""A million claims on a thousand workers, simulated from what was measured here.

    python bench/scale.py [CLAIMS] [WORKERS]

Every claim passes five stations: a checker on the client's cores plans it; the runner, one
thread, relays its jobs; the scheduler places tasks of several jobs; a worker searches; a
checker's kernel accepts; the runner writes the records. Each station is a queue with so
many servers and a service time from `docs/scale.md`; job times are drawn from a
log-normal distribution with the measured mean and a heavy tail. Workers die at a given
rate and their task runs again. Prints for each scenario the time, the claims a second and
how busy each station was: the one at 100 % is what breaks first.
"""

from __future__ import annotations

import heapq
import random
import sys
from collections import deque
from typing import Final, NamedTuple

PLAN, RELAY, SCHEDULE, SEARCH, KERNEL, WRITE = range(6)
NAMES: Final = ("checkers", "runner", "scheduler", "workers", "checkers", "runner")
SHARED: Final = {KERNEL: PLAN, WRITE: RELAY}  # stations served by the same processes


class Costs(NamedTuple):
    """Seconds of processor time a claim, as measured by bench/cluster.py."""

    plan: float = 0.0030
    kernel: float = 0.0026
    relay: float = 0.0039
    write: float = 0.0009
    schedule: float = 0.0030  # of a task, whatever its number of jobs
    overhead: float = 0.0040  # of a task, at its worker
    search: float = 0.068
    spread: float = 1.2  # of the logarithm of a job's time
    store: float = 5_000  # bytes


class Scenario(NamedTuple):
    """What is simulated: `runners` share the library, each with cores and a scheduler."""

    name: str
    workers: int
    runners: int = 1
    cores: int = 16
    most: int = 16  # jobs of a task
    in_flight: int = 2_560  # claims begun and not finished: 256 checkers, ten each
    deaths: float = 0.0  # of a worker, each hour
    search: float = 0.068


class Told(NamedTuple):
    """How it went: seconds, and the share of the time each station was busy."""

    seconds: float
    busy: dict[str, float]
    again: int


def simulate(claims: int, scene: Scenario, costs: Costs, seed: int = 1) -> Told:
    """One runner's share of the claims on its share of the workers."""
    return _Simulation(claims // scene.runners, scene, costs, seed).run()


class _Simulation:
    def __init__(self, claims: int, scene: Scenario, costs: Costs, seed: int) -> None:
        self.left = claims
        self.done = 0
        self.claims = claims
        self.scene = scene
        self.costs = costs
        self.random = random.Random(seed)
        workers = max(scene.workers // scene.runners, 1)
        self.free = {PLAN: scene.cores, RELAY: 1, SCHEDULE: 1, SEARCH: workers}
        self.servers = dict(self.free)
        self.busy = dict.fromkeys(self.free, 0.0)
        self.queues: dict[int, deque[tuple[int, int]]] = {k: deque() for k in self.free}
        self.events: list[tuple[float, int, int, int]] = []
        self.now = 0.0
        self.again = 0
        self.count = 0
        self.mean = scene.search / 2.718281828 ** (costs.spread**2 / 2)

    def run(self) -> Told:
        for _ in range(min(self.scene.in_flight, self.left)):
            self._begin()
        while self.events:
            self.now, _, step, size = heapq.heappop(self.events)
            station = SHARED.get(step, step)
            self.free[station] += 1
            self._go_on(step, size)
            self._serve(station)
        shares = {
            NAMES[k]: self.busy[k] / (self.now * self.servers[k]) for k in self.busy
        }
        return Told(self.now, shares, self.again)

    def _begin(self) -> None:
        self.left -= 1
        self._queue(PLAN, 1)

    def _queue(self, step: int, size: int) -> None:
        station = SHARED.get(step, step)
        self.queues[station].append((step, size))
        self._serve(station)

    def _serve(self, station: int) -> None:
        queue = self.queues[station]
        while self.free[station] and queue:
            step, size = self._take(station, queue)
            seconds = self._seconds(step, size)
            self.free[station] -= 1
            self.busy[station] += seconds
            self.count += 1
            heapq.heappush(self.events, (self.now + seconds, self.count, step, size))

    def _take(self, station: int, queue: deque[tuple[int, int]]) -> tuple[int, int]:
        """The next of a queue; the scheduler takes several jobs as one task."""
        if station != SCHEDULE:
            return queue.popleft()
        places = max(2 * self.servers[SEARCH] - len(self.queues[SEARCH]), 1)
        size = min(-(-len(queue) // places), self.scene.most, len(queue))
        for _ in range(size):
            queue.popleft()
        return SCHEDULE, size

    def _seconds(self, step: int, size: int) -> float:
        costs = self.costs
        match step:
            case 0:
                return costs.plan
            case 1:
                return costs.relay
            case 2:
                return costs.schedule
            case 3:
                return costs.overhead + sum(self._draw() for _ in range(size))
            case 4:
                return costs.kernel
            case _:
                return costs.write

    def _draw(self) -> float:
        return self.mean * self.random.lognormvariate(0.0, self.costs.spread)

    def _go_on(self, step: int, size: int) -> None:
        if step == SEARCH and self._dies():
            self.again += size
            for _ in range(size):
                self._queue(SCHEDULE, 1)
        elif step == SCHEDULE:
            self._queue(SEARCH, size)
        elif step == SEARCH:
            for _ in range(size):
                self._queue(KERNEL, 1)
        elif step == WRITE:
            self.done += 1
            if self.left:
                self._begin()
        else:
            self._queue({PLAN: RELAY, RELAY: SCHEDULE, KERNEL: WRITE}[step], 1)

    def _dies(self) -> bool:
        """Whether the worker died while it had this task."""
        rate = self.scene.deaths / 3_600
        return self.random.random() < rate * 4 * self.scene.search


def main() -> None:
    """Simulate and print."""
    claims = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    workers = int(sys.argv[2]) if len(sys.argv) > 2 else 1_000
    costs = Costs()
    scenes = [
        Scenario("two workers here", 2, cores=2, in_flight=40),
        Scenario("one runner", workers),
        Scenario("one job a task", workers, most=1),
        Scenario("64 cores for the runner's checkers", workers, cores=64),
        Scenario("eight runners", workers, runners=8),
        Scenario("workers die every three minutes", workers, runners=8, deaths=20.0),
        Scenario("claims of 10 s", workers, search=10.0),
    ]
    for scene in scenes:
        count = claims if scene.workers > 2 else claims // 20
        told = simulate(count, scene, costs)
        shares = ", ".join(f"{name} {100 * v:.0f} %" for name, v in told.busy.items())
        print(
            f"{scene.name}: {count} claims in {told.seconds:.0f} s, "
            f"{count / told.seconds:.0f} a second; {shares}; "
            f"{told.again * scene.runners} jobs again; store {count * costs.store / 1e9:.1f} GB",
            flush=True,
        )


if __name__ == "__main__":
    main()
