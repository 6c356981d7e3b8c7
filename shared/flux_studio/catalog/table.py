"""The catalog as texts for a table of models: README, docs and /models."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from . import CARDS
from .card import ModelCard, OptionSpec, Price, TokenPrice
from .check import in_order
from .price import usual_price
from .sizes import size_limits

TASK_NAMES: Mapping[str, str] = {"tryon": "try on"}
HEADINGS = ("Model", "Does", "Sizes", "Input pictures", "Settings", "Price", "State")


def table_rows(cards: Iterable[ModelCard] = tuple(CARDS.values())) -> list[tuple[str, ...]]:
    """Return one row of texts per card, in the order of HEADINGS."""
    return [
        (
            f"{card.label} (`{card.name}`)",
            ", ".join(TASK_NAMES.get(task, task) for task in sorted(card.tasks)),
            size_limits(card.size),
            _inputs(card),
            _options(card),
            _price(card),
            _state(card),
        )
        for card in cards
    ]


def price_text(price: Price | None) -> str:
    """The price of one picture in words: "3 credits, +1.5 per further output MP, +1.5 per input MP"."""
    if price is None:
        return "unknown"
    if price == Price(first=0.0, source=price.source):
        return "free"
    parts = [f"{price.first:g} credits"]
    parts += [f"{amount:g} with {price.by} {mode}" for mode, amount in price.modes.items()]
    if price.output_megapixel:
        parts.append(f"+{price.output_megapixel:g} per further output MP")
    if price.input_megapixel:
        parts.append(f"+{price.input_megapixel:g} per input MP")
    return ", ".join(parts)


def _price(card: ModelCard) -> str:
    if not isinstance(card.price, TokenPrice):
        return price_text(card.price)
    usual = usual_price(card)
    rates = card.price
    about = f"about ${usual.amount:.2g}, " if usual else ""
    return (
        f"{about}billed by tokens: per million ${rates.text_in:g} for text, ${rates.image_in:g} for pictures in, "
        f"${rates.image_out:g} for pictures out"
    )


def _inputs(card: ModelCard) -> str:
    most, least = card.pictures.maximum, card.pictures.required
    if not most:
        return "none"
    if card.pictures.inspires:
        return "1 as a prompt"
    if card.pictures.roles:
        return f"{most}: {in_order(card.pictures)}"
    if least == most:
        return str(most)
    return f"up to {most}" if not least else f"{least} to {most}"


def _options(card: ModelCard) -> str:
    texts = ["seed"] if card.seed else []
    texts += [f"{spec.name} ({spec.allowed}{_default(spec)})" for spec in card.options if not spec.computed]
    return ", ".join(texts) or "none"


def _default(spec: OptionSpec) -> str:
    if spec.default is None:
        return ""
    if isinstance(spec.default, bool):
        return f", default {'on' if spec.default else 'off'}"
    return f", default {spec.default}"


def _state(card: ModelCard) -> str:
    since = f" since {card.state_since}" if card.state_since else ""
    successor = f", successor {card.successor}" if card.successor else ""
    return f"{card.state}{since}{successor}"
