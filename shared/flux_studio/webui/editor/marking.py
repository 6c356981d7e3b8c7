"""The editor's calls that help to mark: what the model would get to see, and the subject within a rectangle."""

from __future__ import annotations

import asyncio
import base64
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from ...errors import LimitReached
from ...imaging.area import plan_area
from ...imaging.masks import to_png
from ...imaging.subject import select_subject
from ...types import Picture
from .. import files
from ..page_call import PageCall
from . import claims
from .choice import chosen_card, workbench
from .sessions import session_of

LONGEST_SELECTION = 30.0
"""Seconds a person waits for a subject; one takes two on a usual server."""
_selecting = ThreadPoolExecutor(max_workers=2, thread_name_prefix="flux_studio_select")
"""However many people select, two cores at most are taken from the host, and none of its own threads."""


async def work_area(call: PageCall) -> dict[str, Any]:
    """What of the picture an order would send for a mask with this bounding box, by the rule that `start` follows."""
    session = await session_of(call)
    card = await chosen_card(claims.read_model(call.data), session, await workbench(session))
    region, box = claims.read_region(call.data), claims.read_box(call.data)
    picture = claims.read_picture(call.data) or session.picture
    facts = await files.facts(picture, user=session.user, own_only=session.temporary)
    area = plan_area(facts.size, box, card, region)
    return {"area": area.box.to_json(), "sent": {"width": area.sent.width, "height": area.sent.height}}


async def select(call: PageCall) -> dict[str, Any]:
    """The mask of the subject within a rectangle: base64 PNG of the rectangle's size, 255 = subject."""
    session = await session_of(call)
    box, strokes = claims.read_box(call.data), claims.read_strokes(call.data)
    picture = await files.read(
        claims.read_picture(call.data) or session.picture, user=session.user, own_only=session.temporary
    )

    def work(original: Picture) -> str:
        return base64.b64encode(to_png(select_subject(original, box, strokes))).decode("ascii")

    try:
        async with asyncio.timeout(LONGEST_SELECTION):
            mask = await asyncio.get_running_loop().run_in_executor(_selecting, work, picture)
    except TimeoutError as error:
        raise LimitReached("Too many people select subjects right now; try again in a moment.") from error
    return {"mask": mask}
