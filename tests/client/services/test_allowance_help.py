"""A till beyond its allowance while head office is away: the others are asked first, then a second person."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import Future
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from pos_client.journal import slice_passing
from pos_client.services.refusals.accounts import AllowanceAsked, AuthorisationNeeded
from pos_client.services.refusals.staff import ApprovalNeeded
from pos_core.sync.allowance_json import hand_over_from
from pos_core.sync.allowance_policy import stored_value_id
from tests.client.services.purse_shop import PurseShop
from tests.client.services.shop import MILK


class NextDoor:
    """The other till's journal; the network between (tests/sync/test_peer_slices.py) is left out."""

    def __init__(self, there: PurseShop, here: PurseShop) -> None:
        self.there, self.here = there, here
        self.asked: list[tuple[str, int]] = []

    def seen(self) -> list[Any]:
        return [SimpleNamespace(workstation_id="ws-2", name="2", held=())]

    def bring_units(self, purpose: str, units: int) -> Future[int]:
        self.asked.append((purpose, units))
        giver, taker = book(self.there), book(self.here)
        before = taker.left_of(purpose)
        slice_passing.give_units(self.there.journal, giver, purpose, units, to_series=taker.series, to="ws-1")
        for text in self.there.journal.read(lambda c: slice_passing.outgoing(c, "ws-1")):
            moved = hand_over_from(text)
            slice_passing.take(self.here.journal, taker, moved, "ws-2")
            self._written_down(moved.transfer_id)
        future: Future[int] = Future()
        future.set_result(taker.left_of(purpose) - before)
        return future

    def _written_down(self, transfer_id: str) -> None:
        self.there.journal.change(lambda c: slice_passing.acknowledge(c, [transfer_id], "ws-1")).result()


def book(shop: PurseShop) -> Any:
    return shop.workstation.status._counter.allowance_book  # type: ignore[attr-defined]


class Tills:
    def __init__(self, folder: Path) -> None:
        self.there = PurseShop(folder / "there", workstation_id="ws-2").ready()
        self.here = PurseShop(folder / "here").ready()
        self.peers = NextDoor(self.there, self.here)
        self.allowances = self.here.workstation.allowances
        self.allowances._peers = self.peers  # type: ignore[assignment]
        self.counter = self.here.workstation.status._counter  # type: ignore[attr-defined]
        self.counter.is_offline = lambda: True
        self.here.detail(5_000)
        self.here.workstation.ring_up.enter(MILK)  # 5.99
        self.here.proven()
        self.here.workstation.payment.begin()

    def pay(self) -> Any:
        return self.here.workstation.payment.add("stored_value", None)


@pytest.fixture
def tills(tmp_path: Path) -> Iterator[Tills]:
    made = Tills(tmp_path)
    yield made
    for shop in (made.here, made.there):
        shop.workstation.close()


def moves(tills: Tills) -> list[tuple[str, int]]:
    tills.here.workstation.payment.finish().result(10)
    document = tills.here.journal.last_of_type("sale")
    assert document is not None
    body = json.loads(document.data)["body"]
    return [(each["allowance_id"], each["amount_minor"]) for each in body["stored_value_movements"]]


def test_a_neighbour_helps_and_the_sale_charges_both_slices(tills: Tills) -> None:
    tills.here.grant(400)
    tills.there.grant(1_000)
    with pytest.raises(AllowanceAsked) as asked:
        tills.pay()
    assert asked.value.facts == {"kind": "stored_value", "units": 199}
    assert tills.allowances.coming().result(1) == 199
    tills.pay()
    assert tills.peers.asked == [("stored_value", 199)]
    assert moves(tills) == [
        (stored_value_id(book(tills.here).series), -400),
        (stored_value_id(book(tills.there).series), -199),
    ]
    assert tills.allowances.stored_value().left == 0
    assert book(tills.there).left_of("stored_value") == 801
    assert [each.from_peer for each in tills.allowances.views()] == [False, True]


def test_where_it_is_not_enough_a_second_person_is_asked_and_nobody_twice(tills: Tills) -> None:
    tills.here.grant(100)
    tills.there.grant(200)
    with pytest.raises(AllowanceAsked):
        tills.pay()
    with pytest.raises(ApprovalNeeded):
        tills.pay()
    assert len(tills.peers.asked) == 1
    assert tills.allowances.stored_value().left == 200  # half of the neighbour's is here for the next one
    tills.here.clock.pass_ms(21_000)
    with pytest.raises(AllowanceAsked):
        tills.pay()


def test_nobody_is_asked_while_head_office_answers_or_nobody_is_there(tills: Tills) -> None:
    tills.counter.is_offline = lambda: False
    with pytest.raises(AuthorisationNeeded):  # head office itself is asked, not the neighbours
        tills.pay()
    tills.counter.is_offline = lambda: True
    tills.peers.seen = list  # type: ignore[method-assign]
    with pytest.raises(ApprovalNeeded):
        tills.pay()
    assert tills.peers.asked == []
