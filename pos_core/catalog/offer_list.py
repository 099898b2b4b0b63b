"""Price lists beside a store's own: member tiers, scheduled and flash prices (policy `price_offers`).

The policy is a list of `{"price_list_id", "kind": "tier" | "scheduled" | "flash"}`, with *optional* `tiers`
(members of one of these; asked for by kind tier, refused by the others), `store_groups` (stores in one of
these) and `optional` (the search may leave the price). The rows come with releases like all prices.
docs/promotions.md, "Prices from lists".
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, Literal, cast

from pos_core.errors import InvalidInput

OFFER_LISTS_MAX = 20
_FIELDS = frozenset({"price_list_id", "kind", "tiers", "store_groups", "optional"})
_KINDS = ("tier", "scheduled", "flash")


class BadOfferList(InvalidInput):
    """The policy cannot be understood; `facts`: path, reason."""

    code = "bad_offer_list"


@dataclass(frozen=True, slots=True)
class OfferList:
    """One list of offers. Empty `tiers` or `store_groups`: no restriction."""

    price_list_id: str
    kind: Literal["scheduled", "flash", "tier"]
    tiers: tuple[str, ...] = ()
    store_groups: tuple[str, ...] = ()
    optional: bool = False

    def is_for(self, tier: str | None, store_groups: Collection[str]) -> bool:
        """True when this shopper in a store of these groups gets its prices."""
        return (not self.tiers or tier in self.tiers) and (
            not self.store_groups or not set(self.store_groups).isdisjoint(store_groups)
        )


def parse_offer_lists(policy: object) -> tuple[OfferList, ...]:
    """The lists of a policy value (decoded JSON), in its order. Raises BadOfferList."""
    if not isinstance(policy, (list, tuple)):
        raise BadOfferList("price_offers must be a list", path="price_offers", reason="not_a_list")
    if len(policy) > OFFER_LISTS_MAX:
        raise BadOfferList("too many lists", path="price_offers", reason="too_many")
    lists = tuple(_offer_list(each, f"price_offers[{index}]") for index, each in enumerate(policy))
    if len({each.price_list_id for each in lists}) != len(lists):
        raise BadOfferList("a list stands twice", path="price_offers", reason="doubled")
    return lists


def _offer_list(value: Any, path: str) -> OfferList:
    if not isinstance(value, dict):
        raise BadOfferList("an object is asked for", path=path, reason="not_an_object")
    strange = sorted(str(name) for name in value if name not in _FIELDS)
    if strange:
        raise BadOfferList(
            f"unknown field {strange[0]!r}", path=f"{path}.{strange[0]}", reason="unknown_field"
        )
    name, kind, optional = value.get("price_list_id"), value.get("kind"), value.get("optional", False)
    if not isinstance(name, str) or not 1 <= len(name) <= 64:
        raise BadOfferList("1 to 64 characters", path=f"{path}.price_list_id", reason="not_a_code")
    if kind not in _KINDS:
        raise BadOfferList("tier, scheduled or flash", path=f"{path}.kind", reason="unknown_kind")
    if type(optional) is not bool:
        raise BadOfferList("true or false", path=f"{path}.optional", reason="not_a_flag")
    tiers = _codes(value.get("tiers", []), f"{path}.tiers")
    if (kind == "tier") != bool(tiers):
        raise BadOfferList("tiers go with kind tier", path=f"{path}.tiers", reason="tiers_and_kind")
    groups = _codes(value.get("store_groups", []), f"{path}.store_groups")
    return OfferList(name, cast(Literal["scheduled", "flash", "tier"], kind), tiers, groups, optional)


def _codes(value: Any, path: str) -> tuple[str, ...]:
    if not isinstance(value, (list, tuple)) or not all(isinstance(each, str) and each for each in value):
        raise BadOfferList("a list of codes is asked for", path=path, reason="not_codes")
    return tuple(value)
