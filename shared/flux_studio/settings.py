"""One snapshot of all settings, made of valves, user valves and the environment; secrets never show in repr."""

from __future__ import annotations

import hashlib
import math
import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal, cast, get_args
from urllib.parse import urlsplit

from . import environment
from .catalog.past import PAST_HOSTS
from .errors import ConfigurationError
from .limits import GROUP_LIMITS_FORM, Allowance, GroupLimit, read_group_limits
from .types import Format
from .valves import EditValves, PipeUserValves, PipeValves

Environment = Literal["production", "development", "test"]
OpenAIConnection = Literal["own key", "host images", "host openai"]
OpenAIServer = Literal["openai", "azure", "litellm", "vllm-omni", "localai", "other"]

OPENAI_HOST = "api.openai.com"
AZURE_DOMAINS = (".openai.azure.com", ".cognitiveservices.azure.com", ".services.ai.azure.com")
"""Where Azure serves OpenAI's models; the newer names are those of its AI Foundry."""

BFL_DOMAIN = ".bfl.ai"
FINETUNE_ENDPOINT = "https://api.us1.bfl.ai"

LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")
PLACEHOLDERS = ("your-", "your_", "<", "xxx", "changeme", "insert")
"""How a key begins that somebody copied out of an example; it counts as not set (FLUX-Fill ships YOUR-FLUX-API-KEY)."""


MAX_PRESETS = 100
"""Own presets of one person that are read."""


@dataclass(frozen=True, slots=True)
class Secret:
    """A key that only `reveal` gives away."""

    _value: str = ""

    def reveal(self) -> str:
        return self._value

    def fingerprint(self) -> str:
        """Twelve hex digits that name the key without revealing it."""
        return hashlib.sha256(self._value.encode()).hexdigest()[:12]

    def __bool__(self) -> bool:
        return bool(self._value)

    def __repr__(self) -> str:
        return "Secret(set)" if self._value else "Secret(empty)"

    __str__ = __repr__


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Everything a job may need to know; made once per call, never changed."""

    flux_key: Secret = field(default_factory=Secret)
    flux_endpoint: str = "https://api.bfl.ai"
    openai_key: Secret = field(default_factory=Secret)
    openai_base_url: str = "https://api.openai.com/v1"
    """With path, and for Azure with its query, without a slash at the end."""
    openai_connection: OpenAIConnection = "own key"
    openai_server: OpenAIServer = "openai"
    openai_server_is_chosen: bool = False
    """Whether the admin named the kind of server; otherwise the address tells."""
    openai_key_is_personal: bool = False
    """Whether the key is the person's own."""
    openai_names: Mapping[str, str] = field(default_factory=dict)
    """Name of a model card -> name of the model (or deployment) at the server."""
    flux_finetune_endpoint: str = FINETUNE_ENDPOINT
    """The one cluster where the finetunes of the first generation live."""
    trusted_hosts: frozenset[str] = frozenset()
    """Exact `host` or `host:port` entries, lower case."""
    models: tuple[str, ...] = ()
    command_default_model: str = ""
    safety_tolerance: int = 2
    output_format: Format = "jpeg"
    request_timeout: float = 30.0
    """Seconds per HTTP call."""
    max_retries: int = 3
    job_timeout: float = 600.0
    """Seconds per picture."""
    poll_interval: float = 2.0
    """The longest pause between two questions for a job's state, in seconds."""
    rate_limit: int = 60
    """Jobs a minute and key, 0 = none."""
    max_parallel_jobs: int = 20
    cache_size: int = 1024
    """Pictures whose type and size one worker remembers, 0 = none."""
    prompt_upsampling: bool = True
    image_prompt_support: bool = False
    advanced_parameters: bool = True
    allow_user_keys: bool = False
    embed_recipe: bool = True
    """Whether the recipe is written into the picture file too."""
    allowance: Allowance = field(default_factory=Allowance)
    """What everybody may order for whom no group says otherwise."""
    group_limits: tuple[GroupLimit, ...] = ()
    confirm_above: float = 100.0
    """Credits from which on an order is confirmed first, 0 = never."""
    draft_days: int = 7
    use_proxy: bool = False
    environment: Environment = "production"
    log_level: str = "INFO"
    log_format: Literal["text", "json"] = "text"
    log_file: str = ""
    aspect: str | None = None
    """The person's own defaults."""
    count: int = 1
    seed: int | None = None
    presets: Mapping[str, str] = field(default_factory=dict)
    """The person's own presets: name in lower case, and the flags as they are typed."""


