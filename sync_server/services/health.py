"""Is head office well, and the figures of `/metrics` that come from the store."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

from pos_core.clock import Clock
from pos_core.sync.protocol import PROTOCOL_VERSION
from sync_server.services.fleet_state import FleetState
from sync_server.services.shared.allowances import Allowances
from sync_server.store import chain_state, document, feed, quarantine, release, workstation
from sync_server.store.engine import Store, Txn

DISK_FREE_BYTES_MIN = 64 * 1024 * 1024


class Health:
    """Reads, never writes."""

    def __init__(
        self, store: Store, clock: Clock, folder: Path, allowances: Allowances, fleet: FleetState
    ) -> None:
        self._store = store
        self._allowances = allowances
        self._fleet = fleet
        self._clock = clock
        self._folder = folder
        self._started_ms = clock.monotonic_ms()

    def report(self) -> dict[str, Any]:
        """`ok` and why; never raises."""
        answer: dict[str, Any] = {
            "ok": False,
            "protocol": PROTOCOL_VERSION,
            "server_time_ms": self._clock.now_ms(),
        }
        try:
            answer["epoch"] = self._store.read(chain_state.epoch)
            free = shutil.disk_usage(self._folder).free
        except Exception as error:
            return {**answer, "trouble": type(error).__name__}
        if free < DISK_FREE_BYTES_MIN:
            return {**answer, "trouble": "disk_nearly_full"}
        return {**answer, "ok": True}

    def gauges(self) -> dict[str, float]:
        """Figures by name, without the `tidemark_` prefix."""

        def read(txn: Txn) -> dict[str, float]:
            states = workstation.count_by_state(txn)
            newest = release.newest(txn)
            return {
                "documents": document.count(txn),
                "quarantined_documents": quarantine.count(txn),
                "feed_head": feed.head(txn),
                "release_version": 0 if newest is None else newest.version,
                "workstations_active": states.get("active", 0),
                "workstations_revoked": states.get("revoked", 0),
            }

        uptime = (self._clock.monotonic_ms() - self._started_ms) / 1000
        disk = shutil.disk_usage(self._folder).free
        return {
            **self._store.read(read),
            **self._worst_case(),
            **self._fleet.gauges(),
            "uptime_seconds": uptime,
            "disk_free_bytes": disk,
        }

    def _worst_case(self) -> dict[str, float]:
        """What could be overdrawn at most, by kind of allowance."""
        published = self._allowances.published()
        found: dict[str, float] = {
            f"allowance_{kind}_out": units for kind, units in published.worst.by_kind.items()
        }
        return {
            **found,
            "allowance_points_worst_case": published.worst.points,
            "allowance_holders_awaited": published.waiting,
        }
