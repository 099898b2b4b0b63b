"""Two stores and a warehouse, the network cut at each step: goods are never on two shelves and never lost."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pos_client.services.goods.goods_list import GoodsList
from pos_client.services.goods.transfer_slips import SlipReading, signed_codes
from pos_client.services.refusals.goods import (
    AlreadyBooked,
    SlipAltered,
    SlipNotForUs,
    SlipOfAnother,
    SlipTorn,
    SlipUnknownKey,
    UnknownTransfer,
)
from pos_core.canonical import canonical_bytes
from pos_core.stock.transfer import TransferStep
from pos_core.sync.folds import FOLDS, facts_of
from pos_core.sync.folds.facts import TransferMoved
from tests.client.services.shop import PIN, Shop
from tests.fakes.reference_rows import page, rows_of

STORES = {"S001": "一店", "S002": "二店", "W001": "仓库"}
STEPS: tuple[tuple[str, TransferStep], ...] = (
    ("S001", "requested"),
    ("W001", "approved"),
    ("W001", "picked"),
    ("W001", "shipped"),
    ("S001", "received"),
)


class Chain:
    """Three places and a head office that folds what it has heard."""

    def __init__(self, folder: Path) -> None:
        self.shops: dict[str, Shop] = {}
        for number, store in enumerate(STORES, start=1):
            place = folder / store
            place.mkdir()
            shop = self.shops[store] = Shop(place, workstation_id=f"ws-{number}", store_id=store)
            shop.workstation.session.sign_on("2001", PIN).result(10)
        keys = [
            [shop.workstation_id, store, f"{STORES[store]}收银台", shop.journal.public_key(), "active"]
            for store, shop in self.shops.items()
        ]
        stores = [
            [store, name, "east", "", None, None, "Asia/Shanghai", "PL1", "[]"]
            for store, name in STORES.items()
        ]
        for shop in self.shops.values():
            feed(shop, "chain", rows_of("workstation_key", keys), rows_of("store", stores))

    def sync(self) -> None:
        """Everybody pushes and pulls."""
        steps: dict[str, Any] = {}
        for shop in self.shops.values():
            for document in shop.documents():
                for fact in facts_of(document, document["body"], lean=True):
                    if isinstance(fact, TransferMoved):
                        steps[fact.transfer_id] = FOLDS["transfer"].apply(steps.get(fact.transfer_id), fact)
        for store, shop in self.shops.items():
            rows = [
                [name, canonical_bytes(state).decode()]
                for name, state in steps.items()
                if any(store in step[2:4] for step in state["steps"].values())
            ]
            feed(shop, f"store:{store}", rows_of("transfer", rows))

    def on_hand(self, store: str) -> int:
        return self.shops[store].workstation.shared.on_hand("C1").on_hand_milli


def feed(shop: Shop, scope: str, *rows: Any) -> None:
    at = shop.replica.cursors()[scope][1]
    shop.replica.apply_page(page(*rows, scope=scope, after=at, to=at + 1))


@pytest.fixture
def chain(tmp_path: Path) -> Iterator[Chain]:
    made = Chain(tmp_path)
    yield made
    for shop in made.shops.values():
        shop.workstation.close()


def slip_codes(shop: Shop) -> list[str]:
    """Off the printer's bytes."""
    shop.workstation.printing.check().result(10)
    return [found.decode() for found in re.findall(rb"TMT1\.[A-Za-z0-9_.-]+", bytes(shop.paper.jobs[-1]))]


def filled(working: GoodsList, milli: int) -> GoodsList:
    for place in range(len(working.order)):
        working.set(place, milli)
    return working


def do(chain: Chain, store: str, step: TransferStep, transfer_id: str | None, milli: int) -> str:
    """A step as far as this place knows the transfer; raises UnknownTransfer."""
    services = chain.shops[store].workstation
    if transfer_id is None:
        working = services.transfer_work.begin(step, other_store="W001")
        working.add(services.stock_room.finder.find("C1"))
    else:
        view = services.transferring.of(transfer_id)
        if step not in services.transfer_work.next_steps(view):
            raise UnknownTransfer("as far as is known here it is not time")
        working = services.transfer_work.go_on(view, step)
    return services.transfer_work.finish(filled(working, milli)).result(10).transfer_id


def receive_by_slip(chain: Chain, store: str, codes: list[str], milli: int) -> None:
    services = chain.shops[store].workstation
    reading = SlipReading()
    for code in codes:
        missing = services.transfer_work.read_slip(code, reading)
    assert missing == []
    services.transfer_work.finish(filled(services.transfer_work.begin_by_slip(reading), milli)).result(10)


