"""Members at head office: found, opened masked, seen in clear for a purpose, corrected."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from pos_core.clock import Clock
from pos_core.customer.member import masked_name
from pos_core.customer.stored_value import member_account
from pos_core.sync.folds.member_profile import field_value
from pos_core.sync.folds.points import balance
from pos_core.sync.folds.stored_value import balance_minor
from sync_server.services.acts import Act
from sync_server.services.console.personal_watch import PersonalWatch
from sync_server.services.erasures import NoSuchMember
from sync_server.services.importing.context import ImportTarget
from sync_server.services.importing.one_row import put_row
from sync_server.services.keys import ChainKeys
from sync_server.services.personal_data import blind_index, decrypt_personal, masked_phone, open_member_key
from sync_server.services.shared.consents import standing
from sync_server.services.shared.erasing import is_known
from sync_server.services.shared.groups import alias_of, groups_of
from sync_server.store import coupon, erasure, fold_state, masters, member_box, member_card, personal
from sync_server.store.coupon import CouponRow
from sync_server.store.engine import Store, Txn
from sync_server.store.masters import MemberRow
from sync_server.store.personal import AccessRow

SALES_SHOWN = 50
LOOKS_SHOWN = 30
DOSSIER_ROWS_MAX = 100_000


@dataclass(frozen=True, slots=True)
class Masked:
    """A member as a list shows him. Amounts are minor units; `state`: active, frozen, erased or merged."""

    member_id: str
    phone: str
    name: str
    tier: str
    home_store_id: str
    points: int
    stored_value_minor: int
    state: str


@dataclass(frozen=True, slots=True)
class Dossier:
    """Everything that head office knows of a member, personal fields masked."""

    masked: Masked
    known_since_ms: int | None
    birthday_month: int | None
    has_card: bool
    consents: Mapping[str, bool | None]
    ids: Sequence[str]
    alias_of: str | None
    erased_at_ms: int | None
    sales: Sequence[Mapping[str, Any]]
    points: Sequence[Mapping[str, Any]]
    coupons: Sequence[CouponRow]
    boxes: int
    looks: Sequence[AccessRow]


class MemberDesk:
    """See the module. What shows members tells `PersonalWatch` first."""

    def __init__(self, store: Store, keys: ChainKeys, watch: PersonalWatch, clock: Clock) -> None:
        self._store = store
        self._keys = keys
        self._watch = watch
        self._clock = clock

    def find(self, act: Act, phone: str) -> list[Masked]:
        """Members with this number (+E.164), merged ids too. Raises AccountFrozen."""
        index = blind_index(self._keys.member_index, phone)
        found = self._store.read(lambda txn: masters.members_by_phone_index(txn, [index]))
        self._watch.take(act, "found", "", max(1, len(found)))
        return self._store.read(lambda txn: [self._masked(txn, row.member_id, row) for row in found])

    def dossier(self, act: Act, member_id: str) -> Dossier:
        """Masked. Raises NoSuchMember, AccountFrozen."""
        self._store.read(lambda txn: _required(txn, member_id))
        self._watch.take(act, "opened", member_id, 1)
        return self._store.read(lambda txn: self._dossier(txn, member_id, SALES_SHOWN))

    def in_clear(self, act: Act, member_id: str) -> dict[str, str]:
        """Personal fields by name; {} when there is no key any more. Raises NoSuchMember, AccountFrozen."""
        self._store.read(lambda txn: _required(txn, member_id))
        self._watch.take(act, "unmasked", member_id, 1)
        return self._store.read(lambda txn: self.personal(txn, member_id))

    def whole(self, act: Act, member_id: str) -> bytes:
        """The whole dossier in clear as JSON, for the member who asks what is known of him."""
        clear = self.in_clear(act, member_id)
        found = self._store.read(lambda txn: self._dossier(txn, member_id, DOSSIER_ROWS_MAX))
        said = {**asdict(found), "personal": clear}
        del said["looks"]
        return json.dumps(said, ensure_ascii=False, indent=1, default=str).encode()

    def correct(self, act: Act, member_id: str, cells: Mapping[str, str]) -> None:
        """Other phone, name, birthday, tier or home store; what is not named stays. Raises RowRefused …"""
        row = self._store.read(lambda txn: masters.members(txn, [member_id]).get(member_id))
        if row is None:
            raise NoSuchMember("no member with this id", member_id=member_id[:80])
        self._watch.take(act, "corrected", member_id, 1)
        clear, shown = self._store.read(lambda txn: (self.personal(txn, member_id), _display_name(txn, row)))
        said = {
            "member_id": member_id,
            "phone": clear.get("phone", ""),
            "name": clear.get("name", ""),
            "display_name": "" if shown == masked_name(clear.get("name", "")) else shown,
            "birthday": clear.get("birthday", ""),
            "email": clear.get("email", ""),
            "tier": row.tier,
            "home_store_id": row.home_store_id,
            "points_balance": str(row.points_balance),
            **{name: text for name, text in cells.items() if text},
        }
        target = ImportTarget(self._store, self._keys, self._clock.now_ms())
        put_row(
            target, "members", {name: text for name, text in said.items() if text}, act, subject=member_id
        )

    def personal(self, txn: Txn, member_id: str) -> dict[str, str]:
        """What lies under the member's own key."""
        row = masters.members(txn, [member_id]).get(member_id)
        sealed = masters.member_keys(txn, [member_id]).get(member_id)
        return {} if row is None else self.opened(row, sealed)

    def opened(self, row: MemberRow, sealed_key: bytes | None) -> dict[str, str]:
        """The same of a row and key at hand."""
        key = None if sealed_key is None else open_member_key(self._keys, sealed_key)
        found = None if key is None else decrypt_personal(key, row.member_id, row.personal)
        return {} if found is None else {name: str(value) for name, value in found.items()}

    def _masked(self, txn: Txn, member_id: str, row: MemberRow | None) -> Masked:
        clear = self.personal(txn, member_id)
        states = fold_state.get(
            txn,
            [
                ("points", member_id),
                ("member_profile", member_id),
                ("stored_value", member_account(member_id)),
            ],
        )
        profile = states.get(("member_profile", member_id))
        state = str((profile and field_value(profile, "status")) or "active")
        if erasure.of_member(txn, member_id) is not None:
            state = "erased"
        elif alias_of(txn, member_id) is not None:
            state = "merged"
        return Masked(
            member_id,
            masked_phone(clear["phone"]) if "phone" in clear else "",
            masked_name(clear.get("name", "")),
            str((profile and field_value(profile, "tier")) or (row.tier if row else "")),
            row.home_store_id if row else "",
            balance(states.get(("points", member_id))),
            balance_minor(states.get(("stored_value", member_account(member_id)))),
            state,
        )

    def _dossier(self, txn: Txn, member_id: str, limit: int) -> Dossier:
        row = masters.members(txn, [member_id]).get(member_id)
        ids = groups_of(txn, [member_id]).get(member_id, (member_id,))
        profile = fold_state.get(txn, [("member_profile", member_id)]).get(("member_profile", member_id))
        gone = erasure.of_member(txn, member_id)
        return Dossier(
            self._masked(txn, member_id, row),
            row.known_since_ms if row else None,
            row.birthday_month if row else None,
            bool(member_card.of_members(txn, [member_id])),
            standing(row.consents if row else "{}", profile),
            ids,
            alias_of(txn, member_id),
            gone.erased_at_ms if gone else None,
            personal.sales_of(txn, ids, limit),
            personal.points_of(txn, ids, limit),
            coupon.of_member(txn, member_id),
            len(member_box.documents_of(txn, [member_id])),
            personal.looks(txn, subject=member_id, limit=LOOKS_SHOWN),
        )


def _required(txn: Txn, member_id: str) -> None:
    if not is_known(txn, member_id) and erasure.of_member(txn, member_id) is None:
        raise NoSuchMember("no member with this id", member_id=member_id[:80])


def _display_name(txn: Txn, row: MemberRow) -> str:
    for scope in sorted(masters.scopes_with_key(txn, "member", [row.member_id])):
        found = masters.feed_rows_by_key(txn, "member", scope, [[row.member_id]]).get(row.member_id)
        if found is not None:
            return str(found[3])
    return ""
