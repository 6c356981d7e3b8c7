"""Open WebUI before 0.12 has no groups in groups: its groups are asked in the way it understands."""

from __future__ import annotations

import pytest

from flux_studio.webui.rights import may_use_model
from tests.webui.host_doubles import put
from tests.webui.test_rights import LISTED, host, person  # noqa: F401 - a fixture


class Flat:
    @staticmethod
    async def get_groups_by_member_id(user):
        return [type("Group", (), {"id": f"group-of-{user}"})]


class Nested:
    @staticmethod
    async def get_groups_by_member_id(user, include_inherited=False):
        groups = [f"group-of-{user}", "above"] if include_inherited else [f"group-of-{user}"]
        return [type("Group", (), {"id": name}) for name in groups]


@pytest.mark.parametrize(("groups", "expected"), [(Flat, {"group-of-ann"}), (Nested, {"group-of-ann", "above"})])
async def test_the_groups_of_a_person_in_both_hosts(host, monkeypatch, groups, expected):  # noqa: F811
    asked = []

    class AccessGrants:
        @staticmethod
        async def has_access(*, user_group_ids, **_):
            asked.append(user_group_ids)
            return True

    put(monkeypatch, "open_webui.models.groups", Groups=groups)
    put(monkeypatch, "open_webui.models.access_grants", AccessGrants=AccessGrants)
    assert await may_use_model(person(), LISTED, host.app)
    assert asked == [expected]
