"""Campaigns of another system, and whom they reached: their effect is worked out from imported sales."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence

from sync_server.services.campaigns.plan import Plan as CampaignPlan
from sync_server.services.campaigns.plan import as_text
from sync_server.services.importing.cells import choice_cell, code_cell, instant_cell, text_cell
from sync_server.services.importing.context import DEFAULT_ZONE, ChainView, ImportTarget
from sync_server.services.importing.fields import Field, ParsedRow, Values
from sync_server.services.importing.kinds.base import Fault, FileState, ImportKind, Plan, outcome_of
from sync_server.store import campaign, feed, masters
from sync_server.store.campaign import CampaignRow, ReachRow, RunRow
from sync_server.store.engine import Txn

PAST = "past"
"""A campaign's state, and the occasion of whom it reached."""
ACTOR = "import"
_ARMS = {"issued": "issued", "发放": "issued", "held_out": "held_out", "对照": "held_out"}


def _code(text: str, _: ChainView) -> str:
    return code_cell(text)


def _name(text: str, _: ChainView) -> str:
    return text_cell(text)


def _moment(text: str, chain: ChainView) -> int:
    return instant_cell(text, chain.policies.get("time_zone", DEFAULT_ZONE))


class PastCampaigns(ImportKind):
    """The same id again changes what is said of it. A campaign of the console cannot be overwritten so."""

    name = "past-campaigns"
    fields = (
        Field("campaign_id", ("活动编码", "活动"), _code, required=True),
        Field("name", ("名称", "活动名称"), _name, required=True),
        Field("name_en", ("英文名称",), _name, default=""),
        Field("valid_from", ("开始", "开始时间"), _moment, required=True),
        Field("valid_to", ("结束", "结束时间"), _moment, required=True),
        Field("promotion", ("说明", "促销"), _name, default=""),
    )

    def key(self, values: Values) -> tuple[str, ...]:
        return (values["campaign_id"],)

    def check(
        self, txn: Txn, rows: Sequence[ParsedRow], chain: ChainView, state: FileState
    ) -> Iterator[Fault]:
        for row in rows:
            values = row.values
            if values["valid_to"] <= values["valid_from"]:
                yield row, "valid_to", "bad_period", "the end is not after the beginning"
            known = campaign.get(txn, values["campaign_id"])
            by_command = feed.row_by_key(txn, "coupon_campaign", "chain", [values["campaign_id"]])
            if by_command is not None or (known is not None and known.state != PAST):
                yield row, "campaign_id", "key_in_use", "a campaign of this chain has this id"

    def plan(self, office: ImportTarget, txn: Txn, rows: Sequence[ParsedRow], chain: ChainView) -> list[Plan]:
        plans = []
        for row in rows:
            known = campaign.get(txn, row.values["campaign_id"])
            new = _row(row.values, office.now_ms, known)
            plan = Plan(outcome_of(None if known is None else [known], [new]))
            if plan.outcome != "unchanged":
                plan.masters.append((_put_campaigns, new))
            plans.append(plan)
        return plans


class PastReach(ImportKind):
    """A row a member: he got the offer, or was held out. Nothing is issued by it."""

    name = "past-campaign-reach"
    fields = (
        Field("campaign_id", ("活动编码", "活动"), _code, required=True),
        Field("member_id", ("会员编号", "会员"), _code, required=True),
        Field("arm", ("组", "分组"), lambda text, _: choice_cell(text, _ARMS), default="issued"),
        Field("at", ("时间", "发放时间"), _moment),
    )

    def key(self, values: Values) -> tuple[str, ...]:
        return values["campaign_id"], values["member_id"]

    def check(
        self, txn: Txn, rows: Sequence[ParsedRow], chain: ChainView, state: FileState
    ) -> Iterator[Fault]:
        known = {name: campaign.get(txn, name) for name in {row.values["campaign_id"] for row in rows}}
        members = masters.members(txn, sorted({row.values["member_id"] for row in rows}))
        for row in rows:
            of = known[row.values["campaign_id"]]
            if of is None or of.state != PAST:
                yield (
                    row,
                    "campaign_id",
                    "unknown_reference",
                    "no past campaign of this id; import those first",
                )
            if row.values["member_id"] not in members:
                yield row, "member_id", "unknown_reference", f"no member {row.values['member_id']}"

    def plan(self, office: ImportTarget, txn: Txn, rows: Sequence[ParsedRow], chain: ChainView) -> list[Plan]:
        places: dict[str, list[tuple[str, str]]] = defaultdict(list)
        for row in rows:
            places[row.values["campaign_id"]].append((row.values["member_id"], PAST))
        before = {
            name: campaign.arms(txn, name, [m for m, _ in asked], PAST) for name, asked in places.items()
        }
        begun = {name: _begins(txn, name) for name in places}
        plans = []
        for row in rows:
            name, member_id = row.values["campaign_id"], row.values["member_id"]
            arm, had = row.values.get("arm") or "issued", before[name].get(member_id)
            plan = Plan("created" if had is None else "unchanged" if had == arm else "changed")
            if plan.outcome != "unchanged":
                at_ms = row.values.get("at") or begun[name]
                reached = ReachRow(name, member_id, PAST, arm, None, at_ms)
                plan.masters.append((_put_reach, (reached, had, office.now_ms)))
            plans.append(plan)
        return plans


def _row(values: Values, now_ms: int, known: CampaignRow | None) -> CampaignRow:
    plan = CampaignPlan(
        name=values["name"],
        name_en=values.get("name_en") or values["name"],
        promotion_id=values.get("promotion") or "",
        valid_from_ms=values["valid_from"],
        valid_to_ms=values["valid_to"],
    )
    made_at = known.created_at_ms if known else now_ms
    same = known is not None and known.plan == as_text(plan)
    changed_at = known.changed_at_ms if known is not None and same else now_ms
    return CampaignRow(
        values["campaign_id"], plan.name, PAST, PAST, "", ACTOR, json.dumps([]), made_at,
        None, None, None, None, changed_at, as_text(plan),
    )  # fmt: skip


def _begins(txn: Txn, campaign_id: str) -> int:
    row = campaign.get(txn, campaign_id)
    return 0 if row is None else int(json.loads(row.plan)["valid_from_ms"])


def _put_campaigns(txn: Txn, rows: Sequence[CampaignRow]) -> None:
    for row in rows:
        campaign.put(txn, row)


def _put_reach(txn: Txn, rows: Sequence[tuple[ReachRow, str | None, int]]) -> None:
    """Whom, and how many in the campaign's one run, which pages count by."""
    campaign.reach(txn, [row for row, _, _ in rows], again=True)
    more: dict[str, Counter[str]] = defaultdict(Counter)
    for row, had, _ in rows:
        more[row.campaign_id][row.arm] += 1
        if had is not None:
            more[row.campaign_id][had] -= 1
    now_ms = rows[0][2]
    for name, arms in more.items():
        run_id = f"{name}:{PAST}"
        known = campaign.run(txn, run_id)
        issued, held_out = (known.issued, known.held_out) if known else (0, 0)
        issued, held_out = issued + arms["issued"], held_out + arms["held_out"]
        made = known.created_at_ms if known else now_ms
        run = RunRow(
            run_id, name, PAST, "done", "", issued + held_out, issued, held_out, PAST, ACTOR, made, now_ms
        )
        campaign.put_run(txn, run)
