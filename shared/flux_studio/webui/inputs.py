"""The pictures a question works on, loaded, and the sentence that names them so that nobody has to guess."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..catalog import ModelCard
from ..commands import Typed
from ..commands.mentions import Mention, renamed
from ..types import Picture
from . import attached, files
from .attached import Source
from .caller import Caller
from .messages import ChatPicture, messages_of_chat, numbered
from .targets import Scene, Target, choose, slot_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Inputs:
    """Pictures for a request, how the prompt calls them, and the sentence that says which they are."""

    pictures: tuple[Picture, ...] = ()
    prompt: str = ""
    """With every picture called as the provider numbers it."""
    origin: str = ""
    first: int | None = None
    """The number that the first new picture gets in this chat; None where pictures have no numbers."""


async def gather(caller: Caller, body: Mapping[str, Any], card: ModelCard, typed: Typed) -> Inputs:
    """Attached pictures, those a question names by number, else the newest of this branch if the model can edit.

    `--new` starts from nothing, `--edit 3` takes number 3. Raises NotPermitted, StorageError, InvalidRequest.
    """
    given = attached.attached(caller, body)
    attached.require_few(card, given)
    scene = Scene(earlier=tuple(await _earlier(caller)), attached=len(given))
    target = choose(
        scene,
        typed.prompt,
        edits="edit" in card.tasks,
        fresh=bool(typed.flags.get("new")),
        picked=_number(typed.flags.get("edit")),
    )
    sources = [*(Source(file=picture.file) for picture in scene.earlier), *given]
    chosen = [sources[number - 1] for number in target.numbers]
    attached.require_few(card, chosen)
    pictures = [await attached.read(source, caller) for source in chosen]
    unique = {picture.id: picture for picture in pictures}
    places = [list(unique).index(picture.id) + 1 for picture in pictures]
    fresh = bool(typed.flags.get("new")) and not pictures
    prompt = typed.prompt if fresh else _renamed(typed.prompt, target, places)
    return Inputs(
        pictures=tuple(unique.values()),
        prompt=prompt,
        origin=origin_sentence(scene, target, places, caller, called=prompt != typed.prompt),
        first=_first(caller, scene),
    )


def _first(caller: Caller, scene: Scene) -> int | None:
    """The host keeps no uploads of a temporary chat, so there they are not counted either."""
    if caller.temporary:
        return len(scene.earlier) + 1
    return scene.total + 1 if caller.saved else None


def _number(value: object) -> int | None:
    return value if type(value) is int else None


async def _earlier(caller: Caller) -> Sequence[ChatPicture]:
    """The pictures above this question, counted from the beginning of the branch."""
    if caller.temporary:
        shown = await files.shown_in_chat(caller.chat, user=caller.user)
        return [ChatPicture(file=file, number=i, message=message) for i, (file, message) in enumerate(shown, 1)]
    if caller.saved:
        return numbered(await messages_of_chat(caller.chat), caller.user_message.get("parentId"))
    return ()


def _renamed(prompt: str, target: Target, places: Sequence[int]) -> str:
    def place_of(mention: Mention) -> int | None:
        slot = slot_of(mention, target)
        return None if slot is None else places[slot]

    return renamed(prompt, place_of, len(set(places)))


def origin_sentence(
    scene: Scene, target: Target, places: Sequence[int], caller: Caller, *, called: bool = False
) -> str:
    """Say what is edited, with links and numbers, and the way to start afresh; empty for a picture from nothing.

    `called` tells that the prompt's own words for the pictures were exchanged for the provider's.
    """
    count = len(set(places))
    if not count:
        return ""
    if count > 1 and (called or not set(target.numbers) <= set(scene.attached_numbers)):
        firsts = [target.numbers[places.index(place)] for place in range(1, count + 1)]
        listed = [f"image {place} is {_name(scene, number, caller)}" for place, number in enumerate(firsts, 1)]
        return f"Made of {count} pictures: {', '.join(listed)}"
    if target.numbers[0] in scene.attached_numbers:
        return _attached_sentence(scene, target, count)
    return f"Edited {_name(scene, target.numbers[0], caller)} · `--new` starts from nothing"


def _attached_sentence(scene: Scene, target: Target, count: int) -> str:
    numbers = ", ".join(f"#{number}" for number in target.numbers)
    named = f" ({numbers})" if scene.earlier or len(target.numbers) > 1 else ""
    if count == 1:
        return f"Edited your attached picture{named}"
    return f"Made of your {count} attached pictures, in their order{named}"


def _name(scene: Scene, number: int, caller: Caller) -> str:
    """How a person is told of a picture: number, time and a link to it."""
    if number > len(scene.earlier):
        return f"the attached #{number}"
    picture = scene.earlier[number - 1]
    kind = "upload" if picture.role == "user" else "picture"
    clock = caller.clock(picture.timestamp)
    what = f"the newest {kind}, #{number}" if number == len(scene.earlier) else f"{kind} #{number}"
    return f"[{what}{f' ({clock})' if clock else ''}](/api/v1/files/{picture.file}/content)"
