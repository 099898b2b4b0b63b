"""Issues into wallets, a few members at a time: begun by hand or by a campaign's trigger, resumable."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import partial
from zoneinfo import ZoneInfo

from pos_core.clock import Clock
from pos_core.errors import Refusal
from sync_server.services.acts import Act
from sync_server.services.campaigns.audience import BY_HAND, Found, by_hand, by_trigger
from sync_server.services.campaigns.plan import Plan, plan_from
from sync_server.services.campaigns.store_holdout import withheld
from sync_server.services.coupons import CouponDesk
from sync_server.services.identity import new_id
from sync_server.services.importing.context import DEFAULT_ZONE
from sync_server.services.notices.outbox import Fact, Wanted, queue
from sync_server.store import campaign, coupon, feed
from sync_server.store.campaign import CampaignRow, ReachRow, RunRow
from sync_server.store.engine import Store, Txn

ISSUED_AT_ONCE = 50
"""In one transaction: each is a row in every store of its member's region."""
AGAIN_MS = 3_600_000
COUNT = campaign.COUNT
COUNTED_STATES = ("draft", "waiting", "running")
HOURLY = ("registration", "unpaid")
"""Triggers that are looked at every hour; the others once a day."""
_DAY_MS = 86_400_000


class NotRunning(Refusal):
    """The campaign is not running now, or its coupons lie in no wallet."""

    code = "campaign_not_running"


class NothingLeft(Refusal):
    """As many coupons as the campaign allows are issued."""

    code = "campaign_all_issued"


class CampaignRuns:
    """See the module. A member is reached once for each occasion, whatever is begun how often."""

    def __init__(self, store: Store, coupons: CouponDesk, clock: Clock) -> None:
        self._store = store
        self._coupons = coupons
        self._clock = clock

    def begin(self, act: Act, campaign_id: str) -> str:
        """An issue by hand to everybody whom the plan means. Raises NotRunning."""
        now = self._clock.now_ms()

        def write(txn: Txn) -> str:
            row = campaign.get(txn, campaign_id)
            if row is None or not is_on(row, now) or not plan_from(row.plan).to_wallets:
                raise NotRunning("not running now, or nothing for wallets")
            made = RunRow(
                new_id(self._clock), campaign_id, "hand", "running", "", 0, 0, 0, act.why, act.actor, now, now
            )
            campaign.put_run(txn, made)
            act.note(txn, now, "campaign_issue_begun", campaign_id, run=made.run_id)
            return made.run_id

        return self._store.write(write)

    def count(self, act: Act, campaign_id: str) -> str:
        """Begins to count whom an issue, or the plan's trigger, would reach now; nothing is issued.

        In any state, so that who approves can know. Raises NotRunning: nothing of it goes into wallets.
        """
        now = self._clock.now_ms()

        def write(txn: Txn) -> str:
            row = campaign.get(txn, campaign_id)
            if row is None or row.state not in COUNTED_STATES or not plan_from(row.plan).to_wallets:
                raise NotRunning("nothing for wallets")
            made = RunRow(
                new_id(self._clock), campaign_id, COUNT, "running", "", 0, 0, 0, act.why, act.actor, now, now
            )
            campaign.put_run(txn, made)
            return made.run_id

        return self._store.write(write)

    def stop(self, act: Act, run_id: str) -> None:
        """No further member; what is issued stays. Raises NotRunning."""

        def write(txn: Txn) -> None:
            row = campaign.run(txn, run_id)
            if row is None or row.state != "running":
                raise NotRunning("no such run is under way")
            campaign.put_run(txn, dataclasses.replace(row, state="stopped"))
            act.note(txn, self._clock.now_ms(), "campaign_issue_stopped", row.campaign_id, run=run_id)

        self._store.write(write)

    def start_due(self) -> int:
        """Begins what triggers of running campaigns ask for today; returns how many runs that are."""
        now = self._clock.now_ms()

        def write(txn: Txn) -> int:
            day = datetime.fromtimestamp(now / 1000, UTC).astimezone(_zone(txn)).date().isoformat()
            rows = [row for row in campaign.in_state(txn, "running") if is_on(row, now)]
            due = [run for row in rows if (run := _due(txn, row, day, now)) is not None]
            for run in due:
                campaign.put_run(txn, run)
            return len(due)

        return self._store.write(write)

    def run_some(self, pages: int) -> bool:
        """Goes on with the oldest run; False: there is none."""
        for _ in range(pages):
            row = self._store.read(campaign.oldest_running)
            if row is None:
                return False
            self._page(row)
        return True

    def _page(self, run: RunRow) -> None:
        now = self._clock.now_ms()

        def look(txn: Txn) -> tuple[CampaignRow | None, Found]:
            row = campaign.get(txn, run.campaign_id)
            if row is None or not (is_on(row, now) or run.kind == COUNT):
                return None, Found([], 0, "")
            plan = plan_from(row.plan)
            if run.kind == "hand" or (run.kind == COUNT and plan.trigger == "none"):
                found = by_hand(txn, plan, run.cursor)
            else:
                found = by_trigger(txn, plan, run.cursor, now_ms=now, zone=_zone(txn))
            before = campaign.reached(txn, run.campaign_id, found.meant)
            return row, dataclasses.replace(found, meant=[each for each in found.meant if each not in before])

        row, found = self._store.read(look)
        left, counted = True, (0, 0)
        if row is not None and run.kind == COUNT:
            counted = self._store.read(partial(_lots, row=row, found=found))
        elif row is not None:
            plan = plan_from(row.plan)
            for start in range(0, len(found.meant), ISSUED_AT_ONCE):
                part = found.meant[start : start + ISSUED_AT_ONCE]
                left = left and self._store.write(partial(self._issue, run=run, plan=plan, meant=part))
        over = not found.cursor or not left

        def keep(txn: Txn) -> None:
            as_is = campaign.run(txn, run.run_id)
            if as_is is None or as_is.state != "running" or as_is.cursor != run.cursor:
                return
            after = dataclasses.replace(
                as_is,
                cursor="" if over else found.cursor,
                state="done" if over else "running",
                seen=as_is.seen + found.seen,
                issued=as_is.issued + counted[0],
                held_out=as_is.held_out + counted[1],
                changed_at_ms=now,
            )
            campaign.put_run(txn, after)

        self._store.write(keep)

    def _issue(self, txn: Txn, *, run: RunRow, plan: Plan, meant: Sequence[tuple[str, str]]) -> bool:
        """Some members; False when the run is over: it was stopped, or as many as allowed are issued."""
        as_is = campaign.run(txn, run.run_id)
        if as_is is None or as_is.state != "running":
            return False
        before = campaign.reached(txn, run.campaign_id, meant)
        wanted = [each for each in dict.fromkeys(meant) if each not in before]
        arms = withheld(txn, run.campaign_id, plan, [member_id for member_id, _ in wanted])
        out = [each for each in wanted if each[0] in arms]
        given = [each for each in wanted if each[0] not in arms]
        room = (
            None if plan.issued_max is None else plan.issued_max - coupon.issued_count(txn, run.campaign_id)
        )
        enough = room is not None and len(given) >= room
        given = given if room is None else given[: max(0, room)]
        now = self._clock.now_ms()
        act = Act("timer" if run.kind == "trigger" else run.created_login, run.why)
        end = None if plan.valid_days is None else now + plan.valid_days * _DAY_MS
        ids = [member_id for member_id, _ in given]
        made = self._coupons.issue_codes_in(txn, act, run.campaign_id, ids, valid_to_ms=end) if given else []
        rows = [
            ReachRow(run.campaign_id, member_id, occasion, "issued", one.coupon_id, now)
            for (member_id, occasion), one in zip(given, made, strict=True)
        ]
        rows += [
            ReachRow(run.campaign_id, member_id, each, arms[member_id], None, now) for member_id, each in out
        ]
        campaign.reach(txn, rows)
        if plan.notify:
            queue(txn, [_told(plan, row, end) for row in rows if row.coupon_id], now)
        issued, held_out = as_is.issued + len(given), as_is.held_out + len(out)
        campaign.put_run(txn, dataclasses.replace(as_is, issued=issued, held_out=held_out, changed_at_ms=now))
        return not enough


