"""Every campaign beside the others: reach, redemption, sales, margin and what came back for what was given.

Margin is of lines whose cost was known when they were gathered; without any there is none, and no return
on what was given. That return takes every basket with a coupon as the campaign's doing: the most that it can
have been. What it was beyond chance says the campaign's own page, against those held out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pos_core.sync.reference import KINDS
from sync_server.services.campaigns.plan import plan_from
from sync_server.services.console.documents import stores_in
from sync_server.store import campaign, campaign_sums, feed
from sync_server.store.engine import Store, Txn
from sync_server.store.schema.campaign_sums import FIGURES

SHOWN_MAX = 300
SHOWN_STATES = ("running", "stopped", "past")
_KIND = KINDS["coupon_campaign"].column_names


@dataclass(frozen=True, slots=True)
class Took:
    """What was taken in a campaign; amounts in minor units, what came back taken off.

    `redeemers` None: not known for a part of the chain. `issued` None likewise.
    """

    issued: int | None
    held_out: int | None
    redeemers: int | None
    uses: int
    given_minor: int
    baskets: int
    net_minor: int
    costed_net_minor: int
    cost_minor: int

    @property
    def margin_minor(self) -> int | None:
        """Of lines whose cost is known; None: of none is it known."""
        return self.costed_net_minor - self.cost_minor if self.costed_net_minor else None

    @property
    def margin_ppm(self) -> int | None:
        """Share of the net of those lines."""
        margin = self.margin_minor
        return None if margin is None else round(margin * 1_000_000 / self.costed_net_minor)

    @property
    def costed_ppm(self) -> int | None:
        """Share of the net whose cost is known."""
        return round(self.costed_net_minor * 1_000_000 / self.net_minor) if self.net_minor > 0 else None

    @property
    def roi_ppm(self) -> int | None:
        """Margin over what coupons gave, if all of it was the campaign's doing."""
        margin = self.margin_minor
        return (
            None if margin is None or self.given_minor <= 0 else round(margin * 1_000_000 / self.given_minor)
        )

    def roi_of(self, incremental_minor: int | None) -> int | None:
        """The margin of sales that would not have come otherwise, over what coupons gave.

        What a coupon gives is in the net already: what the campaign earned is the margin it brought.
        """
        if incremental_minor is None or self.margin_ppm is None or self.given_minor <= 0:
            return None
        return round(incremental_minor * self.margin_ppm / self.given_minor)

    @property
    def redeemed_ppm(self) -> int | None:
        """Redeemers of those who got one; None: shared codes reach whoever reads them."""
        if not self.issued or self.redeemers is None:
            return None
        return round(self.redeemers * 1_000_000 / self.issued)


@dataclass(frozen=True, slots=True)
class CampaignLine:
    """A campaign in the list; `has_page`: it can be opened."""

    campaign_id: str
    name: str
    name_en: str
    valid_from_ms: int
    valid_to_ms: int
    state: str
    has_page: bool
    took: Took


class CampaignOverview:
    """Reads; with `region` what was taken in its stores."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def listing(self, region: str | None) -> list[CampaignLine]:
        """Those that have begun, the newest first."""

        def read(txn: Txn) -> list[CampaignLine]:
            heads = _heads(txn)
            ids = [head[0] for head in heads]
            took = took_of(txn, ids, None if region is None else sorted(stores_in(txn, region)))
            return [CampaignLine(*head, took[head[0]]) for head in heads]

        return self._store.read(read)

    def days(self, campaign_id: str) -> Sequence[Mapping[str, Any]]:
        """A campaign day by day."""
        return self._store.read(lambda txn: campaign_sums.days(txn, campaign_id))

    def stores(self, campaign_id: str, region: str | None) -> list[dict[str, Any]]:
        """A campaign store by store, with their names."""

        def read(txn: Txn) -> list[dict[str, Any]]:
            there = stores_in(txn, region)
            return [row for row in campaign_sums.stores(txn, campaign_id) if row["store_id"] in there]

        return self._store.read(read)


def took_of(txn: Txn, campaign_ids: Sequence[str], stores: Sequence[str] | None) -> dict[str, Took]:
    """Every one of them, those of which nothing was taken too."""
    totals = campaign_sums.totals(txn, campaign_ids, stores)
    reach = campaign_sums.reach(txn, campaign_ids) if stores is None else {}
    found = {}
    for campaign_id in campaign_ids:
        sums = totals.get(campaign_id, {})
        issued, held_out = reach.get(campaign_id, (0, 0)) if stores is None else (None, None)
        redeemers = sums.get("redeemers", 0) if stores is None else None
        figures = [sums.get(name, 0) for name in FIGURES]
        found[campaign_id] = Took(issued, held_out, redeemers, *figures)
    return found


def _heads(txn: Txn) -> list[tuple[str, str, str, int, int, str, bool]]:
    heads = []
    known = set()
    for row in campaign.listing(txn, SHOWN_MAX):
        known.add(row.change_id)
        if row.state in SHOWN_STATES:
            plan = plan_from(row.plan)
            heads.append(
                (
                    row.change_id,
                    plan.name,
                    plan.name_en,
                    plan.valid_from_ms,
                    plan.valid_to_ms,
                    row.state,
                    True,
                )
            )
    for values in feed.rows_of(txn, "coupon_campaign", "chain"):
        row_of = dict(zip(_KIND, values, strict=True))
        if row_of["campaign_id"] not in known:
            heads.append(
                (
                    row_of["campaign_id"],
                    row_of["name"],
                    row_of["name_en"],
                    row_of["valid_from_ms"],
                    row_of["valid_to_ms"],
                    "command",
                    False,
                )
            )
    return sorted(heads, key=lambda head: (-head[3], head[0]))
