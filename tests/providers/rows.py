"""Every row of the catalog with a request for each of its tasks, made from the row alone."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from flux_studio.catalog import CARDS
from flux_studio.catalog.areas import MARGINS, OFFSETS, has_options
from flux_studio.catalog.card import ModelCard, OptionSpec
from flux_studio.catalog.flux_finetuned import FINETUNE_BASES, Finetune, finetuned_card
from flux_studio.types import Mask, OptionValue, Picture, Request, Size, Task
from tools.sandbox.finetunes import OLD_FINETUNE, UPLOADED_LORA

from .conftest import a_picture

FINETUNED = tuple(
    finetuned_card(
        Finetune(id=f"my-{base}", remote_id=OLD_FINETUNE if row.pinned else UPLOADED_LORA, base=base, label="Mine")
    )
    for base, row in FINETUNE_BASES.items()
)
WIDTH, HEIGHT = 320, 256
"""Of input pictures: above every smallest side, quick to draw."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One row and one of its tasks."""

    row: ModelCard
    task: Task

    def __str__(self) -> str:
        return f"{self.row.name}-{self.task}"

    def request(self, **changes: Any) -> Request:
        """A request that asks for a size, and for pictures where the task works on some."""
        row = self.row
        works_on = row.pictures.required or int(self.task != "generate")
        pictures = tuple(picture(number) for number in range(works_on))
        facts: dict[str, Any] = {
            "task": self.task,
            "model": row.name,
            "prompt": "a red fox" if row.prompt != "none" else "",
            "pictures": pictures,
            "mask": Mask(data=b"\xff" * WIDTH * HEIGHT, width=WIDTH, height=HEIGHT) if row.mask != "none" else None,
            "options": placement(row),
            **shape(row),
        }
        return Request(**{**facts, **changes})

    @property
    def size(self) -> Size | float:
        """What the request asks for: the exact size, or only the ratio of width to height."""
        row = self.row
        if has_options(row, MARGINS):
            return Size(width=WIDTH + 64, height=HEIGHT + 16)
        if row.size.kind == "free":
            return shape(row)["size"]  # type: ignore[no-any-return]
        return 16 / 9 if row.size.kind == "ratio" else Size(width=WIDTH, height=HEIGHT)


def picture(number: int = 0) -> Picture:
    """Inputs that differ from each other."""
    return a_picture(WIDTH, HEIGHT, colour=(40 + 20 * number, 120, 200))


def shape(row: ModelCard) -> dict[str, Any]:
    """A wish for a size or a ratio, where the row takes one."""
    if row.size.kind == "free":
        return {"size": Size(width=512, height=384)}
    return {"aspect": "16:9"} if row.size.kind == "ratio" else {}


def placement(row: ModelCard) -> dict[str, OptionValue]:
    """Margins or offsets, which a row that has them cannot do without."""
    if has_options(row, MARGINS):
        return {"left": 64, "top": 16}
    return {"offset_x": 96, "offset_y": 48} if has_options(row, OFFSETS) else {}


def other_value(spec: OptionSpec) -> OptionValue:
    """A value the option takes that is not its default."""
    if spec.kind == "bool":
        return not spec.default
    if spec.kind == "choice":
        return next(choice for choice in spec.choices if choice != spec.default)
    low, high = spec.minimum or 0, spec.maximum if spec.maximum is not None else 8
    value = high if high != spec.default else low
    return int(value) if spec.kind == "int" else float(value)


def cases(rows: tuple[ModelCard, ...] = (*CARDS.values(), *FINETUNED)) -> list[Case]:
    """Each task of each row; withdrawn rows too, as if whoever asks still had access."""
    return [
        Case(row=replace(row, state="current"), task=task)
        for row in rows
        if row.provider == "bfl"
        for task in sorted(row.tasks)
    ]
