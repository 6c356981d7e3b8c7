"""What tests of OpenAI's models need: settings for one sandbox, a context that notes its marks, and whole jobs."""

import time

from flux_studio.catalog import card
from flux_studio.http import HttpClient
from flux_studio.providers import provider
from flux_studio.settings import Secret, Settings
from flux_studio.types import Request


class NotingContext:
    """What the job runner would give, with the order of the marks."""

    user = "8a1f-person"

    def __init__(self, settings, *, seconds=600.0):
        self.settings = settings
        self.waits = []
        self.http = HttpClient(settings, sleep=self.sleep, jitter=lambda: 0.5)
        self.deadline = time.time() + seconds
        self.typical_seconds = 1.0
        self.marks = []
        self.handle = None

    async def sleep(self, seconds):
        self.waits.append(seconds)

    async def submitting(self):
        self.marks.append("submitting")

    async def submitted(self, handle):
        self.marks.append("submitted")
        self.handle = handle

    async def downloading(self):
        self.marks.append("downloading")


class OpenAIDesk:
    """Runs jobs of OpenAI's models against one sandbox."""

    def __init__(self, sandbox):
        self.sandbox = sandbox

    def settings(self, **changes):
        standard = {
            "openai_key": Secret(self.sandbox.key),
            "openai_base_url": self.sandbox.openai,
            "openai_server": "openai",
            "trusted_hosts": frozenset(self.sandbox.trusted_hosts),
            "environment": "test",
        }
        return Settings(**{**standard, **changes})

    def context(self, *, seconds=600.0, **settings):
        return NotingContext(self.settings(**settings), seconds=seconds)

    async def run(self, request, context=None):
        """All states of one job."""
        row = card(request.model)
        states = provider(row.provider).run(request, row, context or self.context())
        return [state async for state in states]

    async def result(self, request, context=None):
        return (await self.run(request, context))[-1].result


def a_wish(prompt="a red fox", **changes):
    return Request(**{"task": "generate", "model": "gpt-image-2", "prompt": prompt, "format": "png", **changes})
