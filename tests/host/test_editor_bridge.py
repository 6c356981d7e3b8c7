"""Edit area in a real host, below its buttons: what the frame may do and see, who is refused, what is kept."""

from __future__ import annotations

import base64
import io
import json
import uuid

import numpy
import pytest
from PIL import Image, ImageDraw

from tests.host.editor import Editor, painted, pixels_of
from tests.host.test_rights import make_picture
from tools.stage import until

pytestmark = pytest.mark.host

ACTION = "/api/chat/actions/flux_studio_edit"
FILL = "flux-pro-1.0-fill"


@pytest.fixture(scope="module")
def picture(studio):
    """A picture of Anna's: chat id, message id and file id."""
    return make_picture(studio, studio.person("anna"), "a harbour for the editor")


@pytest.fixture
def editor(window, picture):
    """The editor opened by its button on Anna's picture."""
    chat, message, _ = picture
    window.open(f"/c/{chat}")
    return Editor(window, message).press()


def call(studio, account, place, **event):
    """Call the action endpoint without a browser; returns (status, answer)."""
    chat, message = place[:2]
    body = {"model": "flux_studio.flux-2-pro", "chat_id": chat, "id": message, "session_id": "s", "messages": []}
    answer = studio.host.session(account).post(ACTION, json={**body, "event": {"page": "editor", **event}})
    return answer.status_code, answer.json()


def order(file: str, size: tuple[int, int], **wish):
    mask = base64.b64encode(painted(size)).decode()
    wish = {"model": FILL, "prompt": "a red boat", "mask": mask, "request": str(uuid.uuid4()), **wish}
    return {"op": "start", **wish}


def finished(editor, session, job):
    """Poll as the page does until the order has ended."""
    state = editor.call({"op": "poll", "session": session, "job": job})
    while state["state"] in ("queued", "running"):
        state = editor.call({"op": "poll", "session": session, "job": job, "after": state["revision"]})
    return state


def test_the_whole_way_through_the_bridge(studio, window, editor, picture):
    chat, message, file = picture
    before = studio.chat(studio.person("anna"), chat)
    opened = editor.call({"op": "open"})
    assert opened["picture"]["id"] == editor.start["picture"] == file
    assert opened["models"][0]["id"] == FILL
    size = (opened["picture"]["width"], opened["picture"]["height"])
    assert size == (1024, 1024)

    job = editor.call({**order(file, size), "session": opened["session"]})
    state = finished(editor, opened["session"], job["job"])
    assert state["state"] == "done", state
    (result,) = state["results"]
    assert result["protected"]["changed"] == 0

    anna = studio.host.session(studio.person("anna"))
    original, answer = (pixels_of(anna, each) for each in (file, result["picture"]))
    kept = numpy.asarray(Image.open(io.BytesIO(painted(size)))) == 0
    assert (original[kept] == answer[kept]).all()
    assert (original[~kept] != answer[~kept]).any()
    assert int(kept.sum()) == result["protected"]["pixels"]

    wish = {"op": "apply", "session": opened["session"], "request": str(uuid.uuid4()), "pictures": [result["picture"]]}
    applied = editor.call(wish)
    assert editor.call(wish) == applied
    after = studio.chat(studio.person("anna"), chat)
    assert set(after) - set(before) == {applied["message"]}
    assert after[message]["files"] == before[message]["files"]
    assert after[applied["message"]]["parentId"] == message
    editor.close()
    assert window.page.locator("#flux-studio-editor").count() == 0
    assert window.pictures(count=1) == [(1024, 1024)]
    assert window.errors == []


