"""Promotions compiled before anybody waits for them."""

from __future__ import annotations

import contextlib

from pos_client.services.counter import Counter
from pos_client.services.ports import SyncPort


def keep_rules_ready(counter: Counter, sync: SyncPort) -> None:
    """Compile promotions now, and again whenever sync brought something."""
    prepared = [-1]

    def prepare(_: object) -> None:
        if prepared[0] != counter.replica.generation:
            prepared[0] = counter.replica.generation
            with contextlib.suppress(RuntimeError):  # closing: the thread takes nothing more
                counter.rule_sets.prepare(counter.time.instant_ms())

    prepare(None)
    sync.on_change(prepare)
