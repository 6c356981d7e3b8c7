"""One browser for all tests of the page, one fresh window for each."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.editor.stand import CANNY, ERASE, FILL, Stand
from tests.host.browser import FLAGS


@pytest.fixture(scope="session")
def window_maker(chromium: Path) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(chromium), args=list(FLAGS))
        yield browser
        browser.close()


@pytest.fixture
def open_editor(window_maker: Browser) -> Iterator[Callable[..., Stand]]:
    """Opens the page; afterwards nothing may have failed in it, left it, or been posted beyond the contract."""
    opened: list[Stand] = []

    def make(**options: Any) -> Stand:
        opened.append(Stand(window_maker, **({"models": [FILL, ERASE, CANNY]} | options)))
        return opened[-1]

    yield make
    for stand in opened:
        strange = stand.run("() => record.messages.filter(message => message.strange || message.origin !== 'null')")
        errors, requests = (
            stand.errors,
            [url for url in stand.requests if not url.startswith(("data:", "blob:", "about:"))],
        )
        stand.close()
        assert strange == []
        assert errors == []
        assert requests == []


@pytest.fixture
def editor(open_editor: Callable[..., Stand]) -> Stand:
    return open_editor()
