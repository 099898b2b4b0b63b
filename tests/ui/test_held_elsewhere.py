"""A basket on hold at the next till is taken up here by keys; the status bar says who is in sight."""

from __future__ import annotations

from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from pos_client.journal import passing
from pos_client.services.refusals.basket import UnknownHeld
from pos_client.sync.errors import PeerAway
from pos_client.sync.peers.desk import _offer
from pos_core.sync.peer_messages import HeldOffer
from tests.client.services.shop import COLA, MILK, PIN, Shop
from tests.ui.real_till import RealTill

COLA_EAN, MILK_EAN = COLA[1:], MILK[1:]


@dataclass
class Seen:
    workstation_id: str
    name: str
    held: list[HeldOffer]


class NextDoor:
    """The other till's journal; the network between (tests/sync/test_peer_baskets.py) is left out."""

    store = None

    def __init__(self, there: Shop, here: Shop) -> None:
        self.there, self.here = there, here
        self.answers = True

    def seen(self) -> list[Seen]:
        held = self.there.journal.read(passing.baskets.held_baskets)
        return [Seen("ws-2", "收银台2", [_offer(each) for each in held])]

    def bring_basket(self, workstation_id: str, held_id: str) -> Future[None]:
        future: Future[None] = Future()
        if not self.answers:
            future.set_exception(PeerAway("away"))
            return future
        passing.give(self.there.journal, held_id, "ws-1", 1).result(10)
        for each in self.there.journal.read(lambda c: passing.outgoing(c, "ws-1")):
            passing.take(self.here.journal, each, workstation_id).result(10)
        future.set_result(None)
        return future

    def on_change(self, listener: object) -> None:
        pass


@pytest.fixture(params=["zh", "en"])
def till(tmp_path: Path, qtbot: QtBot, request: pytest.FixtureRequest):  # type: ignore[no-untyped-def]
    shop, other = Shop(tmp_path / "here"), Shop(tmp_path / "there", workstation_id="ws-2").ready()
    peers = NextDoor(other, shop)
    shop.workstation.holding._peers = shop.workstation.status._peers = peers  # type: ignore[assignment]
    for code in (COLA, MILK):
        other.workstation.ring_up.enter(code)
        other.workstation.holding.hold().result(10)
        other.clock.pass_ms(60_000)
    made = RealTill(shop, request.param, qtbot)
    made.peers = peers  # type: ignore[attr-defined]
    made.to_checkout()
    yield made
    made.close()
    shop.workstation.close()
    other.workstation.close()


def skus(till: RealTill) -> list[str]:
    return [line.sku for line in till.window.checkout.sale.basket.lines]


def test_the_list_shows_where_each_is_and_enter_takes_it_up_here(till: RealTill) -> None:
    till.press("<Shift+F6>")
    assert skus(till) == []  # another till's is never taken without a choice
    till.press("2\n")
    assert skus(till) == ["C1"]
    assert [each["body"]["step"] for each in till.shop.documents("basket_passed")] == ["taken_over"]
    till.press("+", "\n")
    assert len(till.shop.documents("sale")) == 1


def test_one_that_does_not_answer_is_said_and_nothing_changes(till: RealTill) -> None:
    till.peers.answers = False  # type: ignore[attr-defined]
    till.press("<Shift+F6>", "1\n")
    assert skus(till) == [] and till.beeps
    assert "联系不上" in till.message or "does not answer" in till.message
    till.press("<Esc>", f"{MILK_EAN}\n")
    assert skus(till) == ["M1"]


def test_giving_up_is_done_where_it_is(till: RealTill) -> None:
    till.press("<Shift+F6>", "<Del>", "\n")
    assert "收银台2" in till.message and till.shop.documents("basket_abandoned") == []


def test_the_status_bar_counts_the_tills_in_sight(till: RealTill) -> None:
    view = till.shop.workstation.status.view()
    assert view.peers == ("收银台2",)
    assert till.window.status.right_words(view)[0] in ("邻台 1", "Tills in sight 1")


def test_one_that_was_never_acknowledged_is_shown_and_a_second_person_takes_it_back(till: RealTill) -> None:
    """Given to the till next door, which broke down: the list says where the basket went."""
    shop = till.shop
    till.peers.seen = list  # type: ignore[attr-defined]
    till.press(f"{MILK_EAN}\n", "<F6>")
    (held,) = shop.workstation.holding.held()
    passing.give(shop.journal, held.held_id, "ws-2", shop.clock.now_ms()).result(10)
    till.press("<Shift+F6>")
    assert "没有挂单" in till.message or "No basket" in till.message  # it may still be on its way
    shop.clock.pass_ms(11_000)
    till.press("<Shift+F6>")
    (row,) = till.window.checkout.stack.top.rows  # type: ignore[attr-defined]
    assert "未确认" in row.detail or "not confirmed" in row.detail
    till.press("1\n")
    assert "ws-2" in till.message
    till.press("<Esc>")
    assert shop.workstation.holding.held() == [] and len(shop.workstation.holding.stranded()) == 1
    till.press("<Shift+F6>", "1\n", "\n", "2001\n", f"{PIN}\n")
    till.wait_until(lambda: skus(till) == ["M1"])
    assert [each["body"]["step"] for each in shop.documents("basket_passed")] == ["handed_over", "taken_back"]
    assert len(shop.documents("override_approved")) == 1
    assert shop.workstation.holding.stranded() == []
    with pytest.raises(UnknownHeld):
        shop.workstation.holding.take_back(held.held_id)
