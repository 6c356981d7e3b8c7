"""Finding models and LoRAs: only what lies in the admin's folders, complete, under safe names."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from flux_engine.catalogue import Catalogue
from flux_engine.errors import EngineFault


def put_model(folder: Path, pipeline: str = "FluxPipeline", **note: object) -> None:
    folder.mkdir(parents=True)
    (folder / "model_index.json").write_text(json.dumps({"_class_name": pipeline}))
    if note:
        (folder / "flux_studio.json").write_text(json.dumps(note))


def test_flux_tiny_is_always_there():
    assert list(Catalogue().models()) == ["flux-tiny"]


def test_a_known_model_is_found_in_the_folder_and_in_the_hub_cache(tmp_path):
    put_model(tmp_path / "models" / "FLUX.1-schnell")
    put_model(tmp_path / "hub" / "models--black-forest-labs--FLUX.1-dev" / "snapshots" / "abc")
    found = Catalogue(models_folder=tmp_path / "models", hub_folder=tmp_path / "hub").models()
    assert list(found) == ["flux-tiny", "local-flux-1-schnell", "local-flux-1-dev"]
    assert found["local-flux-1-dev"].source == tmp_path / "hub/models--black-forest-labs--FLUX.1-dev/snapshots/abc"


def test_any_diffusers_folder_joins_with_its_note(tmp_path):
    put_model(tmp_path / "house-style", "FluxKontextPipeline", label="House style", steps=12)
    model = Catalogue(models_folder=tmp_path).model("house-style")
    assert (model.label, model.steps, model.family.name) == ("House style", 12, "flux-1-kontext")


def test_folders_of_other_kinds_are_passed_over(tmp_path):
    put_model(tmp_path / "other", "StableDiffusionPipeline")
    put_model(tmp_path / "bad name")
    (tmp_path / "empty").mkdir()
    (tmp_path / "damaged").mkdir()
    (tmp_path / "damaged" / "model_index.json").write_text("{")
    assert list(Catalogue(models_folder=tmp_path).models()) == ["flux-tiny"]


def test_a_missing_model_says_how_to_get_it():
    with pytest.raises(EngineFault, match="not on this machine") as refused:
        Catalogue().model("local-flux-1-dev")
    assert "--download local-flux-1-dev" in refused.value.advice
    assert "HF_TOKEN" in refused.value.advice


def test_only_the_named_models_are_offered(tmp_path):
    put_model(tmp_path / "mine")
    assert list(Catalogue(models_folder=tmp_path, names=("mine",)).models()) == ["mine"]


@pytest.mark.parametrize("name", ["../secret", "/etc/passwd", "sub/lora", "nothing", ""])
def test_a_lora_is_a_name_never_a_path(tmp_path, name):
    (tmp_path / "loras").mkdir()
    (tmp_path / "secret.safetensors").write_bytes(b"")
    with pytest.raises(EngineFault, match="has no LoRA"):
        Catalogue(loras_folder=tmp_path / "loras").lora(name)


def test_a_lora_with_its_note(tmp_path):
    (tmp_path / "sketch.safetensors").write_bytes(b"")
    (tmp_path / "sketch.json").write_text('{"trigger": "sketchy", "description": "Pencil", "scale": 0.8}')
    (tmp_path / "damaged.safetensors").write_bytes(b"")
    (tmp_path / "damaged.json").write_text("[")
    found = Catalogue(loras_folder=tmp_path).loras()
    assert (found["sketch"].trigger, found["sketch"].description, found["sketch"].scale) == ("sketchy", "Pencil", 0.8)
    assert found["damaged"].trigger == ""
