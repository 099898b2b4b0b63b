"""Orders to suppliers: head office's and this store's own, with what came against them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from pos_client.journal import stock_card
from pos_client.replica import goods, replenishment
from pos_client.services.counter import Counter
from pos_core.stock.purchase import Purchase, purchases_of
from pos_core.sync.folds import FOLDS, Fact, facts_of
from pos_core.sync.folds.facts import OrderMoved


def purchases(counter: Counter) -> list[Purchase]:
    """Every order that is known here; documents of this workstation and of its neighbours count at once."""
    steps: dict[str, Mapping[str, Any]] = counter.replica.read(replenishment.order_steps)
    facts: list[Fact] = []
    for data in counter.journal.read(stock_card.order_documents):
        document = json.loads(data)
        facts += facts_of(document, document["body"], lean=True)
    for fact in [*facts, *counter.shared.orders_there()]:
        if isinstance(fact, OrderMoved):
            state = FOLDS["purchase"].apply({"steps": steps.get(fact.order_id, {})}, fact)
            steps[fact.order_id] = state["steps"]
    return purchases_of(counter.replica.read(goods.orders), steps)
