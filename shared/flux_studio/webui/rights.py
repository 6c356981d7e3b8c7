"""What a caller may do: models, files, chats and the host's image permission, asked of the host itself."""

from __future__ import annotations

import inspect
from typing import Any

from ..catalog import CARDS, ModelCard
from ..errors import NotPermitted

FUNCTION = "flux_studio"
"""Id of the pipe plugin; chat models are named flux_studio.<model>."""


async def require_image_permission(user: Any) -> None:
    """Raise NotPermitted when the admin has switched image generation off for this user."""
    from open_webui.models.config import Config
    from open_webui.utils.access_control import has_permission

    if user.role == "admin":
        return
    if not await has_permission(user.id, "features.image_generation", await Config.get("user.permissions")):
        raise NotPermitted("Your admin has not allowed you to make pictures (permission “Image Generation”).")


async def require_model(user: Any, model: str, app: Any) -> None:
    """Raise NotPermitted unless the host shows flux_studio.<model> and lets this user read it."""
    if not await may_use_model(user, model, app):
        raise NotPermitted(f"You have no access to the model “{model}”; ask your admin to share it with you.")


async def may_use_model(user: Any, model: str, app: Any) -> bool:
    """The host's own rule, applied to the server's own list of models: never to what a request claims.

    A model that the valve MODELS no longer shows is not on that list, whatever grants its entry still has.
    """
    from open_webui.config import BYPASS_ADMIN_ACCESS_CONTROL
    from open_webui.env import BYPASS_MODEL_ACCESS_CONTROL
    from open_webui.models.access_grants import AccessGrants
    from open_webui.models.models import Models

    identifier = f"{FUNCTION}.{model}"
    if identifier not in app.state.MODELS:
        return False
    if BYPASS_MODEL_ACCESS_CONTROL or (user.role == "admin" and BYPASS_ADMIN_ACCESS_CONTROL):
        return True
    entry = await Models.get_model_by_id(identifier)
    if entry is None or not entry.is_active:
        return False
    if entry.user_id == user.id:
        return True
    groups = {group.id for group in await groups_of(user.id)}
    return bool(
        await AccessGrants.has_access(
            user_id=user.id,
            resource_type="model",
            resource_id=identifier,
            permission="read",
            user_group_ids=groups,
        )
    )


async def groups_of(user: str) -> list[Any]:
    """The person's groups, inherited ones too where the host has them (since Open WebUI 0.12)."""
    from open_webui.models.groups import Groups

    nested = "include_inherited" in inspect.signature(Groups.get_groups_by_member_id).parameters
    options = {"include_inherited": True} if nested else {}
    return list(await Groups.get_groups_by_member_id(user, **options))


async def require_editor_model(user: Any, card: ModelCard, app: Any) -> None:
    """Raise NotPermitted unless this user may use the model in the editor (may_edit_with)."""
    if not await may_edit_with(user, card, app):
        raise NotPermitted(f"You have no access to the model “{card.name}”; ask your admin to share it with you.")


async def may_edit_with(user: Any, card: ModelCard, app: Any) -> bool:
    """The right to a model in the editor.

    A model that has an entry in the host is governed by it. A model that only the editor knows (fill, erase, expand)
    has none unless an admin makes one; it belongs to everyone who may use a chat model of the same provider.
    """
    from open_webui.models.models import Models

    if user.role == "admin":
        return True
    if card.in_chat or await Models.get_model_by_id(f"{FUNCTION}.{card.name}") is not None:
        return await may_use_model(user, card.name, app)
    for other in CARDS.values():
        if other.provider == card.provider and other.in_chat and await may_use_model(user, other.name, app):
            return True
    return False


async def may_read_file(user: Any, file: Any, *, own_only: bool = False) -> bool:
    """The host's file rule; `own_only` for temporary chats, where a chat id proves nothing."""
    from open_webui.utils.access_control.files import has_access_to_file

    if file.user_id == user.id:
        return True
    return not own_only and bool(await has_access_to_file(file.id, "read", user))


async def require_own_chat(user: Any, chat: str) -> None:
    """Raise NotPermitted unless the saved chat is the caller's own; an admin in a foreign chat is refused too."""
    from open_webui.models.chats import Chats
    from open_webui.utils.chat_id import is_saved_chat_id

    if not is_saved_chat_id(chat) or not await Chats.is_chat_owner(chat, user.id):
        raise NotPermitted("This works in your own saved chats only.")
