"""A stored edit carries its recipe, and the proof that nothing around it changed holds for the bytes that are stored."""

from __future__ import annotations

import base64
import hashlib
import io
import uuid

import numpy
from PIL import Image

from flux_studio.recipes import read
from flux_studio.valves import PipeValves
from tests.webui.editor.studio import CHAT, Studio, mask_png


async def edited(studio: Studio, chat: str = CHAT) -> dict[str, object]:
    """One finished edit with a painted mask; returns the result as the page is told of it."""
    session = (await studio.call("open", chat=chat, picture=studio.picture))["session"]
    wish = {"model": "flux-pro-1.0-fill", "prompt": "a boat", "mask": base64.b64encode(mask_png()).decode()}
    job = (await studio.call("start", chat=chat, session=session, request=str(uuid.uuid4()), **wish))["job"]
    await studio.settled()
    return (await studio.call("poll", chat=chat, session=session, job=job))["results"][0]


def pixels(data: bytes) -> numpy.ndarray:
    with Image.open(io.BytesIO(data)) as image:
        return numpy.asarray(image)


async def test_the_stored_file_carries_the_recipe_and_the_proof_holds_for_it(studio: Studio) -> None:
    result = await edited(studio)
    stored, original = studio.bytes[result["picture"]], studio.bytes[studio.picture]
    recipe = read(stored)
    assert recipe is not None
    assert (recipe.model, recipe.task, recipe.prompt) == ("flux-pro-1.0-fill", "inpaint", "a boat")
    assert recipe.parents == (studio.picture,)
    assert recipe.parent_hashes == (hashlib.sha256(original).hexdigest(),)
    assert recipe.mask == hashlib.sha256(mask_png()).hexdigest()
    assert result["protected"] == {"pixels": 640 * 480 - 100 * 80, "changed": 0}
    outside = numpy.ones((480, 640), bool)
    outside[100:180, 100:200] = False
    assert (pixels(stored)[outside] == pixels(original)[outside]).all()


async def test_the_file_tells_no_key_no_person_and_no_cost(studio: Studio) -> None:
    stored = studio.bytes[(await edited(studio))["picture"]]
    for word in (b"secret-key", b"ann", b"cost", b"credits", b"request_id", b"draft"):
        assert word not in stored[: stored.index(b"IDAT")]


async def test_the_admin_can_switch_it_off(studio: Studio) -> None:
    studio.pipe = PipeValves(FLUX_API_KEY="secret-key", RATE_LIMIT=0, EMBED_RECIPE=False)
    result = await edited(studio)
    assert read(studio.bytes[result["picture"]]) is None
    assert studio.recipes[result["picture"]]["prompt"] == "a boat"


async def test_a_temporary_chat_leaves_nothing_in_the_file(studio: Studio) -> None:
    result = await edited(studio, chat="temporary:x")
    assert read(studio.bytes[result["picture"]]) is None
    assert b"flux" not in studio.bytes[result["picture"]]
