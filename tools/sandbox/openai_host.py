"""OpenAI's images protocol on the submit host: generations, edits, streams, and the addresses Azure uses."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import json
import random
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from . import answers
from .drawing import Drawing, Order, previews
from .faults import FaultError, Faults, faults_of
from .journal import Call, open_headers
from .openai_rules import FIXED_SIZES, PICTURE_TYPES, SERVER_MODEL, SIZE, Problem, problem_of, server_problem
from .openai_usage import usage
from .pictures import InputPicture, measured
from .state import State
from .submission import LARGEST_SEED, drawable, reset

FILES = ("image", "image[]", "mask", "markup")
CREATED = 1_795_000_000


def refusal(problem: Problem, headers: Mapping[str, str] | None = None) -> web.Response:
    return web.json_response(problem.as_json(), status=problem.status, headers=headers)


def wrong_key() -> web.Response:
    """The service's own words; the key is not repeated as it does."""
    message = "Incorrect API key provided. You can find your API key at https://platform.openai.com/account/api-keys."
    return refusal(Problem(code="invalid_api_key", message=message, status=401))


def too_fast() -> web.Response:
    message = "Rate limit reached for images per minute. Please try again in 1s."
    return refusal(
        Problem(code="rate_limit_exceeded", message=message, status=429, type="images"), {"retry-after": "1"}
    )


def moderated(reasons: str) -> Problem:
    message = f"Your request was rejected by the safety system. safety_violations=[{reasons}]."
    return Problem(code="moderation_blocked", message=message, type="image_generation_user_error")


