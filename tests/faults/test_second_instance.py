"""F-10: a second program on the same files is turned away, and its lock never stops a scan (P18)."""

from __future__ import annotations

from pathlib import Path

import pytest

from pos_client.journal.start import JOURNAL_KEY
from pos_client.keys.key_store import FileKeyStore
from pos_client.storage.database import connect_raw
from pos_client.storage.errors import SecondInstance
from tests.client.journal.helpers import Home, sell
from tests.client.services.shop import COLA, MILK, Shop

ATTEMPTS = 200


def test_two_hundred_second_instances_are_refused_while_the_first_sells(home: Home) -> None:
    journal = home.open()
    numbers = []
    for attempt in range(ATTEMPTS):
        with pytest.raises(SecondInstance):
            home.open()
        if attempt % 10 == 0:
            numbers += [recorded.number for recorded in sell(journal, 1, seed=attempt)]
    journal.close()
    assert numbers == list(range(2, 2 + ATTEMPTS // 10))
    home.verify_is_clean()


def test_scans_go_on_while_another_program_holds_the_writing_lock(tmp_path: Path) -> None:
    """Every line below runs while the lock is held: a scan that waited for it would never come back."""
    shop = Shop(tmp_path / "till").ready()
    key = FileKeyStore(shop.folder / "keys").get(JOURNAL_KEY)
    assert key is not None
    intruder = connect_raw(shop.folder / "journal.db", key)
    intruder.execute("BEGIN IMMEDIATE")
    ring_up, payment = shop.workstation.ring_up, shop.workstation.payment
    for code in (COLA, MILK, COLA):
        ring_up.enter(code)
        assert ring_up.basket_at_once().total_minor > 0
    assert shop.workstation.find_item.search("可乐") and shop.workstation.status.view()
    payment.begin()
    payment.add("cash", None)
    sold = payment.finish()
    assert not sold.done() and not shop.documents("sale")
    intruder.execute("ROLLBACK")
    intruder.close()
    assert sold.result(30).number > 0
    assert len(shop.documents("sale")) == 1
    shop.workstation.close()
