"""What one model can do, as data: tasks, options with ranges, sizes, pictures, price and state."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from ..types import Format, OptionValue, Size, Task

CHAT_TASKS: frozenset[Task] = frozenset({"generate", "edit", "deblur", "tryon"})
PICTURE_TASKS: tuple[Task, ...] = ("edit", "deblur", "tryon")
"""What a chat does with attached pictures, by what the model can."""
EDITOR_TASKS: frozenset[Task] = frozenset({"inpaint", "erase", "expand"})


@dataclass(frozen=True, slots=True, kw_only=True)
class OptionSpec:
    """One setting of a model, under the field's standard name."""

    name: str
    """Our name, the same for all models: steps, guidance, raw, safety_tolerance, prompt_upsampling …"""
    kind: Literal["bool", "int", "float", "choice"]
    default: OptionValue | None = None
    """What the provider takes when nothing is sent; None = random or unknown."""
    minimum: float | None = None
    maximum: float | None = None
    step: float | None = None
    choices: tuple[str, ...] = ()
    field: str = ""
    """The provider's own field name; empty = the same as `name`."""
    inverted: bool = False
    """A switch whose field has the opposite meaning (prompt_upsampling → disable_pup)."""
    help: str = ""
    advanced: bool = True
    """Hidden from people when the admin switched ADVANCED_PARAMETERS off."""
    computed: bool = False
    """Follows from the area that is edited (margins, offsets); never offered to people."""
    always_sent: bool = False
    """`default` is our own and travels even without a wish, because the provider's is another one."""

    @property
    def allowed(self) -> str:
        """The range in words, for error sentences and tables: "1 to 50", "on or off"."""
        if self.kind == "bool":
            return "on or off"
        if self.kind == "choice":
            return ", ".join(self.choices)
        whole = "whole number " if self.kind == "int" else "number "
        if self.minimum is None and self.maximum is None:
            return whole.strip()
        if self.maximum is None:
            return f"{whole}of at least {self.minimum:g}"
        return f"{whole}{self.minimum:g} to {self.maximum:g}"


