"""What the editor is told: models and jobs as the JSON of the calls (pure)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Literal

from ...captions import cost_text
from ...catalog import ModelCard, OptionSpec
from ...catalog.price import usual_price
from ...edits import EDITING
from ...jobs import JobRecord
from ...settings import Settings
from ...types import JobState, Queued, Running
from ...valves import EditValves
from .claims import MAX_COUNT

State = Literal["queued", "running", "done", "failed", "cancelled"]

FIRST_MODEL = "flux-pro-1.0-fill"
"""What the editor was made for stands first in the selector."""

PREFIX = "edit"


def request_id(request: str) -> str:
    """The request id of an editor's order; picture i of it has the same with ":i"."""
    return f"{PREFIX}:{request}"


def job_of(record: JobRecord) -> str:
    """The job a page knows: one order, however many rows it has."""
    return record.request_id.removeprefix(f"{PREFIX}:").rpartition(":")[0]


def rows_of(job: str, rows: Iterable[JobRecord]) -> list[JobRecord]:
    return sorted((row for row in rows if job_of(row) == job), key=lambda row: row.index)


def model_json(card: ModelCard, settings: Settings, valves: EditValves) -> dict[str, Any]:
    """A model card as the editor reads it."""
    usual = usual_price(card)
    return {
        "id": card.name,
        "label": card.label,
        "summary": card.summary,
        "tasks": sorted(card.tasks.intersection(EDITING)),
        "mask": card.mask,
        "markup": card.markup,
        "prompt": card.prompt,
        "options": [_option(spec, card, settings, valves) for spec in card.options if _offered(spec, settings)],
        "seed": card.seed,
        "formats": list(card.formats),
        "format": settings.output_format if settings.output_format in card.formats else card.default_format,
        "maxCount": MAX_COUNT,
        "bestPixels": card.size.typical_pixels,
        "maxPixels": card.size.area_pixels or card.size.max_pixels or card.size.typical_pixels,
        "price": usual.amount if usual else None,
        "currency": usual.currency if usual else "credits",
        "provider": card.provider,
        "state": card.state,
        "successor": card.successor,
    }


def in_order(cards: Iterable[ModelCard]) -> list[ModelCard]:
    """The usual choice first, then models with a mask of their own, then the rest; withdrawn ones last."""
    return sorted(cards, key=lambda card: (card.state == "withdrawn", card.name != FIRST_MODEL, card.mask == "none"))


def state_of(rows: Sequence[JobRecord]) -> State:
    """The state of one order out of its rows; it is done when it has ended with at least one picture."""
    phases = {row.phase for row in rows}
    if phases <= {"queued"}:
        return "queued"
    if not all(row.finished or row.phase == "stored" for row in rows):
        return "running"
    if phases & {"stored", "delivered"}:
        return "done"
    return "cancelled" if phases == {"cancelled"} else "failed"


def revision_of(rows: Sequence[JobRecord]) -> int:
    """Grows with every change of any row."""
    return sum(row.revision for row in rows)


def job_json(rows: Sequence[JobRecord], live: Sequence[JobState | None] = ()) -> dict[str, Any]:
    """The answer of a poll; `live` are the newest states known in this process, they say more than the rows."""
    state = state_of(rows)
    answer: dict[str, Any] = {"revision": revision_of(rows), "state": state, "results": _results(rows)}
    outcomes = [row.outcome for row in rows if row.outcome]
    if state in ("queued", "running"):
        answer |= _progress(rows, live)
    if cost_text(outcomes):
        amount = sum(outcome.cost or 0.0 for outcome in outcomes)
        answer["cost"] = {"credits": amount, "currency": outcomes[0].currency, "text": cost_text(outcomes)}
    errors = list(dict.fromkeys(row.error for row in rows if row.phase == "failed" and row.error))
    if errors:
        answer["error"] = " ".join(errors)
    return answer


def unapplied(rows: Sequence[JobRecord]) -> list[dict[str, Any]]:
    """Orders still under way, or with pictures nobody has put into the chat yet."""
    orders: dict[str, list[JobRecord]] = {}
    for row in rows:
        orders.setdefault(job_of(row), []).append(row)
    return [
        {"job": job, "state": state_of(order)}
        for job, order in orders.items()
        if any(not row.finished or (row.phase == "delivered" and row.place == "draft") for row in order)
    ]


def _offered(spec: OptionSpec, settings: Settings) -> bool:
    return not spec.computed and (settings.advanced_parameters or not spec.advanced)


def _option(spec: OptionSpec, card: ModelCard, settings: Settings, valves: EditValves) -> dict[str, Any]:
    bounded = spec.name == "safety_tolerance"
    most = spec.maximum
    if bounded:
        most = min(settings.safety_tolerance, 6 if most is None else most)
    return {
        "name": spec.name,
        "kind": spec.kind,
        "default": most if bounded else default_of(spec, card, settings, valves),
        "minimum": spec.minimum,
        "maximum": most,
        "step": spec.step,
        "choices": list(spec.choices),
        "help": spec.help,
    }


def default_of(spec: OptionSpec, card: ModelCard, settings: Settings, valves: EditValves) -> Any:
    """Where a control stands at first: the valves for the fill family, else what the provider takes."""
    of_fill = {"steps": valves.STEPS, "guidance": valves.GUIDANCE}
    if spec.name in of_fill and not card.in_chat:
        value = of_fill[spec.name]
        low = value if spec.minimum is None else max(value, spec.minimum)
        fitting = low if spec.maximum is None else min(low, spec.maximum)
        return int(fitting) if spec.kind == "int" else fitting
    return settings.prompt_upsampling if spec.name == "prompt_upsampling" else spec.default


def _results(rows: Sequence[JobRecord]) -> list[dict[str, Any]]:
    results = []
    for outcome in (row.outcome for row in rows):
        for file in outcome.files if outcome else ():
            result: dict[str, Any] = {"picture": file, "seed": outcome.seed if outcome else None}
            if outcome and outcome.protected is not None:
                result["protected"] = {"pixels": outcome.protected, "changed": outcome.changed}
            results.append(result)
    return results


def _progress(rows: Sequence[JobRecord], live: Sequence[JobState | None]) -> dict[str, Any]:
    answer: dict[str, Any] = {}
    known = [_share(row) for row in rows]
    if any(known):
        answer["progress"] = sum(known) / len(rows)
    positions = [state.position for state in live if isinstance(state, Queued) and state.position is not None]
    if positions:
        answer["position"] = min(positions)
    return answer


def _share(row: JobRecord) -> float:
    return 1.0 if row.finished or row.phase == "stored" else row.progress or 0.0


def preview_of(live: Sequence[JobState | None]) -> Running | None:
    """The first job in this process that shows how far it is."""
    return next((state for state in live if isinstance(state, Running) and state.preview), None)
