"""How other tills lose or double sales, tried on ours with the real programs (R-1 to R-6).

Each is a report that shops made about another product: the server dies while an order that it knew as a draft
is paid; the page is loaded anew within a moment of payment; the line goes again in the middle of catching up;
two windows; the plug pulled after the receipt; orders that wait when the session is closed.
`TIDEMARK_ROUNDS` sets how often each is tried (default 2; the long campaign 50).
"""

from __future__ import annotations

import json
import os
import random
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from sync_server.bootstrap import open_head_office
from sync_server.services.verify import Verify
from sync_server.store import document, quarantine, ruling
from tests.server.support.process import ServerProcess, server_process
from tests.sim.chain import OPERATORS, PIN, build, gtin

ROOT = Path(__file__).resolve().parents[2]
ROUNDS = int(os.environ.get("TIDEMARK_ROUNDS", "2"))
pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="kills by signal")


class Program:
    """The workstation's program, with no window, spoken to as a stranger would."""

    def __init__(self, folder: Path, paper: Path) -> None:
        where = ["--data", str(folder), "--key-dir", str(folder / "keys")]
        where += ["--witness", str(folder / "elsewhere" / "witness"), "--printer", f"file:{paper}"]
        self.process = subprocess.Popen(
            [sys.executable, "-m", "pos_client", *where, "--headless", "--no-timers"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, cwd=ROOT,
        )  # fmt: skip

    def send(self, op: str, **fields: Any) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps({"op": op, **fields}) + "\n")
        self.process.stdin.flush()

    def answer(self) -> dict[str, Any]:
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert line, "the program has ended"
        found: dict[str, Any] = json.loads(line)
        return found

    def ask(self, op: str, **fields: Any) -> dict[str, Any]:
        self.send(op, **fields)
        return self.answer()

    def kill(self) -> None:
        self.process.kill()
        self.process.wait(20)
        for pipe in (self.process.stdin, self.process.stdout):
            assert pipe is not None
            pipe.close()


