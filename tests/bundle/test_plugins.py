"""The bundle as it is committed: every plugin of manifest.json, built and in dist/."""

from __future__ import annotations

import hashlib
import json
import tomllib

import jsonschema
import pytest

from tests.bundle.small_host import load as load_in_host
from tools.build import build
from tools.build.command import ROOT
from tools.build.manifest import CLASS_OF_KIND, Plugin, load

BUNDLE = load(ROOT)


@pytest.fixture(scope="module")
def built() -> dict[str, str]:
    return {path.name: text for path, text in build(ROOT, ROOT / "dist").items()}


def same(committed: bytes, text: str) -> bool:
    """Compared outside the assertion: pytest takes minutes to explain where two such texts differ."""
    return committed == text.encode()


@pytest.mark.parametrize("plugin", BUNDLE.plugins, ids=lambda plugin: plugin.id)
def test_dist_is_what_the_sources_build(plugin: Plugin, built: dict[str, str]) -> None:
    committed = (ROOT / "dist" / f"{plugin.id}.py").read_bytes()
    assert same(committed, built[f"{plugin.id}.py"]), "run `python studio.py build`"
    row = next(row for row in BUNDLE.document["plugins"] if row["id"] == plugin.id)
    assert row["sha256"] == hashlib.sha256(committed).hexdigest()


@pytest.mark.parametrize("name", ["flux_studio_bundle.json", "manifest.json"])
def test_lists_are_what_the_sources_build(name: str, built: dict[str, str]) -> None:
    folder = ROOT if name == "manifest.json" else ROOT / "dist"
    assert same((folder / name).read_bytes(), built[name]), "run `python studio.py build`"


@pytest.mark.usefixtures("clean_interpreter")
@pytest.mark.parametrize("plugin", BUNDLE.plugins, ids=lambda plugin: plugin.id)
def test_loads_and_has_its_class(plugin: Plugin, built: dict[str, str]) -> None:
    module = load_in_host(plugin.id, built[f"{plugin.id}.py"])
    assert module.__package__.startswith("flux_studio_")
    assert isinstance(getattr(module, CLASS_OF_KIND[plugin.kind]), type)


def test_the_manifest_is_as_its_schema_says() -> None:
    schema = json.loads((ROOT / "manifest.schema.json").read_text("utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(BUNDLE.document, schema, cls=jsonschema.Draft202012Validator)


def test_the_project_has_one_version() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert project["version"] == BUNDLE.document["version"]