RANGES: Mapping[str, tuple[float, float]] = {
    "REQUEST_TIMEOUT": (1, 600),
    "MAX_RETRIES": (0, 10),
    "JOB_TIMEOUT": (10, 86_400),
    "RATE_LIMIT": (0, 100_000),
    "MAX_PARALLEL_JOBS": (1, 200),
    "CACHE_SIZE": (0, 1_000_000),
    "SAFETY_TOLERANCE": (0, 6),
    "DAILY_PICTURES_PER_USER": (0, 1_000_000),
    "MONTHLY_BUDGET_PER_USER": (0, 100_000_000),
    "CONFIRM_ABOVE": (0, 100_000_000),
    "DRAFT_DAYS": (0, 3650),
}
EDIT_RANGES: Mapping[str, tuple[float, float]] = {
    "STEPS": (1, 200),
    "GUIDANCE": (0, 200),
    "SAFETY_TOLERANCE": (0, 6),
    "POLL_INTERVAL": (0.2, 60),
    "MAX_POLL_ATTEMPTS": (1, 100_000),
}
"""Valves with a range; outside it the caller gets one sentence naming the valve."""

ENVIRONMENT_NAMES: Mapping[str, tuple[str, ...]] = {
    "FLUX_API_KEY": ("FLUX_API_KEY", "BFL_API_KEY"),
    "FLUX_API_ENDPOINT": ("FLUX_API_ENDPOINT",),
    "FLUX_FINETUNE_ENDPOINT": ("FLUX_FINETUNE_ENDPOINT",),
    "FLUX_TRUSTED_HOSTS": ("FLUX_TRUSTED_HOSTS",),
    "OPENAI_API_KEY": ("FLUX_OPENAI_API_KEY", "OPENAI_API_KEY"),
    "OPENAI_API_BASE_URL": ("FLUX_OPENAI_API_BASE_URL",),
    "OPENAI_SERVER": ("FLUX_OPENAI_SERVER",),
    "REQUEST_TIMEOUT": ("FLUX_REQUEST_TIMEOUT",),
    "MAX_RETRIES": ("FLUX_MAX_RETRIES",),
    "RATE_LIMIT": ("FLUX_RATE_LIMIT",),
    "CACHE_SIZE": ("FLUX_CACHE_SIZE",),
    "LOG_LEVEL": ("FLUX_LOG_LEVEL",),
    "PROMPT_UPSAMPLING": ("FLUX_FEATURE_PROMPT_UPSAMPLING",),
    "ADVANCED_PARAMETERS": ("FLUX_FEATURE_ADVANCED_PARAMETERS",),
    "IMAGE_PROMPT_SUPPORT": ("FLUX_FEATURE_IMAGE_PROMPT_SUPPORT",),
}
"""Fallbacks for valves the admin has not set, first found wins."""


def build(valves: PipeValves, user: PipeUserValves | None = None, environ: Mapping[str, str] | None = None) -> Settings:
    """Make the snapshot: user valve, then admin valve, then environment, then default.

    Raises ConfigurationError naming the valve and its range.
    """
    environ = os.environ if environ is None else environ
    value = _reader(valves, environ)
    for name, (low, high) in RANGES.items():
        _require_range(name, value(name), low, high)
    openai_base_url = base_url("OPENAI_API_BASE_URL", str(value("OPENAI_API_BASE_URL")))
    own_openai_key = user.OPENAI_API_KEY if user and valves.ALLOW_USER_KEYS else ""
    openai_key = _reader(valves, _without_foreign_key(environ, openai_base_url))("OPENAI_API_KEY")
    return Settings(
        flux_key=_key(value("FLUX_API_KEY"), user.FLUX_API_KEY if user and valves.ALLOW_USER_KEYS else ""),
        flux_endpoint=_endpoint("FLUX_API_ENDPOINT", str(value("FLUX_API_ENDPOINT"))),
        openai_key=_key(openai_key, own_openai_key),
        openai_key_is_personal=not is_placeholder(own_openai_key),
        openai_server_is_chosen=value("OPENAI_SERVER") != "auto",
        openai_base_url=openai_base_url,
        openai_connection=valves.OPENAI_CONNECTION,
        openai_server=server_kind(str(value("OPENAI_SERVER")), openai_base_url),
        openai_names=_model_names(valves.OPENAI_MODEL_NAMES),
        flux_finetune_endpoint=_finetune_endpoint(valves, value),
        trusted_hosts=frozenset(name.lower() for name in names(str(value("FLUX_TRUSTED_HOSTS")))),
        models=names(valves.MODELS),
        command_default_model=valves.COMMAND_DEFAULT_MODEL.strip(),
        safety_tolerance=valves.SAFETY_TOLERANCE,
        output_format=(user.OUTPUT_FORMAT if user else "") or valves.OUTPUT_FORMAT,
        request_timeout=value("REQUEST_TIMEOUT"),
        max_retries=value("MAX_RETRIES"),
        job_timeout=valves.JOB_TIMEOUT,
        rate_limit=value("RATE_LIMIT"),
        max_parallel_jobs=valves.MAX_PARALLEL_JOBS,
        cache_size=value("CACHE_SIZE"),
        prompt_upsampling=value("PROMPT_UPSAMPLING"),
        image_prompt_support=value("IMAGE_PROMPT_SUPPORT"),
        advanced_parameters=value("ADVANCED_PARAMETERS"),
        allow_user_keys=valves.ALLOW_USER_KEYS,
        embed_recipe=valves.EMBED_RECIPE,
        allowance=Allowance(
            pictures_a_day=valves.DAILY_PICTURES_PER_USER or math.inf,
            credits_a_month=valves.MONTHLY_BUDGET_PER_USER or math.inf,
        ),
        group_limits=_group_limits(valves.GROUP_LIMITS),
        confirm_above=valves.CONFIRM_ABOVE,
        draft_days=valves.DRAFT_DAYS,
        use_proxy=valves.USE_PROXY,
        environment=_environment(environ),
        log_level=_log_level(valves, environ),
        log_format=valves.LOG_FORMAT,
        log_file=valves.LOG_FILE.strip(),
        aspect=(user.ASPECT_RATIO.strip() or None) if user else None,
        count=user.COUNT if user else 1,
        seed=user.SEED if user and user.SEED >= 0 else None,
        presets=_presets(user.PRESETS) if user else {},
    )


