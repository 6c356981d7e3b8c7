"""The right to a model: the server's own list first, then the host's grants; never the word of a request."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from flux_studio.commands import parse
from flux_studio.errors import NotPermitted
from flux_studio.settings import Secret, Settings
from flux_studio.webui.caller import Caller
from flux_studio.webui.model_choice import choose_model
from flux_studio.webui.rights import may_use_model
from tests.webui.host_doubles import put

LISTED, HIDDEN = "flux-2-pro", "flux-2-max"


@pytest.fixture
def host(monkeypatch):
    """A host with one listed model; `granted` names the entries everybody may read."""
    state = SimpleNamespace(granted={f"flux_studio.{LISTED}", f"flux_studio.{HIDDEN}"}, owner="admin", bypass=False)

    class Models:
        @staticmethod
        async def get_model_by_id(identifier):
            return SimpleNamespace(id=identifier, user_id=state.owner, is_active=True)

    class AccessGrants:
        @staticmethod
        async def has_access(*, user_id, resource_type, resource_id, permission, user_group_ids):
            return resource_id in state.granted

    class Groups:
        @staticmethod
        async def get_groups_by_member_id(user, include_inherited):
            return []

    put(monkeypatch, "open_webui.config", BYPASS_ADMIN_ACCESS_CONTROL=True)
    put(monkeypatch, "open_webui.env", BYPASS_MODEL_ACCESS_CONTROL=False)
    put(monkeypatch, "open_webui.models.access_grants", AccessGrants=AccessGrants)
    put(monkeypatch, "open_webui.models.groups", Groups=Groups)
    put(monkeypatch, "open_webui.models.models", Models=Models)
    state.app = SimpleNamespace(state=SimpleNamespace(MODELS={f"flux_studio.{LISTED}": {}}))
    return state


def person(role="user", name="ann"):
    return SimpleNamespace(id=name, role=role)


async def test_a_model_the_admin_took_off_the_list_is_out_of_reach(host):
    """Its entry and grants are still there, but the valve MODELS does not name it any more."""
    assert await may_use_model(person(), LISTED, host.app)
    assert not await may_use_model(person(), HIDDEN, host.app)
    assert not await may_use_model(person("admin"), HIDDEN, host.app)


async def test_grants_owner_and_admin_as_in_the_host(host, monkeypatch):
    host.granted = set()
    assert not await may_use_model(person(), LISTED, host.app)
    assert await may_use_model(person("admin"), LISTED, host.app)
    put(monkeypatch, "open_webui.config", BYPASS_ADMIN_ACCESS_CONTROL=False)
    assert not await may_use_model(person("admin"), LISTED, host.app)
    host.owner = "ann"
    assert await may_use_model(person(), LISTED, host.app)


@pytest.mark.parametrize(("model", "text"), [(LISTED, "a fox"), ("commands", f"a fox --model {LISTED}")])
async def test_every_way_to_a_model_is_checked(host, model, text):
    asked = Caller(user=person(), app=host.app)
    settings = Settings(flux_key=Secret("sandbox-key"))
    choice = await choose_model(asked, f"flux_studio.{model}", parse(text), settings)
    assert choice.card.name == LISTED
    host.granted = set()
    with pytest.raises(NotPermitted):
        await choose_model(asked, f"flux_studio.{model}", parse(text), settings)
