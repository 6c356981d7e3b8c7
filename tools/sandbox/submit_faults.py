"""Faults of a submit: refusals that start nothing, and answers that hide what was started."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from aiohttp import web

from . import answers
from .faults import Faults
from .state import State

REFUSALS: Mapping[str, Callable[[State], web.Response]] = {
    "invalid-key": lambda state: answers.not_authenticated(),
    "out-of-credits": lambda state: answers.out_of_credits(),
    "rate-limited": lambda state: answers.too_many_tasks(24),
    "server-error": lambda state: answers.html_page(500, "Internal Server Error"),
    "unavailable": lambda state: answers.html_page(503, "Service Unavailable"),
    "redirecting-submit": lambda state: answers.redirect(f"{state.addresses.elsewhere}/v1/elsewhere", 307),
}
"""Fault -> answer of a submit that creates no task."""


ANSWERS: Mapping[str, Callable[[Mapping[str, Any]], web.Response]] = {
    "malformed-submit": answers.half_json,
    "huge-submit": answers.huge_json,
    "bad-gateway": lambda answer: answers.html_page(502, "Bad Gateway"),
}
"""Fault -> what is said about something that was started and billed."""


async def answered(state: State, faults: Faults, answer: Mapping[str, Any]) -> web.Response:
    """The answer about something that was started, as the faults have it."""
    if "slow-submit" in faults:
        await state.sleep(float(faults["slow-submit"]))
    for fault, written in ANSWERS.items():
        if fault in faults:
            return written(answer)
    return web.json_response(answer)


def refused_by(state: State, faults: Faults, prompt: str) -> web.Response | None:
    """The answer of the first refusing fault whose count is not used up; counted for each prompt."""
    for name, value in faults.items():
        if name not in REFUSALS:
            continue
        used = (name, prompt)
        state.faults_used[used] += 1
        if value == "" or state.faults_used[used] <= float(value):
            return REFUSALS[name](state)
    return None
