"""Type and size of a picture are read once, by whoever may see it, and never told to anybody else."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from PIL import Image

from flux_studio.errors import NotPermitted
from flux_studio.types import Size
from flux_studio.webui import files
from tests.webui.test_files import ANN, File, store  # noqa: F401 - a fixture

BOB = SimpleNamespace(id="bob", role="user")


@pytest.fixture
async def uploaded(store, tmp_path, monkeypatch):  # noqa: F811
    """Three pictures of Ann's that carry no recipe; gives the names of the files that were opened."""
    monkeypatch.setattr(files, "SEEN", files.LeastRecentlyUsed(2))
    for name in ("a", "b", "c"):
        Image.new("RGB", (64, 48), "red").save(tmp_path / f"{name}.png")
        await store.add(File(id=name, user_id="ann", filename=name, path=str(tmp_path / f"{name}.png"), meta={}))
    return store.opened


async def test_the_second_look_reads_no_file(uploaded):
    first, second = [await files.facts("a", user=ANN, own_only=True) for _ in range(2)]
    assert first == second
    assert (first.mime, first.size) == ("image/png", Size(width=64, height=48))
    assert len(uploaded) == 1


async def test_no_more_than_the_size_is_remembered(uploaded):
    for name in ("a", "b", "c", "a"):
        await files.facts(name, user=ANN, own_only=True)
    assert len(uploaded) == 4
    await files.facts("c", user=ANN, own_only=True)
    assert len(uploaded) == 4


async def test_what_is_remembered_is_no_key_to_a_picture(uploaded):
    await files.facts("a", user=ANN, own_only=True)
    with pytest.raises(NotPermitted):
        await files.facts("a", user=BOB, own_only=True)
