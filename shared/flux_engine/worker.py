"""The worker process: the only place where torch lives; one job at a time on one device."""

from __future__ import annotations

import json
import logging
import os
import queue
import sys
import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

from . import devices, frames
from .catalogue import Catalogue
from .errors import Cancelled, EngineFault, translate
from .job import Made, Step, run_job
from .loading import Loaded, load
from .memory import Device, Placement, Plan, Quantisation, choose
from .models import Model
from .spec import JobSpec, parse

log = logging.getLogger("flux_engine.worker")

LITTLE = 0.5
"""GB of weights below which one thread is faster than several: their hand-over costs more than the work."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """How the admin started the engine; travels to the worker as JSON."""

    models: str = ""
    loras: str = ""
    hub: str = ""
    device: str = ""
    quantisation: Quantisation = "none"
    placement: Placement | None = None
    names: tuple[str, ...] = ()

    def catalogue(self) -> Catalogue:
        folders = {
            "models_folder": Path(self.models) if self.models else None,
            "loras_folder": Path(self.loras) if self.loras else None,
            "hub_folder": Path(self.hub) if self.hub else None,
        }
        return Catalogue(names=tuple(self.names), **folders)

    def to_json(self) -> str:
        return json.dumps({name: getattr(self, name) for name in self.__slots__})

    @classmethod
    def from_json(cls, text: str) -> Options:
        values = json.loads(text)
        return cls(**{**values, "names": tuple(values["names"])})


@dataclass(slots=True, kw_only=True)
class Shelf:
    """The loaded models of one device: read again when model, weights or placing change, never for LoRAs."""

    options: Options
    device: Device
    loaded: dict[str, Loaded] = field(default_factory=dict)

    def get(self, model: Model) -> Loaded:
        """The model, loaded; others make room when it would not fit beside them. Raises EngineFault."""
        key = f"{model.name} {model.source}"
        if key in self.loaded:
            self.loaded[key] = self.loaded.pop(key)
            return self.loaded[key]
        plan = self._plan(model)
        self.loaded[key] = load(model, self.device, plan)
        return self.loaded[key]

    def _plan(self, model: Model) -> Plan:
        while True:
            device = next(iter(devices.find(self.device.name)))
            try:
                return choose(model, device, quantisation=self.options.quantisation, placement=self.options.placement)
            except EngineFault:
                if not self.loaded:
                    raise
                self.unload(next(iter(self.loaded)))

    def unload(self, key: str = "") -> None:
        """Forget one model, or all."""
        for name in [key] if key else list(self.loaded):
            del self.loaded[name]
        devices.release(self.device.name)


class Worker:
    """Takes frames from the engine and answers with events."""

    def __init__(self, options: Options, device: Device, source: BinaryIO, target: BinaryIO) -> None:
        self._shelf = Shelf(options=options, device=device)
        self._catalogue = options.catalogue()
        self._source, self._target = source, target
        self._writing = threading.Lock()
        self._work: queue.Queue[tuple[dict[str, Any], list[bytes]] | None] = queue.Queue()
        self._stopped: set[str] = set()

    def serve(self) -> None:
        """Work until the engine closes the pipe."""
        threading.Thread(target=self._listen, daemon=True).start()
        self._tell({"event": "ready", "device": self._shelf.device.name})
        while (order := self._work.get()) is not None:
            header, _ = order
            if header["op"] == "unload":
                self._shelf.unload()
            else:
                self._job(str(header["id"]), header["spec"])

    def _listen(self) -> None:
        """Orders are queued, cancellations act at once."""
        try:
            while frame := frames.read(self._source):
                if frame[0]["op"] == "cancel":
                    self._stopped.add(str(frame[0]["id"]))
                else:
                    self._work.put(frame)
        except frames.Broken as error:
            log.warning("the engine is gone: %s", error)
        os._exit(0)  # nobody waits for a running step any more

    def _job(self, job: str, document: Any) -> None:
        try:
            self._tell({"event": "result", "id": job}, self._made(job, parse(document)))
        except Cancelled:
            self._tell({"event": "cancelled", "id": job})
        except Exception as error:  # the outer guard of the worker: one broken job ends no process
            fault = translate(error)
            log.warning("job %s: %s", job, fault.detail, exc_info=fault.code == "failed")
            if fault.code == "memory":
                self._shelf.unload()
            self._tell({"event": "error", "id": job, "error": fault.to_json()})
        finally:
            self._stopped.discard(job)

    def _made(self, job: str, spec: JobSpec) -> Made:
        if job in self._stopped:
            raise Cancelled
        model = self._catalogue.model(spec.model)
        loaded = self._shelf.get(model)
        _set_threads(model, loaded.device)
        self._tell({"event": "started", "id": job, "device": loaded.device.name, "plan": str(loaded.plan)})
        return run_job(spec, loaded, self._catalogue, lambda step: self._step(job, step), lambda: job in self._stopped)

    def _step(self, job: str, step: Step) -> None:
        header = {"event": "step", "id": job, "step": step.number, "steps": step.of}
        self._tell(header, [step.preview] if step.preview else [])

    def _tell(self, header: dict[str, Any], body: Made | list[bytes] | None = None) -> None:
        blobs = body or []
        if isinstance(body, Made):
            blobs = list(body.files)
            header = {**header, **facts(body)}
        with self._writing:
            self._target.write(frames.pack(header, blobs if isinstance(blobs, list) else []))
            self._target.flush()


def facts(made: Made) -> dict[str, Any]:
    """Everything about a result but its files."""
    named = ("mime", "width", "height", "steps", "guidance", "device", "exact")
    return {
        **{name: getattr(made, name) for name in named},
        "seeds": list(made.seeds),
        "seconds": round(made.seconds, 3),
        "peak_memory": round(made.peak_memory, 2),
        "notes": list(made.notes),
    }


def _set_threads(model: Model, device: Device) -> None:
    import torch

    if device.kind == "cpu":
        little = model.weights is not None and model.weights.total < LITTLE
        torch.set_num_threads(1 if little else max(1, (os.cpu_count() or 2) // 2))


def main() -> None:
    """Entry of the process: options as JSON in the first argument, frames over standard input and output."""
    options = Options.from_json(sys.argv[1])
    source = os.fdopen(os.dup(0), "rb")
    target = os.fdopen(os.dup(1), "wb")
    # libraries print where they like; what they print must not reach the frames
    os.dup2(2, 1)
    logging.basicConfig(stream=sys.stderr, level=logging.INFO, format="%(levelname)s %(name)s: %(message)s")
    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    os.environ.setdefault("TRANSFORMERS_VERBOSITY", "error")
    os.environ.setdefault("DIFFUSERS_VERBOSITY", "error")
    device = devices.find(options.device)[0]
    Worker(options, device, source, target).serve()


if __name__ == "__main__":
    main()
