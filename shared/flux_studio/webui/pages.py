"""The calls of our pages and buttons: (page, op) → handler, every right asked anew, errors as plain JSON."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from ..catalog import CARDS
from ..errors import InvalidRequest, StudioError
from . import files, rights
from .admin_calls import ADMIN_OPERATIONS
from .editor.operations import EDITOR_OPERATIONS
from .guard import guarded
from .page_call import Operation, PageCall

log = logging.getLogger("flux_studio.pages")


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
    **ADMIN_OPERATIONS,
    **EDITOR_OPERATIONS,
}
