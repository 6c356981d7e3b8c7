"""Which model answers a question: that of the flag, else of the chat, else the first that commands may use."""

from __future__ import annotations

from dataclasses import dataclass

from .. import catalog
from ..catalog import ModelCard
from ..commands import Typed
from ..errors import ConfigurationError, InvalidRequest, NotPermitted
from ..providers import PROVIDERS
from ..settings import Settings
from ..types import Task
from . import rights
from .caller import Caller


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """A model this person may use, and a sentence when it is another one than they may expect."""

    card: ModelCard
    notice: str = ""


async def choose_model(caller: Caller, chat_model: str, typed: Typed, settings: Settings) -> Choice:
    """Choose for a question; the right to the model is asked again. Raises StudioError.

    A command that the chat's own model cannot do is done by one that can; a model of the flag is never replaced.
    """
    flag = str(typed.flags.get("model") or "")
    current = chat_model.removeprefix(f"{rights.FUNCTION}.")
    wanted = flag or (current if catalog.known(current) else "")
    needs = typed.command.task if typed.command else None
    if not wanted:
        return Choice(card=await default_card(caller, settings, needs))
    card, notice = catalog.serving(catalog.card(wanted))
    await rights.require_model(caller.user, card.name, caller.app)
    if flag or needs is None or needs in card.tasks:
        return Choice(card=card, notice=notice)
    able = await default_card(caller, settings, needs)
    return Choice(card=able, notice=f"{card.label} cannot do this, so {able.label} did.")


async def default_card(caller: Caller, settings: Settings, needs: Task | None = None) -> ModelCard:
    """The admin's model for commands, else the first shown one this person may use; with `needs` one that can do it."""
    if settings.command_default_model:
        card = _named_by_admin(settings.command_default_model)
        await rights.require_model(caller.user, card.name, caller.app)
        if needs is None or needs in card.tasks:
            return card
    usable = [
        card
        for card in catalog.shown(settings.models, lambda name: PROVIDERS[name].configured(settings))
        if await rights.may_use_model(caller.user, card.name, caller.app)
    ]
    able = next((card for card in usable if needs is None or needs in card.tasks), None)
    if able is not None:
        return able
    if usable:
        raise NotPermitted("None of the image models that are shared with you can do this; ask your admin for one.")
    if not any(service.configured(settings) for service in PROVIDERS.values()):
        raise ConfigurationError(setup_sentence())
    raise NotPermitted("None of the image models is shared with you; ask your admin for access.")


def _named_by_admin(name: str) -> ModelCard:
    try:
        return catalog.card(name)
    except InvalidRequest as error:
        raise ConfigurationError(
            f"The valve COMMAND_DEFAULT_MODEL of FLUX Studio is wrong, an admin has to repair it. {error.sentence}"
        ) from error


def setup_sentence() -> str:
    """What an admin has to do before the first picture."""
    return (
        "FLUX Studio has no provider yet. Admin: open Admin Panel → Functions → FLUX Studio → valves (gear) "
        "and enter FLUX_API_KEY, a key from dashboard.bfl.ai, or OPENAI_API_KEY, a key from platform.openai.com."
    )