REFUSALS: Mapping[str, Callable[[Any], web.Response]] = {
    "invalid-key": lambda value: wrong_key(),
    "out-of-credits": lambda value: refusal(
        Problem(code="insufficient_quota", message="You exceeded your current quota.", status=429)
    ),
    "unverified": lambda value: refusal(
        Problem(code=None, message="Your organization must be verified to use the model.", status=403)
    ),
    "rate-limited": lambda value: too_fast(),
    "server-error": lambda value: answers.html_page(500, "Internal Server Error"),
    "unavailable": lambda value: answers.html_page(503, "Service Unavailable"),
    "request-moderated": lambda value: refusal(moderated(str(value))),
    "bad-parameter": lambda value: refusal(
        Problem(code="invalid_value", message="Invalid value: 'quality' is too high.", param="quality")
    ),
}
"""Fault -> answer that makes no picture."""
COUNTED = ("rate-limited", "unavailable")
"""Refusals that end after the number of times the fault names."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """A call the service takes, with all that follows from it."""

    fields: Mapping[str, Any]
    pictures: tuple[InputPicture, ...]
    faults: Faults
    order: Order
    edit: bool

    @property
    def kind(self) -> str:
        return "image_edit" if self.edit else "image_generation"

    @property
    def streams(self) -> bool:
        return bool(self.fields.get("stream")) and "json-instead" not in self.faults

    @property
    def previews(self) -> int:
        return int(self.fields.get("partial_images", 0)) if self.streams else 0


class OpenAIHost:
    """POST …/images/generations and …/images/edits, GET /openai-files/<id>."""

    def __init__(self, state: State) -> None:
        self.state = state

    def routes(self) -> list[web.RouteDef]:
        places = ("/v1", "/openai/v1", "/openai/deployments/{deployment}")
        return [web.post(f"{place}/images/{{kind:generations|edits}}", self.answer) for place in places]

    async def answer(self, request: web.Request) -> web.StreamResponse:
        if "deployment" in request.match_info and not request.query.get("api-version"):
            return answers.problem(404, "Resource not found")
        edit = request.match_info["kind"] == "edits"
        fields, pictures, problem = await (self._form(request) if edit else self._json(request))
        if problem is None:
            return await self._checked(request, fields, pictures, edit)
        self._log(request, fields, pictures, problem.status)
        return refusal(problem)

    # ---- what was sent

    async def _json(self, request: web.Request) -> tuple[dict[str, Any], tuple[InputPicture, ...], Problem | None]:
        try:
            body = json.loads(await request.read())
        except ValueError:
            body = None
        if not isinstance(body, dict):
            return {}, (), Problem(code=None, message="We could not parse the JSON body of your request.")
        return body, (), None

    async def _form(self, request: web.Request) -> tuple[dict[str, Any], tuple[InputPicture, ...], Problem | None]:
        fields: dict[str, Any] = {}
        pictures: list[InputPicture] = []
        if request.content_type != "multipart/form-data":
            return {}, (), Problem(code="unsupported_content_type", message="Edits need multipart/form-data.")
        async for part in await request.multipart():
            if part.name in FILES and part.filename:
                data = bytes(await part.read())
                if part.headers.get("Content-Type") not in PICTURE_TYPES:
                    return fields, tuple(pictures), unsupported(part.headers.get("Content-Type"))
                name = "image" if part.name == "image[]" else part.name
                pictures.append(await asyncio.to_thread(measured, name, data))
            else:
                fields[part.name] = typed(part.name, await part.text())
        return fields, tuple(pictures), None

    async def _checked(
        self, request: web.Request, fields: dict[str, Any], pictures: tuple[InputPicture, ...], edit: bool
    ) -> web.StreamResponse:
        name = str(fields.get("model"))
        deployment = request.match_info.get("deployment")
        if deployment:  # the deployment decides, whatever the body says
            fields = {**fields, "model": "gpt-image-2"}
        if name == SERVER_MODEL and (faults := server_problem(fields)):
            self._log(request, fields, pictures, 422)
            return answers.problem(422, faults)
        problem = None if name == SERVER_MODEL else await asyncio.to_thread(problem_of, fields, pictures, edit=edit)
        if problem is None:
            try:
                wish = self._wish(fields, pictures, edit)
            except FaultError as error:
                problem = Problem(code="invalid_value", message=str(error), param="prompt")
        if problem is not None:
            self._log(request, fields, pictures, problem.status)
            return refusal(problem)
        return await self._accepted(request, wish)

    def _wish(self, fields: dict[str, Any], pictures: tuple[InputPicture, ...], edit: bool) -> Wish:
        prompt = str(fields["prompt"])
        order = Order(
            endpoint=str(fields["model"]),
            prompt=drawable(prompt),
            seed=random.randint(0, LARGEST_SEED),  # noqa: S311 - no secret
            size=size_of(str(fields.get("size", "auto")), pictures),
            grain=self.state.settings.grain,
            output_format=str(fields.get("output_format", "png")),
            pictures=pictures,
            values=fields,
            given=frozenset(fields),
            shift=self.state.settings.edit_shift,
        )
        faults = faults_of(prompt, self.state.settings.faults)
        return Wish(fields=fields, pictures=pictures, faults=faults, order=order, edit=edit)

    # ---- what is answered

    async def _accepted(self, request: web.Request, wish: Wish) -> web.StreamResponse:
        for name, value in wish.faults.items():
            if name in REFUSALS and self._applies(name, value, wish):
                response = REFUSALS[name](value)
                self._log(request, wish.fields, wish.pictures, response.status)
                return response
        self._log(request, wish.fields, wish.pictures, 0 if "connection-reset" in wish.faults else 200)
        if "connection-reset" in wish.faults:
            return reset(request)
        drawing = await self.state.draw(wish.order)
        if wish.streams:
            return await self._stream(request, wish, drawing)
        await self.state.sleep(self._duration(wish))
        if "content-moderated" in wish.faults:
            return refusal(moderated(str(wish.faults["content-moderated"])))
        body = self._whole(wish, drawing)
        return answers.half_json(body) if "malformed-submit" in wish.faults else self._with_id(body)

    def _applies(self, name: str, value: float | str, wish: Wish) -> bool:
        if name not in COUNTED or value == "":
            return True
        used = (name, wish.order.prompt)
        self.state.faults_used[used] += 1
        return self.state.faults_used[used] <= float(value)

    def _duration(self, wish: Wish) -> float:
        return float(wish.faults.get("slow", self.state.settings.duration))

    def _with_id(self, body: Mapping[str, Any]) -> web.Response:
        return web.json_response(body, headers={"x-request-id": f"req_{uuid.uuid4().hex}"})

    def _whole(self, wish: Wish, drawing: Drawing) -> dict[str, Any]:
        if "answers-url" in wish.faults:
            entry = {"url": self.state.keep_file(drawing)}
        elif "no-sample" in wish.faults:
            return {"created": CREATED}
        else:
            entry = {"b64_json": base64.b64encode(drawing.data).decode()}
        return {"created": CREATED, "data": [entry], **facts(wish, drawing), "usage": self._usage(wish, drawing)}

    def _usage(self, wish: Wish, drawing: Drawing) -> dict[str, Any]:
        return usage(wish.fields, wish.pictures, (drawing.width, drawing.height), wish.previews)

    async def _stream(self, request: web.Request, wish: Wish, drawing: Drawing) -> web.StreamResponse:
        headers = {"Content-Type": "text/event-stream", "x-request-id": f"req_{uuid.uuid4().hex}"}
        response = web.StreamResponse(headers=headers)
        await response.prepare(request)
        steps = wish.previews + 1
        with contextlib.suppress(ConnectionResetError):  # whoever asked has gone
            events = await self._events(wish, drawing)
            for number, event in enumerate(events):
                if number < steps:
                    await self.state.sleep(self._duration(wish) / steps)
                if event is None:
                    return reset(request)
                await response.write(f"event: {event.get('type', 'error')}\ndata: {json.dumps(event)}\n\n".encode())
            await response.write_eof()
        return response

    async def _events(self, wish: Wish, drawing: Drawing) -> Sequence[dict[str, Any] | None]:
        """The events in order; None cuts the connection."""
        shown = await asyncio.to_thread(previews, drawing, wish.previews)
        partials: list[dict[str, Any]] = [
            {
                "type": f"{wish.kind}.partial_image",
                "b64_json": base64.b64encode(data).decode(),
                "partial_image_index": index,
                "created_at": CREATED,
                **facts(wish, drawing),
            }
            for index, data in enumerate(shown)
        ]
        completed = {
            "type": f"{wish.kind}.completed",
            "b64_json": base64.b64encode(drawing.data).decode(),
            "created_at": CREATED,
            **facts(wish, drawing),
            "usage": self._usage(wish, drawing),
        }
        return arranged(wish, partials, completed)

    def _log(
        self, request: web.Request, fields: Mapping[str, Any], pictures: Sequence[InputPicture], status: int
    ) -> None:
        kept: dict[str, Any] = dict(fields)
        for name in ("image", "mask", "markup"):
            found = [picture.facts() for picture in pictures if picture.field == name]
            if found:
                kept[name] = found if name == "image" else found[0]
        call = Call(
            endpoint=request.path,
            body=kept,
            headers=open_headers(request.headers),
            time=self.state.clock(),
            status=status,
        )
        self.state.journal.calls.append(call)


def arranged(wish: Wish, partials: list[dict[str, Any]], completed: dict[str, Any]) -> Sequence[dict[str, Any] | None]:
    """The events as the faults have them."""
    if "content-moderated" in wish.faults:
        return [*partials, {"type": "error", **moderated(str(wish.faults["content-moderated"])).as_json()}]
    if "error" in wish.faults:
        failure = Problem(code="server_error", message="An error occurred while processing your request.")
        return [*partials, {"type": "error", **failure.as_json()}]
    if "no-completed" in wish.faults:
        return partials
    if "broken-stream" in wish.faults:
        return [*partials, None]
    if "unknown-event" in wish.faults:
        return [{"type": f"{wish.kind}.heartbeat", "note": "still drawing"}, *partials, completed]
    if "final-first" in wish.faults:
        return [completed, *partials]
    return [*partials, completed]


def facts(wish: Wish, drawing: Drawing) -> dict[str, Any]:
    """What was really used, as every answer and event tells."""
    quality, background = wish.fields.get("quality", "auto"), wish.fields.get("background", "auto")
    return {
        "size": f"{drawing.width}x{drawing.height}",
        "quality": "medium" if quality == "auto" else quality,
        "background": "opaque" if background == "auto" else background,
        "output_format": wish.order.output_format,
    }


def unsupported(kind: str | None) -> Problem:
    message = f"Invalid file: unsupported mimetype ('{kind}'). Supported are {', '.join(PICTURE_TYPES)}."
    return Problem(code="unsupported_file_mimetype", message=message, param="image")


def typed(name: str | None, text: str) -> Any:
    """A form field in the type the parameter has."""
    if name in ("n", "output_compression", "partial_images") and text.isdigit():
        return int(text)
    if name == "stream" and text.lower() in ("true", "false"):
        return text.lower() == "true"
    return text


def size_of(size: str, pictures: Sequence[InputPicture]) -> tuple[int, int]:
    """Width and height of a size text; "auto" is the fixed size closest to the shape of the first picture."""
    found = SIZE.fullmatch(size)
    if found:
        return int(found[1]), int(found[2])
    wide = pictures[0].width / pictures[0].height if pictures else 1.0
    sizes = [tuple(map(int, text.split("x"))) for text in FIXED_SIZES]
    width, height = min(sizes, key=lambda each: abs(each[0] / each[1] - wide))
    return width, height
