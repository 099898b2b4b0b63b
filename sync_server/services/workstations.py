"""Enrolled workstations as head office sees them: contact, releases, revocation."""

from __future__ import annotations

import dataclasses
import json
import threading
from collections.abc import Callable
from typing import Any

from pos_core.canonical import INTEGER_MAX, canonical_bytes
from pos_core.clock import Clock
from pos_core.errors import Refusal
from pos_core.sync.protocol import StatusReport
from pos_core.sync.refused_thing import REFUSALS_MAX, RefusedThing
from sync_server.services import workstation_keys
from sync_server.services.acts import Act, at_command_line
from sync_server.services.errors import MalformedRequest
from sync_server.store import feed, release, workstation
from sync_server.store.engine import Store, Txn
from sync_server.store.workstation import WorkstationRow

REFUSED_LATELY_MS = 7 * 24 * 3600 * 1000


class NoSuchWorkstation(Refusal):
    """No active workstation has this id."""

    code = "no_such_workstation"


class Workstations:
    """Status reports come in; contacts are gathered in memory and written now and then."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        on_revoked: Callable[[Txn, str, int], Any] = lambda txn, workstation_id, now_ms: None,
    ) -> None:
        """`on_revoked` runs in the transaction that revokes one: its id, the time."""
        self._store = store
        self._clock = clock
        self._on_revoked = on_revoked
        self._contacts: dict[str, int] = {}
        self._lock = threading.Lock()

    def heard(self, workstation_id: str) -> None:
        """Notes a contact; `flush_contacts` writes it."""
        now = self._clock.now_ms()
        with self._lock:
            self._contacts[workstation_id] = now

    def flush_contacts(self) -> None:
        """Writes gathered contacts in one transaction."""
        with self._lock:
            contacts, self._contacts = self._contacts, {}
        if contacts:
            self._store.write_beside(lambda txn: workstation.touch(txn, contacts))

    def report(self, caller: WorkstationRow, report: StatusReport) -> None:
        """Keeps the newest status of a workstation. Raises MalformedRequest."""
        _check(report)
        now = self._clock.now_ms()
        row = (
            caller.workstation_id,
            now,
            report.app_version[:40],
            report.release_version,
            canonical_bytes(report.staged_versions).decode(),
            report.documents_waiting,
            canonical_bytes(report.cursors).decode(),
            report.clock_offset_ms,
            canonical_bytes([dataclasses.asdict(each) for each in report.refusals]).decode(),
        )

        def write(txn: Txn) -> None:
            workstation.put_status(txn, row)
            workstation.touch(txn, {caller.workstation_id: now})

        self._store.write(write, of=caller.workstation_id)

    def listing(self) -> list[dict[str, Any]]:
        """Every workstation: release held, those staged, newest release, age of its last contact in ms.

        `cursors` is where it last said that it stands in each scope of the feed, `scopes_behind` those that
        have moved since; both are None before its first report. `refusals` is what it refused to believe
        (`RefusedThing`), `refused_lately` whether any of it within REFUSED_LATELY_MS.
        """
        now = self._clock.now_ms()

        def read(txn: Txn) -> list[dict[str, Any]]:
            newest, heads = release.newest(txn), feed.scope_heads(txn)
            return [
                {
                    **row,
                    "staged_versions": json.loads(row["staged_versions"] or "[]"),
                    "newest_release": None if newest is None else newest.version,
                    "contact_age_ms": max(0, now - row["last_contact_ms"]),
                    **_cursors(row["cursors"], heads),
                    **refusals(row["refusals"], now),
                }
                for row in workstation.listing(txn)
            ]

        return self._store.read(read)

    def revoke(self, workstation_id: str, act: Act | None = None) -> None:
        """From now on the server answers it 403. Raises NoSuchWorkstation."""
        now = self._clock.now_ms()

        def write(txn: Txn) -> None:
            if not workstation.revoke(txn, workstation_id, now):
                raise NoSuchWorkstation(f"no active workstation {workstation_id}")
            self._on_revoked(txn, workstation_id, now)
            (act or at_command_line()).note(txn, now, "workstation_revoked", workstation_id)
            row = workstation.get(txn, workstation_id)
            assert row is not None
            workstation_keys.publish(txn, row)

        self._store.write(write)


def refusals(text: str | None, now_ms: int) -> dict[str, Any]:
    """What a workstation refused to believe, as it said last, the newest first."""
    found = sorted(json.loads(text or "[]"), key=lambda each: -each["last_at_ms"])
    lately = any(now_ms - each["last_at_ms"] < REFUSED_LATELY_MS for each in found)
    return {"refusals": found, "refused_lately": lately}


def _cursors(text: str | None, heads: dict[str, int]) -> dict[str, Any]:
    cursors: dict[str, int] | None = None if text is None else json.loads(text)
    behind = None if cursors is None else sorted(s for s, at in cursors.items() if at < heads.get(s, 0))
    return {"cursors": cursors, "scopes_behind": behind}


def _check(report: StatusReport) -> None:
    """A report is shown to people: its figures must be figures, and few."""
    numbers = (
        report.release_version,
        report.documents_waiting,
        report.clock_offset_ms,
        *report.staged_versions,
        *report.cursors.values(),
    )
    if any(abs(number) > INTEGER_MAX for number in numbers):
        raise MalformedRequest("a number beyond 2**53")
    if len(report.refusals) > REFUSALS_MAX or any(_is_odd(each) for each in report.refusals):
        raise MalformedRequest("refusals that cannot be shown")
    if len(report.cursors) > 20 or len(report.staged_versions) > 100:
        raise MalformedRequest("too many cursors or versions")
    if any(len(scope) > 200 for scope in report.cursors):
        raise MalformedRequest("a scope's name is too long")


def _is_odd(each: RefusedThing) -> bool:
    figures = (each.count, each.first_at_ms, each.last_at_ms)
    texts = (each.kind, each.code, each.subject)
    return any(not 0 <= number <= INTEGER_MAX for number in figures) or any(len(text) > 80 for text in texts)
