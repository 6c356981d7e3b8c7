"""The pictures a question works on, loaded, and the sentence that names them so that nobody has to guess."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..catalog import ModelCard
from ..catalog.check import in_order
from ..commands import Command, Typed
from ..commands.mentions import Mention, renamed
from ..types import Picture, Task
from . import attached, files
from .attached import Source
from .caller import Caller
from .messages import ChatPicture, messages_of_chat, numbered
from .targets import Scene, Target, choose, nothing_to_work_on, slot_of

EDIT = "edit"
"""Handler name of the command that needs a picture."""

WORKS_ON_ONE: frozenset[Task] = frozenset({"edit", "deblur"})
"""Tasks for which a single picture is enough, so that the newest of the chat can be taken."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Inputs:
    """Pictures for a request, how the prompt calls them, and the sentence that says which they are."""

    pictures: tuple[Picture, ...] = ()
    prompt: str = ""
    """With every picture called as the provider numbers it."""
    origin: str = ""
    first: int | None = None
    """The number that the first new picture gets in this chat; None where pictures have no numbers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """The pictures a question can mean, by number, and where the bytes of each are."""

    scene: Scene
    sources: tuple[Source, ...]
    """Number i stands at place i - 1."""


async def look_around(caller: Caller, body: Mapping[str, Any]) -> Surroundings:
    """The pictures above a question and those attached to it; none of them is read."""
    given = attached.attached(caller, body)
    scene = Scene(earlier=tuple(await _earlier(caller)), attached=len(given))
    return Surroundings(scene=scene, sources=(*(Source(file=each.file) for each in scene.earlier), *given))


async def gather(caller: Caller, body: Mapping[str, Any], card: ModelCard, typed: Typed) -> Inputs:
    """Attached pictures, those a question names by number, else the newest of this branch if the model can edit.

    `--new` starts from nothing, `--edit 3` takes number 3. Raises NotPermitted, StorageError, InvalidRequest.
    """
    seen = await look_around(caller, body)
    attached.require_few(card, seen.sources[len(seen.scene.earlier) :])
    scene, sources, command = seen.scene, seen.sources, typed.command
    target = choose(
        scene,
        typed.prompt,
        edits=bool(card.tasks & WORKS_ON_ONE),
        fresh=bool(typed.flags.get("new")),
        picked=picked_number(typed),
        command=command,
    )
    if command and command.handler == EDIT and not target.numbers:
        raise nothing_to_work_on(command)
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
        origin=origin_sentence(
            Origin(card=card, scene=scene, target=target, places=places, command=command),
            caller,
            prompt != typed.prompt,
        ),
        first=_first(caller, scene),
    )


def _first(caller: Caller, scene: Scene) -> int | None:
    """The host keeps no uploads of a temporary chat, so there they are not counted either."""
    if caller.temporary:
        return len(scene.earlier) + 1
    return scene.total + 1 if caller.saved else None


def picked_number(typed: Typed) -> int | None:
    """The number of --edit."""
    value = typed.flags.get("edit")
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """What the first line of an answer is made of."""

    card: ModelCard
    scene: Scene
    target: Target
    places: Sequence[int]
    """For each picture of the target its place among those that are sent, from 1."""
    command: Command | None = None
    """Says by itself whether something new is made."""

    @property
    def count(self) -> int:
        return len(set(self.places))

    @property
    def all_attached(self) -> bool:
        return set(self.target.numbers) <= set(self.scene.attached_numbers)


def origin_sentence(origin: Origin, caller: Caller, renamed_in_prompt: bool = False) -> str:
    """Say what is edited, with links and numbers, and the way to start afresh; empty for a picture from nothing."""
    if not origin.count:
        return ""
    if origin.card.pictures.roles and origin.all_attached:
        return f"Made of your {origin.count} attached pictures: {in_order(origin.card.pictures)}"
    if origin.count > 1 and (renamed_in_prompt or not origin.all_attached):
        firsts = [origin.target.numbers[origin.places.index(place)] for place in range(1, origin.count + 1)]
        named = [f"image {i} is {_name(origin.scene, number, caller)}" for i, number in enumerate(firsts, 1)]
        return f"Made of {origin.count} pictures: {', '.join(named)}"
    if origin.all_attached:
        return _attached_sentence(origin)
    afresh = " · `--new` starts from nothing" if "generate" in origin.card.tasks and origin.command is None else ""
    return f"{_done(origin)} {_name(origin.scene, origin.target.numbers[0], caller)}{afresh}"


def _attached_sentence(origin: Origin) -> str:
    numbers = ", ".join(f"#{number}" for number in origin.target.numbers)
    named = f" ({numbers})" if origin.scene.earlier or len(origin.target.numbers) > 1 else ""
    if origin.count > 1:
        return f"Made of your {origin.count} attached pictures, in their order{named}"
    return f"{_done(origin)} your attached picture{named}"


def _done(origin: Origin) -> str:
    if origin.card.pictures.inspires:
        return "Inspired by"
    return "A variation of" if origin.command and origin.command.handler == "vary" else "Edited"


def _name(scene: Scene, number: int, caller: Caller) -> str:
    """How a person is told of a picture: number, time and a link to it."""
    if number > len(scene.earlier):
        return f"the attached #{number}"
    picture = scene.earlier[number - 1]
    kind = "upload" if picture.role == "user" else "picture"
    clock = caller.clock(picture.timestamp)
    what = f"the newest {kind}, #{number}" if number == len(scene.earlier) else f"{kind} #{number}"
    return f"[{what}{f' ({clock})' if clock else ''}](/api/v1/files/{picture.file}/content)"
