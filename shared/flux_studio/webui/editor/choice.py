"""Which models a person may edit with, and under which settings."""

from __future__ import annotations

from dataclasses import dataclass

from ... import catalog
from ...catalog import ModelCard
from ...errors import InvalidRequest, NotPermitted
from ...providers import PROVIDERS
from ...settings import Settings
from ...valves import EditValves
from .. import rights
from ..model_choice import setup_sentence
from ..stored import stored_editor_settings
from .answers import in_order
from .sessions import Session


@dataclass(frozen=True, slots=True, kw_only=True)
class Workbench:
    """The settings of one call and the valves they come from."""

    settings: Settings
    valves: EditValves


async def workbench(session: Session) -> Workbench:
    """Today's settings of the editor for this person; raises ConfigurationError."""
    settings, valves = await stored_editor_settings(str(session.user.id))
    return Workbench(settings=settings, valves=valves)


async def usable_cards(session: Session, bench: Workbench) -> list[ModelCard]:
    """Every model this person may edit with, withdrawn ones too (they name their successor); raises NotPermitted."""
    offered = offered_cards(bench.settings)
    usable = [card for card in offered if await rights.may_edit_with(session.user, card, session.app)]
    if any(card.state != "withdrawn" for card in usable):
        return usable
    if not any(service.configured(bench.settings) for service in PROVIDERS.values()):
        raise NotPermitted(setup_sentence())
    raise NotPermitted("None of the image models is shared with you; ask your admin for access.")


async def chosen_card(name: str, session: Session, bench: Workbench) -> ModelCard:
    """The model a page asks for; raises InvalidRequest for one the editor does not offer, NotPermitted."""
    card = catalog.card(name)
    offered = offered_cards(bench.settings)
    if card not in offered:
        raise InvalidRequest("model", name, ", ".join(each.name for each in offered))
    await rights.require_editor_model(session.user, card, session.app)
    return card


def offered_cards(settings: Settings) -> list[ModelCard]:
    """What the editor offers under these settings; a withdrawn model is named, so that its successor can be."""
    current = catalog.for_editor(settings.models, lambda name: PROVIDERS[name].configured(settings))
    gone = [card for card in catalog.CARDS.values() if card.in_editor and card.state == "withdrawn"]
    return in_order([*current, *(card for card in gone if PROVIDERS[card.provider].configured(settings))])
