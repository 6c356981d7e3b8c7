"""The page's calls reach another worker than the one that runs the order."""

from __future__ import annotations

import base64
import uuid

from tests.webui.editor.studio import mask_png

FILL = "flux-pro-1.0-fill"


async def ordered(studio, session: str) -> str:
    mask = base64.b64encode(mask_png()).decode()
    wish = {"model": FILL, "prompt": "a boat", "mask": mask, "request": str(uuid.uuid4())}
    return (await studio.call("start", session=session, **wish))["job"]


async def test_cancel_reaches_an_order_that_waits_elsewhere(studio):
    studio.pipe = studio.pipe.model_copy(update={"MAX_PARALLEL_JOBS": 1})
    studio.painter.gate.clear()
    session = (await studio.call("open"))["session"]
    painted, waiting = await ordered(studio, session), await ordered(studio, session)
    while not studio.painter.orders:
        await studio.call("poll", session=session, job=painted)
    working, studio.runner = studio.runner, studio.new_worker()
    assert (await studio.call("cancel", session=session, job=waiting))["state"] == "cancelled"
    assert (await studio.call("cancel", session=session, job=painted))["state"] == "running"
    (marked,) = [row for row in await studio.store.of_session("ann", session) if not row.finished]
    assert marked.cancel_asked_at is not None
    studio.painter.gate.set()
    await working.settled()
    assert len(studio.painter.orders) == 1
    assert (await studio.call("poll", session=session, job=painted))["state"] == "done"
    assert (await studio.call("poll", session=session, job=waiting))["state"] == "cancelled"
