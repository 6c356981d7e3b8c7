"""FLUX Tiny in the real chat: the right picture with its steps, Stop, an unknown word, an area, and no torch in the host."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from PIL import Image

from tests.host.editor import Editor
from tools.engine import running_engine
from tools.stage import until

pytestmark = pytest.mark.host

PROMPT = "a large red circle on a blue background"


@pytest.fixture(scope="module")
def engine(studio):
    """The engine beside the staged host; its address is in the valves for these tests alone."""
    before = libraries(studio)
    with running_engine("--device", "cpu") as engine:
        studio.set_valves(ENGINE_URL=engine.endpoint, ENGINE_API_KEY=engine.token)
        studio.install("public")
        yield before, engine
        studio.set_valves(ENGINE_URL="", ENGINE_API_KEY="")


def libraries(studio) -> set[str]:
    """The compiled libraries that the host's process has loaded."""
    maps = Path(f"/proc/{studio.host.process.pid}/maps").read_text().splitlines()
    return {line.split()[-1] for line in maps if ".so" in line}


def picture_of(studio, account, file: str) -> Image.Image:
    answer = studio.host.session(account).get(f"/api/v1/files/{file}/content")
    answer.raise_for_status()
    return Image.open(io.BytesIO(answer.content)).convert("RGB")


def is_red(pixel) -> bool:
    return pixel[0] > 150 and pixel[2] < 100


def is_blue(pixel) -> bool:
    return pixel[2] > 150 and pixel[0] < 100


def test_a_prompt_becomes_the_right_picture(studio, engine, window):
    window.new_chat("flux_studio.flux-tiny")
    answer = window.ask(f"{PROMPT} --seed 4")
    assert window.pictures(count=1) == [(128, 128)]
    drawn = picture_of(studio, studio.person("anna"), window.picture_ids()[0])
    assert is_red(drawn.getpixel((64, 64)))
    assert is_blue(drawn.getpixel((4, 4)))
    text = answer.inner_text()
    assert "FLUX Tiny" in text
    assert "seed 4" in text
    assert "credits" not in text
    assert studio.sandbox.submitted(PROMPT) == []


def test_an_unknown_word_gets_a_sentence(engine, window):
    window.new_chat("flux_studio.flux-tiny")
    window.send("a red elephant")
    window.message.get_by_text("does not know “elephant”").first.wait_for()


def test_stop_ends_the_work_and_costs_nothing(studio, engine, window):
    window.new_chat("flux_studio.flux-tiny")
    window.send(f"{PROMPT} --steps 100 --n 4")
    until(lambda: studio.jobs("phase = 'submitting' and model = 'flux-tiny'"))
    window.stop()
    window.message.get_by_text("Stopped").first.wait_for()
    assert "cost stays" not in window.message.inner_text()
    until(lambda: not studio.jobs("phase in ('queued', 'submitting') and model = 'flux-tiny'"))


def test_only_the_painted_area_changes(studio, engine, window):
    window.new_chat("flux_studio.flux-tiny")
    window.ask("a blue square on a blue background --seed 1")
    window.pictures(count=1)
    (source,) = window.picture_ids()
    window.wait_for_chat()
    message = window.message.get_attribute("id").removeprefix("message-")
    editor = Editor(window, message).press()
    opened = editor.call({"op": "open"})
    assert "flux-tiny" in [model["id"] for model in opened["models"]]
    session = opened["session"]
    mask = square_mask(128, 64)
    call = {"op": "start", "session": session, "request": "11111111-1111-4111-8111-111111111111", "model": "flux-tiny"}
    wish = {"prompt": "a yellow square on a yellow background", "mask": mask, "options": {"strength": 1.0, "steps": 80}}
    started = editor.call({**call, **wish})
    shown: list[str] = []
    done = until(lambda: finished(editor, session, started["job"], shown))
    assert shown, "what is being made is seen meanwhile"
    (result,) = done["results"]
    assert result["protected"] == {"pixels": 128 * 128 - 64 * 64, "changed": 0}
    before, after = (picture_of(studio, studio.person("anna"), file) for file in (source, result["picture"]))
    assert after.getpixel((100, 100)) == before.getpixel((100, 100))
    assert after.getpixel((30, 30))[0] > 150


def test_the_host_loads_nothing_for_it(studio, engine):
    """Whatever Open WebUI itself needs of torch, a job of the engine adds none of it."""
    before, _ = engine
    assert [name for name in libraries(studio) - before if "torch" in name or "engine-" in name] == []


def finished(editor: Editor, session: str, job: str, shown: list[str]):
    """The answer of the last poll once the job is done; previews of the others go into `shown`."""
    answer = editor.call({"op": "poll", "session": session, "job": job})
    shown += [answer["preview"]] if answer.get("preview") else []
    assert answer["state"] not in ("failed", "cancelled"), answer
    return answer if answer["state"] == "done" else None


def square_mask(side: int, painted: int) -> str:
    """A mask whose upper left corner is to be repainted, as the page sends it."""
    import base64

    mask = Image.new("L", (side, side))
    mask.paste(255, (0, 0, painted, painted))
    file = io.BytesIO()
    mask.save(file, "PNG")
    return base64.b64encode(file.getvalue()).decode("ascii")
