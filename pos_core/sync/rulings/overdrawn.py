"""Who answers for a balance below zero: the newest redemptions, each with its share, until it is made up."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from pos_core.sync.folds.stamp import Stamp, stamp_from


class Share(NamedTuple):
    """One redemption's part of what is missing; `stands` are the documents of the other redemptions kept."""

    stamp: Stamp
    amount: int
    store_id: str
    authority: str
    stands: tuple[str, ...]


def shares_of(spends: Sequence[Sequence[Any]], missing: int) -> Iterator[Share]:
    """Newest first, adding up to `missing`. `spends`: `[stamp, amount, store_id, authority]`, oldest first.

    The oldest one kept answers for what is older than the ledger's tail.
    """
    documents = tuple(dict.fromkeys(stamp_from(each[0]).document for each in spends))
    for position, (stamp_value, amount, store_id, authority) in reversed(list(enumerate(spends))):
        if not missing:
            return
        share = missing if position == 0 else min(missing, amount)
        missing -= share
        stamp = stamp_from(stamp_value)
        others = tuple(document for document in documents if document != stamp.document)
        yield Share(stamp, share, store_id, authority, others)
