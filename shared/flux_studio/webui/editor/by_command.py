"""/area, /expand and /erase: the editor opens by itself once the answer that announces it has ended."""

from __future__ import annotations

import asyncio
import logging
from types import SimpleNamespace
from typing import Any

from ...captions import literal
from ...catalog.entries import CHAT_PREFIX, COMMANDS_MODEL
from ...commands import COMMANDS, Typed
from ...commands.mentions import without_lead
from ...errors import ConfigurationError, InvalidRequest, StudioError
from .. import rights
from ..caller import Caller
from ..guard import guarded
from ..inputs import look_around, picked_number
from ..messages import has_ended, read_message
from ..stored import EDITOR
from ..targets import the_one
from . import overlay

log = logging.getLogger("flux_studio.editor")

CHECKS = 60
PAUSE = 0.25
"""Fifteen seconds for the host to write the end of an answer, which usually takes less than one."""
SETTLES = 1.0
"""Seconds after which an answer in a temporary chat, which the host does not keep, has surely ended."""

_OPENING: set[asyncio.Task[None]] = set()


async def open_editor(caller: Caller, typed: Typed) -> str:
    """Announce the editor and open it after the answer: while a script runs in the tab, the answer must not change.

    Raises InvalidRequest without a picture or with several, ConfigurationError when Edit area is not there.
    """
    command = typed.command or COMMANDS["area"]
    await rights.require_image_permission(caller.user)
    if caller.ask is None or caller.channel:
        sentence = f"/{command.name} works in a chat of your own."
        raise InvalidRequest("command", command.name, "a chat", sentence=sentence)
    seen = await look_around(caller, {})
    number = the_one(seen.scene, typed.prompt, picked=picked_number(typed), command=command)
    earlier = seen.scene.earlier
    message = earlier[number - 1].message if number <= len(earlier) else caller.message
    page = await _page(caller.app)
    _spawn(_open_after_answer(caller, seen.sources[number - 1].file, message, command.mode, page))
    words = without_lead(typed.prompt).strip()
    # no word of a chat enters the page, so the person takes them along
    taken = f" Your words, to say them there: {literal(words)}" if words else ""
    return f"Edit area opens with picture #{number}.{taken}"


async def _open_after_answer(caller: Caller, picture: str, message: str, mode: str, page: str) -> None:
    await _answer_has_ended(caller)
    body = {"chat_id": caller.chat, "id": message, "session_id": caller.session, "model": await _chat_model(caller)}
    try:
        async with guarded("editor by command"):
            if caller.ask is not None:
                await overlay.show(body, caller.user, caller.ask, page, picture=picture, mode=mode)
    except StudioError as error:
        if caller.emit:
            await caller.emit({"type": "notification", "data": {"type": "warning", "content": error.sentence}})


async def _answer_has_ended(caller: Caller) -> None:
    if not caller.saved:
        return await asyncio.sleep(SETTLES)
    for _ in range(CHECKS):
        if has_ended(await read_message(caller.chat, caller.message)):
            return None
        await asyncio.sleep(PAUSE)
    return None


async def _chat_model(caller: Caller) -> str:
    """The model the calls of the page name: the host lets a person call actions only on a model they may use."""
    record = await read_message(caller.chat, caller.message) if caller.saved else None
    return str((record or {}).get("model") or f"{CHAT_PREFIX}{COMMANDS_MODEL}")


async def _page(app: Any) -> str:
    """The built page, which is part of the plugin Edit area alone; raises ConfigurationError where that is off."""
    from open_webui.models.functions import Functions
    from open_webui.utils.plugin import get_function_module_from_cache

    function = await Functions.get_function_by_id(EDITOR)
    if function is None or not function.is_active:
        raise ConfigurationError("Edit area is not installed or switched off here; ask your admin.")
    plugin, _, _ = await get_function_module_from_cache(SimpleNamespace(app=app), EDITOR, function=function)
    return str(plugin.page)


def _spawn(work: Any) -> None:
    task = asyncio.create_task(work)
    _OPENING.add(task)
    task.add_done_callback(_ended)


def _ended(task: asyncio.Task[None]) -> None:
    _OPENING.discard(task)
    if not task.cancelled() and (error := task.exception()):
        log.error("the editor was not opened", exc_info=error)
