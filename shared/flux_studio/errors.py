"""Every failure a user can meet, as one tree.

StudioError                  .sentence for the chat, .detail for the log, .retryable
├─ ConfigurationError        no key, unknown model, provider not set up
├─ InvalidRequest            .field .value .allowed
├─ NotPermitted              the caller has no right to this model, file or chat
├─ LimitReached              a quota or budget of this studio
├─ ConfirmationMissing       an order above CONFIRM_ABOVE that nobody confirmed
├─ Refused                   moderation: .stage .reasons
├─ ProviderError             .provider .status .request_id
│  ├─ AuthenticationFailed
│  ├─ OutOfCredits
│  ├─ RateLimited            .retry_after
│  ├─ Unavailable            cannot connect, 5xx, timeouts
│  ├─ MaybeSubmitted         a paid request whose arrival is unknown
│  ├─ JobLost                task unknown to the provider, result expired
│  └─ UnexpectedResponse     the provider answered something we do not know
│     └─ HostNotTrusted      it named a host that an admin would have to trust first
├─ JobTimeout                .handle, so the job can be resumed
├─ StorageError              the host could not keep or read a file
└─ EngineError               the own GPU: not reachable, out of memory
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from .types import JobHandle


class StudioError(Exception):
    """A failure with a sentence for the person in the chat and a detail for the log.

    `sentence` says what happened and what to do, never holds a key, an address with a
    signature or a stack trace. `retryable` means: the same request may work later.
    """

    retryable = False

    def __init__(self, sentence: str, *, detail: str = "") -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.detail = detail or sentence

    def __str__(self) -> str:
        return self.sentence


class ConfigurationError(StudioError):
    """Something the admin has to set: a key, a model name, an address."""


class InvalidRequest(StudioError):
    """A field of the request is not acceptable; nothing was sent to any provider."""

    def __init__(self, field: str, value: object, allowed: str, *, sentence: str = "", detail: str = "") -> None:
        standard = f"{field}: {_shorten(value)} is not possible; allowed: {allowed}."
        super().__init__(sentence or standard, detail=detail)
        self.field = field
        self.value = value
        self.allowed = allowed


class InvalidRequests(InvalidRequest):
    """Several fields are wrong; the sentence names each of them."""

    def __init__(self, faults: list[InvalidRequest]) -> None:
        first = faults[0]
        super().__init__(first.field, first.value, first.allowed)
        self.faults = faults
        # numbered, because the host shows an error as one paragraph whatever its line breaks
        self.sentence = " ".join(f"({number}) {fault.sentence}" for number, fault in enumerate(faults, 1))
        self.detail = "; ".join(fault.detail for fault in faults)


class NotPermitted(StudioError):
    """The caller has no right to what was asked for."""


class LimitReached(StudioError):
    """A quota or budget of this studio is used up."""


class ConfirmationMissing(StudioError):
    """An order costs more than may be spent unasked, and nobody said yes; nothing was sent."""


class Refused(StudioError):
    """The provider's moderation refused the input or the finished picture."""

    def __init__(
        self, sentence: str, *, stage: Literal["input", "output"], reasons: tuple[str, ...] = (), detail: str = ""
    ) -> None:
        super().__init__(sentence, detail=detail)
        self.stage = stage
        self.reasons = reasons


class ProviderError(StudioError):
    """The provider's service failed or refused the call."""

    def __init__(
        self, sentence: str, *, provider: str, status: int | None = None, request_id: str = "", detail: str = ""
    ) -> None:
        super().__init__(sentence, detail=detail)
        self.provider = provider
        self.status = status
        self.request_id = request_id


class AuthenticationFailed(ProviderError):
    """The key is missing, wrong or not entitled."""


class OutOfCredits(ProviderError):
    """The provider account has no credits left."""


class RateLimited(ProviderError):
    """Too many calls or active tasks; `retry_after` in seconds, None when the provider gave none."""

    retryable = True

    def __init__(self, sentence: str, *, provider: str, retry_after: float | None = None, detail: str = "") -> None:
        super().__init__(sentence, provider=provider, status=429, detail=detail)
        self.retry_after = retry_after


class Unavailable(ProviderError):
    """The service could not be reached or answered with a server fault; nothing was started."""

    retryable = True


class MaybeSubmitted(ProviderError):
    """The connection broke after a paid request was sent: it may have been billed, so it is not repeated."""


class JobLost(ProviderError):
    """The provider no longer knows the task, or its result has expired."""


class UnexpectedResponse(ProviderError):
    """The provider answered something this release does not understand."""


class HostNotTrusted(UnexpectedResponse):
    """The provider named a host that nobody trusts: not contacted, until an admin adds it."""


class JobTimeout(StudioError):
    """The job outlived its deadline; `handle` allows a later look."""

    retryable = True

    def __init__(self, sentence: str, *, handle: JobHandle | None = None, detail: str = "") -> None:
        super().__init__(sentence, detail=detail)
        self.handle = handle


class StorageError(StudioError):
    """The host could not store or read a file."""


class EngineError(StudioError):
    """The own GPU engine failed; the sentence carries the advice."""


def _shorten(value: object) -> str:
    text = value if isinstance(value, str) else repr(value)
    text = " ".join(text.split())
    return f"“{text[:60]}…”" if len(text) > 60 else f"“{text}”"
