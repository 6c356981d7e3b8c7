"""The editor's calls: quote, start, poll, cancel, close; every right is asked again in each of them."""

from __future__ import annotations

import asyncio
import base64
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from typing import Any

from ... import catalog, edits, flows
from ...captions import estimate_text
from ...catalog import ModelCard
from ...catalog.check import check
from ...catalog.price import price
from ...errors import InvalidRequest
from ...imaging import thumbnail
from ...imaging.area import Box, plan_area
from ...jobs import JobRecord, JobRunner
from ...jobs.ledger import wanted
from ...types import Picture, Request, Size
from .. import files, orders, worker
from ..page_call import Operation, PageCall
from . import claims
from .answers import default_of, job_json, preview_of, request_id, revision_of, rows_of, state_of
from .applying import apply
from .choice import Workbench, chosen_card, workbench
from .marking import select, work_area
from .opening import open_session
from .sessions import Session, session_of

LONGEST_POLL = 20.0
"""Seconds a poll waits for a change."""
SHORTEST_LOOK, LONGEST_LOOK = 0.15, 0.8
"""Seconds between two looks at the rows of one order."""


async def quote(call: PageCall) -> dict[str, Any]:
    """What an order would cost, before it is sent."""
    session = await session_of(call)
    bench = await workbench(session)
    card = await chosen_card(claims.read_model(call.data), session, bench)
    count, region = claims.read_count(call.data), claims.read_region(call.data)
    facts = await files.facts(session.picture, user=session.user, own_only=session.temporary)
    options = claims.read_options(call.data)
    whole = claims.read_whole(call.data)
    marked = claims.read_marked(call.data)
    single = price(card, _alike(card, facts.size, region, options, whole=whole, marked=marked))
    if single is None:
        return {"credits": None, "currency": "credits", "per_picture": None, "basis": "No price is known."}
    return {
        "credits": round(single.amount * count, 4),
        "currency": single.currency,
        "per_picture": single.amount,
        "basis": f"Price list of {card.label}; the bill may differ with the size of the painted area.",
    }


async def start(call: PageCall) -> dict[str, Any]:
    """Order what was painted; asking again with the same request gives the order that exists.

    A dear order is answered with {"confirm": …} instead; the page asks and repeats it with `confirm: true`.
    """
    session = await session_of(call)
    wish = claims.read_start(call.data)
    run = worker.runner(session.app)
    rows = await _rows(run, session, wish.request)
    if len(rows) >= wish.count:
        return {"job": wish.request, "state": state_of(rows)}
    if not rows and await run.store.find(str(session.user.id), f"{request_id(wish.request)}:0") is not None:
        raise InvalidRequest("request", wish.request, "an id that was not used for another picture")
    bench = await workbench(session)
    card = await chosen_card(wish.model, session, bench)
    jobs = await _planned(session, wish, card, bench)
    if not wish.confirm and (asked := await _to_confirm(session, run, jobs, wish, bench)):
        return asked
    await orders.take(session.user, run, jobs, card, bench.settings)
    records = [await run.start(record, part, card, bench.settings) for record, part in jobs]
    return {"job": wish.request, "state": state_of(records)}


async def _to_confirm(
    session: Session, run: JobRunner, jobs: orders.Jobs, wish: claims.Start, bench: Workbench
) -> dict[str, Any] | None:
    """What the whole press will cost, when that has to be confirmed: many cheap orders are a dear one."""
    records = [*(record for record, _ in jobs), *await _beside(session, wish, bench)]
    if not orders.is_dear(records, bench.settings):
        return None
    await orders.require_room(session.user, run, records, bench.settings)
    known = orders.priced(records)
    labels = " and ".join(dict.fromkeys(catalog.card(record.model).label for record in records))
    asked = {"text": estimate_text(known), "question": orders.question(records, labels, bench.settings)}
    return {"confirm": {**asked, "credits": wanted(known).credits}}


async def _beside(session: Session, wish: claims.Start, bench: Workbench) -> list[JobRecord]:
    """Records of the press's other orders, for their prices alone."""
    if not wish.beside:
        return []
    facts = await files.facts(wish.picture or session.picture, user=session.user, own_only=session.temporary)
    errand = flows.Errand(user=str(session.user.id), request_id="")
    records: list[JobRecord] = []
    for other in wish.beside:
        card = await chosen_card(other.model, session, bench)
        alike = {"whole": wish.whole, "marked": bool(wish.markup)}
        request = _alike(card, facts.size, None if wish.whole else wish.region, dict(other.options), **alike)
        planned = flows.plan(replace(request, count=other.count), card, bench.settings, errand)
        records += [record for record, _ in planned]
    return records


async def poll(call: PageCall) -> dict[str, Any]:
    """How an order stands; with `after` only once that has changed, or after twenty seconds."""
    session = await session_of(call)
    job, after = claims.read_uuid(call.data, "job"), claims.read_revision(call.data)
    run = worker.runner(session.app)
    rows = await changed_rows(lambda: _known_rows(run, session, job), after)
    live = [run.newest_state(row.id) for row in rows]
    answer = job_json(rows, live)
    shown = preview_of(live)
    if shown is not None and shown.preview is not None:
        small = await asyncio.to_thread(thumbnail, shown.preview.data)
        answer["preview"] = base64.b64encode(small).decode("ascii")
    return answer


