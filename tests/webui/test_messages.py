"""Which picture of a branch is the newest, from the host's own message records."""

from flux_studio.webui.messages import branch, newest_picture, picture_ids

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


def test_the_newest_picture_is_that_of_this_branch():
    messages = {
        "1": {"role": "user", "parentId": None, "files": []},
        "2": answer("1", A),
        "3": {"role": "user", "parentId": "2"},
        "other": answer("1", D),
        "4": answer("3", B, C, timestamp=5),
        "5": {"role": "user", "parentId": "4", "content": "text only"},
    }
    found = newest_picture(messages, "5")
    assert (found.file, found.number, found.total, found.role, found.timestamp) == (B, 1, 2, "assistant", 5)
    assert newest_picture(messages, "3").file == A
    assert newest_picture(messages, "1") is None
    assert newest_picture(messages, None) is None


def test_a_circle_in_damaged_data_ends():
    assert len(list(branch({"1": {"parentId": "2"}, "2": {"parentId": "1"}}, "1"))) == 2
