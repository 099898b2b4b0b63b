"""Compiled promotions by release, made ready before the first scan needs them."""

from __future__ import annotations

import contextlib
import threading
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING

from pos_client.collector import settle
from pos_client.log import get_logger
from pos_client.replica.replica import Replica
from pos_client.services.chain_rules import offer_lists
from pos_core.errors import InvalidInput

if TYPE_CHECKING:
    from pos_core.pricing.compiled import RuleSet

_log = get_logger(__name__)
KEPT = 4


class RuleSets:
    """`of` answers at once for a prepared release; `prepare` works on a thread of its own.

    A thousand promotions take most of a second to compile: nobody should wait for it with goods in hand.
    """

    def __init__(self, replica: Replica) -> None:
        self._replica = replica
        self._lock = threading.Lock()
        self._sets: dict[int, RuleSet | None] = {}
        self._worker = ThreadPoolExecutor(max_workers=1, thread_name_prefix="rule-sets")

    def of(self, version: int) -> RuleSet | None:
        """The promotions of a release; None when it has none and no price list lies beside
        the store's own, or none that can be read (logged)."""
        known = self._sets
        if version in known:
            return known[version]
        with self._lock:
            if version not in self._sets:
                self._keep(version, self._load(version))
            return self._sets[version]

    def ready(self, version: int) -> bool:
        """Whether `of` would answer at once."""
        return version in self._sets

    def prepare(self, instant_ms: int) -> Future[None]:
        """Ready the release in force at `instant_ms` and those that wait for their minute."""
        return self._worker.submit(self._prepare, instant_ms)

    def close(self) -> None:
        """End the thread."""
        self._worker.shutdown(wait=True, cancel_futures=True)

    def _prepare(self, instant_ms: int) -> None:
        active = self._replica.active_release(instant_ms)
        staged = [each.ref.version for each in self._replica.staged_releases(instant_ms)[: KEPT - 2]]
        for version in [*([active.version] if active else []), *staged]:
            self.of(version)

    def _keep(self, version: int, rule_set: RuleSet | None) -> None:
        sets = {**self._sets, version: rule_set}
        for old in sorted(sets)[:-KEPT]:
            if old != version:
                del sets[old]
        self._sets = sets
        settle()  # a thousand promotions are objects that stay

    def _load(self, version: int) -> RuleSet | None:
        data = self._replica.promotions(version)
        offers = bool(offer_lists(self._replica.policy("price_offers")))
        if data is None and not offers:
            return None
        import pos_client.services.pricing.promotion_pricer  # noqa: F401 (ready too before the first scan)
        import pos_core.pricing.sale_record  # noqa: F401 (and before the first payment)
        from pos_core.pricing.compiled import compile_rules
        from pos_core.pricing.load import load_promotions

        try:
            promotions = load_promotions(data if data is not None else {"promotions": []})
        except InvalidInput as error:
            with contextlib.suppress(OSError):
                _log.error("promotions_not_understood", release=version, **error.as_dict())
            return None
        return compile_rules(promotions) if promotions.promotions or offers else None
