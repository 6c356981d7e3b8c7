"""Which pipeline class does which task, for each architecture: data that the loader reads."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from .spec import Task


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """How one family does one task."""

    pipeline: str
    """Class name in diffusers."""
    takes_strength: bool = False
    """Starts from the noised input picture, so that `strength` decides how much of it stays."""
    many_pictures: bool = False
    """Takes a list of references instead of one picture."""
    fixed: Mapping[str, object] = field(default_factory=dict)
    """Arguments of every call."""
    area_argument: bool = False
    """Kontext rescales to max_area whatever size is asked for, so the wanted area is handed over."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Family:
    """One architecture of FLUX models."""

    name: str
    ways: Mapping[Task, Way]
    guidance: bool = True
    """Whether guidance_scale changes anything."""
    negative: bool = False
    sequence: bool = True
    """Whether max_sequence_length is an argument."""


FLUX_1 = Family(
    name="flux-1",
    ways={
        "generate": Way(pipeline="FluxPipeline"),
        "edit": Way(pipeline="FluxImg2ImgPipeline", takes_strength=True),
        "inpaint": Way(pipeline="FluxInpaintPipeline", takes_strength=True),
    },
)
FLUX_1_FILL = Family(name="flux-1-fill", ways={"inpaint": Way(pipeline="FluxFillPipeline", takes_strength=True)})
FLUX_1_KONTEXT = Family(
    name="flux-1-kontext",
    ways={
        "generate": Way(pipeline="FluxKontextPipeline", area_argument=True),
        "edit": Way(pipeline="FluxKontextPipeline", area_argument=True, fixed={"_auto_resize": False}),
        "inpaint": Way(pipeline="FluxKontextInpaintPipeline", takes_strength=True, fixed={"_auto_resize": False}),
    },
)
FLUX_2 = Family(
    name="flux-2",
    ways={
        "generate": Way(pipeline="Flux2Pipeline"),
        "edit": Way(pipeline="Flux2Pipeline", many_pictures=True),
    },
)
FLUX_2_KLEIN = Family(
    name="flux-2-klein",
    ways={
        "generate": Way(pipeline="Flux2KleinPipeline"),
        "edit": Way(pipeline="Flux2KleinPipeline", many_pictures=True),
        "inpaint": Way(pipeline="Flux2KleinInpaintPipeline", takes_strength=True),
    },
)

FAMILIES: Mapping[str, Family] = {
    family.name: family for family in (FLUX_1, FLUX_1_FILL, FLUX_1_KONTEXT, FLUX_2, FLUX_2_KLEIN)
}

CLASSES: Mapping[str, str] = {
    "FluxPipeline": "flux-1",
    "FluxImg2ImgPipeline": "flux-1",
    "FluxInpaintPipeline": "flux-1",
    "FluxFillPipeline": "flux-1-fill",
    "FluxKontextPipeline": "flux-1-kontext",
    "FluxKontextInpaintPipeline": "flux-1-kontext",
    "Flux2Pipeline": "flux-2",
    "Flux2KleinPipeline": "flux-2-klein",
    "Flux2KleinInpaintPipeline": "flux-2-klein",
}
"""`_class_name` of a folder's model_index.json -> family: how any diffusers folder joins by its path."""