def test_the_frame_gets_bytes_and_answers_but_no_key_and_no_token(studio, window, editor, picture):
    _, _, file = picture
    opened = editor.call({"op": "open"})
    loaded = editor.ask("picture", {"file": file})
    assert loaded["mime"].startswith("image/")
    assert loaded["data"]["bytes"] > 1000
    finished(editor, opened["session"], editor.call({**order(file, (1024, 1024)), "session": opened["session"]})["job"])
    received = editor.received()
    assert len(received) > 4
    secrets = [studio.person("anna").token, studio.sandbox.key, studio.admin.token, "a harbour for the editor"]
    for secret in secrets:
        assert secret not in received
        assert secret not in editor.frame.content()
    assert editor.evaluate("() => { try { return document.cookie } catch (error) { return 'refused' } }") == "refused"
    assert (
        editor.evaluate("() => { try { return localStorage.length } catch (error) { return 'refused' } }") == "refused"
    )


def test_the_bridge_signs_in_by_cookie_alone(window, picture, studio):
    headers = []
    window.page.on("request", lambda made: ACTION in made.url and headers.append(made.all_headers()))
    chat, message, file = picture
    window.open(f"/c/{chat}")
    editor = Editor(window, message).press()
    window.page.evaluate("localStorage.removeItem('token')")
    headers.clear()
    assert editor.call({"op": "open"})["picture"]["id"] == file
    assert editor.ask("picture", {"file": file})["data"]["bytes"] > 1000
    assert headers
    assert all("authorization" not in each for each in headers)


@pytest.mark.parametrize(
    ("kind", "rest"),
    [
        ("call", {"event": {"op": "recipe", "page": "info", "picture": "x"}}),
        ("call", {"event": None}),
        ("call", {"event": {"op": "__proto__"}}),
        ("picture", {"file": "../../auths"}),
        ("picture", {"file": str(uuid.uuid4())}),
        ("upload", {"name": "x.html", "mime": "text/html", "data": "text"}),
        ("save", {"name": "x.html", "mime": "text/html", "data": "text"}),
        ("constructor", {}),
        ("evaluate", {"code": "1"}),
    ],
)
def test_the_bridge_does_nothing_beyond_its_list(editor, kind, rest):
    with pytest.raises(AssertionError):
        editor.ask(kind, rest)


def test_the_bridge_listens_to_its_own_frame_alone(window, editor):
    window.page.evaluate(
        """() => {
            const stranger = document.createElement('iframe');
            stranger.srcdoc = "<script>parent.postMessage({flux: 1, id: 7, kind: 'close'}, '*')</" + "script>";
            document.body.append(stranger);
            window.postMessage({flux: 1, id: 8, kind: 'close'}, '*');
        }"""
    )
    editor.call({"op": "open"})
    assert window.page.locator("#flux-studio-editor").count() == 1


def test_a_second_press_and_escape_lose_nothing(window, editor):
    editor.evaluate("() => { window.painted = 'strokes' }")
    window.page.keyboard.press("Escape")
    window.page.evaluate("document.activeElement.blur(); document.body.focus()")
    window.page.keyboard.press("Escape")
    editor.button.evaluate("button => button.click()")
    window.page.wait_for_timeout(1500)
    assert window.page.locator("#flux-studio-editor").count() == 1
    assert editor.evaluate("() => window.painted") == "strokes"


def test_uploads_downloads_and_notes(studio, window, editor, tmp_path):
    data = list(painted((32, 24)))
    uploaded = editor.ask("upload", {"name": "a b/../c.png", "mime": "image/png"}, data)
    assert editor.call({"op": "open", "picture": uploaded["file"]})["picture"]["width"] == 32
    with window.page.expect_download() as download:
        editor.ask("save", {"name": "mask.png", "mime": "image/png"}, data)
    download.value.save_as(tmp_path / "mask.png")
    assert (tmp_path / "mask.png").read_bytes() == bytes(data)

    editor.ask("store", {"key": "strokes", "value": {"list": [1, 2]}})
    window.reload()
    editor = editor.press()
    assert editor.ask("load", {"key": "strokes"}) == {"list": [1, 2]}
    assert editor.ask("load", {"key": "other"}) is None
    window.page.evaluate(AGED, [8 * 24 * 3600 * 1000])
    assert editor.ask("load", {"key": "strokes"}) is None
    editor.ask("store", {"key": "strokes", "value": "again"})
    editor.ask("store", {"key": "strokes", "value": None})
    assert editor.ask("load", {"key": "strokes"}) is None