def _lots(txn: Txn, *, row: CampaignRow, found: Found) -> tuple[int, int]:
    """How many of a page would get one, and be held out."""
    meant = [member_id for member_id, _ in found.meant]
    arms = withheld(txn, row.change_id, plan_from(row.plan), meant)
    out = sum(1 for member_id in meant if member_id in arms)
    return len(meant) - out, out


def is_on(row: CampaignRow, now_ms: int) -> bool:
    """Approved, not stopped, and inside its time."""
    plan = plan_from(row.plan)
    return row.state == "running" and plan.valid_from_ms <= now_ms < plan.valid_to_ms


def _due(txn: Txn, row: CampaignRow, day: str, now_ms: int) -> RunRow | None:
    """One run a day for each trigger; hourly ones are taken up again, with their figures."""
    plan = plan_from(row.plan)
    if plan.trigger == "none":
        return None
    run_id = f"{row.change_id}:{day}"
    known = campaign.run(txn, run_id)
    if known is None:
        return RunRow(
            run_id, row.change_id, "trigger", "running", "", 0, 0, 0, row.why, "timer", now_ms, now_ms
        )
    again = plan.trigger in HOURLY and known.state == "done" and now_ms - known.changed_at_ms >= AGAIN_MS
    return dataclasses.replace(known, state="running", changed_at_ms=now_ms) if again else None


def _told(plan: Plan, row: ReachRow, end_ms: int | None) -> Wanted:
    """The notice of a coupon; who is held out has none and hears of none."""
    event = "coupon_hand" if row.occasion == BY_HAND else f"coupon_{plan.trigger}"
    until = plan.valid_to_ms if end_ms is None else min(end_ms, plan.valid_to_ms)
    facts: dict[str, Fact] = {"coupon": {"zh": plan.name, "en": plan.name_en}, "until": until}
    return Wanted(event, row.member_id, str(row.coupon_id), row.campaign_id, facts, until)


def _zone(txn: Txn) -> ZoneInfo:
    return ZoneInfo(feed.policy(txn, "time_zone") or DEFAULT_ZONE)