def for_editor(
    valves: PipeValves, edit: EditValves, user: PipeUserValves | None = None, environ: Mapping[str, str] | None = None
) -> Settings:
    """Make the snapshot for jobs of the editor: its own valves, where one is empty those of `flux_studio`.

    The stricter safety tolerance holds; POLL_INTERVAL times MAX_POLL_ATTEMPTS is the time a picture may take.
    Raises ConfigurationError naming the valve and its range.
    """
    for name, (low, high) in EDIT_RANGES.items():
        _require_range(name, getattr(edit, name), low, high)
    changes: dict[str, object] = {
        "SAFETY_TOLERANCE": min(valves.SAFETY_TOLERANCE, edit.SAFETY_TOLERANCE),
        "JOB_TIMEOUT": max(RANGES["JOB_TIMEOUT"][0], edit.POLL_INTERVAL * edit.MAX_POLL_ATTEMPTS),
    }
    if edit.FLUX_API_URL.strip():
        changes["FLUX_API_ENDPOINT"] = _endpoint("FLUX_API_URL", edit.FLUX_API_URL)
    if not is_placeholder(edit.FLUX_API_KEY):
        changes["FLUX_API_KEY"] = edit.FLUX_API_KEY
    settings = build(valves.model_copy(update=changes), user, environ)
    return replace(settings, output_format=edit.OUTPUT_FORMAT, poll_interval=edit.POLL_INTERVAL)


def names(text: str) -> tuple[str, ...]:
    """Split a comma-separated list, without blanks and empty entries."""
    return environment.split(text)


def _presets(text: str) -> dict[str, str]:
    """Read `name: flags` lines; a line without a colon is none."""
    pairs = (line.partition(":") for line in text.splitlines()[:MAX_PRESETS] if ":" in line)
    return {name.strip().casefold(): flags.strip() for name, _, flags in pairs if name.strip() and flags.strip()}


def is_placeholder(key: str) -> bool:
    """Whether a key is text copied out of an example rather than a key."""
    return not key.strip() or key.strip().lower().startswith(PLACEHOLDERS)


def _reader(valves: PipeValves, environ: Mapping[str, str]) -> Callable[[str], Any]:
    """Values by name: what the admin set, else the environment in the valve's own type, else the default."""

    def value(name: str) -> Any:
        set_by_admin = getattr(valves, name)
        explicit = name in valves.model_fields_set and set_by_admin not in ("", None)
        if explicit and not (name in ("FLUX_API_KEY", "OPENAI_API_KEY") and is_placeholder(str(set_by_admin))):
            return set_by_admin
        found = next((key for key in ENVIRONMENT_NAMES.get(name, ()) if environ.get(key)), None)
        if found is None:
            return set_by_admin
        kind = cast(type, PipeValves.model_fields[name].annotation)  # a choice of words is read as text
        return environment.GETTERS.get(kind, environment.text)(environ, found, set_by_admin)

    return value


def _without_foreign_key(environ: Mapping[str, str], address: str) -> Mapping[str, str]:
    """Leave Open WebUI's own OPENAI_API_KEY out when its OPENAI_API_BASE_URL says that it belongs to another server."""
    theirs = environ.get("OPENAI_API_BASE_URL", "").strip()
    if not theirs or urlsplit(theirs).netloc.lower() == urlsplit(address).netloc:
        return environ
    return {name: value for name, value in environ.items() if name != "OPENAI_API_KEY"}


