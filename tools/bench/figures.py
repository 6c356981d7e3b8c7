"""What a measurement becomes: quantiles, rows of a table, and the marked block of a document."""

from __future__ import annotations

import os
import platform
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from math import ceil

VERDICTS = {True: "yes", False: "no", None: ""}


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line of the table, every cell as it is read."""

    what: str
    goal: str = ""
    measured: str
    naive: str = ""
    holds: bool | None = None
    """Whether the goal is held; None for a figure that only explains."""

    def cells(self) -> tuple[str, ...]:
        return (self.what, self.goal, self.measured, self.naive, VERDICTS[self.holds])


ONE_WORKER = "one worker on SQLite"
TWO_REPLICAS = "two replicas on one PostgreSQL and Redis"
"""What the host was made of."""

HEADINGS = ("what", "goal", "measured", "naive", "held")


def quantile(values: Sequence[float], share: float) -> float:
    """The value that `share` (0 to 1) of all values do not exceed: nearest rank, never interpolated.

    Raises ValueError without any value.
    """
    if not values:
        raise ValueError("there is no quantile of nothing")
    return sorted(values)[max(0, ceil(share * len(values)) - 1)]


def milliseconds(seconds: float) -> str:
    """12 ms, and one decimal below ten."""
    value = seconds * 1000
    return f"{value:.1f} ms" if value < 10 else f"{value:,.0f} ms"


def mebibytes(count: float) -> str:
    return f"{count / 2**20:,.0f} MiB"


def markdown(headings: Sequence[str], lines: Sequence[Sequence[str]]) -> str:
    """A Markdown table, its columns aligned so that it reads well as plain text too."""
    table = [list(headings), *(list(line) for line in lines)]
    widths = [max(len(line[column]) for line in table) for column in range(len(headings))]
    rule = ["-" * width for width in widths]
    padded = [table[0], rule, *table[1:]]
    return "".join(
        f"| {' | '.join(cell.ljust(width) for cell, width in zip(line, widths, strict=True))} |\n" for line in padded
    )


def fill(text: str, name: str, content: str) -> str:
    """Put `content` between `<!-- measured: name -->` and `<!-- end -->`. Raises ValueError without that block."""
    block = re.compile(rf"(<!-- measured: {re.escape(name)} -->\n).*?(<!-- end -->)", re.DOTALL)
    if not block.search(text):
        raise ValueError(f"the document has no block <!-- measured: {name} -->")
    return block.sub(lambda found: f"{found[1]}{content}{found[2]}", text)


def circumstances(host: str = ONE_WORKER) -> str:
    """When and on what was measured; nothing that names the machine."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    day = datetime.now(UTC).strftime("%Y-%m-%d")
    return (
        f"Measured {day} on {cores} CPU cores ({platform.system()}, {platform.machine()}), "
        f"Python {platform.python_version()}, Open WebUI {host_version()} with {host}, "
        "provider: the sandbox on the same machine."
    )


def host_version() -> str:
    from importlib.metadata import version

    return version("open-webui")
