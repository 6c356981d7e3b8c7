"""The value types that pass between all rooms: pictures, requests, job states and results."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType
from typing import Any, Literal

Task = Literal["generate", "edit", "inpaint", "erase", "expand", "upscale", "cutout", "deblur", "tryon"]
"""What is to be done; a model card lists the tasks it can do."""

Format = Literal["jpeg", "png", "webp"]

SizeClass = Literal["1K", "2K", "4K"]
"""How large a picture is, whatever its shape."""

OptionValue = bool | int | float | str

NO_OPTIONS: Mapping[str, OptionValue] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """Width and height in pixels."""

    width: int
    height: int

    @property
    def pixels(self) -> int:
        return self.width * self.height

    @property
    def megapixels(self) -> float:
        """Millions of pixels (10^6)."""
        return self.pixels / 1_000_000

    def __str__(self) -> str:
        return f"{self.width} × {self.height}"


@dataclass(frozen=True, kw_only=True)
class Picture:
    """One encoded picture; `id` is the sha256 of its bytes and `repr` never shows them."""

    data: bytes = field(repr=False)
    mime: str
    """Type read off the magic bytes: image/jpeg, image/png, image/webp."""
    width: int
    """Pixels, after EXIF orientation."""
    height: int
    file: str | None = None
    """Id of the host's file this picture was read from, None when it is new."""

    @cached_property
    def id(self) -> str:
        return hashlib.sha256(self.data).hexdigest()

    @property
    def size(self) -> Size:
        return Size(width=self.width, height=self.height)

    def __repr__(self) -> str:
        return f"Picture({self.mime}, {self.width}x{self.height}, {len(self.data)} bytes)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Mask:
    """One channel, row by row: 255 = repaint, 0 = keep. Only a provider turns it into its own convention."""

    data: bytes = field(repr=False)
    """width * height bytes."""
    width: int
    height: int

    def __post_init__(self) -> None:
        expected = self.width * self.height
        if len(self.data) != expected:
            raise ValueError(f"a mask of {self.width}x{self.height} has {expected} bytes, not {len(self.data)}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What a user wants from one model, before and after the check against its card."""

    task: Task
    model: str
    """Name of the model card, without the chat prefix: flux-2-pro."""
    prompt: str
    typed: str | None = None
    """What the person typed, where the prompt says it in other words."""
    pictures: tuple[Picture, ...] = ()
    """Inputs in the order in which the prompt may number them."""
    mask: Mask | None = None
    markup: Picture | None = None
    """What was drawn over the first picture to show what is meant: transparent PNG of its size, never with a mask."""
    size: Size | None = None
    """Wanted output size; None = the model's choice."""
    aspect: str | None = None
    """Wanted ratio as W:H; None = the model's choice."""
    size_class: SizeClass | None = None
    """Wanted area instead of a size; the ratio is `aspect`, else that of the picture that is edited."""
    count: int = 1
    """Number of pictures, 1 to 8."""
    seed: int | None = None
    """None = random; picture i of several gets seed + i."""
    format: Format | None = None
    options: Mapping[str, OptionValue] = field(default_factory=lambda: NO_OPTIONS)
    """Values for the card's option specs, by option name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """An amount of the provider's own currency: credits (BFL, 1 credit = 0.01 USD) or USD (OpenAI)."""

    amount: float
    currency: Literal["credits", "USD"] = "credits"
    exact: bool = False
    """True for the provider's own figure, False for an estimate."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Timings:
    """Seconds a job spent in each part of its life."""

    waiting: float = 0.0
    """In our own queue."""
    provider: float = 0.0
    """Sent until known to be ready."""
    download: float = 0.0
    storing: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What a provider delivered for one job."""

    pictures: tuple[Picture, ...]
    model: str
    seed: int | None = None
    """The seed the provider says it used."""
    prompt: str | None = None
    """The prompt after the provider's own rewriting, when it tells."""
    cost: Cost | None = None
    request_id: str = ""
    """The provider's own id of the task, for support cases."""
    timings: Timings = field(default_factory=Timings)
    notes: tuple[str, ...] = ()
    """Sentences for the caption, such as "sandbox"."""


@dataclass(frozen=True, slots=True, kw_only=True)
class JobHandle:
    """Everything another worker needs to pick up a paid job: plain JSON, committed before the wait begins."""

    provider: str
    remote_id: str
    polling_url: str = ""
    submitted_at: float = 0.0
    """Seconds since the epoch."""
    deadline: float = 0.0
    """Seconds since the epoch; after it the job counts as timed out."""
    cost: float | None = None
    """Credits the provider announced at submission."""
    notes: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        return {
            "provider": self.provider,
            "remote_id": self.remote_id,
            "polling_url": self.polling_url,
            "submitted_at": self.submitted_at,
            "deadline": self.deadline,
            "cost": self.cost,
            "notes": list(self.notes),
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> JobHandle:
        """Read what to_json wrote; keys of later releases are ignored."""
        return cls(
            provider=str(data["provider"]),
            remote_id=str(data["remote_id"]),
            polling_url=str(data.get("polling_url", "")),
            submitted_at=float(data.get("submitted_at", 0.0)),
            deadline=float(data.get("deadline", 0.0)),
            cost=data.get("cost"),
            notes=tuple(data.get("notes", ())),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Queued:
    """The job waits; `position` counts the jobs before it, None when unknown."""

    position: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """It works; `progress` is 0 to 1, None when it does not tell; `loading`: it gets the model ready first."""

    progress: float | None = None
    preview: Picture | None = None
    loading: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Succeeded:
    """The last state of every job that did not raise."""

    result: Result


JobState = Queued | Running | Succeeded
"""Failure is an exception and cancellation is task cancellation, so no caller can forget to look."""
