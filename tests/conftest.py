"""What all tests share: nothing leaves this machine, flags for costly cases, and services that start on demand."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

SECRET_PREFIXES = ("FLUX_", "BFL_", "OPENAI_", "RUNPOD_", "HF_TOKEN", "STUDIO_")
"""Environment variables a developer may have set and no test may see."""
COSTLY = {"gpu": "--gpu", "live": "--live"}
"""Marker -> the flag without which such tests are not even collected."""
LIVE_KEYS = pytest.StashKey[dict[str, str]]()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--gpu", action="store_true", help="also collect tests that need an accelerator")
    parser.addoption("--live", action="store_true", help="also collect tests that spend credits with a real key")


def pytest_configure(config: pytest.Config) -> None:
    """Clear the environment before any fixture or process can read it."""
    found = {name: value for name, value in os.environ.items() if name.startswith(SECRET_PREFIXES)}
    for name in found:
        del os.environ[name]
    os.environ["FLUX_ENV"] = "test"
    config.stash[LIVE_KEYS] = found if config.getoption("--live") else {}


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    left_out = [marker for marker, flag in COSTLY.items() if not config.getoption(flag)]
    kept = [item for item in items if not any(item.get_closest_marker(marker) for marker in left_out)]
    config.hook.pytest_deselected(items=[item for item in items if item not in kept])
    items[:] = kept


def pytest_sessionfinish(session: pytest.Session) -> None:
    """With CI=true a skipped test fails the run: there, everything a test needs must be there."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if os.environ.get("CI") == "true" and reporter and reporter.stats.get("skipped") and session.exitstatus == 0:
        reporter.write_line("CI=true forbids skipped tests.", red=True)
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


@pytest.fixture(autouse=True)
def _only_loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever a test before did, this one starts without keys and with every host but loopback refused."""
    for name in [name for name in os.environ if name.startswith(SECRET_PREFIXES)]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("FLUX_ENV", "test")


@pytest.fixture(scope="session")
def live_keys(pytestconfig: pytest.Config) -> dict[str, str]:
    """The developer's own keys, by name; empty without --live."""
    return pytestconfig.stash[LIVE_KEYS]


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """Address of a throw-away PostgreSQL: `postgresql://…`."""
    from tools.postgres import cluster

    with cluster() as url:
        yield url


@pytest.fixture(scope="session")
def chromium() -> Path:
    """Path of the browser to drive."""
    from tools.browser import chromium

    return chromium()
