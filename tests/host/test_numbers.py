"""Pictures have numbers: which one is edited is chosen by its number, and asked where it is not clear."""

from __future__ import annotations

import pytest

from flux_studio.recipes import read

pytestmark = pytest.mark.host

PRO = "flux_studio.flux-2-pro"


def test_one_of_several_is_chosen_and_its_file_tells_where_it_came_from(studio, window):
    window.new_chat(PRO)
    answer = window.ask("a numbered lighthouse, 2 pictures")
    assert "#1 and #2" in answer.inner_text()
    _, second = window.picture_ids()

    window.send("a numbered lighthouse in a storm")
    window.message.get_by_text("The last answer shows 2 pictures, #1 and #2").first.wait_for()
    window.wait_until_done()
    assert studio.sandbox.submitted("a numbered lighthouse in a storm") == []

    answer = window.ask("#2")
    assert "Edited the newest picture, #2" in answer.inner_text()
    assert "#3" in answer.inner_text()
    (call,) = studio.sandbox.submitted("a numbered lighthouse in a storm")
    assert call["body"]["prompt"] == "a numbered lighthouse in a storm"

    session = studio.host.session(studio.person("anna"))
    (made,) = window.picture_ids()
    recipe = read(session.get(f"/api/v1/files/{made}/content").content)
    assert recipe is not None
    assert (recipe.model, recipe.prompt, recipe.typed) == (
        "flux-2-pro",
        call["body"]["prompt"],
        "#2: " + call["body"]["prompt"],
    )
    assert recipe.parents == (second,)
    assert recipe.seed is not None
