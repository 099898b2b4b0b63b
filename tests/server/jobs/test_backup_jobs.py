"""The timer that renews and deletes keys' files: by the leader alone, at the start and daily."""

from __future__ import annotations

import time

from sync_server.jobs.backups import BackupJobs
from sync_server.services.backup import make_backup
from sync_server.services.backup_expiry import BackupExpiry
from sync_server.services.backup_keys import DAY_MS, KEYS_NAME, read_keys
from tests.server.support.office import Chain


def test_a_start_renews_the_newest_and_deletes_what_expired(chain: Chain) -> None:
    office, place = chain.office, chain.office.folder.root / "backups"
    first, second = (
        make_backup(office.store, office.folder, place / name, chain.clock).folder for name in ("b1", "b2")
    )
    chain.clock.advance(31 * DAY_MS)
    expiry = BackupExpiry(office.store, office.folder, chain.clock)
    made_at = read_keys(second / KEYS_NAME, office.keys.database).made_at_ms
    turns: list[bool] = []

    def not_yet() -> bool:
        turns.append(False)
        return len(turns) > 1

    jobs = BackupJobs(expiry, not_yet)
    jobs.start()
    try:
        for _ in range(600):
            if not (first / KEYS_NAME).exists():
                break
            time.sleep(0.05)
    finally:
        jobs.stop()
    assert len(turns) > 1, "only in its turn"
    assert not (first / KEYS_NAME).exists()
    fresh = read_keys(second / KEYS_NAME, office.keys.database)
    assert fresh.made_at_ms == made_at + 31 * DAY_MS
