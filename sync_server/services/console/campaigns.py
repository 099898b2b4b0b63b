"""Coupon campaigns of the console: planned by one, approved by another, then on every workstation."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pos_core.clock import Clock
from pos_core.errors import Refusal
from pos_core.sync.reference import KINDS
from sync_server.services.acts import Act
from sync_server.services.campaigns.plan import BadPlan, Plan, as_text, checked, plan_from
from sync_server.services.campaigns.runs import CampaignRuns, NothingLeft, NotRunning, is_on
from sync_server.services.campaigns.store_holdout import STORES_MIN, drawn
from sync_server.services.console.campaign_overview import took_of
from sync_server.services.console.documents import stores_in
from sync_server.services.console.drafts import Deciding, Drafts, as_seen
from sync_server.services.console.rule_sets import Rule, RuleSets
from sync_server.services.coupon_leases import CouponLeases, Lease
from sync_server.services.coupons import CouponDesk, Issued
from sync_server.services.importing.context import chain_view
from sync_server.store import campaign, coupon, feed
from sync_server.store.campaign import CampaignRow, RunRow
from sync_server.store.engine import Store, Txn

SHOWN_MAX = 300
RUNS_SHOWN = 30
LONG_MS = 366 * 86_400_000
_KIND = KINDS["coupon_campaign"].column_names


class NoSuchPlan(Refusal):
    """No campaign of the console has this id."""

    code = "campaign_not_found"


class PlanNotOpen(Refusal):
    """The campaign is not in a state in which this can be done."""

    code = "campaign_not_open"


class CampaignKnown(Refusal):
    """A campaign of this id is there already."""

    code = "campaign_known"


class StoreHeldOut(Refusal):
    """The campaign holds this store out: its codes do not go there."""

    code = "campaign_store_held_out"


DRAFTS: Drafts[CampaignRow] = Drafts(
    "campaign", campaign.get, campaign.put, lambda: NoSuchPlan("no such campaign"), PlanNotOpen
)


@dataclass(frozen=True, slots=True)
class OneCampaign:
    """A page's worth. `coupons` by state; `reach` by arm.

    `used` and `given_minor`: what was redeemed, less what returns gave back, as last gathered.
    """

    row: CampaignRow
    plan: Plan
    is_on: bool
    coupons: Mapping[str, int]
    reach: Mapping[str, int]
    used: int
    given_minor: int
    runs: Sequence[RunRow]
    leases: Sequence[Lease]


class Campaigns(Deciding[CampaignRow]):
    """Reads and changes. Approving puts a campaign on every workstation; nothing else does."""

    def __init__(
        self,
        store: Store,
        coupons: CouponDesk,
        *,
        leases: CouponLeases,
        runs: CampaignRuns,
        sets: RuleSets,
        clock: Clock,
    ) -> None:
        super().__init__(store, clock, DRAFTS)
        self._coupons = coupons
        self._leases = leases
        self._sets = sets
        self.runs = runs

    # --- reading ------------------------------------------------------------------------------------

    def listing(self) -> tuple[list[tuple[CampaignRow, Plan, bool]], list[dict[str, Any]]]:
        """Campaigns of the console with whether they are on, and those that were set by command."""
        now = self._clock.now_ms()

        def read(txn: Txn) -> tuple[list[CampaignRow], list[dict[str, Any]]]:
            rows = campaign.listing(txn, SHOWN_MAX)
            ours = {row.change_id for row in rows}
            theirs = [
                dict(zip(_KIND, row, strict=True))
                for row in feed.rows_of(txn, "coupon_campaign", "chain")
                if row[0] not in ours
            ]
            return rows, theirs

        rows, theirs = self._store.read(read)
        return [(row, plan_from(row.plan), is_on(row, now)) for row in rows], theirs

    def one(self, campaign_id: str, region: str | None) -> OneCampaign:
        """With `region` what was taken in stores there, and their leases. Raises NoSuchPlan."""

        def read(txn: Txn) -> OneCampaign:
            row = DRAFTS.known(txn, campaign_id)
            there = sorted(stores_in(txn, region))
            took = took_of(txn, [campaign_id], None if region is None else there)[campaign_id]
            return OneCampaign(
                row,
                plan_from(row.plan),
                is_on(row, self._clock.now_ms()),
                coupon.counts(txn, campaign_id),
                campaign.reach_counts(txn, campaign_id),
                took.uses,
                took.given_minor,
                campaign.runs(txn, campaign_id, RUNS_SHOWN),
                self._leases.of_campaign(txn, campaign_id, there),
            )

        return self._store.read(read)

    def plan_of(self, campaign_id: str) -> Plan:
        """The plan alone. Raises NoSuchPlan."""
        return plan_from(self._store.read(lambda txn: DRAFTS.known(txn, campaign_id)).plan)

    def promotions(self) -> dict[str, Rule]:
        """Promotions that need a coupon, by the campaign that they name."""
        return {
            rule["coupon"]["campaign"]: rule for rule in self._sets.prepared().values() if rule.get("coupon")
        }

    def tiers_and_regions(self) -> tuple[list[dict[str, Any]], list[str]]:
        """What a plan can choose among."""

        def read(txn: Txn) -> tuple[list[dict[str, Any]], list[str]]:
            chain = chain_view(txn)
            regions = sorted({row["region"] for row in chain.stores.values()})
            return list(chain.policies.get("member_tiers", [])), regions

        return self._store.read(read)

    # --- changing -----------------------------------------------------------------------------------

    def plan(self, act: Act, campaign_id: str, plan: Plan, *, new: bool, seen_ms: int | None = None) -> None:
        """A new draft, or another version of the one that was changed last at `seen_ms`.

        Raises BadPlan, CampaignKnown, NoSuchPlan, PlanNotOpen, DraftMoved.
        """
        plan = self._checked(campaign_id, plan)
        now = self._clock.now_ms()

        def write(txn: Txn) -> None:
            if not new:
                as_seen(DRAFTS.known(txn, campaign_id, "draft"), seen_ms)
                row = DRAFTS.editable(txn, act, campaign_id, now)
                after = dataclasses.replace(row, title=plan.name, plan=as_text(plan))
            else:
                known = feed.row_by_key(txn, "coupon_campaign", "chain", [campaign_id])
                if known is not None or campaign.get(txn, campaign_id) is not None:
                    raise CampaignKnown("a campaign of this id is there")
                user = str(act.user_id)
                after = CampaignRow(
                    campaign_id, plan.name, act.why, "draft", user, act.actor, json.dumps([user]), now,
                    None, None, None, None, now, as_text(plan),
                )  # fmt: skip
            campaign.put(txn, after)
            act.note(txn, now, "campaign_planned", campaign_id, title=plan.name)

        self._store.write(write)

    def submit(self, act: Act, campaign_id: str) -> None:
        """Waits for a second person: a campaign gives money away. Raises BadPlan and as `Drafts.known`."""
        running = self._sets.running()
        now = self._clock.now_ms()
        plan = self._store.read(lambda txn: plan_from(DRAFTS.known(txn, campaign_id, "draft").plan))
        plan = self._checked(campaign_id, plan)
        found = findings(plan, now, is_published=plan.promotion_id in running)

        def write(txn: Txn) -> None:
            row = DRAFTS.editable(txn, act, campaign_id, now)
            after = dataclasses.replace(
                row,
                state="waiting",
                submitted_by=act.user_id,
                decided_by=None,
                decided_login=None,
                decided_why=None,
                findings=json.dumps(found),
                plan=as_text(plan),
            )
            campaign.put(txn, after)
            act.note(txn, now, "campaign_submitted", campaign_id, findings=found)

        self._store.write(write)

    def approve(self, act: Act, change_id: str, seen_ms: int | None = None) -> None:
        """By somebody who has put nothing into it; workstations hear of it at their next contact.

        Raises BadPlan, and as `Drafts.approvable`.
        """

        def write(txn: Txn) -> None:
            row = DRAFTS.approvable(txn, act, change_id, seen_ms)
            plan = plan_from(row.plan)
            if plan.valid_to_ms <= self._clock.now_ms():
                raise BadPlan("it is over already", field="valid_to")
            self._decide(txn, act, row, "running", "approved")
            self._coupons.put_campaign_in(txn, act, plan.campaign(change_id))

        self._store.write(write)

    def stop(self, act: Act, campaign_id: str) -> None:
        """Over from now on, at each workstation from its next contact. Raises as `Drafts.known`."""
        now = self._clock.now_ms()

        def write(txn: Txn) -> None:
            row = DRAFTS.known(txn, campaign_id, "running")
            ended = plan_from(row.plan).ended(now)
            self._decide(txn, act, dataclasses.replace(row, plan=as_text(ended)), "stopped", "stopped")
            self._coupons.put_campaign_in(txn, act, ended.campaign(campaign_id))

        self._store.write(write)

    def codes(self, act: Act, campaign_id: str, kind: str, count: int) -> list[Issued]:
        """Single-use coupons for whoever holds one: `qr` signed, `code` typed; shown this once.

        Raises NotRunning, NothingLeft, NoCouponKey, BadCampaign, NoSuchPlan.
        """
        one = self.one(campaign_id, None)
        if not one.is_on:
            raise NotRunning("not running now")
        if one.plan.issued_max is not None and sum(one.coupons.values()) + count > one.plan.issued_max:
            raise NothingLeft("more than the campaign allows", issued_max=one.plan.issued_max)
        if kind == "qr":
            return self._coupons.issue_qr(act, campaign_id, count)
        return self._coupons.issue_codes(act, campaign_id, [None] * count)

    def lease(
        self, act: Act, campaign_id: str, store_id: str, codes: Sequence[str], *, days: int, till: str
    ) -> int:
        """Leases typed codes to a store. Raises NoSuchPlan, StoreHeldOut, what `CouponLeases.give` raises."""
        row = self._store.read(lambda txn: DRAFTS.known(txn, campaign_id, "running"))
        if store_id in plan_from(row.plan).stores_out:
            raise StoreHeldOut("it is compared with stores that have some", store_id=store_id)
        return len(self._leases.give(act, store_id, codes, days=days, workstation_id=till or None))

    def recall(self, act: Act, campaign_id: str, store_id: str) -> int:
        """Takes a store's leases of a campaign back. Raises NoSuchCoupon."""
        ours = [each for each in self._leases.listing(store_id) if each.campaign_id == campaign_id]
        return self._leases.recall(act, [each.coupon_id for each in ours])

    # --- keys ---------------------------------------------------------------------------------------

    def coupon_keys(self) -> list[tuple[str, str]]:
        """Id and state of each signing key of QR coupons."""
        rows = self._store.read(lambda txn: list(feed.rows_of(txn, "coupon_key", "chain")))
        return sorted((row[0], row[2]) for row in rows)

    def new_key(self, act: Act) -> str:
        """See `CouponDesk.new_key`."""
        return self._coupons.new_key(act)

    def revoke_key(self, act: Act, key_id: str) -> None:
        """See `CouponDesk.revoke_key`."""
        self._coupons.revoke_key(act, key_id)

    def _checked(self, campaign_id: str, plan: Plan) -> Plan:
        """The plan with its stores as they are drawn of those there are now. Raises BadPlan."""
        checked(plan)
        rule = self.promotions().get(campaign_id)
        if rule is None or rule["id"] != plan.promotion_id:
            raise BadPlan("no promotion names this campaign", field="promotion")
        known, regions = self.tiers_and_regions()
        if not set(plan.tiers) <= {str(each["code"]) for each in known}:
            raise BadPlan("unknown tiers", field="tiers")
        if not set(plan.regions) <= set(regions):
            raise BadPlan("unknown regions", field="regions")
        stores = self._store.read(chain_view).stores
        return drawn(campaign_id, plan, {name: str(row["region"]) for name, row in stores.items()})


def findings(plan: Plan, now_ms: int, *, is_published: bool) -> list[str]:
    """What the second person should look at."""
    found = {
        "promotion_waits": not is_published,
        "no_budget": plan.budget_minor is None,
        "no_issued_max": plan.issued_max is None and plan.shared_code is None,
        "unlimited_uses": plan.uses_max == 0,
        "no_member_limit": plan.per_member_max is None,
        "long": plan.valid_to_ms - plan.valid_from_ms > LONG_MS,
        "over": plan.valid_to_ms <= now_ms,
        "no_consent": plan.trigger != "none" and not plan.consent,
        "no_holdout": plan.trigger != "none" and plan.holdout_ppm == 0 and not plan.stores_out,
        "stores_picked": bool(plan.holdout_stores),
        "few_stores": _too_few(plan),
    }
    return [name for name, there in found.items() if there]


def _too_few(plan: Plan) -> bool:
    """A hold-out by store is wanted, and its groups are too small to tell anything."""
    wanted = plan.holdout_stores_ppm > 0 or bool(plan.holdout_stores)
    return wanted and min(len(plan.stores_out), len(plan.stores_in)) < STORES_MIN