@dataclass
class Shop:
    """Head office at one address that comes and goes, one workstation, and what people were told."""

    folder: Path
    port: int
    dice: random.Random
    told: list[int] = field(default_factory=list)
    program: Program = field(init=False)
    _server: ExitStack = field(default_factory=ExitStack)
    _process: ServerProcess | None = None

    @property
    def paper(self) -> Path:
        return self.folder / "paper"

    def start_server(self) -> None:
        made = server_process(self.folder / "office", args=("--no-tls", "--port", str(self.port)))
        self._process = self._server.enter_context(made)
        assert self._process.url

    def kill_server(self) -> None:
        assert self._process is not None
        os.killpg(self._process.process.pid, signal.SIGKILL)
        self._server.close()

    def start(self) -> None:
        self.program = Program(self.folder / "t1", self.paper)
        assert self.program.ask("sign_on", operator_number=OPERATORS["S001"], pin=PIN)["ok"]
        if self.program.ask("state")["shift"] is None:
            assert self.program.ask("open_shift", float_minor=20_000)["ok"]

    def restart(self) -> None:
        self.program.kill()
        self.start()

    def scan(self) -> None:
        for _ in range(self.dice.randrange(1, 4)):
            entered = self.program.ask("enter", text=gtin(self.dice.randrange(1, 12)))
            assert entered["ok"], entered

    def pay(self) -> dict[str, Any]:
        self.program.send("pay", tender_code="card")
        return self.paid()

    def paid(self) -> dict[str, Any]:
        answer = self.program.answer()
        assert answer["ok"], answer
        self.told.append(answer["sale"]["number"])
        return answer

    def sell(self) -> dict[str, Any]:
        self.scan()
        return self.pay()

    def sync(self) -> None:
        for _ in range(5):
            if self.program.ask("sync")["ok"]:
                return
            time.sleep(0.2)
        raise AssertionError("no exchange went well")


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    folder = tmp_path_factory.mktemp("shop")
    build(folder)
    _publish_today(folder)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    made = Shop(folder, port, random.Random(6))
    made.start_server()
    where = ["--data", str(folder / "t1"), "--key-dir", str(folder / "t1" / "keys")]
    subprocess.run(
        [sys.executable, "-m", "pos_client", *where, "move-server", "--server", f"http://127.0.0.1:{port}"],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    # The first start has no prices yet: they come with the first exchange.
    made.program = Program(folder / "t1", made.paper)
    assert made.program.ask("sync")["ok"]
    assert made.program.ask("state")["status"]["release_version"] == 2
    made.restart()
    yield made
    made.program.kill()
    made.kill_server()


def _publish_today(folder: Path) -> None:
    """The chain was founded on a set date; programs live today, and believe no release past its own."""
    office = open_head_office(folder / "office")
    office.publisher.publish(note="today", actor="test", base=True)
    office.close()


def check(shop: Shop) -> None:
    """All that was told is at head office once; nothing is ruled on, nothing set aside, every state fits."""
    shop.sync()
    office = open_head_office(shop.folder / "office")
    try:
        numbers = [
            json.loads(data)["number"]
            for data in office.store.read(lambda txn: list(document.of_type(txn, "sale")))
        ]
        assert sorted(numbers) == sorted(shop.told)
        assert office.store.read(quarantine.listing) == []
        assert office.store.read(ruling.listing) == []
        assert Verify(office.store, office.blobs, office.keys).run().ok
    finally:
        office.close()
    assert shop.program.ask("verify")["verified"]


def test_r1_the_server_dies_while_a_basket_that_it_knew_is_paid(shop: Shop) -> None:
    for _ in range(ROUNDS):
        shop.scan()
        held = shop.program.ask("hold")
        assert held["ok"], held
        shop.sync()
        shop.kill_server()
        (waiting,) = shop.program.ask("held")["held"]
        assert shop.program.ask("recall", held_id=waiting["held_id"])["ok"]
        shop.pay()
        shop.start_server()
        assert shop.program.ask("held")["held"] == []
    check(shop)


def test_r2_started_anew_within_300_ms_of_payment(shop: Shop) -> None:
    for _ in range(ROUNDS):
        sold = shop.sell()
        time.sleep(shop.dice.random() * 0.3)
        shop.restart()
        basket = shop.program.ask("basket")["basket"]
        assert basket["lines"] == [], "what was paid is not paid again"
        number = shop.program.ask("receipt")["number"]
        assert number == sold["sale"]["number"]
    check(shop)


def test_r3_the_line_goes_again_in_the_middle_of_catching_up(shop: Shop) -> None:
    for _ in range(ROUNDS):
        shop.kill_server()
        for _ in range(4):
            shop.sell()
        shop.start_server()
        shop.program.send("sync")
        time.sleep(shop.dice.random() * 0.08)
        shop.kill_server()
        shop.program.answer()
        shop.sell()
        shop.start_server()
    check(shop)


def test_r4_a_second_window_is_turned_away_and_the_first_sells_on(shop: Shop) -> None:
    for _ in range(ROUNDS):
        shop.scan()
        second = Program(shop.folder / "t1", shop.paper)
        answer = second.ask("sign_on", operator_number=OPERATORS["S001"], pin=PIN)
        assert answer["error"]["code"] == "second_instance"
        second.kill()
        shop.pay()
    check(shop)


def test_r5_the_plug_is_pulled_as_soon_as_there_is_paper(shop: Shop) -> None:
    for _ in range(ROUNDS):
        shop.scan()
        before = shop.paper.stat().st_size
        shop.program.send("pay", tender_code="card")
        deadline = time.monotonic() + 20
        while shop.paper.stat().st_size == before and time.monotonic() < deadline:
            time.sleep(0.001)
        assert shop.paper.stat().st_size > before
        shop.program.kill()
        shop.start()
        (newest,) = shop.program.ask("receipt_search", limit=1)["receipts"]
        assert newest["number"] == shop.program.ask("receipt")["number"]
        shop.told.append(newest["number"])
    check(shop)


def test_r6_sales_wait_when_the_shift_is_settled(shop: Shop) -> None:
    for _ in range(ROUNDS):
        shop.kill_server()
        for _ in range(3):
            shop.sell()
        shop.program.ask("count_sheet")
        counts = [{"tender_code": "cash", "amount_minor": 20_000}]
        settled = shop.program.ask("settle_shift", counts=counts, reason_code="miscount")
        assert settled["ok"], settled
        assert shop.program.ask("open_shift", float_minor=20_000)["ok"]
        shop.sell()
        shop.start_server()
    check(shop)
