"""Keys of members' boxes as tills send them: kept sealed, and put to use at once."""

from __future__ import annotations

import base64
import binascii
import json

from pos_core.clock import Clock
from pos_core.sync.protocol import MEMBER_KEYS_MAX, MemberKeys, MemberKeysTaken
from pos_core.sync.sealing import EPHEMERAL_BYTES, TAG_BYTES
from sync_server.services.errors import MalformedRequest
from sync_server.services.keys import ChainKeys
from sync_server.services.shared import Folding
from sync_server.services.shared.boxes import open_boxes
from sync_server.store import chain_state, erasure, member_box
from sync_server.store.engine import Store, Txn
from sync_server.store.workstation import WorkstationRow

SEALED_BYTES = EPHEMERAL_BYTES + 32 + TAG_BYTES
_MEMBER_ID_MAX = 128


class MemberKeyring:
    """See the module."""

    def __init__(self, store: Store, keys: ChainKeys, clock: Clock, folding: Folding) -> None:
        self._store = store
        self._keys = keys
        self._clock = clock
        self._folding = folding

    def take(self, caller: WorkstationRow, message: MemberKeys) -> MemberKeysTaken:
        """Keeps the caller's keys; members whose documents waited for them are known from then on.

        Again is fine. Raises MalformedRequest.
        """
        sent = _checked(message)
        workstation_id, now_ms = caller.workstation_id, self._clock.now_ms()

        def write(txn: Txn) -> MemberKeysTaken:
            erased = erasure.erased_among(txn, sorted(sent))
            wanted = {member_id: key for member_id, key in sent.items() if member_id not in erased}
            known = member_box.keys(txn, sorted(wanted))
            fresh = {each for each in wanted if (workstation_id, each) not in known}
            member_box.put_keys(txn, [(workstation_id, each, wanted[each], now_ms) for each in sorted(fresh)])
            waiting = [
                json.loads(data)
                for place, data in member_box.documents_of(txn, sorted(fresh))
                if place[0] == workstation_id
            ]
            self._folding.take_keys(txn, open_boxes(txn, self._keys, waiting), now_ms=now_ms)
            return MemberKeysTaken(chain_state.epoch(txn), sorted(wanted))

        return self._store.write(write, of=workstation_id)


def _checked(message: MemberKeys) -> dict[str, bytes]:
    if len(message.keys) > MEMBER_KEYS_MAX:
        raise MalformedRequest("too many keys", keys=len(message.keys))
    found = {}
    for each in message.keys:
        try:
            sealed = base64.b64decode(each.sealed, validate=True)
        except (binascii.Error, ValueError):
            raise MalformedRequest("a key that is not base64") from None
        if (
            len(sealed) != SEALED_BYTES
            or not 0 < len(each.member_id) <= _MEMBER_ID_MAX
            or "\0" in each.member_id
        ):
            raise MalformedRequest("a key or a member of another length")
        found[each.member_id] = sealed
    return found