AGED = """([milliseconds]) => new Promise((resolve, reject) => {
    const opening = indexedDB.open("flux-studio-editor", 1);
    opening.onerror = () => reject(opening.error);
    opening.onsuccess = () => {
        const walking = opening.result.transaction("documents", "readwrite").objectStore("documents").openCursor();
        walking.onsuccess = () => {
            const cursor = walking.result;
            if (!cursor) { opening.result.close(); return resolve(); }
            cursor.update({ ...cursor.value, at: cursor.value.at - milliseconds });
            cursor.continue();
        };
    };
})"""


def test_an_order_survives_a_killed_host(studio, picture):
    """kill -9 while the provider paints: the answer is put back into the original by the next process."""
    anna = studio.person("anna")
    _, opened = call(studio, anna, picture, op="open")
    event = order(picture[2], (1024, 1024), prompt="killed in the editor [sandbox:slow=8]")
    status, job = call(studio, anna, picture, **event, session=opened["session"])
    assert status == 200, job
    until(lambda: studio.jobs("session = ? and phase = 'submitted'", opened["session"]))
    studio.host.kill()
    studio.host.start()
    state = until(
        lambda: (
            (answer := call(studio, anna, picture, op="poll", session=opened["session"], job=job["job"])[1])
            and answer.get("state") == "done"
            and answer
        ),
        seconds=120,
        pause=1,
    )
    assert state["results"][0]["protected"]["changed"] == 0
    assert len(studio.sandbox.submitted("killed in the editor")) == 1
    _, again = call(studio, anna, picture, op="open")
    assert {"job": job["job"], "state": "done"} in again["jobs"]


def test_a_subject_is_found_in_an_uploaded_picture(studio, picture):
    anna = studio.person("anna")
    image = Image.new("RGB", (900, 600), (60, 110, 70))
    ImageDraw.Draw(image).ellipse((300, 150, 600, 450), fill=(210, 60, 50))
    out = io.BytesIO()
    image.save(out, "PNG")
    sent = {"file": ("disc.png", out.getvalue(), "image/png")}
    file = studio.host.session(anna).post("/api/v1/files/?process=false", files=sent).json()["id"]
    _, opened = call(studio, anna, picture, op="open")
    asked = {"session": opened["session"], "picture": file, "box": {"x": 260, "y": 110, "width": 380, "height": 380}}
    status, answer = call(studio, anna, picture, op="select", **asked)
    assert status == 200, answer
    with Image.open(io.BytesIO(base64.b64decode(answer["mask"]))) as mask:
        found = numpy.asarray(mask) > 127
    truth = numpy.asarray(image)[110:490, 260:640, 0] > 200
    assert (found & truth).sum() / (found | truth).sum() > 0.98
    _, shown = call(studio, anna, picture, op="area", model=FILL, **asked)
    assert shown["area"]["width"] >= 380


