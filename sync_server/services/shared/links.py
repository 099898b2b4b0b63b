"""A person at head office says that two ids are one member, or two."""

from __future__ import annotations

from functools import partial
from typing import Literal

from pos_core.clock import Clock
from pos_core.errors import Refusal
from pos_core.sync.folds.facts import MembersLinked
from pos_core.sync.folds.stamp import Stamp
from sync_server.services.acts import Act
from sync_server.services.shared.erasing import is_known
from sync_server.services.shared.folding import Folding
from sync_server.store.engine import Store, Txn

Verdict = Literal["confirmed", "split"]


class NotTwoMembers(Refusal):
    """Two different members that head office knows are needed."""

    code = "not_two_members"


class MemberLinks:
    """Confirmed ids spend their points as one; a split takes that back and stands for good."""

    def __init__(self, store: Store, clock: Clock, folding: Folding) -> None:
        self._store = store
        self._clock = clock
        self._folding = folding

    def say(self, act: Act, first_id: str, second_id: str, verdict: Verdict) -> None:
        """Raises NotTwoMembers."""
        self._store.write(lambda txn: self.say_in(txn, act, first_id, second_id, verdict))

    def say_in(self, txn: Txn, act: Act, first_id: str, second_id: str, verdict: Verdict) -> None:
        """The same in a transaction under way."""
        if first_id == second_id or not (is_known(txn, first_id) and is_known(txn, second_id)):
            raise NotTwoMembers("two members that are known here are needed")
        now_ms = self._clock.now_ms()
        made = partial(_linked, first_id, second_id, verdict)
        self._folding.take_hq(txn, [made], now_ms=now_ms)
        act.note(txn, now_ms, f"members_{verdict}", first_id, second=second_id)


def _linked(first_id: str, second_id: str, verdict: Verdict, stamp: Stamp) -> MembersLinked:
    return MembersLinked(stamp, "", first_id, second_id, verdict)
