"""A fresh studio per test."""

from __future__ import annotations

import pytest

from tests.webui.editor.studio import Studio


@pytest.fixture
async def studio(monkeypatch):
    made = Studio(monkeypatch)
    yield made
    for runner in made.runners:
        await runner.close()
