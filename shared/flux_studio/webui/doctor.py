"""What `studio.py doctor` asks from inside the server: keys, database, storage, models; it costs nothing."""

from __future__ import annotations

import asyncio
import io
import logging
import time
import uuid
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from .. import catalog
from ..captions import amount
from ..catalog.entries import CHAT_PREFIX
from ..errors import StudioError
from ..providers import PROVIDERS
from ..providers.bfl_account import credits
from ..settings import Settings, is_placeholder
from . import worker
from .guard import guarded
from .job_table import SCHEMA_VERSION
from .stored import EDITOR, stored_settings, stored_valves

log = logging.getLogger("flux_studio.doctor")

State = Literal["ok", "note", "fault"]

TOLERATED_SKEW = 5.0
"""Seconds by which the clocks of server and database may differ: leases of jobs last 30."""

LABELS = {"bfl": "Black Forest Labs", "openai": "OpenAI", "engine": "own GPU"}
"""Providers as people call them; a new one shows under its own name until it has one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One line of the report: what was looked at, how it is, and what to do when it is not well."""

    name: str
    state: State
    text: str

    def to_json(self) -> dict[str, str]:
        return {"name": self.name, "state": self.state, "text": self.text}


Check = Callable[[Settings], Awaitable[Finding]]


async def examine() -> list[Finding]:
    """Run every check, one after the other; one that fails says so and stops no other."""
    try:
        settings = await stored_settings()
    except StudioError as error:
        fault = Finding(name="valves", state="fault", text=error.sentence)
        return [fault, *[await _run(check, Settings()) for check in WITHOUT_VALVES]]
    valves = Finding(name="valves", state="ok", text="all values fit")
    return [valves, *[await _run(check, settings) for check in (*WITH_VALVES, *WITHOUT_VALVES)]]


async def _run(check: Check, settings: Settings) -> Finding:
    name = check.__name__.removeprefix("_").replace("_", " ")
    try:
        async with guarded(f"doctor, {name}"):
            return await check(settings)
    except StudioError as error:
        return Finding(name=name, state="fault", text=error.sentence)


async def _encryption(settings: Settings) -> Finding:
    from open_webui.env import ENABLE_VALVE_ENCRYPTION

    if ENABLE_VALVE_ENCRYPTION:
        return Finding(name="encryption", state="ok", text="valves are stored encrypted")
    keys = [
        name
        for function in ("flux_studio", EDITOR)
        for name, value in (await stored_valves(function)).items()
        if name.endswith("_KEY") and not is_placeholder(str(value))
    ]
    if not keys:
        return Finding(name="encryption", state="ok", text="off, but no key is stored in the valves")
    return Finding(
        name="encryption",
        state="note",
        text=f"{', '.join(sorted(set(keys)))} in the valves can be read in the database and in exports: start Open "
        "WebUI with ENABLE_VALVE_ENCRYPTION=True and enter the key again, or keep it in the environment",
    )


async def _bfl_key(settings: Settings) -> Finding:
    if not settings.flux_key:
        others = any(service.configured(settings) for name, service in PROVIDERS.items() if name != "bfl")
        text = "no key for Black Forest Labs: set FLUX_API_KEY, a key from dashboard.bfl.ai"
        return Finding(name="BFL key", state="note" if others else "fault", text=text)
    left = await credits(settings)
    where = f"accepted at {settings.flux_endpoint}, {amount(left)} left"
    if left <= 0:
        return Finding(name="BFL key", state="fault", text=f"{where}: buy credits at dashboard.bfl.ai")
    return Finding(name="BFL key", state="ok", text=where)


async def _finetunes(settings: Settings) -> Finding:
    text = f"made and used at {settings.flux_finetune_endpoint}"
    return Finding(name="finetunes", state="ok", text=text)


async def _providers(settings: Settings) -> Finding:
    states = [
        f"{LABELS.get(name, name)} {'set up' if service.configured(settings) else 'not set up'}"
        for name, service in PROVIDERS.items()
    ]
    usable = any(service.configured(settings) for service in PROVIDERS.values())
    return Finding(name="providers", state="ok" if usable else "fault", text=", ".join(states))


