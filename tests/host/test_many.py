"""Many pictures at once: the provider's limit holds, nobody is passed over, the host goes on answering."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from tools.asking import ask
from tools.stage import until

pytestmark = pytest.mark.host

LIMIT = 20


@pytest.fixture
def change_sandbox(studio):
    """Change the sandbox for one test."""
    yield studio.sandbox.change
    studio.sandbox.change(active_limit=24, duration=1.5)


def phases(studio, questions):
    rows = [studio.jobs("message = ?", question.message) for question in questions]
    return [found[0]["phase"] if found else "" for found in rows]


def test_24_pictures_of_three_people_at_once(studio, valves, change_sandbox):
    """The sandbox answers the 21st active task with 429, so its journal would show every step over the limit."""
    change_sandbox(active_limit=LIMIT)
    valves(MAX_PARALLEL_JOBS=LIMIT, RATE_LIMIT=0)
    people = [studio.person(name) for name in ("anna", "bob", "carl")]
    wishes = [
        (person, f"crowd {number} of {person.name} [sandbox:slow=20]") for number in range(8) for person in people
    ]
    with ThreadPoolExecutor(max_workers=8) as tabs:
        questions = list(tabs.map(lambda wish: ask(studio, *wish), wishes))
    until(lambda: phases(studio, questions).count("submitted") == LIMIT)

    assert studio.host.healthy()
    assert studio.host.session(people[0]).get("/api/models").ok
    assert studio.host.session(people[1]).get("/api/v1/chats/").ok
    assert "submitted" in phases(studio, questions)  # so all that was answered while they were in flight

    until(lambda: set(phases(studio, questions)) == {"delivered"}, seconds=120)
    for question in questions:
        message = studio.chat(question.account, question.chat)[question.message]
        assert len(message["files"]) == 1
        assert message["done"] is True
        file = studio.host.session(question.account).get(message["files"][0]["url"])
        assert file.headers["content-type"] == "image/jpeg"
        (call,) = studio.sandbox.submitted(question.marker)
        assert call["status"] == 200


def test_who_asks_for_one_does_not_wait_for_all_of_another(studio, valves):
    """Two slots, both taken by Anna's first pictures; Bob's only one comes before her third."""
    valves(MAX_PARALLEL_JOBS=2, RATE_LIMIT=0)
    anna, bob = studio.person("anna"), studio.person("bob")
    first = [ask(studio, anna, f"a long row {number} [sandbox:slow={12 + 6 * number}]") for number in range(2)]
    until(lambda: phases(studio, first) == ["submitted", "submitted"])
    rest = [ask(studio, anna, f"a long row {number}") for number in range(2, 6)]
    until(lambda: phases(studio, rest) == ["queued"] * 4)
    only = ask(studio, bob, "a single guest in a long row")
    until(lambda: phases(studio, [only]) == ["queued"])
    assert phases(studio, first) == ["submitted", "submitted"]
    until(lambda: set(phases(studio, [*first, *rest, only])) == {"delivered"}, seconds=90)
    order = [call["body"]["prompt"] for call in studio.sandbox.submitted("a long row")]
    assert "a single guest" in order[2]
    assert len(order) == 7


def test_a_person_reads_how_many_are_before(studio, valves, window):
    """One slot, taken by Anna herself in another chat: Bob's picture comes first, hers is told its place."""
    valves(MAX_PARALLEL_JOBS=1, RATE_LIMIT=0)
    anna, bob = studio.person("anna"), studio.person("bob")
    taken = ask(studio, anna, "the one in front [sandbox:slow=15]")
    until(lambda: phases(studio, [taken]) == ["submitted"])
    guest = ask(studio, bob, "the guest in front [sandbox:slow=6]")
    until(lambda: phases(studio, [guest]) == ["queued"])
    window.new_chat("flux_studio.flux-2-pro")
    window.send("the one who waits")
    window.page.get_by_text("In the queue, 1 picture before yours").first.wait_for()
    window.page.get_by_text("In the queue, yours is next").first.wait_for()
    window.wait_until_done()
    assert window.pictures(count=1) == [(1024, 1024)]


def test_each_picture_shows_as_soon_as_it_is_ready(studio, valves, window, change_sandbox):
    """One slot for three pictures: the first is on the page while the others are still to come."""
    valves(MAX_PARALLEL_JOBS=1, RATE_LIMIT=0)
    change_sandbox(duration=4)
    window.new_chat("flux_studio.flux-2-pro")
    window.send("three steps of a stair --n 3")
    window.pictures(count=1)
    assert len(studio.jobs("phase in ('queued', 'submitting', 'submitted') and chat = ?", window.wait_for_chat())) >= 1
    window.pictures(count=3)
    window.wait_until_done()
