"""`engine --check`: what this machine can do with each model, before anybody waits for it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

from .catalogue import Catalogue
from .errors import EngineFault
from .memory import Device, Placement, Quantisation, choose
from .models import MODELS, Model

SPEED = {"cuda": "seconds", "mps": "a minute or so", "cpu": "many minutes"}
"""Per picture of 1024 x 1024, by kind of device; FLUX Tiny takes about a second anywhere."""


def report(
    devices: list[Device], catalogue: Catalogue, *, quantisation: Quantisation, placement: Placement | None
) -> Iterator[str]:
    """Lines for people: devices, disk, then each model with its place, memory, licence and time."""
    for device in devices:
        yield f"Device {device.name}: {device.free:.1f} GB free"
    folder = catalogue.hub_folder or Path.home()
    yield f"Disk: {shutil.disk_usage(_existing(folder)).free / 1e9:.0f} GB free at {folder}"
    here = catalogue.models()
    for name in dict.fromkeys((*here, *MODELS)):
        yield line(
            here.get(name) or MODELS[name],
            devices[0],
            here=name in here,
            quantisation=quantisation,
            placement=placement,
        )


def line(
    model: Model, device: Device, *, here: bool, quantisation: Quantisation = "none", placement: Placement | None = None
) -> str:
    """One model on one device, in one line."""
    try:
        plan = choose(model, device, quantisation=quantisation, placement=placement)
    except EngineFault as fault:
        return f"  ✗ {model.name}: {fault.sentence} {fault.advice}"
    weights = model.weights.total if model.weights else 0.0
    time = "about a second" if model.vocabulary else SPEED[device.kind]
    where = (
        "ready" if here else f"not here, {weights:.0f} GB to download{', gated: needs HF_TOKEN' if model.gated else ''}"
    )
    sale = (
        ""
        if model.commercial is None
        else " (commercial use allowed)"
        if model.commercial
        else " (not for commercial use)"
    )
    mark = "✓" if here else "–"
    return f"  {mark} {model.name}: {where}; {plan}; {time} a picture; licence {model.licence or 'unknown'}{sale}"


def _existing(folder: Path) -> Path:
    return folder if folder.exists() else _existing(folder.parent)
