"""What may be wrong with a price change, row by row and as a whole: found before anybody is asked.

Values in, values out. A dangerous finding needs a second person; the others are shown.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from pos_core.errors import InvalidInput
from sync_server.store.catalog import ItemRow
from sync_server.store.masters import PriceRow

POLICY_KEY = "price_change_checks"
PPM = 1_000_000
FINDINGS_KEPT = 500

DANGEROUS = frozenset(
    {"zero", "below_cost", "below_floor", "change_over", "wrong_scale", "too_many_items", "currency"}
)
HARMLESS = frozenset({"first_price", "starts_in_past", "inactive_item", "unchanged"})


class BadLimits(InvalidInput):
    """The policy `price_change_checks` is not as documented."""

    code = "bad_price_change_checks"


@dataclass(frozen=True, slots=True)
class Limits:
    """The policy `price_change_checks`; these are its values where it is absent.

    Attributes:
        change_max_ppm: a larger change, up or down, is dangerous.
        scale_ratio: a price this many times the one before, or this part of it, looks like a slip of ×100.
        items_max: more items in one change are dangerous.
    """

    change_max_ppm: int = 300_000
    scale_ratio: int = 50
    items_max: int = 5_000
    zero_allowed: bool = False

    @classmethod
    def of_policies(cls, policies: dict[str, Any]) -> Limits:
        """From the chain's policies. Raises BadLimits."""
        value = policies.get(POLICY_KEY, {})
        allowed = policies.get("zero_price_allowed") is True
        return cls(**checked_limits(value), zero_allowed=allowed)


def checked_limits(value: Any) -> dict[str, int]:
    """The policy's value. Raises BadLimits."""
    names = {"change_max_ppm": 10_000_000, "scale_ratio": 10_000, "items_max": 10_000_000}
    if not isinstance(value, dict) or not value.keys() <= names.keys():
        raise BadLimits(f"must be an object of {', '.join(names)}", reason="object", names=", ".join(names))
    for name, number in value.items():
        if type(number) is not int or not 1 <= number <= names[name]:
            said = f"{name} must be a whole number from 1 to {names[name]}"
            raise BadLimits(said, path=name, reason="whole_within", least=1, most=names[name])
    return value


@dataclass(frozen=True, slots=True)
class Before:
    """What a row is compared with. `price_minor` None: no price before. `cost_minor` None: not known."""

    price_minor: int | None
    cost_minor: int | None
    item: ItemRow | None
    own_currency: bool


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing about one row; `sku` "" is about the whole change."""

    code: str
    price_list_id: str = ""
    sku: str = ""
    new_minor: int | None = None
    old_minor: int | None = None
    limit: int | None = None

    @property
    def dangerous(self) -> bool:
        """Does it need a second person."""
        return self.code in DANGEROUS


@dataclass(frozen=True, slots=True)
class Checked:
    """The findings of a change: how many of each code, and the first of them, dangerous ones first."""

    counts: dict[str, int]
    shown: tuple[Finding, ...]

    @property
    def dangerous(self) -> int:
        """How many need a second person."""
        return sum(count for code, count in self.counts.items() if code in DANGEROUS)


def row_findings(row: PriceRow, before: Before, limits: Limits, now_ms: int) -> list[str]:
    """Codes for one row."""
    new, old, item = row.price_minor, before.price_minor, before.item
    found = []
    if new == 0 and not limits.zero_allowed:
        found.append("zero")
    if not before.own_currency:
        found.append("currency")
    elif before.cost_minor is not None and new < before.cost_minor:
        found.append("below_cost")
    if before.own_currency and item is not None and item.floor_minor is not None and new < item.floor_minor:
        found.append("below_floor")
    if old is None:
        found.append("first_price")
    elif old == new:
        found.append("unchanged")
    elif old > 0 and new > 0 and (new >= old * limits.scale_ratio or new * limits.scale_ratio <= old):
        found.append("wrong_scale")
    elif old > 0 and abs(new - old) * PPM > old * limits.change_max_ppm:
        found.append("change_over")
    if row.effective_from_ms < now_ms:
        found.append("starts_in_past")
    if item is not None and not item.active:
        found.append("inactive_item")
    return found


def check(
    rows: Iterable[PriceRow], before: Callable[[PriceRow], Before], limits: Limits, now_ms: int
) -> Checked:
    """Every row, then the whole."""
    counts: Counter[str] = Counter()
    dangerous: list[Finding] = []
    others: list[Finding] = []
    skus = set()
    for row in rows:
        skus.add(row.sku)
        known = before(row)
        for code in row_findings(row, known, limits, now_ms):
            counts[code] += 1
            kept = dangerous if code in DANGEROUS else others
            if len(kept) < FINDINGS_KEPT:
                kept.append(Finding(code, row.price_list_id, row.sku, row.price_minor, known.price_minor))
    if len(skus) > limits.items_max:
        counts["too_many_items"] += 1
        dangerous.insert(0, Finding("too_many_items", new_minor=len(skus), limit=limits.items_max))
    return Checked(dict(counts), tuple((dangerous + others)[:FINDINGS_KEPT]))