@pytest.mark.parametrize("cut", [0, 3, 5])  # all of them: tests/sim/test_goods.py
def test_a_transfer_survives_a_cut_before_each_step(chain: Chain, cut: int) -> None:
    """From the cut on nobody hears anybody; who cannot go on without news waits for the network."""
    transfer_id: str | None = None
    for place, (store, step) in enumerate(STEPS):
        if place <= cut:
            chain.sync()
            coming = chain.shops["S001"].workstation.transferring.on_its_way("C1")
            assert coming == (6000 if step == "received" else 0)
        milli = 5000 if step == "received" else 6000
        try:
            transfer_id = do(chain, store, step, transfer_id, milli)
        except UnknownTransfer:
            if step == "received":
                receive_by_slip(chain, store, slip_codes(chain.shops["W001"]), milli)
            else:
                chain.sync()
                transfer_id = do(chain, store, step, transfer_id, milli)
        on_the_road = 6000 if step == "shipped" else 0
        shelves = chain.on_hand("S001") + chain.on_hand("W001")
        assert shelves == (-1000 if step == "received" else -on_the_road)
    assert transfer_id is not None
    chain.sync()
    for store in ("S001", "W001"):
        view = chain.shops[store].workstation.transferring.of(transfer_id)
        assert (view.status, view.in_transit, view.differences) == ("received", {}, {"C1": -1000})
        assert chain.shops[store].workstation.transferring.on_its_way("C1") == 0
    assert (chain.on_hand("S001"), chain.on_hand("W001"), chain.on_hand("S002")) == (5000, -6000, 0)
    with pytest.raises(UnknownTransfer):
        chain.shops["S002"].workstation.transferring.of(transfer_id)
    chain.shops["W001"].workstation.transferring.go_on(transfer_id, "closed", [], reason="lost").result(10)
    assert chain.shops["W001"].workstation.transferring.of(transfer_id).status == "closed"


def test_a_slip_books_once_whoever_hears_first(chain: Chain) -> None:
    sent = do(chain, "S002", "shipped", None, 3000)
    codes = slip_codes(chain.shops["S002"])
    assert chain.shops["S002"].workstation.transfer_work.codes_again(sent) == codes
    with pytest.raises(SlipNotForUs):
        chain.shops["S001"].workstation.transfer_work.read_slip(codes[0], SlipReading())
    receive_by_slip(chain, "W001", codes, 3000)
    with pytest.raises(AlreadyBooked):
        chain.shops["W001"].workstation.transfer_work.read_slip(codes[0], SlipReading())
    chain.sync()
    assert chain.shops["S002"].workstation.transferring.of(sent).status == "received"
    assert (chain.on_hand("S002"), chain.on_hand("W001")) == (-3000, 3000)


def test_a_slip_that_was_altered_torn_or_signed_by_nobody_we_know_books_nothing(chain: Chain) -> None:
    do(chain, "S001", "shipped", None, 3000)
    [code] = slip_codes(chain.shops["S001"])
    receiver, parts = chain.shops["W001"].workstation.transfer_work, code.split(".")
    flipped = ("B" if parts[3][0] == "A" else "A") + parts[3][1:]
    with pytest.raises(SlipAltered):
        receiver.read_slip(".".join((*parts[:3], flipped)), SlipReading())
    for torn in (code[:-30], code.replace("TMT1", "TMT2"), "TMT1.", "TMT1.a.b.c", code + "x" * 600):
        with pytest.raises((SlipTorn, SlipAltered, SlipUnknownKey)):
            receiver.read_slip(torn, SlipReading())
    with pytest.raises(SlipUnknownKey):  # another store's workstation does not sign for this one
        receiver.read_slip(code.replace("TMT1.ws-1.", "TMT1.ws-2."), SlipReading())
    with pytest.raises(SlipUnknownKey):
        receiver.read_slip(code.replace("TMT1.ws-1.", "TMT1.ws-9."), SlipReading())
    assert chain.shops["W001"].documents("transfer_received") == []


def test_a_long_slip_is_several_codes_in_any_order_and_two_slips_do_not_mix(chain: Chain) -> None:
    shop = chain.shops["S001"]
    counter_lines = [(f"SKU-WITH-A-LONG-NAME-{number:04d}", 1000) for number in range(40)]
    counter = shop.workstation.stock_room._counter
    codes = signed_codes(counter, "T1", 7, ("S001", "W001"), counter_lines)
    other = signed_codes(counter, "T2", 8, ("S001", "W001"), counter_lines[:1])
    receiver, reading = chain.shops["W001"].workstation.transfer_work, SlipReading()
    assert len(codes) > 3
    for code in reversed([*codes, *codes[:2]]):
        missing = receiver.read_slip(code, reading)
    assert missing == [] and reading.lines == dict(counter_lines)
    with pytest.raises(SlipOfAnother):
        receiver.read_slip(other[0], reading)
