"""What a marketer plans: the campaign as tills know it, who gets a coupon by himself, and who is held out."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, replace
from typing import Any

from pos_core.errors import InvalidInput
from sync_server.services.coupons import CLASSES, Campaign

TRIGGERS = ("none", "registration", "birthday", "dormant", "unpaid")
HOLDOUT_PPM_MAX = 500_000
DAYS_MAX = 3650
CODE_CHARS = range(4, 33)


class BadPlan(InvalidInput):
    """A campaign that makes no sense; `facts["field"]` says where."""

    code = "campaign_bad_plan"


@dataclass(frozen=True, slots=True)
class Plan:
    """See `Campaign` for what workstations know of it.

    Attributes:
        issued_max: coupons that head office issues in all, codes and wallets together; None: no limit.
        valid_days: how long a coupon in a wallet is good from its issue, at most to the campaign's end.
        trigger: what puts a coupon into a wallet by itself.
        trigger_days: registration: joined at most so long ago; dormant: bought nothing for so long.
        trigger_hours: unpaid: a basket held for the member so long and not paid.
        tiers, regions: only these members; empty: all.
        consent: the purpose that a member must have agreed to; "": none.
        holdout_ppm: share of members who would get one and do not, to compare with.
        holdout_stores_ppm: share of its stores whose members (home store) get none, to compare stores with.
        holdout_stores: those stores picked by hand in place of a share.
        stores_out, stores_in: the stores that are held out, and those they are compared with, as they were
            when the plan was kept (`store_holdout.drawn`); both empty: no store is held out.
        notify: who gets one is told so by a notice.
    """

    name: str
    name_en: str
    promotion_id: str
    valid_from_ms: int
    valid_to_ms: int
    offline_class: str = "anywhere"
    uses_max: int = 1
    per_member_max: int | None = None
    budget_minor: int | None = None
    shared_code: str | None = None
    issued_max: int | None = None
    valid_days: int | None = None
    trigger: str = "none"
    trigger_days: int = 30
    trigger_hours: int = 24
    tiers: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    consent: str = ""
    holdout_ppm: int = 0
    notify: bool = False
    holdout_stores_ppm: int = 0
    holdout_stores: tuple[str, ...] = ()
    stores_out: tuple[str, ...] = ()
    stores_in: tuple[str, ...] = ()

    @property
    def to_wallets(self) -> bool:
        """May coupons of it lie in members' wallets: leased ones are typed where they are leased."""
        return self.offline_class != "leased"

    def campaign(self, campaign_id: str) -> Campaign:
        """As workstations know it."""
        return Campaign(
            campaign_id,
            self.name,
            self.name_en,
            self.promotion_id,
            self.offline_class,
            self.uses_max,
            self.per_member_max,
            self.budget_minor,
            self.valid_from_ms,
            self.valid_to_ms,
            self.shared_code,
        )

    def ended(self, now_ms: int) -> Plan:
        """The same, over now."""
        return replace(self, valid_from_ms=min(self.valid_from_ms, now_ms - 1), valid_to_ms=now_ms)


def checked(plan: Plan) -> Plan:
    """Raises BadPlan."""
    wrong = {
        "name": not plan.name.strip() or not plan.name_en.strip(),
        "offline_class": plan.offline_class not in CLASSES,
        "valid_to": plan.valid_to_ms <= plan.valid_from_ms,
        "uses_max": plan.uses_max < 0,
        "per_member_max": plan.per_member_max is not None and plan.per_member_max < 1,
        "budget": plan.budget_minor is not None and plan.budget_minor < 1,
        "issued_max": plan.issued_max is not None and plan.issued_max < 1,
        "shared_code": plan.shared_code is not None and not _is_code(plan.shared_code),
        "trigger": plan.trigger not in TRIGGERS or (plan.trigger != "none" and not plan.to_wallets),
        "trigger_days": not 1 <= plan.trigger_days <= DAYS_MAX,
        "trigger_hours": not 1 <= plan.trigger_hours <= 24 * 30,
        "valid_days": plan.valid_days is not None and not 1 <= plan.valid_days <= DAYS_MAX,
        "holdout": not 0 <= plan.holdout_ppm <= HOLDOUT_PPM_MAX,
        "holdout_stores_share": not 0 <= plan.holdout_stores_ppm <= HOLDOUT_PPM_MAX,
        "holdout_stores": bool(plan.holdout_stores) and plan.holdout_stores_ppm > 0,
    }
    for field, is_wrong in wrong.items():
        if is_wrong:
            raise BadPlan("no campaign can be so", field=field)
    return plan


def as_text(plan: Plan) -> str:
    """As the database keeps it."""
    return json.dumps(asdict(plan), ensure_ascii=False)


def plan_from(text: str) -> Plan:
    """Inverse of `as_text`."""
    said: dict[str, Any] = json.loads(text)
    lists: dict[str, Any] = {name: tuple(each) for name, each in said.items() if isinstance(each, list)}
    return Plan(**{**said, **lists})


def is_held_out(campaign_id: str, member_id: str, holdout_ppm: int) -> bool:
    """By lot, the same at every issue of a campaign: nobody can choose who is held out."""
    lot = hashlib.sha256(f"tidemark.holdout.1\x00{campaign_id}\x00{member_id}".encode()).digest()
    return int.from_bytes(lot[:8], "big") * 1_000_000 < holdout_ppm << 64


def _is_code(text: str) -> bool:
    return len(text) in CODE_CHARS and text.isascii() and text.isalnum() and text == text.upper()
