"""The installer against a real Open WebUI."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from flux_studio.catalog import CARDS
from tools.host import Account, Host
from tools.install import bundle
from tools.install.client import OpenWebUI
from tools.install.command import install as install_with
from tools.install.command import main, uninstall_main
from tools.install.config import main as config_main
from tools.install.valves import parse

from .conftest import PASSWORD, PIPE, write_bundle

pytestmark = pytest.mark.host
Command = Callable[..., int]


def function(client: OpenWebUI, name: str) -> dict[str, Any]:
    return client.get(f"/api/v1/functions/id/{name}", name)


def entry(client: OpenWebUI, name: str) -> dict[str, Any]:
    return client.get("/api/v1/models/model", name, id=name)


def visible(host: Host, account: Account) -> set[str]:
    rows = host.session(account).get("/api/models?refresh=true").json()["data"]
    return {row["id"] for row in rows}


def test_a_first_installation_switches_everything_on(install: Command, client: OpenWebUI) -> None:
    assert install() == 0
    pipe, action = function(client, "flux_studio"), function(client, "flux_studio_edit")
    assert (pipe["is_active"], pipe["is_global"], pipe["name"]) == (True, False, "Plugin flux_studio")
    assert (action["is_active"], action["is_global"]) == (True, True)
    meta = entry(client, "flux_studio.flux-2-pro")["meta"]
    assert meta["capabilities"]["vision"] is True
    assert meta["capabilities"]["builtin_tools"] is False
    assert meta["description"] == CARDS["flux-2-pro"].summary


def test_models_are_private_until_opened(
    install: Command, host: Host, person: Account, capsys: pytest.CaptureFixture[str]
) -> None:
    install()
    assert visible(host, person) == {"flux_studio.commands"}
    assert "--access public" in capsys.readouterr().out
    assert install("--access", "public") == 0
    assert visible(host, person) == {"flux_studio.commands", "flux_studio.flux-2-pro", "flux_studio.flux-2-max"}
    assert install("--access", "private") == 0
    assert visible(host, person) == {"flux_studio.commands"}


def test_the_model_for_commands_is_hidden_from_the_selector(install: Command, client: OpenWebUI) -> None:
    install()
    assert entry(client, "flux_studio.commands")["meta"]["hidden"] is True


def test_a_group_gets_access_and_nobody_else(
    install: Command, host: Host, client: OpenWebUI, admin: Account, person: Account
) -> None:
    other = host.add_user(admin, "Other", "other@example.com", PASSWORD)
    group = client.post("/api/v1/groups/create", {"name": "Painters", "description": ""}, "a group")
    client.post(f"/api/v1/groups/id/{group['id']}/users/add", {"user_ids": [person.id]}, "a member")
    assert install("--access", "group:Painters") == 0
    assert "flux_studio.flux-2-pro" in visible(host, person)
    assert "flux_studio.flux-2-pro" not in visible(host, other)


def test_an_unknown_group_is_named_with_the_known_ones(
    install: Command, client: OpenWebUI, capsys: pytest.CaptureFixture[str]
) -> None:
    client.post("/api/v1/groups/create", {"name": "Sculptors", "description": ""}, "a group")
    assert install("--access", "group:Nobody") == 1
    error = capsys.readouterr().err
    assert "There is no group Nobody" in error
    assert "Sculptors" in error


@pytest.mark.parametrize("access", [None, ["public"]])
def test_a_second_installation_only_reads(
    install: Command, client: OpenWebUI, tmp_path: Path, access: list[str] | None
) -> None:
    release = bundle.load(write_bundle(tmp_path / "same"))
    valves = [parse("RATE_LIMIT=30"), parse("FLUX_API_KEY=secret")]
    assert all(change.done for change in install_with(client, release, access=access, valves=valves))
    sent: list[tuple[str, str]] = []
    client.session.hooks["response"].append(
        lambda answer, **_: sent.append((answer.request.method, answer.request.url))
    )
    changes = list(install_with(client, release, access=access, valves=valves))
    assert len(changes) >= 6
    assert not any(change.done for change in changes)
    assert {method for method, _ in sent} == {"GET"}


def test_an_upgrade_keeps_what_the_admin_set(install: Command, client: OpenWebUI, tmp_path: Path) -> None:
    install("--valve", "RATE_LIMIT=7", "--valve", "FLUX_API_KEY=secret")
    newer = write_bundle(tmp_path / "release-2", release=2, valve="DRAFT_DAYS: int = 7")
    assert install("--valve", "DRAFT_DAYS=3", "--valve", "USE_PROXY=on", root=newer) == 0
    assert client.get("/api/v1/functions/id/flux_studio/valves", "valves") == {
        "FLUX_API_KEY": "secret",
        "RATE_LIMIT": 7,
        "DRAFT_DAYS": 3,
        "USE_PROXY": True,
    }
    assert "release 2" in function(client, "flux_studio")["content"]
    assert function(client, "flux_studio")["is_active"] is True


def test_an_empty_value_goes_back_to_the_default(install: Command, client: OpenWebUI) -> None:
    install("--valve", "RATE_LIMIT=7", "--valve", "USE_PROXY=on")
    assert install("--valve", "RATE_LIMIT=") == 0
    assert client.get("/api/v1/functions/id/flux_studio/valves", "valves") == {"USE_PROXY": True}


def test_an_upgrade_keeps_a_models_own_name_and_access(
    install: Command, client: OpenWebUI, host: Host, person: Account, tmp_path: Path
) -> None:
    install("--access", "public")
    mine = entry(client, "flux_studio.flux-2-pro")
    changed = {**mine, "name": "House painter", "meta": {**mine["meta"], "description": "Ours"}}
    client.post("/api/v1/models/model/update", changed, "a model")
    newer = write_bundle(tmp_path / "release-2", release=2, models=("flux-2-pro", "flux-2-flex", "commands"))
    assert install(root=newer) == 0
    kept = entry(client, "flux_studio.flux-2-pro")
    assert (kept["name"], kept["meta"]["description"]) == ("House painter", "Ours")
    assert "flux_studio.flux-2-pro" in visible(host, person)
    assert "flux_studio.flux-2-flex" not in visible(host, person)


def test_uninstall_leaves_pictures_alone(
    install: Command, host: Host, client: OpenWebUI, admin: Account, person: Account, tmp_path: Path
) -> None:
    install("--access", "public")
    picture = host.session(person).post(
        "/api/v1/files/?process=false", files={"file": ("a.png", b"\x89PNG", "image/png")}
    )
    arguments = ["--url", host.url, "--api-key", admin.token]
    assert uninstall_main(arguments, write_bundle(tmp_path / "release-1")) == 0
    assert client.find("/api/v1/functions/id/flux_studio", "the pipe") is None
    assert client.find("/api/v1/functions/id/flux_studio_edit", "the action") is None
    assert client.get("/api/v1/models/all", "entries") == []
    assert visible(host, person) == set()
    content = host.session(person).get(f"/api/v1/files/{picture.json()['id']}/content")
    assert content.content == b"\x89PNG"


def test_a_refused_function_says_why_and_the_old_one_stays(
    install: Command, client: OpenWebUI, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    install()
    broken = write_bundle(tmp_path / "broken", pipe='"""\ntitle: x\n"""\nraise ValueError("no such thing")\n')
    assert install(root=broken) == 1
    error = capsys.readouterr().err
    assert error.startswith("Open WebUI refused the function flux_studio (400): ")
    assert "no such thing" in error
    assert "release 1" in function(client, "flux_studio")["content"]


@pytest.mark.parametrize(
    ("valve", "sentence"),
    [
        ("RATE=3", "flux_studio has no valve RATE; it has FLUX_API_KEY, RATE_LIMIT, USE_PROXY."),
        ("RATE_LIMIT=many", "The valve RATE_LIMIT must be a whole number."),
        ("USE_PROXY=maybe", "The valve USE_PROXY must be on or off."),
        ("nothing.RATE_LIMIT=3", "There is no function nothing; there are flux_studio, flux_studio_edit."),
        ("flux_studio_edit.STEPS=3", "flux_studio_edit has no valve STEPS; it has none."),
    ],
)
def test_a_valve_that_cannot_be_set_is_named(
    install: Command, capsys: pytest.CaptureFixture[str], valve: str, sentence: str
) -> None:
    assert install("--valve", valve) == 1
    assert capsys.readouterr().err.strip() == sentence


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (
            ["--email", "admin@example.com", "--password", "wrong"],
            "The e-mail admin@example.com or its password is wrong.",
        ),
        (["--email", "person@example.com", "--password", PASSWORD], "This account is not an admin; "),
        (["--api-key", "sk-nonsense"], "The key is not valid here"),
    ],
)
def test_who_cannot_install_is_told_why(
    host: Host,
    person: Account,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    sentence: str,
) -> None:
    assert main(["--url", host.url, *arguments], write_bundle(tmp_path)) == 1
    assert capsys.readouterr().err.startswith(sentence)


def test_an_admins_api_key_or_password_is_enough(host: Host, client: OpenWebUI, tmp_path: Path) -> None:
    config = client.get("/api/v1/auths/admin/config", "the settings")
    client.post("/api/v1/auths/admin/config", {**config, "ENABLE_API_KEYS": True}, "the settings")
    key = client.post("/api/v1/auths/api_key", {}, "a key")["api_key"]
    assert main(["--url", host.url, "--api-key", key], write_bundle(tmp_path)) == 0
    by_password = ["--url", host.url, "--email", "admin@example.com", "--password", PASSWORD]
    assert uninstall_main(by_password, write_bundle(tmp_path)) == 0
    assert client.find("/api/v1/functions/id/flux_studio", "the pipe") is None


def test_an_older_host_is_refused(install: Command, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert install(root=write_bundle(tmp_path / "future", minimum="99.0.0")) == 1
    assert capsys.readouterr().err.startswith("This is Open WebUI 0.12.4; FLUX Studio needs 99.0.0 or newer.")


def test_no_secret_is_printed(install: Command, capfd: pytest.CaptureFixture[str]) -> None:
    install("--valve", "FLUX_API_KEY=very-secret")
    printed = "".join(capfd.readouterr())
    assert "set FLUX_API_KEY" in printed
    assert "very-secret" not in printed
    assert PASSWORD not in printed


def test_without_any_model_the_next_step_is_named(
    install: Command, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    silent = PIPE.format(valve="", models=("setup",), release=1)
    assert install(root=write_bundle(tmp_path / "silent", pipe=silent)) == 0
    assert "set a key, --valve FLUX_API_KEY=" in capsys.readouterr().out


def test_the_settings_are_saved_without_secrets_and_come_back(
    install: Command, host: Host, admin: Account, client: OpenWebUI, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    root, file = write_bundle(tmp_path / "release-1"), tmp_path / "settings.json"
    sign_in = ["--url", host.url, "--api-key", admin.token]
    valves = "/api/v1/functions/id/flux_studio/valves"
    install("--valve", "FLUX_API_KEY=sk-of-the-admin", "--valve", "RATE_LIMIT=7")
    assert config_main(["export", str(file), *sign_in], root) == 0
    assert "sk-of-the-admin" not in file.read_text()
    install("--valve", "RATE_LIMIT=9", "--valve", "USE_PROXY=on", "--valve", "FLUX_API_KEY=sk-of-later")
    assert config_main(["import", str(file), *sign_in], root) == 0
    assert client.get(valves, "valves") == {"FLUX_API_KEY": "sk-of-later", "RATE_LIMIT": 7}
    assert config_main(["import", str(tmp_path / "none.json"), *sign_in], root) == 1
    assert "none.json cannot be read" in capsys.readouterr().err
