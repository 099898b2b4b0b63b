"""Releases as the console shows them: where each workstation stands, and how many are ready."""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass
from typing import Any

from pos_core.clock import Clock
from pos_core.errors import Refusal
from sync_server.services.confirmations import held_up
from sync_server.services.console.documents import stores_in
from sync_server.services.importing.context import chain_view
from sync_server.services.rollout_guards import margin_ppm, rate_ppm
from sync_server.services.rollouts import Plan, guarded, may_take_back, taking_back_note
from sync_server.store import release, rollout, rollout_behind, workstation
from sync_server.store.engine import Store, Txn
from sync_server.store.release import ReleaseRow
from sync_server.store.rollout import RolloutRow, Sent
from sync_server.store.rollout_behind import What

SILENT_AFTER_MS = 15 * 60_000
GUARDED_SHOWN = 300


class NoSuchRelease(Refusal):
    """No release has this version."""

    code = "no_such_release"


@dataclass(frozen=True, slots=True)
class Standing:
    """One workstation and one release. `place`: on, staged, offered, not_offered or silent."""

    workstation_id: str
    name: str
    store_id: str
    store_name: str
    region: str
    release_version: int
    staged: tuple[int, ...]
    documents_waiting: int
    clock_offset_ms: int
    app_version: str
    last_contact_ms: int
    place: str

    @property
    def ready(self) -> bool:
        """It has the release, on or staged."""
        return self.place in ("on", "staged")


@dataclass(frozen=True, slots=True)
class Listed:
    """A line of the list. `takes_back`: the version that this one took back."""

    release: ReleaseRow
    rollout: RolloutRow | None
    takes_back: int | None


@dataclass(frozen=True, slots=True)
class ReleaseView:
    """A release, its roll-out and every workstation. `figures`: the guards', before and since."""

    release: ReleaseRow
    rollout: RolloutRow | None
    plan: Plan | None
    price_kind: str
    standings: tuple[Standing, ...]
    figures: tuple[dict[str, int | None], ...]
    may_take_back: bool
    takes_back: int | None

    @property
    def offered(self) -> list[Standing]:
        """Workstations that may have it by now."""
        return [each for each in self.standings if each.place != "not_offered"]

    def count(self, place: str) -> int:
        """How many stand there."""
        return sum(1 for each in self.standings if each.place == place)

    @property
    def ready(self) -> int:
        """How many have it."""
        return sum(1 for each in self.standings if each.ready)


class RolloutStatus:
    """Reads."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    def listing(self, limit: int = 100) -> list[Listed]:
        """Releases, newest first."""

        def read(txn: Txn) -> list[Listed]:
            known = rollout.states(txn)
            rows = release.newest_many(txn, limit)
            return [Listed(row, known.get(row.version), _taken_back_by(row, known)) for row in rows]

        return self._store.read(read)

    def held_up(self) -> ReleaseRow | None:
        """The release for all whose date nears while a roll-out keeps it from being confirmed."""
        return self._store.read(lambda txn: held_up(txn, self._clock.now_ms()))

    def view(self, version: int, region: str | None) -> ReleaseView:
        """One release; with `region` only the workstations there. Raises NoSuchRelease."""
        now = self._clock.now_ms()

        def read(txn: Txn) -> ReleaseView:
            row = release.by_version(txn, version)
            if row is None:
                raise NoSuchRelease("no such release")
            found = rollout.get(txn, version)
            plan = Plan.from_json(found.plan) if found else None
            for_all = found is None or found.state == "done"
            offered = set() if plan is None or found is None else set(plan.offered(found.waves_done))
            stores = chain_view(txn).stores
            standings = []
            for each in workstation.listing(txn):
                store = stores.get(each["store_id"], {"name": "", "region": ""})
                if each["state"] != "active" or region not in (None, store["region"]):
                    continue
                standings.append(
                    _standing(each, store, version, offered=for_all or each["store_id"] in offered, now=now)
                )
            files = json.loads(row.manifest)["files"]
            kind = next((entry["kind"] for entry in files if entry["name"] == "prices"), "")
            return ReleaseView(
                release=row,
                rollout=found,
                plan=plan,
                price_kind=kind,
                standings=tuple(standings),
                figures=_figures(found),
                may_take_back=may_take_back(txn, version),
                takes_back=_taken_back_by(row, rollout.states(txn)),
            )

        return self._store.read(read)

    def behind(self, version: int, region: str | None, when: str, what: What) -> list[dict[str, Any]]:
        """What a guard's figure counts, the newest GUARDED_SHOWN; with `region` its stores alone.

        `when`: before, or since, which goes on until now. Nothing where there is no roll-out.
        """
        now = self._clock.now_ms()

        def read(txn: Txn) -> list[dict[str, Any]]:
            row = rollout.get(txn, version)
            if row is None or not row.figures:
                return []
            ends = guarded(txn, row, Plan.from_json(row.plan), now)
            stores, begin, end = ends[0] if when == "before" else ends[1]
            seen = sorted(set(stores) & stores_in(txn, region))
            return rollout_behind.counted(txn, seen, (begin, end), what, GUARDED_SHOWN)

        return self._store.read(read)


def _taken_back_by(row: ReleaseRow, known: dict[int, RolloutRow]) -> int | None:
    """Nothing comes between a release and its taking back but versions left out (Releases.next_version)."""
    before = max((version for version in known if version < row.version), default=None)
    if before is None or known[before].state != "rolled_back" or row.note != taking_back_note(before):
        return None
    return before


def _standing(
    row: dict[str, Any], store: dict[str, Any], version: int, *, offered: bool, now: int
) -> Standing:
    staged = tuple(json.loads(row["staged_versions"] or "[]"))
    held = row["release_version"] or 0
    if held >= version:
        place = "on"
    elif any(each >= version for each in staged):
        place = "staged"
    elif not offered:
        place = "not_offered"
    else:
        place = "silent" if now - row["last_contact_ms"] > SILENT_AFTER_MS else "offered"
    return Standing(
        workstation_id=row["workstation_id"],
        name=row["name"],
        store_id=row["store_id"],
        store_name=store["name"],
        region=store["region"],
        release_version=held,
        staged=staged,
        documents_waiting=row["documents_waiting"] or 0,
        clock_offset_ms=row["clock_offset_ms"] or 0,
        app_version=row["app_version"],
        last_contact_ms=row["last_contact_ms"],
        place=place,
    )


def _figures(row: RolloutRow | None) -> tuple[dict[str, int | None], ...]:
    if row is None or not row.figures:
        return ()
    found = []
    for value in json.loads(row.figures):
        sent = Sent(**value)
        found.append(
            {
                **dataclasses.asdict(sent),
                "margin_ppm": margin_ppm(sent),
                "overrides_ppm": rate_ppm(sent.overrides, sent.sales),
                "errors_ppm": rate_ppm(sent.errors, sent.sales),
            }
        )
    return tuple(found)
