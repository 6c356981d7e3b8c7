"""Finds models and LoRAs on this machine; nothing is downloaded and no path comes from a job."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from .errors import EngineFault
from .families import CLASSES, FAMILIES
from .models import MODELS, Model

log = logging.getLogger("flux_engine.catalogue")

INDEX = "model_index.json"
SAFE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Lora:
    """One safetensors file of the LoRA folder and what the note beside it says."""

    name: str
    file: Path
    trigger: str = ""
    description: str = ""
    base: str = ""
    """Name of the model it was trained for; empty: any of its family."""
    scale: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Catalogue:
    """What this engine can use: rows of MODELS that are here, other diffusers folders, LoRAs."""

    models_folder: Path | None = None
    loras_folder: Path | None = None
    hub_folder: Path | None = None
    """The Hugging Face cache ("hub" below HF_HOME)."""
    names: tuple[str, ...] = ()
    """Only these models are offered; empty = all that are here."""

    def models(self) -> dict[str, Model]:
        """All models whose weights are on this machine, by name, FLUX Tiny first."""
        found = {row.name: placed for row in MODELS.values() if (placed := self._placed(row))}
        found |= {model.name: model for model in self._folders() if model.name not in found}
        return {name: model for name, model in found.items() if not self.names or name in self.names}

    def model(self, name: str) -> Model:
        """Return one model. Raises EngineFault ("missing") with what is there."""
        models = self.models()
        if name in models:
            return models[name]
        there = ", ".join(models) or "none"
        known = " Its weights are not on this machine." if name in MODELS else ""
        raise EngineFault(
            "missing",
            f"The engine has no model “{name[:100]}”.{known} It has: {there}.",
            advice=_how_to_get(MODELS.get(name)),
        )

    def loras(self) -> dict[str, Lora]:
        """All LoRAs by name; a damaged note is skipped, its file is not."""
        if self.loras_folder is None or not self.loras_folder.is_dir():
            return {}
        files = sorted(self.loras_folder.glob("*.safetensors"))
        return {file.stem: _read_lora(file) for file in files if SAFE_NAME.fullmatch(file.stem)}

    def lora(self, name: str) -> Lora:
        """Return one LoRA. Raises EngineFault ("missing") with what is there."""
        loras = self.loras()
        plain = name.removesuffix(".safetensors")
        if plain in loras:
            return loras[plain]
        raise EngineFault(
            "missing",
            f"The engine has no LoRA “{name[:100]}”. It has: {', '.join(loras) or 'none'}.",
            advice="An admin puts the .safetensors file into the folder given with --loras.",
        )

    def _placed(self, row: Model) -> Model | None:
        if isinstance(row.source, Path):
            return row if (row.source / INDEX).is_file() else None
        for folder in self._candidates(row):
            if (folder / INDEX).is_file():
                return replace(row, source=folder)
        return None

    def _candidates(self, row: Model) -> Iterator[Path]:
        repository = str(row.source)
        if self.models_folder is not None:
            yield self.models_folder / row.name
            yield self.models_folder / repository.rpartition("/")[2]
        if self.hub_folder is not None:
            snapshots = self.hub_folder / f"models--{repository.replace('/', '--')}" / "snapshots"
            if snapshots.is_dir():
                yield from sorted(snapshots.iterdir(), key=lambda path: path.stat().st_mtime, reverse=True)

    def _folders(self) -> Iterator[Model]:
        """Diffusers folders that no row of MODELS names."""
        if self.models_folder is None or not self.models_folder.is_dir():
            return
        taken = {row.name for row in MODELS.values()} | {str(row.source).rpartition("/")[2] for row in MODELS.values()}
        named = [path for path in sorted(self.models_folder.iterdir()) if SAFE_NAME.fullmatch(path.name)]
        others = [path for path in named if path.name not in taken and (path / INDEX).is_file()]
        yield from filter(None, map(_from_folder, others))


def _from_folder(folder: Path) -> Model | None:
    index = _read_json(folder / INDEX)
    family = FAMILIES.get(CLASSES.get(str(index.get("_class_name")), ""))
    if family is None:
        log.warning("%s: a pipeline of class %s is not supported", folder, index.get("_class_name"))
        return None
    note = _read_json(folder / "flux_studio.json")
    return Model(
        name=folder.name,
        label=str(note.get("label") or folder.name),
        family=family,
        source=folder,
        steps=int(note.get("steps", 28)),
        guidance=float(note.get("guidance", 3.5)),
        size=int(note.get("size", 1024)),
        sequence=int(note.get("sequence", 512)),
        licence=str(note.get("licence", "")),
    )


def _read_lora(file: Path) -> Lora:
    note = _read_json(file.with_suffix(".json"))
    return Lora(
        name=file.stem,
        file=file,
        trigger=str(note.get("trigger", "")),
        description=str(note.get("description", "")),
        base=str(note.get("base", "")),
        scale=float(note["scale"]) if isinstance(note.get("scale"), (int, float)) else 1.0,
    )


def _read_json(path: Path) -> Mapping[str, Any]:
    if not path.is_file():
        return {}
    try:
        value = json.loads(path.read_text())
    except (OSError, ValueError) as error:
        log.warning("%s cannot be read: %s", path, error)
        return {}
    return value if isinstance(value, dict) else {}


def _how_to_get(row: Model | None) -> str:
    if row is None:
        return "An admin puts its diffusers folder into the folder given with --models."
    gate = f" Accept the licence at huggingface.co/{row.source} first and set HF_TOKEN." if row.gated else ""
    return f"An admin starts the engine once with --download {row.name}.{gate}"
