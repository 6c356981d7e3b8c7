"""What OpenAI's two image endpoints accept, as strict as the service: one row per model and per parameter (pure)."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .pictures import InputPicture

MAX_PROMPT = 32_000
MAX_PICTURES = 16
MAX_PICTURE_BYTES = 50_000_000
MAX_MASK_BYTES = 4 * 1024 * 1024
PICTURE_TYPES = ("image/png", "image/webp", "image/jpeg")
FIXED_SIZES = ("1024x1024", "1536x1024", "1024x1536")
SIZE = re.compile(r"(\d{1,5})x(\d{1,5})")
LEAST_PIXELS, MOST_PIXELS, LONGEST_SIDE = 655_360, 8_294_400, 3840

Fields = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """A refusal in the shape of the service."""

    code: str | None
    message: str
    param: str | None = None
    status: int = 400
    type: str = "invalid_request_error"

    def as_json(self) -> dict[str, Any]:
        return {"error": {"message": self.message, "type": self.type, "param": self.param, "code": self.code}}


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """What one model takes beyond the rest."""

    free_sizes: bool = True
    qualities: tuple[str, ...] = ("auto", "low", "medium", "high")
    fidelities: tuple[str, ...] = ()
    complexity: bool = False
    markup: bool = False


FIVE = ("auto", "low", "medium", "high", "xhigh", "max")
MODELS: Mapping[str, Model] = {
    "gpt-image-2.6-sunburst": Model(qualities=FIVE, complexity=True, markup=True),
    "gpt-image-2.6-flare": Model(qualities=FIVE, complexity=True, markup=True),
    "gpt-image-2.5-sunburst": Model(qualities=FIVE),
    "gpt-image-2.5-flare": Model(qualities=FIVE),
    "gpt-image-2": Model(),
    "gpt-image-1.5": Model(free_sizes=False, fidelities=("high", "low")),
    "gpt-image-1-mini": Model(free_sizes=False, fidelities=("low",)),
    "chatgpt-image-latest": Model(free_sizes=False),
}
SERVER_MODEL = "sandbox-diffusion"
"""Stands for a server with a model of its own, which knows the smallest set of parameters and is strict about it."""
SERVER_FIELDS = frozenset({"model", "prompt", "n", "size", "response_format"})


def is_text(value: object) -> bool:
    return isinstance(value, str)


def is_switch(value: object) -> bool:
    return isinstance(value, bool)


def whole(least: int, most: int) -> Callable[[object], bool]:
    return lambda value: isinstance(value, int) and not isinstance(value, bool) and least <= value <= most


def one_of(*choices: str) -> Callable[[object], bool]:
    return lambda value: value in choices


BOTH: Mapping[str, tuple[Callable[[object], bool], str]] = {
    "model": (is_text, "a string"),
    "prompt": (lambda value: is_text(value) and len(str(value)) <= MAX_PROMPT, "a string of at most 32000 characters"),
    "n": (whole(1, 10), "a whole number from 1 to 10"),
    "size": (is_text, "a size"),
    "quality": (is_text, "a quality"),
    "background": (one_of("auto", "opaque", "transparent"), "auto, opaque or transparent"),
    "output_format": (one_of("png", "jpeg", "webp"), "png, jpeg or webp"),
    "output_compression": (whole(0, 100), "a whole number from 0 to 100"),
    "moderation": (one_of("auto", "low"), "auto or low"),
    "stream": (is_switch, "true or false"),
    "partial_images": (whole(0, 3), "a whole number from 0 to 3"),
    "complexity": (one_of("low", "medium", "high"), "low, medium or high"),
    "safety_identifier": (is_text, "a string"),
    "user": (is_text, "a string"),
}
"""Parameter -> (test, what is allowed); gif and svg are left out of this sandbox."""
EDIT_ONLY: Mapping[str, tuple[Callable[[object], bool], str]] = {
    "input_fidelity": (one_of("high", "low"), "high or low"),
}


def invalid(param: str, allowed: str) -> Problem:
    return Problem(code="invalid_value", message=f"Invalid value: '{param}' must be {allowed}.", param=param)


def problem_of(fields: Fields, pictures: Sequence[InputPicture], *, edit: bool) -> Problem | None:
    """Why the service refuses a call to one of its own models; None when it takes it."""
    model = MODELS.get(str(fields.get("model")))
    if model is None:
        message = f"The model '{fields.get('model')}' does not exist or has been deprecated."
        return Problem(code="model_not_found", message=message, status=404)
    checks = (_shape(fields, edit), _model_rules(fields, model), _together(fields), _pictures(pictures, model, edit))
    return next((problem for problem in checks if problem), None)


def server_problem(fields: Fields) -> list[dict[str, Any]]:
    """The entries of FastAPI's `detail` for a call to the model of a compatible server."""
    unknown = [name for name in fields if name not in SERVER_FIELDS]
    faults = [
        {"loc": ["body", name], "msg": "Extra inputs are not permitted", "type": "extra_forbidden"} for name in unknown
    ]
    if not fields.get("prompt"):
        faults.append({"loc": ["body", "prompt"], "msg": "Field required", "type": "missing"})
    return faults


