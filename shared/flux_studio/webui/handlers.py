"""What the commands of commands.COMMANDS do in a chat; a new command is one row there and one handler here."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from .. import catalog, commands
from ..captions import amount, literal
from ..catalog.price import usual_price
from ..commands import Typed
from ..errors import ConfigurationError, NotPermitted
from ..providers import PROVIDERS
from ..settings import Settings
from ..types import Cost
from . import rights
from .caller import Caller
from .costs import answer_costs, left_sentence
from .editor import by_command
from .stored import enabled_commands

Handler = Callable[[Caller, Typed, Settings], Awaitable[str]]


async def show_help(caller: Caller, typed: Typed, settings: Settings) -> str:
    """Commands and flags, out of their tables."""
    return commands.help_text(await enabled_commands(), admin=caller.user.role == "admin")


async def show_models(caller: Caller, typed: Typed, settings: Settings) -> str:
    """The models this person may use, with what they can do and cost."""
    cards = catalog.select(settings.models, lambda name: PROVIDERS[name].configured(settings)).cards
    usable = [card for card in cards if await rights.may_use_model(caller.user, card.name, caller.app)]
    if not usable:
        return "No image model is shared with you yet; ask your admin for access."
    rows = ["| Model | Name for `--model` | Good for | From |", "| --- | --- | --- | --- |"]
    rows += [f"| {card.label} | `{card.name}` | {card.summary} | {_price(usual_price(card))} |" for card in usable]
    return "\n".join(rows)


async def show_credits(caller: Caller, typed: Typed, settings: Settings) -> str:
    """What is left on the account, for admins and never where others read along."""
    if caller.user.role != "admin":
        raise NotPermitted("/credits is for admins; /costs shows what your own pictures cost.")
    if caller.channel:
        raise NotPermitted("A channel is read by others; ask /credits in a chat of your own.")
    if not settings.flux_key:
        raise ConfigurationError("No key of Black Forest Labs is set, so there is no account to ask about.")
    return literal(await left_sentence(settings))


async def open_editor(caller: Caller, typed: Typed, settings: Settings) -> str:
    """Edit area, after this answer, in the mode of the command."""
    return await by_command.open_editor(caller, typed)


def _price(cost: Cost | None) -> str:
    if cost is None:
        return "unknown"
    return amount(cost.amount, cost.currency) if cost.amount else "free"


HANDLERS: dict[str, Handler] = {
    "help": show_help,
    "models": show_models,
    "costs": answer_costs,
    "credits": show_credits,
    "area": open_editor,
}
