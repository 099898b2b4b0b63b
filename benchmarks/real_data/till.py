"""A store's workstation in the replay: enrolled over HTTP, its own files and keys, its real services."""

from __future__ import annotations

import json
import shutil
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from benchmarks.real_data.chain_files import OPERATOR, PIN, TAX_CLASS, department_code, gtin_of, member_code
from benchmarks.real_data.clock import SharedClock
from benchmarks.real_data.outages import Outage, is_away
from pos_client.bootstrap import Options, open_workstation
from pos_client.journal import opening
from pos_client.journal.verify import verify_journal
from pos_client.keys.key_store import FileKeyStore
from pos_client.services.payment.replay import GivenCoupon, GivenSale
from pos_client.storage.database import open_database
from pos_client.storage.places import Places
from pos_client.sync.enrolment import enrol
from pos_client.sync.workstation_file import FILE_NAME, WorkstationFile
from pos_core.sale.given_line import GivenLine
from pos_core.sale.line_item import Discount
from pos_core.sync.document import Series

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
        recorded: baskets that an earlier run, ended before its time, has sold here.
    """

    def __init__(
        self, folder: Path, url: str, new_code: Callable[[], str], *, store_id: int, clock: SharedClock
    ) -> None:
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
        self.recorded: frozenset[str] = frozenset()
        if (folder / FILE_NAME).exists():
            self.identity = WorkstationFile.load(folder).at(url)
            self.identity.save(folder)
            self.recorded = frozenset(self._recorded())
        else:
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(parents=True)
            keys = FileKeyStore(folder / "keys")
            self.identity = enrol(
                url, new_code(), name=f"R{store_id}", keys=keys, folder=folder, app_version=APP_VERSION
            )
        self._open()

    def _recorded(self) -> Iterator[str]:
        """The baskets that the journal holds already."""
        if not self._places.journal.exists():
            return
        key = FileKeyStore(self.folder / "keys").get("journal_key")
        assert key is not None
        connection = open_database(
            self._places.journal, key, application_id=opening.APPLICATION_ID, read_only=True
        )
        try:
            own = Series(self.identity.workstation_id, self.identity.incarnation)
            for document in opening.documents_from(connection, own, 0, limit=1_000_000):
                told = json.loads(document.data)
                if told["type"] == "sale":
                    yield told["body"]["external_ref"]
        finally:
            connection.close()

    def _open(self) -> None:
        options = Options(places=self._places, printer="none", timers=False)
        self.workstation = open_workstation(options, clock=self._clock)
        self._something_changed = threading.Event()
        self.workstation.status.on_change(self._something_changed.set)

    def begin(self) -> None:
        """First download, sign on, shift."""
        self.sync()
        self.workstation.session.sign_on(OPERATOR, PIN).result()
        if self.workstation.shift.current is None:
            self.workstation.shift.open_shift(0).result()

    def sell(self, basket: list[dict[str, Any]], coupons: tuple[GivenCoupon, ...] = ()) -> None:
        """One basket of the data set, at its own time; the network goes and comes as planned.

        A basket that is recorded already is passed over.
        """
        at = int(basket[0]["at"])
        if str(basket[0]["basket_id"]) in self.recorded:
            self.sold_away += is_away(self.outages, at)
            return
        self._meet_network(at)
        recorded = self.workstation.replay.record(
            GivenSale(
                lines=tuple(given_line(line) for line in basket),
                instant_ms=at,
                business_day=basket[0]["day"].isoformat(),
                tender_code="cash" if sum(line["net_minor"] for line in basket) < 0 else "card",
                member_id=member_code(basket[0]["household_id"]),
                external_ref=str(basket[0]["basket_id"]),
                coupons=coupons,
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

    def exchange_again(self) -> None:
        """One exchange more of a closed workstation, which is closed again after it."""
        self._open()
        try:
            self.sync()
        finally:
            self.close()

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
