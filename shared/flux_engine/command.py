"""`studio.py engine`: options, the check, the download, the server."""

from __future__ import annotations

import argparse
import asyncio
import ipaddress
import json
import logging
import os
import secrets
import signal
import sys
from pathlib import Path

from aiohttp import web

from .check import report
from .errors import EngineFault, translate
from .memory import Placement
from .models import MODELS
from .pool import Pool
from .server import application
from .worker import Options

PORT = 8190
PLACEMENTS: dict[str, Placement | None] = {
    "auto": None,
    "resident": "resident",
    "offload": "model_offload",
    "blocks": "group_offload",
}


def main(arguments: list[str]) -> int:
    """Run the command; 0 after Ctrl-C, 1 with a sentence when something is wrong."""
    given = parser().parse_args(arguments)
    try:
        options = options_of(given)
        if given.check:
            return check(options)
        if given.download:
            return download(given.download, options)
        return asyncio.run(serve(given, options))
    except EngineFault as fault:
        print(" ".join(filter(None, (fault.sentence, fault.advice))), file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 0


def parser() -> argparse.ArgumentParser:
    options = argparse.ArgumentParser(
        prog="studio.py engine",
        description="Make pictures on this machine with diffusers, for Open WebUI. Prints one JSON line with the "
        "address and the token that belong into the valves ENGINE_URL and ENGINE_API_KEY.",
    )
    add = options.add_argument
    add("--host", default="127.0.0.1", help="address to listen at (127.0.0.1: this machine only)")
    add("--port", type=int, default=PORT, help=f"port ({PORT}; 0 = any free one)")
    add(
        "--token",
        default=os.environ.get("ENGINE_API_KEY", ""),
        help="what clients have to show (ENGINE_API_KEY; default: a new one)",
    )
    add("--models", default="", help="folder with diffusers folders, each a model")
    add(
        "--loras", default="", help="folder with LoRAs (.safetensors, beside each a .json with trigger and description)"
    )
    add(
        "--only",
        default=os.environ.get("MODEL_NAME", ""),
        help="comma-separated names: offer only these models (MODEL_NAME)",
    )
    add("--device", default="", help="cuda, cuda:1, mps or cpu (default: the best there is, all cards)")
    add("--quantize", choices=("none", "8", "4"), default="none", help="smaller weights; pictures differ slightly")
    add(
        "--memory",
        choices=tuple(PLACEMENTS),
        default="auto",
        help="where weights wait: on the device or in main memory",
    )
    add("--idle", type=float, default=600, help="seconds without a job until the memory is given back (600; 0 = never)")
    add("--check", action="store_true", help="say what this machine can do, and end")
    add("--download", default="", metavar="NAME", help="fetch a model's weights from the Hugging Face hub, and end")
    return options


def options_of(given: argparse.Namespace) -> Options:
    """Raises EngineFault for a folder that is not there."""
    for name in ("models", "loras"):
        folder = getattr(given, name)
        if folder and not Path(folder).is_dir():
            raise EngineFault("invalid", f"--{name}: there is no folder {folder}.")
    home = Path(os.environ.get("HF_HOME") or Path.home() / ".cache" / "huggingface")
    return Options(
        models=given.models,
        loras=given.loras,
        hub=str(home / "hub"),
        device=given.device,
        quantisation=given.quantize,
        placement=PLACEMENTS[given.memory],
        names=tuple(name for name in (part.strip() for part in given.only.split(",")) if name),
    )


def check(options: Options) -> int:
    from .devices import find

    lines = report(
        find(options.device), options.catalogue(), quantisation=options.quantisation, placement=options.placement
    )
    print("\n".join(lines))
    return 0


def download(name: str, options: Options) -> int:
    """Fetch the safetensors of a known model; other repositories are not trusted. Raises EngineFault."""
    row = MODELS.get(name)
    if row is None or row.local:
        known = ", ".join(row.name for row in MODELS.values() if not row.local)
        raise EngineFault("invalid", f"--download: there is no model {name!r}; there are {known}.")
    from huggingface_hub import snapshot_download

    try:
        snapshot_download(
            str(row.source),
            allow_patterns=["*.json", "*.safetensors", "*.txt", "*.model"],
            token=os.environ.get("HF_TOKEN") or None,
            cache_dir=options.hub,
        )
    except Exception as error:  # the outer guard of the command: any library's error becomes a sentence
        raise translate(error) from error
    print(f"{row.label} is here. Licence: {row.licence}.")
    return 0


async def serve(given: argparse.Namespace, options: Options) -> int:
    """Serve until SIGTERM or Ctrl-C. Raises EngineFault when the address cannot be used."""
    _check_address(given.host, bool(given.token))
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    token = given.token or secrets.token_urlsafe(24)
    catalogue = options.catalogue()
    pool = Pool(options, await asyncio.to_thread(device_names, options), idle=given.idle)
    # a closed connection ends its handler, and with it the job
    runner = web.AppRunner(application(pool, catalogue, token), handler_cancellation=True, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, given.host, given.port)
    try:
        await site.start()
    except OSError as error:
        raise EngineFault("invalid", f"{given.host}:{given.port} cannot be used: {error.strerror}.") from error
    port = runner.addresses[0][1]
    host = f"[{given.host}]" if ":" in given.host else given.host
    facts = {"endpoint": f"http://{host}:{port}", "token": token, "devices": [seat.device for seat in pool.devices]}
    print(json.dumps({**facts, "models": list(catalogue.models())}), flush=True)
    await _until_stopped()
    await runner.cleanup()
    return 0


def device_names(options: Options) -> list[str]:
    """The devices of this machine, asked in a process of its own: torch stays out of the server."""
    import subprocess

    code = (
        "import sys, json; from flux_engine.devices import find; from flux_engine.errors import EngineFault\n"
        "try: print(json.dumps([device.name for device in find(sys.argv[1])]))\n"
        "except EngineFault as fault: print(json.dumps({'fault': fault.sentence}))"
    )
    asked = subprocess.run(
        [sys.executable, "-c", code, options.device],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])},
        check=False,
    )
    lines = asked.stdout.strip().splitlines()
    answer = json.loads(lines[-1]) if lines else {"fault": f"torch does not start here: {asked.stderr[-300:]}"}
    if isinstance(answer, dict):
        raise EngineFault("unsupported", answer["fault"])
    return [str(name) for name in answer]


def _check_address(host: str, has_token: bool) -> None:
    try:
        loopback = host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        loopback = False
    if not loopback and not has_token:
        raise EngineFault(
            "invalid", f"--host {host} can be reached from other machines: choose a --token of your own for that."
        )


async def _until_stopped() -> None:
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stopped.set)
    await stopped.wait()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
