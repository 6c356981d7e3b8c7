"""Money in the real host: a limit that holds, a dear order that is asked about, and the admin who sees what was spent."""

from __future__ import annotations

import csv
import io
import re

import pytest

from tools.asking import ask
from tools.costs.command import main as costs
from tools.doctor.command import main as doctor
from tools.stage import until

pytestmark = pytest.mark.host

PRO = "flux_studio.flux-2-pro"
ACTION = "/api/chat/actions/flux_studio_edit"


def ended(studio, question):
    """The finished message of a question: its text, or its error's sentence."""
    message = until(lambda: _done(studio.chat(question.account, question.chat)[question.message]))
    error = (message.get("error") or {}).get("content")
    return (error["detail"] if isinstance(error, dict) else error) or message["content"]


def _done(message):
    return message if message.get("done") or message.get("error") else None


def told(window, text):
    """Send and return what the answer says, be it a text or an error."""
    window.send(text)
    window.wait_until_done()
    return window.message.inner_text()


def dialog(window):
    return window.page.get_by_role("dialog").filter(has_text="will cost").last


def test_a_limit_holds_in_every_chat_and_the_admin_sees_what_was_used(studio, open_window, valves):
    dora = studio.person("dora")
    valves(DAILY_PICTURES_PER_USER=3)
    first = ask(studio, dora, "doras two allowed kites --n 2")
    assert "6 credits" in ended(studio, first)
    window = open_window(dora)
    window.new_chat(PRO)
    text = told(window, "doras kites too many --n 2")
    assert "of your 3 pictures a day 2 are used: 1 left until" in text
    assert studio.sandbox.submitted("kites too many") == []
    studio.host.session(dora).delete(f"/api/v1/chats/{first.chat}").raise_for_status()
    until(lambda: studio.jobs("chat = ?", first.chat) == [])
    again = told(window, "doras kites after a deletion --n 2")
    assert "2 are used" in again, "a deleted chat gives no picture back"
    assert studio.sandbox.submitted("after a deletion") == []

    own = told(window, "/costs")
    assert "6 credits for 2 pictures" in own
    assert "Your own limits: 2 of 3 pictures today." in own
    assert "admin@example.com" not in own
    assert "Left at" not in own

    window = open_window()
    window.new_chat(PRO)
    window.ask("/costs --days 1")
    answer = window.answer
    row = answer.locator("tr", has_text="dora@example.com")
    assert row.locator("td").all_inner_texts() == ["dora (dora@example.com)", "2", "6 credits"]
    assert re.search(r"Left at Black Forest Labs: [\d.,]+ credits", answer.inner_text())
    link = answer.get_by_role("link", name="All orders as CSV").get_attribute("href")
    file = studio.host.session(studio.admin).get(link)
    lines = list(csv.DictReader(io.StringIO(file.text)))
    assert [(line["model"], line["pictures"]) for line in lines if line["name"] == "dora"] == [("flux-2-pro", "1")] * 2
    assert studio.host.session(dora).get(link).status_code == 404


def test_a_group_has_limits_of_its_own(studio, valves):
    gil, session = studio.person("gil"), studio.host.session(studio.admin)
    group = session.post("/api/v1/groups/create", json={"name": "Guests", "description": ""}).json()["id"]
    session.post(f"/api/v1/groups/id/{group}/users/add", json={"user_ids": [gil.id]}).raise_for_status()
    valves(DAILY_PICTURES_PER_USER=50, GROUP_LIMITS="Guests: 1 a day")
    text = ended(studio, ask(studio, gil, "two guests too many --n 2"))
    assert "of your 1 picture a day 0 are used" in text
    assert studio.sandbox.submitted("guests too many") == []
    assert "3 credits" in ended(studio, ask(studio, gil, "one guest is welcome"))


def test_a_dear_order_is_asked_about_and_a_no_costs_nothing(studio, open_window, valves):
    valves(CONFIRM_ABOVE=5)
    window = open_window(studio.person("emil"))
    window.new_chat(PRO)
    window.send("emils dear boats --n 2")
    asked = dialog(window)
    asked.wait_for()
    assert "Order for about 6 credits?" in asked.inner_text()
    asked.get_by_role("button", name="Cancel").click()
    window.wait_until_done()
    assert "Not ordered: nothing was sent and nothing was billed." in window.message.inner_text()
    assert studio.sandbox.submitted("emils dear boats") == []
    window.send("emils wanted boats --n 2 --new")
    dialog(window).get_by_role("button", name="Confirm").click()
    window.pictures(count=2)
    window.wait_until_done()
    assert len(studio.sandbox.submitted("emils wanted boats")) == 2
    window.ask("one cheap boat --new")
    assert window.pictures(count=1)


