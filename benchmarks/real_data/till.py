"""A store's workstation in the replay: enrolled over HTTP, its own files and keys, its real services."""

from __future__ import annotations

import shutil
import threading
from pathlib import Path
from typing import Any

from benchmarks.real_data.chain_files import OPERATOR, PIN, TAX_CLASS, department_code, gtin_of, member_code
from benchmarks.real_data.clock import SharedClock
from benchmarks.real_data.outages import Outage, is_away
from pos_client.bootstrap import Options, open_workstation
from pos_client.journal.verify import verify_journal
from pos_client.keys.key_store import FileKeyStore
from pos_client.services.replay import GivenSale
from pos_client.storage.places import Places
from pos_client.sync.enrolment import enrol
from pos_core.sale.line_item import Discount
from pos_core.sale.transaction import GivenLine

APP_VERSION = "0.1.0"
SYNC_TRIES_MAX = 50
SETTLE_TRIES_MAX = 2000
_DISCOUNTS = (
    ("retail_minor", "retail", "Loyalty card"),
    ("match_minor", "coupon_match", "Coupon match"),
    ("coupon_minor", "coupon", "Coupon"),
)


class Till:
    """One workstation of one store.

    Attributes:
        outages: when the store has no network at all.
        exchange_every_ms: 0 pushes each sale at once; more gathers sales for so long before an exchange.
        sold_away: sales made inside an outage.
        waiting_most: most documents that waited when the network came back.
    """

    def __init__(self, folder: Path, url: str, code: str, *, store_id: int, clock: SharedClock) -> None:
        self.store_id = store_id
        self.folder = folder
        self.outages: list[Outage] = []
        self.exchange_every_ms = 0
        self.sold_away = 0
        self.waiting_most = 0
        self._places = Places(folder, folder.parent / f"{folder.name}.witness", folder / "keys")
        self._clock = clock
        self._offline = False
        self._exchanged_ms = 0
        folder.mkdir(parents=True)
        self.identity = enrol(
            url,
            code,
            name=f"R{store_id}",
            keys=FileKeyStore(folder / "keys"),
            folder=folder,
            app_version=APP_VERSION,
        )
        self._open()

    def _open(self) -> None:
        options = Options(places=self._places, printer="none", timers=False)
        self.workstation = open_workstation(options, clock=self._clock)
        self._something_changed = threading.Event()
        self.workstation.status.on_change(self._something_changed.set)

    def begin(self) -> None:
        """First download, sign on, shift."""
        self.sync()
        self.workstation.session.sign_on(OPERATOR, PIN).result()
        self.workstation.shift.open_shift(0).result()

    def sell(self, basket: list[dict[str, Any]]) -> None:
        """One basket of the data set, at its own time; the network goes and comes as planned."""
        at = int(basket[0]["at"])
        self._meet_network(at)
        recorded = self.workstation.replay.record(
            GivenSale(
                lines=tuple(given_line(line) for line in basket),
                instant_ms=at,
                business_day=basket[0]["day"].isoformat(),
                tender_code="cash" if sum(line["net_minor"] for line in basket) < 0 else "card",
                member_id=member_code(basket[0]["household_id"]),
                external_ref=str(basket[0]["basket_id"]),
            )
        )
        recorded.result(timeout=60)
        if not self._offline:
            self._settle()
            self._exchanged_ms = at

    def _settle(self) -> None:
        """Wait for the sale's own push: simulated time must not leap while a request is under way.

        Trouble is left to later pushes, as in a shop.
        """
        for _ in range(SETTLE_TRIES_MAX):
            state = self.workstation.sync.state
            if not state.busy and (state.documents_waiting == 0 or state.last_error is not None):
                return
            self._something_changed.wait(0.003)
            self._something_changed.clear()

    def _meet_network(self, now_ms: int) -> None:
        away = is_away(self.outages, now_ms)
        self.sold_away += away
        offline = away or now_ms - self._exchanged_ms < self.exchange_every_ms
        if offline and not self._offline:
            self.workstation.sync.go_offline()
        elif self._offline and not offline:
            self._note_waiting()
            self.workstation.sync.go_online()
        self._offline = offline

    def _note_waiting(self) -> None:
        self.waiting_most = max(self.waiting_most, self.workstation.sync.state.documents_waiting)

    def sync(self) -> None:
        """Exchanges until nothing waits. Raises what sync says is wrong."""
        if self._offline:
            self._note_waiting()
            self.workstation.sync.go_online()
            self._offline = False
        for _ in range(SYNC_TRIES_MAX):
            state = self.workstation.sync.now().result(timeout=600)
            if state.last_error is None and state.documents_waiting == 0:
                return
        raise RuntimeError(f"store {self.store_id} does not get through: {state}")

    def close(self) -> None:
        """Services and files closed; the files stay."""
        self.workstation.close()

    def verified(self) -> list[str]:
        """What `verify` finds in the closed journal: chain, signatures, balances, folded rows, witness."""
        keys = FileKeyStore(self.folder / "keys")
        journal_key, witness_key = keys.get("journal_key"), keys.get("witness_key")
        assert journal_key is not None
        report = verify_journal(
            self._places.journal, journal_key, witness_path=self._places.witness, witness_key=witness_key
        )
        return [f"{finding.code} {finding.where}: {finding.message}" for finding in report.findings]

    def remove(self) -> None:
        """The folder and the witness, gone."""
        shutil.rmtree(self.folder)
        self._places.witness.unlink(missing_ok=True)


def given_line(line: dict[str, Any]) -> GivenLine:
    """A line of the data set with its recorded figures. An unknown product keeps its number as its name."""
    product_id, quantity, list_minor = line["product_id"], line["quantity"], line["list_minor"]
    return GivenLine(
        sku=str(product_id),
        name=f"#{product_id}",
        quantity_milli=quantity * 1000,
        unit_price_minor=list_minor // quantity if quantity else list_minor,
        list_minor=list_minor,
        discounts=tuple(
            Discount(source=source, id=source, name=name, amount_minor=line[column])
            for column, source, name in _DISCOUNTS
            if line[column]
        ),
        gtin=gtin_of(product_id).zfill(14) if line["known"] else None,
        department_code=department_code(line["department"]) if line["known"] else None,
        tax_class_code=TAX_CLASS,
    )
