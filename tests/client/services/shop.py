"""A real workstation in a folder: real journal, replica and print queue; a clock and a network by hand."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from argon2 import PasswordHasher

from pos_client.devices.escpos_printer import EscposPrinter
from pos_client.devices.lines import terminal_from
from pos_client.devices.simulator import SimulatedTransport
from pos_client.devices.terminal import CardTerminal
from pos_client.journal.journal import Journal
from pos_client.journal.time_guard import TimeGuard
from pos_client.keys.key_store import FileKeyStore, get_or_make
from pos_client.replica.release_files import check_files
from pos_client.replica.release_rules import Manifest
from pos_client.replica.replica import Replica
from pos_client.services.assembly.assemble import assemble
from pos_client.services.assembly.parts import Parts
from pos_client.services.counter import Identity
from pos_client.services.guarded_time import GuardedTime
from pos_client.services.members.phone_index import blind_index
from pos_client.services.staff.pin_check import pin_secret
from pos_client.services.views.status import NetworkState
from pos_client.services.workstation import Workstation
from pos_client.sync.errors import ServerAway
from pos_core.catalog.gtin import with_check_digit
from pos_core.sync.authorisation_messages import AuthorisationAnswer, AuthorisationQuestion, MemberCodeAnswer
from pos_core.sync.document import Series
from pos_core.sync.stock_messages import MovementsAnswer, MovementsQuestion, StockAnswer
from tests.fakes.reference_rows import item_row, page, rows_of
from tests.fakes.releases import T0, release

PIN = "246810"
PEPPER = b"p" * 32
INDEX_KEY = b"i" * 32
SEALING_PUBLIC_KEY = bytes.fromhex("de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f")
COLA = "06901234567892"
COLA_CASE = "16901234567899"
MILK = "06923644223458"
GONE = "06900000000007"
NO_PRICE = "06900000000014"
HASHER = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)

ITEMS = [
    item_row("C1", "可口可乐 330ml", unit="罐", pinyin="kekoukele", pinyin_initials="kkkl", sales_rank=1),
    item_row("M1", "纯牛奶 250ml", unit="盒", tax_class_code="reduced", sales_rank=2),
    item_row("W1", "红富士苹果", unit="kg", sale_kind="weighed", tax_class_code="reduced", sales_rank=3),
    item_row("O1", "手工蛋糕", sale_kind="open_price", sales_rank=4),
    item_row("G1", "旧商品", active=0),
    item_row("N1", "没有价格"),
]
GTINS = [
    [COLA, "C1", 1000],
    [COLA_CASE, "C1", 6000],
    [MILK, "M1", 1000],
    [GONE, "G1", 1000],
    [NO_PRICE, "N1", 1000],
    ["09521234543213", "W1", 1000],
]
PRICES = [
    ["PL1", "C1", T0 - 1000, None, 350],
    ["PL1", "M1", T0 - 1000, None, 599],
    ["PL1", "W1", T0 - 1000, None, 1280],
    ["PL1", "G1", T0 - 1000, None, 100],
]
MEMBER_PHONE = "13812345678"


@dataclass
class HandClock:
    """A clock that a test moves. Wall and monotonic time move together unless told otherwise."""

    wall_ms: int = T0
    up_ms: int = 0

    def now_ms(self) -> int:
        return self.wall_ms

    def monotonic_ms(self) -> int:
        return self.up_ms

    def pass_ms(self, ms: int) -> None:
        self.wall_ms += ms
        self.up_ms += ms


@dataclass
class NoNetworkState:
    network: NetworkState = "never"
    busy: bool = False
    last_contact_ms: int | None = None
    last_error: str | None = None


@dataclass
class NoNetwork:
    """A sync engine that never reaches anybody."""

    state: NoNetworkState = field(default_factory=NoNetworkState)
    stock_answer: StockAnswer | None = None
    movements: Callable[[MovementsQuestion], MovementsAnswer] | None = None
    authorise: Callable[[AuthorisationQuestion], AuthorisationAnswer | None] | None = None
    authorisations: list[AuthorisationQuestion] = field(default_factory=list)
    member_code_answer: MemberCodeAnswer | None = None
    listeners: list[Callable[[Any], Any]] = field(default_factory=list)

    def request_now(self) -> Future[Any]:
        future: Future[Any] = Future()
        future.set_exception(OSError("no network"))
        return future

    def ask_receipts(self, question: Any) -> Future[Any]:
        future: Future[Any] = Future()
        future.set_exception(ServerAway("no network"))
        return future

    def ask_stock(self, question: Any) -> Future[Any]:
        future: Future[Any] = Future()
        if self.stock_answer is None:
            future.set_exception(ServerAway("no network"))
        else:
            future.set_result(self.stock_answer)
        return future

    def ask_movements(self, question: MovementsQuestion) -> Future[MovementsAnswer]:
        future: Future[MovementsAnswer] = Future()
        if self.movements is None:
            future.set_exception(ServerAway("no network"))
        else:
            future.set_result(self.movements(question))
        return future

    def ask_authorisation(self, question: AuthorisationQuestion) -> Future[AuthorisationAnswer]:
        """`authorise` answers, or nobody."""
        self.authorisations.append(question)
        future: Future[AuthorisationAnswer] = Future()
        answer = None if self.authorise is None else self.authorise(question)
        if answer is None:
            future.set_exception(ServerAway("no network"))
        else:
            future.set_result(answer)
        return future

    def ask_member_code(self, question: Any) -> Future[MemberCodeAnswer]:
        future: Future[MemberCodeAnswer] = Future()
        if self.member_code_answer is None:
            future.set_exception(ServerAway("no network"))
        else:
            future.set_result(self.member_code_answer)
        return future

    def look_up_member(self, sealed_phone: bytes) -> Future[bool]:
        future: Future[bool] = Future()
        future.set_exception(ServerAway("no network"))
        return future

    def go_offline(self) -> None:
        self.state.network = "offline_by_choice"

    def go_online(self) -> None:
        self.state.network = "offline"

    def on_change(self, listener: Callable[[Any], Any], /) -> None:
        self.listeners.append(listener)

    def revoke(self) -> None:
        """What sync does when head office's order has come."""
        self.state = replace(self.state, last_error="revoked_here")
        for listener in self.listeners:
            listener(self.state)

    def nudge(self) -> None:
        pass