@pytest.mark.parametrize(
    "forged",
    [
        {"chat_id": "temporary:x"},
        {"chat_id": ""},
        {"model": "mine", "model_item": {"id": "mine", "direct": True, "actions": [{"id": "flux_studio_edit"}]}},
        {"chat_id": "temporary:x", "model": "mine", "model_item": {"id": "mine", "direct": True}},
    ],
)
@pytest.mark.parametrize("op", ["open", "quote", "area", "select", "start", "poll", "cancel", "apply", "close"])
def test_forged_calls_of_a_second_user_reach_nothing(studio, picture, forged, op):
    anna, mallory = studio.person("anna"), studio.person("mallory")
    chat, message, file = picture
    _, opened = call(studio, anna, picture, op="open")
    before = len(studio.sandbox.journal["calls"])
    event = {**order(file, (1024, 1024)), "op": op, "session": opened["session"], "picture": file, "pictures": [file]}
    event |= {"job": event["request"], "page": "editor", "box": {"x": 0, "y": 0, "width": 500, "height": 500}}
    body = {"model": "flux_studio.flux-2-pro", "chat_id": chat, "id": message, "session_id": "s", "messages": []}
    answer = studio.host.session(mallory).post(ACTION, json={**body, "event": event, **forged})
    assert answer.status_code != 200 or "error" in answer.json(), answer.text
    assert "harbour" not in answer.text
    assert len(studio.sandbox.journal["calls"]) == before


def test_an_admin_does_not_edit_in_a_foreign_chat(studio, picture):
    status, answer = call(studio, studio.admin, picture, op="open")
    assert status != 200 or "error" in answer


def test_somebody_without_any_model_is_refused(studio, picture):
    """Mallory may use no image model at all; her own chat and her own picture do not help."""
    admin = studio.host.session(studio.admin)
    listed = admin.get("/api/models").json()["data"]
    entries = [{"id": model["id"], "name": model["name"]} for model in listed if model["id"].startswith("flux_studio.")]
    entries = [entry for entry in entries if entry["id"] != "flux_studio.commands"]
    everyone = {"principal_type": "user", "principal_id": "*", "permission": "read"}
    mallory = studio.person("mallory")
    own = make_picture(studio, mallory, "mallorys own")
    for entry in entries:
        admin.post("/api/v1/models/model/access/update", json={**entry, "access_grants": []}).raise_for_status()
    try:
        direct = {"model": "mine", "model_item": {"id": "mine", "direct": True}}
        body = {"chat_id": own[0], "id": own[1], "session_id": "s", "messages": [], **direct}
        event = {"page": "editor", "op": "open"}
        answer = studio.host.session(mallory).post(ACTION, json={**body, "event": event})
        assert answer.status_code != 200 or "shared with you" in json.dumps(answer.json())
    finally:
        for entry in entries:
            grants = {**entry, "access_grants": [everyone]}
            admin.post("/api/v1/models/model/access/update", json=grants).raise_for_status()


def test_apply_waits_for_an_answer_under_way_and_comes_below_it(studio, window, picture):
    """A result shown while the chat is still painting neither hides that answer nor makes a branch."""
    chat, _, file = picture
    anna = studio.person("anna")
    _, opened = call(studio, anna, picture, op="open")
    _, job = call(studio, anna, picture, **order(file, (1024, 1024)), session=opened["session"])
    poll = {"op": "poll", "session": opened["session"], "job": job["job"]}
    state = until(lambda: (answer := call(studio, anna, picture, **poll)[1])["state"] == "done" and answer)
    wish = {"op": "apply", "session": opened["session"], "request": str(uuid.uuid4())}
    wish["pictures"] = [state["results"][0]["picture"]]

    window.open(f"/c/{chat}")
    window.send("meanwhile something slow [sandbox:slow=5]")
    until(lambda: studio.jobs("chat = ? and session = '' and phase = 'submitted'", chat))
    assert call(studio, anna, picture, **wish)[1] == {"state": "waiting"}
    applied = until(lambda: call(studio, anna, picture, **wish)[1].get("message"), pause=0.5)
    messages = studio.chat(anna, chat)
    parent = messages[messages[applied]["parentId"]]
    assert "FLUX.2" in parent["content"]
    assert messages[parent["id"]]["childrenIds"] == [applied]
    until(lambda: window.page.locator(f"#message-{applied}").count() == 1)
    window.ask("and on it goes")
    messages = studio.chat(anna, chat)
    question = next(each for each in messages.values() if each["content"] == "and on it goes")
    assert question["parentId"] == applied
