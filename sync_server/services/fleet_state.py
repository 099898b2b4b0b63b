"""The state of every workstation for a dashboard: one read, no personal data, no key."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from pos_core.sync.allowance_ledger import measure_of
from pos_core.sync.trust_root import TrustRoot
from sync_server.services.shared.allowances import Allowances, holder_of
from sync_server.services.workstations import Workstations
from sync_server.store import chain_state, series, trust_root
from sync_server.store.engine import Store, Txn

SILENT_AFTER_MS = 24 * 3600 * 1000
SKEW_MAX_MS = 60_000


class FleetState:
    """Reads, never writes."""

    def __init__(self, store: Store, workstations: Workstations, allowances: Allowances) -> None:
        self._store = store
        self._workstations = workstations
        self._allowances = allowances

    def report(self) -> dict[str, Any]:
        """`workstations` as `Workstations.listing`, with `head`, `lease_exposure` and `needs` beside.

        `head` is the newest series that head office has anything of: `{incarnation, number, hash}`.
        `lease_exposure` is kind → units that this one may still use with no network, at worst. `needs` are
        reasons to look at it: `silent`, `clock`, `release`, `feed`, `waiting`, `refused` (something
        was not believed within a week; `refusals` say what).
        """
        published = self._allowances.published()
        out: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
        for each in published.outstanding:
            out[holder_of(each.allowance_id)][measure_of(each.allowance_id)] += each.out

        def read(txn: Txn) -> tuple[str, int, dict[str, dict[str, Any]]]:
            newest = trust_root.newest(txn)
            heads: dict[str, dict[str, Any]] = {}
            for row in series.all_series(txn):
                known = heads.get(row.workstation_id)
                if known is None or known["incarnation"] < row.incarnation:
                    heads[row.workstation_id] = {
                        "incarnation": row.incarnation,
                        "number": row.acked_number,
                        "hash": row.head_hash,
                    }
            root = 0 if newest is None else TrustRoot.read(newest.document).version
            return chain_state.epoch(txn), root, heads

        epoch, root_version, heads = self._store.read(read)
        rows = [
            {
                **row,
                "head": heads.get(row["workstation_id"]),
                "lease_exposure": dict(out.get(row["workstation_id"], {})),
                "needs": needs(row),
            }
            for row in self._workstations.listing()
        ]
        return {
            "epoch": epoch,
            "root_version": root_version,
            "worst_case": dict(published.worst.by_kind),
            "points_worst_case": published.worst.points,
            "workstations": rows,
        }

    def gauges(self) -> dict[str, float]:
        """The same in sums, for `/metrics`: active workstations by what they need, and documents waiting."""
        rows = [row for row in self._workstations.listing() if row["state"] == "active"]
        found = {
            f"workstations_{reason}": 0.0
            for reason in ("silent", "clock", "release", "feed", "waiting", "refused")
        }
        for row in rows:
            for reason in needs(row):
                found[f"workstations_{reason}"] += 1
        ages = [row["contact_age_ms"] for row in rows]
        return {
            **found,
            "documents_waiting": sum(row["documents_waiting"] or 0 for row in rows),
            "contact_age_max_seconds": max(ages, default=0) / 1000,
        }


def needs(row: dict[str, Any]) -> list[str]:
    """Why somebody should look at a workstation; nothing for a revoked one."""
    if row["state"] != "active":
        return []
    newest, held = row["newest_release"], row["release_version"]
    staged = newest in row["staged_versions"]
    found = {
        "silent": row["contact_age_ms"] > SILENT_AFTER_MS,
        "clock": abs(row["clock_offset_ms"] or 0) > SKEW_MAX_MS,
        "release": newest is not None and held != newest and not staged,
        "feed": row["scopes_behind"] != [],
        "waiting": bool(row["documents_waiting"]),
        "refused": row["refused_lately"],
    }
    return [reason for reason, is_so in found.items() if is_so]
