"""Stores, workstations and employees as the console shows and changes them."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from pos_core.clock import Clock
from sync_server.services.acts import Act
from sync_server.services.enrolment import Enrolment, NewCode, NoSuchStore
from sync_server.services.importing.context import ImportTarget, chain_view
from sync_server.services.importing.one_row import put_row
from sync_server.services.keys import ChainKeys
from sync_server.services.workstations import NoSuchWorkstation, Workstations, refusals
from sync_server.store import masters, series, workstation
from sync_server.store.engine import Store, Txn
from sync_server.store.masters import EmployeeRow
from sync_server.store.series import SeriesRow

CODE_MINUTES = 30


@dataclass(frozen=True, slots=True)
class StoreView:
    """A store with its workstations' rows (`store.workstation.listing`)."""

    row: dict[str, Any]
    workstations: tuple[dict[str, Any], ...]

    @property
    def active(self) -> list[dict[str, Any]]:
        """Those that are not revoked."""
        return [each for each in self.workstations if each["state"] == "active"]

    @property
    def last_contact_ms(self) -> int | None:
        """Of the one that has been silent longest."""
        return min((each["last_contact_ms"] for each in self.active), default=None)

    @property
    def waiting(self) -> int:
        """Documents that wait at its workstations."""
        return sum(each["documents_waiting"] or 0 for each in self.active)


@dataclass(frozen=True, slots=True)
class WorkstationView:
    """One workstation, its store, its series, one an incarnation, and what it refused to believe."""

    row: dict[str, Any]
    store: dict[str, Any]
    series: tuple[SeriesRow, ...]
    refusals: tuple[dict[str, Any], ...] = ()


class Fleet:
    """Reads with a region in mind; changes are for administrators."""

    def __init__(
        self,
        store: Store,
        keys: ChainKeys,
        clock: Clock,
        *,
        enrolment: Enrolment,
        workstations: Workstations,
        ca_fingerprint: Callable[[], bytes | None],
    ) -> None:
        self._store = store
        self._keys = keys
        self._clock = clock
        self._enrolment = enrolment
        self._workstations = workstations
        self._ca_fingerprint = ca_fingerprint

    def stores(self, region: str | None) -> list[StoreView]:
        """By id."""

        def read(txn: Txn) -> list[StoreView]:
            by_store: dict[str, list[dict[str, Any]]] = defaultdict(list)
            for row in workstation.listing(txn):
                by_store[row["store_id"]].append({**row, **refusals(row["refusals"], self._clock.now_ms())})
            return [
                StoreView(row, tuple(by_store[store_id]))
                for store_id, row in sorted(chain_view(txn).stores.items())
                if region in (None, row["region"])
            ]

        return self._store.read(read)

    def store(self, store_id: str, region: str | None) -> tuple[StoreView, list[EmployeeRow]]:
        """One store and who may sign on there. Raises NoSuchStore, for another region's too."""
        found = next((each for each in self.stores(region) if each.row["store_id"] == store_id), None)
        if found is None:
            raise NoSuchStore("the chain has no such store", store_id=store_id)
        people = [row for row in self.employees(None) if {store_id, "*"} & set(json.loads(row.store_ids))]
        return found, people

    def workstation(self, workstation_id: str, region: str | None) -> WorkstationView:
        """One workstation. Raises NoSuchWorkstation, for another region's too."""

        def read(txn: Txn) -> WorkstationView | None:
            row = next((r for r in workstation.listing(txn) if r["workstation_id"] == workstation_id), None)
            place = chain_view(txn).stores.get(row["store_id"]) if row else None
            if row is None or place is None or region not in (None, place["region"]):
                return None
            told = tuple(refusals(row["refusals"], 0)["refusals"])
            return WorkstationView(row, place, tuple(series.of_workstation(txn, workstation_id)), told)

        found = self._store.read(read)
        if found is None:
            raise NoSuchWorkstation("no such workstation")
        return found

    def employees(self, region: str | None) -> list[EmployeeRow]:
        """By number; with `region` those who may sign on in a store there."""

        def read(txn: Txn) -> list[EmployeeRow]:
            stores = chain_view(txn).stores
            there = {s for s, row in stores.items() if region in (None, row["region"])} | {"*"}
            rows = masters.every_employee(txn)
            return [row for row in rows if region is None or there & set(json.loads(row.store_ids))]

        return self._store.read(read)

    def new_code(self, act: Act, store_id: str) -> NewCode:
        """For one workstation, shown once. Raises NoSuchStore."""
        return self._enrolment.new_code(
            store_id, minutes=CODE_MINUTES, ca_fingerprint=self._ca_fingerprint(), act=act
        )

    def revoke(self, act: Act, workstation_id: str) -> None:
        """From now on it is answered 403. Raises NoSuchWorkstation."""
        self._workstations.revoke(workstation_id, act)

    def replace(self, act: Act, workstation_id: str) -> NewCode:
        """Revokes it and makes a code for the machine that takes its place."""
        row = self._store.read(lambda txn: workstation.get(txn, workstation_id))
        if row is None:
            raise NoSuchWorkstation("no such workstation")
        self.revoke(act, workstation_id)
        return self.new_code(act, row.store_id)

    def put(self, act: Act, kind: str, cells: dict[str, str]) -> str:
        """A store, employee or policy from a form, by the import's own rules. Raises RowRefused."""
        return put_row(ImportTarget(self._store, self._keys, self._clock.now_ms()), kind, cells, act)
