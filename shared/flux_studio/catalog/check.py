"""Compare a request with its model card: every wrong field is named with its range, nothing has been sent."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from ..errors import InvalidRequest, InvalidRequests
from ..types import OptionValue, Request, Size, SizeClass
from .areas import area_faults
from .aspect import parse_aspect, ratio_of, ratio_text
from .card import ModelCard, OptionSpec, PictureRule
from .formats import fitting_format
from .options import check_option
from .sizes import as_listed, classes, fits, ratio_allowed, ratio_limits, size_for, size_limits, size_of_class, snap

MAX_COUNT = 8
MAX_SEED = 2**32 - 1
"""BFL documents no bounds; FLUX's own generators take 32 unsigned bits, and so do all other providers here."""
UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
"""Control characters and half surrogate pairs: no provider draws them, databases and JSON parsers choke on them."""
LOW_MODERATION = 5
"""Safety tolerance from which on a lower moderation by name is allowed: what BFL calls most permissive."""
NEAR = 1.15
"""How far the shape of a fixed size may be from a wished ratio without a word: 3:2 for 4:3, not for 16:9."""
TASK_WORDS: Mapping[str, str] = MappingProxyType({"tryon": "try clothes on"})
"""Tasks whose name is no verb, as they stand in a sentence."""
STRENGTH = "image_prompt_strength"
NEEDS_PICTURE = frozenset({"edit", "inpaint", "erase", "expand", "upscale", "cutout", "deblur", "tryon"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """A request that fits its card, and what was changed to make it fit."""

    request: Request
    notices: tuple[str, ...] = ()


@dataclass(slots=True)
class _Findings:
    """What the single checks of one request found so far."""

    faults: list[InvalidRequest] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)

    def fault(self, name: str, value: object, allowed: str, sentence: str = "") -> None:
        self.faults.append(InvalidRequest(name, value, allowed, sentence=sentence))


def without_image_prompt(card: ModelCard) -> ModelCard:
    """The card as it is while the admin has not switched IMAGE_PROMPT_SUPPORT on."""
    if not card.pictures.inspires:
        return card
    options = tuple(spec for spec in card.options if spec.name != STRENGTH)
    return replace(card, pictures=replace(card.pictures, fields=()), options=options)


def check(card: ModelCard, request: Request, *, safety_cap: int, advanced: bool = True) -> Checked:
    """Return the request as the provider may get it: cleaned prompt, snapped size, clamped safety tolerance.

    `safety_cap` is the admin's bound; without `advanced` the advanced settings are refused. Checking the
    result again changes nothing. Raises InvalidRequest, or InvalidRequests when several fields are wrong.
    """
    found = _Findings()
    request = _with_resolution(card, request)
    _check_model(card, request, found)
    _check_pictures(card, request, found)
    found.faults += area_faults(card, request)
    _check_numbers(card, request, found)
    prompt = _checked_prompt(card, request, found)
    options = _checked_options(card, request, safety_cap, advanced, found)
    size, aspect = _checked_shape(card, request, found)
    form, options = fitting_format(request.format, options, card, found.notices)
    if found.faults:
        raise found.faults[0] if len(found.faults) == 1 else InvalidRequests(found.faults)
    fitting = replace(request, prompt=prompt, options=options, format=form, size=size, aspect=aspect, size_class=None)
    return Checked(request=fitting, notices=tuple(found.notices))


def _check_model(card: ModelCard, request: Request, found: _Findings) -> None:
    if request.model != card.name:
        found.fault("model", request.model, card.name)
    if card.state == "withdrawn":
        instead = f"; take {card.successor} instead" if card.successor else ""
        since = f" on {card.state_since}" if card.state_since else ""
        found.fault("model", card.name, card.successor, f"{card.label} was withdrawn by its maker{since}{instead}.")
    if request.task not in card.tasks and not (request.pictures and not card.pictures.maximum):
        can = ", ".join(TASK_WORDS.get(task, task) for task in sorted(card.tasks))
        where = "" if card.in_chat else " It works in the editor, which opens with “Edit area” below a picture."
        asked = TASK_WORDS.get(request.task, request.task)
        found.fault("task", request.task, can, f"{card.label} cannot {asked} pictures; it can: {can}.{where}")


def too_many_pictures(card: ModelCard, given: int) -> InvalidRequest | None:
    """The fault of more pictures than the model takes, for callers that count before they read; None when they fit."""
    most = card.pictures.maximum
    if given <= most:
        return None
    if not most:
        why = " Your admin can switch picture prompts on (IMAGE_PROMPT_SUPPORT)." if card.pictures.inspires else ""
        return InvalidRequest("pictures", given, "none", sentence=f"{card.label} takes no pictures, only text.{why}")
    sentence = f"{card.label} takes up to {_pictures(most)}, not {given}."
    return InvalidRequest("pictures", given, f"up to {most}", sentence=sentence)


def _check_pictures(card: ModelCard, request: Request, found: _Findings) -> None:
    given, most = len(request.pictures), card.pictures.maximum
    least = max(card.pictures.required, int(request.task in NEEDS_PICTURE and bool(most)))
    if fault := too_many_pictures(card, given):
        found.faults.append(fault)
    elif given < least:
        found.fault("pictures", given, f"at least {least}", _needs_pictures(card, least, request.task))
    if not given and card.pictures.inspires and STRENGTH in request.options:
        sentence = f"{STRENGTH} weighs an attached picture against the prompt; attach one, or leave it out."
        found.fault(STRENGTH, request.options[STRENGTH], "only with an attached picture", sentence)
    for number, picture in enumerate(request.pictures[:most], start=1):
        if min(picture.width, picture.height) < card.pictures.min_side:
            allowed = f"sides of at least {card.pictures.min_side} pixels"
            found.fault(f"picture {number}", str(picture.size), allowed)


def _check_numbers(card: ModelCard, request: Request, found: _Findings) -> None:
    if not _whole_number(request.count, 1, MAX_COUNT):
        found.fault("count", request.count, f"whole number 1 to {MAX_COUNT}")
    if request.seed is not None and not card.seed:
        found.fault("seed", request.seed, "none", f"{card.label} takes no seed.")
    elif request.seed is not None and not _whole_number(request.seed, 0, MAX_SEED):
        found.fault("seed", request.seed, f"whole number 0 to {MAX_SEED}")
    if request.format is not None and not card.formats:
        found.fault("format", request.format, "none", f"{card.label} chooses the file format itself.")
    elif request.format is not None and request.format not in card.formats:
        found.fault("format", request.format, ", ".join(card.formats))


def _whole_number(value: object, minimum: int, maximum: int) -> bool:
    return type(value) is int and minimum <= value <= maximum


def _checked_prompt(card: ModelCard, request: Request, found: _Findings) -> str:
    if card.prompt == "none":
        if request.prompt.strip():
            found.notices.append(f"{card.label} works without a prompt; yours was left out.")
        return ""
    if len(request.prompt) > card.max_prompt:
        found.fault("prompt", f"{len(request.prompt):,} characters", f"up to {card.max_prompt:,} characters")
        return request.prompt
    prompt = UNPRINTABLE.sub("", request.prompt)
    if prompt != request.prompt:
        found.notices.append("Characters that cannot be printed were left out of the prompt.")
    if card.prompt_required and not prompt.strip():
        found.fault("prompt", "", "a description", "The prompt is empty; say what the picture should show.")
    return prompt


def _checked_options(
    card: ModelCard, request: Request, safety_cap: int, advanced: bool, found: _Findings
) -> Mapping[str, OptionValue]:
    names = [spec.name for spec in card.options if advanced or not spec.advanced]
    checked: dict[str, OptionValue] = {}
    for name, value in request.options.items():
        spec = card.option(name)
        if spec is None:
            has = ", ".join(names) or "none"
            found.fault(name, value, has, f"{card.label} has no setting “{name[:40]}”; it has: {has}.")
        elif spec.advanced and not advanced:
            sentence = f"Your admin has switched advanced settings off, so “{name}” cannot be set."
            found.fault(name, value, ", ".join(names) or "none", sentence)
        elif name == "moderation":
            checked.update(_bounded_moderation(spec, value, safety_cap, found))
        elif name == "safety_tolerance":
            checked.update(_clamped_safety(card, value, safety_cap, found))
        else:
            fitting = check_option(spec, value)
            if fitting is None:
                found.fault(name, value, spec.allowed)
            else:
                checked[name] = fitting
    if "safety_tolerance" not in request.options:
        # Left out, the provider would take its own default, which may be above the admin's bound.
        checked.update(_bound(card, safety_cap))
    return MappingProxyType(checked)


def _bounded_moderation(spec: OptionSpec, value: object, safety_cap: int, found: _Findings) -> dict[str, OptionValue]:
    """A level of moderation by name; the admin's bound holds for it too."""
    fitting = check_option(spec, value)
    if fitting is None:
        found.fault(spec.name, value, spec.allowed)
        return {}
    if fitting == "low" and safety_cap < LOW_MODERATION:
        found.notices.append("Moderation stays at the usual level: your admin allows no lower one.")
        return {}
    return {spec.name: fitting}


def _bound(card: ModelCard, safety_cap: int) -> dict[str, OptionValue]:
    spec = card.option("safety_tolerance")
    if spec is None:
        return {}
    lowest = int(spec.minimum or 0)
    return {spec.name: max(lowest, min(safety_cap, int(spec.maximum if spec.maximum is not None else safety_cap)))}


def _clamped_safety(card: ModelCard, value: OptionValue, safety_cap: int, found: _Findings) -> dict[str, OptionValue]:
    bound = _bound(card, safety_cap)
    spec, most = card.option("safety_tolerance"), bound["safety_tolerance"]
    lowest = int(spec.minimum or 0) if spec else 0
    if type(value) is not int or value < lowest:
        found.fault("safety_tolerance", value, f"whole number {lowest} to {most}")
        return {}
    if value <= int(most):
        return {"safety_tolerance": value}
    whose = "your admin allows" if int(most) == safety_cap else f"{card.label} allows"
    found.notices.append(f"Safety tolerance {str(value)[:10]} became {most}, the most that {whose}.")
    return bound


def _checked_shape(card: ModelCard, request: Request, found: _Findings) -> tuple[Size | None, str | None]:
    size, aspect = request.size, request.aspect
    if size is not None and aspect is not None:
        sentence = "Size and aspect ratio exclude each other; give one of them."
        found.fault("size", str(size), "size or aspect ratio", sentence)
    elif request.size_class is not None:
        return _checked_class(card, request, request.size_class, found)
    elif size is not None:
        return _checked_size(card, size, found)
    elif aspect is not None:
        return _checked_aspect(card, aspect, found)
    return None, None


def _checked_size(card: ModelCard, size: Size, found: _Findings) -> tuple[Size | None, str | None]:
    rule = card.size
    if not (type(size.width) is int and type(size.height) is int and min(size.width, size.height) > 0):
        found.fault("size", str(size), size_limits(rule))
    elif rule.kind == "ratio":
        aspect = ratio_text(size.width, size.height)
        if ratio_allowed(ratio_of(aspect), rule):
            found.notices.append(f"{card.label} takes a ratio instead of pixels: {size} became {aspect}.")
            return None, as_listed(aspect, rule)
        found.fault("size", str(size), size_limits(rule))
    elif rule.kind == "input" or not fits(size, rule):
        found.fault("size", str(size), size_limits(rule))
    else:
        snapped = snap(size, rule)
        if snapped != size:
            found.notices.append(f"{size} became {snapped}: this model works in steps of {rule.multiple}.")
        return snapped, None
    return None, None


def _checked_class(
    card: ModelCard, request: Request, name: SizeClass, found: _Findings
) -> tuple[Size | None, str | None]:
    """Turn 2K into pixels of the wished ratio, else of the picture's that is edited, else of the model's usual one."""
    rule, offered = card.size, classes(card.size)
    wished = request.aspect or _usual_ratio(card, request)
    if name not in offered:
        can = f"it makes {', '.join(offered)}" if offered else "its size is that of the input picture"
        found.fault("size", name, ", ".join(offered) or size_limits(rule), f"{card.label} has no {name}; {can}.")
    elif rule.kind == "ratio":
        return _checked_aspect(card, request.aspect, found) if request.aspect else (None, None)
    elif _checked_aspect(card, wished, found) != (None, None):
        return size_of_class(name, ratio_of(parse_aspect(wished) or "1:1"), rule), None
    return None, None


def _with_resolution(card: ModelCard, request: Request) -> Request:
    """A model that has a setting for how large its pictures become gets the size class there."""
    spec, size_class = card.option("resolution"), (request.size_class or "").lower()
    if spec is None or size_class not in spec.choices:
        return request
    return replace(request, size_class=None, options={spec.name: size_class, **request.options})


def _usual_ratio(card: ModelCard, request: Request) -> str:
    """Of the first picture, else the one the model makes when nothing is said."""
    size = request.pictures[0].size if request.pictures else card.size.default
    return ratio_text(size.width, size.height) if size else card.size.default_ratio or "1:1"


def _checked_aspect(card: ModelCard, text: str, found: _Findings) -> tuple[Size | None, str | None]:
    rule, aspect = card.size, parse_aspect(text)
    if rule.kind == "input":
        found.fault("aspect", text, size_limits(rule))
    elif aspect is None:
        found.fault("aspect", text, f"a ratio such as 16:9, {ratio_limits(rule)}")
    elif not ratio_allowed(ratio_of(aspect), rule):
        found.fault("aspect", text, ratio_limits(rule))
    elif rule.kind in ("free", "choice"):
        size = size_for(ratio_of(aspect), rule)
        if rule.kind == "choice" and not 1 / NEAR < size.width / size.height / ratio_of(aspect) < NEAR:
            found.notices.append(f"{aspect} became {size}, the nearest size {card.label} has.")
        return size, None
    else:
        return None, as_listed(aspect, rule)
    return None, None


def _needs_pictures(card: ModelCard, least: int, task: str) -> str:
    """Say how many pictures are missing, and in which order where that has a meaning."""
    if not card.pictures.roles:
        them = "it" if least == 1 else "them"
        return f"{card.label} needs {_pictures(least)} to {TASK_WORDS.get(task, task)}; attach {them} to the message."
    return f"{card.label} needs {_pictures(least)}; attach {in_order(card.pictures)}."


def in_order(rule: PictureRule) -> str:
    """The roles of the pictures in words: "first the person, then the garment"."""
    return f"first {', then '.join(rule.roles)}"


def _pictures(count: int) -> str:
    return "1 picture" if count == 1 else f"{count} pictures"
