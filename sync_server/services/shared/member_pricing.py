"""What promotions ask of a member beyond his tier and points: `member_pricing` rows of each store's slice.

The number of finished orders comes from the fold, the day of the birthday from the sealed profile: of a
birthday a store gets month and day, never the year. A member without either has no row.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pos_core.sync.folds.orders import orders_of
from sync_server.services.keys import ChainKeys
from sync_server.services.personal_data import decrypt_personal, open_member_key
from sync_server.services.shared.groups import groups_of
from sync_server.store import feed, fold_state, masters
from sync_server.store.engine import Txn
from sync_server.store.masters import MemberRow

Row = list[Any]
KIND = "member_pricing"


def orders_by_member(
    txn: Txn, member_ids: Sequence[str], groups: Mapping[str, Sequence[str]]
) -> dict[str, int]:
    """Member → finished orders; the survivor of a group has those of all its ids."""
    ids = sorted({*member_ids, *(each for group in groups.values() for each in group)})
    states = fold_state.get(txn, [("orders", each) for each in ids])
    found = {}
    for member_id in member_ids:
        group = groups.get(member_id, ())
        ledgers = group if group and group[0] == member_id else [member_id]
        found[member_id] = sum(orders_of(states.get(("orders", each))) for each in ledgers)
    return found


def pricing_row(member_id: str, orders: int, birthday: str | None) -> Row:
    """The row of a member whose birthday reads `YYYY-MM-DD`."""
    return [member_id, orders, _day_of(birthday)]


def birthday_days(txn: Txn, keys: ChainKeys, members: Sequence[MemberRow]) -> dict[str, int | None]:
    """Member → 1 to 31; None where head office does not know it, or the member was erased."""
    told = [each.member_id for each in members if each.birthday_month is not None]
    sealed = masters.member_keys(txn, told)
    days: dict[str, int | None] = {}
    for member in members:
        box = sealed.get(member.member_id)
        key = None if box is None else open_member_key(keys, box)
        personal = None if key is None else decrypt_personal(key, member.member_id, member.personal)
        days[member.member_id] = None if personal is None else _day_of(personal.get("birthday"))
    return days


def refresh(txn: Txn, keys: ChainKeys, members: Mapping[str, MemberRow]) -> None:
    """Rows of these members in every store that has them; an import alone brings another birthday."""
    ids = sorted(members)
    orders = orders_by_member(txn, ids, groups_of(txn, ids))
    here = {scope: sorted(found) for scope, found in masters.member_rows(txn, ids).items()}
    before = {scope: rows_before(txn, scope, found) for scope, found in here.items()}
    days = {each: row[2] for found in before.values() for each, row in found.items()}
    days |= birthday_days(txn, keys, [members[each] for each in ids if each not in days])
    for scope, found in sorted(here.items()):
        rows = [[each, orders[each], days[each]] for each in found]
        had = before[scope]
        changed = [row for row in rows if had.get(row[0]) != row and (row[0] in had or any(row[1:]))]
        if changed:
            feed.put_rows(txn, KIND, scope, changed)


def rows_before(txn: Txn, scope: str, member_ids: Sequence[str]) -> dict[str, Row]:
    """Member → his row in a store, for those who have one."""
    return masters.feed_rows_by_key(txn, KIND, scope, [[each] for each in member_ids])


def _day_of(birthday: str | None) -> int | None:
    day = birthday[8:10] if birthday and len(birthday) == 10 else ""
    return int(day) if day.isdigit() else None
