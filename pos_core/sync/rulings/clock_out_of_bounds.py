"""A document whose hybrid clock ran ahead of the server's: it counts at a bound, recorded at receipt.

Without the bound, a workstation whose clock stands in next year would win every "newest" for a year. The
bound is a fact of its own, so that every replica, and every later folding, uses the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pos_core.clock import HLC_LOGICAL_MAX, HybridTime
from pos_core.sync.folds.facts import ClockBounded
from pos_core.sync.folds.stamp import Stamp, hlc_ms
from pos_core.sync.rulings.ruling import Ruling, stores_of

RULE = "clock_out_of_bounds"

AHEAD_MAX_MS = 5 * 60 * 1000
"""A hybrid time may be this far ahead of the server's clock; the same window as a request's."""
DAY_MS = 24 * 60 * 60 * 1000


def bound_at(received_ms: int) -> str:
    """The latest hybrid time that a document received now may count as."""
    return HybridTime(received_ms + AHEAD_MAX_MS, HLC_LOGICAL_MAX).as_text()


def bounded(header: Mapping[str, Any], received_ms: int) -> ClockBounded | None:
    """The fact to keep beside a document whose clock runs ahead; None for all others.

    Bounds of one series never fall, because the server's clock at receipt does not, so a series stays in
    order. (A server whose clock went back uses the highest bound that it has given to the series.)
    """
    bound, claimed = bound_at(received_ms), header["hlc"]
    if claimed <= bound:
        return None
    stamp = Stamp(bound, header["workstation_id"], header["incarnation"], header["number"])
    return ClockBounded(stamp, header["store_id"], claimed, bound)


def key_of(fact: ClockBounded) -> str:
    """The series and the day that its clock claimed."""
    return f"{fact.stamp.series}/{hlc_ms(fact.claimed) // DAY_MS}"


def rule(fact: ClockBounded) -> Ruling:
    """One ruling for a series and day, about the first document of it that came."""
    return Ruling(
        RULE,
        key_of(fact),
        "clock_ahead",
        stands=(),
        against=(fact.stamp.document,),
        reaches=stores_of(fact.store_id),
        detail=(("ahead_ms", hlc_ms(fact.claimed) - hlc_ms(fact.bound) + AHEAD_MAX_MS),),
    )
