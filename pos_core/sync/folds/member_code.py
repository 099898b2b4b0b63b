"""How often in a row a member's code was wrong, over all workstations.

    {"accepted": stamp | null, "failed": [[stamp, failures, locked_until_ms], …],
     "failures": …, "locked_until_ms": …}

A workstation journals its own count with each failure; the highest one after the newest acceptance stands,
so that another till gives no fresh guesses once it has heard of them.
"""

from __future__ import annotations

from typing import Any

from pos_core.sync.folds.facts import MemberCodeTried
from pos_core.sync.folds.fold import Fold, State

FAILED_KEPT = 16

EMPTY: State = {"accepted": None, "failed": [], "failures": 0, "locked_until_ms": 0}


def apply(state: State | None, fact: MemberCodeTried) -> State:
    """With one more try."""
    before = state or EMPTY
    stamp = fact.stamp.as_value()
    accepted: list[Any] | None = before["accepted"]
    failed = list(before["failed"])
    if fact.failures == 0:
        accepted = stamp if accepted is None else max(accepted, stamp)
    elif not any(each[0] == stamp for each in failed):
        failed = sorted([*failed, [stamp, fact.failures, fact.locked_until_ms]])[-FAILED_KEPT:]
    since = [each for each in failed if accepted is None or each[0] > accepted]
    return {
        "accepted": accepted,
        "failed": failed,
        "failures": max((each[1] for each in since), default=0),
        "locked_until_ms": max((each[2] for each in since), default=0),
    }


FOLD = Fold("member_code", (MemberCodeTried,), lambda fact: str(fact.member_id), apply)
