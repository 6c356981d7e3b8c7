"""What `studio.py doctor` asks from inside the server: keys, database, storage, models; it costs nothing."""

from __future__ import annotations

import asyncio
import io
import logging
import re
import time
import uuid
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple
from urllib.parse import urlsplit

from .. import catalog
from ..captions import amount
from ..catalog.entries import CHAT_PREFIX
from ..errors import ProviderError, StudioError
from ..providers import PROVIDERS
from ..providers.bfl_account import credits
from ..providers.bfl_finetunes import Finetunes
from ..settings import Settings, is_placeholder
from . import worker
from .guard import guarded
from .job_table import SCHEMA_VERSION
from .stored import EDITOR, stored_settings, stored_valves

log = logging.getLogger("flux_studio.doctor")

State = Literal["ok", "note", "fault"]

TOLERATED_SKEW = 5.0
"""Seconds by which the clocks of server and database may differ: leases of jobs last 30."""

BOUND = re.compile(r"api\.(eu|us)\d*\.bfl\.ai")

LABELS = {"bfl": "Black Forest Labs", "openai": "OpenAI", "openai_server": "image server", "engine": "own GPU"}
"""Providers as people call them; a new one shows under its own name until it has one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One line of the report: what was looked at, how it is, and what to do when it is not well."""

    name: str
    state: State
    text: str

    def to_json(self) -> dict[str, str]:
        return {"name": self.name, "state": self.state, "text": self.text}


class Look(NamedTuple):
    """What one check saw."""

    state: State
    text: str


Check = Callable[[Settings], Awaitable[Look]]


async def examine() -> list[Finding]:
    """Run every check, one after the other; one that fails says so and stops no other."""
    checks = {**WITH_VALVES, **WITHOUT_VALVES}
    try:
        settings, valves = await stored_settings(), Look("ok", "all values fit")
    except StudioError as error:
        settings, valves, checks = Settings(), Look("fault", error.sentence), dict(WITHOUT_VALVES)
    looks = {name: await _run(name, check, settings) for name, check in checks.items()}
    return [Finding(name=name, state=look.state, text=look.text) for name, look in {"valves": valves, **looks}.items()]


async def _run(name: str, check: Check, settings: Settings) -> Look:
    try:
        async with guarded(f"doctor, {name}"):
            return await check(settings)
    except StudioError as error:
        return Look("fault", error.sentence)


async def _encryption(settings: Settings) -> Look:
    from open_webui import env

    if getattr(env, "ENABLE_VALVE_ENCRYPTION", False):  # hosts before 0.12 do not know it
        return Look("ok", "valves are stored encrypted")
    keys = [
        name
        for function in ("flux_studio", EDITOR)
        for name, value in (await stored_valves(function)).items()
        if name.endswith("_KEY") and not is_placeholder(str(value))
    ]
    if not keys:
        return Look("ok", "off, but no key is stored in the valves")
    return Look(
        "note",
        f"{', '.join(sorted(set(keys)))} in the valves can be read in the database and in exports: start Open "
        "WebUI with ENABLE_VALVE_ENCRYPTION=True and enter the key again, or keep it in the environment",
    )


async def _bfl_key(settings: Settings) -> Look:
    if not settings.flux_key:
        others = any(service.configured(settings) for name, service in PROVIDERS.items() if name != "bfl")
        text = "no key for Black Forest Labs: set FLUX_API_KEY, a key from dashboard.bfl.ai"
        return Look("note" if others else "fault", text)
    left = await credits(settings)
    where = f"accepted at {settings.flux_endpoint}, {amount(left)} left"
    if left <= 0:
        return Look("fault", f"{where}: buy credits at dashboard.bfl.ai")
    return Look("ok", where)


async def _finetunes(settings: Settings) -> Look:
    where = settings.flux_finetune_endpoint
    here, there = region(settings.flux_endpoint), region(where)
    if here and there and here != there:
        advice = f"set FLUX_FINETUNE_ENDPOINT to https://api.{here}1.bfl.ai to keep both in one region"
        return Look("note", f"pictures are made in {here.upper()}, finetunes in {there.upper()}: {advice}")
    if not settings.flux_key:
        return Look("ok", f"none without a key; they would live at {where}")
    try:
        count = len(await Finetunes(settings).mine())
    except ProviderError as error:  # many accounts have no right to finetunes, and miss nothing
        return Look("note", f"none can be used at {where}: {error.sentence}")
    return Look("ok", f"{count} at {where}")


