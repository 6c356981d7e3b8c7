"""What was typed becomes a request: flag, then chat variable, then settings, then the card's default (pure)."""

from __future__ import annotations

from collections.abc import Mapping

from ..catalog import ModelCard
from ..errors import InvalidRequest, InvalidRequests
from ..settings import Settings
from ..types import Format, Mask, OptionValue, Picture, Request, Size, Task
from .flags import FLAGS
from .parse import Typed
from .values import FlagValue, read_value

Wishes = Mapping[str, FlagValue]
"""Values by what they set, as in Typed.flags."""

SHAPE = ("size", "aspect")
FOR_THE_CALLER = ("new", "model", "confirm", "days")
"""Flags that choose what is asked rather than how."""
REQUEST_FIELDS = (*SHAPE, *FOR_THE_CALLER, "count", "seed", "format")
"""What a flag sets beside the options of a card."""


def to_request(
    typed: Typed,
    card: ModelCard,
    settings: Settings,
    *,
    pictures: tuple[Picture, ...] = (),
    mask: Mask | None = None,
    task: Task | None = None,
    chat_variables: Mapping[str, str] | None = None,
) -> Request:
    """Fill a request for this card; catalog.check tells afterwards whether it fits.

    Without `task` the model decides: pictures are worked on, text alone generates. Flags always count; defaults
    count only where the model has the setting, and a default shape only for new pictures: an edit keeps the shape
    of its picture. Raises InvalidRequest naming the chat variable or user valve that cannot be read.
    """
    task = task or card.task_for(len(pictures))
    variables = read_variables(chat_variables or {})
    wishes = {**variables, **typed.flags}
    size, aspect = _shape(typed.flags, variables, settings, task)
    return Request(
        task=task,
        model=card.name,
        prompt=typed.prompt,
        pictures=pictures,
        mask=mask,
        size=size,
        aspect=aspect,
        count=_count(wishes, settings),
        seed=_seed(card, typed.flags, wishes, settings),
        format=_format(card, typed.flags, wishes, settings),
        options=_options(card, typed.flags, variables, settings),
    )


def read_variables(chat_variables: Mapping[str, str]) -> dict[str, FlagValue]:
    """Read the chat variables that bear the name of a flag, an alias or a setting; empty ones count as not set.

    Raises InvalidRequest on field "chat variable <name>".
    """
    values: dict[str, FlagValue] = {}
    faults: list[InvalidRequest] = []
    for flag in FLAGS:
        names = (flag.name, *flag.aliases, flag.sets)
        name = next((name for name in names if str(chat_variables.get(name, "")).strip()), None)
        if name is None:
            continue
        try:
            values[flag.sets] = read_value(flag, str(chat_variables[name]), f"chat variable {name}")
        except InvalidRequest as fault:
            faults.append(fault)
    if faults:
        raise faults[0] if len(faults) == 1 else InvalidRequests(faults)
    return values


def _shape(flags: Wishes, variables: Wishes, settings: Settings, task: Task) -> tuple[Size | None, str | None]:
    """The uppermost layer with a size or a ratio decides alone: a ratio below never fights a size above."""
    layers: list[Wishes] = [flags]
    if task == "generate":
        layers += [variables, {"aspect": settings.aspect} if settings.aspect else {}]
    chosen = next((layer for layer in layers if any(name in layer for name in SHAPE)), {})
    size, aspect = chosen.get("size"), chosen.get("aspect")
    return size if isinstance(size, Size) else None, aspect if isinstance(aspect, str) else None


def _count(wishes: Wishes, settings: Settings) -> int:
    count = wishes.get("count")
    return count if isinstance(count, int) else settings.count


def _seed(card: ModelCard, flags: Wishes, wishes: Wishes, settings: Settings) -> int | None:
    if not card.seed and "seed" not in flags:
        return None
    seed = wishes.get("seed", settings.seed)
    return seed if isinstance(seed, int) else None


def _format(card: ModelCard, flags: Wishes, wishes: Wishes, settings: Settings) -> Format | None:
    if not card.formats and "format" not in flags:
        return None
    formats: dict[object, Format] = {"jpeg": "jpeg", "png": "png", "webp": "webp"}
    wished = formats.get(wishes.get("format"))
    usual = settings.output_format if settings.output_format in card.formats else card.default_format
    return wished or usual


def _options(card: ModelCard, flags: Wishes, variables: Wishes, settings: Settings) -> dict[str, OptionValue]:
    options = _defaults(card, settings)
    for name, value in variables.items():
        spec = card.option(name)
        if spec is not None and (settings.advanced_parameters or not spec.advanced):
            options.update(_option(name, value))
    for name, value in flags.items():
        options.update(_option(name, value))
    return options


def _option(name: str, value: FlagValue) -> dict[str, OptionValue]:
    if name in REQUEST_FIELDS or value is None or isinstance(value, Size):
        return {}
    return {name: value}


def _defaults(card: ModelCard, settings: Settings) -> dict[str, OptionValue]:
    options: dict[str, OptionValue] = {}
    if card.option("prompt_upsampling") is not None:
        options["prompt_upsampling"] = settings.prompt_upsampling
    safety = card.option("safety_tolerance")
    if safety is not None:
        most = settings.safety_tolerance if safety.maximum is None else int(safety.maximum)
        options["safety_tolerance"] = min(settings.safety_tolerance, most)
    return options
