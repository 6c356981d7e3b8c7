"""Which devices this machine has and how much memory is free on them; asked in the worker, where torch lives."""

from __future__ import annotations

import os
from typing import Any

from .errors import EngineFault
from .memory import Device

GIGA = 1e9


def find(wanted: str = "") -> list[Device]:
    """All devices, the best kind only: CUDA cards, else Apple's GPU, else the processor.

    `wanted` is "cuda", "cuda:1", "mps" or "cpu". Raises EngineFault when it is not there.
    """
    import torch

    host_free = free_host_memory()
    cuda = [_cuda(torch, number, host_free) for number in range(torch.cuda.device_count())]
    mps = torch.backends.mps.is_available()
    apple = [Device(kind="mps", name="mps", free=host_free, host_free=host_free)] if mps else []
    processor = [Device(kind="cpu", name="cpu", free=host_free, host_free=host_free)]
    if not wanted:
        return cuda or apple or processor
    found = [device for device in (*cuda, *apple, *processor) if wanted in (device.kind, device.name)]
    if not found:
        there = ", ".join(device.name for device in (*cuda, *apple, *processor))
        raise EngineFault("unsupported", f"There is no device “{wanted[:40]}” here; there are: {there}.")
    return found


def free_host_memory() -> float:
    """GB of main memory that can be had without swapping."""
    try:
        with open("/proc/meminfo") as file:
            rows = dict(line.split(":", 1) for line in file)
        return int(rows["MemAvailable"].split()[0]) * 1024 / GIGA
    except (OSError, KeyError, ValueError):
        pages = os.sysconf("SC_PHYS_PAGES") if hasattr(os, "sysconf") else 0
        return pages * os.sysconf("SC_PAGE_SIZE") / GIGA / 2 if pages else 0.0


def peak_memory(device: str) -> float:
    """GB at the highest since the last call: of the card, or of the process."""
    import torch

    if device.startswith("cuda"):
        peak = torch.cuda.max_memory_allocated(device) / GIGA
        torch.cuda.reset_peak_memory_stats(device)
        return float(peak)
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / GIGA


def release(device: str) -> None:
    """Give cached memory of the card back."""
    import gc

    import torch

    gc.collect()
    if device.startswith("cuda"):
        torch.cuda.empty_cache()


def _cuda(torch: Any, number: int, host_free: float) -> Device:
    free, _ = torch.cuda.mem_get_info(number)
    return Device(kind="cuda", name=f"cuda:{number}", free=free / GIGA, host_free=host_free)