@dataclass
class Shop:
    """One workstation under test. `restart` closes and opens everything again on the same files."""

    folder: Path
    clock: HandClock = field(default_factory=HandClock)
    paper: SimulatedTransport = field(default_factory=SimulatedTransport)
    network: NoNetwork = field(default_factory=NoNetwork)
    terminal: CardTerminal | None = None
    workstation_id: str = "ws-1"
    store_id: str = "S001"
    device_lines: dict[str, str] = field(default_factory=dict)
    journal: Journal = field(init=False)
    training: Journal | None = None
    replica: Replica = field(init=False)
    workstation: Workstation = field(init=False)

    def __post_init__(self) -> None:
        self.open()

    def open(self) -> None:
        keys = FileKeyStore(self.folder / "keys")
        get_or_make(keys, "signing_key")
        fresh = not (self.folder / "replica.db").exists()
        self.replica = Replica.open(self.folder / "replica.db", keys, store_id=self.store_id)
        if fresh:
            self.fill()
        self.journal = Journal.open(
            self.folder / "journal.db",
            keys=keys,
            witness_path=self.folder / "witness" / "w",
            series=Series(self.workstation_id, 1),
            store_id=self.store_id,
            clock=self.clock,
            ballast_bytes=4096,
        )
        newest_ms = self.journal.read(
            lambda c: c.execute("SELECT max(occurred_at_ms) FROM document").fetchone()[0] or 0
        )
        guard = self.journal.read(lambda c: TimeGuard.load(self.clock, c, newest_document_ms=newest_ms))
        self.workstation = assemble(
            Parts(
                identity=Identity(self.workstation_id, "收银台1", self.store_id, "chain-1"),
                journal=self.journal,
                replica=self.replica,
                time=GuardedTime(self.clock, guard),
                sync=self.network,
                printer=EscposPrinter(self.paper),
                pin_pepper=lambda: PEPPER,
                blind_index_key=lambda: INDEX_KEY,
                sealing_public_key=SEALING_PUBLIC_KEY,
                reports_folder=self.folder / "reports",
                device_lines=self.device_lines,
                keep_device_line=self.device_lines.__setitem__,
                make_terminal=lambda line: self.terminal or terminal_from(line),
                open_training_journal=self._training_journal,
                on_close=self._close_files,
            )
        )

    def _training_journal(self) -> tuple[Journal, Callable[[], None]]:
        folder = self.folder / "training"
        keys = FileKeyStore(folder / "keys")
        get_or_make(keys, "signing_key")
        journal = Journal.open(
            folder / "journal.db",
            keys=keys,
            witness_path=folder / "witness" / "w",
            series=Series("ws-1-training", 1),
            store_id="S001",
            clock=self.clock,
            ballast_bytes=0,
        )
        self.training = journal
        return journal, lambda: (journal.close(), shutil.rmtree(folder))[0]

    def _close_files(self) -> None:
        self.journal.close()
        self.replica.close()

    def restart(self) -> None:
        self.workstation.close()
        self.open()

    def fill(self) -> None:
        """Reference rows and release 1."""
        verifier = HASHER.hash(pin_secret(PEPPER, PIN))
        tenders = [
            ["cash", "cash", "现金", "Cash", 1, 1, 1],
            ["mobile", "mobile", "移动支付", "Mobile", 0, 0, 2],
            ["card", "card", "银行卡", "Card", 0, 0, 3],
        ]
        store = [self.store_id, "潮汐超市", "east", "南京路1号", None, None, "Asia/Shanghai", "PL1", "[]"]
        self.replica.apply_page(
            page(
                rows_of("tax_class", [["standard", "13%", 130_000], ["reduced", "9%", 90_000]]),
                rows_of("item", ITEMS),
                rows_of("gtin", GTINS),
                rows_of("plu", [["4011", "W1"], ["123", "W1"], ["88", "O1"], ["7", "C1"]]),
                rows_of("store", [store]),
                rows_of("price_list", [["PL1", "east", "CNY"]]),
                rows_of("tender_type", tenders),
                rows_of(
                    "policy",
                    [
                        ["cash_rounding", json.dumps({"to": "0.1", "mode": "down"})],
                        ["simulated_devices", "true"],
                    ],
                ),
            )
        )
        phone = blind_index(INDEX_KEY, "+86" + MEMBER_PHONE)
        self.replica.apply_page(
            page(
                rows_of(
                    "employee",
                    [
                        ["e1", "1001", "王小明", "cashier", verifier, 1],
                        ["e2", "2001", "赵经理", "manager", verifier, 1],
                        ["e3", "1009", "离职", "cashier", verifier, 0],
                    ],
                ),
                rows_of("member", [["m1", phone, "138****5678", "李*", "gold", 120, None, "{}"]]),
                scope=f"store:{self.store_id}",
            )
        )
        self.replica.apply_page(page(scope="region:east"))
        self.publish()

    def publish(self) -> None:
        """Release 1 with today's prices."""
        made = release(1, PRICES)
        manifest = Manifest.read(made.text)
        self.replica.stage_release(manifest, made.files, check_files(manifest, made.files), at_ms=T0)

    def basket_is_kept(self) -> None:
        """Wait until the basket on the screen is on disk."""
        assert self.workstation.ring_up._keeper.flush()

    def policy(self, key: str, value: Any) -> None:
        """Head office changes a policy."""
        cursor = self.replica.cursors()["chain"][1]
        row = rows_of("policy", [[key, json.dumps(value)]])
        self.replica.apply_page(page(row, after=cursor, to=cursor + 1))

    def ready(self, float_minor: int = 20_000) -> Shop:
        """Signed on, shift open."""
        self.workstation.session.sign_on("1001", PIN).result(10)
        self.workstation.shift.open_shift(float_minor).result(10)
        return self

    def documents(self, kind: str | None = None) -> list[dict[str, Any]]:
        """Decoded documents, oldest first."""
        found = [json.loads(each.data) for each in self.journal.documents_after(0, limit=10_000)]
        return [each for each in found if kind is None or each["type"] == kind]


def label(prefix: str, digits: str) -> str:
    """An in-store code with its check digit."""
    return with_check_digit(prefix + digits)
