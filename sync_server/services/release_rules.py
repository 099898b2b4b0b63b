"""The promotions of a release, compiled for the engine and for the checker, a few releases kept ready."""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass

from pos_core.pricing.checker import CheckRules
from pos_core.pricing.compiled import RuleSet, compile_rules
from pos_core.pricing.load import load_promotions
from sync_server.services.releases import Releases
from sync_server.store import release
from sync_server.store.engine import Store, Txn

KEPT = 4


@dataclass(frozen=True, slots=True)
class ReleaseRules:
    """One release's promotions. `check` remembers items: use it on one thread at a time (`lock`)."""

    version: int
    rules: RuleSet
    check: CheckRules
    lock: threading.Lock


class RuleBook:
    """Compiles each release once; `of` may be called from any thread."""

    def __init__(self, store: Store, releases: Releases) -> None:
        self._store = store
        self._releases = releases
        self._lock = threading.Lock()
        self._kept: OrderedDict[int, ReleaseRules] = OrderedDict()

    def of(self, version: int) -> ReleaseRules | None:
        """The promotions of a release (an empty set when it carries none); None: there is no such release."""
        with self._lock:
            found = self._kept.get(version)
            if found is not None:
                self._kept.move_to_end(version)
                return found
            found = self._load(version)
            if found is not None:
                self._kept[version] = found
                while len(self._kept) > KEPT:
                    self._kept.popitem(last=False)
            return found

    def in_force(self, instant_ms: int) -> ReleaseRules | None:
        """The newest release for all that has taken effect at an instant, as workstations choose it."""

        def newest(txn: Txn) -> int | None:
            there = [row.version for row in release.for_all(txn) if row.effective_from_ms <= instant_ms]
            return max(there, default=None)

        version = self._store.read(newest)
        return None if version is None else self.of(version)

    def _load(self, version: int) -> ReleaseRules | None:
        row = self._store.read(lambda txn: release.by_version(txn, version))
        if row is None:
            return None
        content = b'{"promotions":[]}'
        for entry in self._releases.files_of(row):
            if entry["name"] == "promotions":
                content = self._releases.content_of(str(entry["sha256"]))
        promotions = load_promotions(content)
        return ReleaseRules(version, compile_rules(promotions), CheckRules(promotions), threading.Lock())
