"""One host and one browser for the whole folder: starting them is the expensive part."""

from __future__ import annotations

import pytest

from tests.host.browser import Browser, Person
from tools.stage import staged


@pytest.fixture(scope="session")
def studio(tmp_path_factory):
    """A host with the built bundle, models public, sandbox behind it."""
    with staged(tmp_path_factory.mktemp("host"), duration=1.5) as made:
        yield made


@pytest.fixture(scope="session")
def chromium():
    browser = Browser()
    yield browser
    browser.close()


@pytest.fixture
def open_window(studio, chromium):
    """Open a window signed in as an account; all are closed at the end of the test."""
    windows: list[Person] = []

    def open_as(account=None, **options) -> Person:
        windows.append(chromium.person(studio.host.url, (account or studio.admin).token, **options))
        return windows[-1]

    yield open_as
    for window in windows:
        window.close()


@pytest.fixture
def window(studio, open_window) -> Person:
    """The window of a person without special rights."""
    return open_window(studio.person("anna"))


@pytest.fixture
def valves(studio):
    """Change admin valves for one test: `valves(DRAFT_DAYS=3)`; afterwards they are exactly what they were."""
    session, path = studio.host.session(studio.admin), "/api/v1/functions/id/flux_studio/valves"
    before = session.get(path).json() or {}

    def change(**values) -> None:
        studio.set_valves(**values)
        session.get("/api/models?refresh=true").raise_for_status()

    yield change
    session.post(f"{path}/update", json=before).raise_for_status()
    session.get("/api/models?refresh=true").raise_for_status()


@pytest.fixture
def own_valves(studio):
    """Change the personal valves of one account for one test: `own_valves(account, COUNT=3)`."""
    changed = []

    def change(account, **values) -> None:
        changed.append(account)
        path = "/api/v1/functions/id/flux_studio/valves/user/update"
        studio.host.session(account).post(path, json=values).raise_for_status()

    yield change
    for account in list(changed):
        change(account)
