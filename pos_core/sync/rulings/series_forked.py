"""Two documents under one number of a series: a cloned disk or an old image went on. Both sides are kept.

Ledger plus quarantine equal all money taken; a person decides about the quarantined side. One ruling for
each quarantined document, for each is a sale or a shift that somebody has to look at.
"""

from __future__ import annotations

from pos_core.sync.folds.facts import SeriesForked
from pos_core.sync.rulings.ruling import Ruling, stores_of

RULE = "series_forked"


def rule(fact: SeriesForked, total_minor: int = 0) -> Ruling:
    """`total_minor` is what the quarantined document took; the hashes tell the two documents apart."""
    return Ruling(
        RULE,
        fact.stamp.series,
        "series_forked",
        stands=(f"{fact.stamp.document}@{fact.kept_hash}",),
        against=(f"{fact.stamp.document}@{fact.other_hash}",),
        reaches=stores_of(fact.store_id),
        detail=(("quarantined_minor", total_minor),),
    )
