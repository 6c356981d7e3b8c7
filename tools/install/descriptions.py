"""The sentence each model's entry gets, out of the catalog."""

from __future__ import annotations

from collections.abc import Mapping

COMMANDS = "Answers the slash commands of every chat."


def descriptions() -> Mapping[str, str]:
    """Description by model name, without the prefix of the pipe."""
    from flux_studio.catalog import CARDS

    return {"commands": COMMANDS, **{name: card.summary for name, card in CARDS.items()}}
