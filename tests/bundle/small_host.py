"""How Open WebUI loads a function, reduced to what a built plugin can notice.

Follows open_webui/utils/plugin.py of 0.12.4 in order: rewrite the text, register a module under a throw-away name,
write the text to a temporary file that `__file__` names, execute the text (so its frames say "<string>", and this
module's own __future__ import applies to it, as the host's does), delete the file and the registration.
test_real_host.py proves the same behaviour in the host itself.
"""

from __future__ import annotations

import os
import sys
import tempfile
import types
import uuid


def rewritten(text: str) -> str:
    """Return the text after the host's replacements."""
    for name in ("utils", "apps", "main", "config"):
        text = text.replace(f"from {name}", f"from open_webui.{name}")
    return text


def load(function_id: str, text: str) -> types.ModuleType:
    """Execute the text as the host does and return the module."""
    text = rewritten(text)
    module = types.ModuleType(f"function_{function_id}_{uuid.uuid4().hex}")
    sys.modules[module.__name__] = module
    handle, path = tempfile.mkstemp()
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
        module.__dict__["__file__"] = path
        exec(text, module.__dict__)
        return module
    finally:
        os.unlink(path)
        sys.modules.pop(module.__name__, None)


def publish(function_id: str, module: types.ModuleType) -> None:
    """Register the module under its two lasting names, in place of an earlier one."""
    previous = sys.modules.get(f"function_{function_id}")
    if previous is not None:
        sys.modules.pop(previous.__name__, None)
    sys.modules[module.__name__] = sys.modules[f"function_{function_id}"] = module
