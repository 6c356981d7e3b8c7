"""Models made once for the folder, and short ways to run a job."""

from __future__ import annotations

import base64
import io
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from flux_engine.catalogue import Catalogue
from flux_engine.job import Made, Step, run_job
from flux_engine.loading import Loaded, load
from flux_engine.memory import Device, choose
from flux_engine.spec import parse

KINDS = ("flux-1", "flux-1-fill", "flux-1-kontext", "flux-2-klein")
CPU = Device(kind="cpu", name="cpu", free=16, host_free=16)


@dataclass(slots=True)
class Bench:
    """One loaded model and how to give it work."""

    loaded: Loaded
    catalogue: Catalogue
    steps: list[Step] = field(default_factory=list)

    def make(self, *, cancelled: Callable[[], bool] = lambda: False, **job: Any) -> Made:
        """Run one job; its steps are in `steps` afterwards."""
        self.steps.clear()
        spec = parse({"model": self.loaded.model.name, **job})
        return run_job(spec, self.loaded, self.catalogue, self.steps.append, cancelled)


@pytest.fixture(scope="session")
def models_folder(tmp_path_factory) -> Path:
    """A folder with one random model of each family and two LoRAs beside it."""
    from .small_models import make, make_lora

    folder = tmp_path_factory.mktemp("models")
    for kind in KINDS:
        make(kind, folder / f"small-{kind}")
    loras = folder.parent / "loras"
    make_lora(folder / "small-flux-1", loras, "bold")
    make_lora(folder / "small-flux-1", loras, "wild", rank=8, seed=2)
    (loras / "bold.json").write_text('{"trigger": "boldly", "description": "thick lines"}')
    return folder


@pytest.fixture(scope="session")
def bench(models_folder) -> Callable[[str], Bench]:
    """The bench of a model by name, loaded on the CPU."""
    import torch

    torch.set_num_threads(1)
    catalogue = Catalogue(models_folder=models_folder, loras_folder=models_folder.parent / "loras")
    made: dict[str, Bench] = {}

    def of(name: str) -> Bench:
        if name not in made:
            model = catalogue.model(name)
            made[name] = Bench(load(model, CPU, choose(model, CPU)), catalogue)
        return made[name]

    return of


@pytest.fixture(scope="session")
def tiny(bench) -> Bench:
    return bench("flux-tiny")


def as_text(picture: Image.Image) -> str:
    """A picture as the base64 of a job."""
    file = io.BytesIO()
    picture.save(file, "PNG")
    return base64.b64encode(file.getvalue()).decode("ascii")


def opened(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(data))
