"""The flags of a message as a table: one row, one flag."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches
from typing import Literal

from ..catalog.check import MAX_COUNT, MAX_SEED
from ..catalog.presets import PRESETS

FlagKind = Literal["aspect", "size", "int", "seed", "float", "bool", "choice", "text", "picture", "list"]

MAX_DAYS = 366
"""Days a cost report covers at most."""

LONGEST_NAME = 40
"""Characters of an unknown flag that are compared with the known ones."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Flag:
    """One flag: how it is typed, what it may hold and what it sets."""

    name: str
    """Typed after two dashes; also the name of the chat variable."""
    aliases: tuple[str, ...] = ()
    kind: FlagKind
    sets: str
    """Field of the request, option of the card, or for the caller to act on: preset, no, new, edit, model, days …"""
    value: str = ""
    """The value in help texts; empty for a switch."""
    allowed: str
    """What the value may be, in words; the model's own range is checked against its card."""
    minimum: float | None = None
    maximum: float | None = None
    choices: tuple[str, ...] = ()
    help: str
    example: str

    @property
    def takes_value(self) -> bool:
        return self.kind != "bool"


SWITCH = "on or off"

FLAGS: tuple[Flag, ...] = (
    Flag(
        name="ar",
        aliases=("aspect", "aspect-ratio", "ratio"),
        kind="aspect",
        sets="aspect",
        value="W:H",
        allowed="a ratio such as 16:9, 4:3 or 1:1, or a word such as landscape, portrait, square",
        help="Aspect ratio of the picture",
        example="--ar 16:9",
    ),
    Flag(
        name="size",
        kind="size",
        sets="size",
        value="WxH",
        allowed="width x height in pixels such as 1024x768, or 1K, 2K, 4K together with --ar",
        help="Size in pixels, brought to the steps of the model, or how large a picture of any ratio is",
        example="--size 2K",
    ),
    Flag(
        name="preset",
        kind="text",
        sets="preset",
        value="NAME",
        allowed=f"{', '.join(PRESETS)}, or a preset of your own",
        help="; ".join(f"{preset.name}: {preset.help}" for preset in PRESETS.values()).capitalize(),
        example="--preset draft",
    ),
    Flag(
        name="n",
        aliases=("count", "number"),
        kind="int",
        sets="count",
        value="N",
        allowed=f"whole number 1 to {MAX_COUNT}",
        minimum=1,
        maximum=MAX_COUNT,
        help="Number of pictures",
        example="--n 4",
    ),
    Flag(
        name="seed",
        kind="seed",
        sets="seed",
        value="N",
        allowed=f"whole number 0 to {MAX_SEED}, or random",
        minimum=0,
        maximum=MAX_SEED,
        help="The same seed with the same prompt gives the same picture; random takes a new one",
        example="--seed 42",
    ),
    Flag(
        name="no",
        kind="list",
        sets="no",
        value="WORDS",
        allowed="words with commas between, up to the next flag or the end of the line",
        help="What must not be seen; where a model has no negative prompt, it is said in positive words",
        example="--no text, watermark",
    ),
    Flag(
        name="steps",
        kind="int",
        sets="steps",
        value="N",
        allowed="whole number such as 28",
        help="More steps: finer, slower (models that have it)",
        example="--steps 28",
    ),
    Flag(
        name="guidance",
        aliases=("guidance-scale", "cfg"),
        kind="float",
        sets="guidance",
        value="X",
        allowed="number such as 3.5",
        help="How closely the picture follows the prompt (models that have it)",
        example="--guidance 3.5",
    ),
    Flag(
        name="raw",
        kind="bool",
        sets="raw",
        allowed=SWITCH,
        help="Less processed, more natural look (FLUX1.1 [pro] ultra)",
        example="--raw",
    ),
    Flag(
        name="format",
        aliases=("output-format",),
        kind="choice",
        sets="format",
        value="F",
        allowed="jpeg, png, webp",
        choices=("jpeg", "png", "webp"),
        help="File format of the picture",
        example="--format png",
    ),
    Flag(
        name="safety",
        aliases=("safety-tolerance",),
        kind="int",
        sets="safety_tolerance",
        value="N",
        allowed="whole number 0 to 6, up to what your admin allows",
        minimum=0,
        maximum=6,
        help="How much the moderation lets pass, 0 strictest",
        example="--safety 1",
    ),
    Flag(
        name="upsample",
        aliases=("upsampling", "prompt-upsampling"),
        kind="bool",
        sets="prompt_upsampling",
        allowed=SWITCH,
        help="Let the provider enrich the prompt",
        example="--upsample off",
    ),
    Flag(
        name="quality",
        kind="choice",
        sets="quality",
        value="Q",
        allowed="auto, low, medium, high, xhigh, max",
        choices=("auto", "low", "medium", "high", "xhigh", "max"),
        help="Higher takes longer and costs more (OpenAI's models)",
        example="--quality high",
    ),
    Flag(
        name="background",
        aliases=("bg",),
        kind="choice",
        sets="background",
        value="B",
        allowed="auto, opaque, transparent",
        choices=("auto", "opaque", "transparent"),
        help="Transparent leaves everything around the motif open (OpenAI's models)",
        example="--background transparent",
    ),
    Flag(
        name="previews",
        kind="int",
        sets="previews",
        value="N",
        allowed="whole number 0 to 3",
        minimum=0,
        maximum=3,
        help="Half-finished pictures shown meanwhile (OpenAI's models)",
        example="--previews 3",
    ),
    Flag(
        name="compression",
        kind="int",
        sets="compression",
        value="N",
        allowed="whole number 0 to 100",
        minimum=0,
        maximum=100,
        help="Quality of jpeg and webp files, less is smaller (OpenAI's models)",
        example="--compression 80",
    ),
    Flag(
        name="fidelity",
        aliases=("input-fidelity",),
        kind="choice",
        sets="input_fidelity",
        value="F",
        allowed="high, low",
        choices=("high", "low"),
        help="How closely an edit keeps faces and details (GPT Image 1.5)",
        example="--fidelity high",
    ),
    Flag(
        name="complexity",
        kind="choice",
        sets="complexity",
        value="C",
        allowed="low, medium, high",
        choices=("low", "medium", "high"),
        help="How much is planned before drawing (GPT Image 2.6)",
        example="--complexity high",
    ),
    Flag(
        name="moderation",
        kind="choice",
        sets="moderation",
        value="M",
        allowed="auto, low",
        choices=("auto", "low"),
        help="Low lets more pass, where your admin allows it (OpenAI's models)",
        example="--moderation low",
    ),
    Flag(
        name="resolution",
        kind="choice",
        sets="resolution",
        value="R",
        allowed="768sq, 1k, 1.5k, 2k, 4k",
        choices=("768sq", "1k", "1.5k", "2k", "4k"),
        help="How large the picture becomes (FLUX.3)",
        example="--resolution 2k",
    ),
    Flag(
        name="grounding",
        kind="bool",
        sets="grounding",
        allowed=SWITCH,
        help="Let the model look things up on the web before it draws (FLUX.3)",
        example="--grounding off",
    ),
    Flag(
        name="image-strength",
        aliases=("image-prompt-strength",),
        kind="float",
        sets="image_prompt_strength",
        value="X",
        allowed="number 0 to 1",
        minimum=0,
        maximum=1,
        help="How much an attached picture counts against the prompt (FLUX1.1 [pro] ultra)",
        example="--image-strength 0.3",
    ),
    Flag(
        name="finetune-strength",
        aliases=("lora-strength",),
        kind="float",
        sets="finetune_strength",
        value="X",
        allowed="number 0 to 2",
        minimum=0,
        maximum=2,
        help="How strongly a finetune shows",
        example="--finetune-strength 1.2",
    ),
    Flag(
        name="new",
        kind="bool",
        sets="new",
        allowed=SWITCH,
        help="Start afresh instead of editing the last picture",
        example="--new",
    ),
    Flag(
        name="edit",
        kind="picture",
        sets="edit",
        value="#N",
        allowed="the number below a picture of this chat, such as 3 or #3",
        minimum=1,
        maximum=9999,
        help="Edit this picture of the chat; beginning the message with #3 does the same",
        example="--edit 3",
    ),
    Flag(
        name="confirm",
        kind="bool",
        sets="confirm",
        allowed=SWITCH,
        help="Order without being asked, however much it costs (your limits still count)",
        example="--confirm",
    ),
    Flag(
        name="model",
        kind="text",
        sets="model",
        value="NAME",
        allowed="the name of a model, see /models",
        help="Model for this message",
        example="--model flux-2-max",
    ),
    Flag(
        name="days",
        kind="int",
        sets="days",
        value="N",
        allowed=f"whole number 1 to {MAX_DAYS}, for /costs only",
        minimum=1,
        maximum=MAX_DAYS,
        help="Days that /costs looks back; without it the current month",
        example="/costs --days 7",
    ),
)

_BY_NAME = {name: flag for flag in FLAGS for name in (flag.name, *flag.aliases)}


def find_flag(name: str) -> Flag | None:
    """Return the flag of a name or alias, in any case and with _ for -."""
    return _BY_NAME.get(name[:LONGEST_NAME].casefold().replace("_", "-"))


def near_flag(name: str) -> str | None:
    """Return the known name or alias that is closest to a mistyped one."""
    near = get_close_matches(name[:LONGEST_NAME].casefold(), _BY_NAME, n=1, cutoff=0.6)
    return near[0] if near else None


def flag_rows() -> list[tuple[str, str, str, str]]:
    """Return flag, allowed values, effect and example of every flag, for tables in help and docs."""
    return [(f"--{flag.name}", flag.allowed, flag.help, flag.example) for flag in FLAGS]
