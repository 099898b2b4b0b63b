"""When and how often notices go out: policy `notices`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from pos_core.errors import InvalidInput
from sync_server.services.notices.kinds import CHANNELS, LANGUAGES
from sync_server.store import feed
from sync_server.store.engine import Txn

_MOST = {
    "quiet_from": 23,
    "quiet_to": 23,
    "per_member_per_day": 100,
    "attempts_max": 30,
    "coupon_ending_days": 365,
    "keep_days": 3650,
    "second_person_above": 100_000_000,
}
_LEAST = {"attempts_max": 1, "keep_days": 1}


@dataclass(frozen=True, slots=True)
class Rules:
    """Policy `notices`; a part of it may be given.

    Attributes:
        language: of the texts; region_languages: other ones in some regions, by the member's home store.
        order: the channel that is tried first, then the next that has an adapter, a text and an address.
        quiet_from, quiet_to: hours of the chain's zone in which nothing goes out; equal: none.
        per_member_per_day: more marketing waits for the next day; 0: no limit.
        attempts_max: then a notice is a dead letter.
        coupon_ending_days: a coupon's end is told so long before it; 0: not.
        keep_days: settled notices are forgotten after that.
        second_person_above: a sending to more members needs another person.
    """

    language: str = "zh"
    region_languages: Mapping[str, str] = field(default_factory=dict)
    order: tuple[str, ...] = ("push", "wechat", "sms", "email")
    quiet_from: int = 21
    quiet_to: int = 9
    per_member_per_day: int = 2
    attempts_max: int = 10
    coupon_ending_days: int = 0
    keep_days: int = 180
    second_person_above: int = 100

    def language_in(self, region: str) -> str:
        """Of a member whose home store lies there."""
        return self.region_languages.get(region, self.language)


def checked_rules(value: Any) -> Rules:
    """The policy's value. Raises InvalidInput."""
    known = {each.name for each in fields(Rules)}
    if not isinstance(value, dict) or not value.keys() <= known:
        raise InvalidInput(
            f"must be an object of {', '.join(sorted(known))}",
            reason="object",
            names=", ".join(sorted(known)),
        )
    for name in _MOST.keys() & value.keys():
        given = value[name]
        least, most = _LEAST.get(name, 0), _MOST[name]
        if type(given) is not int or not least <= given <= most:
            said = f"{name} must be a whole number from {least} to {most}"
            raise InvalidInput(said, path=name, reason="whole_within", least=least, most=most)
    if value.get("language", "zh") not in LANGUAGES:
        languages = ", ".join(LANGUAGES)
        raise InvalidInput(
            f"language must be one of {languages}", path="language", reason="one_of", names=languages
        )
    regions = value.get("region_languages", {})
    if not isinstance(regions, dict) or not all(each in LANGUAGES for each in regions.values()):
        raise InvalidInput(
            "region_languages must be an object of region and language",
            path="region_languages",
            reason="region_languages",
            names=", ".join(LANGUAGES),
        )
    order = value.get("order", [])
    known_ones = isinstance(order, list) and all(each in CHANNELS for each in order)
    if not known_ones or len(set(order)) != len(order):
        channels = ", ".join(CHANNELS)
        raise InvalidInput(
            f"order must be a list of {channels}, each once", path="order", reason="each_once", names=channels
        )
    made = {**value, "order": tuple(order)} if order else {k: v for k, v in value.items() if k != "order"}
    return Rules(**made)


def rules_of(txn: Txn) -> Rules:
    """The chain's; the defaults where the policy is none or no good."""
    value = feed.policy(txn, "notices")
    try:
        return Rules() if value is None else checked_rules(value)
    except InvalidInput:
        return Rules()


def loud_from(rules: Rules, now_ms: int, zone: ZoneInfo) -> int | None:
    """When the quiet hours that `now_ms` lies in are over; None: it lies in none."""
    if rules.quiet_from == rules.quiet_to:
        return None
    now = datetime.fromtimestamp(now_ms / 1000, UTC).astimezone(zone)
    if rules.quiet_from > rules.quiet_to:
        quiet = now.hour >= rules.quiet_from or now.hour < rules.quiet_to
    else:
        quiet = rules.quiet_from <= now.hour < rules.quiet_to
    if not quiet:
        return None
    end = now.replace(hour=rules.quiet_to, minute=0, second=0, microsecond=0)
    if end <= now:
        end += timedelta(days=1)
    return int(end.timestamp() * 1000)
