"""Publishing a release: what price and promotion drafts become, and when a base is due instead of a delta.

A price file replaces every row of the (price list, SKU) pairs that it names. So a delta carries, for each
pair with a draft, all of its rows that can still count; a base carries all pairs.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from pos_core.canonical import canonical_bytes
from pos_core.clock import Clock
from pos_core.errors import Refusal
from pos_core.pricing.errors import InvalidPromotions
from pos_core.pricing.load import load_promotions
from sync_server.services.releases import DAY_MS, ReleaseFile, Releases
from sync_server.services.take_back import StateBefore, as_published
from sync_server.store import masters, release, rollout
from sync_server.store.engine import Store, Txn
from sync_server.store.masters import PriceRow
from sync_server.store.release import ReleaseRow

PRICE_COLUMNS = ["price_list_id", "sku", "effective_from_ms", "effective_to_ms", "price_minor"]
DELTAS_MAX = 20
"""After so many deltas the next release carries a base: who was long away need not fetch more."""
KEPT_AFTER_END_MS = 7 * DAY_MS
"""Prices that ended longer ago leave the files; clocks of workstations may be some days behind."""


class NothingToPublish(Refusal):
    """No price draft, and the promotions are those of the newest release."""

    code = "nothing_to_publish"


class EffectiveTooEarly(Refusal):
    """It would take effect before a release that is staged already and that it builds on."""

    code = "effective_from_too_early"


class RolloutRunning(Refusal):
    """A release is still on its way to the stores: what follows it would carry it to everybody."""

    code = "rollout_running"


class PromotionsRefused(Refusal):
    """The promotions together cannot be meant (two of one id, groups that contradict each other)."""

    code = "promotions_refused"


@dataclass(frozen=True, slots=True)
class Published:
    """What became a release. `kind` is base or delta, of its price file."""

    release: ReleaseRow
    kind: str
    price_rows: int
    price_pairs: int
    promotions: int

    def as_dict(self) -> dict[str, Any]:
        """The `--json` form."""
        return {
            "ok": True,
            "version": self.release.version,
            "manifest_sha256": self.release.manifest_sha256,
            "effective_from_ms": self.release.effective_from_ms,
            "kind": self.kind,
            "price_rows": self.price_rows,
            "price_pairs": self.price_pairs,
            "promotions": self.promotions,
        }


class Publisher:
    """Turns drafts into releases, one at a time."""

    def __init__(self, store: Store, releases: Releases, clock: Clock) -> None:
        self._store = store
        self._releases = releases
        self._clock = clock

    def pending(self) -> dict[str, int]:
        """What the next release would carry: changed (price list, SKU) pairs, promotions."""
        return self._store.read(
            lambda txn: {
                "price_pairs": masters.unpublished_pairs(txn),
                "promotions": len(masters.promotion_drafts(txn)),
            }
        )

    def publish(
        self,
        *,
        effective_from_ms: int | None = None,
        note: str = "",
        base: bool = False,
        actor: str = "command line",
    ) -> Published:
        """One transaction: files, manifest, feed row, drafts marked. `effective_from_ms` None means now.

        `base` asks for a base although a delta would do. Raises NothingToPublish, EffectiveTooEarly,
        PromotionsRefused; nothing is changed then.
        """
        return self._store.write(
            lambda txn: self.publish_in(
                txn, effective_from_ms=effective_from_ms, note=note, base=base, actor=actor
            )
        )

    def publish_in(
        self,
        txn: Txn,
        *,
        effective_from_ms: int | None = None,
        note: str = "",
        base: bool = False,
        actor: str = "command line",
        stores: Sequence[str] | None = None,
        before: StateBefore | None = None,
    ) -> Published:
        """The same inside the caller's transaction. Raises RolloutRunning too.

        `stores`: offered to them alone (services/rollouts.py). `before`: takes a
        release back with a base of published prices and the promotions of before; what waits goes on waiting.
        """
        running = rollout.under_way(txn)
        if running is not None:
            raise RolloutRunning("finish it or take it back first", version=running.version)
        now = self._clock.now_ms()
        history = release.all_releases(txn)
        effective = now if effective_from_ms is None else effective_from_ms
        if history and effective < history[-1].effective_from_ms and before is None:
            raise EffectiveTooEarly(
                "a release that is published already takes effect later",
                version=history[-1].version,
                effective_from_ms=history[-1].effective_from_ms,
            )
        promotions, promotion_count = _promotions_file(txn)
        taking_back = before is not None
        if before is not None:
            base, promotions = True, before.promotions
            promotion_count = len(json.loads(promotions)["promotions"])
        same = not masters.unpublished_pairs(txn) and not self._changed(history, promotions)
        if same and not base and not self._releases.a_coupon_key_was_revoked(txn):
            raise NothingToPublish("nothing has changed since the newest release")
        whole = base or _base_is_due(history, self._releases) or self._releases.is_ahead_of_us(txn)
        carried = masters.prices_to_publish(txn, everything=whole)
        if before is not None:
            carried = _published(carried, before)
        rows = list(_still_counting(carried, now - KEPT_AFTER_END_MS))
        files = [_price_file(rows, whole), ReleaseFile("promotions", "base", promotions)]
        made = self._releases.publish(
            txn, files, effective_from_ms=effective, note=note, actor=actor, stores=stores
        )
        if not taking_back:
            masters.mark_published(txn, made.version)
        pairs = len({(row.price_list_id, row.sku) for row in rows})
        return Published(made, "base" if whole else "delta", len(rows), pairs, promotion_count)

    def confirm_in(self, txn: Txn, *, actor: str) -> ReleaseRow:
        """The newest release again with a new date: what waits for a release goes on waiting.

        A delta without rows, or a base where one is due. Raises RolloutRunning.
        """
        running = rollout.under_way(txn)
        if running is not None:
            raise RolloutRunning("finish it or take it back first", version=running.version)
        history = release.all_releases(txn)
        newest, now = history[-1], self._clock.now_ms()
        state, rows = as_published(txn, self._releases), list[PriceRow]()
        whole = _base_is_due(history, self._releases) or self._releases.is_ahead_of_us(txn)
        if whole:
            carried = _published(masters.prices_to_publish(txn, everything=True), state)
            rows = list(_still_counting(carried, now - KEPT_AFTER_END_MS))
        return self._releases.publish(
            txn,
            [_price_file(rows, whole), ReleaseFile("promotions", "base", state.promotions)],
            effective_from_ms=max(now, newest.effective_from_ms),
            actor=actor,
            confirms=newest.version if newest.confirms is None else newest.confirms,
        )

    def _changed(self, history: list[ReleaseRow], promotions: bytes) -> bool:
        """True when the newest release carries other promotions."""
        if not history:
            return len(json.loads(promotions)["promotions"]) > 0
        for entry in self._releases.files_of(history[-1]):
            if entry["name"] == "promotions":
                before = self._releases.content_of(str(entry["sha256"]))
                return hashlib.sha256(before).digest() != hashlib.sha256(promotions).digest()
        return True


def _price_file(rows: Sequence[PriceRow], whole: bool) -> ReleaseFile:
    prices = {
        "columns": PRICE_COLUMNS,
        "rows": [
            [r.price_list_id, r.sku, r.effective_from_ms, r.effective_to_ms, r.price_minor] for r in rows
        ],
    }
    return ReleaseFile("prices", "base" if whole else "delta", canonical_bytes(prices))


def _published(rows: Iterable[PriceRow], before: StateBefore) -> Iterator[PriceRow]:
    """Published rows alone, in key order; of pairs with a waiting row, the published ones of before."""
    kept = [row for row in rows if (row.price_list_id, row.sku) not in before.prices]
    kept += [row for found in before.prices.values() for row in found]
    return iter(sorted(kept, key=lambda row: (row.price_list_id, row.sku, row.effective_from_ms)))


def _promotions_file(txn: Txn) -> tuple[bytes, int]:
    drafts = masters.promotion_drafts(txn)
    data = {"format": 1, "promotions": [json.loads(drafts[promotion_id]) for promotion_id in sorted(drafts)]}
    try:
        load_promotions(data)
    except InvalidPromotions as error:
        raise PromotionsRefused(error.message) from None
    return canonical_bytes(data), len(drafts)


def _base_is_due(history: list[ReleaseRow], releases: Releases) -> bool:
    """The first release, and every release after DELTAS_MAX deltas in a row."""
    for row in reversed(history[-DELTAS_MAX:]):
        if any(entry["name"] == "prices" and entry["kind"] == "base" for entry in releases.files_of(row)):
            return False
    return True


def _still_counting(rows: Iterable[PriceRow], horizon_ms: int) -> Iterator[PriceRow]:
    """Rows that can be in force at `horizon_ms` or later; `rows` in key order.

    An ended row cannot; nor can a row without end once a later one without end has begun.
    """
    for _, group in groupby(rows, key=lambda row: (row.price_list_id, row.sku)):
        of_pair = list(group)
        begun = [
            r.effective_from_ms
            for r in of_pair
            if r.effective_to_ms is None and r.effective_from_ms <= horizon_ms
        ]
        newest_open = max(begun, default=None)
        for row in of_pair:
            if row.effective_to_ms is not None:
                if row.effective_to_ms > horizon_ms:
                    yield row
            elif newest_open is None or row.effective_from_ms >= newest_open:
                yield row
