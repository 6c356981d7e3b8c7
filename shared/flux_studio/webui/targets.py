"""Which pictures a question means, decided before any is read: attached, chosen by number, or the newest (pure)."""

from __future__ import annotations

from dataclasses import dataclass

from ..commands import Command
from ..commands.mentions import Mention, mentions
from ..errors import InvalidRequest
from .messages import ChatPicture

NUMBERS = "the number below a picture of this chat"
ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth")


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """What a question can mean. All pictures count on: those above it, then the attached ones."""

    earlier: tuple[ChatPicture, ...] = ()
    """Of this branch, oldest first; number i stands at place i - 1."""
    attached: int = 0

    @property
    def total(self) -> int:
        return len(self.earlier) + self.attached

    @property
    def attached_numbers(self) -> tuple[int, ...]:
        return tuple(range(len(self.earlier) + 1, self.total + 1))


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """The pictures a request is made of, by their numbers, in the order in which they are sent."""

    numbers: tuple[int, ...] = ()


def choose(
    scene: Scene,
    prompt: str,
    *,
    edits: bool,
    fresh: bool = False,
    picked: int | None = None,
    command: Command | None = None,
) -> Target:
    """Decide for a prompt, the flags --new (`fresh`) and --edit (`picked`), and a model that `edits` or does not.

    Without a word about it the newest picture is meant; a `command` that makes new pictures means none.

    The picture of --edit comes first, then all attached ones, then those the prompt names. Raises InvalidRequest
    (field "picture") with one sentence when a number is none of this chat's or when more than one may be meant.
    """
    if fresh and picked is not None:
        sentence = "--edit and --new exclude each other; keep one of them."
        raise InvalidRequest("--edit", picked, "one of --edit and --new", sentence=sentence)
    first = () if picked is None else (picked,)
    named = () if fresh else _named(scene, prompt, edits)
    for number in (*first, *named):
        _require_known(scene, number)
    if not set(first) & set(named) and not set(named) & set(scene.attached_numbers):
        for number in named:
            _require_one_meaning(scene, number)
    numbers = tuple(dict.fromkeys((*first, *scene.attached_numbers, *named)))
    makes_new = command is not None and command.task == "generate"
    if numbers or fresh or not edits or makes_new or not scene.earlier:
        return Target(numbers=numbers)
    return Target(numbers=(_newest(scene, command),))


def the_one(scene: Scene, prompt: str, *, picked: int | None, command: Command) -> int:
    """The number of the single picture a command works on; raises InvalidRequest for none and for several."""
    numbers = choose(scene, prompt, edits=True, picked=picked, command=command).numbers
    if len(numbers) == 1:
        return numbers[0]
    if not numbers:
        raise nothing_to_work_on(command)
    example = f"/{command.name} #{numbers[0]}"
    sentence = f"/{command.name} takes one picture, not {len(numbers)}; name it by its number, as in {example}."
    raise InvalidRequest("picture", "several pictures", NUMBERS, sentence=sentence)


def nothing_to_work_on(command: Command) -> InvalidRequest:
    """There is no picture for a command that needs one."""
    sentence = f"There is no picture in this chat for /{command.name} yet: attach one, or make one with /imagine."
    return InvalidRequest("picture", "none", NUMBERS, sentence=sentence)


def slot_of(mention: Mention, target: Target) -> int | None:
    """The place of a mentioned picture among the inputs, from 0; None for words that name no picture.

    Raises InvalidRequest for an [Image 5] that is not there.
    """
    if mention.kind == "chat":
        return target.numbers.index(mention.number) if mention.number in target.numbers else None
    if 1 <= mention.number <= len(target.numbers):
        return mention.number - 1
    if mention.kind == "words":
        return None
    count = len(target.numbers)
    there = {0: "there is none", 1: "there is only one"}.get(count, f"there are {count}")
    sentence = f"[Image {mention.number}] is not among the pictures of this message: {there}."
    raise InvalidRequest("picture", mention.number, f"1 to {count}", sentence=sentence)


def _named(scene: Scene, prompt: str, edits: bool) -> tuple[int, ...]:
    """Numbers in the prompt that mean pictures: a leading one always, another only where there is such a picture."""
    found = [mention for mention in mentions(prompt) if mention.kind == "chat"]
    return tuple(each.number for each in found if each.leads or (edits and 1 <= each.number <= scene.total))


def _require_known(scene: Scene, number: int) -> None:
    if 1 <= number <= scene.total:
        return
    there = {0: "no picture yet", 1: "only #1"}.get(scene.total, f"#1 to #{scene.total}")
    sentence = (
        f"There is no picture #{number} in this chat; there is {there}. What only looks like one belongs in quotes."
    )
    raise InvalidRequest("picture", number, NUMBERS, sentence=sentence)


def _require_one_meaning(scene: Scene, number: int) -> None:
    """With pictures above and attached ones, #1 may be the first of either."""
    if number > min(scene.attached, len(scene.earlier)):
        return
    place = ORDINALS[number - 1] if number <= len(ORDINALS) else f"{number}th"
    sentence = (
        f"“#{number}” may be picture #{number} of this chat or the {place} one attached here; "
        f"write #{scene.attached_numbers[number - 1]} for the attached one, or add --edit {number} for the other."
    )
    raise InvalidRequest("picture", number, NUMBERS, sentence=sentence)


def _newest(scene: Scene, command: Command | None) -> int:
    """The newest picture of the branch; asks when the newest message with pictures has several."""
    newest = scene.earlier[-1]
    together = [picture.number for picture in scene.earlier if picture.message == newest.message]
    if len(together) == 1:
        return newest.number
    raise InvalidRequest("picture", "several pictures", NUMBERS, sentence=_question(together, newest.role, command))


def _question(numbers: list[int], role: str, command: Command | None) -> str:
    """One sentence that asks which of several pictures is meant."""
    where = "The last answer shows" if role == "assistant" else "The last upload has"
    between = "and" if len(numbers) == 2 else "to"
    those = f"{where} {len(numbers)} pictures, #{numbers[0]} {between} #{numbers[-1]}: "
    if command is not None:
        return f"{those}say which one is meant, as in /{command.name} #{numbers[0]}."
    return f"{those}send just “#{numbers[0]}” to say which one is edited, or your message with --new for a new picture."
