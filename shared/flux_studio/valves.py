"""The valves of all plugins: what an admin and a user can set in Open WebUI's dialogs.

Names are public API: add, never rename, never tighten. Ranges are checked in settings.py with a
sentence that names the valve, because the host's dialog rejects a value without saying why.
"""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, Field

# fmt: off: one valve a line reads as the table it is
SECRET: dict[str, Any] = {"input": {"type": "password"}}


class PipeValves(BaseModel):
    """Admin valves of `flux_studio`; every other plugin reads its connections here."""

    FLUX_API_KEY: str = Field(
        "",
        title="BFL API key",
        json_schema_extra=SECRET,
        description="Key of Black Forest Labs, made at dashboard.bfl.ai. Empty: the environment variables FLUX_API_KEY or BFL_API_KEY.",
    )
    FLUX_API_ENDPOINT: str = Field(
        "https://api.bfl.ai",
        title="BFL address",
        description="https://api.bfl.ai worldwide, https://api.eu.bfl.ai or https://api.us.bfl.ai to keep data in a region.",
    )
    FLUX_FINETUNE_ENDPOINT: str = Field(
        "https://api.us1.bfl.ai",
        title="BFL address of finetunes",
        description="The cluster where finetunes were trained: they exist nowhere else. https://api.us1.bfl.ai or https://api.eu1.bfl.ai.",
    )
    FLUX_TRUSTED_HOSTS: str = Field(
        "",
        title="Trusted hosts",
        description="Further hosts that may get the key or be downloaded from, comma-separated `host` or `host:port`. Normally empty.",
    )
    OPENAI_API_KEY: str = Field(
        "",
        title="OpenAI API key",
        json_schema_extra=SECRET,
        description="Key of OpenAI, or of the server below. Empty: the environment variable OPENAI_API_KEY.",
    )
    OPENAI_API_BASE_URL: str = Field(
        "https://api.openai.com/v1",
        title="OpenAI address",
        description="https://api.openai.com/v1, an Azure address, or a server of your own that speaks OpenAI's protocol.",
    )
    OPENAI_CONNECTION: Literal["own key", "host images", "host openai"] = Field(
        "own key",
        title="OpenAI connection",
        description="`own key`: the two fields above. `host images` or `host openai`: key and address that Open WebUI has under Settings → Images or → Connections.",
    )
    OPENAI_SERVER: Literal["auto", "openai", "azure", "litellm", "vllm-omni", "localai", "other"] = Field(
        "auto",
        title="Kind of OpenAI server",
        description="What answers at the address, so that only what it understands is sent. `auto` knows OpenAI and Azure by their address; every other server gets the least.",
    )
    OPENAI_MODEL_NAMES: str = Field(
        "",
        title="Model names at the server",
        description="How models are called at your server, `name=its name`, comma-separated: `gpt-image-2=my-deployment, openai-server=flux.1-dev`.",
    )
    ENGINE_URL: str = Field(
        "",
        title="Own engine",
        description="Address that `studio.py engine` prints, e.g. http://127.0.0.1:8190. Empty: the environment variable ENGINE_URL, else no engine.",
    )
    ENGINE_API_KEY: str = Field(
        "",
        title="Token of the engine",
        json_schema_extra=SECRET,
        description="The token that `studio.py engine` prints. Empty: the environment variable ENGINE_API_KEY.",
    )
    MODELS: str = Field(
        "",
        title="Models shown",
        description="Comma-separated model names, e.g. `flux-2-pro, flux-2-max`. Empty: all current models whose provider is set up.",
    )
    COMMAND_DEFAULT_MODEL: str = Field(
        "",
        title="Model for commands",
        description="Model that /imagine takes without --model. Empty: the first shown model.",
    )
    SAFETY_TOLERANCE: int = Field(
        2,
        title="Safety tolerance",
        description="Upper bound for every request: 0 strictest, 6 most permissive (FLUX.2 allows 5). A user may only ask for less. From 5 on OpenAI's low moderation may be asked for.",
    )
    OUTPUT_FORMAT: Literal["jpeg", "png", "webp"] = Field(
        "jpeg", title="Picture format", description="Format asked of the provider when the message names none."
    )
    REQUEST_TIMEOUT: float = Field(
        30, title="Request timeout (s)", description="Seconds one HTTP call may take, 1 to 600."
    )
    MAX_RETRIES: int = Field(
        3, title="Retries", description="How often a failed call that cannot cost anything is repeated, 0 to 10."
    )
    JOB_TIMEOUT: float = Field(
        600, title="Job timeout (s)", description="Seconds a picture may take in all, 10 to 86400."
    )
    RATE_LIMIT: int = Field(
        60, title="Jobs a minute", description="Jobs started per key and minute, over all workers; 0 = no limit."
    )
    MAX_PARALLEL_JOBS: int = Field(
        20,
        title="Parallel jobs",
        description="Jobs at the provider at once per key, over all workers, 1 to 200. BFL allows 24.",
    )
    CACHE_SIZE: int = Field(
        1024,
        title="Remembered pictures",
        description="Pictures whose type and size each worker remembers, so that it need not read them again; 0 = none.",
    )
    PROMPT_UPSAMPLING: bool = Field(
        True,
        title="Prompt upsampling",
        description="Let the provider enrich prompts where the model can; a message overrides it with --upsample off.",
    )
    IMAGE_PROMPT_SUPPORT: bool = Field(
        False,
        title="Picture prompts",
        description="Allow a picture beside the prompt for FLUX1.1 [pro], ultra and FLUX.1 [dev]: it inspires the new picture.",
    )
    ADVANCED_PARAMETERS: bool = Field(
        True, title="Advanced parameters", description="Allow steps, guidance, raw and the like in messages."
    )
    ALLOW_USER_KEYS: bool = Field(
        False, title="Own keys of users", description="Users may enter their own provider keys."
    )
    EMBED_RECIPE: bool = Field(
        True,
        title="Recipe in the picture",
        description="Write model, prompt, seed and settings into the picture file, beside its untouched pixels. Off: the file stays byte by byte as the provider signed it, Content Credentials included.",
    )
    DAILY_PICTURES_PER_USER: int = Field(
        0,
        title="Pictures a day and person",
        description="How many pictures one person may order a day (UTC), over all workers, admins too; 0 = no limit.",
    )
    MONTHLY_BUDGET_PER_USER: float = Field(
        0,
        title="Budget a month and person",
        description="Credits one person may spend in a calendar month (UTC), over all providers and workers, admins too; 1 credit = 0.01 USD; 0 = none.",
    )
    GROUP_LIMITS: str = Field(
        "",
        title="Limits of groups",
        description="Other limits for members of groups, e.g. `Design: 50 a day, 500 credits a month; Press: unlimited`. The most generous group counts.",
    )
    CONFIRM_ABOVE: float = Field(
        100,
        title="Confirm above",
        description="Credits that an order may cost without being confirmed first (1 credit = 0.01 USD); 0 = never ask.",
    )
    DRAFT_DAYS: int = Field(
        7, title="Draft days", description="Days that drafts (stopped but paid pictures) are kept, 0 to 3650."
    )
    USE_PROXY: bool = Field(False, title="Use proxy", description="Honour HTTP_PROXY and HTTPS_PROXY of the server.")
    LOG_LEVEL: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(
        "INFO", title="Log level", description="What goes to the log."
    )
    LOG_FORMAT: Literal["text", "json"] = Field(
        "text", title="Log format", description="One readable line or one JSON object per event."
    )
    LOG_FILE: str = Field("", title="Log file", description="Path on the server. Empty: the host's log.")


