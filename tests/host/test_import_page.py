"""The way without a command line: import the bundle in the admin's pages and switch it on as README says."""

from __future__ import annotations

import contextlib
import json

import pytest
from playwright.sync_api import expect

from tools.host import Host
from tools.stage import PASSWORD, ROOT, Studio, sandbox_process, until

pytestmark = pytest.mark.host

BUNDLE = ROOT / "dist" / "flux_studio_bundle.json"
PLUGINS = json.loads((BUNDLE.parents[1] / "manifest.json").read_text("utf-8"))["plugins"]
NAMES = [plugin["name"] for plugin in PLUGINS]
BUTTONS = [(plugin["name"], plugin["id"]) for plugin in PLUGINS if plugin["global"]]
"""What README tells people to switch on for all models."""


@pytest.fixture(scope="module")
def bare(tmp_path_factory):
    """A fresh host where nothing is installed."""
    with sandbox_process(1.5) as sandbox, Host(tmp_path_factory.mktemp("bare")) as host:
        admin = host.sign_up("Admin", "admin@example.com", PASSWORD)
        yield Studio(host=host, sandbox=sandbox, admin=admin)


@pytest.fixture(scope="module")
def page(bare, chromium):
    """The admin's page of functions."""
    person = chromium.person(bare.host.url, bare.admin.token)
    person.open().page.goto(f"{bare.host.url}/admin/functions")
    person.page.get_by_label("Open create menu").wait_for()
    yield person.page
    person.close()


def row(page, name):
    """The line of one function."""
    title = page.get_by_text(name, exact=True)
    return page.locator("div").filter(has=title).filter(has=page.get_by_label("Valves")).last


def switch_on(page, name):
    row(page, name).get_by_role("switch").click()


def set_valve(page, title, value):
    """Switch one valve from Default to Custom in the open dialog and type its value."""
    field = page.locator("form div.py-0\\.5").filter(has=page.get_by_text(title, exact=True)).first
    field.get_by_role("button", name="Default").click()
    field.locator("input, textarea").first.fill(value)


def entries(bare):
    """The model entries of the host by name, without our prefix."""
    rows = bare.rows("select id, meta from model where id like 'flux_studio.%'")
    return {each["id"].partition(".")[2]: each for each in rows}


def visible(bare, account):
    models = bare.host.session(account).get("/api/models?refresh=true").json()["data"]
    return {model["id"] for model in models}


def test_the_bundle_is_imported_and_nothing_runs_yet(bare, page):
    page.locator("input[type=file]").first.set_input_files(str(BUNDLE))
    page.get_by_role("button", name="Confirm").click()
    for name in NAMES:
        expect(page.get_by_text(name, exact=True).first).to_be_visible()
    stored = bare.host.session(bare.admin).get("/api/v1/functions/").json()
    assert sorted(each["name"] for each in stored) == sorted(NAMES)
    assert not any(each["is_active"] for each in stored)
    assert entries(bare) == {}


def test_the_key_is_a_hidden_field(bare, page):
    switch_on(page, "FLUX Studio")
    row(page, "FLUX Studio").get_by_label("Valves").click()
    set_valve(page, "BFL API key", bare.sandbox.key)
    key = page.locator("#valve-FLUX_API_KEY")
    assert key.evaluate("each => getComputedStyle(each).webkitTextSecurity || each.type") in ("disc", "password")
    set_valve(page, "BFL address", bare.sandbox.endpoint)
    set_valve(page, "Trusted hosts", bare.sandbox.trusted_hosts)
    page.get_by_role("button", name="Save").click()
    path = "/api/v1/functions/id/flux_studio/valves"
    stored = until(lambda: bare.host.session(bare.admin).get(path).json())
    assert stored["FLUX_API_KEY"] == bare.sandbox.key
    assert bare.host.session(bare.person("bob")).get(path).status_code in (401, 403)


def test_the_lifecycle_makes_private_entries(bare, page):
    page.reload()
    switch_on(page, "FLUX Studio lifecycle")
    made = until(lambda: "commands" in entries(bare) and entries(bare))
    assert "flux-2-pro" in made
    assert json.loads(made["commands"]["meta"])["hidden"] is True
    assert "flux_studio.flux-2-pro" in visible(bare, bare.admin)
    assert visible(bare, bare.person("bob")) == {"flux_studio.commands"}


@pytest.mark.parametrize(("name", "identifier"), BUTTONS)
def test_the_buttons_are_switched_on_for_all_models(bare, page, name, identifier):
    page.reload()
    switch_on(page, name)
    row(page, name).get_by_label("Function Menu").click()
    page.get_by_role("menu").get_by_role("switch").click()
    path = f"/api/v1/functions/id/{identifier}"
    until(lambda: bare.host.session(bare.admin).get(path).json()["is_global"])


def test_an_opened_model_paints_and_tells_how(bare, chromium):
    everyone = {"principal_type": "user", "principal_id": "*", "permission": "read"}
    entry = {"id": "flux_studio.flux-2-pro", "name": "FLUX.2 [pro]", "access_grants": [everyone]}
    bare.host.session(bare.admin).post("/api/v1/models/model/access/update", json=entry).raise_for_status()
    window = chromium.person(bare.host.url, bare.person("bob").token)
    with contextlib.closing(window):
        window.new_chat("flux_studio.flux-2-pro")
        window.ask("an imported lamp --seed 5")
        assert window.pictures(count=1) == [(1024, 1024)]
        assert window.message.get_by_label("Edit area").count() == 1
        window.message.get_by_label("How this picture was made").click()
        window.page.get_by_text("How this was made").wait_for()
        dialog = window.page.get_by_text("Task id:").locator("..").inner_text()
        for part in ("Model: FLUX.2 [pro]", "Prompt: an imported lamp", "Seed: 5", "Size: 1024 × 1024", "3 credits"):
            assert part in dialog
