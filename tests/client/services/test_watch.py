"""The manager's view of the day, from this journal, by the fold that head office uses."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from pos_client.receipts.gb18030 import width
from pos_client.receipts.screen import as_text
from pos_client.receipts.watch_layout import lay_out_watch
from pos_client.services.refusals.staff import NotAllowed
from tests.client.services.shop import COLA, MILK, PIN, Shop


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    made = Shop(tmp_path).ready()
    yield made
    made.workstation.close()


def as_manager(shop: Shop) -> None:
    shop.workstation.session.sign_off().result(10)
    shop.workstation.session.sign_on("2001", PIN).result(10)


def test_a_void_after_the_total_and_a_drawer_soon_after_are_seen(shop: Shop) -> None:
    services = shop.workstation
    for code in (COLA, MILK):
        services.ring_up.enter(code)
    services.payment.begin()
    services.payment.back()
    services.ring_up.void_line(1)
    services.payment.begin()
    services.payment.add("mobile", None)
    services.payment.finish().result(10)
    services.till.no_sale("换零").result(10)
    services.till.open_to_count().result(10)
    with pytest.raises(NotAllowed):
        services.watch.day()
    as_manager(shop)
    (row,) = services.watch.day().rows
    assert row.operator_name == "王小明"
    counts = {name: pair for name, pair in row.counts.items() if pair[0]}
    assert counts == {
        "sales": (1, 599),
        "voids": (1, 350),
        "voids_after_total": (1, 350),
        "drawer_without_sale": (1, 0),
        "no_sale_after_void": (1, 0),
        "confirmed_by_eye": (1, 599),  # the server was never reached
    }


def test_a_void_before_the_total_and_a_late_drawer_are_not(shop: Shop) -> None:
    services = shop.workstation
    for code in (COLA, MILK):
        services.ring_up.enter(code)
    services.ring_up.void_line(1)
    services.payment.begin()
    services.payment.add("cash", None)
    services.payment.finish().result(10)
    shop.clock.pass_ms(61_000)
    services.till.no_sale("换零").result(10)
    as_manager(shop)
    counts = services.watch.day().rows[0].counts
    assert counts["voids"] == (1, 350) and counts["voids_after_total"] == (0, 0)
    assert counts["drawer_without_sale"] == (1, 0) and counts["no_sale_after_void"] == (0, 0)


def test_a_basket_given_up_after_the_total_survives_a_restart_in_between(shop: Shop) -> None:
    shop.workstation.ring_up.enter(COLA)
    shop.workstation.payment.begin()
    shop.workstation.payment.back()
    shop.basket_is_kept()
    shop.restart()
    shop.workstation.session.sign_on("2001", PIN).result(10)
    shop.workstation.ring_up.clear().result(10)
    counts = {row.operator_id: row.counts for row in shop.workstation.watch.day().rows}
    assert counts["e2"]["abandoned_after_total"] == (1, 350)


@pytest.mark.parametrize("columns", [32, 48])
def test_it_fits_its_paper_and_its_csv(shop: Shop, columns: int) -> None:
    shop.workstation.till.no_sale("换零").result(10)
    as_manager(shop)
    view = shop.workstation.watch.day()
    text = as_text(lay_out_watch(shop.workstation.watch.paper(view), columns), columns)
    assert "无销售开钱箱 (1)" in text and max(width(line) for line in text.splitlines()) <= columns
    assert f"{view.business_day},e1,drawer_without_sale,1,0.00\r\n" in shop.workstation.watch.csv(view)
    assert shop.workstation.watch.day("1999-01-01").rows == ()