def region(address: str) -> str:
    """The region that an address of Black Forest Labs is bound to, "eu" or "us"; empty for all others (pure)."""
    bound = BOUND.fullmatch(urlsplit(address).hostname or "")
    return bound[1] if bound else ""


async def _providers(settings: Settings) -> Look:
    states = [
        f"{LABELS.get(name, name)} {'set up' if service.configured(settings) else 'not set up'}"
        for name, service in PROVIDERS.items()
    ]
    usable = any(service.configured(settings) for service in PROVIDERS.values())
    return Look("ok" if usable else "fault", ", ".join(states))


async def _models(settings: Settings) -> Look:
    from open_webui.models.models import Models

    try:
        shown = catalog.shown(settings.models, lambda name: PROVIDERS[name].configured(settings))
    except StudioError as error:
        return Look("fault", error.sentence)
    entries = {card.name: await Models.get_model_by_id(f"{CHAT_PREFIX}{card.name}") for card in shown}
    missing = [name for name, entry in entries.items() if entry is None]
    if missing:
        text = f"no entry for {', '.join(missing)}, so only admins see them: run studio.py install again"
        return Look("note", text)
    readers = [_readers(entry) for entry in entries.values()]
    counts = {
        kind: readers.count(kind) for kind in ("everyone", "some people or groups", "admins only", "switched off")
    }
    text = f"{len(shown)} shown" + "".join(f", {count} for {kind}" for kind, count in counts.items() if count)
    if not shown or counts["admins only"] + counts["switched off"] == len(shown):
        advice = "open them with studio.py install --access public, or in Admin Settings, Models"
        return Look("note", f"{text}: {advice}")
    return Look("ok", text)


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


async def _limits(settings: Settings) -> Look:
    from open_webui.models.groups import Groups

    known = {group.name for group in await Groups.get_all_groups()}
    strange = [row.group for row in settings.group_limits if row.group not in known]
    if strange:
        there = ", ".join(sorted(known)) or "none"
        text = f"GROUP_LIMITS names groups that do not exist: {', '.join(strange)}; there are {there}"
        return Look("fault", text)
    general = settings.allowance
    parts = [] if general.pictures_a_day == float("inf") else [f"{int(general.pictures_a_day)} pictures a day"]
    parts += [] if general.credits_a_month == float("inf") else [f"{amount(general.credits_a_month)} a month"]
    groups = len(settings.group_limits)
    with_own = f"{groups} group{'' if groups == 1 else 's'} with their own"
    return Look("ok", f"{' and '.join(parts) or 'none'} for each person, {with_own if groups else 'none for groups'}")


async def _image_permission(settings: Settings) -> Look:
    from open_webui.models.config import Config

    features = ((await Config.get("user.permissions")) or {}).get("features") or {}
    if features.get("image_generation", True):
        return Look("ok", "people may make pictures unless a group forbids it")
    text = (
        "off by default: only admins and members of groups with the permission “Image Generation” can make pictures "
        "(Admin Panel, Users, Groups)"
    )
    return Look("note", text)


async def _database(settings: Settings) -> Look:
    facts = await worker.job_store().facts()
    skew = abs(facts.now - time.time())
    text = f"{facts.kind}, job table version {facts.version}"
    if facts.version > SCHEMA_VERSION:
        advice = f"a newer release has used it; this one knows version {SCHEMA_VERSION} and works on"
        return Look("note", f"{text}: {advice}")
    if skew > TOLERATED_SKEW:
        advice = "set both clocks by NTP, or jobs are taken from their workers"
        return Look("fault", f"{text}, its clock is {skew:.0f} s off: {advice}")
    return Look("ok", text)


async def _storage(settings: Settings) -> Look:
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
        return Look("fault", f"{STORAGE_PROVIDER}: {text}")
    return Look("ok", f"{STORAGE_PROVIDER}, a file was written, read and deleted")


WITH_VALVES: Mapping[str, Check] = {
    "BFL key": _bfl_key,
    "providers": _providers,
    "finetunes": _finetunes,
    "models": _models,
    "limits": _limits,
}
"""Checks that need valves which can be read."""

WITHOUT_VALVES: Mapping[str, Check] = {
    "encryption": _encryption,
    "image permission": _image_permission,
    "database": _database,
    "storage": _storage,
}
