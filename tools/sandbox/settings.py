"""What a sandbox can be told to do differently, while it runs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any

from .endpoints import load_endpoints
from .faults import FaultError, parse_fault
from .finetunes import UPLOADED_LORA


class SettingError(ValueError):
    """A setting that does not exist or has a value it cannot have; the text names it and what is allowed."""


def default_model_limits() -> Mapping[str, int]:
    """Limits of single models, from the endpoint table: {"flux-kontext-max": 6, …}."""
    return {spec.name: spec.active_limit for spec in load_endpoints().values() if spec.active_limit is not None}


@dataclass(frozen=True, slots=True, kw_only=True)
class SandboxSettings:
    """Change them with `Sandbox.change` or `POST /sandbox/settings`; running tasks keep what they started with."""

    duration: float = 0.05
    """Seconds from submit to the final state."""
    pending_polls: int = 0
    """Polls answered with a running state at least, whatever the time."""
    active_limit: int = 24
    """Active tasks per account (documented); the next submit is a 429."""
    model_active_limits: Mapping[str, int] = field(default_factory=default_model_limits)
    """Active tasks of single models; 6 for flux-kontext-max (documented)."""
    balance: float = 1000.0
    """Credits left; a submit that costs more is a 402."""
    sample_lifetime: float = 600.0
    """Seconds a sample URL works; 10 minutes recorded."""
    task_lifetime: float = 1800.0
    """Seconds a task can be polled; BFL's client assumes 30 minutes."""
    unknown_task: str = "404"
    """Answer of get_result for a foreign or unknown id: "404", or "status" for 200 with `Task not found`."""
    picture_errors: str = "poll"
    """When an unusable input picture is refused: "poll" (the task fails) or "submit" (422)."""
    fill_longest_side: int = 0
    """Longest side of fill results; 0 = size of the input. 1440 was seen through a reseller."""
    grain: float = 0.0
    """Film grain in levels of 255: a drawn scene compresses to a tenth of a photograph, with 6 to as much as one."""
    edit_shift: float = 0.0
    """Pixels by which pictures made from pictures come back moved, what the mask keeps included; 0 = off."""
    withdrawn: str = "404"
    """Endpoints withdrawn in October 2025 (training, flux-pro, canny, depth): "404" as today, or "answer"."""
    training_duration: float = 2.0
    """Seconds of a training."""
    training_flicker: int = 2
    """First questions for a training that do not know it yet (reported)."""
    training_memory: float = 60.0
    """Seconds after its end until a training is forgotten by get_result (reported); its details stay."""
    uploaded_loras: tuple[str, ...] = (UPLOADED_LORA,)
    """Names of LoRAs that count as uploaded for FLUX.2 [klein]."""
    faults: tuple[str, ...] = ()
    """Faults for every request, as if each prompt held them: ("rate-limited=2",)."""

    def changed(self, values: Mapping[str, Any]) -> SandboxSettings:
        """A copy with some settings replaced. Raises SettingError."""
        for name, value in values.items():
            check_setting(name, value)
        values = {name: tuple(value) if isinstance(value, list) else value for name, value in values.items()}
        return replace(self, **values)


def is_amount(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < float("inf")


def is_shift(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and -16 <= value <= 16


def is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def is_limit_table(value: object) -> bool:
    return isinstance(value, Mapping) and all(isinstance(name, str) and is_count(value[name]) for name in value)


def is_text_list(value: object) -> bool:
    return isinstance(value, list | tuple) and all(isinstance(text, str) for text in value)


def is_fault_list(value: object) -> bool:
    if not isinstance(value, list | tuple) or not all(isinstance(text, str) for text in value):
        return False
    try:
        return all(parse_fault(text) for text in value)
    except FaultError:
        return False


CHECKS: Mapping[str, tuple[Callable[[object], bool], str]] = {
    "duration": (is_amount, "a number of seconds of at least 0"),
    "pending_polls": (is_count, "a whole number of at least 0"),
    "active_limit": (is_count, "a whole number of at least 0"),
    "model_active_limits": (is_limit_table, "model names with whole numbers of at least 0"),
    "balance": (is_amount, "a number of credits of at least 0"),
    "sample_lifetime": (is_amount, "a number of seconds of at least 0"),
    "task_lifetime": (is_amount, "a number of seconds of at least 0"),
    "unknown_task": (lambda value: value in ("404", "status"), '"404" or "status"'),
    "picture_errors": (lambda value: value in ("poll", "submit"), '"poll" or "submit"'),
    "fill_longest_side": (is_count, "a whole number of pixels, 0 = off"),
    "grain": (is_amount, "a number of levels of at least 0"),
    "edit_shift": (is_shift, "a number of pixels from -16 to 16"),
    "withdrawn": (lambda value: value in ("404", "answer"), '"404" or "answer"'),
    "training_duration": (is_amount, "a number of seconds of at least 0"),
    "training_flicker": (is_count, "a whole number of at least 0"),
    "training_memory": (is_amount, "a number of seconds of at least 0"),
    "uploaded_loras": (is_text_list, "a list of names"),
    "faults": (is_fault_list, "a list of fault names of docs/sandbox.md"),
}


def check_setting(name: str, value: object) -> None:
    if name not in CHECKS:
        known = ", ".join(item.name for item in fields(SandboxSettings))
        raise SettingError(f"There is no setting {name!r}; the settings are {known}.")
    test, allowed = CHECKS[name]
    if not test(value):
        raise SettingError(f"{name} must be {allowed}.")
