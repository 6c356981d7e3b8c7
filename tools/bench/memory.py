"""How much memory the host takes for 24 parallel pictures of four megapixels."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from tools.stage import Studio

from .contestants import CONTESTANTS, Contestant
from .figures import Row, mebibytes
from .tab import Tab

JOBS = 24
SIDE = 2048
"""Pixels: 4.2 megapixels a picture."""
PICTURE_SECONDS = 10.0
COPIES = 3
"""Copies of each file the goal allows; two decoded pictures come on top: DESIGN section 9."""
DECODED = SIDE * SIDE * 3
"""Bytes of one picture in RGB."""
INTERVAL = 0.01
"""Seconds between two looks at the process."""
SETTLING = 3.0
"""Seconds after the last picture in the chat in which the host still writes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Growth:
    """Bytes."""

    before: int
    """Of the whole process, after one such picture."""
    peak: int
    file: int
    """Size of one picture."""

    @property
    def bytes(self) -> int:
        return self.peak - self.before

    @property
    def goal(self) -> int:
        return JOBS * COPIES * self.file + 2 * DECODED


def resident(process: int) -> int:
    """Bytes of memory a process holds. Raises OSError where there is no /proc."""
    for line in Path(f"/proc/{process}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) * 1024
    raise ProcessLookupError(f"process {process} has ended")


class Peak:
    """Watches a process in a thread and remembers the most memory it held."""

    def __init__(self, process: int) -> None:
        self.bytes = resident(process)
        self._process = process
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="memory", daemon=True)

    def _watch(self) -> None:
        while not self._ended.wait(INTERVAL):
            self.bytes = max(self.bytes, resident(self._process))

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ended.set()
        self._thread.join()


def measure(studio: Studio, contestant: Contestant) -> Growth:
    """One picture to warm up a fresh process, then 24 at once."""
    studio.host.restart()
    contestant.prepare(studio, SIDE)
    process = studio.host.process
    if process is None:
        raise ProcessLookupError("the host is not running")
    with Tab(studio.host, studio.admin) as tab:
        tab.wait_for([contestant.ask(studio, 1.0, SIDE).message], seconds=60)
        time.sleep(SETTLING)
        before = resident(process.pid)
        with Peak(process.pid) as peak:
            questions = [contestant.ask(studio, PICTURE_SECONDS, SIDE) for _ in range(JOBS)]
            tab.wait_for((question.message for question in questions), seconds=300)
            time.sleep(SETTLING)
    return Growth(before=before, peak=peak.bytes, file=file_size(studio))


def file_size(studio: Studio) -> int:
    """Bytes of the newest picture in the host's upload folder."""
    newest = max((studio.host.data / "uploads").glob("*flux-studio-*"), key=lambda path: path.stat().st_mtime)
    return newest.stat().st_size


def rows(studio: Studio) -> list[Row]:
    """The lines of the table: each side in a fresh process."""
    ours, naive = (measure(studio, contestant) for contestant in CONTESTANTS)
    return [
        Row(
            what=f"memory for {JOBS} parallel pictures of {SIDE} x {SIDE} ({ours.file / 1e6:.2f} MB each)",
            goal=f"≤ {mebibytes(ours.goal)}",
            measured=mebibytes(ours.bytes),
            naive=mebibytes(naive.bytes),
            holds=ours.bytes <= ours.goal,
        ),
        Row(what="the host's memory before", measured=mebibytes(ours.before), naive=mebibytes(naive.before)),
    ]