def _key(shared: object, own: str) -> Secret:
    for candidate in (own, str(shared)):
        if not is_placeholder(candidate):
            return Secret(candidate.strip())
    return Secret()


def _endpoint(name: str, text: str, example: str = "https://api.bfl.ai") -> str:
    """Reduce a pasted documentation address to scheme, host and port."""
    try:
        parts = urlsplit(text.strip())
        usable = parts.scheme in ("http", "https") and parts.hostname and not parts.username and parts.port != 0
    except ValueError:  # brackets without an end, a port that is none
        usable = False
    if not usable:
        # what was entered may be a key or hold a password, so it is not repeated
        raise ConfigurationError(f"The valve {name} must be an address such as {example}.")
    netloc = parts.netloc.lower()
    return f"{parts.scheme}://{PAST_HOSTS.get(netloc, netloc)}"


def _finetune_endpoint(valves: PipeValves, value: Callable[[str], object]) -> str:
    """Where finetunes live. With another service than BFL's that is the service itself, unless somebody names one.

    Otherwise the key for that service would go to BFL.
    """
    main = _endpoint("FLUX_API_ENDPOINT", str(value("FLUX_API_ENDPOINT")))
    named = str(value("FLUX_FINETUNE_ENDPOINT")) or FINETUNE_ENDPOINT
    by_default = "FLUX_FINETUNE_ENDPOINT" not in valves.model_fields_set and named == FINETUNE_ENDPOINT
    if by_default and not f".{urlsplit(main).hostname}".endswith(BFL_DOMAIN):
        return main
    return _endpoint("FLUX_FINETUNE_ENDPOINT", named)


def base_url(name: str, text: str) -> str:
    """Reduce a pasted address of an OpenAI API to its base: path and query stay, a missing path becomes /v1.

    Raises ConfigurationError naming the valve.
    """
    origin = _endpoint(name, text, "https://api.openai.com/v1")
    parts = urlsplit(text.strip())
    path = re.sub(r"/images(/\w+)?/?$", "", parts.path).rstrip("/")
    if not path and not is_azure(parts.hostname or ""):
        path = "/v1"
    return f"{origin}{path}{'?' if parts.query else ''}{parts.query}"


def is_azure(host: str) -> bool:
    return host.lower().endswith(AZURE_DOMAINS)


def server_kind(choice: str, address: str) -> OpenAIServer:
    """The admin's choice, else what the address tells; the word "other" stands for the smallest set of parameters."""
    if choice != "auto":
        if choice not in get_args(OpenAIServer):
            raise ConfigurationError(
                f"OPENAI_SERVER must be auto, {', '.join(get_args(OpenAIServer))}, not {choice!r}."
            )
        return cast(OpenAIServer, choice)
    host = urlsplit(address).hostname or ""
    if is_azure(host):
        return "azure"
    return "openai" if host == OPENAI_HOST else "other"


def _model_names(text: str) -> dict[str, str]:
    pairs = [pair.partition("=") for pair in names(text)]
    wrong = next((card for card, equals, name in pairs if not (card.strip() and equals and name.strip())), None)
    if wrong is not None:
        raise ConfigurationError(
            "The valve OPENAI_MODEL_NAMES must hold pairs such as gpt-image-2=my-deployment, separated by commas."
        )
    return {card.strip().lower(): name.strip() for card, _, name in pairs}


def _require_range(name: str, value: object, low: float, high: float) -> None:
    if not isinstance(value, (int, float)) or not low <= value <= high:
        raise ConfigurationError(f"The valve {name} must be a number {low:g} to {high:g}, not {value!r}.")


def _group_limits(text: str) -> tuple[GroupLimit, ...]:
    try:
        return read_group_limits(text)
    except ValueError as error:
        raise ConfigurationError(
            f"The valve GROUP_LIMITS cannot be read at “{str(error)[:80]}”; write it as {GROUP_LIMITS_FORM}."
        ) from None


def _environment(environ: Mapping[str, str]) -> Environment:
    words = ("production", "development", "test")
    return cast(Environment, environment.one_of(environ, "FLUX_ENV", words, "production"))


def _log_level(valves: PipeValves, environ: Mapping[str, str]) -> str:
    """The valve, else DEBUG while developing, else FLUX_LOG_LEVEL, else the default."""
    if "LOG_LEVEL" in valves.model_fields_set:
        return valves.LOG_LEVEL
    if _environment(environ) == "development":
        return "DEBUG"
    return environment.one_of(environ, "FLUX_LOG_LEVEL", LOG_LEVELS, valves.LOG_LEVEL)