@dataclass(frozen=True, slots=True, kw_only=True)
class SizeRule:
    """Which output sizes a model takes.

    free    width and height in multiples of `multiple` pixels, within `minimum`, `maximum` and `max_pixels`
    choice  one of `choices`, nothing else
    ratio   only an aspect ratio between `min_ratio` and `max_ratio` (width / height)
    input   the size follows the input picture
    """

    kind: Literal["free", "choice", "ratio", "input"]
    default: Size | None = None
    """Size without a wish, None = the model chooses."""
    default_ratio: str | None = None
    multiple: int = 1
    minimum: int = 64
    maximum: int | None = None
    max_pixels: int | None = None
    min_pixels: int | None = None
    area_pixels: int | None = None
    """Largest area sent for an edit of a part; None = `max_pixels`."""
    choices: tuple[Size, ...] = ()
    keeps_ratio: bool = False
    """Whether the limits of the ratio hold for sizes in pixels too."""
    min_ratio: float = 9 / 21
    max_ratio: float = 21 / 9
    typical_pixels: int = 1024 * 1024
    """Area used to turn a ratio into pixels (free), or the area a ratio model delivers."""
    ratios: tuple[str, ...] = ()
    """The only ratios a ratio model takes; empty = any between `min_ratio` and `max_ratio`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureRule:
    """How many input pictures a model takes and in which fields of its body they travel."""

    fields: tuple[str, ...] = ()
    """Field names in order; the length is the maximum number. A name that stands several times is a list field."""
    required: int = 0
    roles: tuple[str, ...] = ()
    """What each picture shows where their order has a meaning: the person, the garment."""
    inspires: bool = False
    """A picture as a prompt: it inspires a new one instead of being edited; needs IMAGE_PROMPT_SUPPORT."""
    min_side: int = 64
    max_pixels: int = 20_000_000
    """20 MP per input (BFL's Kontext and FLUX.2 pages)."""
    max_bytes: int = 20 * 1024 * 1024

    @property
    def maximum(self) -> int:
        return len(self.fields)


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """Credits per picture: `first` up to one output megapixel, then per further output and per input megapixel."""

    first: float
    output_megapixel: float = 0.0
    input_megapixel: float = 0.0
    modes: Mapping[str, float] = field(default_factory=dict)
    """Instead of `first`, by the value of the option that `by` names."""
    by: str = "mode"
    source: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenPrice:
    """US dollars per million tokens; the provider reports the tokens of each picture afterwards (catalog.tokens)."""

    text_in: float
    image_in: float
    image_out: float
    drawn: Mapping[str, float]
    """Estimate: output tokens per 2^20 pixels, by the value of the option "quality"."""
    seen: float
    """Estimate: input tokens per 2^20 pixels of an input picture."""
    source: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelCard:
    """One row of the catalog; the pipe, the checks, the pages, the help and the README tables all read it."""

    name: str
    """The provider's own name: flux-2-pro. The chat model is flux_studio.<name>."""
    provider: str
    endpoint: str
    label: str
    """As the vendor writes it: FLUX.2 [pro]."""
    summary: str
    """One line for the model selector."""
    tasks: frozenset[Task]
    options: tuple[OptionSpec, ...] = ()
    size: SizeRule
    pictures: PictureRule = field(default_factory=PictureRule)
    mask: Literal["none", "white_repaints", "alpha"] = "none"
    markup: Literal["none", "layer", "reference"] = "none"
    """How a drawing over the first picture (arrows, boxes, words) is sent: not at all, as a transparent layer of its
    own, or as one more reference picture that shows both, with a sentence about it."""
    formats: tuple[Format, ...] = ("jpeg", "png", "webp")
    default_format: Format = "jpeg"
    seed: bool = True
    """Whether the model takes a seed."""
    prompt_required: bool = True
    max_prompt: int = 32_000
    """Characters; BFL names 32K tokens for FLUX.2. 0 = the model takes no prompt."""
    pictures_per_job: int = 1
    """How many pictures one provider task delivers."""
    active_limit: int | None = None
    """The provider's own limit of active tasks for this model."""
    price: Price | TokenPrice | None = None
    state: Literal["current", "preview", "deprecated", "withdrawn"] = "current"
    """preview and deprecated ones work where they are named, and are not offered otherwise."""
    state_since: str = ""
    successor: str = ""
    successor_serves: bool = False
    """Whether the successor simply answers requests for a withdrawn model; otherwise it is only named."""
    typical_seconds: float = 8.0
    """First guess of a job's duration, until this server has measured its own."""
    extra: Mapping[str, OptionValue] = field(default_factory=dict)
    """Constant fields of the body."""
    listed: bool = True
    """Shown without being named in MODELS; the others need something the admin has to fetch first."""
    pinned: bool = False
    """Lives on the one cluster that FLUX_FINETUNE_ENDPOINT names: finetunes exist only where they were trained."""

    @property
    def prompt(self) -> Literal["required", "optional", "none"]:
        """Whether a prompt is needed, possible, or not taken."""
        if not self.max_prompt:
            return "none"
        return "required" if self.prompt_required else "optional"

    @property
    def in_chat(self) -> bool:
        """Whether the model can answer in a chat; the others work in the editor only."""
        return bool(self.tasks & CHAT_TASKS)

    def task_for(self, pictures: int) -> Task:
        """What a message in a chat asks of this model: its pictures are worked on, or something new is made."""
        if "generate" in self.tasks and (not pictures or self.pictures.inspires):
            return "generate"
        return next((task for task in PICTURE_TASKS if task in self.tasks), "edit" if pictures else "generate")

    @property
    def in_editor(self) -> bool:
        """Whether the model can work on an area of a picture."""
        return bool(self.tasks & EDITOR_TASKS)

    def option(self, name: str) -> OptionSpec | None:
        return next((spec for spec in self.options if spec.name == name), None)
