"""Sets of promotions that the console tries and compares: in force now, carried by the next release."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from pos_core.clock import Clock
from pos_core.pricing.codec import encode
from pos_core.pricing.compiled import RuleSet, compile_rules
from pos_core.pricing.errors import InvalidPromotions
from pos_core.pricing.load import load_promotions
from pos_core.pricing.rule import Promotion
from sync_server.services.publish import PromotionsRefused
from sync_server.services.release_rules import RuleBook
from sync_server.store import masters, release
from sync_server.store.engine import Store

Rule = dict[str, Any]
"""A promotion as JSON."""


class RuleSets:
    """Reads."""

    def __init__(self, store: Store, book: RuleBook, clock: Clock) -> None:
        self._store = store
        self._book = book
        self._clock = clock

    def running(self) -> dict[str, Rule]:
        """Promotions of the release for all that is in force now, by id."""
        found = self._book.in_force(self._clock.now_ms())
        rules = found.rules.promotions if found is not None else ()
        return {each.rule.id: encode(each.rule) for each in rules}

    def newest(self) -> dict[str, Promotion]:
        """Promotions of the newest release, in force or not, by id."""
        row = self._store.read(release.newest)
        found = None if row is None else self._book.of(row.version)
        return {} if found is None else {p.rule.id: p.rule for p in found.rules.promotions}

    def prepared(self) -> dict[str, Rule]:
        """Promotions that the next release would carry as things stand, by id."""
        drafts = self._store.read(masters.promotion_drafts)
        return {name: json.loads(text) for name, text in sorted(drafts.items())}


def compiled(rules: Iterable[Rule]) -> RuleSet:
    """Ready to price with. Raises PromotionsRefused."""
    try:
        return compile_rules(load_promotions({"format": 1, "promotions": list(rules)}))
    except InvalidPromotions as error:
        raise PromotionsRefused(error.message) from None