async def _models(settings: Settings) -> Finding:
    from open_webui.models.models import Models

    try:
        shown = catalog.shown(settings.models, lambda name: PROVIDERS[name].configured(settings))
    except StudioError as error:
        return Finding(name="models", state="fault", text=error.sentence)
    entries = {card.name: await Models.get_model_by_id(f"{CHAT_PREFIX}{card.name}") for card in shown}
    missing = [name for name, entry in entries.items() if entry is None]
    if missing:
        text = f"no entry for {', '.join(missing)}, so only admins see them: run studio.py install again"
        return Finding(name="models", state="note", text=text)
    readers = [_readers(entry) for entry in entries.values()]
    counts = {
        kind: readers.count(kind) for kind in ("everyone", "some people or groups", "admins only", "switched off")
    }
    text = f"{len(shown)} shown" + "".join(f", {count} for {kind}" for kind, count in counts.items() if count)
    if not shown or counts["admins only"] + counts["switched off"] == len(shown):
        advice = "open them with studio.py install --access public, or in Admin Settings, Models"
        return Finding(name="models", state="note", text=f"{text}: {advice}")
    return Finding(name="models", state="ok", text=text)


def _readers(entry: Any) -> str:
    if not entry.is_active:
        return "switched off"
    grants = [grant for grant in entry.access_grants if _of(grant, "permission") == "read"]
    if any((_of(grant, "principal_type"), _of(grant, "principal_id")) == ("user", "*") for grant in grants):
        return "everyone"
    return "some people or groups" if grants else "admins only"


def _of(grant: Any, name: str) -> Any:
    """The host hands grants over as objects or as dicts."""
    return grant.get(name) if isinstance(grant, dict) else getattr(grant, name, None)


async def _limits(settings: Settings) -> Finding:
    from open_webui.models.groups import Groups

    known = {group.name for group in await Groups.get_all_groups()}
    strange = [row.group for row in settings.group_limits if row.group not in known]
    if strange:
        there = ", ".join(sorted(known)) or "none"
        text = f"GROUP_LIMITS names groups that do not exist: {', '.join(strange)}; there are {there}"
        return Finding(name="limits", state="fault", text=text)
    general = settings.allowance
    parts = [] if general.pictures_a_day == float("inf") else [f"{int(general.pictures_a_day)} pictures a day"]
    parts += [] if general.credits_a_month == float("inf") else [f"{amount(general.credits_a_month)} a month"]
    text = f"{' and '.join(parts) or 'none'} for each person, {len(settings.group_limits)} groups with their own"
    return Finding(name="limits", state="ok", text=text)


async def _image_permission(settings: Settings) -> Finding:
    from open_webui.models.config import Config

    features = ((await Config.get("user.permissions")) or {}).get("features") or {}
    if features.get("image_generation", True):
        return Finding(name="image permission", state="ok", text="people may make pictures unless a group forbids it")
    text = (
        "off by default: only admins and members of groups with the permission “Image Generation” can make pictures "
        "(Admin Panel, Users, Groups)"
    )
    return Finding(name="image permission", state="note", text=text)


async def _database(settings: Settings) -> Finding:
    facts = await worker.job_store().facts()
    skew = abs(facts.now - time.time())
    text = f"{facts.kind}, job table version {facts.version}"
    if facts.version > SCHEMA_VERSION:
        advice = f"a newer release has used it; this one knows version {SCHEMA_VERSION} and works on"
        return Finding(name="database", state="note", text=f"{text}: {advice}")
    if skew > TOLERATED_SKEW:
        advice = "set both clocks by NTP, or jobs are taken from their workers"
        return Finding(name="database", state="fault", text=f"{text}, its clock is {skew:.0f} s off: {advice}")
    return Finding(name="database", state="ok", text=text)


async def _storage(settings: Settings) -> Finding:
    from open_webui.config import STORAGE_PROVIDER
    from open_webui.storage.provider import Storage

    name, probe = f"flux-studio-doctor-{uuid.uuid4().hex}.txt", b"may be deleted"

    def write() -> None:
        _, path = Storage.upload_file(io.BytesIO(probe), name, {})
        with open(Storage.get_file(path), "rb") as stream:
            if stream.read() != probe:
                raise OSError("what was written did not come back")
        Storage.delete_file(path)

    try:
        await asyncio.to_thread(write)
    except (OSError, RuntimeError) as error:
        log.warning("storage: %s", error)
        text = "the server cannot keep files, pictures would be lost: see its log, and its disk or bucket"
        return Finding(name="storage", state="fault", text=f"{STORAGE_PROVIDER}: {text}")
    return Finding(name="storage", state="ok", text=f"{STORAGE_PROVIDER}, a file was written, read and deleted")


WITH_VALVES: Sequence[Check] = (_bfl_key, _providers, _finetunes, _models, _limits)
WITHOUT_VALVES: Sequence[Check] = (_encryption, _image_permission, _database, _storage)
