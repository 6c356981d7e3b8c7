"""Run by test_real_host.py in its own process: loads built plugins with Open WebUI's own loader.

Reads a JSON array of steps from standard input and writes one JSON array of reports. A step is
{"id", "text", "call"?: [method, arguments…]}: load the text as function `id`, as the host does when a function is
created, publish it, then await the method. A report has what came of it.
"""

from __future__ import annotations

import asyncio
import json
import sys
import traceback
from types import SimpleNamespace
from typing import Any

from open_webui.models.functions import FunctionForm
from open_webui.utils.plugin import (
    extract_frontmatter,
    get_function_module_from_cache,
    load_function_module_by_id,
    replace_imports,
    set_function_module_in_cache,
)

REQUEST = SimpleNamespace(app=SimpleNamespace(state=SimpleNamespace()))


async def load(step: dict[str, Any]) -> dict[str, Any]:
    form = FunctionForm(name="x", meta={}, id=step["id"], content=replace_imports(step["text"]))
    instance, kind, frontmatter, module = await load_function_module_by_id(form.id, content=form.content)
    set_function_module_in_cache(REQUEST, form.id, form.content, instance, module)
    cached, _, _ = await get_function_module_from_cache(REQUEST, form.id, load_from_db=False)
    return {
        "unchanged": form.content == step["text"],
        "kind": kind,
        "frontmatter": frontmatter,
        "frontmatter_without_loading": extract_frontmatter(step["text"]),
        "package": module.__package__,
        "class": type(instance).__name__,
        "cached": cached is instance,
        "finders": len(sys.meta_path),
        "answer": await call(instance, *step["call"]) if "call" in step else None,
    }


async def call(instance: Any, method: str, *arguments: Any) -> Any:
    """Return the method's answer as it is now, or the traceback."""
    (answer,) = await asyncio.gather(getattr(instance, method)(*arguments), return_exceptions=True)
    if isinstance(answer, BaseException):
        return "".join(traceback.format_exception(answer))
    return json.loads(json.dumps(answer))


async def main() -> list[dict[str, Any]]:
    return [await load(step) for step in json.load(sys.stdin)]


if __name__ == "__main__":
    reports = asyncio.run(main())
    sys.stdout.write("\n" + json.dumps(reports) + "\n")  # the last line: the host prints when it is imported
