"""Three real programs of one store, the line to head office cut: stopped, killed and started in every order.

The network between them is real too; a stopped process is one that cannot be reached, a killed one has lost
what was in its memory. Afterwards the line is back and every figure must agree.
"""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from sync_server.bootstrap import make_server, open_head_office
from sync_server.demo import chain
from sync_server.demo.catalog import demo_catalog
from sync_server.head_office import HeadOffice
from sync_server.http.serving import serving
from sync_server.services.chain import found_chain
from sync_server.services.clock import SystemClock
from sync_server.services.data_folder import DataFolder
from sync_server.services.demo import build_demo
from sync_server.services.verify import Verify
from sync_server.store import quarantine, ruling

WAIT_S = 60.0
STEPS = int(os.environ.get("TIDEMARK_PEER_STEPS", "14"))


class Program:
    """`python -m pos_client --headless` on its own folder."""

    def __init__(self, folder: Path, name: str, operator: tuple[str, str]) -> None:
        self.folder = folder / name
        self.folder.mkdir()
        (self.folder / "settings.json").write_text('{"peers_host": "127.0.0.1"}')
        self.name = name
        self._where = ["--data", str(self.folder), "--key-dir", str(self.folder / "keys")]
        self._where += ["--witness", str(folder / f"{name}.witness"), "--printer", "none"]
        self._operator = operator
        self.stopped = False
        self.start()

    def start(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "pos_client", "--headless", *self._where],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        self.stopped = False

    def ask(self, op: str, **fields: Any) -> dict[str, Any]:
        """The answer, whatever it is."""
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.write(json.dumps({"op": op, **fields}).encode() + b"\n")
        self._process.stdin.flush()
        answer: dict[str, Any] = json.loads(self._process.stdout.readline())
        return answer

    def do(self, op: str, **fields: Any) -> dict[str, Any]:
        """The answer to what must not be refused."""
        answer = self.ask(op, **fields)
        assert answer["ok"], (op, answer)
        return answer

    def sign_on(self) -> None:
        number, pin = self._operator
        self.do("sign_on", operator_number=number, pin=pin)

    def freeze(self) -> None:
        self._process.send_signal(signal.SIGSTOP)
        self.stopped = True

    def thaw(self) -> None:
        self._process.send_signal(signal.SIGCONT)
        self.stopped = False

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()
        self.start()
        self.sign_on()

    def close(self) -> None:
        if self.stopped:
            self.thaw()
        self._process.kill()
        self._process.wait()


class Store:
    """Head office and three programs, the line cut."""

    def __init__(self, office: HeadOffice, programs: list[Program], dice: random.Random) -> None:
        self.office = office
        self.programs = programs
        self.dice = dice
        active = {row["sku"] for row in demo_catalog().items if row.get("active", "1") == "1"}
        self.gtins = [
            (row["gtin"], row["sku"])
            for row in demo_catalog().gtins
            if row["pack_quantity"] == "1" and row["sku"] in active
        ][:6]
        self.sold = dict.fromkeys((sku for _, sku in self.gtins), 0)
        self.held = 0
        self.paid = 0

    def up(self) -> list[Program]:
        return [each for each in self.programs if not each.stopped]

    def step(self) -> None:
        program = self.dice.choice(self.up())
        match self.dice.randrange(9):
            case 0 | 1 | 2:
                self.sell(program)
            case 3 | 4:
                if self.ring(program) is not None:
                    program.do("hold")
                    self.held += 1
            case 5 | 6:
                self.take_up(program)
            case 7:
                program.kill()
            case _:
                if len(self.up()) > 1:
                    program.freeze()
                else:
                    for each in self.programs:
                        if each.stopped:
                            each.thaw()

    def ring(self, program: Program) -> str | None:
        gtin, sku = self.dice.choice(self.gtins)
        return sku if program.ask("enter", text=gtin)["ok"] else None

    def sell(self, program: Program) -> None:
        sku = self.ring(program)
        if sku is not None:
            self.pay(program, [sku])

    def pay(self, program: Program, skus: list[str]) -> None:
        program.ask("confirm_age")
        program.do("begin_payment")
        program.do("pay", tender_code="cash", finish=True)
        self.paid += 1
        for sku in skus:
            self.sold[sku] += 1

    def take_up(self, program: Program) -> None:
        """A basket of any till that is in sight."""
        answer = program.do("held")
        listed = [*answer["held"], *answer["elsewhere"]]
        if not listed:
            return
        recalled = program.ask("recall", held_id=self.dice.choice(listed)["held_id"])
        if recalled["ok"]:
            lines = recalled["recalled"]["basket"]["lines"]
            self.held -= 1
            self.pay(program, [line["sku"] for line in lines])
        else:  # its holder does not answer, or it went to another till meanwhile
            assert recalled["error"]["code"] in ("peer_away", "unknown_held"), recalled

    def mend(self) -> None:
        """Everybody runs and sees everybody."""
        for each in self.programs:
            if each.stopped:
                each.thaw()
        until(lambda: all(len(each.do("state")["status"]["peers"]) == 2 for each in self.programs))

    def on_hold(self) -> list[str]:
        return sorted(held["held_id"] for each in self.programs for held in each.do("held")["held"])

    def stock(self, sku: str) -> list[int]:
        return [each.do("stock", sku=sku)["stock"]["on_hand_milli"] for each in self.programs]


