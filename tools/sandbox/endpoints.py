"""The endpoints the sandbox answers, read from bfl_endpoints.json."""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

SOURCE = Path(__file__).with_name("bfl_endpoints.json")

PICTURE_FIELD = re.compile(
    r"image|images|input_image(_\d+)?|image_prompt|control_image|preprocessed_image|mask|person|garment"
)
"""Names of the fields that carry a picture as base64, in every endpoint of the table."""

NOT_DRAWN = frozenset({"utility", "video"})
"""Families that make no picture; /v1/credits and /v1/get_result have handlers of their own."""
PINNED_SERVER = "https://api.us1.bfl.ai"
TRAINING = frozenset({"/v1/finetune", "/v1/my_finetunes", "/v1/finetune_details", "/v1/delete_finetune"})


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldSpec:
    """One field of a request body with the bounds the server checks."""

    name: str
    kinds: tuple[str, ...]
    """JSON types without null: string, integer, number, boolean, array."""
    nullable: bool
    required: bool
    default: Any = None
    minimum: float | None = None
    maximum: float | None = None
    choices: tuple[Any, ...] = ()
    multiple_of: int | None = None
    min_length: int | None = None
    max_length: int | None = None
    max_items: int | None = None
    is_uri: bool = False

    @property
    def carries_picture(self) -> bool:
        return PICTURE_FIELD.fullmatch(self.name) is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointSpec:
    """One generating endpoint: its fields and what its answers look like."""

    path: str
    family: str
    strict: bool
    """Unknown fields are a 422 instead of being ignored."""
    fields: Mapping[str, FieldSpec] = field(repr=False)
    price: str = ""
    """The price in credits as the table writes it; `pricing.py` reads it."""
    result_fields: tuple[str, ...] = ("sample",)
    active_limit: int | None = None
    pinned: bool = False
    """Served only by the cluster where the account's finetunes live."""
    withdrawn: bool = False
    """Gone from the service's own description since 2026."""

    @property
    def name(self) -> str:
        """The path without the version: flux-2-pro, flux-tools/erase-v1."""
        return self.path.removeprefix("/v1/")

    @property
    def reports_cost(self) -> bool:
        """FLUX.1 answers carry `cost: null` (recorded); the later families carry a number."""
        return not self.family.startswith("flux-1")

    @property
    def reports_progress(self) -> bool:
        """`progress` rises for FLUX.1 and is always null for FLUX.2 (recorded)."""
        return self.family.startswith("flux-1")

    @property
    def picture_fields(self) -> tuple[str, ...]:
        return tuple(name for name, spec in self.fields.items() if spec.carries_picture)


def field_spec(name: str, row: Mapping[str, Any]) -> FieldSpec:
    kinds = tuple(row["type"].split("|"))
    return FieldSpec(
        name=name,
        kinds=tuple(kind for kind in kinds if kind != "null"),
        nullable="null" in kinds,
        required=row["required"],
        default=row["default"],
        minimum=row["min"],
        maximum=row["max"],
        choices=tuple(row["enum"] or ()),
        multiple_of=row["multiple_of"],
        min_length=row.get("min_length"),
        max_length=row.get("max_length"),
        max_items=row.get("max_items"),
        is_uri=row.get("format") == "uri",
    )


def endpoint_spec(row: Mapping[str, Any]) -> EndpointSpec:
    return EndpointSpec(
        path=row["path"],
        family=row["family"],
        strict=row["extra_fields"].startswith("rejected"),
        fields={name: field_spec(name, values) for name, values in row["fields"].items()},
        price=row.get("price_credits") or "",
        result_fields=tuple(row["result_fields"]) or ("sample",),
        active_limit=row.get("max_active_tasks"),
        pinned=row["server"] == PINNED_SERVER,
        withdrawn="absent from" in row["status"],
    )


def makes_pictures(row: Mapping[str, Any]) -> bool:
    """Whether the sandbox answers a row of the table with a picture; withdrawn endpoints are a 404."""
    return (
        row["method"] == "POST"
        and row["family"] not in NOT_DRAWN
        and row["path"] not in TRAINING
        and row["status"] != "removed"
    )


@functools.cache
def load_training() -> EndpointSpec:
    """The specification of POST /v1/finetune."""
    rows = json.loads(SOURCE.read_text(encoding="utf-8"))
    return next(endpoint_spec(row) for row in rows if row["path"] == "/v1/finetune")


@functools.cache
def load_endpoints() -> Mapping[str, EndpointSpec]:
    """Path -> specification of every endpoint that makes a picture."""
    rows = json.loads(SOURCE.read_text(encoding="utf-8"))
    return {row["path"]: endpoint_spec(row) for row in rows if makes_pictures(row)}
