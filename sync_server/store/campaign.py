"""Coupon campaigns, their runs and whom they reached."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select

from sync_server.store.engine import OnConflict, Txn
from sync_server.store.schema.campaign import campaign, campaign_reach, campaign_run

_AT_ONCE = 400
COUNT = "count"
"""The kind of a run that issues nothing: its figures say what an issue would do."""


@dataclass(frozen=True, slots=True)
class CampaignRow:
    """One campaign; `change_id` is its own id. See the table."""

    change_id: str
    title: str
    why: str
    state: str
    created_by: str
    created_login: str
    editors: str
    created_at_ms: int
    submitted_by: str | None
    decided_by: str | None
    decided_login: str | None
    decided_why: str | None
    changed_at_ms: int
    plan: str
    findings: str | None = None


@dataclass(frozen=True, slots=True)
class RunRow:
    """One run; see the table."""

    run_id: str
    campaign_id: str
    kind: str
    state: str
    cursor: str
    seen: int
    issued: int
    held_out: int
    why: str
    created_login: str
    created_at_ms: int
    changed_at_ms: int


@dataclass(frozen=True, slots=True)
class ReachRow:
    """One member on one occasion; see the table."""

    campaign_id: str
    member_id: str
    occasion: str
    arm: str
    coupon_id: str | None
    at_ms: int


def put(txn: Txn, row: CampaignRow) -> None:
    """Adds or changes one."""
    txn.insert_many(campaign, [dataclasses.astuple(row)], on_conflict="replace")


def get(txn: Txn, campaign_id: str) -> CampaignRow | None:
    """One campaign."""
    row = txn.execute(select(campaign).where(campaign.c.campaign_id == campaign_id)).one_or_none()
    return None if row is None else CampaignRow(*row)


def listing(txn: Txn, limit: int) -> list[CampaignRow]:
    """The newest first."""
    statement = (
        select(campaign).order_by(campaign.c.created_at_ms.desc(), campaign.c.campaign_id).limit(limit)
    )
    return [CampaignRow(*row) for row in txn.execute(statement)]


def in_state(txn: Txn, state: str) -> list[CampaignRow]:
    """Every campaign in this state, by id."""
    statement = select(campaign).where(campaign.c.state == state).order_by(campaign.c.campaign_id)
    return [CampaignRow(*row) for row in txn.execute(statement)]


def put_run(txn: Txn, row: RunRow) -> None:
    """Adds or changes a run."""
    txn.insert_many(campaign_run, [dataclasses.astuple(row)], on_conflict="replace")


def run(txn: Txn, run_id: str) -> RunRow | None:
    """One run."""
    row = txn.execute(select(campaign_run).where(campaign_run.c.run_id == run_id)).one_or_none()
    return None if row is None else RunRow(*row)


def runs(txn: Txn, campaign_id: str, limit: int) -> list[RunRow]:
    """Of one campaign, the newest first."""
    statement = (
        select(campaign_run)
        .where(campaign_run.c.campaign_id == campaign_id)
        .order_by(campaign_run.c.created_at_ms.desc(), campaign_run.c.run_id.desc())
        .limit(limit)
    )
    return [RunRow(*row) for row in txn.execute(statement)]


def oldest_running(txn: Txn) -> RunRow | None:
    """The run to go on with."""
    statement = (
        select(campaign_run)
        .where(campaign_run.c.state == "running")
        .order_by(campaign_run.c.created_at_ms, campaign_run.c.run_id)
        .limit(1)
    )
    row = txn.execute(statement).first()
    return None if row is None else RunRow(*row)


def reached(txn: Txn, campaign_id: str, places: Sequence[tuple[str, str]]) -> set[tuple[str, str]]:
    """Those of (member, occasion) that were reached, or held out, before."""
    wanted, found = set(places), set()
    members = sorted({member_id for member_id, _ in places})
    for start in range(0, len(members), _AT_ONCE):
        statement = select(campaign_reach.c.member_id, campaign_reach.c.occasion).where(
            campaign_reach.c.campaign_id == campaign_id,
            campaign_reach.c.member_id.in_(members[start : start + _AT_ONCE]),
        )
        found |= {(row[0], row[1]) for row in txn.execute(statement)}
    return found & wanted


def arms(txn: Txn, campaign_id: str, member_ids: Sequence[str], occasion: str) -> dict[str, str]:
    """Member → arm, of those whom a campaign reached or held out on an occasion."""
    found: dict[str, str] = {}
    table = campaign_reach.c
    for start in range(0, len(member_ids), _AT_ONCE):
        statement = select(table.member_id, table.arm).where(
            table.campaign_id == campaign_id,
            table.member_id.in_(list(member_ids[start : start + _AT_ONCE])),
            table.occasion == occasion,
        )
        found |= {row[0]: row[1] for row in txn.execute(statement)}
    return found


def reach(txn: Txn, rows: Sequence[ReachRow], *, again: bool = False) -> None:
    """Notes whom a run reached or held out; `again` may put somebody into the other arm."""
    conflict: OnConflict = "replace" if again else "fail"
    txn.insert_many(campaign_reach, [dataclasses.astuple(row) for row in rows], on_conflict=conflict)


def reach_counts(txn: Txn, campaign_id: str) -> dict[str, int]:
    """How many were issued and held out."""
    statement = (
        select(campaign_reach.c.arm, func.count())
        .where(campaign_reach.c.campaign_id == campaign_id)
        .group_by(campaign_reach.c.arm)
    )
    return {arm: count for arm, count in txn.execute(statement)}  # noqa: C416
