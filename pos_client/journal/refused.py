"""What this workstation refused to believe: counted by kind and code, told to head office with the status.

It stands in the journal file, which nothing from outside replaces: a list in the replica could be taken away
by whoever sent the wrong release.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from typing import Any, Literal

from pos_client.journal.journal import Journal
from pos_client.journal.settings import get_setting, put_setting
from pos_client.storage.connection import Connection
from pos_core.sync.refused_thing import REFUSALS_MAX, RefusedThing

Kind = Literal["release", "root", "snapshot", "certificate"]
Note = Callable[[Kind, str, str], None]
"""kind, code, subject (a version, a workstation's id, …): to be counted."""
SETTING = "refused"
SAME_AGAIN_MS = 60 * 60_000
"""The very same thing, offered again and again, counts once an hour."""


class Refused:
    """Any thread. `fresh`: something was noted since `all` was asked for last."""

    def __init__(self, journal: Journal, now_ms: Callable[[], int]) -> None:
        self._journal = journal
        self._now_ms = now_ms
        self.fresh = False

    def note(self, kind: Kind, code: str, subject: str = "") -> None:
        """Counts one. Raises storage troubles."""
        now_ms, subject = self._now_ms(), subject[:80]
        known = self._journal.read(_kept).get(f"{kind}/{code}")
        again_ms = now_ms - known["last_at_ms"] if known and known["subject"] == subject else SAME_AGAIN_MS
        if 0 <= again_ms < SAME_AGAIN_MS:
            return

        def write(connection: Connection) -> None:
            kept = _kept(connection)
            known = kept.get(f"{kind}/{code}")
            first_ms, count = (known["first_at_ms"], known["count"]) if known else (now_ms, 0)
            one = RefusedThing(kind, code, count + 1, first_ms, now_ms, subject)
            kept[f"{kind}/{code}"] = asdict(one)
            newest = sorted(kept.items(), key=lambda each: each[1]["last_at_ms"])[-REFUSALS_MAX:]
            put_setting(connection, SETTING, dict(newest))

        self._journal.change(write).result()
        self.fresh = True

    def all(self) -> list[RefusedThing]:
        """The newest last."""
        self.fresh = False
        found = [RefusedThing(**each) for each in self._journal.read(_kept).values()]
        return sorted(found, key=lambda each: each.last_at_ms)


def _kept(connection: Connection) -> dict[str, dict[str, Any]]:
    kept: dict[str, dict[str, Any]] = get_setting(connection, SETTING, {})
    return kept
