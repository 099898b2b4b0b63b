"""What head office has ruled and what lies in quarantine, as the console lists it."""

from __future__ import annotations

from dataclasses import dataclass

from pos_core.sync.rulings.ruling import Ruling
from sync_server.services.console.exception_counts import QUARANTINE, store_of
from sync_server.services.console.periods import Period
from sync_server.services.importing.context import chain_view
from sync_server.store import exception_act, quarantine, ruling, workstation
from sync_server.store.engine import Store, Txn
from sync_server.store.quarantine import QuarantineRow
from sync_server.store.ruling import RulingRow

SHOWN_MAX = 200
LOOKED_AT_MAX = 5000


@dataclass(frozen=True, slots=True)
class Exceptions:
    """`rulings` newest first; `counts`: standing ones by rule; `kept`: in quarantine.

    `closed`: ids of those that somebody accepted or charged.
    """

    rulings: tuple[tuple[RulingRow, Ruling], ...]
    counts: dict[str, int]
    kept: tuple[QuarantineRow, ...]
    closed: set[str]


class ExceptionList:
    """Reads."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def view(
        self,
        region: str | None,
        *,
        rule: str = "",
        superseded: bool = False,
        state: str = "",
        store_id: str = "",
        period: Period | None = None,
    ) -> Exceptions:
        """With `region` what reaches, or was sent by, a store there. `state`: open, closed or "" for both.

        `store_id` and `period`: those alone that `ExceptionCounts` counts there and then.
        """

        def read(txn: Txn) -> Exceptions:
            stores = chain_view(txn).stores
            there = {s for s, row in stores.items() if region in (None, row["region"])}
            tills = workstation.stores_by_id(txn) if store_id else {}
            begin, end = (period.begin_ms, period.end_ms) if period else (0, None)

            def concerns(made: Ruling) -> bool:
                if store_id and store_of(made.as_value(), tills, there) != store_id:
                    return False
                return region is None or bool(there & set(made.reaches))

            rows = ruling.listing(
                txn, standing_only=not superseded, after_ms=begin, before_ms=end, limit=LOOKED_AT_MAX
            )
            found = [(row, made) for row, made in ((r, r.ruling) for r in rows) if concerns(made)]
            counts: dict[str, int] = {}
            for row, _ in found:
                if row.superseded_by is None:
                    counts[row.rule] = counts.get(row.rule, 0) + 1
            closed = exception_act.closed(txn, [row.ruling_id for row, _ in found])

            def asked(row: RulingRow) -> bool:
                is_open = row.superseded_by is None and row.ruling_id not in closed
                return rule in ("", row.rule) and state in ("", "open" if is_open else "closed")

            kept = [
                row
                for row in quarantine.listing(txn, after_ms=begin, before_ms=end, limit=LOOKED_AT_MAX)
                if store_id in ("", row.store_id) and rule in ("", QUARANTINE)
            ]
            return Exceptions(
                tuple(pair for pair in found if asked(pair[0]))[:SHOWN_MAX],
                dict(sorted(counts.items())),
                tuple(row for row in kept if region is None or row.store_id in there)[:SHOWN_MAX],
                closed,
            )

        return self._store.read(read)
