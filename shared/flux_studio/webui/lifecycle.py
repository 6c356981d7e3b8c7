"""What happens without a question: finish interrupted jobs after a start, forget deleted chats, name the models."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from .. import catalog
from ..errors import ConfigurationError
from ..providers import PROVIDERS
from ..settings import Settings
from . import worker
from .job_store import DatabaseJobStore
from .rights import FUNCTION
from .stored import stored_settings
from .turn import COMMANDS_MODEL

log = logging.getLogger("flux_studio.lifecycle")

STARTS = frozenset({"system.startup.completed", "function.enabled", "function.updated", "function.valves_updated"})
"""Events after which jobs may wait for a worker and models for their entries."""


async def handle(event: Mapping[str, Any], app: Any) -> None:
    """React to one event of the host; all others cost nothing."""
    name = str(event.get("event") or "")
    subject = str((event.get("subject") or {}).get("id") or "")
    if name in STARTS and (subject.startswith(FUNCTION) or not subject):
        worker.runner(app)
        await ensure_model_entries()
    elif name == "chat.deleted" and subject:
        await DatabaseJobStore().forget(chat=subject)
    elif name in ("user.deleted", "chat.deleted_all") and subject:
        await DatabaseJobStore().forget(user=subject)


async def ensure_model_entries() -> list[str]:
    """Make the entries that are missing, private to the admin; never touch one that exists. Returns new ids."""
    from open_webui.models.functions import Functions
    from open_webui.models.models import ModelForm, Models
    from open_webui.models.users import Users

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
            await Models.insert_new_model(ModelForm(**entry), owner.id)
            made.append(entry["id"])
    return made


def wanted_entries(settings: Settings) -> list[dict[str, Any]]:
    """The host's model entries for every shown model, plus the hidden one for commands."""
    cards = catalog.select(settings.models, lambda name: PROVIDERS[name].configured(settings)).cards
    entries = [_entry(card.name, card.label, card.summary) for card in cards]
    hidden = _entry(COMMANDS_MODEL, "FLUX Studio commands", "Answers slash commands.")
    hidden["meta"]["hidden"] = True
    hidden["access_grants"] = [{"principal_type": "user", "principal_id": "*", "permission": "read"}]
    return [*entries, hidden]


def _entry(name: str, label: str, summary: str) -> dict[str, Any]:
    return {
        "id": f"{FUNCTION}.{name}",
        "base_model_id": None,
        "name": label,
        "meta": {"description": summary, "capabilities": {"vision": True, "builtin_tools": False}},
        "params": {},
        "access_grants": [],
        "is_active": True,
    }
