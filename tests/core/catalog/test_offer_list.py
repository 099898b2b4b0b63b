"""The policy `price_offers`: what it may say and who its lists are for."""

from __future__ import annotations

from typing import Any

import pytest

from pos_core.catalog.offer_list import BadOfferList, OfferList, parse_offer_lists

GOLD = {"price_list_id": "PL-GOLD", "kind": "tier", "tiers": ["gold", "black"]}
FLASH = {"price_list_id": "PL-FLASH", "kind": "flash", "store_groups": ["north"], "optional": True}


def test_lists_are_read_in_their_order() -> None:
    gold, flash = parse_offer_lists([GOLD, FLASH])
    assert gold == OfferList("PL-GOLD", "tier", ("gold", "black"))
    assert flash == OfferList("PL-FLASH", "flash", (), ("north",), True)


def test_who_gets_the_prices() -> None:
    gold, flash = parse_offer_lists([GOLD, FLASH])
    assert gold.is_for("black", []) and not gold.is_for("silver", []) and not gold.is_for(None, [])
    assert flash.is_for(None, ["south", "north"]) and not flash.is_for("gold", ["south"])


@pytest.mark.parametrize(
    "policy, path",
    [
        (7, "price_offers"),
        ([GOLD] * 21, "price_offers"),
        ([GOLD, GOLD], "price_offers"),
        (["PL"], "price_offers[0]"),
        ([{**FLASH, "x": 1}], "price_offers[0].x"),
        ([{**FLASH, "price_list_id": ""}], "price_offers[0].price_list_id"),
        ([{**FLASH, "kind": "sale"}], "price_offers[0].kind"),
        ([{**FLASH, "optional": 1}], "price_offers[0].optional"),
        ([{**FLASH, "tiers": ["gold"]}], "price_offers[0].tiers"),
        ([{**GOLD, "tiers": []}], "price_offers[0].tiers"),
        ([{**GOLD, "tiers": "gold"}], "price_offers[0].tiers"),
        ([{**FLASH, "store_groups": [1]}], "price_offers[0].store_groups"),
    ],
)
def test_what_cannot_be_meant_is_named(policy: Any, path: str) -> None:
    with pytest.raises(BadOfferList) as refused:
        parse_offer_lists(policy)
    assert refused.value.facts["path"] == path
