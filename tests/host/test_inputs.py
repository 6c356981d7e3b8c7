"""Which pictures a question works on: attached ones, the newest of the branch that is shown, never a wrong one."""

from __future__ import annotations

import hashlib

import pytest
from PIL import Image

pytestmark = pytest.mark.host

PRO = "flux_studio.flux-2-pro"
GPS = 0x8825
CAMERA = 0x0110
EXIF_SEGMENT = b"\xff\xe1"


@pytest.fixture
def drawn(tmp_path):
    """Make picture files: `drawn("red", 320, 256)`; colour and size tell them apart."""

    def draw(color: str, width: int = 320, height: int = 256, name: str = ""):
        path = tmp_path / (name or f"{color}.png")
        Image.new("RGB", (width, height), color).save(path)
        return path

    return draw


def size_sent(call, field="input_image"):
    """Width and height of a picture as the sandbox received it."""
    return call["body"][field]["width"], call["body"][field]["height"]


def only_call(studio, marker):
    (call,) = studio.sandbox.submitted(marker)
    return call


def refused(window, studio, question, sentence):
    """Send, wait for the sentence in the answer, and make sure that nothing was ordered."""
    window.send(question)
    window.message.get_by_text(sentence).first.wait_for()
    assert studio.sandbox.submitted(question) == []


def test_an_attached_picture_is_edited(studio, window, drawn):
    red = drawn("red", 416, 272)
    window.new_chat(PRO)
    window.attach(red)
    answer = window.ask("a lone attached square")
    assert "Edited your attached picture" in answer.inner_text()
    call = only_call(studio, "a lone attached square")
    assert call["body"]["input_image"]["sha256"] == hashlib.sha256(red.read_bytes()).hexdigest()
    assert "input_image_2" not in call["body"]
    assert window.pictures(count=1) == [(416, 272)]


def test_two_attached_pictures_are_references_in_their_order(studio, window, drawn):
    window.new_chat(PRO)
    window.attach(drawn("red", 320, 256), drawn("blue", 400, 304))
    answer = window.ask("two squares side by side")
    assert "Made of your 2 attached pictures, in their order" in answer.inner_text()
    call = only_call(studio, "two squares side by side")
    assert [size_sent(call), size_sent(call, "input_image_2")] == [(320, 256), (400, 304)]


def test_the_same_picture_twice_counts_once(studio, window, drawn):
    window.new_chat(PRO)
    window.attach(drawn("red", name="one.png"), drawn("red", name="two.png"))
    window.ask("a doubled square")
    assert "input_image_2" not in only_call(studio, "a doubled square")["body"]


def test_a_limit_is_named_with_its_number(studio, window, drawn):
    window.new_chat("flux_studio.flux-2-klein-4b")
    window.attach(*[drawn(color) for color in ("red", "green", "blue", "gold", "black")])
    refused(window, studio, "five squares at once", "FLUX.2 [klein] 4B takes up to 4 pictures, not 5.")


def test_a_model_without_inputs_says_so(studio, window, drawn):
    window.new_chat("flux_studio.flux-pro-1.1")
    window.attach(drawn("red"))
    refused(window, studio, "a square for a text model", "FLUX1.1 [pro] takes no pictures, only text.")


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("page.png", "<html><body>no picture</body></html>", "This is an HTML page; possible are JPEG, PNG or WebP."),
        ("words.jpg", "just a few words", "This is a text; possible are JPEG, PNG or WebP."),
        ("notes.txt", "just a few words", "“notes.txt” is not a picture; possible are JPEG, PNG or WebP."),
    ],
)
def test_a_file_that_is_no_picture_gets_one_sentence(studio, window, tmp_path, name, content, sentence):
    path = tmp_path / name
    path.write_text(content)
    window.new_chat(PRO)
    window.attach(path)
    refused(window, studio, f"a square out of {name}", sentence)


def test_a_followup_edits_what_came_last(studio, window, drawn):
    """Upload, answer, another upload: each question without attachment takes the newest picture above it."""
    window.new_chat(PRO)
    window.attach(drawn("red", 320, 256))
    window.ask("the first upload, please")
    (first,) = window.picture_ids()
    answer = window.ask("now a follow-up to it")
    assert "Edited the newest picture" in answer.inner_text()
    assert origin(window) == first

    window.attach(drawn("blue", 400, 304))
    window.ask("an upload in between")
    assert size_sent(only_call(studio, "an upload in between")) == (400, 304)
    window.ask("and what follows the blue one")
    assert size_sent(only_call(studio, "and what follows the blue one")) == (400, 304)


def test_an_upload_without_an_answer_is_still_the_newest(studio, window, drawn):
    """A refused question keeps its attachment: the next question without a bad flag uses it."""
    window.new_chat(PRO)
    window.attach(drawn("red", 352, 288))
    refused(window, studio, "the upload of a mistake --n 99", "1 to 8")
    window.wait_until_done()
    answer = window.ask("the mistake made good")
    assert "the newest upload" in answer.inner_text()
    assert size_sent(only_call(studio, "the mistake made good")) == (352, 288)


def test_a_branch_keeps_to_its_own_pictures(studio, window):
    """Regenerate and switch between the versions: what is edited is what the person looks at."""
    window.new_chat(PRO)
    window.ask("a branching tree")
    (first,) = window.picture_ids()
    window.ask("the tree in autumn")
    (autumn,) = window.picture_ids()
    assert origin(window) == first

    window.regenerate()
    assert origin(window) == first
    (again,) = window.picture_ids()
    assert again != autumn

    window.ask("the tree with a nest")
    assert origin(window) == again
    window.switch("Previous")
    assert window.picture_ids() == [autumn]
    window.ask("the tree with a swing")
    assert origin(window) == autumn


def test_where_and_with_what_a_photo_was_taken_stays_here(studio, window, tmp_path):
    path = tmp_path / "holiday.jpg"
    exif = Image.Exif()
    exif[CAMERA] = "Secret Camera 9000"
    exif.get_ifd(GPS).update({1: "N", 2: (48.0, 0.0, 14.5), 3: "E", 4: (7.0, 51.0, 7.0)})
    Image.new("RGB", (320, 256), "orange").save(path, exif=exif, quality=95)
    data = path.read_bytes()
    start = data.index(EXIF_SEGMENT)
    end = start + 2 + int.from_bytes(data[start + 2 : start + 4], "big")
    assert b"Secret Camera" in data[start:end]

    window.new_chat(PRO)
    window.attach(path)
    window.ask("a holiday nobody can locate")
    sent = only_call(studio, "a holiday nobody can locate")["body"]["input_image"]
    assert sent["sha256"] == hashlib.sha256(data[:start] + data[end:]).hexdigest()


def origin(window) -> str:
    """File id behind the link of the first line: the picture that was edited."""
    link = window.answer.locator("a[href*='/api/v1/files/']").first.get_attribute("href")
    return link.partition("/api/v1/files/")[2].partition("/")[0]