def _shape(fields: Fields, edit: bool) -> Problem | None:
    known = {**BOTH, **EDIT_ONLY} if edit else BOTH
    for name, value in fields.items():
        if name not in known:
            return Problem(code="unknown_parameter", message=f"Unknown parameter: '{name}'.", param=name)
        test, allowed = known[name]
        if not test(value):
            return invalid(name, allowed)
    if not str(fields.get("prompt") or "").strip():
        return Problem(
            code="missing_required_parameter", message="Missing required parameter: 'prompt'.", param="prompt"
        )
    return None


def _model_rules(fields: Fields, model: Model) -> Problem | None:
    if not size_allowed(str(fields.get("size", "auto")), model):
        return invalid("size", f"auto, {', '.join(FIXED_SIZES)}{' or a free size' if model.free_sizes else ''}")
    if fields.get("quality", "auto") not in model.qualities:
        return invalid("quality", ", ".join(model.qualities))
    if "complexity" in fields and not model.complexity:
        return Problem(code="unknown_parameter", message="Unknown parameter: 'complexity'.", param="complexity")
    if "input_fidelity" in fields and fields["input_fidelity"] not in model.fidelities:
        message = "This model does not support this value of 'input_fidelity'."
        return Problem(code="invalid_input_fidelity_model", message=message, param="input_fidelity")
    return None


def size_allowed(size: str, model: Model) -> bool:
    if size == "auto" or size in FIXED_SIZES:
        return True
    found = SIZE.fullmatch(size)
    if found is None or not model.free_sizes:
        return False
    width, height = int(found[1]), int(found[2])
    if not (width and height) or width % 16 or height % 16 or max(width, height) > LONGEST_SIDE:
        return False
    return max(width, height) <= 3 * min(width, height) and LEAST_PIXELS <= width * height <= MOST_PIXELS


def _together(fields: Fields) -> Problem | None:
    form = fields.get("output_format", "png")
    if fields.get("background") == "transparent" and form == "jpeg":
        return invalid("background", "auto or opaque with jpeg")
    if "output_compression" in fields and form == "png":
        return invalid("output_compression", "left out with png")
    if "partial_images" in fields and not fields.get("stream"):
        return invalid("partial_images", "left out without stream")
    if fields.get("stream") and fields.get("n", 1) != 1:
        return invalid("n", "1 with stream")
    return None


def _pictures(pictures: Sequence[InputPicture], model: Model, edit: bool) -> Problem | None:
    images = [picture for picture in pictures if picture.field.startswith("image")]
    if edit and not 1 <= len(images) <= MAX_PICTURES:
        return Problem(code="invalid_value", message="Between 1 and 16 images are needed.", param="image")
    for number, picture in enumerate(images):
        if picture.problem or len(picture.data) > MAX_PICTURE_BYTES:
            return Problem(code="invalid_image_file", message="Invalid image file or mode.", param=f"image[{number}]")
    layers = {picture.field: picture for picture in pictures if picture.field in ("mask", "markup")}
    if len(layers) > 1:
        return Problem(code="invalid_value", message="'mask' and 'markup' exclude each other.", param="markup")
    return next((problem for layer in layers.values() if (problem := _layer(layer, images[0], model))), None)


def _layer(layer: InputPicture, first: InputPicture, model: Model) -> Problem | None:
    if layer.field == "markup" and not model.markup:
        return Problem(code="unknown_parameter", message="Unknown parameter: 'markup'.", param="markup")
    code = "invalid_mask_image_format" if layer.field == "mask" else "invalid_image_file"
    if layer.problem or layer.mime != "image/png" or not transparent(layer):
        return Problem(
            code=code, message=f"The {layer.field} must be a PNG with transparent pixels.", param=layer.field
        )
    if (layer.width, layer.height) != (first.width, first.height):
        return Problem(code=code, message=f"The {layer.field} must have the size of the image.", param=layer.field)
    if layer.field == "mask" and len(layer.data) >= MAX_MASK_BYTES:
        return Problem(code=code, message="The mask must be smaller than 4 MB.", param="mask")
    return None


def transparent(picture: InputPicture) -> bool:
    """Whether some pixel is not opaque; a picture without alpha channel has none."""
    from .drawing import raw

    image = raw(picture)
    return "A" in image.getbands() and image.getchannel("A").getextrema()[0] < 255
