"""One sandbox: five origins on 127.0.0.1, started and stopped together."""

from __future__ import annotations

import hmac
import socket
import time
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import Any, Self

from aiohttp import web
from aiohttp.typedefs import Middleware

from . import answers
from .control import ControlPages
from .delivery import DeliveryHost
from .elsewhere import ElsewhereHost
from .finetunes import old_finetunes
from .finetuning import FinetuningHost
from .journal import Call, Download, Poll, Violation
from .openai_host import OpenAIHost, wrong_key
from .polling import PollingHost
from .settings import SandboxSettings
from .state import Addresses, State
from .submission import SubmitHost

HOST = "127.0.0.1"
DEFAULT_KEY = "sandbox-key"
ORIGINS = ("endpoint", "polling", "delivery", "elsewhere", "regional")
MAX_BODY = 256 * 1024 * 1024
"""Bytes; eight pictures of 20 MB in base64 need 213 MiB."""
SHUTDOWN_TIMEOUT = 0.25
"""Seconds that requests in progress get when the sandbox stops."""
OPENAI_PLACES = ("/v1", "/openai/v1")
AZURE_PLACE = "/openai/deployments/"
"""Paths whose key comes as OpenAI or Azure has it."""
OPEN_PATHS = frozenset({"/v1/get_result"})
"""Paths of the submit host that ask for no key."""


def bound_socket(port: int) -> socket.socket:
    """A bound address, any free port when `port` is 0. Raises OSError (taken) or OverflowError (no port number)."""
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((HOST, port))
    except (OSError, OverflowError):
        listener.close()
        raise
    return listener


def bound_near(port: int) -> socket.socket:
    """The wished port when it is free, else any: only the submit port has to be the one asked for."""
    try:
        return bound_socket(port)
    except (OSError, OverflowError):
        return bound_socket(0)


def key_check(key: str) -> Middleware:
    """A middleware that answers 403 before anything else looks at the request."""

    @web.middleware
    async def check(request: web.Request, handler: answers.Handler) -> web.StreamResponse:
        given = request.headers.get("x-key", "")
        if request.path.partition("/images/")[0] in OPENAI_PLACES or request.path.startswith(AZURE_PLACE):
            given = request.headers.get("api-key", "") or request.headers.get("Authorization", "")[len("Bearer ") :]
            refuse = wrong_key
        else:
            refuse = answers.not_authenticated
        if request.path not in OPEN_PATHS and not hmac.compare_digest(
            given.encode(errors="surrogateescape"), key.encode()
        ):
            return refuse()
        return await handler(request)

    return check


def submit_application(state: State, *, regional: bool = False) -> web.Application:
    """The global address, or the one cluster where the account's finetunes live."""
    host, finetuning = SubmitHost(state, regional=regional), FinetuningHost(state, regional=regional)
    application = web.Application(client_max_size=MAX_BODY, middlewares=[key_check(state.key), answers.json_errors])
    application.add_routes(ControlPages(state).routes())
    application.add_routes(OpenAIHost(state).routes())
    application.add_routes(
        [
            web.get("/v1/credits", host.credits),
            *finetuning.routes(),
            web.route("*", "/v1/{endpoint:.+}", host.submit),
        ]
    )
    application.on_response_prepare.append(answers.mark_as_sandbox)
    return application


def regional_application(state: State) -> web.Application:
    return submit_application(state, regional=True)


def polling_application(state: State) -> web.Application:
    application = web.Application(middlewares=[answers.json_errors])
    application.add_routes([web.get("/v1/get_result", PollingHost(state).get_result)])
    application.on_response_prepare.append(answers.mark_as_sandbox)
    return application


def delivery_application(state: State) -> web.Application:
    application = web.Application()
    host = DeliveryHost(state)
    application.add_routes([web.get("/results/{path:.+}", host.get_sample)])
    application.add_routes([web.get("/generated-images/{name}", host.get_file)])
    return application


def elsewhere_application(state: State) -> web.Application:
    application = web.Application()
    application.add_routes([web.route("*", "/{path:.*}", ElsewhereHost(state).visit)])
    return application


