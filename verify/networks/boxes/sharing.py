"""One search by several processes: the boxes that wait are dealt out, again and again.

Two processes with one thread each beat one process whose matrix products take two threads,
since everything between the products runs on both cores as well. A round deals every
waiting batch out evenly and forks; the first process to run dry lowers a flag, all send
back what still waits, and the next round begins. A child that dies costs its share of one
round: the parent still has those boxes, and searches them itself.
"""

from __future__ import annotations

import contextlib
import io
import mmap
import os
import select
import signal
import time
import zipfile
from fractions import Fraction
from typing import Final, NamedTuple

import numpy as np

from verify.networks.boxes.batches import Batch, deal, read_batches, write_batches
from verify.networks.boxes.boxes import Search
from verify.networks.boxes.falsify import confirm_point
from verify.networks.query import Witness

ALONE: Final = 0.15  # seconds a search runs alone before it is worth sharing
LEAST: Final = 64  # boxes waiting that are worth sharing
PULSE: Final = 0.02  # seconds between looks at the flag
GRACE: Final = 5.0  # seconds past the deadline for children to answer
CHUNK: Final = 2**20


class Share(NamedTuple):
    """A forked process, the pipe it answers on, and the boxes it was given."""

    pid: int
    pipe: int
    batches: list[Batch]


def run_shared(search: Search, until: float, workers: int) -> None:
    """Run the search to its end or to the time `until`, with up to `workers` processes."""
    search.run(min(until, time.monotonic() + ALONE))
    if workers < 2 or not hasattr(os, "fork") or search.recorder is not None:
        search.run(until)
        return
    while search.is_open and time.monotonic() < until:
        if sum(batch.boxes for batch in search.stack) < LEAST:
            search.run(min(until, time.monotonic() + ALONE))
        else:
            _run_round(search, until, workers)


def _run_round(search: Search, until: float, workers: int) -> None:
    """Deal out, search until one process has nothing left, gather."""
    flag = mmap.mmap(-1, mmap.PAGESIZE)
    hands = deal(search.stack, workers)
    shares = [_fork(search, hand, flag, until) for hand in hands[1:] if hand]
    search.stack = hands[0]
    try:
        _run_until_flag(search, flag, until)
        flag[0] = 1
        for share in shares:
            _gather(search, share, until + GRACE)
    finally:
        for share in shares:
            _end(share)
        flag.close()


def _run_until_flag(search: Search, flag: mmap.mmap, until: float) -> None:
    while search.is_open and not flag[0]:
        now = time.monotonic()
        if now >= until:
            return
        search.run(min(until, now + PULSE))


def _fork(search: Search, hand: list[Batch], flag: mmap.mmap, until: float) -> Share:
    ours, theirs = os.pipe()
    pid = os.fork()
    if pid:
        os.close(theirs)
        return Share(pid, ours, hand)
    status = 1
    try:
        os.close(ours)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        search.stack = hand
        search.cells = search.unsettled = 0
        _run_until_flag(search, flag, until)
        flag[0] = 1
        view = memoryview(_write(search))
        while view:
            view = view[os.write(theirs, view) :]
        status = 0
    finally:
        os._exit(status)


def _write(search: Search) -> bytes:
    """What a child has found: a witness as numerals, or what it has left to do."""
    stream = io.BytesIO()
    witness = search.witness
    numerals = [] if witness is None else [str(x) for x in witness.point]
    np.savez(
        stream,
        cells=np.array(search.cells),
        unsettled=np.array(search.unsettled),
        margin=np.array(search.margin),
        case=np.array(-1 if witness is None else witness.case),
        point=np.array(" ".join(numerals)),
        batches=np.frombuffer(write_batches(search.stack), np.uint8),
    )
    return stream.getvalue()


def _gather(search: Search, share: Share, until: float) -> None:
    """Take over a child's findings; its boxes too if it has not answered."""
    data = _read(share.pipe, until)
    try:
        with np.load(io.BytesIO(data), allow_pickle=False) as found:
            batches = read_batches(found["batches"].tobytes())
            cells, unsettled = int(found["cells"]), int(found["unsettled"])
            margin, case = float(found["margin"]), int(found["case"])
            numerals = str(found["point"]).split()
    except (ValueError, OSError, KeyError, EOFError, zipfile.BadZipFile):
        search.stack.extend(share.batches)  # nothing is concluded from a lost answer
        return
    search.cells += cells
    search.unsettled += unsettled
    search.margin = min(search.margin, margin)
    search.stack.extend(batches)
    if case >= 0 and search.witness is None:
        point = tuple(Fraction(numeral) for numeral in numerals)
        witness: Witness | None = confirm_point(search.query, case, point)
        if witness is None:
            search.stack.extend(share.batches)
        search.witness = witness


def _read(pipe: int, until: float) -> bytes:
    """All that comes before the pipe's end, b"" if that does not come in time."""
    parts: list[bytes] = []
    while True:
        left = max(0.0, until - time.monotonic())
        ready, _, _ = select.select([pipe], [], [], left)
        if not ready:
            return b""
        part = os.read(pipe, CHUNK)
        if not part:
            return b"".join(parts)
        parts.append(part)


def _end(share: Share) -> None:
    """Close the pipe and see to it that the child is gone."""
    os.close(share.pipe)
    with contextlib.suppress(ProcessLookupError):
        os.kill(share.pid, signal.SIGKILL)
    with contextlib.suppress(ChildProcessError):
        os.waitpid(share.pid, 0)