async def changed_rows(
    look: Callable[[], Awaitable[list[JobRecord]]],
    after: int | None,
    *,
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    clock: Callable[[], float] = time.monotonic,
) -> list[JobRecord]:
    """Look until the revision is another than `after` or the order has ended, LONGEST_POLL seconds at most."""
    rows = await look()
    until, pause = clock() + LONGEST_POLL, SHORTEST_LOOK
    while revision_of(rows) == after and state_of(rows) in ("queued", "running") and clock() < until:
        await sleep(pause)
        pause = min(pause * 1.3, LONGEST_LOOK)
        rows = await look()
    return rows


async def cancel(call: PageCall) -> dict[str, Any]:
    """Stop an order; what is paid already cannot be stopped and stays as a draft."""
    session = await session_of(call)
    job = claims.read_uuid(call.data, "job")
    run = worker.runner(session.app)
    for row in await _known_rows(run, session, job):
        if not row.finished:
            await run.cancel(row.id)
    return {"state": state_of(await _known_rows(run, session, job))}


async def close(call: PageCall) -> dict[str, Any]:
    """The page goes; orders under way go on and wait as drafts."""
    await session_of(call)
    return {}


async def _planned(
    session: Session, wish: claims.Start, card: ModelCard, bench: Workbench
) -> list[tuple[JobRecord, Request]]:
    original = await files.read(wish.picture or session.picture, user=session.user, own_only=session.temporary)
    errand = flows.Errand(
        user=str(session.user.id), request_id=request_id(wish.request), chat=session.chat, session=session.id
    )
    wished = _wished(wish, card, bench)
    if wish.whole:
        request = await asyncio.to_thread(edits.whole_request, original, wished, card, wish.markup)
        whole = _checked(request, card, bench)
        return flows.plan_whole_jobs(whole, original, card, bench.settings, errand, wish.markup)
    edit, request = await asyncio.to_thread(_prepared, original, wish, wished, card)
    checked = _checked(request, card, bench)
    return flows.plan_edit_jobs(checked, edit, original, card, bench.settings, errand, wish.markup)


def _wished(wish: claims.Start, card: ModelCard, bench: Workbench) -> Request:
    """All of the request but its pictures."""
    return Request(
        task="edit",
        model=card.name,
        prompt=wish.prompt,
        count=wish.count,
        seed=wish.seed,
        format=wish.format,
        options=_filled(wish, card, bench),
    )


def _prepared(original: Picture, wish: claims.Start, wished: Request, card: ModelCard) -> tuple[edits.Edit, Request]:
    """Check mask, drawing and region and cut out what is sent."""
    edit = edits.plan_edit(
        original,
        card,
        mask=wish.mask,
        region=wish.region,
        protect=wish.protect,
        seam=wish.seam,
        markup=wish.markup,
    )
    return edit, edits.provider_request(edit, original, replace(wished, task=edit.task), card, wish.markup)


def _checked(request: Request, card: ModelCard, bench: Workbench) -> Request:
    settings = bench.settings
    return check(card, request, safety_cap=settings.safety_tolerance, advanced=settings.advanced_parameters).request


def _filled(wish: claims.Start, card: ModelCard, bench: Workbench) -> dict[str, Any]:
    """The page sends only what differs from the defaults it was told; those of the valves are put in here."""
    ours = {
        spec.name: default_of(spec, card, bench.settings, bench.valves)
        for spec in card.options
        if spec.name in ("steps", "guidance") and not card.in_chat and bench.settings.advanced_parameters
    }
    return {**ours, **wish.options}


def _alike(
    card: ModelCard, picture: Size, region: Box | None, options: dict[str, Any], *, whole: bool, marked: bool
) -> Request:
    """A request that costs what this one will; a drawing may travel as a second picture."""
    request = _as_edit(card, picture, options) if whole else _priced(card, picture, region, options)
    return replace(request, pictures=request.pictures * 2) if marked and card.markup == "reference" else request


def _priced(card: ModelCard, picture: Size, region: Box | None, options: dict[str, Any]) -> Request:
    """A request that costs what this one will: only sizes and options matter for the price."""
    sent = plan_area(picture, region or Box.of(picture), card, region).sent
    dummy = Picture(data=b"", mime="image/png", width=sent.width, height=sent.height)
    request = Request(task="inpaint", model=card.name, prompt="", pictures=(dummy,), options=options)
    return replace(request, size=sent) if card.size.kind in ("free", "choice") else request


def _as_edit(card: ModelCard, picture: Size, options: dict[str, Any]) -> Request:
    """The same for an edit of the whole picture, which is sent as it is."""
    dummy = Picture(data=b"", mime="image/png", width=picture.width, height=picture.height)
    return Request(task="edit", model=card.name, prompt="", pictures=(dummy,), options=options)


async def _rows(run: JobRunner, session: Session, job: str) -> list[JobRecord]:
    return rows_of(job, await run.store.of_session(str(session.user.id), session.id))


async def _known_rows(run: JobRunner, session: Session, job: str) -> list[JobRecord]:
    rows = await _rows(run, session, job)
    if not rows:
        raise InvalidRequest("job", job, "an order of this editor", sentence="This order is not known here any more.")
    return rows


EDITOR_OPERATIONS: dict[tuple[str, str], Operation] = {
    ("editor", "open"): open_session,
    ("editor", "quote"): quote,
    ("editor", "area"): work_area,
    ("editor", "select"): select,
    ("editor", "start"): start,
    ("editor", "poll"): poll,
    ("editor", "cancel"): cancel,
    ("editor", "apply"): apply,
    ("editor", "close"): close,
}

__all__: Sequence[str] = ("EDITOR_OPERATIONS", "changed_rows")
