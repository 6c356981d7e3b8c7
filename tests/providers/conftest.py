"""A sandbox, a context that records what the provider marks, and a clock whose waits take no time."""

import asyncio
import io
import time

import pytest
from PIL import Image

from flux_studio.catalog import card
from flux_studio.http import HttpClient
from flux_studio.http.sessions import close_sessions
from flux_studio.providers.bfl import BlackForestLabs, Clock
from flux_studio.settings import Secret, Settings
from flux_studio.types import Picture, Request
from tools.sandbox import Sandbox

from .openai_desk import OpenAIDesk


class SkippingClock:
    """Real time plus all the seconds that were asked to be slept; a real moment passes for the other side."""

    def __init__(self):
        self.skipped = 0.0
        self.waits = []

    def now(self):
        return time.time() + self.skipped

    async def sleep(self, seconds):
        self.waits.append(seconds)
        self.skipped += seconds
        await asyncio.sleep(0.01)


class RecordingContext:
    """What the job runner would give, with the order of the marks."""

    def __init__(self, settings, clock, *, typical_seconds=0.2, seconds=600.0):
        self.settings = settings
        self.http = HttpClient(settings, sleep=clock.sleep, clock=clock.now, jitter=lambda: 0.5)
        self.deadline = clock.now() + seconds
        self.typical_seconds = typical_seconds
        self.marks = []
        self.handle = None

    async def submitting(self):
        self.marks.append("submitting")

    async def submitted(self, handle):
        self.marks.append("submitted")
        self.handle = handle

    async def downloading(self):
        self.marks.append("downloading")


class Desk:
    """Everything a test of the provider needs, around one sandbox."""

    def __init__(self, sandbox, clock):
        self.sandbox = sandbox
        self.clock = clock
        self.provider = BlackForestLabs(Clock(now=self.clock.now, sleep=self.clock.sleep, jitter=lambda: 0.5))

    def settings(self, **changes):
        standard = {
            "flux_key": Secret(self.sandbox.key),
            "flux_endpoint": self.sandbox.endpoint,
            "flux_finetune_endpoint": self.sandbox.regional,
            "trusted_hosts": frozenset(self.sandbox.trusted_hosts),
            "environment": "test",
        }
        return Settings(**{**standard, **changes})

    def context(self, *, seconds=600.0, typical_seconds=0.2, **settings):
        return RecordingContext(self.settings(**settings), self.clock, seconds=seconds, typical_seconds=typical_seconds)

    async def run(self, request, context=None, row=None):
        """All states of one job; `row` is for models that are no row of the catalog."""
        context = context or self.context()
        return [state async for state in self.provider.run(request, row or card(request.model), context)]

    async def result(self, request, context=None, row=None):
        return (await self.run(request, context, row))[-1].result

    async def resume(self, handle, model, context=None, row=None):
        context = context or self.context()
        return [state async for state in self.provider.resume(handle, row or card(model), context)]


@pytest.fixture
def clock():
    return SkippingClock()


@pytest.fixture
async def sandbox(clock):
    async with Sandbox(clock=clock.now) as running:
        yield running
        await close_sessions()


@pytest.fixture
def desk(sandbox, clock):
    return Desk(sandbox, clock)


@pytest.fixture
def openai_desk(sandbox):
    return OpenAIDesk(sandbox)


def a_request(prompt="a red fox", **changes):
    return Request(**{"task": "generate", "model": "flux-2-pro", "prompt": prompt, **changes})


def a_picture(width=96, height=80, colour=(200, 30, 30), kind="PNG"):
    buffer = io.BytesIO()
    Image.new("RGB", (width, height), colour).save(buffer, kind)
    return Picture(data=buffer.getvalue(), mime=f"image/{kind.lower()}", width=width, height=height)
