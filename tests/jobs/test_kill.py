"""kill -9 in every phase: real processes on one database, a paid service on a real socket."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from flux_studio.jobs import recovery
from flux_studio.settings import Settings
from tests.jobs import over_sockets
from tests.jobs.over_sockets import Service, make_engine, make_runner

PICTURE = "picture of task-1"
LAPSE = "UPDATE flux_studio_job SET lease_until = lease_until - 31 WHERE lease_until IS NOT NULL"
NO_LIMIT = {"rate_limit": 0}


@pytest.fixture
async def service() -> AsyncIterator[Service]:
    async with Service().serving() as serving:
        yield serving


class Machine:
    """Starts worker processes and, after their death, sweeps as the next start of the server does."""

    def __init__(self, database: Any, service: Service, folder: Path, settings: dict[str, Any]) -> None:
        self.database, self.service, self.folder, self.settings = database, service, folder, settings

    async def start(self, *jobs: str) -> asyncio.subprocess.Process:
        described = [{"user": "ann", "request_id": job, "chat": "chat", "message": job} for job in jobs]
        arguments = {
            "database": self.database.address,
            "service": self.service.address,
            "folder": str(self.folder),
            "jobs": described,
            "settings": self.settings,
        }
        return await asyncio.create_subprocess_exec(sys.executable, over_sockets.__file__, json.dumps(arguments))

    async def kill(self, process: asyncio.subprocess.Process) -> None:
        process.kill()
        await process.wait()
        await self.database.execute(LAPSE)

    async def sweep(self) -> int:
        engine = make_engine(self.database.address)
        runner = make_runner(engine, self.service.address, self.folder, Settings(**self.settings))
        taken = await runner.sweep()
        await asyncio.wait_for(runner.settled(), 30)
        await runner.close()
        await engine.dispose()
        return taken

    async def phase(self, job: str) -> str:
        return (await self.database.execute("SELECT phase FROM flux_studio_job WHERE request_id = :job", job=job))[0][
            "phase"
        ]

    async def count(self, phase: str) -> int:
        rows = await self.database.execute("SELECT id FROM flux_studio_job WHERE phase = :phase", phase=phase)
        return len(rows)

    def message(self, job: str) -> str:
        return (self.folder / f"{job}.txt").read_text()


@pytest.fixture
def machine(database: Any, service: Service, tmp_path: Path) -> Machine:
    return Machine(database, service, tmp_path, NO_LIMIT)


@pytest.mark.parametrize("phase", ["submitted", "downloading", "stored"])
async def test_a_paid_job_is_delivered_once_and_ordered_once(machine: Machine, phase: str) -> None:
    machine.service.hold(phase)
    process = await machine.start("fox")
    await machine.service.reached(phase)
    assert await machine.phase("fox") == phase
    assert await machine.sweep() == 0, "its worker lives"
    await machine.kill(process)
    machine.service.let_go()
    assert sorted(await asyncio.gather(machine.sweep(), machine.sweep(), machine.sweep())) == [0, 0, 1]
    assert machine.message("fox") == f"{PICTURE}\n"
    assert machine.service.orders == ["fox"]
    assert await machine.phase("fox") == "delivered"
    await machine.database.execute(LAPSE)
    assert await machine.sweep() == 0


async def test_a_job_killed_while_it_is_ordered_says_so_and_is_not_repeated(machine: Machine) -> None:
    machine.service.hold("submitting")
    process = await machine.start("fox")
    await machine.service.reached("submitting")
    await machine.kill(process)
    machine.service.let_go()
    assert await machine.sweep() == 1
    assert machine.message("fox") == f"{recovery.MAYBE_BILLED}\n"
    assert (machine.service.orders, await machine.phase("fox")) == (["fox"], "failed")
    assert await machine.sweep() == 0


async def test_a_waiting_job_is_ordered_after_the_restart(machine: Machine) -> None:
    machine.settings = {"rate_limit": 0, "max_parallel_jobs": 1}
    machine.service.hold("submitted")
    process = await machine.start("fox", "bear")
    await machine.service.reached("submitted")
    await machine.service.reached("queued")
    await machine.kill(process)
    machine.service.let_go()
    assert await machine.sweep() == 2
    first, second = machine.service.orders
    assert {first, second} == {"fox", "bear"}
    assert (machine.message(first), machine.message(second)) == ("picture of task-1\n", "picture of task-2\n")


async def test_a_delivered_job_is_left_alone(machine: Machine) -> None:
    process = await machine.start("fox")
    await machine.service.reached("delivered")
    assert await process.wait() == 0
    await machine.database.execute(LAPSE)
    assert await machine.sweep() == 0
    assert not (machine.folder / "fox.txt").exists()
    row = (await machine.database.execute("SELECT request, outcome FROM flux_studio_job"))[0]
    assert row["request"] is None
    assert json.loads(row["outcome"])["cost"] == 3.0


async def test_three_processes_share_one_limit(machine: Machine) -> None:
    machine.settings = {"rate_limit": 0, "max_parallel_jobs": 4}
    machine.service.hold("submitting")
    processes = [await machine.start(*(f"{place}-{number}" for number in range(5))) for place in range(3)]
    await asyncio.gather(machine.service.reached("submitting", 4), machine.service.reached("queued", 11))
    assert await machine.count("submitting") == len(machine.service.orders) == 4
    for process in processes:
        await machine.kill(process)
    machine.service.let_go()
    assert await machine.sweep() == 15
    assert len(set(machine.service.orders)) == len(machine.service.orders) == 15
    assert (await machine.count("failed"), await machine.count("delivered")) == (4, 11)
