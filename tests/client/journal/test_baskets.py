"""Baskets and settings survive a restart; a basket ends in the transaction of its sale."""

from __future__ import annotations

from pos_client.journal.baskets import (
    HeldBasket,
    drop_basket,
    held_baskets,
    hold_basket,
    save_basket,
    saved_basket,
    take_held_basket,
)
from pos_client.journal.settings import delete_setting, get_setting, put_setting
from tests.client.journal.helpers import Home, sale

HELD = HeldBasket("h1", "红色外套", "1001", 5, b'{"lines":[]}')


def test_the_basket_on_the_screen_survives_a_restart(home: Home) -> None:
    journal = home.open()
    journal.change(lambda c: save_basket(c, b"one", 1)).result()
    journal.change(lambda c: save_basket(c, b"two", 2)).result()
    journal.close()
    journal = home.open()
    assert journal.read(saved_basket) == (2, b"two")
    journal.record([sale()], also=drop_basket).result()
    assert journal.read(saved_basket) is None
    journal.close()


def test_a_held_basket_is_taken_once(home: Home) -> None:
    journal = home.open()
    journal.change(lambda c: hold_basket(c, HELD)).result()
    journal.close()
    journal = home.open()
    assert journal.read(held_baskets) == [HELD]
    assert journal.change(lambda c: take_held_basket(c, "h1")).result() == HELD
    assert journal.change(lambda c: take_held_basket(c, "h1")).result() is None
    journal.close()


def test_settings_are_json_by_name(home: Home) -> None:
    journal = home.open()
    journal.change(lambda c: put_setting(c, "language", {"code": "zh"})).result()
    assert journal.read(lambda c: get_setting(c, "language")) == {"code": "zh"}
    journal.change(lambda c: delete_setting(c, "language")).result()
    assert journal.read(lambda c: get_setting(c, "language", "en")) == "en"
    journal.close()