APPLICATIONS: Mapping[str, Callable[[State], web.Application]] = {
    "endpoint": submit_application,
    "polling": polling_application,
    "delivery": delivery_application,
    "elsewhere": elsewhere_application,
    "regional": regional_application,
}


class Sandbox:
    """`async with Sandbox(duration=0.05) as sandbox:` runs the server in this event loop.

    `port` is the submit port, 0 = any free one; `settings` are those of SandboxSettings. Raises SettingError for a
    wrong one and OSError when the port is taken.
    """

    def __init__(
        self, *, key: str = DEFAULT_KEY, port: int = 0, clock: Callable[[], float] = time.time, **settings: Any
    ) -> None:
        self._key = key
        self._port = port
        self._clock = clock
        self._settings = SandboxSettings().changed(settings)
        self._runners: list[web.AppRunner] = []
        self._state: State | None = None

    @property
    def state(self) -> State:
        """Raises RuntimeError before the start."""
        if self._state is None:
            raise RuntimeError("The sandbox is not running.")
        return self._state

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    async def start(self) -> None:
        first = bound_socket(self._port)
        base = self._port
        listeners = [first, *(bound_near(base + place if base else 0) for place in range(1, len(ORIGINS)))]
        urls = {
            name: f"http://{HOST}:{listener.getsockname()[1]}"
            for name, listener in zip(ORIGINS, listeners, strict=True)
        }
        self._state = State(
            key=self._key,
            settings=self._settings,
            clock=self._clock,
            addresses=Addresses(**urls),
            finetunes=old_finetunes(self._clock()),
        )
        for name, listener in zip(ORIGINS, listeners, strict=True):
            await self._serve(APPLICATIONS[name](self._state), listener)

    async def _serve(self, application: web.Application, listener: socket.socket) -> None:
        runner = web.AppRunner(application, access_log=None, shutdown_timeout=SHUTDOWN_TIMEOUT)
        await runner.setup()
        self._runners.append(runner)
        await web.SockSite(runner, listener).start()

    async def stop(self) -> None:
        for runner in self._runners:
            await runner.cleanup()
        self._runners.clear()
        self.state.threads.shutdown(wait=False, cancel_futures=True)

    @property
    def key(self) -> str:
        return self._key

    @property
    def endpoint(self) -> str:
        """The submit URL, what FLUX_API_ENDPOINT is set to."""
        return self.state.addresses.endpoint

    @property
    def openai(self) -> str:
        """The base address of OpenAI's protocol, what OPENAI_API_BASE_URL is set to."""
        return f"{self.endpoint}/v1"

    @property
    def polling(self) -> str:
        return self.state.addresses.polling

    @property
    def delivery(self) -> str:
        return self.state.addresses.delivery

    @property
    def elsewhere(self) -> str:
        """An origin a client must never visit."""
        return self.state.addresses.elsewhere

    @property
    def regional(self) -> str:
        """The cluster where the finetunes live, what FLUX_FINETUNE_ENDPOINT is set to."""
        return self.state.addresses.regional

    @property
    def trusted_hosts(self) -> tuple[str, ...]:
        """host:port of the polling and the delivery origin, for FLUX_TRUSTED_HOSTS."""
        return tuple(url.removeprefix("http://") for url in (self.polling, self.delivery))

    @property
    def settings(self) -> SandboxSettings:
        return self.state.settings

    def change(self, **settings: Any) -> None:
        """Change settings while running. Raises SettingError."""
        self.state.settings = self.state.settings.changed(settings)

    @property
    def calls(self) -> list[Call]:
        return list(self.state.journal.calls)

    @property
    def polls(self) -> list[Poll]:
        return list(self.state.journal.polls)

    @property
    def downloads(self) -> list[Download]:
        return list(self.state.journal.downloads)

    @property
    def violations(self) -> list[Violation]:
        return list(self.state.journal.violations)

    def clear(self) -> None:
        """Forget the log; tasks go on."""
        self.state.journal.clear()

    def announcement(self) -> dict[str, str]:
        """Addresses and key as the process prints them."""
        urls = {name: getattr(self.state.addresses, name) for name in ORIGINS}
        return {**urls, "openai": self.openai, "key": self.key, "trusted_hosts": ",".join(self.trusted_hosts)}
