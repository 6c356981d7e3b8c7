"""What the five origins of one sandbox share."""

from __future__ import annotations

import asyncio
import functools
import secrets
from collections import Counter
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from .drawing import Drawing, Order, draw
from .finetunes import Finetune
from .journal import Journal
from .settings import SandboxSettings
from .tasks import TaskBook

DRAWING_THREADS = 2
CACHED_DRAWINGS = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Addresses:
    """Origins without a trailing slash. `elsewhere` is trusted by nobody: only faults lead there."""

    endpoint: str
    polling: str
    delivery: str
    elsewhere: str
    regional: str


@dataclass(slots=True, kw_only=True)
class State:
    """One account with its tasks."""

    key: str = field(repr=False)
    settings: SandboxSettings
    clock: Callable[[], float]
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    addresses: Addresses
    journal: Journal = field(default_factory=Journal)
    tasks: TaskBook = field(default_factory=TaskBook)
    finetunes: dict[str, Finetune]
    """Of the account, on the regional cluster."""
    faults_used: Counter[tuple[str, str]] = field(default_factory=Counter)
    """(fault, prompt) -> how often a fault with a count was used up."""
    signing_secret: bytes = field(default_factory=functools.partial(secrets.token_bytes, 32), repr=False)
    threads: ThreadPoolExecutor = field(default_factory=functools.partial(ThreadPoolExecutor, DRAWING_THREADS))
    files: dict[str, Drawing] = field(default_factory=dict)
    """The newest pictures that were answered as an address, by their name at the delivery host."""
    drawings: dict[str, asyncio.Future[Drawing]] = field(default_factory=dict)
    """The newest drawings by order, so that a repeated request costs no CPU."""

    def draw(self, order: Order) -> asyncio.Future[Drawing]:
        """Start a drawing in a thread, or hand out the one that exists."""
        known = self.drawings.pop(order.fingerprint, None)
        if known is None:
            known = asyncio.get_running_loop().run_in_executor(self.threads, draw, order)
        self.drawings[order.fingerprint] = known
        while len(self.drawings) > CACHED_DRAWINGS:
            self.drawings.pop(next(iter(self.drawings)))
        return known

    def keep_file(self, drawing: Drawing) -> str:
        """Put a picture where it can be fetched without key; returns its address at the delivery host."""
        name = f"{secrets.token_hex(16)}.{drawing.mime.removeprefix('image/')}"
        self.files[name] = drawing
        while len(self.files) > CACHED_DRAWINGS:
            self.files.pop(next(iter(self.files)))
        return f"{self.addresses.delivery}/generated-images/{name}"

    def violation(self, kind: str, detail: str) -> None:
        self.journal.violation(kind, detail, self.clock())
