"""How the pictures of a branch are counted, from the host's own message records."""

from flux_studio.webui.messages import branch, number_of_message, numbered, picture_ids, shown_ids

A, B, C, D = (f"{letter * 8}-0000-4000-8000-000000000000" for letter in "abcd")


def answer(parent, *files, **more):
    shown = [{"type": "image", "id": each, "url": f"/api/v1/files/{each}/content"} for each in files]
    return {"role": "assistant", "parentId": parent, "files": shown, **more}


def test_pictures_of_a_message_in_all_shapes_the_host_writes():
    message = {
        "files": [
            {"type": "image", "id": A, "url": f"/api/v1/files/{A}/content"},
            {"type": "image", "url": f"/api/v1/files/{B}/content"},
            {"type": "file", "url": C, "content_type": "image/png"},
            {"type": "file", "id": D, "content_type": "application/pdf"},
            {"type": "image", "url": "https://elsewhere.example/picture.png"},
        ],
        "content": f"![again](/api/v1/files/{A}/content) ![more](/api/v1/files/{D}/content)",
    }
    assert picture_ids(message) == [A, B, C, D]


def test_pictures_are_counted_through_their_branch():
    messages = {
        "1": {"role": "user", "parentId": None, "files": []},
        "2": answer("1", A),
        "3": {"role": "user", "parentId": "2"},
        "other": answer("1", D),
        "4": answer("3", B, C, timestamp=5),
        "5": {"role": "user", "parentId": "4", "content": "text only"},
    }
    found = [(each.number, each.file, each.message, each.role, each.timestamp) for each in numbered(messages, "5")]
    assert found == [(1, A, "2", "assistant", 0), (2, B, "4", "assistant", 5), (3, C, "4", "assistant", 5)]
    assert [each.file for each in numbered(messages, "other")] == [D]
    assert numbered(messages, "1") == []
    assert numbered(messages, None) == []
    assert number_of_message(messages, "4") == 2
    assert number_of_message(messages, "gone") == 1


def test_a_picture_that_is_shown_again_keeps_its_number():
    messages = {
        "1": {"role": "user", "parentId": None, "files": [{"type": "image", "id": A}]},
        "2": answer("1", B, A),
        "3": answer("2", C),
    }
    assert [(each.number, each.file) for each in numbered(messages, "3")] == [(1, A), (2, B), (3, C)]


def test_a_link_in_the_text_shows_no_picture_and_a_picture_in_it_does():
    linked = f"Edited [#1](/api/v1/files/{A}/content)"
    assert shown_ids(answer(None, B, content=linked)) == [B]
    assert shown_ids(answer(None, content=linked)) == []
    assert shown_ids(answer(None, content=f"![a](/api/v1/files/{A}/content)")) == [A]


def test_a_circle_in_damaged_data_ends():
    assert len(list(branch({"1": {"parentId": "2"}, "2": {"parentId": "1"}}, "1"))) == 2
