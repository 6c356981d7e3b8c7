"""Run by loading.py in a process of its own: loads plugins with the installed Open WebUI's own loader.

Reads a JSON array of [function id, text] from standard input; the last line of its output is a JSON array of
{"load": seconds, "pipes": [seconds of each call] or null}, in the same order.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from typing import Any

CALLS = 5
"""How often `pipes()` is asked; the first is what a person waits for after a start."""


async def load(identifier: str, text: str) -> dict[str, Any]:
    from open_webui.utils.plugin import load_function_module_by_id

    started = time.perf_counter()
    instance, *_ = await load_function_module_by_id(identifier, content=text)
    loaded = time.perf_counter() - started
    return {"load": loaded, "pipes": listing(instance) if hasattr(instance, "pipes") else None}


def listing(instance: Any) -> list[float]:
    """Seconds of each call of `pipes()`."""
    times = []
    for _ in range(CALLS):
        started = time.perf_counter()
        instance.pipes()
        times.append(time.perf_counter() - started)
    return times


async def main() -> list[dict[str, Any]]:
    return [await load(identifier, text) for identifier, text in json.load(sys.stdin)]


if __name__ == "__main__":
    sys.modules["sentence_transformers"] = None  # type: ignore[assignment] # as the host is started here
    import open_webui.main  # noqa: F401 - a server has imported all of itself before it loads a plugin

    print("\n" + json.dumps(asyncio.run(main())))
