"""What a chain brings along, as head office's own facts: balances, and numbers that others gave at a till."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache, partial

from pos_core.sync.folds.facts import PointsMoved, ProfileEdited
from pos_core.sync.folds.stamp import Stamp
from sync_server.services.keys import ChainKeys
from sync_server.services.shared.folding import Folding, HqFact
from sync_server.store.engine import Txn

SaidAnew = tuple[str, tuple[str, ...]]
"""Member id and the names of personal fields."""


@lru_cache(maxsize=4)
def opening_points(keys: ChainKeys, now_ms: int) -> Callable[[Txn, Sequence[tuple[str, int]]], None]:
    """Takes `(member, points brought along)`: what an import says beyond what it said before.

    The same function for the same moment, so that an import calls it once for all its rows.
    """
    folding = Folding(keys)

    def take(txn: Txn, rows: Sequence[tuple[str, int]]) -> None:
        folding.take_hq(txn, [_moved(member_id, points) for member_id, points in rows], now_ms=now_ms)

    return take


def _moved(member_id: str, points: int) -> HqFact:
    def make(stamp: Stamp) -> PointsMoved:
        return PointsMoved(stamp, "", member_id, points, "adjusted")

    return make


@lru_cache(maxsize=4)
def phone_claims(keys: ChainKeys, now_ms: int) -> Callable[[Txn, Sequence[tuple[str, str, str]]], None]:
    """Takes `(member, home store, blind index)` of imported members whose number somebody gave at a till."""
    folding = Folding(keys)

    def take(txn: Txn, rows: Sequence[tuple[str, str, str]]) -> None:
        folding.take_hq(txn, [_claimed(*row) for row in rows], now_ms=now_ms)

    return take


def _claimed(member_id: str, store_id: str, index: str) -> HqFact:
    def make(stamp: Stamp) -> ProfileEdited:
        return ProfileEdited(stamp, store_id, member_id, joined=True, claims_phone=True, phone_index=index)

    return make


@lru_cache(maxsize=4)
def said_here(keys: ChainKeys, now_ms: int) -> Callable[[Txn, Sequence[SaidAnew]], None]:
    """Takes `(member, personal fields)` that head office said anew: what tills said before is over."""
    folding = Folding(keys)

    def take(txn: Txn, rows: Sequence[SaidAnew]) -> None:
        folding.take_hq(txn, [partial(_said, *row) for row in rows], now_ms=now_ms)

    return take


def _said(member_id: str, names: tuple[str, ...], stamp: Stamp) -> ProfileEdited:
    return ProfileEdited(stamp, "", member_id, fields=dict.fromkeys(names))
