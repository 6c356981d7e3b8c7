"""A small paid service on a real socket, its provider, and a worker process that a test can kill.

As a program: python over_sockets.py '{"database": …, "service": …, "folder": …, "job": {…}, "settings": {…}}'
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

if __name__ == "__main__":
    root = Path(__file__).resolve().parents[2]
    sys.path[:0] = [str(root), str(root / "shared")]

from aiohttp import ClientSession, web
from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine

from flux_studio.catalog.card import ModelCard, SizeRule
from flux_studio.errors import JobLost
from flux_studio.jobs import JobRecord, JobRunner, Outcome, outcome_of, request_from_json
from flux_studio.settings import Settings
from flux_studio.types import Cost, JobHandle, JobState, Picture, Queued, Request, Result, Running, Succeeded
from flux_studio.webui.job_store import HostJobStore

CARD = ModelCard(
    name="socket-1",
    provider="socket",
    endpoint="/order",
    label="Socket",
    summary="",
    tasks=frozenset({"generate"}),
    size=SizeRule(kind="free"),
)


class Service:
    """Counts orders; a request to a held point stays unanswered, as long as the test likes."""

    def __init__(self) -> None:
        self.orders: list[str] = []
        self.address = ""
        self._held: set[str] = set()
        self._passed: dict[str, set[str]] = {}
        self._passing = asyncio.Condition()
        self._open: list[asyncio.Event] = []

    def hold(self, point: str) -> None:
        self._held.add(point)

    def let_go(self) -> None:
        """Answer whoever asks from now on; requests already held belong to dead processes."""
        self._held.clear()

    async def reached(self, point: str, times: int = 1) -> None:
        """Wait until so many different jobs have come to the point."""
        async with asyncio.timeout(60), self._passing:
            await self._passing.wait_for(lambda: len(self._passed.get(point, ())) >= times)

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[Service]:
        application = web.Application()
        application.add_routes(
            [
                web.post("/order", self._order),
                web.get("/poll/{task}", self._poll),
                web.get("/picture/{task}", self._picture),
                web.post("/here/{point}/{job}", self._here),
            ]
        )
        runner = web.AppRunner(application, shutdown_timeout=0.1)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        self.address = f"http://127.0.0.1:{runner.addresses[0][1]}"
        try:
            yield self
        finally:
            for waiting in self._open:
                waiting.set()
            await runner.cleanup()

    async def _pass(self, point: str, who: str) -> None:
        async with self._passing:
            self._passed.setdefault(point, set()).add(who)
            self._passing.notify_all()
        if point in self._held:
            self._open.append(asyncio.Event())
            await self._open[-1].wait()

    async def _order(self, request: web.Request) -> web.Response:
        self.orders.append((await request.json())["prompt"])
        task = f"task-{len(self.orders)}"
        await self._pass("submitting", task)
        return web.json_response({"id": task})

    async def _poll(self, request: web.Request) -> web.Response:
        await self._pass("submitted", request.match_info["task"])
        return web.json_response({"ready": True})

    async def _picture(self, request: web.Request) -> web.Response:
        await self._pass("downloading", request.match_info["task"])
        return web.Response(body=f"picture of {request.match_info['task']}".encode())

    async def _here(self, request: web.Request) -> web.Response:
        await self._pass(request.match_info["point"], request.match_info["job"])
        return web.Response()


class SocketProvider:
    """Speaks to the service; every step is one HTTP call."""

    name = "socket"
    resume_by: Any = "handle"

    def __init__(self, address: str) -> None:
        self._address = address

    def configured(self, settings: Settings) -> bool:
        return True

    def account(self, settings: Settings) -> str:
        return "socket:key"

    async def run(self, request: Request, card: ModelCard, context: Any) -> AsyncIterator[JobState]:
        await context.submitting()
        async with (
            ClientSession() as session,
            session.post(f"{self._address}/order", json={"prompt": request.prompt}) as answer,
        ):
            task = (await answer.json())["id"]
        await context.submitted(JobHandle(provider=self.name, remote_id=task, deadline=context.deadline))
        async for state in self.resume(JobHandle(provider=self.name, remote_id=task), card, context):
            yield state

    async def resume(self, handle: JobHandle, card: ModelCard, context: Any) -> AsyncIterator[JobState]:
        yield Running()
        async with ClientSession() as session:
            async with session.get(f"{self._address}/poll/{handle.remote_id}") as answer:
                if answer.status != 200:
                    raise JobLost("gone", provider=self.name)
            await context.downloading()
            async with session.get(f"{self._address}/picture/{handle.remote_id}") as answer:
                data = await answer.read()
        picture = Picture(data=data, mime="image/png", width=1, height=1)
        yield Succeeded(
            result=Result(pictures=(picture,), model=card.name, request_id=handle.remote_id, cost=Cost(amount=3.0))
        )

    async def cancel(self, handle: JobHandle, context: Any) -> bool:
        return False


class FolderKeeper:
    """Pictures and messages as files of one folder that all processes share."""

    def __init__(self, folder: Path, settings: Settings) -> None:
        self.folder = folder
        self.settings = settings

    async def keep(self, record: JobRecord, result: Result, settings: Settings) -> Outcome:
        (self.folder / f"{record.id}.png").write_bytes(result.pictures[0].data)
        return outcome_of(result, [f"{record.id}.png"])

    async def deliver(self, record: JobRecord) -> bool:
        files = record.outcome.files if record.outcome else ()
        shown = [(self.folder / name).read_text() for name in files] if record.phase == "stored" else [record.error]
        with (self.folder / f"{record.message}.txt").open("a") as message:
            message.writelines(f"{line}\n" for line in shown)
        return True

    async def settings_for(self, record: JobRecord | None) -> Settings:
        return self.settings

    async def rebuild(self, record: JobRecord) -> Request:
        return request_from_json(record.request or {})

    async def discard(self, record: JobRecord) -> None:
        raise AssertionError("nothing here is old")


def make_engine(address: str, busy_timeout: int = 5000) -> AsyncEngine:
    """An engine with the pragmas Open WebUI sets."""
    engine = create_async_engine(address)
    if address.startswith("sqlite"):

        @event.listens_for(engine.sync_engine, "connect")
        def pragmas(connection: Any, _: Any) -> None:
            cursor = connection.cursor()
            cursor.execute("PRAGMA journal_mode=WAL")
            cursor.execute(f"PRAGMA busy_timeout={busy_timeout}")
            cursor.close()

    return engine


def make_runner(database: AsyncEngine, service: str, folder: Path, settings: Settings) -> JobRunner:
    sessions = async_sessionmaker(bind=database, class_=AsyncSession, expire_on_commit=False)
    return JobRunner(
        HostJobStore(sessions),
        FolderKeeper(folder, settings),
        http=lambda settings: None,  # type: ignore[arg-type,return-value]
        provider=lambda name: SocketProvider(service),
        card=lambda name: CARD,
    )


async def work(database: str, service: str, folder: str, jobs: list[dict[str, Any]], settings: dict[str, Any]) -> None:
    """Run jobs as a plugin does, telling the service of the states only this process can see."""
    given, engine = Settings(**settings), make_engine(database)
    runner = make_runner(engine, service, Path(folder), given)

    async def here(point: str, job: str) -> None:
        async with ClientSession() as session, session.post(f"{service}/here/{point}/{job}"):
            pass

    async def one(job: dict[str, Any]) -> None:
        record = JobRecord(**job, account="socket:key", provider="socket", model=CARD.name)
        request = Request(task="generate", model=CARD.name, prompt=record.request_id)
        async for state in runner.run(record, request, CARD, given):
            if isinstance(state, Queued):
                await here("queued", record.request_id)
            elif isinstance(state, Succeeded):
                await here("stored", record.request_id)
                await runner.mark_delivered([record.id])
                await here("delivered", record.request_id)

    await asyncio.gather(*(one(job) for job in jobs))
    await engine.dispose()


if __name__ == "__main__":
    asyncio.run(work(**json.loads(sys.argv[1])))