def until(so: Callable[[], bool]) -> None:
    end = time.monotonic() + WAIT_S
    while not so():
        assert time.monotonic() < end, "it did not come about"
        time.sleep(0.2)


@pytest.fixture
def store(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Store]:
    data = DataFolder(tmp_path / "hq")
    found_chain(data, chain_name=chain.CHAIN_NAME, currency="CNY", clock=SystemClock(), hosts=["localhost"])
    office = open_head_office(data.root)
    made = build_demo(office.store, office.keys, office.releases, office.clock)
    person = made.operators["S001"][-1]
    programs: list[Program] = []
    with serving(make_server(office, tls=False, jobs=False)) as url:
        try:
            for name in ("T1", "T2", "T3"):
                program = Program(tmp_path, name, (person["number"], person["pin"]))
                programs.append(program)
                code = office.enrolment.new_code("S001", minutes=10, ca_fingerprint=None).code
                program.do("enrol", server=url, code=code, name=name)
                program.sign_on()
                program.do("open_shift", float_minor=20_000)
            for program in programs:
                program.do("sync")
            for program in programs:
                program.do("go_offline")
            yield Store(office, programs, random.Random(getattr(request, "param", 0)))
        finally:
            for program in programs:
                program.close()
    office.close()


@pytest.mark.parametrize("store", range(int(os.environ.get("TIDEMARK_PEER_SEEDS", "2"))), indirect=True)
def test_whatever_is_cut_nothing_is_lost_and_nothing_is_there_twice(store: Store) -> None:
    store.mend()
    before = {sku: store.stock(sku) for sku in store.sold}
    for _ in range(STEPS):
        store.step()
    store.mend()

    # Still without head office: all three know the same stock, and each basket is on hold once.
    def agreed() -> bool:
        return all(store.stock(sku) == [before[sku][0] - 1000 * sold] * 3 for sku, sold in store.sold.items())

    until(lambda: len(store.on_hold()) == store.held)
    assert len(set(store.on_hold())) == store.held
    until(agreed)
    for program in store.programs:
        program.do("go_online")
    for _ in range(2):
        for program in store.programs:
            program.do("sync")
    until(lambda: all(not each.do("state")["status"]["documents_waiting"] for each in store.programs))
    assert agreed()
    assert all(each.do("verify")["verified"] for each in store.programs)
    office = store.office
    assert office.store.read(quarantine.count) == 0
    assert [row.ruling.rule for row in office.store.read(ruling.listing)] == []
    assert Verify(office.store, office.blobs, office.keys).run().problems == []
