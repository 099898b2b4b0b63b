"""A workstation's journal in a temporary folder, and sales to put into it."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

from pos_client.journal.draft import Draft, Recorded
from pos_client.journal.journal import WITNESS_KEY, Journal
from pos_client.journal.start import JOURNAL_KEY
from pos_client.journal.verify import VerifyReport, verify_journal
from pos_client.keys.key_store import FileKeyStore
from pos_core.sale.sale_body import sale_body as core_sale_body
from pos_core.sale.tender import Payment
from pos_core.sale.totals import total_lines
from pos_core.sync.document import Series
from tests.fakes.core_values import CASH, a_basket, a_line

WORKSTATION = "0192f0c1-2222-7000-8000-000000000001"
DAY = "2026-11-22"
START_MS = 1_795_000_000_000
BALLAST = 64 * 1024


@dataclass
class FakeClock:
    """A clock that is wound by hand; both clocks tick 1 ms a call so that nothing coincides."""

    wall_ms: int = START_MS
    measured_ms: int = 5_000

    def now_ms(self) -> int:
        self.wall_ms += 1
        return self.wall_ms

    def monotonic_ms(self) -> int:
        self.measured_ms += 1
        return self.measured_ms

    def pass_ms(self, duration_ms: int) -> None:
        """Time really goes by."""
        self.wall_ms += duration_ms
        self.measured_ms += duration_ms


@dataclass
class Home:
    """The files of one workstation. `data` and `elsewhere` are folders on "two disks"."""

    root: Path
    clock: FakeClock = field(default_factory=FakeClock)
    series: Series = field(default_factory=lambda: Series(WORKSTATION, 1))

    def __post_init__(self) -> None:
        self.data.mkdir(parents=True, exist_ok=True)
        (self.root / "elsewhere").mkdir(exist_ok=True)

    @property
    def data(self) -> Path:
        return self.root / "data"

    @property
    def journal_path(self) -> Path:
        return self.data / "journal.db"

    @property
    def wal_path(self) -> Path:
        return self.data / "journal.db-wal"

    @property
    def witness_path(self) -> Path:
        return self.root / "elsewhere" / "witness"

    @property
    def keys(self) -> FileKeyStore:
        return FileKeyStore(self.root / "keys")

    @property
    def key(self) -> bytes:
        key = self.keys.get(JOURNAL_KEY)
        assert key is not None
        return key

    def open(self, **options: Any) -> Journal:
        return Journal.open(
            self.journal_path,
            keys=self.keys,
            witness_path=self.witness_path,
            series=self.series,
            store_id="S001",
            clock=self.clock,
            ballast_bytes=BALLAST,
            **options,
        )

    def open_and_close(self, **options: Any) -> Journal:
        """Opened and closed again: for what a start alone does."""
        journal = self.open(**options)
        journal.close()
        return journal

    def verify(self) -> VerifyReport:
        return verify_journal(
            self.journal_path,
            self.key,
            witness_path=self.witness_path,
            witness_key=self.keys.get(WITNESS_KEY),
        )

    def verify_is_clean(self) -> None:
        """Fails with the findings when there are any."""
        assert self.verify().findings == []

    def copy_to(self, root: Path) -> Home:
        """The same files on another machine: a clone, or the state that a later test comes back to."""
        shutil.copytree(self.root, root, ignore=shutil.ignore_patterns("ballast"))
        return Home(root, FakeClock(self.clock.wall_ms, self.clock.measured_ms), self.series)


def sale_body(random: Random | None = None) -> dict[str, Any]:
    """The body of a cash sale, made by the core as the checkout makes it."""
    dice = random or Random(1)
    lines = [
        a_line(dice.randint(1, 9_999), dice.randint(1, 5) * 1000, sku=f"SKU{dice.randint(1, 500):05d}")
        for _ in range(dice.randint(1, 6))
    ]
    basket = a_basket(*lines)
    net_minor = total_lines(basket.lines).net_minor
    return core_sale_body(basket, Payment(net_minor).add(CASH, net_minor + dice.choice((0, 50, 10_000))))


def sale(random: Random | None = None) -> Draft:
    """A draft of a sale."""
    return Draft("sale", sale_body(random), DAY, "1001", "shift-1")


def sell(journal: Journal, count: int, *, seed: int = 1) -> list[Recorded]:
    """Records `count` sales one after another."""
    dice = Random(seed)
    return [journal.record([sale(dice)]).result()[0] for _ in range(count)]
