"""Names and addresses of the past: what they became, or what to take instead."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """One name that is no row of the catalog (any more)."""

    name: str
    successor: str
    """Name of the model that stands for it today; a sentence names it, it need not be set up here."""
    why: str = ""
    """What happened to the model, after its name; empty: only the name changed, and the successor is simply taken."""

    @property
    def renamed(self) -> bool:
        return not self.why

    @property
    def sentence(self) -> str:
        """What a person is told who still asks for it."""
        return f"{self.name} {self.why}; take {self.successor} instead."


NEVER_SERVED = "has open weights for an own GPU and never was a model of this service"
NO_FINETUNE = "makes pictures with a finetune of yours, which is a model of its own name here"

_ROWS = (
    # other spellings of what exists
    Past(name="flux-2", successor="flux-2-pro"),
    Past(name="flux-2-klein", successor="flux-2-klein-4b"),
    Past(name="flux-3", successor="flux-3-image"),
    Past(name="flux-1.1-pro", successor="flux-pro-1.1"),
    Past(name="flux-1.1-pro-ultra", successor="flux-pro-1.1-ultra"),
    Past(name="flux-kontext", successor="flux-kontext-pro"),
    Past(name="flux-1-kontext-pro", successor="flux-kontext-pro"),
    Past(name="flux-1-kontext-max", successor="flux-kontext-max"),
    Past(name="flux.1-dev", successor="flux-dev"),
    Past(name="flux-1-dev", successor="flux-dev"),
    Past(name="flux-fill", successor="flux-pro-1.0-fill"),
    Past(name="flux-fill-pro", successor="flux-pro-1.0-fill"),
    Past(name="flux-erase", successor="flux-tools-erase-v1"),
    Past(name="flux-deblur", successor="flux-tools-deblur-v1"),
    Past(name="flux-vto", successor="flux-tools-vto-v2"),
    Past(name="flux-outpainting", successor="flux-tools-outpainting-v1"),
    Past(name="flux-pro-1.0", successor="flux-pro"),
    Past(name="flux-canny-pro", successor="flux-pro-1.0-canny"),
    Past(name="flux-depth-pro", successor="flux-pro-1.0-depth"),
    Past(name="gpt-image-2.6", successor="gpt-image-2.6-sunburst"),
    Past(name="gpt-image-2.5", successor="gpt-image-2.5-sunburst"),
    Past(name="gpt-image-2.5-sunburst-2026-09-08", successor="gpt-image-2.5-sunburst"),
    Past(name="gpt-image-2.5-flare-2026-09-08", successor="gpt-image-2.5-flare"),
    Past(name="gpt-image-2-2026-04-21", successor="gpt-image-2"),
    # gone, or never there
    Past(name="flux-pro-1.1-raw", successor="flux-pro-1.1-ultra with --raw", why="is a setting, not a model"),
    Past(name="flux-2-flex-outpainting", successor="flux-tools-outpainting-v1", why="was withdrawn on 2026-04-23"),
    Past(name="flux-3-image-klein", successor="flux-3-image", why="is not described well enough to be used yet"),
    Past(name="flux-schnell", successor="flux-2-klein-4b", why=NEVER_SERVED),
    Past(name="flux-1-schnell", successor="flux-2-klein-4b", why=NEVER_SERVED),
    Past(name="flux-pro-finetuned", successor="flux-2-pro", why=NO_FINETUNE),
    Past(name="flux-pro-1.1-ultra-finetuned", successor="flux-pro-1.1-ultra", why=NO_FINETUNE),
    Past(name="flux-pro-1.0-fill-finetuned", successor="flux-pro-1.0-fill", why=NO_FINETUNE),
    Past(name="flux-pro-1.0-canny-finetuned", successor="flux-2-pro", why=NO_FINETUNE),
    Past(name="flux-pro-1.0-depth-finetuned", successor="flux-2-pro", why=NO_FINETUNE),
)

PAST: Mapping[str, Past] = MappingProxyType({row.name: row for row in _ROWS})
"""By name, in lower case."""

PAST_HOSTS: Mapping[str, str] = MappingProxyType({"api.bfl.ml": "api.bfl.ai"})
"""Addresses that older plugins were set to -> the one that stands for them today (BFL moved in 2025)."""


def as_model_name(text: str) -> str:
    """A path of the service as our name of the same model: "/v1/flux-tools/erase-v1" → flux-tools-erase-v1."""
    return text.removeprefix("/v1/").replace("/", "-")
