"""Promotions of the `stock` goods, put where the next release takes them from."""

from __future__ import annotations

import json
from typing import Any

from sync_server.services.publish import Publisher
from sync_server.store import feed, masters
from tests.server.support.office import Chain
from tests.server.support.shop import stock

HALF: dict[str, Any] = {
    "id": "HALF",
    "name": "第二件半价",
    "name_en": "Second at half price",
    "phase": "item",
    "benefit": {"kind": "nth_percent", "units": 2, "rate_ppm": 500_000},
    "stack": "one_promotion_per_item",
}
GOLD: dict[str, Any] = {
    "id": "GOLD",
    "name": "金卡九折",
    "name_en": "Gold: ten percent off",
    "phase": "basket",
    "scope": {"member": {"tiers": ["gold"]}, "channels": ["pos"]},
    "benefit": {"kind": "basket_percent", "rate_ppm": 100_000},
    "stack": "one_promotion_per_item",
}
TIERS = [{"code": "gold", "name": "金卡", "name_en": "Gold"}]


def prepare(chain: Chain, *rules: dict[str, Any]) -> None:
    """The next release carries these."""
    rows = [(rule["id"], json.dumps(rule, ensure_ascii=False)) for rule in rules]
    chain.office.store.write(lambda txn: masters.put_promotions(txn, rows))


def stocked(chain: Chain, *running: dict[str, Any], items: int = 5) -> None:
    """Goods at 10.00 in S001, a tier, and a release with these promotions in force."""
    stock(chain, items, publish=False)
    policy = ["member_tiers", json.dumps(TIERS, ensure_ascii=False)]
    chain.office.store.write(lambda txn: feed.put_rows(txn, "policy", "chain", [policy]))
    prepare(chain, *running)
    Publisher(chain.office.store, chain.office.releases, chain.clock).publish(note="first")
