"""Bugs between the workstations of a store, as `planted.py` has them: a run of the floor must catch each."""

from __future__ import annotations

from contextlib import ExitStack
from typing import Any
from unittest.mock import patch

from pos_client.journal import baskets, passing
from pos_client.journal.passing import PassedBasket
from pos_client.peers import facts, taking
from pos_client.peers.store import PeerStore
from pos_client.sync.peers.desk import Desk
from pos_client.sync.peers.gate import Gate
from pos_client.sync.peers.healing import Healing
from pos_client.sync.peers.passing import Passing
from tests.sim.planted import Plant


def _put(stack: ExitStack, owner: Any, name: str, value: Any) -> None:
    stack.enter_context(patch.object(owner, name, value))


def basket_given_and_kept(stack: ExitStack) -> None:
    """The giver's document is written, and the basket stays on hold with it."""

    def look(connection: Any, held_id: str) -> Any:
        return next((each for each in baskets.held_baskets(connection) if each.held_id == held_id), None)

    real = passing.give

    def give(*given: Any) -> Any:
        with patch.object(baskets, "take_held_basket", look):
            done = real(*given)
            done.exception()
        return done

    _put(stack, passing, "give", give)


def basket_taken_as_often_as_it_comes(stack: ExitStack) -> None:
    """The acknowledgement was lost, the basket comes again, and is put on hold once more."""
    count = [0]
    real = passing.take

    def take(journal: Any, passed: PassedBasket, giver: str) -> Any:
        count[0] += 1
        return real(journal, PassedBasket(f"{passed.transfer_id}-{count[0]}", passed.basket), giver)

    _put(stack, passing, "take", take)
    _put(stack, Passing, "to_acknowledge", lambda self, giver: [])


def heard_facts_twice(stack: ExitStack) -> None:
    """What a neighbour told is added although head office's figures hold it."""
    real = facts.series_after
    _put(stack, facts, "series_after", lambda connection, after: real(connection, {}))


def heard_facts_let_go_too_soon(stack: ExitStack) -> None:
    """What was heard is forgotten at the next look, whether head office has it or not."""

    def tidy(self: Desk) -> None:
        def forget(connection: Any) -> None:
            for series in connection.execute(facts._SERIES).fetchall():
                held = taking.held_of(connection, series)
                if held is not None:
                    taking.drop_series(connection, series, held.last - 1)

        self._store.change(forget).result()

    _put(stack, Desk, "tidy", tidy)


def erasure_forgets_the_copies(stack: ExitStack) -> None:
    """An erased member's key stays where a neighbour had given it."""
    _put(stack, PeerStore, "erase_member", lambda *_: None)


def own_signature_not_believed(stack: ExitStack) -> None:
    """A neighbour shows a head that this machine signed and does not hold; it sells on under old numbers."""
    _put(stack, Healing, "heal", lambda *_: False)


def revoked_is_let_in(stack: ExitStack) -> None:
    """A good certificate is enough, whatever the feed says of its workstation."""
    _put(stack, Gate, "_revoked", lambda *_: [])


def certificate_looked_at_once(stack: ExitStack) -> None:
    """Who was let in before is let in again: a connection that stands outlives its revocation."""
    real, seen = Gate._checked, dict[tuple[int, bytes], Any]()

    def checked(self: Gate, shown: bytes) -> Any:
        if (id(self), shown) not in seen:
            seen[id(self), shown] = real(self, shown)
        return seen[id(self), shown]

    _put(stack, Gate, "_checked", checked)


PLANTED_PEERS: dict[str, tuple[str, int, Plant]] = {
    each.__name__: (promise, seed, each)
    for promise, seed, each in (
        ("P2", 1, basket_given_and_kept),
        ("P2", 1, basket_taken_as_often_as_it_comes),
        ("P7", 1, heard_facts_twice),
        ("P7", 1, heard_facts_let_go_too_soon),
        ("P17", 9, erasure_forgets_the_copies),
        ("P3", 4, own_signature_not_believed),
        ("revoked", 2, revoked_is_let_in),
        ("revoked", 10, certificate_looked_at_once),
    )
}
