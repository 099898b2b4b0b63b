"""One member by phone or card, or one gift card, for a store without it: in its slice from then on."""

from __future__ import annotations

import base64
import binascii
import re
import threading
from collections import deque
from datetime import UTC, datetime

from pos_core.clock import Clock
from pos_core.customer.gift_card import gift_text, is_gift_card
from pos_core.customer.member import card_text, is_card_number
from pos_core.sync.protocol import FeedRows, MemberFound
from pos_core.sync.reference import KINDS
from sync_server.services.errors import MalformedRequest, TooManyAttempts
from sync_server.services.keys import ChainKeys
from sync_server.services.personal_data import blind_index, open_member_key
from sync_server.services.shared import gift_cards
from sync_server.services.shared.groups import alias_of
from sync_server.services.shared.members import MemberRows
from sync_server.store import audit, coupon, masters, member_card
from sync_server.store.engine import Store, Txn
from sync_server.store.workstation import WorkstationRow

MINUTE_MS = 60_000
PER_MINUTE_MAX = 20
PER_HOUR_MAX = 200
"""Of one workstation at one server process: nobody walks through the numbers of a city."""
_SEALED_CHARS_MAX = 200
_E164 = re.compile(r"\+[1-9]\d{6,14}\Z")


class MemberLookups:
    """See the module."""

    def __init__(self, store: Store, keys: ChainKeys, clock: Clock) -> None:
        self._store = store
        self._keys = keys
        self._clock = clock
        self._rows = MemberRows(keys)
        self._asked: dict[str, deque[int]] = {}
        self._lock = threading.Lock()

    def find(self, caller: WorkstationRow, sealed: str) -> MemberFound:
        """The survivor of all who have the phone number, or whose card it is; or a gift card.

        Each question has an audit row. Raises MalformedRequest, TooManyAttempts.
        """
        said = self._said(sealed)
        now_ms = self._clock.now_ms()
        self._count(caller.workstation_id, now_ms)
        if said.startswith(gift_text("")):
            number = said.removeprefix(gift_text(""))
            return self._store.write(
                lambda txn: self._gift_card(txn, caller, number, now_ms), of=caller.workstation_id
            )
        index = blind_index(self._keys.member_index, said)
        find = self._found if _E164.match(said) else self._by_card

        def write(txn: Txn) -> MemberFound:
            member_id = find(txn, index)
            audit.add(
                txn,
                now_ms=now_ms,
                actor=caller.workstation_id,
                action="member_looked_up",
                subject=member_id or "",
                store_id=caller.store_id,
            )
            return MemberFound(None) if member_id is None else self._entered(txn, caller, member_id, now_ms)

        return self._store.write(write, of=caller.workstation_id)

    def _found(self, txn: Txn, index: str) -> str | None:
        for row in masters.members_by_phone_index(txn, [index]):
            return alias_of(txn, row.member_id) or row.member_id
        return None

    def _by_card(self, txn: Txn, index: str) -> str | None:
        member_id = member_card.owners(txn, [index]).get(index)
        return None if member_id is None else alias_of(txn, member_id) or member_id

    def _entered(self, txn: Txn, caller: WorkstationRow, member_id: str, now_ms: int) -> MemberFound:
        today = datetime.fromtimestamp(now_ms / 1000, UTC).date().isoformat()
        self._rows.visited(txn, caller.store_id, {member_id: today})
        self._rows.wallet(txn, caller.store_id, member_id)
        scope = f"store:{caller.store_id}"
        keys = {
            "member": [member_id],
            "member_detail": [member_id],
            "member_pricing": [member_id],
            "member_coupon": [row.coupon_id for row in coupon.of_member(txn, member_id)],
        }
        kinds = []
        for kind, wanted in keys.items():
            found = masters.feed_rows_by_key(txn, kind, scope, [[each] for each in wanted])
            if found:
                kinds.append(FeedRows(kind, list(KINDS[kind].column_names), list(found.values())))
        return MemberFound(member_id, kinds)

    def _gift_card(self, txn: Txn, caller: WorkstationRow, number: str, now_ms: int) -> MemberFound:
        account_id = gift_cards.shown(txn, self._keys, caller.store_id, number)
        audit.add(
            txn,
            now_ms=now_ms,
            actor=caller.workstation_id,
            action="gift_card_looked_up",
            subject=account_id or "",
            store_id=caller.store_id,
        )
        if account_id is None:
            return MemberFound(None)
        scope, kind = f"store:{caller.store_id}", gift_cards.KIND
        rows = list(masters.feed_rows_by_key(txn, kind, scope, [[account_id]]).values())
        return MemberFound(account_id, [FeedRows(kind, list(KINDS[kind].column_names), rows)])

    def _said(self, sealed: str) -> str:
        """A phone number, or a card as it is indexed."""
        try:
            box = base64.b64decode(sealed[:_SEALED_CHARS_MAX], altchars=b"-_", validate=True)
            clear = open_member_key(self._keys, box)
            said = "" if clear is None else clear.decode("ascii")
        except (binascii.Error, ValueError):
            said = ""
        card = said.removeprefix(card_text(""))
        if said.startswith(gift_text("")) and is_gift_card(said.removeprefix(gift_text(""))):
            return said
        if not _E164.match(said) and (card == said or not is_card_number(card)):
            raise MalformedRequest("no phone or card number sealed to this chain")
        return said

    def _count(self, workstation_id: str, now_ms: int) -> None:
        with self._lock:
            asked = self._asked.setdefault(workstation_id, deque(maxlen=PER_HOUR_MAX))
            for past, length_ms in ((PER_MINUTE_MAX, MINUTE_MS), (PER_HOUR_MAX, 60 * MINUTE_MS)):
                since_ms = now_ms - asked[-past] if len(asked) >= past else length_ms
                if 0 <= since_ms < length_ms:
                    raise TooManyAttempts("too many members asked for", retry_after_ms=length_ms - since_ms)
            asked.append(now_ms)
