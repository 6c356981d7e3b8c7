"""The Compose file: read by a strict parser of the specification, and true to what the project says elsewhere."""

from __future__ import annotations

import re
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest
import yaml
from compose_spec import PyCompose

from tools.dotenv import parse
from tools.stage import ROOT

DEPLOY = ROOT / "deploy"
TEXT = (DEPLOY / "compose.yaml").read_text("utf-8")
VARIABLE = re.compile(r"\$\{(?P<name>\w+)(?::(?P<kind>[-?])(?P<rest>[^}]*))?\}")
FILLED = dict.fromkeys(("WEBUI_SECRET_KEY", "POSTGRES_PASSWORD", "ADMIN_PASSWORD"), "x1")


def example() -> dict[str, str]:
    return parse((DEPLOY / ".env.example").read_text("utf-8"))


def interpolated(node: Any, values: dict[str, str]) -> Any:
    """What Compose makes of `${NAME:-default}` and `${NAME:?message}`; raises ValueError for a required one."""

    def value(found: re.Match[str]) -> str:
        given = values.get(found["name"], "")
        if not given and found["kind"] == "?":
            raise ValueError(f"{found['name']}: {found['rest']}")
        return given or (found["rest"] if found["kind"] == "-" else "")

    if isinstance(node, dict):
        return {name: interpolated(inner, values) for name, inner in node.items()}
    if isinstance(node, list):
        return [interpolated(inner, values) for inner in node]
    return VARIABLE.sub(value, node) if isinstance(node, str) else node


def document(text: str = TEXT, **values: str) -> Any:
    return interpolated(yaml.safe_load(text), example() | FILLED | values)


def services() -> dict[str, Any]:
    return document()["services"]


def check(text: str) -> None:
    """Raises ValueError for what the specification does not know; anchors and merges are resolved first."""
    PyCompose.from_yaml(yaml.safe_dump(document(text))).validate()


def test_the_specification_knows_everything_in_it():
    check(TEXT)


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("healthcheck:", "healthchek:"),
        ("condition: service_healthy", "condition: healthy"),
        ('restart: "no"', 'restart: "sometimes"'),
        ("- ${PORT:-3000}:8080", "- ${PORT:-x}${HOST:-:y}"),
        ("volumes:\n  data:", "volumes:\n  other:"),
    ],
)
def test_the_check_finds_a_mistake(right, wrong):
    assert right in TEXT
    with pytest.raises(ValueError):  # noqa: PT011 - each has words of its own
        check(TEXT.replace(right, wrong))


def test_the_image_is_the_version_that_is_tested():
    image = f"ghcr.io/open-webui/open-webui:v{version('open-webui')}"
    assert {service["image"] for name, service in services().items() if name.startswith("open-webui")} == {image}


def test_the_example_names_exactly_the_variables_that_are_used():
    assert {found["name"] for found in VARIABLE.finditer(TEXT)} == set(example())


def test_nobody_starts_with_a_secret_out_of_the_example():
    assert [name for name in FILLED if example()[name]] == []
    for name in FILLED:
        with pytest.raises(ValueError, match=f"{name}: set it in .env"):
            document(**{name: ""})


def test_both_replicas_share_database_pictures_sockets_and_secret():
    first, second = services()["open-webui"], services()["open-webui-2"]
    assert first["environment"] == second["environment"]
    assert first["volumes"] == second["volumes"]
    assert second["profiles"] == ["replicas"]
    assert first["environment"]["WEBSOCKET_MANAGER"] == "redis"


def test_the_installer_gets_the_repository_read_only_and_starts_when_the_host_answers():
    service = services()["install"]
    assert service["volumes"][0] == "..:/flux-studio:ro"
    assert (DEPLOY / "..").resolve() == ROOT.resolve()
    assert Path(ROOT, service["command"][1]).is_file()
    assert service["depends_on"] == {"open-webui": {"condition": "service_healthy"}}
