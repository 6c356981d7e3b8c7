"""How many pictures and how much money a person may order, and what is said at the limit (pure)."""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

CREDITS_PER_USD = 100.0
"""1 credit of Black Forest Labs = 0.01 USD (docs.bfl.ai, pricing): amounts of all providers add up in credits."""

GROUP_LIMITS_FORM = (
    "Group: 50 a day, 500 credits a month; several groups with a semicolon between, “unlimited” for no limit"
)
TOLERANCE = 1e-6
"""Credits by which sums of decimal prices may miss a round limit."""

_PART = re.compile(
    r"(?P<daily>\d{1,9})(?: pictures?)? (?:a|per) day"
    r"|(?P<dollars>\$ ?)?(?P<amount>\d{1,9}(?:\.\d{1,4})?)(?P<unit> credits?| usd)? (?:a|per) month"
    r"|(?P<unlimited>unlimited|no limits?)"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowance:
    """What one person may order; infinity = no limit."""

    pictures_a_day: float = math.inf
    credits_a_month: float = math.inf

    @property
    def unlimited(self) -> bool:
        return math.isinf(self.pictures_a_day) and math.isinf(self.credits_a_month)


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupLimit:
    """What members of a group of the host may order; None = the group says nothing about it."""

    group: str
    pictures_a_day: float | None = None
    credits_a_month: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """What a person has ordered in the current day and month (UTC) by the database's clock."""

    pictures_today: int = 0
    credits_this_month: float = 0.0
    now: float = 0.0
    """Seconds since the epoch."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What an order would add; credits None = no price is known."""

    pictures: int
    credits: float | None = None


def in_credits(amount: float, currency: str) -> float:
    """An amount of any provider in credits."""
    return amount * CREDITS_PER_USD if currency == "USD" else amount


def day_start(now: float) -> float:
    """The last midnight UTC, in seconds since the epoch."""
    return _moment(now).replace(hour=0, minute=0, second=0, microsecond=0).timestamp()


def month_start(now: float) -> float:
    """Midnight UTC of the first of the month, in seconds since the epoch."""
    return _moment(day_start(now)).replace(day=1).timestamp()


def day_end(now: float) -> float:
    """The next midnight UTC."""
    return (_moment(day_start(now)) + timedelta(days=1)).timestamp()


def month_end(now: float) -> float:
    """Midnight UTC of the next month's first day."""
    return month_start(month_start(now) + 32 * 86_400)


def allowance_of(general: Allowance, rows: Sequence[GroupLimit], groups: Collection[str]) -> Allowance:
    """What a member of these groups may order: the most generous of the groups' own limits, else the general one."""
    own = [row for row in rows if row.group in groups]
    daily = [row.pictures_a_day for row in own if row.pictures_a_day is not None]
    monthly = [row.credits_a_month for row in own if row.credits_a_month is not None]
    return Allowance(
        pictures_a_day=max(daily, default=general.pictures_a_day),
        credits_a_month=max(monthly, default=general.credits_a_month),
    )


def fits(allowance: Allowance, usage: Usage, wanted: Wanted) -> bool:
    """Whether an order stays within the limits; without a known price only a budget that is used up refuses."""
    if usage.pictures_today + wanted.pictures > allowance.pictures_a_day:
        return False
    left = allowance.credits_a_month - usage.credits_this_month
    return left > TOLERANCE if wanted.credits is None else wanted.credits <= left + TOLERANCE


def refusal(allowance: Allowance, usage: Usage, wanted: Wanted, *, ends: str = "") -> str:
    """One sentence for an order that does not fit: the limit, what is used, what was wanted, when it ends.

    `ends` names the next midnight UTC in the person's own time, empty for UTC.
    """
    if usage.pictures_today + wanted.pictures > allowance.pictures_a_day:
        limit = _pictures(int(allowance.pictures_a_day))
        left = max(0, int(allowance.pictures_a_day) - usage.pictures_today)
        until = ends or "00:00 UTC"
        if not left:
            return f"Your {limit} of today are used up, the limit ends at {until}; nothing was sent."
        return (
            f"This would make {_pictures(wanted.pictures)}, but of your {limit} a day {usage.pictures_today} are used: "
            f"{left} left until {until}. Nothing was sent."
        )
    budget, used = _credits(allowance.credits_a_month), _credits(usage.credits_this_month)
    first = _moment(month_end(usage.now))
    until = f"{first.day} {first:%B} (UTC)"
    remaining = max(0.0, allowance.credits_a_month - usage.credits_this_month)
    if wanted.credits is None or remaining <= TOLERANCE:
        return f"Your {budget} of this month are used up ({used}), the budget ends on {until}; nothing was sent."
    return (
        f"This would cost about {_credits(wanted.credits)}, but of your {budget} a month {used} are used: "
        f"{_credits(remaining)} left until {until}. Nothing was sent."
    )


def read_group_limits(text: str) -> tuple[GroupLimit, ...]:
    """Read the valve GROUP_LIMITS, e.g. "Design: 50 a day, 500 credits a month; Press: unlimited".

    Raises ValueError with the part that cannot be read.
    """
    rows = [_group_limit(entry.strip()) for entry in re.split(r"[;\n]", text) if entry.strip()]
    names = [row.group for row in rows]
    if twice := next((name for name in names if names.count(name) > 1), None):
        raise ValueError(twice)
    return tuple(rows)


def _group_limit(entry: str) -> GroupLimit:
    group, colon, rest = entry.rpartition(":")
    if not colon or not group.strip() or not rest.strip():
        raise ValueError(entry)
    found: dict[str, float] = {}
    for part in rest.split(","):
        read = _quantities(part)
        if found.keys() & read.keys():
            raise ValueError(entry)
        found |= read
    return GroupLimit(group=group.strip(), **found)


def _quantities(part: str) -> dict[str, float]:
    match = _PART.fullmatch(" ".join(part.split()).lower())
    # "500 a month" may mean pictures, credits or dollars: only what says its unit counts
    if match is None or (match["amount"] and bool(match["dollars"]) == bool(match["unit"])):
        raise ValueError(part.strip())
    if match["unlimited"]:
        return {"pictures_a_day": math.inf, "credits_a_month": math.inf}
    if match["daily"]:
        return {"pictures_a_day": float(match["daily"])}
    usd = bool(match["dollars"]) or match["unit"] == " usd"
    return {"credits_a_month": in_credits(float(match["amount"]), "USD" if usd else "credits")}


def _pictures(number: int) -> str:
    return f"{number} picture{'' if number == 1 else 's'}"


def _credits(value: float) -> str:
    text = f"{value:,.2f}".rstrip("0").rstrip(".")
    return f"{text} credit{'' if text == '1' else 's'}"


def _moment(now: float) -> datetime:
    return datetime.fromtimestamp(now, UTC)
