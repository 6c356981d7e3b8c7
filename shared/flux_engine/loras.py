"""Puts the LoRAs of a job onto the loaded weights and takes the others off; the model is never read again."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from .catalogue import Lora
from .errors import EngineFault, translate
from .loading import Loaded

MOST_LOADED = 8
"""LoRAs that stay on the weights, switched off, until others need their place."""


def apply(loaded: Loaded, wanted: Sequence[tuple[Lora, float]]) -> None:
    """Make exactly these LoRAs act, with these scales. Raises EngineFault for a file that does not fit."""
    for lora, _ in wanted:
        _check_base(loaded, lora)
        _load(loaded, lora)
    if not loaded.adapters:
        return
    names = [loaded.adapters[_key(lora)] for lora, _ in wanted]
    if not names:
        loaded.base.disable_lora()
        return
    loaded.base.enable_lora()
    loaded.base.set_adapters(names, [scale for _, scale in wanted])
    _forget_oldest(loaded, keep=set(names))


def _check_base(loaded: Loaded, lora: Lora) -> None:
    if lora.base and lora.base != loaded.model.name:
        raise EngineFault(
            "invalid",
            f"The LoRA “{lora.name}” was trained for {lora.base}, not for {loaded.model.name}.",
            field="loras",
        )


def _load(loaded: Loaded, lora: Lora) -> None:
    key = _key(lora)
    if key in loaded.adapters:
        loaded.adapters[key] = loaded.adapters.pop(key)  # now the newest
        return
    name = f"lora_{hashlib.sha256(key.encode()).hexdigest()[:12]}"
    try:
        loaded.base.load_lora_weights(str(lora.file.parent), weight_name=lora.file.name, adapter_name=name)
    except Exception as error:  # whatever a foreign file makes the library raise: it is this file's fault
        fault = translate(error)
        sentence = f"The LoRA “{lora.name}” does not fit {loaded.model.label}."
        raise EngineFault("invalid", sentence, field="loras", detail=fault.detail) from error
    loaded.adapters[key] = name


def _forget_oldest(loaded: Loaded, keep: set[str]) -> None:
    idle = [key for key, name in loaded.adapters.items() if name not in keep]
    for key in idle[: max(0, len(loaded.adapters) - MOST_LOADED)]:
        loaded.base.delete_adapters([loaded.adapters.pop(key)])


def _key(lora: Lora) -> str:
    """A file that was replaced is another LoRA."""
    return f"{lora.file}:{lora.file.stat().st_mtime_ns}"
