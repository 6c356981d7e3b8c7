"""What was typed becomes a request: flag, then chat variable, then settings, then the card's default (pure)."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import cast

from ..catalog import ModelCard
from ..catalog.sizes import SIZE_CLASSES
from ..settings import Settings
from ..types import Format, Mask, OptionValue, Picture, Request, Size, SizeClass, Task
from .parse import Typed
from .values import FlagValue

Wishes = Mapping[str, FlagValue]
"""Values by what they set, as in Typed.flags."""

SHAPE = ("size", "aspect")
FOR_THE_CALLER = ("preset", "no", "new", "edit", "model", "confirm", "days")
"""Flags that choose what is asked rather than how."""
REQUEST_FIELDS = (*SHAPE, *FOR_THE_CALLER, "count", "seed", "format")
"""What a flag sets beside the options of a card."""
NONE: Wishes = MappingProxyType({})


def to_request(
    typed: Typed,
    card: ModelCard,
    settings: Settings,
    *,
    pictures: tuple[Picture, ...] = (),
    mask: Mask | None = None,
    task: Task | None = None,
    variables: Wishes = NONE,
) -> Request:
    """Fill a request for this card; catalog.check tells afterwards whether it fits.

    Without `task` the model decides: pictures are worked on, text alone generates. Flags always count; defaults
    count only where the model has the setting, and a default shape only for new pictures: an edit keeps the shape
    of its picture. `variables` and the person's own settings are those that stored.fitting let pass.
    """
    task = task or card.task_for(len(pictures))
    wishes = {**variables, **typed.flags}
    size, aspect, size_class = _shape(typed.flags, variables, settings, task)
    return Request(
        task=task,
        model=card.name,
        prompt=typed.prompt,
        pictures=pictures,
        mask=mask,
        size=size,
        aspect=aspect,
        size_class=size_class,
        count=_count(wishes, settings),
        seed=_seed(card, typed.flags, wishes, settings),
        format=_format(card, typed.flags, wishes, settings),
        options=_options(card, typed.flags, variables, settings),
    )


def _shape(
    flags: Wishes, variables: Wishes, settings: Settings, task: Task
) -> tuple[Size | None, str | None, SizeClass | None]:
    """The uppermost layer with a size or a ratio decides alone: a ratio below never fights a size above.

    Only a size class, which has no ratio of its own, leaves the ratio to a layer below.
    """
    layers: list[Wishes] = [flags]
    if task == "generate":
        layers += [variables, {"aspect": settings.aspect} if settings.aspect else {}]
    size_class: SizeClass | None = None
    for layer in layers:
        size, aspect = layer.get("size"), layer.get("aspect")
        if size in SIZE_CLASSES and size_class is None:
            size_class = cast(SizeClass, size)
        if isinstance(aspect, str):
            return size if isinstance(size, Size) else None, aspect, size_class
        if isinstance(size, Size):
            return (None, None, size_class) if size_class else (size, None, None)
    return None, None, size_class


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
