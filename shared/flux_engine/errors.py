"""Every failure of the engine as one type: a code for programs, a sentence and an advice for people."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

Code = Literal["invalid", "missing", "gated", "memory", "unsupported", "crashed", "failed"]
"""invalid     a field of the job is not possible; nothing was run
missing     the model or LoRA is not on this machine
gated       the weights need a licence or a token
memory      the device has too little memory for this job
unsupported this model cannot do this task, or a package is missing
crashed     the worker process died
failed      anything else; the log has the details
"""


class EngineFault(Exception):
    """`sentence` says what happened, `advice` what to change; `detail` is for the log and never leaves the machine."""

    def __init__(self, code: Code, sentence: str, *, advice: str = "", field: str = "", detail: str = "") -> None:
        super().__init__(sentence)
        self.code = code
        self.sentence = sentence
        self.advice = advice
        self.field = field
        self.detail = detail or sentence

    def to_json(self) -> dict[str, str]:
        """The error object of the protocol, without the detail."""
        return {"code": self.code, "sentence": self.sentence, "advice": self.advice, "field": self.field}


class Cancelled(Exception):
    """No failure: raised between two steps when the job is no longer wanted; the pipeline stays usable."""


def invalid(field: str, sentence: str) -> EngineFault:
    """The fault of one field of a job."""
    return EngineFault("invalid", sentence, field=field)


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """One row of KNOWN: how an error of a library is recognised and told."""

    applies: Callable[[BaseException], bool]
    code: Code
    sentence: str
    advice: str


def _named(*names: str) -> Callable[[BaseException], bool]:
    """By class name along the inheritance: the libraries are imported in the worker only."""
    return lambda error: any(kind.__name__ in names for kind in type(error).__mro__)


def _says(*texts: str) -> Callable[[BaseException], bool]:
    return lambda error: any(text in str(error).casefold() for text in texts)


KNOWN = (
    Known(
        applies=lambda error: _named("OutOfMemoryError", "MemoryError")(error) or _says("out of memory")(error),
        code="memory",
        sentence="The device ran out of memory.",
        advice="Ask for fewer pictures or a smaller size (half the sides need a quarter), or start the engine with "
        "--memory offload or --quantize 8.",
    ),
    Known(
        applies=_named("GatedRepoError"),
        code="gated",
        sentence="The weights of this model are gated: their licence has to be accepted first.",
        advice="Accept the licence on the model's page, then start the engine with HF_TOKEN set.",
    ),
    Known(
        applies=_named(
            "LocalEntryNotFoundError", "EntryNotFoundError", "RepositoryNotFoundError", "OfflineModeIsEnabled"
        ),
        code="missing",
        sentence="The weights of this model are not on this machine.",
        advice="Put the diffusers folder below --models, or start the engine once with --download NAME.",
    ),
    Known(
        applies=_named("FileNotFoundError"),
        code="missing",
        sentence="A file of the model or LoRA is missing.",
        advice="Copy the folder again, completely: model_index.json and all .safetensors files.",
    ),
    Known(
        applies=_named("ImportError"),
        code="unsupported",
        sentence="A package that this needs is missing in the engine's environment.",
        advice="Start the engine with “python3 studio.py engine”, which installs what it needs; its log says more.",
    ),
    Known(
        applies=_named("SafetensorError"),
        code="missing",
        sentence="A weights file is damaged.",
        advice="Copy or download it again.",
    ),
    Known(
        applies=_says("size mismatch", "shapes cannot be multiplied", "must match the size of tensor"),
        code="invalid",
        sentence="Model and LoRA, or model and picture, do not fit together.",
        advice="Take a LoRA that was trained for this model, and sides that are multiples of 16.",
    ),
)
"""First match wins."""


def translate(error: BaseException) -> EngineFault:
    """Tell an error of torch, diffusers or the file system in words; EngineFaults pass unchanged."""
    if isinstance(error, EngineFault):
        return error
    detail = f"{type(error).__name__}: {error}"
    for known in KNOWN:
        if known.applies(error):
            return EngineFault(known.code, known.sentence, advice=known.advice, detail=detail)
    return EngineFault(
        "failed", "The engine could not make this picture.", advice="The engine's log says why.", detail=detail
    )
