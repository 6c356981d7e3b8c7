"""python -m tools.sandbox --port N: run the sandbox as a process of its own."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import signal
import sys
from collections.abc import Sequence

from .faults import table
from .server import DEFAULT_KEY, Sandbox
from .settings import SettingError

DEMO_DURATION = 4.0
"""Seconds; long enough to see the queue and the progress in the chat."""


def parser() -> argparse.ArgumentParser:
    options = argparse.ArgumentParser(prog="studio.py sandbox", description=__doc__)
    options.add_argument("--port", type=int, default=0, help="submit port; 0 = any free one (default)")
    options.add_argument("--duration", type=float, default=DEMO_DURATION, help="seconds per picture (default 4)")
    options.add_argument("--key", default=DEFAULT_KEY, help=f"the key it accepts (default {DEFAULT_KEY})")
    options.add_argument("--fault-table", action="store_true", help="print the fault table of docs/sandbox.md and end")
    return options


async def serve(sandbox: Sandbox) -> None:
    """Print one JSON line with the addresses, then run until SIGTERM or SIGINT."""
    stopped = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        with contextlib.suppress(NotImplementedError):  # Windows: Ctrl+C still raises KeyboardInterrupt
            asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    async with sandbox:
        print(json.dumps(sandbox.announcement()), flush=True)
        await stopped.wait()


def main(arguments: Sequence[str] | None = None) -> int:
    options = parser().parse_args(arguments)
    if options.fault_table:
        print(table())
        return 0
    try:
        asyncio.run(serve(Sandbox(key=options.key, port=options.port, duration=options.duration)))
    except (SettingError, OSError, OverflowError) as error:
        print(f"The sandbox cannot start: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
