"""docs/adding.md works as written: its model is found, checked, listed and drawn, its provider makes a picture."""

from __future__ import annotations

import json
import re
from types import MappingProxyType

import pytest

from flux_studio import catalog
from flux_studio.catalog.check import check
from flux_studio.catalog.price import price
from flux_studio.catalog.table import table_rows
from flux_studio.errors import InvalidRequest
from flux_studio.http import HttpClient
from flux_studio.http.sessions import close_sessions
from flux_studio.providers import PROVIDERS, provider
from flux_studio.settings import Secret, Settings
from flux_studio.types import Request, Size, Succeeded
from tools.docs.command import ROOT
from tools.sandbox import Sandbox, endpoints

TEXT = (ROOT / "docs" / "adding.md").read_text("utf-8")
MODEL, PROVIDER = re.findall(r"^```python\n(.*?)^```", TEXT, re.DOTALL | re.MULTILINE)
(ENDPOINT,) = re.findall(r"^```json\n(.*?)^```", TEXT, re.DOTALL | re.MULTILINE)


def run(source, name):
    """Execute a block and return what it defines under a name."""
    space: dict[str, object] = {"__name__": "adding"}
    exec(compile(source, "docs/adding.md", "exec"), space)
    return space[name]


class Context:
    """What the job runner gives a provider."""

    def __init__(self, settings):
        self.settings, self.http = settings, HttpClient(settings)
        self.deadline, self.typical_seconds = float("inf"), 0.1
        self.marks = []

    async def submitting(self):
        self.marks.append("submitting")

    async def submitted(self, handle):
        self.marks.append("submitted")

    async def downloading(self):
        self.marks.append("downloading")


@pytest.fixture
def added(monkeypatch, tmp_path):
    """The page's model as one more row of the catalog and of the sandbox's table."""
    card = run(MODEL, "CARD")
    monkeypatch.setattr(catalog, "CARDS", MappingProxyType({**catalog.CARDS, card.name: card}))
    rows = json.loads(endpoints.SOURCE.read_text("utf-8"))
    source = tmp_path / "bfl_endpoints.json"
    source.write_text(json.dumps([*rows, json.loads(ENDPOINT)]))
    monkeypatch.setattr(endpoints, "SOURCE", source)
    endpoints.load_endpoints.cache_clear()
    yield card
    endpoints.load_endpoints.cache_clear()


def a_request(**changes):
    return Request(**{"task": "generate", "model": "flux-9-fox", "prompt": "a fox", **changes})


def test_a_row_is_enough_to_be_found_listed_and_priced(added):
    assert catalog.card("flux_studio.FLUX-9-fox") == added
    assert added in catalog.select((), lambda name: True).cards
    ((label, does, *_),) = table_rows([added])
    assert (label, does) == ("FLUX.9 [fox] (`flux-9-fox`)", "edit, generate")
    assert price(added, a_request(size=Size(width=64, height=64))).amount == 2


def test_a_row_is_enough_to_be_checked(added):
    with pytest.raises(InvalidRequest, match="red, arctic"):
        check(added, a_request(options={"fur": "blue"}), safety_cap=2)


async def test_a_row_is_enough_to_be_drawn(added):
    request = check(added, a_request(size=Size(width=320, height=256), options={"fur": "arctic"}), safety_cap=2).request
    async with Sandbox() as sandbox:
        settings = Settings(
            flux_key=Secret(sandbox.key),
            flux_endpoint=sandbox.endpoint,
            trusted_hosts=frozenset(sandbox.trusted_hosts),
            environment="test",
        )
        states = [state async for state in provider(added.provider).run(request, added, Context(settings))]
        (call,) = sandbox.calls
        await close_sessions()
    assert (call.endpoint, call.body["fur_kind"]) == ("/v1/flux-9-fox", "arctic")
    assert states[-1].result.pictures[0].size == Size(width=320, height=256)
    assert states[-1].result.cost.amount == 2


async def test_a_file_and_a_row_are_a_provider(monkeypatch):
    monkeypatch.setitem(PROVIDERS, "colour", run(PROVIDER, "PROVIDER"))
    context = Context(Settings())
    request = a_request(size=Size(width=64, height=32), seed=3)
    states = [state async for state in provider("colour").run(request, catalog.card("flux-2-pro"), context)]
    assert isinstance(states[-1], Succeeded)
    assert states[-1].result.pictures[0].size == Size(width=64, height=32)
    assert context.marks == ["submitting"]
