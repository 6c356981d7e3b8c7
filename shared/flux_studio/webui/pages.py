"""The calls of our pages and buttons: (page, op) → handler, every right asked anew, errors as plain JSON."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from ..catalog import CARDS
from ..errors import InvalidRequest, StudioError
from . import files, rights
from .guard import guarded

log = logging.getLogger("flux_studio.pages")


@dataclass(frozen=True, slots=True, kw_only=True)
class PageCall:
    """One call of a page. Only `user` is known for sure; everything in `data` and `body` is a claim."""

    user: Any
    app: Any
    body: Mapping[str, Any]
    data: Mapping[str, Any]

    def text(self, name: str) -> str:
        """A required text of the call; raises InvalidRequest naming it."""
        value = self.data.get(name)
        if not isinstance(value, str) or not value or len(value) > 10_000:
            raise InvalidRequest(name, value, "a text")
        return value


Operation = Callable[[PageCall], Awaitable[dict[str, Any]]]


async def respond(body: Mapping[str, Any], user: Any, app: Any) -> dict[str, Any]:
    """Answer `body["event"] = {"page", "op", …}`; a failure is {"error": sentence, "field"?: name}, never raised."""
    event = body.get("event")
    try:
        async with guarded("page call"):
            if not isinstance(event, Mapping):
                raise InvalidRequest("event", event, "an object with page and op")
            operation = OPERATIONS.get((str(event.get("page")), str(event.get("op"))))
            if operation is None:
                known = ", ".join(f"{page}/{op}" for page, op in OPERATIONS)
                raise InvalidRequest("op", f"{event.get('page')}/{event.get('op')}", known)
            return await operation(PageCall(user=user, app=app, body=body, data=event))
    except InvalidRequest as error:
        return {"error": error.sentence, "field": error.field}
    except StudioError as error:
        return {"error": error.sentence}


async def show_recipe(call: PageCall) -> dict[str, Any]:
    """How one picture was made: {"recipe": {...}, "label": model}; own or shared pictures only."""
    recipe = await files.recipe_of(call.text("picture"), user=call.user)
    if recipe is None:
        return {"recipe": None, "label": ""}
    card = CARDS.get(recipe.model)
    return {"recipe": recipe.to_json(), "label": card.label if card else recipe.model}


async def list_models(call: PageCall) -> dict[str, Any]:
    """The names of all models the caller may use."""
    usable = [name for name in CARDS if await rights.may_use_model(call.user, name, call.app)]
    return {"models": usable}


OPERATIONS: dict[tuple[str, str], Operation] = {
    ("info", "recipe"): show_recipe,
    ("info", "models"): list_models,
}
