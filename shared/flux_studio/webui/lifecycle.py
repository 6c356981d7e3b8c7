"""What happens without a question: finish interrupted jobs after a start, forget deleted chats, name the models."""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from .. import catalog
from ..catalog.entries import COMMANDS_MODEL, COMMANDS_SUMMARY, model_entry
from ..errors import ConfigurationError, StudioError
from ..providers import PROVIDERS
from ..settings import Settings
from . import worker
from .keeper import HostKeeper
from .messages import has_ended, read_message
from .rights import FUNCTION
from .stored import stored_settings

log = logging.getLogger("flux_studio.lifecycle")

STARTS = frozenset({"system.startup.completed", "function.enabled", "function.updated", "function.valves_updated"})
"""Events after which jobs may wait for a worker and models for their entries."""


REPAIR_SECONDS = 24 * 3600.0
"""How far back a start looks for answers that hang."""


async def handle(event: Mapping[str, Any], app: Any) -> None:
    """React to one event of the host; all others cost nothing."""
    name = str(event.get("event") or "")
    subject = str((event.get("subject") or {}).get("id") or "")
    if name in STARTS and (subject.startswith(FUNCTION) or not subject):
        worker.runner(app)
        await ensure_model_entries()
        if not subject:
            await repair_failed_answers(app)
    elif name == "chat.deleted" and subject:
        await worker.job_store().forget(chat=subject)
    elif name in ("user.deleted", "chat.deleted_all") and subject:
        await worker.job_store().forget(user=subject)


async def repair_failed_answers(app: Any) -> int:
    """Write the sentence of jobs that failed in the moment the server died before their answer said so."""
    store = worker.job_store()
    keeper = HostKeeper(app, store)
    hanging = 0
    for record in await store.failures(after=time.time() - REPAIR_SECONDS):
        if record.chat and record.message and not has_ended(await read_message(record.chat, record.message)):
            with suppress(StudioError):  # one answer that cannot be written keeps no other from its repair
                await keeper.deliver(record)
                hanging += 1
    return hanging


async def ensure_model_entries() -> list[str]:
    """Make the entries that are missing, private to the admin; never touch one that exists. Returns new ids."""
    from open_webui.models.functions import Functions
    from open_webui.models.models import ModelForm, Models
    from open_webui.models.users import Users
    from sqlalchemy.exc import IntegrityError

    pipe = await Functions.get_function_by_id(FUNCTION)
    if pipe is None or not pipe.is_active:
        return []
    try:
        settings = await stored_settings()
    except ConfigurationError as error:
        log.warning("no model entries: %s", error.detail)
        return []
    owner = await Users.get_super_admin_user()
    if owner is None:
        return []
    made = []
    for entry in wanted_entries(settings):
        if await Models.get_model_by_id(entry["id"]) is None:
            with suppress(IntegrityError):  # another worker, or the installer, made it this very moment
                await Models.insert_new_model(ModelForm(**entry), owner.id)
                made.append(entry["id"])
    return made


def wanted_entries(settings: Settings) -> list[dict[str, Any]]:
    """The host's model entries for every shown model, plus the hidden one for commands."""
    cards = catalog.select(settings.models, lambda name: PROVIDERS[name].configured(settings)).cards
    entries = [model_entry(card.name, card.label, card.summary) for card in cards]
    return [*entries, model_entry(COMMANDS_MODEL, "FLUX Studio commands", COMMANDS_SUMMARY)]
