"""A member as the pricing engine is told of him, by head office: for quotes that only name him."""

from __future__ import annotations

from pos_core.pricing.basket import PricingMember
from pos_core.sync.folds.member_profile import field_value
from pos_core.sync.folds.points import balance
from sync_server.services.keys import ChainKeys
from sync_server.services.shared.groups import alias_of, groups_of
from sync_server.services.shared.member_pricing import birthday_days, orders_by_member
from sync_server.store import fold_state, masters
from sync_server.store.engine import Txn


def pricing_member(txn: Txn, keys: ChainKeys, member_id: str) -> PricingMember | None:
    """The member, or whom he was merged into; None: not known or erased. A frozen one has no points."""
    member_id = alias_of(txn, member_id) or member_id
    row = masters.members(txn, [member_id]).get(member_id)
    if row is None:
        return None
    groups = groups_of(txn, [member_id])
    ids = groups.get(member_id, (member_id,))
    states = fold_state.get(txn, [("points", each) for each in ids] + [("member_profile", member_id)])
    profile = states.get(("member_profile", member_id))
    frozen = profile is not None and field_value(profile, "status") == "frozen"
    points = sum(balance(states.get(("points", each))) for each in ids)
    orders = orders_by_member(txn, [member_id], groups)[member_id]
    return PricingMember(
        tier=(profile and field_value(profile, "tier")) or row.tier or None,
        new=not orders,
        orders_before=orders,
        birthday_month=row.birthday_month,
        birthday_day=birthday_days(txn, keys, [row])[row.member_id],
        points_balance=0 if frozen else max(points, 0),
    )
