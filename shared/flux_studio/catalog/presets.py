"""Draft, standard and quality as data: what each sets, on every model that has the setting."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from ..types import OptionValue, SizeClass
from .card import ModelCard
from .options import check_option
from .sizes import classes


@dataclass(frozen=True, slots=True, kw_only=True)
class Preset:
    """One preset; it chooses settings of the chosen model and never another model."""

    name: str
    help: str
    size_class: SizeClass | None = None
    """For new pictures of models with a free size."""
    options: Mapping[str, OptionValue] = field(default_factory=dict)
    """By option name; those a model has not got are passed over."""


PRESETS: Mapping[str, Preset] = MappingProxyType(
    {
        preset.name: preset
        for preset in (
            Preset(
                name="draft",
                help="fast and cheap",
                size_class="1K",
                options={"steps": 15, "mode": "fast", "quality": "low", "resolution": "1k"},
            ),
            Preset(
                name="standard",
                help="as the model's maker has it",
                size_class="1K",
                options={"quality": "medium", "resolution": "1k"},
            ),
            Preset(
                name="quality",
                help="the most of it, larger and at a higher price",
                size_class="2K",
                options={"steps": 50, "mode": "high", "quality": "high", "resolution": "2k"},
            ),
        )
    }
)


def fitting_options(preset: Preset, card: ModelCard, *, advanced: bool = True) -> dict[str, OptionValue]:
    """The settings of a preset that this model has and that are in its range."""
    found: dict[str, OptionValue] = {}
    for name, value in preset.options.items():
        spec = card.option(name)
        if spec is not None and (advanced or not spec.advanced) and (fits := check_option(spec, value)) is not None:
            found[name] = fits
    return found


def fitting_class(preset: Preset, card: ModelCard) -> SizeClass | None:
    """The size class of a preset where the model has a choice; a smaller one where it has not got that one."""
    offered = classes(card.size) if card.size.kind == "free" else []
    if preset.size_class is None or not offered:
        return None
    return preset.size_class if preset.size_class in offered else offered[-1]
