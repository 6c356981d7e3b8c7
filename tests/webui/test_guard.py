"""The outer edge of the plugins: what a person and the log get to know of a failure."""

import asyncio
import logging
import re

import pytest

from flux_studio.errors import NotPermitted, StudioError
from flux_studio.webui.guard import guarded


async def test_a_known_error_passes_with_its_sentence_and_leaves_its_detail_in_the_log(caplog):
    with caplog.at_level(logging.INFO), pytest.raises(NotPermitted, match="not yours"):
        async with guarded("chat answer"):
            raise NotPermitted("This picture is not yours.", detail="file 7 for user 3")
    assert "file 7 for user 3" in caplog.text


async def test_anything_else_becomes_a_sentence_with_the_reference_of_the_log(caplog):
    with pytest.raises(StudioError) as caught:
        async with guarded("chat answer"):
            raise KeyError("secret insides")
    assert "secret insides" not in caught.value.sentence
    reference = re.search(r"\b[0-9a-f]{8}\b", caught.value.sentence)[0]
    assert f"reference {reference}" in caplog.text
    assert "KeyError: 'secret insides'" in caplog.text


async def test_a_cancellation_passes_untouched():
    with pytest.raises(asyncio.CancelledError):
        async with guarded("chat answer"):
            raise asyncio.CancelledError
