"""Freezing a member's account: it goes on earning, and nothing of it is spent until it is let go again."""

from __future__ import annotations

from functools import partial

from pos_core.clock import Clock
from pos_core.sync.folds.facts import ProfileEdited
from pos_core.sync.folds.stamp import Stamp
from sync_server.services.acts import Act
from sync_server.services.erasures import NoSuchMember
from sync_server.services.shared.erasing import is_known
from sync_server.services.shared.folding import Folding
from sync_server.services.shared.groups import alias_of, groups_of
from sync_server.store import erasure
from sync_server.store.engine import Store, Txn

FROZEN, ACTIVE = "frozen", "active"


class Freezing:
    """Head office's word on `status`, a field that no workstation's edit can change (`HQ_FIELDS`)."""

    def __init__(self, store: Store, clock: Clock, folding: Folding) -> None:
        self._store = store
        self._clock = clock
        self._folding = folding

    def freeze(self, act: Act, member_id: str, *, frozen: bool = True) -> tuple[str, ...]:
        """Freeze, or let go again; returns every id that is this one member, for all of them follow.

        Raises NoSuchMember (unknown or erased). Again is fine, and has an audit row of its own.
        """
        now_ms = self._clock.now_ms()
        status = FROZEN if frozen else ACTIVE

        def write(txn: Txn) -> tuple[str, ...]:
            if not is_known(txn, member_id) or erasure.of_member(txn, member_id) is not None:
                raise NoSuchMember("no member with this id", member_id=member_id[:80])
            survivor = alias_of(txn, member_id) or member_id
            ids = sorted({member_id, survivor, *groups_of(txn, [survivor]).get(survivor, ())})
            self._folding.take_hq(txn, [partial(_status, each, status) for each in ids], now_ms=now_ms)
            for each in ids:
                act.note(txn, now_ms, "member_frozen" if frozen else "member_unfrozen", each)
            return tuple(ids)

        return self._store.write(write)


def _status(member_id: str, status: str, stamp: Stamp) -> ProfileEdited:
    return ProfileEdited(stamp, "", member_id, fields={"status": status})