class PipeUserValves(BaseModel):
    """User valves of `flux_studio`: a person's own defaults."""

    FLUX_API_KEY: str = Field(
        "", title="Own BFL API key", json_schema_extra=SECRET, description="Used only if your admin allows own keys."
    )
    OPENAI_API_KEY: str = Field(
        "", title="Own OpenAI API key", json_schema_extra=SECRET, description="Used only if your admin allows own keys."
    )
    ASPECT_RATIO: str = Field("", title="Aspect ratio", description="Such as 16:9. Empty: the model's choice.")
    COUNT: int = Field(1, title="Pictures per message", description="1 to 8.")
    SEED: int = Field(-1, title="Seed", description="-1 = a new one each time.")
    OUTPUT_FORMAT: Literal["", "jpeg", "png", "webp"] = Field(
        "", title="Picture format", description="Empty: as your admin set it."
    )
    PRESETS: str = Field(
        "",
        title="Own presets",
        description="One a line, a name and its flags, such as `poster: --ar 2:3 --size 2K`; used with `--preset poster`.",
    )


class CommandsValves(BaseModel):
    """Admin valves of `flux_studio_commands`."""

    COMMANDS: str = Field(
        "",
        title="Commands",
        description="Comma-separated words that are commands, e.g. `imagine, edit, help`. Empty: all. Behind `/flux` every one works, always.",
    )
    priority: int = Field(
        0, title="Order among filters", description="Smaller runs earlier; filters after it see the message on its way."
    )


class ToolsValves(BaseModel):
    """Admin valves of `flux_studio_tools`."""

    priority: int = Field(
        10, title="Button order", description="Place among the buttons below an answer; smaller is further left."
    )


class EditValves(BaseModel):
    """Admin valves of `flux_studio_edit`."""

    FLUX_API_URL: str = Field("", title="BFL address", description="Only for the editor. Empty: as in FLUX Studio.")
    FLUX_API_KEY: str = Field(
        "", title="BFL API key", json_schema_extra=SECRET, description="Only for the editor. Empty: as in FLUX Studio."
    )
    STEPS: int = Field(
        50, title="Steps", description="Where the editor's slider stands at first, for models of the fill family."
    )
    GUIDANCE: float = Field(
        60, title="Guidance", description="Where the editor's slider stands at first, for models of the fill family."
    )
    SAFETY_TOLERANCE: int = Field(
        6,
        title="Safety tolerance",
        description="Upper bound in the editor: 0 strictest, 6 most permissive; the lower of this one and FLUX Studio's holds.",
    )
    OUTPUT_FORMAT: Literal["jpeg", "png", "webp"] = Field(
        "jpeg",
        title="Picture format",
        description="Asked of the provider. A protected result is kept as PNG all the same, so that nothing around it changes.",
    )
    POLL_INTERVAL: float = Field(
        2, title="Poll interval (s)", description="Longest pause between two questions for a result, 0.2 to 60."
    )
    MAX_POLL_ATTEMPTS: int = Field(
        60, title="Poll attempts", description="Times the poll interval: the seconds a picture may take."
    )
    priority: int = Field(
        0, title="Button order", description="Place among the buttons below an answer; smaller is further left."
    )