def test_without_a_browser_a_dear_order_names_the_flag_that_confirms_it(studio, valves):
    valves(CONFIRM_ABOVE=5)
    emil = studio.person("emil")
    session = studio.host.session(emil)
    body = {"model": PRO, "stream": False, "messages": [{"role": "user", "content": "a scripted dear barn --n 2"}]}
    refused = session.post("/api/chat/completions", json=body)
    assert "`--confirm`" in refused.text
    assert studio.sandbox.submitted("scripted dear barn") == []
    body["messages"][0]["content"] += " --confirm"
    session.post("/api/chat/completions", json=body).raise_for_status()
    assert len(studio.sandbox.submitted("scripted dear barn")) == 2


def test_the_report_and_the_look_inside_are_for_admins(studio):
    for op in ("costs", "doctor"):
        body = {"model": PRO, "chat_id": "", "id": "", "session_id": "", "messages": []}
        event = {"page": "admin", "op": op}
        answer = studio.host.session(studio.person("emil")).post(ACTION, json={**body, "event": event})
        assert answer.json() == {"error": "This is for admins only."}


def test_the_command_line_reports_costs(studio, tmp_path, capsys):
    ended(studio, ask(studio, studio.person("fred"), "freds one lamp"))
    sign_in = ["--url", studio.host.url, "--api-key", studio.admin.token]
    assert costs([*sign_in, "--days", "1"]) == 0
    shown = capsys.readouterr().out
    assert re.search(r"fred \(fred@example.com\) +1 +3 credits", shown)
    assert "Left at Black Forest Labs" in shown
    assert costs([*sign_in, "--csv", str(tmp_path / "costs.csv")]) == 0
    lines = list(csv.DictReader(io.StringIO((tmp_path / "costs.csv").read_text("utf-8-sig"))))
    assert [line["amount"] for line in lines if line["name"] == "fred"] == ["3"]
    capsys.readouterr()
    assert costs([*sign_in, "--days", "0"]) == 1
    assert "whole number 1 to 366" in capsys.readouterr().err
    assert costs(["--url", studio.host.url, "--api-key", studio.person("fred").token]) == 1
    assert "not an admin" in capsys.readouterr().err


def test_the_doctor_finds_nothing_wrong_and_then_what_is(studio, valves, capsys):
    sign_in = ["--url", studio.host.url, "--api-key", studio.admin.token]
    before = studio.sandbox.journal["calls"]
    assert doctor(sign_in) == 0
    healthy = capsys.readouterr().out
    for line in (
        r"OK +Open WebUI +0\.",
        r"OK +flux_studio_edit +installed, switched on, global, as released",
        r"OK +BFL key +accepted at http://127.*credits left",
        r"OK +database +SQLite, job table version \d",
        r"OK +storage +local, a file was written, read and deleted",
        r"OK +security policy",
        r"note +encryption +FLUX_API_KEY",
        r"OK +models +\d+ shown",
    ):
        assert re.search(line, healthy), line
    assert "\n0 faults, 1 note, " in healthy
    assert studio.sandbox.key not in healthy
    orders = [call for call in studio.sandbox.journal["calls"][len(before) :] if call.get("body")]
    assert orders == [], "it costs nothing"

    toggle = "/api/v1/functions/id/flux_studio_tools/toggle"
    valves(FLUX_API_KEY="a-wrong-key-of-the-admin", GROUP_LIMITS="Nobody: 5 a day")
    session = studio.host.session(studio.admin)
    session.post(toggle).raise_for_status()
    try:
        assert doctor(sign_in) == 1
    finally:
        session.post(toggle).raise_for_status()
    ill = capsys.readouterr().out
    assert re.search(r"fault +flux_studio_tools +switched off", ill)
    assert re.search(r"fault +BFL key .*did not accept the API key", ill)
    assert re.search(r"fault +limits +GROUP_LIMITS names groups that do not exist: Nobody", ill)
    assert "\n3 faults, " in ill
    assert "a-wrong-key-of-the-admin" not in ill
