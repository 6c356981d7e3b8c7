"""The short text below a picture: model, size, seed, seconds and cost, from job outcomes (pure)."""

from __future__ import annotations

from collections.abc import Sequence

from .jobs import JobRecord, Outcome
from .providers.bfl_answers import SANDBOX_NOTE


def caption(label: str, outcomes: Sequence[Outcome], first: int | None = None) -> str:
    """One line for all pictures of an answer; `first` is the first one's number in the chat, None without a chat.

    >>> FLUX.2 [pro] · #3 · 1024 × 1024 · seed 42 · 6.3 s · 3 credits
    """
    parts = [f"**{escape(label)}**", numbers_text(first, sum(len(outcome.files) for outcome in outcomes))]
    parts += [_sizes(outcomes), _seeds(outcomes), _seconds(outcomes), cost_text(outcomes)]
    parts += [_note(note) for note in dict.fromkeys(note for outcome in outcomes for note in outcome.notes)]
    return " · ".join(part for part in parts if part)


def numbers_text(first: int | None, count: int) -> str:
    """What pictures are called by in the chat: "#3", "#3 to #6"; empty without any."""
    if first is None or not count:
        return ""
    return f"#{first}" if count == 1 else f"#{first} {'and' if count == 2 else 'to'} #{first + count - 1}"


def cost_text(outcomes: Sequence[Outcome]) -> str:
    """The sum of what the provider charged; "about" as soon as one figure is an estimate."""
    known = [outcome for outcome in outcomes if outcome.cost is not None]
    total = sum(outcome.cost or 0.0 for outcome in known)
    if not total:
        return ""
    about = "" if all(outcome.cost_exact for outcome in known) and len(known) == len(outcomes) else "about "
    return f"{about}{amount(total, known[0].currency)}"


def estimate_text(records: Sequence[JobRecord]) -> str:
    """What an order will cost, "about 12 credits"; empty when a part of it has no known price, or all of it is free."""
    amounts = [record.amount for record in records if record.amount is not None]
    if not any(amounts) or len(amounts) < len(records):
        return ""
    currencies = dict.fromkeys(record.currency for record in records)
    sums = [sum(record.amount or 0.0 for record in records if record.currency == each) for each in currencies]
    return f"about {' and '.join(amount(value, each) for value, each in zip(sums, currencies, strict=True))}"


def amount(value: float, currency: str = "credits") -> str:
    """Write an amount without rounding noise: "3 credits", "1 credit", "1,234.5 credits", "$0.04"."""
    if currency == "USD":
        return f"${value:.4f}".rstrip("0").rstrip(".")
    text = f"{value:,.2f}".rstrip("0").rstrip(".")
    return f"{text} credit" if text == "1" else f"{text} credits"


def escape(text: str) -> str:
    """Keep stars, underscores, ticks and tags of a name from becoming markup.

    Brackets stay: the host would read a backslash before one as the start of a formula.
    """
    plain = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return "".join(f"\\{character}" if character in "\\`*_" else character for character in plain)


def literal(sentence: str) -> str:
    """A sentence for the text of an answer: the words of a provider or a person in it make no links or pictures."""
    return escape(sentence).replace("](", "] (")


def _sizes(outcomes: Sequence[Outcome]) -> str:
    sizes = dict.fromkeys(f"{outcome.width} × {outcome.height}" for outcome in outcomes if outcome.width)
    return ", ".join(sizes)


def _seeds(outcomes: Sequence[Outcome]) -> str:
    seeds = [str(outcome.seed) for outcome in outcomes if outcome.seed is not None]
    if not seeds:
        return ""
    return f"seed {seeds[0]}" if len(seeds) == 1 else f"seeds {', '.join(seeds)}"


def _seconds(outcomes: Sequence[Outcome]) -> str:
    return f"{max((outcome.seconds for outcome in outcomes), default=0.0):.1f} s"


def _note(note: str) -> str:
    return "sandbox, nothing was billed" if note == SANDBOX_NOTE else note
