"""Installs the naive plugin beside the bundle, so that both are measured in the same host."""

from __future__ import annotations

from pathlib import Path

from tools.stage import Studio

IDENTIFIER = "naive_flux"
"""Id of the function and of its one model."""
SOURCE = Path(__file__).with_name("naive_pipe.py")


def install(studio: Studio) -> None:
    """Create and activate the function and give it the sandbox's address and key."""
    session = studio.host.session(studio.admin)
    form = {
        "id": IDENTIFIER,
        "name": "Naive FLUX",
        "content": SOURCE.read_text("utf-8"),
        "meta": {"description": "The baseline of the benchmarks"},
    }
    session.post("/api/v1/functions/create", json=form).raise_for_status()
    session.post(f"/api/v1/functions/id/{IDENTIFIER}/toggle").raise_for_status()
    set_valves(studio, API_KEY=studio.sandbox.key, ENDPOINT=studio.sandbox.endpoint)
    session.get("/api/models?refresh=true").raise_for_status()


def set_valves(studio: Studio, **valves: object) -> None:
    """Change single valves of the naive plugin."""
    session = studio.host.session(studio.admin)
    path = f"/api/v1/functions/id/{IDENTIFIER}/valves"
    stored = session.get(path).json() or {}
    session.post(f"{path}/update", json={**stored, **valves}).raise_for_status()
